package container

import (
	"strings"

	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Start is what a container of a stage runs.
type Start struct {
	plan.Command
	// Commands are the commands of ENTRYPOINT and CMD as far as they can be read. A wrapper such as `tini` comes before
	// the command that it wraps. Where CMD gives arguments to ENTRYPOINT, the words of both make up one command.
	Commands []*shell.Command
	// Unread says that more runs than Commands tells: a script of the image, or code that does not parse.
	Unread bool
}

// start reads the ENTRYPOINT and CMD of stage. It assumes that a script as ENTRYPOINT, and the unknown ENTRYPOINT of a
// base image, run CMD in the end, as nearly all do.
func start(stage *plan.Stage, read func(*plan.Step) *shell.Script) Start {
	t := Start{Command: stage.Command()}
	var entry, cmd *shell.Script
	if t.Entrypoint != nil {
		entry = read(t.Entrypoint)
	}
	if t.Cmd != nil {
		cmd = read(t.Cmd)
	}
	switch {
	case entry == nil:
		t.add(cmd)
	case !entry.Step.Instruction.JSON, cmd == nil:
		t.add(entry) // the shell form takes no arguments
	case runsCmd(entry):
		t.Unread = true
		t.add(entry)
		t.add(cmd)
	case len(entry.Commands) == 0 || entry.File != nil:
		t.add(entry)
	case cmd.Step.Instruction.JSON:
		t.add(shell.Join(entry.Step, cmd.Step))
	case entry.Commands[len(entry.Commands)-1].Name == "" || entry.Commands[0].Wraps():
		t.add(cmd)
	default:
		t.Unread = true
		t.add(entry)
	}
	return t
}

func (t *Start) add(s *shell.Script) {
	if s == nil {
		return
	}
	t.Unread = t.Unread || s.Err != nil || s.Dialect == shell.Other && !s.Exec
	t.Commands = append(t.Commands, s.Commands...)
}

// runsCmd reports whether entry is, by its name, a script that runs the CMD in the end.
func runsCmd(entry *shell.Script) bool {
	for _, c := range entry.Commands {
		for _, w := range c.Words {
			if strings.HasSuffix(w.Text, ".sh") || strings.Contains(w.Text, "entrypoint") {
				return true
			}
		}
	}
	return false
}
