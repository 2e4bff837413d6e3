package container

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// BaseLacks reports whether the base image is known not to hold the program, one of those that image.Lacks knows.
func (c *Container) BaseLacks(program string) bool {
	return c.Root != nil && (c.Root.Scratch || c.Base.Lacks(program))
}

// BaseShellless reports whether the base image is known to have no shell.
func (c *Container) BaseShellless() bool {
	return c.Root != nil && (c.Root.Scratch || c.Base.Shellless())
}

// Shellless reports whether the image certainly has no `/bin/sh`: its base has none, and neither a RUN nor a COPY may
// add one.
func (c *Container) Shellless() bool {
	if !c.BaseShellless() {
		return false
	}
	for _, stage := range c.Target.Lineage() {
		for _, step := range stage.Steps {
			switch {
			case step.Instruction.Name == "RUN":
				return false
			case step.Copy != nil:
				to := absolute(step.Workdir.Text, step.Copy.To.Text)
				if step.Copy.Add || !step.Copy.To.Known || !path.IsAbs(to) ||
					slices.Contains([]string{"/", "/bin", "/bin/sh", "/usr", "/usr/bin"}, to) {
					return false
				}
			}
		}
	}
	return true
}

// MayAdd reports whether a step may add the program to the image.
func (c *Container) MayAdd(program string) bool { return additions.Of(c.pass).to(program) }

func adds(p *lint.Pass, program string) bool {
	for _, s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			switch {
			case step.Copy != nil:
				if carries(p, step, program) {
					return true
				}
			case step.Instruction.Name == "RUN":
				if sc := p.Script(step); sc == nil || sc.Err != nil || sc.File == nil && !sc.Exec || installs(sc, program) {
					return true
				}
			}
		}
	}
	return false
}

// carries reports whether a COPY or ADD may add the program: it copies to a directory of programs, to the whole file
// system, or out of an archive. A file of the build context that has another name does not.
func carries(p *lint.Pass, step *plan.Step, program string) bool {
	t := step.Copy
	otherFiles := func() bool {
		return !slices.ContainsFunc(t.Sources, func(src plan.Source) bool {
			_, file := p.Context().Lookup(src.Path.Text)
			return !src.Path.Known || !file || path.Base(src.Path.Text) == program
		})
	}
	if t.Context() && !t.Add && p.Context() != nil && path.Base(t.To.Text) != program && otherFiles() {
		return false
	}
	if !t.To.Known || t.To.Text == "/" {
		return true
	}
	to := absolute(step.Workdir.Text, t.To.Text)
	if dir := path.Base(path.Dir(to)); (dir == "bin" || dir == "sbin") && len(t.Sources) == 1 && !strings.HasSuffix(t.To.Text, "/") &&
		path.Base(to) != program && path.Base(to) == path.Base(t.Sources[0].Path.Text) {
		return false // it is another program
	}
	for _, part := range strings.Split(to, "/") {
		if part == "bin" || part == "sbin" || part == program || part == "nix" {
			return true
		}
	}
	for _, src := range t.Sources {
		if !src.Path.Known || path.Base(src.Path.Text) == program || src.Path.Text == "/" ||
			t.Add && (src.Remote || archive(src.Path.Text)) {
			return true
		}
	}
	return to == "/usr" || to == "/usr/local" || to == "/"
}

func archive(name string) bool {
	for _, ending := range []string{".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".txz", ".tbz2"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// installs reports whether a script may install the program, or mentions it.
func installs(sc *shell.Script, program string) bool {
	if len(program) > 2 && program != "bash" && strings.Contains(sc.Text.String, program) {
		return true
	}
	if sc.Shell == program {
		return true
	}
	for _, c := range sc.Commands {
		switch {
		case c.Name == program, c.Name == "", c.Name == "sh", c.Name == "bash", Opaque(c):
			return true
		case slices.Contains([]string{
			"nix", "nix-env", "brew", "dpkg", "apt-add-repository", "playwright", "unminimize", "busybox", "debootstrap",
		}, c.Name):
			return true
		case ecosystem.Of(c.Name) != nil && ecosystem.Of(c.Name).Opaque:
			return true
		case strings.HasSuffix(c.Name, ".sh") || strings.HasSuffix(c.Name, ".bash"):
			return true
		case c.Name == "ln" || c.Name == "cp" || c.Name == "mv" || c.Name == "install" || runners.Get()[c.Name] != nil:
			for _, w := range c.Args() {
				if strings.Contains(w.Text, program) || w.Text == "playwright" {
					return true
				}
			}
		}
	}
	for _, call := range sc.Calls() {
		if call.Action != shell.Install {
			continue
		}
		for _, pkg := range call.Packages {
			if !pkg.Word.Literal || pkg.Local || strings.Contains(pkg.Name, program) || carried(pkg.Name, program) {
				return true
			}
		}
		if _, open := call.Command.Fields(); open {
			return true
		}
	}
	return false
}

// carried reports whether a package with another name is known to depend on the one with the program.
func carried(pkg, program string) bool {
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(pkg, part) })
	}
	switch program {
	case "wget":
		return has("chrome", "chromium", "snapd", "ubuntu-minimal", "ubuntu-standard")
	case "bash":
		return has("alpine-sdk", "abuild", "chromium", "aws-cli", "xdg-utils", "ncurses-dev", "libtool", "gettext",
			"mariadb", "mysql", "postgres", "bats")
	case "nc", "ncat", "netcat":
		return has("netcat", "nmap", "busybox")
	}
	return has("alpine-sdk", "texlive")
}
