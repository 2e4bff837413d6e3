// Package install answers what an installation of an application's dependencies finds: the manifest and the lock file, in the
// build context and in the image, the steps that copied them, and what it installs from them. Each answer is worked out at most
// once a build, when the first rule asks for it.
package install

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Facts answer questions about the installations of one build.
type Facts struct {
	p     *lint.Pass
	known map[any]any // the answers by question, which is a value of one of the types below
	// asked is told each question whose answer is worked out. Only tests set it.
	asked func(question any)
}

// The questions, each with all that its answer depends on.
type (
	fileOf    struct{ file place }
	copierOf  struct{ file place }
	settingOf struct {
		step *plan.Step
		row  *app.Ecosystem
		at   string
	}
	projectsOf struct{ call *shell.Call }
	inputsOf   struct {
		whole *plan.Step
		call  *shell.Call
	}
	folderOf      struct{ manager, dir, named string }
	wholeCopyOf   struct{ stage *plan.Stage }
	listsOf       struct{ call *shell.Call }
	developmentOf struct{ call *shell.Call }
	laxityOf      struct{ call *shell.Call }
)

// place is a path in the image when a step runs.
type place struct {
	step *plan.Step
	name string
}

var fact = lint.NewFact(func(p *lint.Pass) *Facts { return &Facts{p: p, known: map[any]any{}} })

// Of answers for the build that p looks at. Without a build context most questions have no answer.
func Of(p *lint.Pass) *Facts { return fact.Of(p) }

// once is the answer to question, worked out on first use.
func once[T any](f *Facts, question any, answer func() T) T {
	if known, ok := f.known[question].(T); ok {
		return known
	}
	if f.asked != nil {
		f.asked(question)
	}
	value := answer()
	f.known[question] = value
	return value
}

// Setting is what an installation finds in the directory that it runs in.
type Setting struct {
	Row      *app.Ecosystem
	Dir      string // in the build context
	At       string // in the image
	Manifest string // in the build context
	Lock     string // in the build context, "" without one
	Locked   bool   // the lock is in the image, or mounted, when the call runs
	Hidden   bool   // the ignore file excludes the lock
}

// Call is what call finds if it installs what the application's manifest lists; nil if it does not, if the directory of the build
// context that it runs in is unknown, or if the manifest did not come from there.
func (f *Facts) Call(call *shell.Call) *Setting {
	if call.Action != shell.Install || !call.Manifest {
		return nil
	}
	return f.setting(call)
}

// setting is Call for a call that does anything else with the manifest.
func (f *Facts) setting(call *shell.Call) *Setting {
	at, step := call.Dir(), call.Command.Script.Step
	row := app.EcosystemOf(call.Manager)
	if f.p.Context() == nil || row == nil || !at.Known || step.OnBuild {
		return nil
	}
	return once(f, settingOf{step, row, at.Text}, func() *Setting { return f.find(step, row, at.Text) })
}

func (f *Facts) find(step *plan.Step, row *app.Ecosystem, at string) *Setting {
	s := &Setting{Row: row, At: at}
	for _, name := range row.Manifests {
		if file, ok := f.File(step, path.Join(at, name)); ok && path.Base(file) == name {
			s.Manifest, s.Dir = file, path.Dir(file)
			break
		}
	}
	if s.Manifest == "" {
		return nil
	}
	// The lock of a workspace is at its root.
	for dir, inImage := s.Dir, s.At; ; dir, inImage = path.Dir(dir), path.Dir(inImage) {
		for _, name := range row.Locks {
			full := path.Join(dir, name)
			_, there := f.File(step, path.Join(inImage, name))
			hidden := f.p.Context().Hides(full)
			if !there && !hidden && !f.p.Context().Has(full) {
				continue
			}
			if s.Lock == "" || there {
				s.Lock, s.Locked, s.Hidden = full, there, hidden
			}
		}
		if s.Lock != "" || dir == "." {
			return s
		}
	}
}

// Projects are the .NET projects that call restores and that have their lock file beside them in the image. A project's file has a
// name of its own, so it is found in the build context first, and then where call looks.
func (f *Facts) Projects(call *shell.Call) []*Setting {
	return once(f, projectsOf{call}, func() []*Setting { return f.projects(call) })
}

func (f *Facts) projects(call *shell.Call) []*Setting {
	at := call.Dir()
	step := call.Command.Script.Step
	if f.p.Context() == nil || !at.Known || call.Action != shell.Install || step.OnBuild {
		return nil
	}
	only := "" // the project that call names
	for _, w := range call.Command.Args() {
		if strings.HasSuffix(w.Text, "proj") && w.Literal {
			only = path.Clean(w.Text)
		}
	}
	row := app.EcosystemOf("dotnet")
	var out []*Setting
	for _, m := range app.Of(f.p).Manifests() {
		if m.Ecosystem != row.Name || !m.Lock || only != "" && path.Base(only) != path.Base(m.Path) {
			continue
		}
		for below := m.Path; ; {
			project := path.Join(at.Text, below)
			if file, ok := f.File(step, project); ok && file == m.Path && (only == "" || only == below) {
				lock := path.Join(path.Dir(m.Path), row.Locks[0])
				if _, locked := f.File(step, path.Join(path.Dir(project), row.Locks[0])); locked {
					out = append(out, &Setting{
						Row: row, Dir: path.Dir(m.Path), At: path.Dir(project), Manifest: m.Path, Lock: lock, Locked: true,
					})
				}
				break
			}
			_, rest, ok := strings.Cut(below, "/")
			if !ok {
				break
			}
			below = rest
		}
	}
	return out
}
