package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UncopiedLockFile reports an installation from a manifest whose lock file exists in the build context but is not there when the
// installation runs: no COPY brings it, or the ignore file leaves it out.
var UncopiedLockFile = &lint.Rule{
	Name: "uncopied-lock-file", Summary: "a lock file exists, but the installation does not see it", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached || p.Context() == nil {
			return
		}
		told := map[string]bool{}
		for sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				in := install.Of(p).Call(call)
				if in == nil || in.Lock == "" || in.Locked || told[in.Lock] || path.Dir(in.Lock) != in.Dir {
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
	because := "without it `" + install.Command(call) + "` takes the newest versions that `" + path.Base(in.Manifest) + "` allows, on each build others"
	switch {
	case ecosystem.Has(in.Manager.Lock.Needed, call.Verb.Text):
		because = "`" + install.Command(call) + "` fails without a lock file"
	case in.Manager.Lock.Missing != "":
		because = in.Manager.Lock.Missing
	}
	if in.Hidden {
		at := call.Command.Span
		p.Report(at, "`%s` leaves `%s` out of the build", p.Context().Ignore, in.Lock).
			Because("%s", because).
			Advise("remove the pattern that matches `%s` from `%s`", in.Lock, p.Context().Ignore)
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
		return // a pattern or a folder: what it means to take is not certain
	}
	word := from.Copy.Sources[i].Word
	written := in.Lock
	if head, ok := strings.CutSuffix(word.String, path.Base(in.Manifest)); ok {
		written = head + lock
	}
	f := p.Report(word.Full(), "`%s` is copied without `%s`, which lies beside it", in.Manifest, lock).
		Because("%s", because).
		Relate(call.Command.Span, "the dependencies come with this step")
	dest := from.Copy.Dest.String
	if from.Instruction.JSON || dest != "." && !strings.HasSuffix(dest, "/") || !plainNames([]string{written}) {
		f.Advise("copy `%s` as well", written)
		return
	}
	f.Advise("write `%s %s` in this `%s`", word.String, written, from.Instruction.Name)
	at := word.Full().End
	edits := []lint.Edit{{Span: parser.Span{Start: at, End: at}, Text: " " + written}}
	if dest == "." {
		edits = append(edits, lint.Edit{Span: from.Copy.Dest.Full(), Text: "./"}) // builders before BuildKit want the slash
	}
	f.Offer(lint.Unsafe, "copy `"+lock+"` as well", edits...)
}
