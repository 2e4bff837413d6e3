package cache

import (
	"path"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnlockedInstall reports an installation that would change the lock file that it finds instead of failing where that
// does not match the manifest. The finding has a doubt where the manager follows the lock by default, or its versions
// leave little room.
var UnlockedInstall = &lint.Rule{
	Name: "unlocked-install", Summary: "the install command may ignore or rewrite the lock file", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCall(func(p *lint.Pass, call *shell.Call) {
		step := call.Command.Script.Step
		if !step.Stage.Reached {
			return
		}
		l := install.Of(p).Laxity(call)
		if l == nil {
			return
		}
		at := call.Command.Words[0].Span
		if call.Verb.Text != "" {
			at.End = call.Verb.Span.End
			at.Start = call.Verb.Span.Start
		}
		does := "may rewrite"
		if l.Ignores {
			does = "ignores"
		}
		f := p.Report(at, "`%s` %s `%s`", install.Command(call), does, path.Base(l.Lock)).
			Because("%s", l.Why).
			Advise("use `%s`", l.Write).
			Doubting(l.Doubt)
		follow(l, f, call)
	}),
}

func follow(l *install.Laxity, f *lint.Finding, call *shell.Call) {
	c := call.Command
	switch {
	case l.Verb != "" && c.Plain(call.Verb):
		f.Offer(lint.Unsafe, "use `"+l.Write+"`", lint.Replace(call.Verb.Span, l.Verb))
	case l.Flag != "" && call.Verb.Text != "" && c.Plain(call.Verb):
		f.Offer(lint.Unsafe, "add `"+l.Flag+"`", lint.Insert(call.Verb.Span.End, " "+l.Flag))
	case l.Flag != "" && call.Verb.Text == "" && c.Plain(c.Words[0]):
		f.Offer(lint.Unsafe, "add `install "+l.Flag+"`", lint.Insert(c.Words[0].Span.End, " install "+l.Flag))
	}
}
