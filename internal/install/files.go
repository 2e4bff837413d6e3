package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// found is a file of the build context, if ok.
type found struct {
	file string
	ok   bool
}

// File is the file of the build context that is at name in the image when step runs, or that step mounts there. name is
// a path as buildcontext.Context.Trail takes it.
func (f *Facts) File(step *plan.Step, name string) (file string, ok bool) {
	got := once(f, fileOf{place{step, name}}, func() found {
		file, ok := f.file(step, name)
		return found{file, ok}
	})
	return got.file, got.ok
}

func (f *Facts) file(step *plan.Step, name string) (string, bool) {
	if f.p.Context() == nil {
		return "", false
	}
	for _, m := range step.Mounts {
		if m.Type != "bind" || m.From != nil || !m.Target.Known {
			continue
		}
		if rest, ok := relative(m.Target.Text, name); ok {
			file := path.Join(strings.TrimPrefix(path.Clean("/"+m.Source), "/"), rest)
			if f.p.Context().Has(file) {
				return file, true
			}
		}
	}
	before := *step.Stage
	before.Steps = before.Steps[:step.Index]
	t, ok := f.p.Context().Trail(&before, name)
	return t.File, ok
}

// Copier is the step above step, in the same stage, that copies the file of the build context at name in the image,
// directly or from another stage; nil if none does.
func (f *Facts) Copier(step *plan.Step, name string) *plan.Step {
	return once(f, copierOf{place{step, name}}, func() *plan.Step {
		for _, other := range slices.Backward(step.Stage.Steps[:step.Index]) {
			if other.Copy == nil {
				continue
			}
			if _, ok := f.p.Context().Trail(&plan.Stage{Steps: []*plan.Step{other}}, name); ok {
				return other
			}
		}
		return nil
	})
}

// relative is name below dir, "." for dir itself.
func relative(dir, name string) (string, bool) {
	dir, name = path.Clean(dir), path.Clean(name)
	switch dir {
	case name:
		return ".", true
	case ".":
		return name, !path.IsAbs(name) && !strings.HasPrefix(name, "..")
	case "/":
		return name[1:], path.IsAbs(name)
	}
	rest, ok := strings.CutPrefix(name, dir+"/")
	return rest, ok
}
