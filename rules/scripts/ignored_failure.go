package scripts

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// IgnoredFailure reports a RUN that succeeds although an install, a build or a download in it has failed: `|| true`
// follows, or a `;` and other commands. It is silent under `set -e`, for conditions, and where a later command of the
// stage calls the same package manager, which finds out. Heredocs belong to unchecked-heredoc, except for `|| true`.
var IgnoredFailure = &lint.Rule{
	Name: "ignored-failure", Category: lint.Scripts,
	Summary:  "a step succeeds even if an install, a build or a download in it fails",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, root *shell.Script) {
		if !root.Step.Stage.Reached {
			return
		}
		if p.Context() != nil {
			ignoredInFiles(p, root)
		}
		for s := range root.All() {
			if s.File == nil || s.Err != nil || len(s.File.Stmts) < 2 && !strings.Contains(s.Text.String, "||") {
				continue
			}
			for c, by := range ignored(s) {
				if !repeated(p, c) {
					reportIgnored(p, c, by)
				}
			}
		}
	}),
}

// reportIgnored reports that the step goes on after a failure of c because of by: a semicolon, or what follows `||` or ends
// the script.
func reportIgnored(p *lint.Pass, c *shell.Command, by string) {
	words := []string{c.Name}
	if call := callOf(c); call != nil && call.Verb.Text != "" {
		words = append(words, call.Verb.Text)
	} else if c.Name == "git" {
		words = append(words, c.Words[1].Text)
	} else if generates(c) {
		words = words[:0]
		for _, w := range c.Words[:min(len(c.Words), 3)] {
			words = append(words, w.Text)
		}
	}
	f := p.Report(c.Words[0].Span, "a failure of `%s` is ignored", strings.Join(words, " "))
	long := longRemedy(c)
	if long != "" && by[0] == ';' {
		by = ";" // the others also ignore the failure
	}
	if by == ";" {
		f.Because("after `;` the shell runs the next command even if `%s` fails, so the image may be incomplete",
			strings.Join(words, " ")).
			Advise("write `&&` instead of the `;` after `%s`", strings.Join(words, " "))
		if line := farSemicolon(p, c); line > 0 {
			f.Message += fmt.Sprintf(" because of the `;` on line %d", line)
			f.Because("after this `;` the shell runs the next command even if `%s` fails, so the image may be incomplete", strings.Join(words, " ")).
				Advise("write `&&` instead of the `;`")
		}
		if long != "" {
			f.Advise("%s", long)
		}
	} else {
		if strings.HasSuffix(by, "echo") || strings.HasSuffix(by, "printf") {
			by += " …"
		}
		f.Because("with `%s` the step continues even if `%s` fails, so the image may be incomplete", by, strings.Join(words, " ")).
			Advise("remove `%s`, or test for the failure that you expect", by)
		if by[0] == '|' && semicolonFollows(c) { // it would ignore the failure then
			f.Advise("remove `%s`, and start the `RUN` with `set -e`", by)
		}
	}
	p.Repeat(f, c.Script.Root())
}

// longRemedy is the advice for a failure of c that more than one `;` ignores, "" if `&&` instead of a single one is enough.
func longRemedy(c *shell.Command) string {
	stmts := c.Script.File.Stmts
	last := len(stmts) - 1
	i := slices.IndexFunc(stmts, func(s *syntax.Stmt) bool { return inside(c, s) })
	if i < 0 || i == last-1 && !alternative(stmts[last]) {
		return ""
	}
	if slices.ContainsFunc(stmts[i:last], func(s *syntax.Stmt) bool {
		list, ok := s.Cmd.(*syntax.BinaryCmd)
		return ok && list.Op == syntax.AndStmt && !decides(list.X)
	}) {
		return "join all commands of the `RUN` with `&&`" // `set -e` ignores a failure before `&&`
	}
	return "start the `RUN` with `set -e`"
}

// semicolonFollows reports whether the script goes on after a failure of the list that c is in.
func semicolonFollows(c *shell.Command) bool {
	s := c.Script
	if s.Outer != nil || s.Heredoc || s.Errexit() {
		return false
	}
	for i, stmt := range s.File.Stmts {
		if sets(s, stmt) {
			return false
		}
		if inside(c, stmt) {
			return i < len(s.File.Stmts)-1
		}
	}
	return false
}

