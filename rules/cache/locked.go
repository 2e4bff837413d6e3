package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// setting is what an installation finds in the folder that it runs in.
type setting struct {
	row      *app.Ecosystem
	dir      string // in the build context
	at       string // in the image
	manifest string // in the build context
	lock     string // in the build context, "" without one
	locked   bool   // the lock is in the image, or mounted, when the call runs
	hidden   bool   // the ignore file leaves the lock out
}

// settingOf looks at the folder in which call installs the application's dependencies; nil where it is not known which folder of the
// build context that is, or its manifest did not come from there.
func settingOf(p *lint.Pass, call *shell.Call) *setting {
	at := call.Dir()
	row := app.EcosystemOf(call.Manager)
	step := call.Command.Script.Step
	if p.Context() == nil || row == nil || !at.Known || call.Action != shell.Install || !call.Manifest || step.OnBuild {
		return nil
	}
	s := &setting{row: row, at: at.Text}
	for _, name := range row.Manifests {
		if file, ok := arrived(p, step, path.Join(at.Text, name)); ok && path.Base(file) == name {
			s.manifest, s.dir = file, path.Dir(file)
			break
		}
	}
	if s.manifest == "" {
		return nil
	}
	// A workspace's lock lies at its root.
	for dir, inImage := s.dir, s.at; ; dir, inImage = path.Dir(dir), path.Dir(inImage) {
		for _, name := range row.Locks {
			full := path.Join(dir, name)
			_, there := arrived(p, step, path.Join(inImage, name))
			hidden := p.Context().Hides(full)
			if !there && !hidden && !p.Context().Has(full) {
				continue
			}
			if s.lock == "" || there {
				s.lock, s.locked, s.hidden = full, there, hidden
			}
		}
		if s.lock != "" || dir == "." {
			return s
		}
	}
}

// projectsOf are the projects of .NET that call restores and beside which a lock file lies in the image. The name of a project is its own:
// it is found in the build context first, and then where call looks.
func projectsOf(p *lint.Pass, call *shell.Call) []*setting {
	at := call.Dir()
	step := call.Command.Script.Step
	if p.Context() == nil || !at.Known || call.Action != shell.Install || step.OnBuild {
		return nil
	}
	only := "" // the project that call names
	for _, w := range call.Command.Args() {
		if strings.HasSuffix(w.Text, "proj") && w.Literal {
			only = path.Clean(w.Text)
		}
	}
	row := app.EcosystemOf("dotnet")
	var out []*setting
	for _, m := range app.Of(p).Manifests() {
		if m.Ecosystem != row.Name || !m.Lock || only != "" && path.Base(only) != path.Base(m.Path) {
			continue
		}
		for below := m.Path; ; {
			project := path.Join(at.Text, below)
			if file, ok := arrived(p, step, project); ok && file == m.Path && (only == "" || only == below) {
				lock := path.Join(path.Dir(m.Path), row.Locks[0])
				if _, locked := arrived(p, step, path.Join(path.Dir(project), row.Locks[0])); locked {
					out = append(out, &setting{row: row, dir: path.Dir(m.Path), at: path.Dir(project), manifest: m.Path, lock: lock, locked: true})
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

// arrived is the file of the build context that lies under name in the image when step runs, or that step mounts there.
func arrived(p *lint.Pass, step *plan.Step, name string) (string, bool) {
	for _, m := range step.Mounts {
		if m.Type != "bind" || m.From != nil || !m.Target.Known {
			continue
		}
		if rest, ok := relative(m.Target.Text, name); ok {
			file := path.Join(strings.TrimPrefix(path.Clean("/"+m.Source), "/"), rest)
			if p.Context().Has(file) {
				return file, true
			}
		}
	}
	before := *step.Stage
	before.Steps = before.Steps[:step.Index]
	return p.Origin(&before, name)
}

// bringer is the step of the same stage above step that brings name, nil if none of them does.
func bringer(p *lint.Pass, step *plan.Step, name string) *plan.Step {
	for _, other := range slices.Backward(step.Stage.Steps[:step.Index]) {
		if other.Copy == nil {
			continue
		}
		if _, ok := p.Origin(&plan.Stage{Steps: []*plan.Step{other}}, name); ok {
			return other
		}
	}
	return nil
}
