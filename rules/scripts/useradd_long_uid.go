package scripts

import (
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// UseraddLongUID reports a useradd that makes a log of logins as long as the user's number is high. It is sure of a number from
// 100,000 on; a variable that it cannot read is doubtful.
var UseraddLongUID = &lint.Rule{
	Name: "useradd-long-uid", Summary: "useradd with a high number makes a huge sparse file", Category: lint.Scripts,
	Aliases: []string{"DL3046"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		if c.Has("-l", "--no-log-init") {
			return
		}
		uid, short, ok := number(c)
		if !ok {
			return
		}
		seen, doubt := short && parity.Bare(c) && len(p.File.Text(uid.Span)) > 5, ""
		text := uid.Text
		if !uid.Literal {
			v := c.Script.Step.Env.Expand(text)
			if text = v.Text; !v.Known {
				text = ""
			}
		}
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			doubt = "the number behind the variable is not known"
		case n < 100_000:
			doubt = "the number is a small one"
		}
		if doubt != "" && !seen {
			return
		}
		f := p.Report(uid.Span, "`useradd` may give a high number without `--no-log-init`")
		if doubt == "" {
			f.Message = "`useradd` gives the number " + text + " without `--no-log-init`"
			f.Because("/var/log/lastlog gets an entry of 292 bytes for each number below: %s, which the layer stores in full", bytes(int64(n)*292))
		} else {
			f.Because("/var/log/lastlog gets an entry of 292 bytes for each number below, which the layer stores in full")
		}
		f.Advise("add `-l`")
		f.Doubt = doubt
		if doubt == "" && c.Plain(c.Words[0]) {
			at := c.Words[0].Span.End
			f.Offer(lint.Unsafe, "add `-l`", lint.Edit{Span: parser.Span{Start: at, End: at}, Text: " -l"})
		}
		if seen {
			f.Alias("DL3046")
		}
	}, "useradd"),
}

// number is the user's number on the command line; short says that it stands behind `-u`.
func number(c *shell.Command) (uid shell.Word, short, ok bool) {
	if uid, ok = c.FlagValue("-u"); ok {
		return uid, true, true
	}
	if uid, ok = c.FlagValue("--uid"); ok {
		return uid, false, true
	}
	for i, w := range c.Args() {
		// in a cluster such as -mu
		if len(w.Text) > 2 && w.Text[0] == '-' && w.Text[1] != '-' && strings.HasSuffix(w.Text, "u") && i+2 < len(c.Words) {
			return c.Words[i+2], false, true
		}
	}
	return uid, false, false
}

func bytes(n int64) string {
	if n < 1_000_000_000 {
		return strconv.FormatInt((n+500_000)/1_000_000, 10) + " MB"
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64), ".0") + " GB"
}
