package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MissingCommand reports a final image that contains an application and has no CMD or ENTRYPOINT, on a base image whose own command is a
// shell or an interpreter. The application is there with its dependencies, as what another stage has compiled, or has an entrypoint script.
// There is a doubt if a compose file says the command, and it says nothing of images that run tests or are made for others to be built on.
var MissingCommand = &lint.Rule{
	Name: "missing-command", Category: lint.Runtime,
	Summary:  "the image contains an application, but the Dockerfile sets no CMD or ENTRYPOINT",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		c := container.Of(p)
		if s != p.Plan.Target || s.From == nil || c.Entrypoint != nil || c.Cmd != nil || p.Plan.ForDevelopment() ||
			s.Windows() || !c.Base.Idle() {
			return
		}
		var at *plan.Step
		why := ""
		if !installed(p, s) {
			if s.Index != len(p.Plan.Stages)-1 || explained(p) || preparatory(s.Name) {
				return
			}
			if at, why = copiedEntry(s), "the Dockerfile does not start this script"; at == nil {
				if at, why = compiledElsewhere(p, c), "the application is copied here"; at == nil {
					return
				}
			}
		}
		f := p.Report(s.From.Head(), "the Dockerfile sets no CMD or ENTRYPOINT").
			Because("`docker run` then starts the base image's shell or interpreter, which exits at once without a terminal").
			Advise("add a CMD that starts the application")
		if at != nil {
			f.Relate(at.Copy.Sources[0].Word.Full(), "%s", why)
		}
		for i := range p.Services() {
			u := &p.Services()[i]
			if words := append(slices.Clone(u.Entrypoint), u.Command...); len(words) > 0 && !rests(words) {
				f.Doubting("the service `%s` sets the command", u.Name).RelateFile(u.File, u.Line, "service `%s`", u.Name)
				return
			}
		}
	}),
}

// explained reports whether a comment says that the instructions are left out.
func explained(p *lint.Pass) bool {
	return slices.ContainsFunc(p.File.Comments, func(c parser.Comment) bool {
		return (pragma.Contains(c.Text, "entrypoint") || pragma.Contains(c.Text, "cmd") || pragma.Contains(c.Text, "command")) &&
			(pragma.Contains(c.Text, "not ") || pragma.Contains(c.Text, "no ") || pragma.Contains(c.Text, "without"))
	})
}

// preparatory reports whether a stage is, by its name, for what runs once before the application, whose command the platform says.
func preparatory(name string) bool {
	for _, part := range [...]string{"init", "migrat", "job", "task", "test", "base", "tool", "builder", "artifact"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// copiedEntry is the step of s, or of a stage that it is built from, that copies an entrypoint script; nil if there is none.
func copiedEntry(s *plan.Stage) *plan.Step {
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if step.OnBuild || step.Trigger != nil {
				return nil
			}
			if step.Copy == nil || step.Copy.Add || len(step.Copy.Sources) != 1 || !step.Copy.To.Known {
				continue
			}
			name := path.Base(step.Copy.Sources[0].Path.Text)
			if base := path.Base(step.Copy.To.Text); strings.Contains(base, ".") || strings.Contains(base, "entrypoint") {
				name = base
			}
			switch stem := strings.TrimSuffix(name, ".sh"); {
			case stem == "entrypoint", strings.HasSuffix(stem, "-entrypoint"), strings.HasSuffix(stem, "_entrypoint"):
				return step
			}
		}
	}
	return nil
}

// compiledElsewhere is the step of the target of c that copies what another stage has compiled, if the target is prepared to run it: a USER, an
// EXPOSE or a HEALTHCHECK says so; else nil.
func compiledElsewhere(p *lint.Pass, c *container.Container) *plan.Step {
	s := c.Target
	if s.End.UserStep == nil && c.Health == nil && len(c.Exposed().Ports) == 0 || strings.HasSuffix(strings.ToLower(p.File.Name), "base") {
		return nil
	}
	for _, step := range s.Steps {
		if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage == nil {
			continue
		}
		for _, from := range step.Copy.From.Stage.Lineage() {
			for _, sc := range p.Scripts(from) {
				if slices.ContainsFunc(sc.Calls(), compiles) {
					return step
				}
			}
		}
	}
	return nil
}

// compiles reports whether call compiles the application.
func compiles(call *shell.Call) bool {
	m := ecosystem.Of(call.Manager)
	if m == nil || m.Build == nil || !m.Build.Compiles {
		return false
	}
	if m.Build.Verbs != "" {
		return ecosystem.Has(m.Build.Verbs, call.Verb.Text)
	}
	return call.Manifest && !ecosystem.Has(m.Build.Fetches, call.Verb.Text)
}

// rests reports whether words only keep a container running.
func rests(words []string) bool {
	text := strings.Join(words, " ")
	for _, idle := range [...]string{"sleep inf", "tail -f /dev/null", "tail -F /dev/null"} {
		if strings.Contains(text, idle) {
			return true
		}
	}
	return len(words) == 1 && container.Waits(words[0])
}

// installed reports whether s copies the whole application and installs its dependencies, and runs no tests.
func installed(p *lint.Pass, s *plan.Stage) bool {
	if v := s.End.Env.Lookup("GOOS"); v != nil || strings.HasSuffix(strings.ToLower(p.File.Name), "base") {
		return false // it only tries to compile, or is made for others to be built on
	}
	copies, installs := false, false
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			copies = copies || step.Copy.Whole()
			if step.OnBuild || step.Trigger != nil {
				return false
			}
		}
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				installs = installs || call.Action == shell.Install && call.Manifest
			}
			for _, c := range sc.Commands {
				if c.Name == "pytest" || c.Name == "tox" || slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
					return w.Text == "test" || strings.HasPrefix(w.Text, "test:") || w.Text == "check" || w.Text == "lint" || w.Text == "-e" || w.Text == "vet"
				}) {
					return false
				}
			}
		}
	}
	return copies && installs
}
