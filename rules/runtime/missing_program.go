package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MissingProgram reports a HEALTHCHECK, CMD or ENTRYPOINT of the final stage that calls curl, wget, nc or bash where the base
// image is known not to have it and no step plainly or possibly brings it: a package of that name, a script, an installer, a COPY
// into a folder of programs, or a RUN that uses it. A check that tries another program too is left alone.
var MissingProgram = &lint.Rule{
	Name: "missing-program", Summary: "HEALTHCHECK or CMD calls a program that the image does not have", Category: lint.Runtime,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		root := rootOf(s)
		if s != p.Plan.Target || root == nil || !root.Scratch && !root.External() || shell.Windows(s) {
			return
		}
		lacks := func(program string) bool { return root.Scratch || image.Lacks(*root.Ref, program) }
		if check := healthcheck(s); check != nil {
			if sc := shell.ReadCommand(check); sc != nil {
				missing(p, check, sc.Commands, lacks)
			}
		}
		for _, step := range []*plan.Step{s.Command().Entrypoint, s.Command().Cmd} {
			if step == nil {
				continue
			}
			if sc := shell.ReadCommand(step); sc != nil && (step.Instruction.Name == "ENTRYPOINT" || s.Command().Entrypoint == nil) {
				missing(p, step, sc.Commands, lacks)
			}
		}
	}),
}

// rootOf is the image at the root of s, be it scratch; nil for a fragment.
func rootOf(s *plan.Stage) *plan.Image {
	var root *plan.Image
	for s := range s.Lineage() {
		root = s.Base
	}
	return root
}

// healthcheck is the HEALTHCHECK in force at the end of s, nil if there is none or it is NONE.
func healthcheck(s *plan.Stage) *plan.Step {
	var found *plan.Step
	for s := range s.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name == "HEALTHCHECK" && step.Instruction.Cmd != nil {
				found = step // the last one of the nearest stage
			}
		}
		if found != nil {
			break
		}
	}
	if found == nil || len(found.Instruction.Args) == 0 {
		return nil
	}
	return found
}

// missing reports the first command of step that calls a program which the image lacks.
func missing(p *lint.Pass, step *plan.Step, commands []*shell.Command, lacks func(string) bool) {
	var found *shell.Command
	for _, c := range commands {
		switch c.Name {
		case "curl", "wget", "nc", "ncat", "netcat", "bash":
			if !lacks(c.Name) || strings.HasPrefix(c.Words[0].Text, ".") {
				return
			}
			if found == nil {
				found = c
			}
		case "which", "command", "type", "hash":
			return // it asks first
		}
	}
	if found == nil || brings(p, p.Plan.Target, found.Name) {
		return
	}
	name := found.Name
	base := rootOf(p.Plan.Target).Value.Text
	f := p.Report(found.Words[0].Span, "`%s` is not in the image", name).Relate(rootOf(p.Plan.Target).Span, "`%s` has no `%s`", base, name)
	if step.Instruction.Name == "HEALTHCHECK" {
		interval := "every 30 seconds"
		if flag := step.Instruction.Flag("interval"); flag != nil {
			interval = "every " + flag.Value.Value
		}
		f.Because("`%s` does not bring it and no step installs it: the check fails %s, and the container never is healthy", base, interval)
	} else {
		f.Because("`%s` does not bring it and no step installs it: the container stops with status 127", base)
	}
	f.Advise("%s", instead(step, name))
}

// instead says how to do without name, or how to install it.
func instead(step *plan.Step, name string) string {
	root := rootOf(step.Stage)
	switch {
	case root.Scratch || image.Shellless(*root.Ref):
		return "let the program itself have a command that checks, or leave the check to the platform: this image has no shell"
	case name == "curl" && !image.Lacks(*root.Ref, "wget"):
		return "write `wget -q --spider URL`, which BusyBox has, or install it: `RUN apk add --no-cache curl`"
	case name == "bash":
		return "write it for `sh`, or install it: `RUN apk add --no-cache bash`"
	}
	install := "install it: `RUN apt-get update && apt-get install -y --no-install-recommends " + pkg(name) + " && rm -rf /var/lib/apt/lists/*`"
	if step.Instruction.Name != "HEALTHCHECK" {
		return install
	}
	switch {
	case root.Ref.Official() == "python":
		return "ask with Python: `HEALTHCHECK CMD [\"python\", \"-c\", \"import urllib.request as r; r.urlopen('http://127.0.0.1:PORT/')\"]`, or " + install
	case root.Ref.Official() == "node":
		return "ask with Node: `HEALTHCHECK CMD [\"node\", \"-e\", \"fetch('http://127.0.0.1:PORT/').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))\"]`, or " + install
	}
	return install
}

