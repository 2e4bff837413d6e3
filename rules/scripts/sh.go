package scripts

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// unknownSh is the doubt of a finding that depends on what sh is, if that is not known: it names what the step or the base image suggests.
func unknownSh(at *site) string {
	if at.unknown == "" {
		at.unknown = at.guess()
	}
	return at.unknown
}

func (at *site) guess() string {
	if name, sh := managerSh(at.Script.Root().Commands); sh != "" && sh != "dash" {
		return "the step runs `" + name + "`, so `sh` is probably " + shName(sh)
	}
	if m := managers.Of(at.pass)[at.Step.Stage]; m.sh != "" && m.sh != "dash" {
		return "another step runs `" + m.name + "`, so `sh` is probably " + shName(m.sh)
	}
	if base := at.Step.Stage.Image(); base != nil {
		switch image.Of(*base.Ref).SuggestedShell() {
		case "ash":
			return "the name of the base image suggests Alpine, where `sh` is BusyBox ash"
		case "bash":
			return "the name of the base image suggests a distribution in which `sh` is bash"
		}
	}
	return "it is not known which shell is `sh` in the base image"
}

// managerSh is the first package manager of a distribution that commands call, and the shell that is sh in this distribution.
func managerSh(commands []*shell.Command) (manager, sh string) {
	for _, c := range commands {
		m := ecosystem.Of(c.Name)
		if m == nil {
			continue
		}
		switch {
		case m.Family == ecosystem.Apt:
			return c.Name, "dash"
		case slices.Contains([]ecosystem.Family{ecosystem.Yum, ecosystem.Dnf, ecosystem.Zypper, ecosystem.Pacman}, m.Family):
			return c.Name, "bash"
		case m.Family == ecosystem.Apk:
			return c.Name, "ash"
		}
	}
	return "", ""
}

// stageSh is sh in s: that of the base image, or else what the package manager that a step calls suggests.
func stageSh(p *lint.Pass, s *plan.Stage) string {
	if sh := defaultShells.Of(p)[s]; sh != "" {
		return sh
	}
	return managers.Of(p)[s].sh
}

// manager is a package manager that a step calls, and the shell that is sh in its distribution.
type manager struct{ name, sh string }

// managers are the first package managers that the steps of each stage call, or those of the stage that it is built from.
var managers = lint.NewFact(func(p *lint.Pass) map[*plan.Stage]manager {
	out := map[*plan.Stage]manager{}
	for _, stage := range p.Plan.Stages { // a stage comes after the one that it is built from
		for _, s := range p.Scripts(stage) {
			if name, sh := managerSh(s.Commands); sh != "" {
				out[stage] = manager{name, sh}
				break
			}
		}
		if out[stage].sh == "" && stage.Base != nil {
			out[stage] = out[stage.Base.Stage]
		}
	}
	return out
})

// shOf names the program that runs s: bash, dash or ash (BusyBox), or another that SHELL names. It is "" if /bin/sh is not
// known, or if a step may have replaced it.
func shOf(p *lint.Pass, s *shell.Script) string {
	if s.Shell != "sh" {
		return s.Shell
	}
	return defaultShells.Of(p)[s.Step.Stage]
}

// defaultShells are the programs that /bin/sh is in each stage, without the stages for which that is not known.
var defaultShells = lint.NewFact(func(p *lint.Pass) map[*plan.Stage]string {
	out := map[*plan.Stage]string{}
	replaced := map[*plan.Stage]bool{}
	for _, stage := range p.Plan.Stages { // a stage comes after the one that it is built from
		replaced[stage] = stage.Base != nil && replaced[stage.Base.Stage]
		for _, s := range p.Scripts(stage) {
			replaced[stage] = replaced[stage] || slices.ContainsFunc(s.Commands, replacesSh)
		}
		if base := stage.Image(); base != nil && !replaced[stage] {
			out[stage] = image.Of(*base.Ref).Shell()
		}
	}
	return out
})

// replacesSh reports whether c may turn /bin/sh into another shell.
func replacesSh(c *shell.Command) bool {
	switch c.Name {
	case "ln", "mv", "cp", "rm", "dpkg-reconfigure", "dpkg-divert", "update-alternatives",
		"debconf-set-selections", "echo":
		return slices.ContainsFunc(c.Words, func(w shell.Word) bool {
			return strings.HasSuffix(w.Text, "/bin/sh") || w.Text == "dash" || strings.Contains(w.Text, "dash/sh")
		})
	}
	return false
}

// shName is the name that people use for a result of shOf.
func shName(sh string) string {
	if sh == "ash" {
		return "BusyBox ash"
	}
	return sh
}
