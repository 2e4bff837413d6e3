package metadata

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// DescriptionOptions are the options of DescriptionWithoutName.
type DescriptionOptions struct {
	Always bool `yaml:"always" doc:"Whether each Dockerfile is held to it, not only those that ask for BuildKit's experimental check. Default: false."`
}

// DescriptionWithoutName reports a comment right above a named stage or an ARG that does not begin with its name: `docker build
// --call=outline` and `--call=targets` print it as the description otherwise. BuildKit's check is experimental, and only files
// that ask for it are looked at.
var DescriptionWithoutName = &lint.Rule{
	Name: "description-without-name", Summary: "the comment above a stage or ARG does not begin with its name", Category: lint.Metadata,
	Aliases:  []string{"InvalidDefinitionDescription"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix, Options: &DescriptionOptions{},
	Check: lint.OnFile(func(p *lint.Pass) {
		options, ok := p.Options.(*DescriptionOptions)
		asked := experimental(p.File)
		if !ok || !asked && !options.Always {
			return
		}
		check := func(in *parser.Instruction, kind string, names ...string) {
			c := description(p.File, in)
			if c == nil {
				return
			}
			first, _, _ := strings.Cut(c.Text, " ")
			if slices.Contains(names, first) {
				return
			}
			f := p.Report(c.Span, "comment above %s `%s` does not begin with its name", kind, names[0]).
				Because("BuildKit takes it for the description, and prints none under `--call=outline`").
				Advise("write `# %s …`, or separate comment and instruction by a line with only `#`", names[0])
			if asked {
				f.Alias("InvalidDefinitionDescription")
			}
			if p.File.Lines.Line(in.Span.Start) > p.File.Lines.Line(c.Span.End)+1 {
				f.Doubting("a blank line stands between them, which BuildKit documents as the end of a description but does not heed")
			}
		}
		for _, in := range p.File.Instructions {
			if in.Name != "ARG" || in.Cmd == nil {
				continue
			}
			var names []string
			for _, pair := range in.Pairs {
				names = append(names, pair.Key.Value)
			}
			check(in, "ARG", names...)
		}
		for _, s := range p.Plan.Stages {
			if s.Name != "" {
				check(s.From, "stage", s.Name)
			}
		}
	}),
}

// experimental reports whether the file asks for BuildKit's check by `# check=experimental=…`.
func experimental(f *parser.File) bool {
	d := f.Directive("check")
	if d == nil {
		return false
	}
	return slices.ContainsFunc(pragma.ParseCheck(d.Value.String).Experimental, func(n pragma.Name) bool {
		return n.Text == "all" || n.Text == "InvalidDefinitionDescription"
	})
}

// description is the last comment that BuildKit takes for one on in: a line of only `#` ends what stands above it. Comments
// that tell a linter something are none.
func description(f *parser.File, in *parser.Instruction) *parser.Comment {
	if len(in.Lead) == 0 {
		return nil
	}
	c := &in.Lead[len(in.Lead)-1]
	if c.Text == "" {
		return nil
	}
	for _, d := range f.Directives {
		if d.Span.Start == c.Span.Start {
			return nil
		}
	}
	if pragma.Addressed(c.Text) {
		return nil
	}
	return c
}
