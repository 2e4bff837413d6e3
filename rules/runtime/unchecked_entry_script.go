package runtime

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UncheckedEntryScript reports code that prepares the application when the container starts, by migrations or by building
// its assets, and goes on to start it if that fails: in an entrypoint script of the build context that never switches
// errexit on, and wherever `|| true` or the like follows. It has a doubt where a comment says that a failure is expected.
var UncheckedEntryScript = &lint.Rule{
	Name: "unchecked-entry-script", Category: lint.Runtime,
	Summary:  "the script that starts the container continues after a failed migration or build",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() {
			return
		}
		for _, code := range container.Of(p).Code() {
			checked := code.Errexit() || slices.ContainsFunc(code.Commands, func(c *shell.Command) bool {
				return c.SwitchesOn('e', "errexit")
			})
			if s := code.Entry; s != nil {
				checked = checked || s.Command.Has("-e")
			}
			c, by := preparation(code.Script, checked || code.Entry == nil)
			if c == nil {
				continue
			}
			phrase, what, at := "", "the container", c.Span
			if code.Entry != nil {
				phrase, what, at = code.Entry.Text[c.Span.Start:c.Span.End], "`"+code.Entry.Word.Text+"`", code.Entry.Word.Span
			} else {
				phrase = p.File.Text(c.Span)
			}
			if phrase = strings.TrimSpace(phrase); strings.Contains(phrase, "\n") {
				phrase, _, _ = strings.Cut(phrase, " ")
			}
			f := p.Report(at, "%s continues if `%s` fails", what, phrase)
			if by == "" {
				f.Because("without `set -e` the shell runs the next command, so the application starts although the command failed").
					Advise("write `set -e` below the first line of `%s`", code.Entry.File)
			} else {
				f.Because("`%s` hides the failure, so the application starts although the command failed", by)
				switch {
				case code.Entry == nil:
					f.Advise("remove `%s`, and join the commands with `&&`", by)
				case checked:
					f.Advise("remove `%s`", by)
				default:
					f.Advise("remove `%s`, and write `set -e` below the first line of `%s`", by, code.Entry.File)
				}
			}
			if s := code.Entry; s != nil {
				f.RelateFile(s.File, 1+strings.Count(s.Text[:c.Span.Start], "\n"), "a failure of this command goes unnoticed")
				if by != "" && explains(s.Text, c.Span.Start) {
					f.Doubting("a comment says that a failure is expected")
				}
			}
		}
	}),
}

// explains reports whether the lines of the command at that byte of text, or the comment above, say that it may fail.
func explains(text string, at int) bool {
	from := strings.LastIndexByte(text[:at], '\n') + 1
	for range 2 {
		if above := strings.LastIndexByte(text[:max(from-1, 0)], '\n') + 1; strings.HasPrefix(strings.TrimSpace(text[above:from]), "#") {
			from = above
		}
	}
	to := at + strings.IndexByte(text[at:]+"\n", '\n')
	return expected.Get().MatchString(text[from:to])
}

var expected = lazy.Regexp{Expr: `(?i)#.*\b(?:ignor|already|optional|may fail|might fail|can fail|best.effort|tolerat|non-?fatal|not fatal)`}

// preparation is the first command of sc that prepares the application and whose failure has no effect: by is what
// hides it, "" if only errexit is missing, which is not looked at if the code is checked. c is nil if there is none.
func preparation(sc *shell.Script, checked bool) (c *shell.Command, by string) {
	tasks := map[*syntax.Stmt]*shell.Command{}
	for _, c := range sc.Commands {
		if c.Script == sc && c.Stmt != nil && !c.Sub && prepares(c) {
			tasks[c.Stmt] = c
		}
	}
	if len(tasks) == 0 {
		return nil, ""
	}
	var walk func(stmts []*syntax.Stmt, last bool)
	walk = func(stmts []*syntax.Stmt, last bool) {
		for i, stmt := range stmts {
			last := last && i == len(stmts)-1
			if t := tasks[stmt]; t != nil && !checked && !last && c == nil {
				c = t
			}
			switch cmd := stmt.Cmd.(type) {
			case *syntax.BinaryCmd:
				if t := tasks[cmd.X]; t != nil && cmd.Op == syntax.OrStmt && c == nil {
					if word, ok := container.Succeeds(cmd.Y); ok {
						c, by = t, "|| "+word
					}
				}
				if cmd.Op == syntax.AndStmt {
					walk([]*syntax.Stmt{cmd.Y}, true) // only for what hides a failure
				}
			case *syntax.Block:
				walk(cmd.Stmts, last)
			case *syntax.IfClause:
				for ; cmd != nil; cmd = cmd.Else {
					walk(cmd.Then, last)
				}
			}
		}
	}
	walk(sc.File.Stmts, true)
	return c, by
}

// prepares reports whether c migrates a database or builds assets.
func prepares(c *shell.Command) bool {
	return c.Name != "echo" && c.Name != "printf" && slices.ContainsFunc(c.Words, func(w shell.Word) bool {
		for _, task := range [...]string{"migrate", "collectstatic", "precompile", "db:prepare", "db:setup", "alembic"} {
			if strings.Contains(strings.ToLower(w.Text), task) {
				return true
			}
		}
		return false
	})
}
