package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
)

// Command is one simple command.
type Command struct {
	Script  *Script
	Name    string // the base name of the first word, "" if that is not literal
	Words   []Word // the name first; none for an assignment without a command
	Assigns []Assign
	Span    parser.Span  // in the Dockerfile, from the first word or assignment to the last
	Stmt    *syntax.Stmt // nil in exec form and for cmd and PowerShell
	// Outer is the command that runs this one. Its words end with those of this command if it is a wrapper such as sudo,
	// env or xargs. Otherwise it is a shell or eval, and this command is in a script of its own.
	Outer *Command
	// PipeFrom and PipeTo are the neighbours in a pipeline, nil at its ends.
	PipeFrom, PipeTo *Command
	// Sub says that the command runs in a subshell, a command substitution or a function, so it cannot change the state of
	// the script.
	Sub bool
}

// Assign is `NAME=value`, before a command or without one.
type Assign struct {
	Name  string // of the variable
	Value Word   // empty for `NAME=`
	Span  parser.Span
}

// Word is one word of a command.
type Word struct {
	Text    string // without quotes; expansions are as they are written
	Span    parser.Span
	Literal bool         // it contains no expansion
	Quoted  bool         // some part of it is quoted
	Node    *syntax.Word // nil in exec form and for cmd and PowerShell
}

// Args are the words after the name.
func (c *Command) Args() []Word {
	if len(c.Words) == 0 {
		return nil
	}
	return c.Words[1:]
}

// Has reports whether c has one of the flags. It also finds a short flag such as `-y` in a cluster such as `-qy`, and a
// long one with a value, as in `--flag=value`. Nothing after `--` is a flag.
//
//go:noinline
func (c *Command) Has(flags ...string) bool { return c.Flag(flags...) != nil }

// Flag is the first word that contains one of flags as Has finds them, or nil.
func (c *Command) Flag(flags ...string) *Word {
	for i := range c.Words {
		if i == 0 {
			continue
		}
		w := &c.Words[i]
		if w.Text == "--" {
			return nil
		}
		for _, f := range flags {
			if containsFlag(w.Text, f) {
				return w
			}
		}
	}
	return nil
}

// Plain reports whether w, a word of c, is written just as its Text, so that an edit can replace it or be put next to
// it: it is not in a JSON array, and it has no quotes, expansions or line breaks.
func (c *Command) Plain(w Word) bool {
	return !c.Script.Exec && w.Literal && !w.Quoted && w.Text != "" && w.Span.Len() == len(w.Text)
}

// containsFlag reports whether word is flag, a cluster with it, or flag with a value.
func containsFlag(word, flag string) bool {
	switch {
	case word == flag:
		return true
	case len(flag) == 2 && flag[0] == '-' && flag[1] != '-':
		return len(word) > 2 && word[0] == '-' && word[1] != '-' && isCluster(word[1:]) &&
			strings.IndexByte(word, flag[1]) > 0
	}
	rest, ok := strings.CutPrefix(word, flag)
	return ok && strings.HasPrefix(flag, "--") && strings.HasPrefix(rest, "=")
}

// isCluster reports whether s consists of one-letter flags. The last one may have the value `-`, as in `-qO-`.
func isCluster(s string) bool {
	s = strings.TrimSuffix(s, "-")
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// FlagValue is the value of the first word of c that is one of flags: the next word, or for a long flag what follows
// `=`. ok is false if there is none.
func (c *Command) FlagValue(flags ...string) (value Word, ok bool) {
	for i, w := range c.Words {
		for _, f := range flags {
			if w.Text == f && i+1 < len(c.Words) {
				return c.Words[i+1], true
			}
			if len(w.Text) > len(f) && w.Text[len(f)] == '=' && strings.HasPrefix(f, "--") && strings.HasPrefix(w.Text, f) {
				w.Text = w.Text[len(f)+1:]
				return w, true
			}
		}
	}
	return Word{}, false
}

// Operands are the arguments that are neither flags nor the values of flags in valued.
func (c *Command) Operands(valued ...string) []Word {
	if len(c.Words) < 2 {
		return nil
	}
	out := make([]Word, 0, len(c.Words)-1)
	for i := 1; i < len(c.Words); i++ {
		w := c.Words[i]
		switch {
		case w.Text == "--":
			return append(out, c.Words[i+1:]...)
		case strings.HasPrefix(w.Text, "-") && len(w.Text) > 1:
			if slices.Contains(valued, w.Text) {
				i++
			}
		default:
			out = append(out, w)
		}
	}
	return out
}

// setName derives the name from the first word.
func (c *Command) setName() {
	if len(c.Words) > 0 && c.Words[0].Literal {
		c.Name = path.Base(c.Words[0].Text)
	}
}
