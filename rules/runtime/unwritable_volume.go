package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnwritableVolume reports a VOLUME, or a named volume that a compose file mounts, to which the user of the container cannot
// write: no step creates its directory, so that Docker does, as root. It is silent if a step, a COPY or the base image may create it,
// if the start script may change its owner, and if the service has a user of its own.
var UnwritableVolume = &lint.Rule{
	Name: "unwritable-volume", Category: lint.Runtime,
	Summary:  "the user that the container runs as cannot write to a volume",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		target := p.Plan.Target
		if target == nil || target.End.UserStep == nil || p.Plan.ForDevelopment() || target.Windows() {
			return
		}
		c := container.Of(p)
		if !c.User.Known || container.Root(c.User.Text) || !c.Base.Idle() || ownsAtStart(c) {
			return
		}
		for _, s := range target.Lineage() {
			for _, step := range s.Steps {
				if step.Instruction.Name != "VOLUME" {
					continue
				}
				for _, w := range step.Instruction.Args {
					if v := step.Env.Expand(w.Value); v.Known && absent(p, path.Clean(v.Text)) {
						reportUnwritable(p, c, v.Text).Relate(w.Full(), "the volume is declared here")
						return
					}
				}
			}
		}
		for i := range p.Services() {
			u := &p.Services()[i]
			for _, v := range u.Volumes {
				if !v.Bind && u.User == "" && !bound(u, v.Target) && absent(p, path.Clean(v.Target)) {
					f := reportUnwritable(p, c, v.Target)
					f.RelateFile(u.File, max(v.Line, u.Line), "service `%s` mounts the volume", u.Name)
					return
				}
			}
		}
	}),
}

func reportUnwritable(p *lint.Pass, c *container.Container, dir string) *lint.Finding {
	user, _, _ := strings.Cut(c.User.Text, ":")
	return p.Report(c.Target.End.UserStep.Instruction.Args[0].Full(), "user `%s` cannot write to the volume `%s`", user, dir).
		Because("no step creates the directory, so Docker creates it for root when the container starts").
		Advise("add `RUN mkdir -p %s && chown %s %s` above this `USER`, because an empty volume gets the owner of the directory in the image",
			dir, c.User.Text, dir)
}

// bound reports whether u mounts a directory of the host over one that contains dir.
func bound(u *lint.Service, dir string) bool {
	return slices.ContainsFunc(u.Volumes, func(v lint.Volume) bool { return v.Bind && plan.Within(dir, v.Target) })
}

// ownsAtStart reports whether what starts the container may change owners.
func ownsAtStart(c *container.Container) bool {
	if c.Unread && len(c.EntryScripts()) == 0 {
		return true
	}
	return slices.ContainsFunc(c.EntryScripts(), func(s *container.EntryScript) bool {
		return strings.Contains(s.Text, "sudo") || strings.Contains(s.Text, "chown") || strings.Contains(s.Text, "chmod")
	})
}

// absent reports whether the image certainly has no directory dir, an absolute path.
func absent(p *lint.Pass, dir string) bool {
	name := path.Base(dir)
	if !path.IsAbs(dir) || !ownDir(p.Plan.Target.End.Workdir, dir) || made(name) {
		return false
	}
	for _, s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			in := step.Instruction
			switch {
			case step.OnBuild || step.Trigger != nil:
				return false
			case in.Name == "WORKDIR":
				if to := step.Env.Expand(in.Args[0].Value); !to.Known || plan.Within(path.Join("/", step.Workdir.Text, to.Text), dir) || plan.Within(to.Text, dir) {
					return false
				}
			case in.Name == "RUN":
				if strings.Contains(in.Text.String, name) || len(in.Heredocs) > 0 || !tame(p, step) {
					return false
				}
			case step.Copy != nil && mayCopy(p, step, dir):
				return false
			}
		}
	}
	return true
}

// ownDir reports whether dir is one of the application: below the working directory, or at the root and no directory of the system.
func ownDir(workdir plan.Value, dir string) bool {
	if workdir.Known && strings.Count(path.Clean(workdir.Text), "/") > 0 && path.Clean(workdir.Text) != "/" &&
		plan.Within(dir, workdir.Text) && path.Clean(workdir.Text) != dir {
		return true
	}
	switch dir {
	case "/data", "/uploads", "/config", "/storage", "/output", "/cache", "/logs", "/backups", "/downloads":
		return true
	}
	return false
}

// made reports whether an installation or a build makes directories called name.
func made(name string) bool {
	switch name {
	case "dist", "build", "target", "public", "static", "staticfiles", "assets", ".next", ".cache", "tmp", "cache", "venv":
		return true
	}
	return slices.ContainsFunc(ecosystem.All(), func(m *ecosystem.Manager) bool {
		return m.Project != nil && slices.ContainsFunc(m.Project.Products, func(product string) bool { return path.Base(product) == name })
	})
}

// tame reports whether the commands of step, a RUN, are known to make no directories but those that they name and products of
// builds.
func tame(p *lint.Pass, step *plan.Step) bool {
	sc := p.Script(step)
	if sc == nil || sc.Err != nil {
		return false
	}
	return !slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
		switch c.Name {
		case "mkdir", "chown", "chmod", "useradd", "adduser", "groupadd", "addgroup", "usermod", "rm", "echo", "set", "export", "cd", "true",
			"update-ca-certificates":
			return false
		}
		return len(c.Words) > 0 && (ecosystem.Of(c.Name) == nil || container.Opaque(c))
	})
}

// mayCopy reports whether step, a COPY or ADD, may bring the directory dir.
func mayCopy(p *lint.Pass, step *plan.Step, dir string) bool {
	to := step.Destination()
	switch {
	case !step.Copy.To.Known, !path.IsAbs(to), plan.Within(to, dir):
		return true
	case !plan.Within(dir, to):
		return false
	}
	rest := strings.TrimPrefix(dir, strings.TrimSuffix(to, "/"))
	return slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
		if src.Heredoc {
			return false
		}
		if src.Remote || !src.Path.Known || step.Copy.From != nil || p.Context() == nil || strings.ContainsAny(src.Path.Text, "*?[") {
			return !strings.HasPrefix(path.Base(src.Path.Text), "package") // a pattern for manifests
		}
		name := strings.TrimPrefix(path.Join("/", src.Path.Text), "/")
		if _, file := p.Context().Lookup(name); file {
			return step.Copy.Add
		}
		return p.Context().Has(path.Join(name, rest)) || len(p.Context().Dir(path.Join(name, rest))) > 0
	})
}
