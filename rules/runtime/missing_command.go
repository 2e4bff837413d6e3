package runtime

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MissingCommand reports a final image that contains an application with its dependencies and has no CMD or ENTRYPOINT, on
// a base image whose own command is a shell or an interpreter. There is a doubt if a compose file says the command, and
// it says nothing of images that run tests or are made for others to be built on.
var MissingCommand = &lint.Rule{
	Name: "missing-command", Category: lint.Runtime,
	Summary:  "the image contains an application, but the Dockerfile sets no CMD or ENTRYPOINT",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		c := container.Of(p)
		if s != p.Plan.Target || s.From == nil || c.Entrypoint != nil || c.Cmd != nil || p.Plan.ForDevelopment() ||
			s.Windows() || !c.Base.Idle() || !installed(p, s) {
			return
		}
		f := p.Report(s.From.Head(), "the Dockerfile sets no CMD or ENTRYPOINT").
			Because("`docker run` then starts the base image's shell or interpreter, which exits at once without a terminal").
			Advise("add a CMD that starts the application")
		for i := range p.Services() {
			u := &p.Services()[i]
			if words := append(slices.Clone(u.Entrypoint), u.Command...); len(words) > 0 && !rests(words) {
				f.Doubting("the service `%s` sets the command", u.Name).RelateFile(u.File, u.Line, "service `%s`", u.Name)
				return
			}
		}
	}),
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
