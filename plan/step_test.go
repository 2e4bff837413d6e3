package plan_test

import (
	"testing"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestDiscards(t *testing.T) {
	for _, c := range []struct {
		mount string
		want  bool
	}{
		{"type=cache,target=/var/lib/apt/lists", true},
		{"type=cache,dst=/var/lib/apt/lists/", true},
		{"type=tmpfs,target=/var/lib/apt", true},
		{"type=tmpfs,target=/", true},
		{"type=bind,target=/var/lib/apt,rw", true},
		{"type=cache,target=lib/apt", true}, // relative to the working directory
		{"type=cache,target=/var/lib/apt/lists/partial", false},
		{"type=cache,target=/var/lib/aptitude", false},
		{"type=cache,target=/var/lib/ap", false},
		{"type=cache,target=/var/lib/$WHERE", false},
		{"type=secret,target=/var/lib/apt", false},
		{"type=cache", false},
	} {
		src := "FROM debian:13\nWORKDIR /var\nARG WHERE\nRUN --mount=" + c.mount + " apt-get update\n"
		p := plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})
		if got := p.Stages[0].Steps[2].Discards("/var/lib/apt/lists"); got != c.want {
			t.Errorf("%s: got %v", c.mount, got)
		}
	}
}

func TestBefore(t *testing.T) {
	src := "FROM debian:13 AS a\nRUN 1\nRUN 2\nFROM debian:13 AS b\nRUN 3\nFROM a\nRUN 4\nRUN 5\nRUN 6\n"
	p := plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})
	got := ""
	for step := range p.Stages[2].Steps[2].Before() {
		got += step.Instruction.Rest.String
		if got == "5421" {
			break
		}
	}
	if got != "5421" {
		t.Errorf("got %q", got)
	}
}
