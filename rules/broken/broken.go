// Package broken has the rules about steps that fail because something has vanished since the file was written, or was
// never there.
package broken

import (
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// breaks says that the step fails, if it certainly does when c fails.
//
//go:noinline
func breaks(f *lint.Finding, c *shell.Command) *lint.Finding {
	if provision.Fatal(c) {
		return f.Breaking(lint.BreaksBuild)
	}
	f.Severity = lint.Warning
	return f
}

// rotten is breaks for something that has worked once.
func rotten(f *lint.Finding, c *shell.Command) *lint.Finding { return outdated(breaks(f, c)) }

// outdated says that nobody has built the file for long if f stops the build.
func outdated(f *lint.Finding) *lint.Finding {
	if f.Breaks == "" {
		return f
	}
	return f.Outdated(false, "a step of this file no longer works, so the file has probably not been built for a long time")
}

// familyOf is the family of the package manager that a moment calls, "" for another command.
func familyOf(m provision.Moment) ecosystem.Family {
	if m.Call == nil {
		return ""
	}
	if manager := ecosystem.Of(m.Call.Command.Name); manager != nil {
		return manager.Family
	}
	return ""
}

// rpm reports whether a family installs RPM packages.
func rpm(f ecosystem.Family) bool { return f == ecosystem.Yum || f == ecosystem.Dnf }

// isOption reports whether a field of a command line is an option.
func isOption(field string) bool {
	return strings.HasPrefix(field, "-") || strings.HasPrefix(field, "+")
}
