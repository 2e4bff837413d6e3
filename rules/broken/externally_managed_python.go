package broken

import (
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// ExternallyManagedPython reports pip that installs into a distribution's own Python where that is marked as externally
// managed. It is silent about Pythons that do not come from the distribution, virtual environments and whatever may lift
// the mark.
var ExternallyManagedPython = &lint.Rule{
	Name: "externally-managed-python", Summary: "pip refuses to install into the distribution's Python", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, m := range provision.Moments(p) {
			if m.Call == nil || !m.Base.System() || m.Opaque || !managed(m) || !m.Installed("python3-pip") && !m.Installed("py3-pip") || p.Now.Before(pep668) {
				continue
			}
			c := m.Call.Command
			breaks(p.Report(c.Words[0].Span, "pip cannot install into the Python of %s", m.Release.Title()), c).
				Because("%s marks its Python as externally managed (PEP 668), so pip fails with `externally-managed-environment`", m.Release.Title()).
				Advise("%s", venv(m))
		}
	}),
}

// pep668 is the day since which all releases that managed lists are marked, those that move too: that of Alpine 3.19.
var pep668 = time.Date(2023, 12, 7, 0, 0, 0, 0, time.UTC)

// managed reports whether the call is a pip install that the release rejects.
func managed(m provision.Moment) bool {
	c := m.Call.Command
	if ecosystem.Of(m.Call.Manager) == nil || ecosystem.Of(m.Call.Manager).Family != ecosystem.Pip || m.Call.Action != shell.Install ||
		m.Call.Verb.Text != "install" || strings.Contains(c.Words[0].Text, "/") && !strings.HasPrefix(c.Words[0].Text, "/usr/bin/") ||
		c.Has("--break-system-packages", "--target", "-t", "--prefix", "--root", "--dry-run", "--python") {
		return false
	}
	text := c.Script.Text.String
	if strings.Contains(text, "EXTERNALLY-MANAGED") || strings.Contains(text, "venv") || strings.Contains(text, "virtualenv") ||
		strings.Contains(text, "activate") || strings.Contains(text, "PIP_") || strings.Contains(text, "pip.conf") || strings.Contains(text, "pip config") {
		return false
	}
	if v := c.Script.Step.Env.Lookup("PIP_BREAK_SYSTEM_PACKAGES"); v != nil {
		return false
	}
	return marked(m.Release) && !m.Touched
}

// marked reports whether the Python of a release is marked.
func marked(r image.Release) bool {
	return r.From("debian", "12") || r.From("ubuntu", "23.04") || r.From("alpine", "3.19")
}

// venv says how to use pip in spite of the mark.
func venv(m provision.Moment) string {
	how := "create a virtual environment with `python3 -m venv /opt/venv`, use `/opt/venv/bin/pip`, and add `ENV PATH=/opt/venv/bin:$PATH`"
	needed := "python3-venv"
	if m.Release.Distribution == "alpine" {
		needed = "python3"
	}
	if user := m.Command.Script.Step.User; user.Known && user.Text != "" && !container.Root(user.Text) { // who cannot write to /opt
		how = "create a virtual environment in the home directory with `python3 -m venv ~/venv`, use `~/venv/bin/pip`, and add that `bin` directory to `PATH`"
	}
	if m.Installed(needed) || m.Installed("py3-pip") {
		return how
	}
	return "install `" + needed + "`, " + how
}
