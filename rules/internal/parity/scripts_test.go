package parity_test

import (
	"testing"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
	"github.com/dockvet/dockvet/shell/fault"
)

func TestPrintedFault(t *testing.T) {
	for _, tt := range []struct{ before, body, want string }{
		{"", `echo $A "$(b)" $(c)`, "SC2046"},
		{"", "echo `a`", "SC2006"}, // of two at one place, the lower code
		{"", `X=$(a); echo $B`, "SC2086"},
		{"", `set -e; ! a; b`, "SC2251"},
		{"SHELL [\"/bin/sh\", \"-ec\"]\n", `! a; b`, ""},
		{"", `true`, ""},
	} {
		p := plan.New(parser.Parse("Dockerfile", []byte("FROM a\n"+tt.before+"RUN "+tt.body+"\n")), plan.Options{})
		steps := p.Stages[0].Steps
		s := shell.Read(steps[len(steps)-1])
		if s == nil || s.Err != nil {
			t.Fatalf("%q does not parse", tt.body)
		}
		got := ""
		if f := parity.PrintedFault(s, fault.Of(s)); f != nil {
			got = f.Code
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.body, got, tt.want)
		}
	}
}
