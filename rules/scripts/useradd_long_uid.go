package scripts

import (
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// UseraddLongUID reports a useradd that creates a login log whose size grows with the UID. It is sure from 100,000 on;
// a variable whose value is not known gets a doubt.
var UseraddLongUID = &lint.Rule{
	Name: "useradd-long-uid", Category: lint.Scripts, Aliases: []string{"DL3046"},
	Summary:  "`useradd` with a high UID creates a huge sparse file",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		if c.Has("-l", "--no-log-init") {
			return
		}
		uid, flag := uidOf(c)
		if flag == "" {
			return
		}
		seen, doubt := parity.LongUID(c, flag, p.File.Text(uid.Span)), ""
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
			doubt = "the value of the variable is not known"
		case n < 100_000:
			doubt = parity.Regardless("the UID is below 100,000")
		}
		if doubt != "" && !seen {
			return
		}
		f := p.Report(uid.Span, "`useradd` runs without `--no-log-init`, and the UID may be high")
		if doubt == "" {
			f.Message = "`useradd` uses the UID " + text + " without `--no-log-init`"
			f.Because("if the image has `/var/log/lastlog`, the layer stores 292 bytes of it for every UID up to this one, %s in all",
				size(int64(n)*292))
		} else {
			f.Because("if the image has `/var/log/lastlog`, the layer stores 292 bytes of it for every UID up to the new one")
		}
		f.Advise("add `-l` (`--no-log-init`)")
		if err == nil && doubt != "" {
			f.Message, f.Note = "`useradd` runs without `--no-log-init`", ""
		}
		f.Doubt = doubt
		if doubt == "" && c.Plain(c.Words[0]) {
			f.Offer(lint.Unsafe, "add `-l` (`--no-log-init`)", lint.Insert(c.Words[0].Span.End, " -l"))
		}
		if seen {
			f.Alias("DL3046")
		}
	}, "useradd"),
}

// uidOf is the UID on the command line, and the flag before it as it is written, "" if there is none.
func uidOf(c *shell.Command) (uid shell.Word, flag string) {
	for _, flag := range [...]string{"-u", "--uid"} {
		if uid, ok := c.FlagValue(flag); ok {
			return uid, flag
		}
	}
	for i, w := range c.Args() {
		// in a cluster such as -mu
		if len(w.Text) > 2 && w.Text[0] == '-' && w.Text[1] != '-' && strings.HasSuffix(w.Text, "u") && i+2 < len(c.Words) {
			return c.Words[i+2], w.Text
		}
	}
	return uid, ""
}

// size is n bytes in words.
func size(n int64) string {
	if n < 1_000_000_000 {
		return strconv.FormatInt((n+500_000)/1_000_000, 10) + " MB"
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64), ".0") + " GB"
}
