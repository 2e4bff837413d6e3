package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UncopiedLockFile reports an installation from a manifest whose lock file exists in the build context but not in the
// image when the installation runs, because no COPY includes it or the ignore file excludes it. It is silent if a lock
// file may come from another stage, another image or a command.
var UncopiedLockFile = &lint.Rule{
	Name: "uncopied-lock-file", Summary: "the lock file exists but is not copied before the install", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached || p.Context() == nil {
			return
		}
		told := map[string]bool{}
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				in := install.Of(p).Setting(call)
				if in == nil || in.Lock == "" || in.Locked || told[in.Lock] || path.Dir(in.Lock) != in.Dir ||
					install.Of(p).LockFromElsewhere(call) {
					continue
				}
				told[in.Lock] = true
				uncopied(p, call, in)
			}
		}
	}),
}

func uncopied(p *lint.Pass, call *shell.Call, in *install.Setting) {
	step := call.Command.Script.Step
	lock := path.Base(in.Lock)
	because := "without the lock file `" + install.Command(call) + "` installs the newest versions that `" + path.Base(in.Manifest) +
		"` allows, so two builds of the same commit can differ"
	switch {
	case install.NeedsLock(call) != "":
		because = install.NeedsLock(call) + " fails without a lock file"
	case in.Manager.Lock.Missing != "":
		because = in.Manager.Lock.Missing
	}
	if in.Hidden {
		at := call.Command.Span
		f := p.Report(at, "`%s` excludes `%s` from the build context", p.Context().Ignore, in.Lock).
			Because("%s", because).
			Advise("remove the pattern that matches `%s` from `%s`", in.Lock, p.Context().Ignore)
		if install.Of(p).Fails(call) {
			f.Breaking(lint.BreaksBuild)
		}
		return
	}
	from := install.Of(p).Copier(step, path.Join(in.At, path.Base(in.Manifest)))
	if from == nil {
		return
	}
	i := slices.IndexFunc(from.Copy.Sources, func(src plan.Source) bool {
		return path.Clean("/"+src.Path.Text) == "/"+in.Manifest
	})
	if i < 0 {
		return // a pattern or a directory, which may be meant to leave it out
	}
	word := from.Copy.Sources[i].Word
	written := in.Lock
	if head, ok := strings.CutSuffix(word.String, path.Base(in.Manifest)); ok {
		written = head + lock
	}
	f := p.Report(word.Full(), "`%s` is copied without the `%s` next to it", in.Manifest, lock).
		Because("%s", because).
		Relate(call.Command.Span, "dependencies are installed here")
	if install.Of(p).Fails(call) {
		f.Breaking(lint.BreaksBuild)
	}
	dest := from.Copy.Dest.String
	if from.Instruction.JSON || dest != "." && !strings.HasSuffix(dest, "/") || !install.PlainNames([]string{written}) {
		f.Advise("also copy `%s`", written)
		return
	}
	f.Advise("write `%s %s` in this `%s`", word.String, written, from.Instruction.Name)
	edits := []lint.Edit{lint.Insert(word.Full().End, " "+written)}
	if dest == "." {
		edits = append(edits, lint.Replace(from.Copy.Dest.Full(), "./")) // builders before BuildKit need the slash
	}
	f.Offer(lint.Unsafe, "also copy `"+lock+"`", edits...)
}
