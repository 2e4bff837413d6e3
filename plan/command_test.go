package plan_test

import (
	"testing"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestCommand(t *testing.T) {
	tests := []struct {
		name, src, entrypoint, cmd string
		openEntrypoint, openCmd    bool
	}{
		{"nothing", "FROM a", "", "", true, true},
		{"nothing on scratch", "FROM scratch", "", "", false, false},
		{"the last counts", "FROM a\nCMD x\nCMD y\n", "", "y", true, false},
		{"inherited", "FROM a AS b\nENTRYPOINT [\"e\"]\nCMD x\nFROM b\n", `["e"]`, "x", false, false},
		{"an entrypoint drops what is inherited", "FROM a AS b\nCMD x\nFROM b\nENTRYPOINT e\n", "e", "", false, false},
		{"an entrypoint keeps the stage's own", "FROM a\nCMD x\nENTRYPOINT e\n", "e", "x", false, false},
		{"a broken one does not count", "FROM a\nCMD x\nENTRYPOINT --what=1 e\n", "", "x", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := plan.New(parser.Parse("Dockerfile", []byte(tt.src)), plan.Options{}).Target.Command()
			text := func(s *plan.Step) string {
				if s == nil {
					return ""
				}
				return s.Instruction.Rest.String
			}
			if text(c.Entrypoint) != tt.entrypoint || text(c.Cmd) != tt.cmd || c.OpenEntrypoint != tt.openEntrypoint || c.OpenCmd != tt.openCmd {
				t.Errorf("got %q (open %v), %q (open %v)", text(c.Entrypoint), c.OpenEntrypoint, text(c.Cmd), c.OpenCmd)
			}
		})
	}
}
