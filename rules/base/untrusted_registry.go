package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// RegistryOptions are the options of UntrustedRegistry.
type RegistryOptions struct {
	TrustedRegistries []string `yaml:"trusted-registries" doc:"The registries that images may come from; * at the start or end of one stands for anything. Without any the rule is silent. Docker Hub is docker.io."`
}

// UntrustedRegistry reports an image from a registry that the configuration does not list. It is silent without a list.
var UntrustedRegistry = &lint.Rule{
	Name: "untrusted-registry", Summary: "an image comes from a registry that is not on the list", Category: lint.Base, Aliases: []string{"DL3026"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix, Options: &RegistryOptions{},
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, _ *plan.Stage) {
		options, ok := p.Options.(*RegistryOptions)
		if !ok || len(options.TrustedRegistries) == 0 {
			return
		}
		listed := func(registry string) bool {
			return slices.ContainsFunc(options.TrustedRegistries, func(pattern string) bool { return trusts(pattern, registry) })
		}
		written := i.Use != plan.UseSyntax && !listed(writtenRegistry(i.Word.String)) // what a reader of the text alone refuses
		if i.External() && !listed(i.Ref.Registry) {
			f := p.Report(i.Origin, "registry `%s` of `%s` is not on the list", i.Ref.Registry, i.Ref.Name()).
				Because("the configuration trusts %s", strings.Join(options.TrustedRegistries, ", ")).
				Advise("take the image from one of them, or add the registry to `trusted-registries`")
			if written && i.Origin == i.Span {
				f.Alias("DL3026")
			}
			return
		}
		if doubt := mistaken(i); written && doubt != "" {
			p.Report(i.Span, "`%s` names no registry on the list", i.Word.String).
				Because("the configuration trusts %s", strings.Join(options.TrustedRegistries, ", ")).
				Alias("DL3026").
				Doubting("%s", doubt)
		}
	}),
}

// mistaken is why i is no image from a registry that is not on the list, where its text alone does not say so.
func mistaken(i *plan.Image) string {
	switch {
	case i.Stage != nil && i.Use != plan.UseFrom && strings.Trim(i.Word.String, "0123456789") == "":
		return "it is the number of a stage"
	case i.Named:
		return "it is a build context"
	case i.External() && strings.Contains(i.Word.String, "$"):
		return "the variable gives it a registry that is"
	case !i.Value.Known && strings.Contains(i.Word.String, "$"):
		return "only the build knows the value"
	}
	return ""
}

// writtenRegistry is the registry of a reference as it is written, with its variables.
func writtenRegistry(text string) string {
	head, _, ok := strings.Cut(text, "/")
	if !ok || head != "localhost" && !strings.ContainsAny(head, ".:$") {
		return "docker.io"
	}
	return head
}

// trusts reports whether pattern means registry.
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
