package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
)

// Pipeline is a list of commands that are joined by pipes.
type Pipeline struct {
	Parts [][]*Command // the commands of each part, also those in a compound command; a part may have none
	Span  parser.Span  // in the Dockerfile, from the first part to the last
	Pipe  parser.Span  // the first pipe operator
	// Pipefail says that it fails if any part fails, because of the options of the shell or an earlier `set -o pipefail`.
	Pipefail bool
	Tested   bool // a condition or `||` tests whether it failed
	Lost     bool // nothing notices a failure, because it is in a substitution in the arguments of a command
}

// Pipefail reports whether the words that start a shell, such as those of SHELL, switch pipefail on.
func Pipefail(words []string) bool {
	on, _ := pipefailOption(words)
	return on
}

// Errexit reports whether the options that start the shell of s, such as `-e`, end s at the first command that fails.
func (s *Script) Errexit() bool {
	for i, w := range s.Start {
		if i == 0 || len(w) < 2 {
			continue
		}
		if w[0] == '-' && w[1] != '-' && strings.Contains(w, "e") || w == "errexit" && strings.HasSuffix(s.Start[i-1], "o") {
			return true
		}
	}
	return false
}

// SwitchesOn reports whether c is a `set` that switches on the option with that letter or name.
func (c *Command) SwitchesOn(letter byte, name string) bool {
	if c.Name != "set" {
		return false
	}
	args := c.Args()
	for i, w := range args {
		switch t := w.Text; {
		case strings.HasPrefix(t, "-") && !strings.HasPrefix(t, "--") && strings.IndexByte(t, letter) > 0:
			return true
		case t == name && i > 0 && strings.HasPrefix(args[i-1].Text, "-") && strings.HasSuffix(args[i-1].Text, "o"):
			return true
		}
	}
	return false
}

// pipefailOption says whether the options of a shell or of `set` switch pipefail on or off. ok is false if they do
// neither.
func pipefailOption(words []string) (on, ok bool) {
	for i, word := range words {
		if i == 0 || word != "pipefail" {
			continue
		}
		if before := words[i-1]; len(before) > 1 && strings.HasSuffix(before, "o") && isCluster(before[1:]) {
			switch before[0] {
			case '-':
				on, ok = true, true
			case '+':
				on, ok = false, true
			}
		}
	}
	return on, ok
}

func isPipe(op syntax.BinCmdOperator) bool { return op == syntax.Pipe || op == syntax.PipeAll }

// pipeOf is the pipe that s is, nil if it is another statement.
func pipeOf(s *syntax.Stmt) *syntax.BinaryCmd {
	if b, ok := s.Cmd.(*syntax.BinaryCmd); ok && isPipe(b.Op) {
		return b
	}
	return nil
}

// pipeParts appends the statements that the pipe cmd joins to parts.
func pipeParts(parts []*syntax.Stmt, cmd *syntax.BinaryCmd) []*syntax.Stmt {
	for _, s := range [...]*syntax.Stmt{cmd.X, cmd.Y} {
		if b := pipeOf(s); b != nil {
			parts = pipeParts(parts, b)
		} else {
			parts = append(parts, s)
		}
	}
	return parts
}

// readPipeline reads a pipe and links each command to its neighbours. A compound command in a pipe has none.
func (w *walker) readPipeline(cmd *syntax.BinaryCmd) {
	parts := pipeParts(nil, cmd)
	for b := cmd; b != nil; b = pipeOf(cmd.X) {
		cmd = b // in the end the first pipe
	}
	at := int(cmd.OpPos.Offset())
	text := &w.script.Text
	line := &Pipeline{
		Span:     text.Span(int(parts[0].Pos().Offset()), int(parts[len(parts)-1].End().Offset())),
		Pipe:     text.Span(at, at+len(cmd.Op.String())),
		Pipefail: w.pipefail, Tested: w.tested, Lost: w.lost,
	}
	w.script.Pipelines = append(w.script.Pipelines, line)
	var last []*Command
	for _, part := range parts {
		first := len(w.script.Commands)
		pipefail := w.pipefail
		w.readStmt(part, true)
		w.pipefail = pipefail
		line.Parts = append(line.Parts, w.script.Commands[first:])
		var own []*Command // the command of this part and those that it runs
		for _, c := range w.script.Commands[first:] {
			if c.Stmt == part {
				own = append(own, c)
			}
		}
		if len(last) > 0 && len(own) > 0 {
			for _, c := range own {
				c.PipeFrom = last[len(last)-1]
			}
			for _, c := range last {
				c.PipeTo = own[0]
			}
			w.script.addPiped(own[len(own)-1])
		}
		last = own
	}
}
