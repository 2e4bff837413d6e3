package provision

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/shell"
)

// Fatal reports whether the step certainly fails if c fails: nothing decides whether c runs, nothing tests or hides its
// exit status, and no later command replaces it.
func Fatal(c *shell.Command) bool {
	for c.Outer != nil {
		switch c.Outer.Name {
		case "sudo", "env", "exec", "nice", "command", "time", "nohup", "eatmydata", "gosu", "su-exec", "timeout", "xargs":
		default:
			return false
		}
		c = c.Outer
	}
	s := c.Script
	if c.Stmt == nil {
		return s.Exec && !s.ForWindows()
	}
	return fatal.Of(s)[c.Stmt]
}

var fatal = shell.NewAnalysis(func(s *shell.Script) map[*syntax.Stmt]bool {
	f := finder{out: map[*syntax.Stmt]bool{}, pipefail: shell.Pipefail(s.Step.Shell.Words)}
	if s.File != nil {
		f.errexit = errexit(s.Step.Shell.Words)
		f.list(s.File.Stmts, true)
	}
	return f.out
})

// finder collects the statements of a script whose failure is the script's.
type finder struct {
	out               map[*syntax.Stmt]bool
	errexit, pipefail bool
}

// list reads a list, whose exit status is the script's if last is true. With `set -e` that of each statement is.
func (f *finder) list(stmts []*syntax.Stmt, last bool) {
	for n, s := range stmts {
		f.stmt(s, last && n == len(stmts)-1)
	}
}

func (f *finder) stmt(s *syntax.Stmt, last bool) {
	if s.Negated || s.Background || s.Coprocess {
		return
	}
	switch cmd := s.Cmd.(type) {
	case *syntax.CallExpr:
		matters := last || f.errexit
		f.options(cmd)
		if !matters {
			return
		}
		f.out[s] = true
		if len(cmd.Args) == 0 && len(cmd.Assigns) > 0 { // X=$(command)
			f.substitution(cmd.Assigns[len(cmd.Assigns)-1].Value)
		}
	case *syntax.BinaryCmd:
		switch cmd.Op {
		case syntax.AndStmt:
			// The list fails with its left side, but `set -e` does not act on that.
			errexit := f.errexit
			f.errexit = false
			f.stmt(cmd.X, last)
			f.errexit = f.errexit || errexit
			f.stmt(cmd.Y, last)
		case syntax.Pipe, syntax.PipeAll:
			before := *f
			f.stmt(cmd.Y, last)
			if f.pipefail || needsInput(cmd.Y) {
				f.stmt(cmd.X, last)
			}
			f.errexit, f.pipefail = before.errexit, before.pipefail
		case syntax.OrStmt: // something else follows a failure, and may fail for it
			if givesUp(cmd.Y) {
				f.stmt(cmd.X, true)
			}
		}
	case *syntax.Subshell:
		before := *f
		f.list(cmd.Stmts, last)
		f.errexit, f.pipefail = before.errexit, before.pipefail
	case *syntax.Block:
		f.list(cmd.Stmts, last)
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			f.stmt(cmd.Stmt, last)
		}
	}
}

// givesUp reports whether s is `exit` or `false`, with a status that is not 0.
func givesUp(s *syntax.Stmt) bool {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 || s.Negated {
		return false
	}
	switch call.Args[0].Lit() {
	case "false":
		return true
	case "exit":
		return len(call.Args) == 1 || strings.Trim(call.Args[1].Lit(), "0") != ""
	}
	return false
}

// substitution reads the list in a word that is only `$(…)`.
func (f *finder) substitution(w *syntax.Word) {
	if w == nil || len(w.Parts) != 1 {
		return
	}
	part := w.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
		part = q.Parts[0]
	}
	if sub, ok := part.(*syntax.CmdSubst); ok {
		before := *f
		f.errexit = false
		f.list(sub.Stmts, true)
		f.errexit, f.pipefail = before.errexit, before.pipefail
	}
}

// options follows `set -e`, `set -o pipefail` and the like.
func (f *finder) options(cmd *syntax.CallExpr) {
	if len(cmd.Args) == 0 || cmd.Args[0].Lit() != "set" {
		return
	}
	words := make([]string, len(cmd.Args))
	for i, w := range cmd.Args {
		words[i] = w.Lit()
	}
	if shell.Pipefail(words) {
		f.pipefail = true
	}
	for i, w := range words[1:] {
		switch {
		case len(w) > 1 && w[0] == '-' && w[1] != '-' && containsByte(w, 'e'), w == "errexit" && words[i] == "-o":
			f.errexit = true
		case len(w) > 1 && w[0] == '+' && containsByte(w, 'e'), w == "errexit" && words[i] == "+o":
			f.errexit = false
		}
	}
}

func containsByte(s string, b byte) bool {
	for i := range len(s) {
		if s[i] == b {
			return true
		}
	}
	return false
}

// errexit reports whether the words that start a shell, such as those of SHELL, switch `-e` on.
func errexit(words []string) bool {
	for i, w := range words {
		if i > 0 && len(w) > 1 && w[0] == '-' && w[1] != '-' && containsByte(w, 'e') {
			return true
		}
	}
	return false
}

// needsInput reports whether s, the end of a pipe, fails when its input is empty.
func needsInput(s *syntax.Stmt) bool {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	switch path.Base(call.Args[0].Lit()) {
	case "tar", "gunzip", "zcat", "unxz", "bunzip2", "unzip", "apt-key", "bsdtar":
		return true
	case "gpg", "gzip", "xz":
		for _, w := range call.Args[1:] {
			if t := w.Lit(); t == "--dearmor" || t == "--import" || t == "-d" || t == "-dc" {
				return true
			}
		}
	case "sudo":
		return len(call.Args) > 1 && call.Args[1].Lit() == "apt-key"
	}
	return false
}
