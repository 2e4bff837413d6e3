package runtime

import (
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// ScriptWithoutExec reports an entrypoint script of the build context whose last command starts a server without `exec`, or
// is `"$@"` where CMD names a server, and the same in the code of CMD or ENTRYPOINT on images whose shell is dash, which
// does not replace itself by the last command. The shell then stays PID 1 and does not forward signals. The rule ignores scripts
// that handle signals themselves, by trap, wait or exec, and scripts that an init starts, because it decides what
// happens to signals. It also ignores images for development.
var ScriptWithoutExec = &lint.Rule{
	Name: "script-without-exec", Category: lint.Runtime,
	Summary:  "the script that starts the container runs the server without `exec`",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() {
			return
		}
		inline(p)
		for _, s := range container.Of(p).EntryScripts() {
			if !s.First() || s.CRLF() {
				continue // unstartable-script reports the second case
			}
			sc := s.Code()
			if sc.Dialect == shell.Other || s.Rewritten() {
				continue
			}
			for _, c := range sc.Tails() {
				if name, ok := s.Serves(c); ok {
					line := 1 + strings.Count(s.Text[:c.Span.Start], "\n")
					p.Report(s.Word.Span, "`%s` runs `%s` without `exec`", s.Word.Text, name).
						Because("the shell stays PID 1 and does not forward signals, so `docker stop` waits ten seconds and then "+
							"kills the server").
						Advise("write `exec %s` on line %d of `%s`", text(s, c), line, s.File).
						RelateFile(s.File, line, "`exec` is missing here")
					break
				}
			}
		}
	}),
}

// inline reports a server that is the last of several commands in the code of CMD or ENTRYPOINT, or the only one if it needs the shell
// for its variables.
func inline(p *lint.Pass) {
	c := container.Of(p)
	if c.Base.Shell() != "dash" || c.Target.Windows() {
		return
	}
	for _, code := range c.Code() {
		if code.Entry != nil || code.Shell != "sh" && code.Shell != "dash" || len(code.Always()) < 2 && !strings.Contains(code.Text.String, "$") {
			continue // an array does without the shell then, which shell-form-command reports
		}
		for _, last := range code.Tails() {
			if !container.Serves(last) {
				continue
			}
			for last.Outer != nil && last.Outer.Script == last.Script {
				last = last.Outer
			}
			first := last.Words[0]
			p.Report(first.Span, "the shell runs `%s` without `exec`", last.Name).
				Because("the shell stays PID 1 and does not forward signals, so `docker stop` waits ten seconds and then kills the server").
				Advise("write `exec %s`", last.Name).
				Offer(lint.Unsafe, "add `exec`", lint.Insert(first.Span.Start, "exec "))
			return
		}
	}
}

// text is the whole command as it is written in the script, from its outermost wrapper on.
func text(s *container.EntryScript, c *shell.Command) string {
	for c.Outer != nil {
		c = c.Outer
	}
	start := c.Words[0].Span.Start
	line, _, _ := strings.Cut(s.Text[start:c.Span.End], "\n")
	return strings.TrimSpace(strings.TrimSuffix(line, "\\"))
}
