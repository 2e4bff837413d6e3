// Package install knows what an installation of an application's dependencies finds: the manifest and the lock file, in
// the build context and in the image, the steps that copied them, and what is installed from them. Each answer is
// worked out when the first rule asks for it, and at most once per build.
package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Facts answers questions about the installations in one build.
type Facts struct {
	p     *lint.Pass
	known map[any]any // the answers by question, which is a value of one of the types below
	// stages are the families whose dependencies are installed in a stage.
	stages map[*plan.Stage]map[ecosystem.Family]bool
	// asked is called with each question whose answer is worked out. Only tests set it.
	asked func(question any)
}

// The questions, each with everything that its answer depends on.
type (
	fileOf    struct{ file place }
	copierOf  struct{ file place }
	settingOf struct {
		step *plan.Step
		m    *ecosystem.Manager
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
	relocksOf     struct{ manager *ecosystem.Manager }
)

// place is a path in the image when a step runs.
type place struct {
	step *plan.Step
	name string
}

var fact = lint.NewFact(func(p *lint.Pass) *Facts { return &Facts{p: p, known: map[any]any{}} })

// Of is the facts about the build of p. Without a build context most questions have no answer.
//
//go:noinline
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
	Manager  *ecosystem.Manager
	Dir      string // in the build context
	At       string // in the image
	Manifest string // in the build context
	Lock     string // in the build context, "" without one
	Locked   bool   // the lock is in the image, or mounted, when the call runs
	Hidden   bool   // the ignore file excludes the lock
}

// Setting is what call finds. It is nil if call does not install what a manifest of the application lists, if it is
// unknown which directory of the build context call runs in, or if the manifest was not copied from there.
func (f *Facts) Setting(call *shell.Call) *Setting {
	if call.Action != shell.Install || !call.Manifest {
		return nil
	}
	return f.settingAt(call)
}

// settingAt is Setting for a call that may do something else with the manifest than install from it.
func (f *Facts) settingAt(call *shell.Call) *Setting {
	at, step, m := call.Dir(), call.Command.Script.Step, Manager(call)
	if f.p.Context() == nil || m.Project == nil || !at.Known || step.OnBuild {
		return nil
	}
	return once(f, settingOf{step, m, at.Text}, func() *Setting { return f.find(step, m, at.Text) })
}

func (f *Facts) find(step *plan.Step, m *ecosystem.Manager, at string) *Setting {
	s := &Setting{Manager: m, At: at}
	for _, name := range m.Project.Manifests {
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
		for _, name := range m.Locks() {
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

// Projects are the projects that call installs for and whose lock file is beside them in the image. There are none for
// a manager that has one lock file for the whole application. The name of a project file is not fixed, so the file is
// looked up in the build context first and then where call runs.
func (f *Facts) Projects(call *shell.Call) []*Setting {
	return once(f, projectsOf{call}, func() []*Setting { return f.projects(call) })
}

func (f *Facts) projects(call *shell.Call) []*Setting {
	at, step, m := call.Dir(), call.Command.Script.Step, Manager(call)
	if f.p.Context() == nil || !at.Known || call.Action != shell.Install || step.OnBuild ||
		m.Lock == nil || !m.Lock.PerProject {
		return nil
	}
	only := "" // the project that call names
	for _, w := range call.Command.Args() {
		if strings.HasSuffix(w.Text, "proj") && w.Literal {
			only = path.Clean(w.Text)
		}
	}
	lockFile := m.Lock.Files[0]
	var out []*Setting
	for _, manifest := range app.Of(f.p).Manifests() {
		name := manifest.Path
		if manifest.Ecosystem != m.Project.Name || !manifest.Lock || only != "" && path.Base(only) != path.Base(name) {
			continue
		}
		for below := name; ; {
			project := path.Join(at.Text, below)
			if file, ok := f.File(step, project); ok && file == name && (only == "" || only == below) {
				if _, locked := f.File(step, path.Join(path.Dir(project), lockFile)); locked {
					out = append(out, &Setting{
						Manager: m, Dir: path.Dir(name), At: path.Dir(project), Manifest: name,
						Lock: path.Join(path.Dir(name), lockFile), Locked: true,
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

// Manager is the row of call's manager.
func Manager(call *shell.Call) *ecosystem.Manager { return ecosystem.Of(call.Manager) }

// Command is the short form of call, the manager with its verb: `npm ci`.
func Command(call *shell.Call) string {
	words := []string{call.Manager, call.Outer, call.Verb.Text}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// of reports whether verb is in verbs, a list separated by spaces in which `-` means no verb. An empty list has all.
func of(verbs, verb string) bool {
	if verb == "" {
		verb = "-"
	}
	return verbs == "" || ecosystem.Has(verbs, verb)
}

// mentions reports whether text has one of words.
func mentions(text string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// fill replaces {call}, {verb} and {command}, the command as written, in a text of package ecosystem.
func fill(text string, call *shell.Call) string {
	return strings.NewReplacer(
		"{call}", Command(call), "{verb}", call.Verb.Text, "{command}", call.Command.Words[0].Text,
	).Replace(text)
}

// plain converts call for package ecosystem.
func plain(call *shell.Call) ecosystem.Call {
	out := ecosystem.Call{
		Verb: call.Verb.Text, Has: call.Command.Has,
		Value: func(flags ...string) (string, bool) {
			w, ok := call.Command.FlagValue(flags...)
			return w.Text, ok
		},
	}
	for _, w := range call.Command.Args() {
		out.Words = append(out.Words, w.Text)
	}
	for _, p := range call.Packages {
		out.Packages = append(out.Packages, p.Word.Text)
	}
	for _, w := range call.Files {
		out.Files = append(out.Files, w.Text)
	}
	return out
}
