package security

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// OwnedApplication reports COPY and ADD of the final stage that give the files to the user as which the container runs.
// It says so once for each stage, and is silent about the home directory that another stage made for the user.
var OwnedApplication = &lint.Rule{
	Name: "owned-application", Category: lint.Security,
	Summary: "the application's files belong to the user that it runs as",
	Aliases: []string{"S6504"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.FinalStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s != p.Plan.Target || !s.End.User.Known {
			return
		}
		user, _, _ := strings.Cut(s.End.User.Text, ":")
		if user == "" || container.Root(user) {
			return
		}
		for _, step := range s.Steps {
			flag := step.Instruction.Flag("chown")
			if step.Copy == nil || flag == nil || downloads(step) {
				continue
			}
			if owner, _, _ := strings.Cut(step.Env.Expand(flag.Value.Value).Text, ":"); owner == user && !home(step) && !data(step) && !installed(step, user) {
				p.Report(flag.Value.Full(), "the copied files belong to `%s`, the user that the application runs as", user).
					Because("whoever takes over the application can change these files, and the change lasts until the container is replaced").
					Advise("leave the files owned by root, and only give the user the directories that the application writes to")
				return
			}
		}
	}),
}

// downloads reports whether step is an ADD of a URL, which writes the file with mode 600, so that only its owner can read it.
func downloads(step *plan.Step) bool {
	return slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool { return src.Remote })
}

// installed reports whether step copies what another stage has created as the same user: an installer may demand the owner.
func installed(step *plan.Step, user string) bool {
	return step.Copy.From != nil && step.Copy.From.Stage != nil && step.Copy.From.Stage.End.User.Text == user
}

// data reports whether step copies to a directory for what programs write.
func data(step *plan.Step) bool {
	to := step.Destination()
	dirs := []string{"/var/lib", "/var/cache", "/var/log", "/data"}
	return slices.ContainsFunc(dirs, func(dir string) bool { return plan.Within(to, dir) })
}

// home reports whether step copies a home directory from another stage or image, or a settings file to a home directory.
func home(step *plan.Step) bool {
	to := step.Destination()
	return path.Dir(to) == "/home" && !step.Copy.Context() || path.Dir(path.Dir(to)) == "/home" && strings.HasPrefix(path.Base(to), ".")
}
