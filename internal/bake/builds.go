package bake

import (
	"strings"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/plan"
)

// Build is t as the build of a Dockerfile. Its paths begin where somebody starts bake, in one of bases. ok is false if t
// has no Dockerfile of its own: it is inline, or in another repository; or if t is only what compose files say.
func (t *Target) Build(bases []string) (b described.Build, ok bool) {
	if t.Inline.Set || t.Place.Source == nil {
		return b, false
	}
	b = described.Build{
		Source: described.Source{Kind: described.Bake, File: t.Place.File, Line: t.Place.Line}, Bases: bases, Builder: described.BuildKit,
		Context: local(t.Context), Dockerfile: t.Dockerfile.Plan(), Target: described.Known(""), Args: map[string]plan.Value{},
	}
	if described.Remote(b.Context.Text) {
		return b, false
	}
	if at, ok := strings.CutPrefix(t.Dockerfile.Text, "cwd://"); ok {
		b.Dockerfile.Text = at
	} else {
		b.Dockerfile = described.In(b.Context, b.Dockerfile)
	}
	if t.Stage.Set {
		b.Target = t.Stage.Plan()
	}
	for name, v := range t.Args {
		b.Args[name] = v.Plan()
	}
	for name, v := range t.Contexts {
		if b.Contexts == nil {
			b.Contexts = map[string]string{}
		}
		b.Contexts[name] = v.Text
	}
	for _, p := range t.Platforms {
		if v := p.Plan(); v.Known {
			b.Platforms = append(b.Platforms, v.Text)
		}
	}
	return b, true
}

// local is a path without what says that it is on the machine that runs bake.
func local(v Value) plan.Value {
	out := v.Plan()
	if at, ok := strings.CutPrefix(out.Text, "cwd://"); ok {
		out.Text = at
	}
	if out.Text == "" {
		out.Text = "."
	}
	return out
}
