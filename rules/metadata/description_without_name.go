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
	Always bool `yaml:"always" doc:"Whether to check every Dockerfile, not only those that enable BuildKit's experimental check. Default: false."`
}

// DescriptionWithoutName reports a comment right above a named stage or an ARG that does not begin with its name.
// With the name, `docker build --call=outline` and `--call=targets` print it as the description. BuildKit's check is
// experimental, so only files that enable it are checked.
var DescriptionWithoutName = &lint.Rule{
	Name:     "description-without-name",
	Summary:  "the comment above a stage or ARG does not begin with its name",
	Category: lint.Metadata,
	Aliases:  []string{"InvalidDefinitionDescription"},
	Severity: lint.Info,
	Profile:  lint.Strict,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Options:  &DescriptionOptions{},
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
			f := p.Report(c.Span, "the comment above %s `%s` does not begin with `%[2]s`", kind, names[0]).
				Because("BuildKit only prints a comment as the description if it begins with the name").
				Advise("begin the comment with `%s`", names[0])
			if asked {
				f.Alias("InvalidDefinitionDescription")
			}
			if p.File.Lines.Line(in.Span.Start) > p.File.Lines.Line(c.Span.End)+1 {
				f.Doubting("a blank line follows the comment, so according to the documentation it is not a description")
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

// experimental reports whether the file enables BuildKit's check with `# check=experimental=…`.
func experimental(f *parser.File) bool {
	d := f.Directive("check")
	if d == nil {
		return false
	}
	return slices.ContainsFunc(pragma.ParseCheck(d.Value.String).Experimental, func(n pragma.Name) bool {
		return n.Text == "all" || n.Text == "InvalidDefinitionDescription"
	})
}

// description is the comment line right above in that BuildKit treats as its description, or nil. A line that is only
// `#` ends a description, and comments that address a linter are not descriptions.
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
