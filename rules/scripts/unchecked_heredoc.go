package scripts

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UncheckedHeredoc reports a heredoc that goes on after a command has failed, because nothing switches on `set -e`. It
// ignores commands that hardly fail, such as echo, those with `||` after them, and those whose status decides anyway.
var UncheckedHeredoc = &lint.Rule{
	Name: "unchecked-heredoc", Category: lint.Scripts,
	Summary:  "a heredoc of several commands continues after one of them fails",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnRun(func(p *lint.Pass, root *shell.Script) {
		for s := range root.All() {
			if s.Heredoc && s.File != nil && !s.Errexit() {
				checkHeredoc(p, s)
			}
		}
	}),
}

func checkHeredoc(p *lint.Pass, s *shell.Script) {
	c := firstUnchecked(s)
	if c == nil {
		return
	}
	f := p.Report(c.Words[0].Span, "a failure of `%s` does not stop the script", c.Words[0].Text).
		Because("without `set -e` the shell runs the next command, and the exit status is that of the last one").
		Advise("start the heredoc with `set -e`")
	if why := harmlessHeredoc(s); why != "" {
		f.Message = "the exit status of `" + c.Words[0].Text + "` is lost"
		f.Doubting("%s", why)
		return
	}
	if beforeAnd(s, c) {
		f.Advise("start the heredoc with `set -e`, and write what `&&` joins on lines of its own")
		return
	}
	at := 0
	if strings.HasPrefix(s.Text.String, "#!") {
		at = strings.IndexByte(s.Text.String, '\n') + 1
	}
	line := p.File.Lines.Span(p.File.Lines.Line(s.Text.Offset(at)))
	next := p.File.Text(line)
	indent := next[:len(next)-len(strings.TrimLeft(next, " \t"))]
	f.Offer(lint.Unsafe, "start the heredoc with `set -e`", lint.Insert(line.Start, indent+"set -e"+p.File.Newline()))
}

// beforeAnd reports whether c is on the left side of an `&&` in s. `set -e` ignores a failure of it.
func beforeAnd(s *shell.Script, c *shell.Command) (found bool) {
	syntax.Walk(s.File, func(n syntax.Node) bool {
		if list, ok := n.(*syntax.BinaryCmd); ok && list.Op == syntax.AndStmt {
			found = found || inside(c, list.X)
		}
		return true
	})
	return found
}

// harmlessHeredoc says why a failure in s hardly goes unnoticed, "" if it may.
func harmlessHeredoc(s *shell.Script) string {
	accounts, other := 0, 0
	for _, c := range s.Commands {
		switch c.Name {
		case "useradd", "groupadd", "usermod", "adduser", "addgroup":
			accounts++
		default:
			other++
		}
	}
	calls := s.Calls()
	switch {
	case accounts > 0 && other == 0:
		return "the last command probably fails too if a user or group is missing"
	case len(calls) == 2 && len(s.Commands) == 2 && calls[0].Action == shell.Refresh && calls[1].Action == shell.Install:
		return "without the package lists, the install that follows fails as well"
	}
	return ""
}

// firstUnchecked is the first command of s whose failure has no effect, nil if there is none before a `set -e`.
func firstUnchecked(s *shell.Script) *shell.Command {
	stops := len(s.Text.String)
	for _, c := range s.Commands {
		if c.Script == s && !c.Sub && c.SwitchesOn('e', "errexit") {
			stops = int(c.Stmt.Pos().Offset())
			break
		}
	}
	for i, stmt := range s.File.Stmts {
		if int(stmt.Pos().Offset()) >= stops {
			break
		}
		failing := mayFailBefore(stmt)
		if i < len(s.File.Stmts)-1 {
			failing = mayFail(stmt)
		}
		if failing != nil && int(failing.Pos().Offset()) < stops {
			for _, c := range s.Commands {
				if c.Stmt == failing && len(c.Words) > 0 {
					return c
				}
			}
		}
	}
	return nil
}