// alternative reports whether stmt is `a || b`, which would run b after a failure of what `&&` put before it.
func alternative(stmt *syntax.Stmt) bool {
	list, ok := stmt.Cmd.(*syntax.BinaryCmd)
	return ok && (list.Op == syntax.OrStmt || list.Op == syntax.AndStmt && alternative(list.X))
}

// farSemicolon is the line of the `;` that ends the list of `&&` with c, 0 if it is directly after c.
func farSemicolon(p *lint.Pass, c *shell.Command) int {
	for _, stmt := range c.Script.File.Stmts {
		list, ok := stmt.Cmd.(*syntax.BinaryCmd)
		if !ok || !inside(c, list.X) || !stmt.Semicolon.IsValid() {
			continue
		}
		return p.File.Lines.Line(c.Script.Text.Offset(int(stmt.Semicolon.Offset())))
	}
	return 0
}

// ignoredInFiles reports scripts of the build context that root runs and that go on after a failure.
func ignoredInFiles(p *lint.Pass, root *shell.Script) {
	for _, c := range root.Commands {
		s := install.Of(p).CalledScript(c)
		if s == nil || c.Has("-e") {
			continue
		}
		for bad, why := range ignored(s.Code) {
			if why != ";" {
				continue // the script says so
			}
			line := 1 + strings.Count(s.Text[:bad.Span.Start], "\n")
			p.Report(s.Word.Span, "`%s` continues if `%s` fails", s.Word.Text, bad.Name).
				Because("without `set -e` the shell runs the next command, and the step succeeds if the last command of the script does").
				Advise("write `set -e` below the first line of `%s`", s.File).
				RelateFile(s.File, line, "a failure of this command goes unnoticed")
			break
		}
	}
}

// ignored yields the commands of s that matter and whose failure has no effect, each with the reason.
func ignored(s *shell.Script) func(yield func(*shell.Command, string) bool) {
	return func(yield func(*shell.Command, string) bool) {
		byStmt := map[*syntax.Stmt]*shell.Command{}
		for _, c := range s.Commands {
			if c.Script == s && c.Stmt != nil && matters(c) {
				for o := c; o != nil && o.Script == s; o = o.Outer {
					byStmt[o.Stmt] = c
				}
			}
		}
		if len(byStmt) == 0 {
			return
		}
		errexit := s.Errexit()
		last := len(s.File.Stmts) - 1
		end, ok := container.Succeeds(s.File.Stmts[last])
		ok = ok && !strings.HasPrefix(end, "return") && !strings.HasPrefix(end, "echo") && !strings.HasPrefix(end, "printf")
		for i, stmt := range s.File.Stmts {
			errexit = errexit || sets(s, stmt)
			if i < last && !errexit && !s.Heredoc && s.Outer == nil && !stmt.Background && !stmt.Negated {
				by := ";"
				if ok {
					by = "; " + end
				}
				for _, c := range chain(stmt, byStmt) {
					if !yield(c, by) {
						return
					}
				}
			}
			if !forgiven(stmt, byStmt, yield) {
				return
			}
		}
	}
}

// forgiven yields those of known in stmt after which `|| true` or the like follows. It is false if yield is.
func forgiven(stmt *syntax.Stmt, known map[*syntax.Stmt]*shell.Command, yield func(*shell.Command, string) bool) bool {
	each := func(stmts []*syntax.Stmt) bool {
		return !slices.ContainsFunc(stmts, func(s *syntax.Stmt) bool { return !forgiven(s, known, yield) })
	}
	switch cmd := stmt.Cmd.(type) {
	case *syntax.BinaryCmd:
		switch cmd.Op {
		case syntax.AndStmt:
			return forgiven(cmd.X, known, yield) && forgiven(cmd.Y, known, yield)
		case syntax.OrStmt:
			if word, ok := container.Succeeds(cmd.Y); ok {
				for _, c := range chain(cmd.X, known) {
					if !yield(c, "|| "+word) {
						return false
					}
				}
			}
			return forgiven(cmd.X, known, yield)
		case syntax.Pipe, syntax.PipeAll: // the last command decides
		}
	case *syntax.Block:
		return each(cmd.Stmts)
	case *syntax.Subshell:
		return each(cmd.Stmts)
	}
	return true
}

