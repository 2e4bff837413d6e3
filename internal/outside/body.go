package outside

import (
	"slices"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/shell"
)

// ash is BusyBox's shell. ShellCheck knows it only since 0.10, under another name, and older versions are still in use.
// It is read as dash, without the findings about features that dash does not have: ash has most of what bash adds.
const ash = "ash"

// body is a script as ShellCheck gets it. Scripts with equal bodies are read once.
type body struct {
	dialect string
	text    string // with the line that exports what ARG and ENV set
	at, end int    // where that line is; equal without it
}

// bodyOf is false for what ShellCheck cannot read.
func bodyOf(s *shell.Script) (body, bool) {
	if s.File == nil {
		return body{}, false
	}
	b := body{text: s.Text.String}
	switch s.Dialect {
	case shell.POSIX:
		switch b.dialect = s.Shell; s.Shell {
		case "sh", "dash":
		default:
			b.dialect = ash
		}
	case shell.Bash:
		b.dialect = "bash"
	case shell.Ksh:
		b.dialect = "ksh"
	case shell.Zsh, shell.Other:
		return body{}, false
	}
	if export := exports(s); export != "" {
		b.at = code(b.text)
		b.end = b.at + len(export)
		b.text = b.text[:b.at] + export + b.text[b.at:]
	}
	return b, true
}

// exports is a line that sets what ARG and ENV set. Each value is a word without spaces, as for hadolint: whoever wrote
// the Dockerfile knows whether the real value needs quotes.
func exports(s *shell.Script) string {
	names := s.Step.Env.Names()
	names = slices.DeleteFunc(names, func(name string) bool {
		return !syntax.ValidName(name) || s.Step.Env.Lookup(name).Step() == nil
	})
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "export " + strings.Join(slices.Compact(names), "=1 ") + "=1\n"
}

// code is where the first line of text that is not a comment begins: `#!` and directives for the whole script stay
// above it.
func code(text string) int {
	at := 0
	for {
		line, _, more := strings.Cut(text[at:], "\n")
		if line = strings.TrimSpace(line); !more || line != "" && line[0] != '#' {
			return at
		}
		at += strings.IndexByte(text[at:], '\n') + 1
	}
}

// span is where x points in the script; false if it is about the inserted line.
func (b *body) span(x comment) (start, end int, ok bool) {
	start, end = b.offset(x.Line, x.Column), b.offset(x.EndLine, x.EndColumn)
	if start >= b.at && start < b.end {
		return 0, 0, false
	}
	if end <= start {
		_, n := utf8.DecodeRuneInString(b.text[start:])
		end = start + n
	}
	if inserted := b.end - b.at; start >= b.end {
		start, end = start-inserted, end-inserted
	} else if end > b.at {
		end = max(b.at, end-inserted)
	}
	return start, end, true
}

// offset is the place in the text of a line and column, from 1. A byte that is not UTF-8 is one column.
func (b *body) offset(line, column int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(b.text[at:], '\n')
		if i < 0 {
			return len(b.text)
		}
		at += i + 1
	}
	for ; column > 1 && at < len(b.text) && b.text[at] != '\n'; column-- {
		_, n := utf8.DecodeRuneInString(b.text[at:])
		at += n
	}
	return at
}
