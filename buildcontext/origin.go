package buildcontext

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// maxOrigins bounds the steps of Context.Trail: stages can copy from each other on very many ways.
const maxOrigins = 150

// Trail is how a file of the build context came into a stage.
type Trail struct {
	File string
	// Steps are what may have changed it on its way, the last one first: each COPY or ADD that took it, and all that follows one in
	// its stage and those built from it.
	Steps []*plan.Step
	// Copies are those of Steps that took it.
	Copies []Copy
}

// Copy is a COPY or ADD that brings a file to Name, a path as Trail takes it.
type Copy struct {
	*plan.Step
	Name string
}

// Trail finds the file of the build context that stage has under name, an absolute path or one relative to an unknown working
// directory, in the end: it came there by a COPY or ADD of this stage, of those that it is built from, or of those that these copy
// from. ok is false for a file that a RUN or a base image makes.
func (c *Context) Trail(stage *plan.Stage, name string) (t Trail, ok bool) {
	f := finder{ctx: c, left: maxOrigins}
	t.File, ok = f.find(stage, name)
	if ok {
		t.Steps, t.Copies = f.steps, f.copies
	}
	return t, ok
}

// finder follows COPY backwards, in left steps at most.
type finder struct {
	ctx    *Context
	left   int
	steps  []*plan.Step
	copies []Copy
}

func (f *finder) find(stage *plan.Stage, name string) (file string, ok bool) {
	steps, copies := len(f.steps), len(f.copies)
search:
	for _, s := range stage.Lineage() {
		for i := len(s.Steps) - 1; i >= 0; i-- {
			step := s.Steps[i]
			if f.left < 0 {
				break search
			}
			f.steps = append(f.steps, step)
			if step.Copy == nil || !step.Copy.To.Known {
				continue
			}
			f.copies = append(f.copies, Copy{step, name})
			for _, src := range step.Copy.Sources {
				if file, ok = f.taken(step, src, name); ok || src.Heredoc && name == step.Destination() {
					break search
				}
			}
			f.copies = f.copies[:len(f.copies)-1]
		}
	}
	if !ok {
		f.steps, f.copies = f.steps[:steps], f.copies[:copies]
	}
	return file, ok
}

// taken is the file of the build context that one source of a COPY brings to name.
func (f *finder) taken(step *plan.Step, src plan.Source, name string) (string, bool) {
	t := step.Copy
	if src.Heredoc || src.Remote || !src.Path.Known || t.From != nil && t.From.Stage == nil {
		return "", false
	}
	if f.left--; f.left < 0 {
		return "", false
	}
	to := step.Destination()
	from := path.Clean(strings.TrimPrefix(src.Path.Text, "/"))
	sources := []string{from}
	look := func(name string) (string, bool) { return name, f.ctx.Has(name) }
	if t.From != nil {
		sources[0] = "/" + from
		look = func(name string) (string, bool) { return f.find(t.From.Stage, name) }
	} else if strings.ContainsAny(from, "*?[") {
		sources = f.ctx.Glob(from)
	}
	for _, from := range sources {
		if rel, ok := below(to, name); ok {
			if file, ok := look(path.Join(from, rel)); ok {
				return file, true
			}
		}
		if (name == to || name == path.Join(to, path.Base(from))) && from != "." {
			if file, ok := look(from); ok {
				return file, true
			}
		}
	}
	return "", false
}

// below is the rest of name behind dir; "" and "." stand for an unknown working directory.
func below(dir, name string) (string, bool) {
	switch dir {
	case "", ".":
		return name, !path.IsAbs(name)
	case "/":
		return strings.TrimPrefix(name, "/"), path.IsAbs(name)
	}
	return strings.CutPrefix(name, dir+"/")
}
