package shell

import (
	"strings"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Start is what a container of a stage runs.
type Start struct {
	plan.Command
	// Commands are the commands of ENTRYPOINT and CMD as far as they can be read, each wrapper such as `tini` before what it
	// wraps. Where CMD gives arguments to ENTRYPOINT, the words of both make up one command.
	Commands []*Command
	// Unread says that more runs than Commands tells: a script of the image, or code that does not parse.
	Unread bool
}

// Started reads the ENTRYPOINT and CMD of stage. A script as ENTRYPOINT, and the unknown ENTRYPOINT of a base image, are taken
// to run CMD in the end, as nearly all do.
func Started(stage *plan.Stage) *Start {
	t := &Start{Command: stage.Command()}
	var entry, cmd *Script
	if t.Entrypoint != nil {
		entry = ReadCommand(t.Entrypoint)
	}
	if t.Cmd != nil {
		cmd = ReadCommand(t.Cmd)
	}
	switch {
	case entry == nil:
		t.add(cmd)
	case !entry.Step.Instruction.JSON, cmd == nil:
		t.add(entry) // the shell form takes no arguments
	case hands(entry):
		t.Unread = true
		t.add(entry)
		t.add(cmd)
	case len(entry.Commands) == 0 || entry.File != nil:
		t.add(entry)
	case cmd.Step.Instruction.JSON:
		t.join(entry, jsonWords(cmd))
	case entry.Commands[len(entry.Commands)-1].Name == "" || wraps(entry.Commands[0]):
		t.add(cmd)
	default:
		t.Unread = true
		t.add(entry)
	}
	return t
}

func (t *Start) add(s *Script) {
	if s == nil {
		return
	}
	t.Unread = t.Unread || s.Err != nil || s.Dialect == Other && !s.Exec
	t.Commands = append(t.Commands, s.Commands...)
}

// join makes one command of the words of an exec-form ENTRYPOINT and the arguments from CMD. Its span is the program alone: the
// words stand in two instructions.
func (t *Start) join(entry *Script, args []Word) {
	s := &Script{Step: entry.Step, Dialect: Other, Text: entry.Text, Exec: true}
	c := &Command{Script: s, Words: append(jsonWords(entry), args...)}
	c.Span = parser.Span{Start: c.Words[0].Span.Start, End: c.Words[0].Span.End}
	c.named()
	s.Commands = append(s.Commands, c)
	s.unwrap(c)
	t.Commands = append(t.Commands, s.Commands...)
}

func jsonWords(s *Script) []Word {
	var out []Word
	for _, a := range s.Step.Instruction.Args {
		out = append(out, Word{Text: a.Value, Span: a.Full(), Literal: true, Quoted: true})
	}
	return out
}

// hands reports whether entry is a script that, by its name, hands over to the CMD.
func hands(entry *Script) bool {
	for _, c := range entry.Commands {
		for _, w := range c.Words {
			if strings.HasSuffix(w.Text, ".sh") || strings.Contains(w.Text, "entrypoint") {
				return true
			}
		}
	}
	return false
}

func wraps(c *Command) bool {
	_, _, ok := wrapper(c.Name)
	return ok
}
