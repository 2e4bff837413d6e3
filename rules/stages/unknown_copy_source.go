package stages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/util/suggest"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UnknownCopySource reports a `COPY --from` that names no stage above: a stage below, a number that no stage has, a variable, or
// a name that is one slip away from a stage's. Any other name may be an image or a named build context: that is doubtful, and
// with a tag or digest no finding at all.
var UnknownCopySource = &lint.Rule{
	Name: "unknown-copy-source", Summary: "`COPY --from` names no earlier stage", Category: lint.Stages, Aliases: []string{"DL3022"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil {
			return
		}
		from := s.Copy.From
		name := from.Value.Text
		_, err := strconv.Atoi(name)
		switch {
		case strings.ContainsAny(name, "$"):
			p.Report(from.Span, "variable in `--from=%s`", from.Word.String).
				Because("BuildKit does not expand variables here: the build stops").
				Advise("name a stage above: `FROM %s AS …`, with its ARG above the first FROM", name).
				Alias("DL3022")
		case from.Stage != nil && from.Stage.Index > s.Stage.Index:
			f := p.Report(from.Span, "stage `%s` is below this one", name).
				Relate(from.Stage.From.Head(), "it starts here").
				Because("BuildKit copies from stages above only: the build stops").
				Advise("move the stage up")
			if err != nil {
				f.Alias("DL3022")
			}
		case from.Stage != nil:
		case err == nil:
			p.Report(from.Span, "no stage has the number %s", name).
				Because("stages count from 0, and this file has %d: the build stops", len(p.Plan.Stages)).
				Advise("name the stage instead").
				Alias("DL3022")
		case strings.Contains(name, ":"):
		default:
			unnamed(p, s, from)
		}
	}),
}

// unnamed reports a name that is no stage's and has no tag.
func unnamed(p *lint.Pass, s *plan.Step, from *plan.Image) {
	name := from.Value.Text
	f := p.Report(from.Span, "no stage is named `%s`", name).
		Because("BuildKit takes it for an image").
		Advise("name a stage above, or write the image's tag").
		Alias("DL3022")
	var names []string
	const many = 100 // measuring each of more names takes longer than it is worth
	for _, other := range p.Plan.Stages[:min(s.Stage.Index, many)] {
		if other.Name != "" {
			names = append(names, other.Name)
		}
	}
	near, ok := suggest.Search(strings.ToLower(name), names, true)
	switch {
	case from.Named:
		f.Because("BuildKit takes it for the build context of that name").Doubting("the build has a context of this name")
	case strings.ContainsAny(name, "/.") || from.Scratch || official(name):
		f.Doubting("it may be meant as an image")
	case ok && len(name) > 4 && stem(name) != stem(near):
		i := slices.IndexFunc(p.Plan.Stages, func(x *plan.Stage) bool { return x.Name == near })
		f.Because("BuildKit takes it for an image, which most likely does not exist").
			Advise("the nearest stage is `%s`", near).
			Relate(p.Plan.Stages[i].NameWord.Full(), "a stage of nearly that name")
	default:
		f.Doubting("it may be meant as an image or a named build context")
	}
}

// stem is a name without the number at its end: build1 is no slip for build2.
func stem(name string) string { return strings.TrimRight(strings.ToLower(name), "0123456789") }

// official reports whether an image of that short name is often copied from.
func official(name string) bool {
	switch name {
	case "alpine", "busybox", "caddy", "composer", "debian", "docker", "golang", "gradle", "haproxy", "httpd", "julia", "maven", "mysql", "nginx",
		"node", "openjdk", "perl", "php", "postgres", "python", "redis", "ruby", "rust", "swift", "tomcat", "traefik", "ubuntu", "vault":
		return true
	}
	return false
}
