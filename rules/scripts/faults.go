package scripts

import (
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// site is the script that a fault is in.
type site struct {
	*shell.Script
	shell func() string // shellOf the script, asked once
}

// onFaults runs report for each fault of a kind, and adds to its finding the doubt, and the alias where hadolint prints it.
func onFaults(kind shell.Kind, report func(*lint.Pass, *site, *shell.Fault) *lint.Finding) lint.Check {
	return lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		var at *site
		faults := s.Faults()
		for i := range faults {
			f := &faults[i]
			if f.Kind != kind {
				continue
			}
			if at == nil {
				at = &site{s, sync.OnceValue(func() string { return shellOf(p, s) })}
			}
			finding := report(p, at, f)
			if f.Printed {
				finding.Alias(f.Code)
			}
			if f.Doubt != "" {
				finding.Doubt = f.Doubt
			}
		}
	})
}

// shellOf is what runs s: bash, dash or ash (BusyBox); "" where `/bin/sh` is not known, or a step may have replaced it.
func shellOf(p *lint.Pass, s *shell.Script) string {
	if s.Shell != "sh" {
		return s.Shell
	}
	base := s.Step.Stage.Image()
	if base == nil {
		return ""
	}
	name := image.Shell(*base.Ref)
	if name == "" {
		return ""
	}
	replaced := false
	for stage := range s.Step.Stage.Lineage() {
		for other := range p.Scripts(stage) {
			replaced = replaced || slices.ContainsFunc(other.Commands, replacesSh)
		}
		if replaced {
			break
		}
	}
	if replaced {
		return ""
	}
	return name
}

// replacesSh reports whether c may make another shell of /bin/sh.
func replacesSh(c *shell.Command) bool {
	switch c.Name {
	case "ln", "mv", "cp", "rm", "dpkg-reconfigure", "dpkg-divert", "update-alternatives", "debconf-set-selections", "echo":
		return slices.ContainsFunc(c.Words, func(w shell.Word) bool {
			return strings.HasSuffix(w.Text, "/bin/sh") || w.Text == "dash" || strings.Contains(w.Text, "dash/sh")
		})
	}
	return false
}

// shellName is how people call what shellOf says.
func shellName(shell string) string {
	if shell == "ash" {
		return "BusyBox ash"
	}
	return shell
}
