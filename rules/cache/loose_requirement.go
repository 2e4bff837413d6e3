package cache

import (
	"fmt"
	"path"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// LooseRequirement reports a `pip install -r` from a list in the build context that leaves versions open, or that has no hashes; the
// second is doubtful, since the versions are fixed.
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
		for _, w := range call.Files {
			if !w.Literal {
				continue
			}
			name := w.Text
			if !path.IsAbs(name) {
				name = path.Join(at.Text, name)
			}
			if file, ok := arrived(p, step, name); ok {
				loose(p, w, file)
			}
		}
	}, "pip", "uv pip"),
}

// loose reports the list called file, which w names.
func loose(p *lint.Pass, w shell.Word, file string) {
	src, err := p.Context().Read(file)
	if err != nil {
		return
	}
	all, open, first := 0, 0, ""
	hashed := false
	joined := strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(string(src))
	for line := range strings.Lines(joined) {
		text, _, _ := strings.Cut(strings.TrimSpace(line), " #")
		hashed = hashed || strings.Contains(text, "--hash")
		switch {
		case text == "" || text[0] == '#' || text[0] == '.' || text[0] == '/':
			continue
		case text[0] == '-':
			if strings.HasPrefix(text, "-c") || strings.HasPrefix(text, "--constraint") {
				return // the versions are there
			}
			continue
		}
		all++
		text, _, _ = strings.Cut(text, ";")
		if strings.Contains(text, "==") && !strings.Contains(text, "*") || strings.Contains(text, " @ ") || strings.Contains(text, "://") {
			continue
		}
		if open++; open == 1 {
			first = strings.TrimSpace(text)
		}
	}
	switch {
	case all == 0 || hashed:
	case open > 0:
		what := "the version of `" + first + "` open"
		if open > 1 {
			what = fmt.Sprintf("%d of %d versions open, such as that of `%s`", open, all, first)
		}
		p.Report(w.Span, "`%s` leaves %s", file, what).
			Because("each build takes the newest release of the day, so two builds of one commit differ").
			Advise("keep what is wanted in a `requirements.in`, and write `%s` from it: `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`", path.Base(file))
	default:
		p.Report(w.Span, "`%s` has no hashes", file).
			Because("the versions are fixed, but nothing says what a download has to be, and packages that these need are left open").
			Advise("write it with `pip-compile --generate-hashes` or `uv pip compile --generate-hashes`").
			Doubting("all versions are fixed")
	}
}
