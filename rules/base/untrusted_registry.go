package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// RegistryOptions are the options of UntrustedRegistry.
type RegistryOptions struct {
	TrustedRegistries []string `yaml:"trusted-registries" doc:"Registries that images may come from; * at the start or end matches anything. Without a list the rule does nothing. Docker Hub is docker.io."`
}

// UntrustedRegistry reports an image from a registry that the configuration does not list. Without a list it does
// nothing.
var UntrustedRegistry = &lint.Rule{
	Name: "untrusted-registry", Summary: "an image is from a registry that the configuration does not list",
	Category: lint.Base,
	Aliases:  []string{"DL3026"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Options: &RegistryOptions{},
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, _ *plan.Stage) {
		options, ok := p.Options.(*RegistryOptions)
		if !ok || len(options.TrustedRegistries) == 0 {
			return
		}
		listed := func(registry string) bool {
			return slices.ContainsFunc(options.TrustedRegistries, func(pattern string) bool { return trusts(pattern, registry) })
		}
		// A tool that only reads the text rejects it.
		written := i.Use != plan.UseSyntax && !listed(parity.WrittenRegistry(i.Word.String))
		if i.External() && !listed(i.Ref.Registry) {
			f := p.Report(i.Origin, "registry `%s` of `%s` is not trusted", i.Ref.Registry, i.Ref.Name()).
				Because("the configuration only trusts %s", strings.Join(options.TrustedRegistries, ", ")).
				Advise("use an image from a trusted registry, or add `%s` to `trusted-registries`", i.Ref.Registry)
			if written && i.Origin == i.Span {
				f.Alias("DL3026")
			}
			return
		}
		if doubt := mistaken(i); written && doubt != "" {
			p.Report(i.Span, "the text `%s` does not contain a trusted registry", i.Word.String).
				Because("the configuration only trusts %s", strings.Join(options.TrustedRegistries, ", ")).
				Alias("DL3026").
				Doubting("%s", doubt)
		}
	}),
}

// mistaken says why i is not an image from an unlisted registry although its text looks like one; "" if nothing does.
func mistaken(i *plan.Image) string {
	switch {
	case i.Stage != nil && i.Use != plan.UseFrom && strings.Trim(i.Word.String, "0123456789") == "":
		return parity.Regardless("the number is a stage index")
	case i.Named:
		return parity.Regardless("the name is that of a build context")
	case i.External() && strings.Contains(i.Word.String, "$"):
		return parity.Regardless("the variable expands to a trusted registry")
	case !i.Value.Known && strings.Contains(i.Word.String, "$"):
		return "the value is only known during the build"
	}
	return ""
}

// trusts reports whether pattern matches registry.
func trusts(pattern, registry string) bool {
	switch pattern {
	case "hub.docker.com", "index.docker.io":
		pattern = "docker.io"
	}
	head, open := strings.CutSuffix(pattern, "*")
	tail, begin := strings.CutPrefix(head, "*")
	switch {
	case open && begin:
		return strings.Contains(registry, tail)
	case open:
		return strings.HasPrefix(registry, head)
	case begin:
		return strings.HasSuffix(registry, tail)
	}
	return registry == pattern
}
