package broken

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// CommandNotInImage reports commands in RUN that the base image is known to lack and that no step up to there may have
// installed. It is silent once a step does something whose effect is not known.
var CommandNotInImage = &lint.Rule{
	Name: "command-not-in-image", Summary: "`RUN` calls a program that the image does not have", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(lint.OnCommand(keyword, keywords[:]...), lint.OnCommand(sourced, "source"), lint.OnFile(func(p *lint.Pass) {
		var last *shell.Script
		told := map[string]bool{}
		for _, m := range provision.Moments(p) {
			c := m.Command
			if m.Root == nil || c.Script != last {
				last = c.Script
				clear(told)
			}
			if m.Root == nil || told[c.Name] || !provision.Fatal(c) {
				continue
			}
			if c.Name == "apt-key" && withoutGPG(m) {
				told[c.Name] = true
				p.Report(c.Words[0].Span, "`apt-key` needs `gpg`, which is not in the image").
					Breaking(lint.BreaksBuild).
					Because("`%s` does not include it and no earlier command installs it, so `apt-key` fails with `gnupg, gnupg2 and gnupg1 do not seem "+
						"to be installed`", m.Root.Value.Text).
					Relate(m.Root.Span, "the base image").
					Advise("save the key as `%s/NAME.asc`, which apt reads without `gpg`, and reference it with `signed-by`", keyrings(m.Release))
				continue
			}
			if !lacks(m) {
				continue
			}
			told[c.Name] = true
			f := p.Report(c.Words[0].Span, "`%s` is not in the image", c.Name).
				Breaking(lint.BreaksBuild).
				Because("`%s` does not include it and no earlier command installs it, so the shell does not find it (exit status 127)", m.Root.Value.Text).
				Relate(m.Root.Span, "the base image").
				Advise("%s", remedy(m))
			if dropped(m) {
				f.Because("apt has had no `apt-key` since Debian 13, so the shell does not find it (exit status 127)")
			}
		}
	})),
}

// keywords are those instructions whose names are not those of programs.
var keywords = [...]string{"RUN", "CMD", "ENTRYPOINT", "WORKDIR", "EXPOSE", "COPY"}

// keyword reports an instruction that is written as a command.
func keyword(p *lint.Pass, c *shell.Command) {
	if c.Script.Exec || c.Words[0].Text != c.Name || !provision.Fatal(c) || defines(c.Script, c.Name) {
		return
	}
	p.Report(c.Words[0].Span, "`%s` is not a program", c.Name).
		Breaking(lint.BreaksBuild).
		Because("`%s` is a Dockerfile instruction, but here the shell looks for a program of that name and fails (exit status 127)", c.Name).
		Advise("remove `%s`, or put it at the start of a new instruction", c.Name)
}

// sourced reports `source` in a script of dash, which looks for a program of that name.
func sourced(p *lint.Pass, c *shell.Command) {
	step := c.Script.Step
	base := step.Stage.Image()
	if base == nil || step.Shell.Step != nil || c.Script.Shell != "sh" || c.Script.Outer != nil || c.Script.Exec ||
		c.Words[0].Text != "source" || image.Of(*base.Ref).Shell() != "dash" || !provision.Fatal(c) || defines(c.Script, "source") || otherShell(c.Script) {
		return
	}
	for before := range step.Before() {
		if sc := p.Script(before); before.Instruction.Name == "RUN" && (sc == nil || otherShell(sc)) {
			return
		}
	}
	f := p.Report(c.Words[0].Span, "`source` is not a command of `sh`").
		Breaking(lint.BreaksBuild).
		Because("`/bin/sh` of `%s` is dash, which looks for a program called `source` and does not find it (exit status 127)", base.Value.Text).
		Relate(base.Span, "`sh` is dash in this image").
		Advise("write `.` instead of `source`")
	p.Join(f, "bashism", func(other *lint.Finding) { other.Breaking(lint.BreaksBuild) })
}

