package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// RemovedInLaterLayer reports a RUN that deletes what an earlier step of a stage that ships has added: a download, a
// part of the build context that COPY includes, or packages. What copied-archive reports is left out.
var RemovedInLaterLayer = &lint.Rule{
	Name: "removed-in-later-layer", Category: lint.Files,
	Summary:  "a step deletes files that an earlier layer still contains",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, sc *shell.Script) {
		if sc != sc.Root() || sc.Err != nil || sc.Step.Stage.Windows() || sc.Step.OnBuild {
			return
		}
		for _, c := range sc.Commands {
			if c.Name == "rm" && removed(p, c) {
				return // one finding says it for the step
			}
		}
		for _, call := range sc.Calls() {
			if call.Action == shell.Remove && uninstalled(p, call) {
				return
			}
		}
	}),
}

// removed reports c, an rm, if it deletes what an earlier step of its stage has added.
func removed(p *lint.Pass, c *shell.Command) bool {
	step := c.Script.Step
	for _, w := range c.Operands() {
		at := c.Path(w)
		if !at.Known || !path.IsAbs(at.Text) || strings.ContainsAny(at.Text, "*?[$") {
			continue
		}
		for before := range step.Before() {
			if before.Stage != step.Stage || before.Copy != nil && before.Destination() == at.Text {
				break // it is another file by now
			}
			span, how := adds(p, before, at.Text)
			if how == "" {
				continue
			}
			p.Report(w.Span, "`%s` stays in the layer of an earlier step", w.Text).
				Relate(span, "added here").
				Because("a later step cannot make an earlier layer smaller, so the image still contains `%s`", w.Text).
				Advise("%s", how)
			return true
		}
	}
	return false
}

// adds says where step adds file, an absolute path, and how to leave it out; "" if it does not, or if too little of it
// is known.
func adds(p *lint.Pass, step *plan.Step, file string) (parser.Span, string) {
	if step.Copy != nil {
		return included(p, step, file)
	}
	sc := p.Script(step)
	if sc == nil || step.Discards(file) {
		return parser.Span{}, ""
	}
	for _, c := range sc.Commands {
		if c.Name == "rm" || c.Name == "mv" {
			if slices.ContainsFunc(c.Operands(), func(w shell.Word) bool { return c.Path(w).Text == file }) {
				return parser.Span{}, ""
			}
		}
		if target(c) == file {
			return c.Span, "download, use and delete the file in a single `RUN`"
		}
	}
	return parser.Span{}, ""
}

// target is the absolute path of what c downloads, "" if that is not known.
func target(c *shell.Command) string {
	name := ""
	if d := download.Of(c); d != nil {
		switch {
		case d.Output == "-":
			return ""
		case d.Output != "":
			name = d.Output
		case len(d.URLs) != 1 || c.Has("-P", "--directory-prefix", "--output-dir", "-i"):
			return ""
		case c.Name == "wget" || c.Has("-O", "--remote-name"):
			name = path.Base(d.URLs[0])
			name, _, _ = strings.Cut(name, "?")
		}
	}
	if name == "" || strings.ContainsAny(name, "$*") {
		return ""
	}
	at := c.Path(shell.Word{Text: name, Literal: true})
	if !at.Known || !path.IsAbs(at.Text) {
		return ""
	}
	return at.Text
}

// included is adds for a COPY or ADD of the build context. A single small file is not worth a remark, so the context must
// show that it is a directory, or large.
func included(p *lint.Pass, step *plan.Step, file string) (parser.Span, string) {
	const large = 1 << 20
	if !step.Copy.Context() || p.Context() == nil || !step.Copy.To.Known {
		return parser.Span{}, ""
	}
	for _, src := range step.Copy.Sources {
		if tarball(path.Base(src.Path.Text)) || src.Heredoc || src.Remote || !src.Path.Known {
			continue
		}
		rel, ok := strings.CutPrefix(file, strings.TrimSuffix(step.Destination(), "/")+"/")
		if !ok {
			continue
		}
		name := path.Join(path.Clean("/"+src.Path.Text), rel)[1:]
		if len(p.Context().Dir(name)) > 0 {
			return src.Word.Full(), "exclude `" + name + "` in `.dockerignore`, or copy only what the image needs"
		}
		if f, ok := p.Context().Lookup(name); ok && f.Size() > large {
			return src.Word.Full(), "exclude `" + name + "` in `.dockerignore`, or use it with `RUN --mount=type=bind`"
		}
	}
	return parser.Span{}, ""
}

// uninstalled reports call if it removes packages that an earlier step of its stage has installed.
func uninstalled(p *lint.Pass, call *shell.Call) bool {
	if m := ecosystem.Of(call.Manager); m == nil || !m.System {
		return false
	}
	step := call.Command.Script.Step
	for before := range step.Before() {
		sc := p.Script(before)
		if before.Stage != step.Stage {
			return false
		}
		if sc == nil {
			continue
		}
		for _, earlier := range sc.Calls() {
			if earlier.Action != shell.Install || earlier.Manager != call.Manager {
				continue
			}
			names := make(map[string]parser.Span, len(earlier.Packages)+1)
			for _, pkg := range earlier.Packages {
				names[pkg.Name] = pkg.Word.Span
			}
			for _, flag := range [...]string{"--virtual", "-t"} {
				if w, ok := earlier.Command.FlagValue(flag); ok {
					names[w.Text] = w.Span
				}
			}
			for _, w := range call.Command.Operands() {
				if at, ok := names[w.Text]; ok && w != call.Verb {
					p.Report(w.Span, "package `%s` stays in the layer of an earlier step", w.Text).
						Relate(at, "installed here").
						Because("a later step cannot make an earlier layer smaller, so the image still contains the package").
						Advise("install, use and remove the package in a single `RUN`")
					return true
				}
			}
		}
	}
	return false
}
