package scripts

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// unknownSh is the doubt of a finding that depends on what sh is.
const unknownSh = "it is not known which shell `sh` is in the base image"

// shOf names the program that runs s: bash, dash or ash (BusyBox), or another that SHELL names. It is "" if /bin/sh is
// not known, or if a step may have replaced it.
func shOf(p *lint.Pass, s *shell.Script) string {
	if s.Shell != "sh" {
		return s.Shell
	}
	base := s.Step.Stage.Image()
	if base == nil {
		return ""
	}
	name := image.Of(*base.Ref).Shell()
	if name == "" {
		return ""
	}
	for stage := range s.Step.Stage.Lineage() {
		for other := range p.Scripts(stage) {
			if slices.ContainsFunc(other.Commands, replacesSh) {
				return ""
			}
		}
	}
	return name
}

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
