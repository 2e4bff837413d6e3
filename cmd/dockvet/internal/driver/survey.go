package driver

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Sight is a build context with the Dockerfile that it is seen for.
type Sight struct {
	Dir     string // slash-separated
	Context *buildcontext.Context
	File    *parser.File // nil where the folder has no Dockerfile
	Path    string       // of File, as Target has it
}

// See opens the build context that path means: a folder, with the Dockerfile or Containerfile in it if there is one, or the folder of
// a Dockerfile. o.Context is another folder for the Dockerfile.
func See(path string, o Options) (*Sight, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, CannotRead(path, err)
	}
	dir, name := filepath.Dir(path), path
	if info.IsDir() {
		dir, name = path, ""
		for _, base := range []string{"Dockerfile", "Containerfile", "dockerfile"} {
			if full := filepath.Join(path, base); name == "" && exists(full) {
				name = full
			}
		}
	}
	if o.Context != "" {
		dir = o.Context
	}
	s := &Sight{Dir: filepath.ToSlash(filepath.Clean(dir))}
	if cwd, err := os.Getwd(); err == nil {
		f := finder{dirs: []string{cwd}}
		s.Dir = f.display(dir)
	}
	if name != "" {
		src, err := readFile(name, parser.MaxFile+1)
		if err != nil {
			return nil, CannotRead(name, err)
		}
		s.Path = filepath.ToSlash(name)
		if targets, _ := Find([]string{name}); len(targets) == 1 {
			s.Path = targets[0].Path
		}
		s.File = parser.Parse(s.Path, src)
		if err := missingTarget(plan.New(s.File, o.Plan), o.Plan.Target); err != nil {
			return nil, err
		}
	}
	s.Context, err = openContext(dir, name, nil)
	return s, err
}

// Copies are the COPY and ADD instructions of the stages that the target needs which take something from the context.
func (s *Sight) Copies(p *plan.Plan) []Copied {
	var out []Copied
	for _, stage := range p.Stages {
		for _, step := range stage.Steps {
			if !stage.Reached || !step.Copy.Context() {
				continue
			}
			c := Copied{Line: s.File.Lines.Line(step.Instruction.Span.Start), Text: strings.Join(strings.Fields(step.Instruction.Text.String), " ")}
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

// Copied is a COPY or ADD with what it takes.
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
