package cache

import (
	"fmt"
	"path"

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
		c := call.Command
		step := c.Script.Step
		at := call.Dir()
		if p.Context() == nil || !step.Stage.Reached || step.OnBuild || call.Verb.Text != "install" || !at.Known ||
			c.Has("-c", "--constraint", "--no-deps", "--no-index") || step.Env.Lookup("PIP_CONSTRAINT") != nil {
			return
		}
		var lists []list
		names := map[string]bool{}
		for _, w := range call.Files {
			name := w.Text
			if !path.IsAbs(name) {
				name = path.Join(at.Text, name)
			}
			file, ok := arrived(p, step, name)
			if !ok || !w.Literal {
				continue
			}
			src, err := p.Context().Read(file)
			if err != nil {
				continue
			}
			l := list{w, file, readRequirements(decoded(src))}
			if l.constrained {
				return // the versions are there
			}
			lists = append(lists, l)
			for _, r := range l.lines {
				names[r.name] = true
			}
		}
		for _, pkg := range call.Packages {
			names[readRequirement(pkg.Word.Text).name] = true
		}
		for _, l := range lists {
			loose(p, l, names, len(lists) == len(call.Files))
		}
	}, "pip", "uv pip"),
}

// list is a list of requirements that a call reads.
type list struct {
	word shell.Word // that names it
	file string     // in the build context
	requirements
}

// loose reports l. names are the packages of all lists of the call, if all are known.
func loose(p *lint.Pass, l list, names map[string]bool, all bool) {
	var open []requirement
	for _, r := range l.lines {
		if !r.fixed {
			open = append(open, r)
		}
	}
	if len(l.lines) == 0 || l.hashed {
		return
	}
	by, missing := incomplete(l.lines, names)
	switch {
	case len(open) > 0:
		what := "the version of `" + open[0].written + "` open"
		if len(open) > 1 {
			what = fmt.Sprintf("%d of %d versions open, such as that of `%s`", len(open), len(l.lines), open[0].written)
		}
		p.Report(l.word.Span, "`%s` leaves %s", l.file, what).
			Because("each build takes the newest release of the day, so two builds of one commit differ").
			Advise("keep what is wanted in a `requirements.in`, and write `%s` from it: `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`", path.Base(l.file))
	case len(missing) > 0 && all && !l.nested:
		f := p.Report(l.word.Span, "`%s` pins `%s` and leaves `%s`, which it needs, open", l.file, by.typed, missing[0]).
			Advise("keep what is wanted in a `requirements.in`, write `%s` from it with `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`, and install with `--require-hashes`",
				path.Base(l.file))
		pinned := "1 package is pinned"
		if n := len(l.lines); n > 1 {
			pinned = fmt.Sprintf("%d packages are pinned", n)
		}
		if len(missing) == 1 {
			f.Because("%s and none has a hash; `%s` is of the newest release of the day, so two builds of one commit differ", pinned, missing[0])
		} else {
			f.Because("%s and none has a hash; at least %d more are of the newest release of the day, so two builds of one commit differ", pinned, len(missing))
		}
	default:
		p.Report(l.word.Span, "`%s` has no hashes", l.file).
			Because("the versions are fixed, but nothing says what a download has to be, and packages that these need are left open").
			Advise("write it with `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`").
			Doubting("all versions are fixed")
	}
}
