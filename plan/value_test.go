package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// place is a reference as the file has it.
type place struct {
	Text    string
	Guarded bool
}

func TestUndefined(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       []place
	}{
		{"plain", `WORKDIR /a/$X/b`, []place{{"$X", false}}},
		{"braces", `WORKDIR /a/${X}/b`, []place{{"${X}", false}}},
		{"default", `WORKDIR ${X:-/b}`, []place{{"${X:-/b}", true}}},
		{"alternative", `WORKDIR ${X+/b}`, []place{{"${X+/b}", true}}},
		{"longer name first", `WORKDIR $XY$X`, []place{{"$X", false}, {"$XY", false}}},
		{"escaped one first", `WORKDIR \$X$X`, []place{{"$X", false}}},
		{"only escaped", `WORKDIR \$X`, nil},
		{"single quotes", `WORKDIR '$X'`, nil},
		{"set", `WORKDIR $SET`, nil},
		{"declared", `WORKDIR $DECLARED`, nil},
		{"in a default", `WORKDIR ${X:-$Y}`, []place{{"${X:-$Y}", true}, {"$Y", false}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parser.Parse("Dockerfile", []byte("FROM a\nARG DECLARED\nENV SET=1\n"+c.line+"\n"))
			p := plan.New(f, plan.Options{})
			step := p.Stages[0].Steps[2]
			var got []place
			for _, r := range step.Env.Undefined(step.Instruction.Args[0]) {
				got = append(got, place{f.Text(r.Span), r.Guarded})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("references (-want +got)\n%s", diff)
			}
		})
	}
}

func TestUndefinedInHeredoc(t *testing.T) {
	f := parser.Parse("Dockerfile", []byte("FROM a\nENV SET=1\nCOPY <<EOF /a\n$SET \\$X '$Y'\n${X}\nEOF\n"))
	step := plan.New(f, plan.Options{}).Stages[0].Steps[1]
	var got []place
	for _, r := range step.Env.UndefinedIn(step.Instruction.Heredocs[0].Body) {
		got = append(got, place{f.Text(r.Span), r.Guarded})
	}
	if diff := cmp.Diff([]place{{"${X}", false}, {"$Y", false}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestGlobalEnv(t *testing.T) {
	f := parser.Parse("Dockerfile", []byte("ARG A=1\nARG A\nARG TARGETARCH\nARG B\nFROM a\nARG C=1\n"))
	p := plan.New(f, plan.Options{})
	if v := p.Env.Expand("$A"); v != (plan.Value{Text: "1", Known: true}) {
		t.Errorf("a later ARG without a value changed A to %v", v)
	}
	set, missing := p.Env.Uses("$A$TARGETARCH$B$C")
	if diff := cmp.Diff([][]string{{"A", "TARGETARCH"}, {"B", "C"}}, [][]string{set, missing}); diff != "" {
		t.Error(diff)
	}
}
