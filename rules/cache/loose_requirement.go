package cache

import (
	"fmt"
	"path"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// LooseRequirement reports an installation from a requirements file in the build context that leaves versions open:
// those of its lines, or those of packages that a well-known one of them needs. A complete list without hashes is
// reported with a doubt, because its versions are fixed.
var LooseRequirement = &lint.Rule{
	Name: "loose-requirement", Summary: "a requirements file leaves versions unpinned", Category: lint.Cache,
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

// generate is how a requirements file with hashes is made.
const generate = "list what you need in `requirements.in` and generate `%s` from it with `pip-compile --generate-hashes`"

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
		what := "does not pin `" + open[0].Written + "`"
		if len(open) > 1 {
			what = fmt.Sprintf("leaves %d of %d packages unpinned, such as `%s`", len(open), len(l.Lines), open[0].Written)
		}
		p.Report(l.Word.Span, "`%s` %s", l.File, what).
			Because("each build installs the newest releases that the file allows, so two builds of the same commit can differ").
			Advise(generate, path.Base(l.File))
	case len(missing) > 0 && lists.All && !l.Nested:
		f := p.Report(l.Word.Span, "`%s` pins `%s` but not its dependency `%s`", l.File, by.Typed, missing[0]).
			Because("each build installs the newest `%s` that `%s` allows, so two builds of the same commit can differ", missing[0], by.Typed).
			Advise(generate, path.Base(l.File))
		if len(missing) > 1 {
			f.Because("each build installs the newest allowed releases of at least %d packages that the file does not list, "+
				"so two builds of the same commit can differ", len(missing))
		}
	case l.Included:
	default:
		p.Report(l.Word.Span, "`%s` has no hashes", l.File).
			Because("without hashes pip accepts any file that the index serves for a version").
			Advise("generate `%s` with `pip-compile --generate-hashes`", path.Base(l.File)).
			Doubting("every listed package is pinned, so a rebuild installs the same versions if the list is complete")
	}
}
