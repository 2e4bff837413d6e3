package packages

import (
	"bytes"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// ExactApkRevision reports packages that apk adds with `=` and a revision. It is silent if the base image is not known to be Alpine or a
// release of it that no longer changes, if the call names other repositories, and if the file mentions a bot that updates versions.
var ExactApkRevision = &lint.Rule{
	Name: "exact-apk-revision", Summary: "apk adds an exact revision, which the repository will replace", Category: lint.Packages,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCalls(func(p *lint.Pass, c *shell.Call) {
		if c.Verb.Text != "add" || !alpine(c) || retired(p, c) != nil || c.Command.Has("-X", "--repository", "--repositories-file", "--no-network", "-p", "--root") {
			return
		}
		var exact []shell.Package
		first := ""
		for _, pkg := range c.Packages {
			fields, known := c.Command.Expand(pkg.Word)
			if !known {
				fields = []string{pkg.Word.Text}
			}
			for _, field := range fields {
				if revision.Get().MatchString(field) {
					if first == "" {
						first = field
					}
					exact = append(exact, shell.Package{Name: pkg.Name, Word: shell.Word{Text: field, Span: pkg.Word.Span}})
				}
			}
		}
		if first == "" || bumped(p.File) {
			return
		}
		name, version, _ := strings.Cut(first, "=")
		quote := ""
		if w := exact[0].Word; string(p.File.Bytes[w.Span.Start:w.Span.End]) == first { // `>` would redirect the output
			quote = "'"
		}
		noun := "revision"
		if len(exact) > 1 {
			noun = "revisions"
		}
		f := p.Report(exact[0].Word.Span, "`apk add` requires the exact %s %s", noun, list(exact)).
			Because("the package index only has the newest revision of each package, so the step fails once Alpine publishes another one").
			Advise("write `%s%s>=%s%[1]s` for a minimum, or `%[2]s~=%[4]s`", quote, name, version, series(version))
		p.Repeat(f, first)
	}, ecosystem.In(ecosystem.Apk)),
}

// revision matches a package with an exact version and a revision.
var revision = lazy.Regexp{Expr: `^[A-Za-z0-9][\w.+-]*=[0-9][\w.]*-r[0-9]+$`}

// series is the part of a version that most updates within a release of Alpine keep: 3.5 of 3.5.7-r0.
func series(version string) string {
	version, _, _ = strings.Cut(version, "-r")
	version, _, _ = strings.Cut(version, "_")
	if parts := strings.SplitN(version, ".", 3); len(parts) == 3 {
		return parts[0] + "." + parts[1]
	}
	return version
}

// alpine reports whether the stage of c is built from Alpine.
func alpine(c *shell.Call) bool {
	base := c.Command.Script.Step.Stage.Image()
	return base != nil && base.Ref != nil && image.Of(*base.Ref).Family() == "alpine"
}

// bumped reports whether a comment of the file addresses a bot that updates versions.
func bumped(f *parser.File) bool {
	return bytes.Contains(f.Bytes, []byte("renovate")) || bytes.Contains(f.Bytes, []byte("repology"))
}