// otherShell reports whether a script may have made another shell of /bin/sh.
func otherShell(sc *shell.Script) bool {
	for _, c := range sc.Commands {
		switch c.Name {
		case "ln", "mv", "cp", "rm", "dpkg-reconfigure", "dpkg-divert", "update-alternatives", "debconf-set-selections", "echo":
			for _, w := range c.Args() {
				if strings.HasSuffix(w.Text, "bin/sh") || strings.Contains(w.Text, "dash") {
					return true
				}
			}
		}
	}
	return false
}

// lacks reports whether the program that a moment calls is certainly not there.
func lacks(m provision.Moment) bool {
	c := m.Command
	name := c.Name
	if word := c.Words[0].Text; word != name && word != "/usr/bin/"+name && word != "/bin/"+name {
		return false
	}
	manages := provision.Manages(name)
	if m.Opaque && !manages || !m.Base.Without(name, m.Release) || defines(c.Script, name) {
		return false
	}
	if manages {
		return !m.Installed(name) && m.Foreign(name)
	}
	return !m.MayHave(name)
}

// withoutGPG reports whether a call of apt-key changes the keys of an image that certainly has no gpg.
func withoutGPG(m provision.Moment) bool {
	c := m.Command
	return len(c.Words) > 1 && (c.Words[1].Text == "add" || c.Words[1].Text == "adv") && !m.Opaque && m.Base.Without("gpg", m.Release) &&
		!m.Base.Without("apt-key", m.Release) && !m.MayHave("gpg") && !defines(c.Script, "gpg")
}

// defines reports whether the script looks for the program first, or defines a function of that name.
func defines(s *shell.Script, name string) bool {
	for _, c := range s.Commands {
		switch c.Name {
		case "which", "command", "type", "hash", "alias":
			for _, w := range c.Args() {
				if w.Text == name || strings.HasPrefix(w.Text, name+"=") {
					return true
				}
			}
		}
	}
	return strings.Contains(s.Text.String, name+"()") || strings.Contains(s.Text.String, name+" ()")
}

// dropped reports whether a moment calls apt-key in a release that no longer has it.
func dropped(m provision.Moment) bool {
	return m.Command.Name == "apt-key" && m.Release.Distribution == "debian"
}

// pip reports whether a moment calls the pip of a distribution that keeps it from installing anything.
func pip(m provision.Moment) bool {
	return family(m.Command, ecosystem.Pip) && marked(m.Release)
}

// keyrings is a directory for keys of package sources that the image has.
func keyrings(r image.Release) string {
	if r.Before("debian", "12") || r.Before("ubuntu", "22.04") {
		return "/usr/share/keyrings"
	}
	return "/etc/apt/keyrings"
}

// remedy says how to get the program.
func remedy(m provision.Moment) string {
	name := m.Command.Name
	if pip(m) {
		return venv(m)
	}
	if name == "apt-key" && (m.Release.Distribution == "debian" || m.Release.Distribution == "ubuntu") { // no package has it any more
		if slices.ContainsFunc(m.Command.Words, func(w shell.Word) bool { return strings.HasPrefix(w.Text, "--recv") }) {
			return "get the key with `gpg --recv-keys`, write it to `" + keyrings(m.Release) +
				"/NAME.gpg` with `gpg --export`, and reference that file with `signed-by`"
		}
		return "download the key to `" + keyrings(m.Release) + "/NAME.asc`, and reference it with `signed-by`"
	}
	if provision.Manages(name) {
		switch m.Release.Distribution {
		case "alpine":
			return "use `apk add --no-cache` on Alpine"
		case "debian", "ubuntu":
			return "use `apt-get` on " + m.Release.Title()
		}
		return "use `dnf`, `microdnf` or `yum`, or an image based on Debian"
	}
	switch m.Release.Distribution {
	case "alpine":
		return "install the package that provides `" + name + "` first, with `apk add --no-cache PACKAGE`"
	case "debian", "ubuntu":
		return "install the package that provides `" + name + "` first, with `apt-get update && apt-get install -y --no-install-recommends PACKAGE`"
	}
	return "install the package that provides `" + name + "` first, or copy the program from another image"
}
