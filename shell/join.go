package shell

import (
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Join is the one command that an ENTRYPOINT in exec form makes up with the arguments that a CMD in exec form gives it. Its span is
// that of the program, since its words are in two instructions.
func Join(entrypoint, cmd *plan.Step) *Script {
	s := &Script{Step: entrypoint, Dialect: Other, Text: entrypoint.Instruction.Args[0].Text, Exec: true}
	c := &Command{Script: s, Words: append(jsonWords(entrypoint), jsonWords(cmd)...)}
	c.Span = parser.Span{Start: c.Words[0].Span.Start, End: c.Words[0].Span.End}
	c.named()
	s.Commands = append(s.Commands, c)
	s.unwrap(c)
	return s
}

func jsonWords(step *plan.Step) []Word {
	var out []Word
	for _, a := range step.Instruction.Args {
		out = append(out, Word{Text: a.Value, Span: a.Full(), Literal: true, Quoted: true})
	}
	return out
}

// Wraps reports whether c is a program such as `exec` or `tini` that runs the command in its arguments.
func (c *Command) Wraps() bool {
	_, _, ok := wrapper(c.Name)
	return ok
}