// pkg is the package of Debian that has a program.
func pkg(program string) string {
	switch program {
	case "nc", "netcat":
		return "netcat-openbsd"
	}
	return program
}

// brings reports whether a step may bring the program to s.
func brings(p *lint.Pass, s *plan.Stage, program string) bool {
	found := false
	for s := range s.Lineage() {
		for _, step := range s.Steps {
			switch {
			case step.Copy != nil:
				found = found || carries(p, step, program)
			case step.Instruction.Name == "RUN":
				sc := p.Script(step)
				found = found || sc == nil || sc.Err != nil || sc.File == nil && !sc.Exec || installs(sc, program)
			}
		}
		if found {
			break
		}
	}
	return found
}

// carries reports whether a COPY or ADD may bring the program: to a folder of programs, to all of the file system, or out of an
// archive. A file of the build context that has another name does not.
func carries(p *lint.Pass, step *plan.Step, program string) bool {
	t := step.Copy
	if t.Context() && !t.Add && p.Context() != nil && path.Base(t.To.Text) != program && !slices.ContainsFunc(t.Sources, func(src plan.Source) bool {
		_, file := p.Context().Lookup(src.Path.Text)
		return !src.Path.Known || !file || path.Base(src.Path.Text) == program
	}) {
		return false
	}
	if !t.To.Known || t.To.Text == "/" {
		return true
	}
	to := absolute(step.Workdir.Text, t.To.Text)
	for part := range strings.SplitSeq(to, "/") {
		if part == "bin" || part == "sbin" || part == program || part == "nix" {
			return true
		}
	}
	for _, src := range t.Sources {
		if !src.Path.Known || path.Base(src.Path.Text) == program || t.Add && (src.Remote || archive(src.Path.Text)) || src.Path.Text == "/" {
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

// installs reports whether a script may install the program, or speaks of it otherwise.
func installs(sc *shell.Script, program string) bool {
	if len(program) > 2 && program != "bash" && strings.Contains(sc.Text.String, program) {
		return true
	}
	if sc.Shell == program {
		return true
	}
	for _, c := range sc.Commands {
		switch {
		case c.Name == program, c.Name == "", c.Name == "sh", c.Name == "bash", opaque(c):
			return true
		case c.Name == "conda", c.Name == "mamba", c.Name == "micromamba", c.Name == "nix", c.Name == "nix-env", c.Name == "brew", c.Name == "dpkg", c.Name == "apt-add-repository",
			c.Name == "playwright", c.Name == "pacman", c.Name == "unminimize", c.Name == "busybox", c.Name == "debootstrap":
			return true
		case strings.HasSuffix(c.Name, ".sh") || strings.HasSuffix(c.Name, ".bash"):
			return true
		case c.Name == "ln" || c.Name == "cp" || c.Name == "mv" || c.Name == "install" || c.Name == "npx":
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

// carried reports whether a package of another name is known to depend on the one with the program.
func carried(pkg, program string) bool {
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(pkg, part) })
	}
	switch program {
	case "wget":
		return has("chrome", "chromium", "snapd", "ubuntu-minimal", "ubuntu-standard")
	case "bash":
		return has("alpine-sdk", "abuild", "chromium", "aws-cli", "xdg-utils", "ncurses-dev", "libtool", "gettext", "mariadb", "mysql", "postgres",
			"bats")
	case "nc", "ncat", "netcat":
		return has("netcat", "nmap", "busybox")
	}
	return has("alpine-sdk", "texlive")
}
