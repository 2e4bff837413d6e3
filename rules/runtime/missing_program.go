package runtime

import (
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MissingProgram reports a HEALTHCHECK, CMD or ENTRYPOINT of the final stage that calls curl, wget, nc or bash, where
// the base image is known not to have it and no step may add it. A package of that name, a script, an installer, a COPY
// into a directory of programs and a RUN that uses it may all add it. It reports the health check of a compose file, too. The rule ignores a check that also tries another
// program.
var MissingProgram = &lint.Rule{
	Name: "missing-program", Category: lint.Runtime,
	Summary:  "HEALTHCHECK, ENTRYPOINT or CMD calls a program that the image does not have",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s != p.Plan.Target || s.Windows() {
			return
		}
		c := container.Of(p)
		checkPrograms(p, c.Check())
		checkServices(p, c)
		if c.Entrypoint != nil {
			checkPrograms(p, c.Entrypoint)
		} else {
			checkPrograms(p, c.Cmd)
		}
	}),
}

// checkServices reports a health check of a compose file that calls a program which the image lacks.
func checkServices(p *lint.Pass, c *container.Container) {
	for _, s := range p.Services() {
		h := s.Healthcheck
		if h.Disabled || len(h.Test) < 2 {
			continue
		}
		words := strings.Fields(strings.Join(h.Test[1:], " "))
		var found []string
		for _, w := range words {
			switch w {
			case "curl", "wget", "nc":
				found = append(found, w)
			}
		}
		if len(found) != 1 || words[0] != found[0] || !c.BaseLacks(found[0]) || c.MayAdd(found[0]) {
			continue // it tries another program, too
		}
		p.Report(c.Root.Span, "`%s`, which the health check of the service `%s` calls, is not in the image", found[0], s.Name).
			Because("`%s` does not include it and no step installs it, so the container never becomes healthy", c.Root.Value.Text).
			Advise("check with a program that the image has, or install `%s`", found[0]).
			RelateFile(h.File, h.Line, "`healthcheck` of `%s`", s.Name)
		return
	}
}

// checkPrograms reports the first command of step that calls a program which the image lacks. step may be nil.
func checkPrograms(p *lint.Pass, step *plan.Step) {
	if step == nil {
		return
	}
	sc, in := container.Command(p, step), container.Of(p)
	if sc == nil {
		return
	}
	var found *shell.Command
	for _, c := range sc.Commands {
		switch c.Name {
		case "curl", "wget", "nc", "ncat", "netcat", "bash":
			if !in.BaseLacks(c.Name) || strings.HasPrefix(c.Words[0].Text, ".") {
				return
			}
			if found == nil {
				found = c
			}
		case "which", "command", "type", "hash":
			return // it looks for the program first
		}
	}
	if found == nil || in.MayAdd(found.Name) {
		return
	}
	name := found.Name
	base := in.Root.Value.Text
	f := p.Report(found.Words[0].Span, "`%s` is not in the image", name).
		Relate(in.Root.Span, "`%s` has no `%s`", base, name)
	if step.Instruction.Name == "HEALTHCHECK" {
		interval := "every 30 seconds"
		if flag := step.Instruction.Flag("interval"); flag != nil {
			interval = "every " + flag.Value.Value
		}
		f.Because("`%s` does not include it and no step installs it, so the check fails %s and the container never becomes "+
			"healthy", base, interval)
	} else {
		end := "this command fails"
		switch {
		case step.Instruction.JSON && found == sc.Commands[0]:
			end = "the container does not start"
		case len(sc.Commands) == 1:
			end = "the container exits with status 127"
		}
		f.Because("`%s` does not include it and no step installs it, so %s", base, end)
	}
	f.Advise("%s", instead(in, step, name))
}

// instead says how to do without the program called name, or how to install it.
func instead(in *container.Container, step *plan.Step, name string) string {
	switch {
	case in.BaseShellless():
		return "add a check command to the program itself, or leave the check to the platform, because this image has no shell"
	case name == "curl" && !in.BaseLacks("wget"):
		return "use BusyBox's `wget -q --spider URL`, or install `curl` with `RUN apk add --no-cache curl`"
	case name == "bash":
		return "rewrite the code for `sh`, or install `bash` with `RUN apk add --no-cache bash`"
	}
	runtime, _ := in.Base.Runtime()
	switch check := step.Instruction.Name == "HEALTHCHECK"; {
	case check && runtime == "python":
		return "use Python, as in `HEALTHCHECK CMD [\"python\", \"-c\", " +
			"\"import urllib.request as r; r.urlopen('http://127.0.0.1:PORT/')\"]`, or install `" + name + "`"
	case check && runtime == "node":
		return "use Node, as in `HEALTHCHECK CMD [\"node\", \"-e\", \"fetch('http://127.0.0.1:PORT/')" +
			".then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))\"]`, or install `" + name + "`"
	}
	return "install `" + name + "` with `RUN apt-get update && apt-get install -y --no-install-recommends " + pkg(name) +
		" && rm -rf /var/lib/apt/lists/*`"
}

// pkg is the Debian package that has the program.
func pkg(program string) string {
	switch program {
	case "nc", "netcat":
		return "netcat-openbsd"
	}
	return program
}