// chain are those of known that stmt runs: itself, or the parts of `a && b`. There are none after a test, which chooses
// what to run, and none in `a || b`, where b is for the failure.
func chain(stmt *syntax.Stmt, known map[*syntax.Stmt]*shell.Command) (list []*shell.Command) {
	if c := known[stmt]; c != nil {
		return []*shell.Command{c}
	}
	switch cmd := stmt.Cmd.(type) {
	case *syntax.BinaryCmd:
		if cmd.Op == syntax.AndStmt && !decides(cmd.X) {
			return append(chain(cmd.X, known), chain(cmd.Y, known)...)
		}
	case *syntax.Block:
		if n := len(cmd.Stmts); n > 0 {
			return chain(cmd.Stmts[n-1], known)
		}
	}
	return nil
}

// decides reports whether the result of stmt is that of a test.
func decides(stmt *syntax.Stmt) bool {
	switch cmd := stmt.Cmd.(type) {
	case *syntax.BinaryCmd:
		return decides(cmd.Y)
	case *syntax.Subshell:
		return len(cmd.Stmts) > 0 && decides(cmd.Stmts[len(cmd.Stmts)-1])
	case *syntax.Block:
		return len(cmd.Stmts) > 0 && decides(cmd.Stmts[len(cmd.Stmts)-1])
	}
	return isTest(stmt)
}

// sets reports whether stmt switches errexit on.
func sets(s *shell.Script, stmt *syntax.Stmt) bool {
	return slices.ContainsFunc(s.Commands, func(c *shell.Command) bool {
		return c.Script == s && !c.Sub && c.SwitchesOn('e', "errexit") && within(c.Stmt, stmt)
	})
}

func within(s, other *syntax.Stmt) bool {
	return s.Pos().Offset() >= other.Pos().Offset() && s.End().Offset() <= other.End().Offset()
}

// matters reports whether the image lacks something if c fails: it installs, builds or downloads.
func matters(c *shell.Command) bool {
	switch c.Name {
	case "curl", "wget":
		d := download.Of(c)
		return d != nil && d.Use() != download.Data
	case "git":
		return len(c.Words) > 1 && (c.Words[1].Text == "clone" || c.Words[1].Text == "submodule")
	case "make", "cmake", "tsc":
		return true
	}
	if generates(c) {
		return true
	}
	call := callOf(c)
	if call == nil {
		return false
	}
	if call.Action == shell.Install {
		return true
	}
	m := ecosystem.Of(call.Manager)
	return m != nil && m.Runner != nil && m.Runner.Scripts && len(c.Words) > 1 && c.Words[len(c.Words)-1].Text == "build"
}

// generates reports whether c makes code or assets that the application needs.
func generates(c *shell.Command) bool {
	args := c.Words[:min(len(c.Words), 8)] // `time time …` is as many commands as words
	for i, w := range args {
		switch w.Text {
		case "prisma":
			return i+1 < len(args) && args[i+1].Text == "generate"
		case "collectstatic", "compilemessages":
			return i > 0 && strings.HasSuffix(args[i-1].Text, "manage.py")
		case "assets:precompile":
			return true
		}
	}
	return false
}

// callOf is c as a call of a package manager, nil if it is none.
func callOf(c *shell.Command) *shell.Call {
	for _, call := range c.Script.Calls() {
		if call.Command == c {
			return call
		}
	}
	return nil
}

// repeated reports whether a later command of the stage calls the program of c. A failure of a first call that only fills
// a cache does not matter then.
func repeated(p *lint.Pass, c *shell.Command) bool {
	same := func(other *shell.Command) bool { return other.Name == c.Name && other.Span.Start > c.Span.Start }
	if slices.ContainsFunc(c.Script.Root().Commands, same) {
		return true
	}
	if c.Name == "git" || c.Name == "curl" || c.Name == "wget" {
		return false
	}
	for _, step := range c.Script.Step.After() {
		if step.Stage != c.Script.Step.Stage {
			break
		}
		if s := p.Script(step); s != nil && ecosystem.Of(c.Name) != nil && !ecosystem.Of(c.Name).System &&
			slices.ContainsFunc(s.Commands, same) {
			return true
		}
	}
	return false
}
