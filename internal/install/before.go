package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// WholeCopy is a COPY or ADD of the whole build context above the step that installs the application's dependencies.
type WholeCopy struct {
	Step *plan.Step
	Call *shell.Call
}

// WholeCopy is the first one in s whose installation runs again for each change in the build context; nil without one. The
// dependencies must not have been installed before, in s or in a stage that it takes them from, nor be kept in a cache mount or
// vendored.
func (f *Facts) WholeCopy(s *plan.Stage) *WholeCopy {
	return once(f, wholeCopyOf{s}, func() *WholeCopy { return f.wholeCopy(s) })
}

func (f *Facts) wholeCopy(s *plan.Stage) *WholeCopy {
	var whole *plan.Step
	d := done{f, map[string]bool{}, map[*plan.Stage]bool{s: true}}
	if s.Base != nil {
		d.image(s.Base)
	}
	for _, step := range s.Steps {
		d.taken(step)
		if whole == nil && step.Copy.Whole() {
			whole = step
			continue
		}
		sc := f.p.Script(step)
		if sc == nil {
			continue
		}
		for _, call := range sc.Calls() {
			switch {
			case whole == nil:
				d.call(call)
			case call.Action == shell.Install && call.Manifest && !d.seen[Family(call.Manager)] && !cached(step) && !f.vendored(call):
				return &WholeCopy{whole, call}
			}
		}
	}
	return nil
}

// done gathers the families whose dependencies are installed.
type done struct {
	f       *Facts
	seen    map[string]bool      // by family
	visited map[*plan.Stage]bool // a stage may name itself
}

func (d done) call(call *shell.Call) {
	if call.Manager == "cargo" && call.Verb.Text == "chef" || call.Action == shell.Install && call.Manifest {
		d.seen[Family(call.Manager)] = true // `cargo chef` builds the dependencies alone
	}
}

// taken adds what step brings from other stages: a COPY of more than what was built there, or a mount.
func (d done) taken(step *plan.Step) {
	if step.Copy != nil && step.Copy.From != nil && !slices.ContainsFunc(step.Copy.Sources, built) {
		d.image(step.Copy.From)
	}
	for _, m := range step.Mounts {
		if m.From != nil {
			d.image(m.From)
		}
	}
}

// image adds what the stage that i names installs.
func (d done) image(i *plan.Image) {
	s := i.Stage
	if s == nil || d.visited[s] {
		return
	}
	d.visited[s] = true
	if s.Base != nil {
		d.image(s.Base)
	}
	for _, step := range s.Steps {
		d.taken(step)
		if sc := d.f.p.Script(step); sc != nil {
			for _, call := range sc.Calls() {
				d.call(call)
			}
		}
	}
}

// built reports whether src is by its name what a build makes from sources, and holds no dependencies.
func built(src plan.Source) bool {
	switch path.Base(src.Path.Text) {
	case "dist", "build", "public", "static", "out", "assets":
		return true
	}
	return false
}

// Command is call in short: the manager with its verb.
func Command(call *shell.Call) string {
	if call.Verb.Text == "" {
		return call.Manager
	}
	return call.Manager + " " + call.Verb.Text
}

// Family joins the calls that install the same dependencies.
func Family(manager string) string {
	switch manager {
	case "go mod":
		return "go"
	case "uv pip", "pip":
		return "pip"
	case "npm", "yarn", "pnpm", "bun":
		return "node"
	case "swift package":
		return "swift"
	}
	return manager
}

func cached(step *plan.Step) bool {
	return slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool { return m.Type == "cache" })
}

func (f *Facts) vendored(call *shell.Call) bool {
	if Family(call.Manager) != "go" {
		return false
	}
	mod, ok := call.Command.FlagValue("-mod")
	if ok && mod.Text == "vendor" || slices.ContainsFunc(call.Command.Words, func(w shell.Word) bool { return w.Text == "-mod=vendor" }) {
		return true
	}
	if flags := call.Command.Script.Step.Env.Lookup("GOFLAGS"); flags != nil && strings.Contains(flags.Value().Text, "-mod=vendor") {
		return true
	}
	at := call.Dir()
	if f.p.Context() == nil || !at.Known {
		return false
	}
	if f.p.Context().Has("vendor/modules.txt") {
		return true
	}
	_, ok = f.File(call.Command.Script.Step, path.Join(at.Text, "vendor/modules.txt"))
	return ok
}

// Itself reports whether call installs the application itself, for which it needs the sources.
func Itself(call *shell.Call) bool {
	return Family(call.Manager) == "pip" && len(call.Files) == 0
}
