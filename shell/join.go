package shell

import (
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Join is the single command of an ENTRYPOINT in exec form and a CMD in exec form that provides its arguments. Its span
// is that of the program, since its words are in two instructions.
func Join(entrypoint, cmd *plan.Step) *Script {
	s := &Script{Step: entrypoint, Dialect: Other, Text: entrypoint.Instruction.Args[0].Text, Exec: true}
	c := &Command{Script: s, Words: append(jsonWords(entrypoint), jsonWords(cmd)...)}
	c.Span = parser.Span{Start: c.Words[0].Span.Start, End: c.Words[0].Span.End}
	c.setName()
	s.Commands = append(s.Commands, c)
	s.addInner(c)
	return s
}

// jsonWords are the words of an instruction in exec form.
func jsonWords(step *plan.Step) []Word {
	var out []Word
	for _, a := range step.Instruction.Args {
		out = append(out, Word{Text: a.Value, Span: a.Full(), Literal: true, Quoted: true})
	}
	return out
}