// mayFailBefore is the first simple command in stmt that may fail without any effect on what follows in stmt, whose status is that of the
// last command in it; nil if there is none.
func mayFailBefore(stmt *syntax.Stmt) *syntax.Stmt {
	if stmt.Negated || stmt.Background || stmt.Coprocess {
		return nil
	}
	return firstIn(stmt.Cmd, anyFailsBefore)
}

// firstIn is the first that find returns for the lists of cmd, a group of commands or an `if`; nil for another command.
func firstIn(cmd syntax.Command, find func([]*syntax.Stmt) *syntax.Stmt) *syntax.Stmt {
	switch cmd := cmd.(type) {
	case *syntax.Subshell:
		return find(cmd.Stmts)
	case *syntax.Block:
		return find(cmd.Stmts)
	case *syntax.IfClause:
		for c := cmd; c != nil; c = c.Else {
			if failing := find(c.Then); failing != nil {
				return failing
			}
		}
	}
	return nil
}

func anyFailsBefore(stmts []*syntax.Stmt) *syntax.Stmt {
	if len(stmts) == 0 {
		return nil
	}
	for _, stmt := range stmts[:len(stmts)-1] {
		failing := mayFail(stmt)
		if failing == nil {
			continue
		}
		// What these prepare, the next command needs.
		if call, ok := failing.Cmd.(*syntax.CallExpr); !ok || !ecosystem.Has("mkdir touch rm ln chmod chown", call.Args[0].Lit()) {
			return failing
		}
	}
	return mayFailBefore(stmts[len(stmts)-1])
}

// mayFail is the first simple command in stmt that may fail without any effect on what follows, nil if there is none.
func mayFail(stmt *syntax.Stmt) *syntax.Stmt {
	if stmt.Negated || stmt.Background || stmt.Coprocess {
		return nil
	}
	switch cmd := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		if len(cmd.Args) > 0 && !ecosystem.Has(harmless, cmd.Args[0].Lit()) {
			return stmt
		}
	case *syntax.BinaryCmd:
		if cmd.Op == syntax.OrStmt {
			return nil
		}
		if cmd.Op == syntax.AndStmt && !isTest(cmd.X) {
			if failing := mayFail(cmd.X); failing != nil {
				return failing
			}
		}
		return mayFail(cmd.Y)
	case *syntax.Subshell, *syntax.Block, *syntax.IfClause:
		return firstIn(cmd, anyFails)
	case *syntax.WhileClause:
		return anyFails(cmd.Do)
	case *syntax.ForClause:
		return anyFails(cmd.Do)
	case *syntax.CaseClause:
		for _, item := range cmd.Items {
			if failing := anyFails(item.Stmts); failing != nil {
				return failing
			}
		}
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			return mayFail(cmd.Stmt)
		}
	}
	return nil
}

func anyFails(stmts []*syntax.Stmt) *syntax.Stmt {
	for _, stmt := range stmts {
		if failing := mayFail(stmt); failing != nil {
			return failing
		}
	}
	return nil
}

// isTest reports whether stmt only finds something out, as in `[ -f a ] && b`.
func isTest(stmt *syntax.Stmt) bool {
	if _, ok := stmt.Cmd.(*syntax.TestClause); ok {
		return true
	}
	call, ok := stmt.Cmd.(*syntax.CallExpr)
	return ok && len(call.Args) > 0 && ecosystem.Has("[ [[ test grep command which type", call.Args[0].Lit())
}

// harmless are commands that hardly fail, or whose failure hardly matters: those that only print or set something.
const harmless = "[ [[ : . alias cat cmp command date df diff du echo env exit export false free grep head hostname id " +
	"kill less local ls nproc printenv printf ps pwd read readonly return set shift shopt sleep source stat sync tail " +
	"test time trap true type ulimit umask uname unalias unset wait which whoami"
