package workspace

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/scannable"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Sight is a build context with the Dockerfile that it is seen for.
type Sight struct {
	Dir     string // slash-separated
	Path    string // of the Dockerfile as Target has it; "" where the directory has none
	Context *buildcontext.Context
	Plan    *plan.Plan // of the Dockerfile, empty where there is none
	// Source is what says that the Dockerfile is built with it, as in compose.yaml:4; "" if nothing does. Others are the other
	// directories that the Dockerfile is built with.
	Source string
	Others []string
}

// See opens the build context that name means: a directory, with the Dockerfile or Containerfile in it if there is one,
// or that of the first build of a Dockerfile whose context is known, or else its directory. Options.Context is another
// directory for the Dockerfile.
func (w *Workspace) See(name string) (*Sight, error) {
	r := reader{w, nil}
	w.config.Files.Trust(w.abs(name))
	info, err := r.Stat(name)
	if err != nil {
		return nil, CannotRead(name, err)
	}
	b := &Build{Dir: filepath.Dir(name), dockerfile: name}
	if info.IsDir() {
		b.Dir, b.dockerfile = name, ""
		for _, base := range []string{"Dockerfile", "Containerfile", "dockerfile"} {
			if full := filepath.Join(name, base); b.dockerfile == "" && r.exists(full) {
				b.dockerfile = full
			}
		}
	}
	f := w.finder()
	s := &Sight{}
	options := w.options.plan()
	switch {
	case w.options.Context != "":
		b.Dir = w.options.Context
	case !info.IsDir():
		t := Target{Path: f.display(name), Name: name}
		if _, err := w.Settings(t); err != nil { // the configuration may say how it is built
			return nil, err
		}
		d, err := w.Load(t)
		if err != nil {
			return nil, err
		}
		for _, o := range d.Builds {
			switch {
			case o.Dir == "":
			case s.Source == "" && o.Place() != "" && !o.Assumed:
				b.Dir, b.Builder, b.BuilderHint, options, s.Source = o.Dir, o.Builder, o.BuilderHint, o.Options, o.Place()
			case s.Source != "" && o.Dir != b.Dir && !slices.Contains(s.Others, f.display(o.Dir)):
				s.Others = append(s.Others, f.display(o.Dir))
			}
		}
	}
	s.Dir = f.display(b.Dir)
	var src []byte
	if b.dockerfile != "" {
		s.Path = f.display(b.dockerfile)
		if src, err = r.source(b.dockerfile); err != nil {
			return nil, CannotRead(b.dockerfile, err)
		}
	}
	s.Plan = plan.New(parser.Parse(s.Path, src), options)
	if s.Path != "" {
		if err := missingTarget(s.Plan, w.options.Target); err != nil {
			return nil, err
		}
	}
	if err := r.open(b, nil); err != nil {
		return nil, err
	}
	if broken := b.Context.Broken(); len(broken) > 0 {
		return nil, fmt.Errorf("%s:%d: `%s` is not a valid pattern", path.Join(s.Dir, b.Context.Ignore), broken[0].Line, broken[0].Text)
	}
	s.Context = b.Context
	return s, nil
}

// Copies are the COPY and ADD instructions that copy something from the context, in the stages that the target needs.
func (s *Sight) Copies() []Copied {
	var out []Copied
	for _, stage := range s.Plan.Stages {
		for _, step := range stage.Steps {
			if !stage.Reached || !step.Copy.Context() {
				continue
			}
			in := step.Instruction
			c := Copied{Line: s.Plan.File.Lines.Line(in.Span.Start)}
			c.Text = strings.Join(strings.Fields(in.Text.String), " ")
			for _, src := range step.Copy.Sources {
				if src.Heredoc || src.Remote {
					continue
				}
				t, ok := s.Context.Transfer(step, src)
				c.Sources = append(c.Sources, Source{Name: src.Word.String, Known: ok, Taken: t})
			}
			out = append(out, c)
		}
	}
	return out
}

// Copied is a COPY or ADD with what it copies.
type Copied struct {
	Line    int // in the Dockerfile, from 1
	Text    string
	Sources []Source
}

// Source is one source of a COPY or ADD. Known is false where a variable hides it.
type Source struct {
	Name  string
	Known bool
	buildcontext.Taken
}

// IgnoreLine is a line for an ignore file, with what it would keep out that the lines above it leave in.
type IgnoreLine struct {
	Pattern string
	Weight  buildcontext.Weight
}

// IgnoreLines are the lines that would make the ignore file better, for a context that is root. known is false where a
// variable hides what is copied, so no line is safe to propose.
func (s *Sight) IgnoreLines(root *buildcontext.Part) (lines []IgnoreLine, known bool) {
	patterns, known := app.Dockerignore(s.Context, s.Plan, shell.Read)
	return weigh(root, patterns), known
}

// weigh says what each line keeps out.
func weigh(root *buildcontext.Part, lines []string) []IgnoreLine {
	out := make([]IgnoreLine, len(lines))
	matchers := make([]*patternmatcher.PatternMatcher, len(lines))
	for i, line := range lines {
		out[i].Pattern = line
		matchers[i], _ = scannable.Matcher(line) // what is proposed is well-formed
	}
	// above is what the matchers say of the directory around p, so that they need not look at all directories above.
	var walk func(p *buildcontext.Part, above []patternmatcher.MatchInfo)
	walk = func(p *buildcontext.Part, above []patternmatcher.MatchInfo) {
		here := make([]patternmatcher.MatchInfo, len(matchers))
		for i, m := range matchers {
			if m == nil || p.Name == "." {
				continue
			}
			ok, info, err := m.MatchesUsingParentResults(p.Name, above[i])
			if err == nil && ok {
				out[i].Weight.Files += p.Sent.Files
				out[i].Weight.Bytes += p.Sent.Bytes
				return
			}
			here[i] = info
		}
		for _, b := range p.Below {
			if b.Sent.Files > 0 {
				walk(b, here)
			}
		}
	}
	walk(root, make([]patternmatcher.MatchInfo, len(matchers)))
	return out
}
