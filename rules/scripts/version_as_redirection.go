package scripts

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// VersionAsRedirection reports a version comparison that is not quoted, such as `pip install x>=2`. The shell reads it as
// a redirection.
var VersionAsRedirection = &lint.Rule{
	Name: "version-as-redirection", Category: lint.Scripts,
	Summary:  "a version comparison is not quoted, so the shell reads it as a redirection",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCall(func(p *lint.Pass, call *shell.Call) {
		if call.Action == shell.Install && call.Command.Stmt != nil {
			checkRedirections(p, call.Command)
		}
	}),
}

// checkRedirections reports the first redirection of c that is meant as a version, with those right after it.
func checkRedirections(p *lint.Pass, c *shell.Command) {
	text := c.Script.Text.String
	redirects := c.Stmt.Redirs
	for i, r := range redirects {
		before := wordBefore(c, r)
		if before == nil || !meansVersion(text, before, r) {
			continue
		}
		end := int(r.End().Offset())
		for _, next := range redirects[i+1:] {
			if int(next.Pos().Offset()) != end || next.N != nil {
				break
			}
			end = int(next.End().Offset())
		}
		start := int(r.OpPos.Offset())
		version := text[start:end]
		f := p.Report(c.Script.Text.Span(start, end), "`%s` is a redirection, not a version", version)
		target := text[r.Word.Pos().Offset():r.Word.End().Offset()]
		if r.Op == syntax.RdrIn {
			f.Because("the shell tries to read a file named `%s`, and fails because there is none", target)
		} else {
			f.Because("the shell passes `%s` without a version, and writes the output to a file named `%s`", before.Text, target)
		}
		whole := text[before.Node.Pos().Offset():end]
		f.Advise("put the requirement in quotes")
		if !c.Plain(*before) || strings.ContainsAny(whole, "\"'$`\\") {
			return
		}
		f.Advise("quote the requirement, as in `\"%s\"`", whole)
		span := parser.Span{Start: before.Span.Start, End: c.Script.Text.Span(start, end).End}
		if c.Script.Accepts(`"`) && !strings.ContainsAny(whole, " \t") && span.Len() == len(whole) {
			f.Offer(lint.Unsafe, "put the requirement in double quotes", lint.Insert(span.Start, `"`), lint.Insert(span.End, `"`))
		}
		return
	}
}

// wordBefore is the argument of c that is directly before r, nil if that is another redirection or the command itself.
func wordBefore(c *shell.Command, r *syntax.Redirect) *shell.Word {
	var last *shell.Word
	for i := range c.Words {
		w := &c.Words[i]
		if i > 0 && w.Node != nil && w.Node.End().Offset() <= r.OpPos.Offset() {
			last = w
		}
	}
	if last == nil || strings.HasPrefix(last.Text, "-") ||
		strings.TrimSpace(c.Script.Text.String[last.Node.End().Offset():r.OpPos.Offset()]) != "" {
		return nil
	}
	return last
}

// meansVersion reports whether r, a redirection after the word before, is meant to compare a version.
func meansVersion(text string, before *shell.Word, r *syntax.Redirect) bool {
	if r.N != nil || r.Op != syntax.RdrOut && r.Op != syntax.RdrIn || r.Word == nil {
		return false
	}
	target := text[r.Word.Pos().Offset():r.Word.End().Offset()]
	if target == "" || r.Word.Pos().Offset() != r.OpPos.Offset()+1 {
		return false
	}
	number := strings.TrimPrefix(target, "=")
	attached := before.Node.End().Offset() == r.OpPos.Offset()
	return (len(number) < len(target) || attached) && number != "" && number[0] >= '0' && number[0] <= '9'
}
