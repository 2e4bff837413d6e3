package base

import (
	"fmt"
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
)

// MismatchedRuntime reports an image with a version of its language that the application in it excludes. It only looks
// at files that the build copies to where the application is installed, and says nothing of a stage that installs
// another version of the language.
var MismatchedRuntime = &lint.Rule{
	Name: "mismatched-runtime", Summary: "the application does not support the image's version of its language",
	Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnContext(func(p *lint.Pass) {
		for _, w := range lifecycle.Workplaces(p) {
			if w.Replaced {
				continue
			}
			var f *lint.Finding
			for _, r := range w.Wants {
				if !r.Excludes(w.Version) {
					continue
				}
				if f != nil {
					f.RelateFile(r.File, r.Line, "`%s` here", r.Text)
					continue
				}
				f = p.Report(w.Image.Origin, "%s %s does not satisfy %s", w.Runtime, w.Version, asked(r))
				consequence(p, f, w, r)
				if u := w.Fitting(p, r); u.Ref != "" {
					u.Advise(f, "")
				} else {
					f.Advise("use %s", wanted(w, r))
				}
				for _, at := range w.Again {
					f.Relate(at, "also used here")
				}
				f.RelateFile(r.File, r.Line, "required here")
			}
		}
	}),
}

// asked names what r asks for. Only some files have the name and the version side by side.
func asked(r app.Requirement) string {
	switch {
	case r.Key == "version":
		return fmt.Sprintf("`%s` in `%s`", r.Text, r.File)
	case r.Runtime == app.Go || path.Base(r.File) == ".tool-versions":
		return fmt.Sprintf("`%s %s` in `%s`", r.Key, r.Text, r.File)
	}
	return fmt.Sprintf("`%s` in `%s` (`%s`)", r.Key, r.File, r.Text)
}

// wanted names an image that satisfies r.
func wanted(w *lifecycle.Workplace, r app.Requirement) string {
	version := r.Wanted()
	if version == "" || strings.Trim(version, "0123456789.") != "" {
		return fmt.Sprintf("a %s image that satisfies `%s`", w.Runtime, r.Text)
	}
	later := ""
	if w.Runtime == app.Rust && !w.Pinned || w.Runtime == app.Java || w.Runtime == app.Go || w.Kind == image.DotnetSDK {
		later = " or later"
	}
	return fmt.Sprintf("an image with %s %s%s", w.Runtime, version, later)
}

// consequence says what follows from the mismatch.
func consequence(p *lint.Pass, f *lint.Finding, w *lifecycle.Workplace, r app.Requirement) {
	fails := func(format string, args ...any) {
		f.Severity = lint.Error
		f.Because(format, args...)
	}
	manager := w.Manager(func(m *ecosystem.Manager) bool { return m.Runtime != nil && m.Runtime.Why != "" })
	pinned := w.Manager(func(m *ecosystem.Manager) bool { return m.Runtime != nil && m.Runtime.Pinned })
	if pinned != nil {
		manager = pinned
	}
	f.Because("the application is not meant to run on %s %s", w.Runtime, w.Version)
	switch {
	case r.Pin && pinned == nil && r.Outgrows(w.Version) && w.Image.Ref.Tag != "":
		f.Because("version managers use the version in `%s`, so the application is developed on a later release than the image runs it on", r.File)
	case r.Pin && pinned == nil:
		f.Doubting("nothing in the image reads `%s`", r.File)
	case w.Runtime == app.Rust && w.Pinned:
		f.Because("rustup downloads the required toolchain, and the one in the image is not used")
	case manager != nil:
		if manager.Runtime.Fails {
			f.Severity = lint.Error
		}
		f.Because("%s", strings.NewReplacer("{version}", w.Version, "{wanted}", r.Wanted()).Replace(manager.Runtime.Why))
	case w.Runtime == app.Node:
		f.Because("code that needs another version may fail at run time")
	case w.Runtime == app.Go && w.Manager(func(*ecosystem.Manager) bool { return true }) != nil:
		if strings.HasPrefix(w.Version, "1.1") || strings.HasPrefix(w.Version, "1.20") {
			f.Because("Go %s builds the module anyway, and only mentions the required version if the code does not compile",
				w.Version)
			break
		}
		fails("the official Go images set `GOTOOLCHAIN=local`, so Go %s refuses to build the module", w.Version)
		if refuses(p, w, r) {
			f.Breaking(lint.BreaksBuild)
		}
	case w.Runtime == app.Java:
		fails("Java %s cannot load classes that were compiled for Java %s", w.Version, r.Wanted())
	case w.Kind == image.DotnetSDK:
		fails("the .NET %s SDK cannot build for .NET %s", w.Version, r.Wanted())
	case w.Kind == image.DotnetRuntime:
		fails(".NET %s does not run programs that were built for .NET %s, so the container does not start", w.Version, r.Wanted())
	}
}

// refuses reports whether a command that certainly runs, and fails its step if it fails, reads the `go.mod` of r in w.
func refuses(p *lint.Pass, w *lifecycle.Workplace, r app.Requirement) bool {
	for _, s := range p.Plan.Stages {
		if i := s.Image(); !s.Reached || i == nil || i.Ref.Name() != w.Image.Ref.Name() || i.Ref.Tag != w.Image.Ref.Tag {
			continue
		}
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				if m := ecosystem.Of(call.Manager); !call.Manifest || m == nil || m.Language != ecosystem.LanguageGo || !call.Dir().Known || !provision.Fatal(call.Command) {
					continue
				}
				if file, ok := p.Origin(s, path.Join(call.Dir().Text, "go.mod")); ok && file == r.File {
					return true
				}
			}
		}
	}
	return false
}
