package cache

import (
	"fmt"
	"path"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// LooseRequirement reports a `pip install -r` from a list in the build context that leaves versions open: those of its lines, or those
// of what a well-known package of the list needs. Where the list is complete and has no hashes, that is doubtful, since the versions
// are fixed.
var LooseRequirement = &lint.Rule{
	Name: "loose-requirement", Summary: "a list of requirements leaves versions open", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCall(func(p *lint.Pass, call *shell.Call) {
		lists := install.Of(p).Lists(call)
		if lists == nil || !call.Command.Script.Step.Stage.Reached {
			return
		}
		for _, l := range lists.Lists {
			loose(p, lists, l)
		}
	}),
}

// loose reports l, one of lists.
func loose(p *lint.Pass, lists *install.Lists, l install.List) {
	var open []install.Requirement
	for _, r := range l.Lines {
		if !r.Fixed {
			open = append(open, r)
		}
	}
	if len(l.Lines) == 0 || l.Hashed {
		return
	}
	by, missing := lists.Missing(l)
	switch {
	case len(open) > 0:
		what := "the version of `" + open[0].Written + "` open"
		if len(open) > 1 {
			what = fmt.Sprintf("%d of %d versions open, such as that of `%s`", len(open), len(l.Lines), open[0].Written)
		}
		p.Report(l.Word.Span, "`%s` leaves %s", l.File, what).
			Because("each build takes the newest release of the day, so two builds of one commit differ").
			Advise("keep what is wanted in a `requirements.in`, and write `%s` from it: `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`", path.Base(l.File))
	case len(missing) > 0 && lists.All && !l.Nested:
		f := p.Report(l.Word.Span, "`%s` pins `%s` and leaves `%s`, which it needs, open", l.File, by.Typed, missing[0]).
			Advise("keep what is wanted in a `requirements.in`, write `%s` from it with `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`, and install with `--require-hashes`",
				path.Base(l.File))
		pinned := "1 package is pinned"
		if n := len(l.Lines); n > 1 {
			pinned = fmt.Sprintf("%d packages are pinned", n)
		}
		if len(missing) == 1 {
			f.Because("%s and none has a hash; `%s` is of the newest release of the day, so two builds of one commit differ", pinned, missing[0])
		} else {
			f.Because("%s and none has a hash; at least %d more are of the newest release of the day, so two builds of one commit differ", pinned, len(missing))
		}
	default:
		p.Report(l.Word.Span, "`%s` has no hashes", l.File).
			Because("the versions are fixed, but nothing says what a download has to be, and packages that these need are left open").
			Advise("write it with `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`").
			Doubting("all versions are fixed")
	}
}
