package broken

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/distro"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// MovedArchive reports package managers that look for repositories which have moved to an archive. It is silent once a
// step changes the package sources, except for a line that a step writes and that names what has moved.
var MovedArchive = &lint.Rule{
	Name: "moved-archive", Summary: "the package repository of the release has moved to an archive", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnFile(func(p *lint.Pass) {
		var told shell.Command
		for _, m := range provision.Moments(p) {
			if m.Call == nil {
				if provision.NodeLine(m.Fetch) > 0 {
					movedApt(p, m)
				}
				continue
			}
			switch f := familyOf(m); {
			case provision.Refreshes(m.Call):
				movedApt(p, m)
			case rpm(f) && (m.Release.Distribution == "centos" || m.Release.Distribution == "centos-stream") && m.Stock:
				if move, ok := distro.Moved(m.Release, p.Now); ok && m.Call.Action != shell.Clean && m.Call.Verb.Text != "" &&
					told.Script != m.Call.Command.Script {
					told = *m.Call.Command
					f := report(p, m, "the repository of "+m.Release.Title(), move).Advise("move to Rocky Linux or AlmaLinux; to stay on %s, comment out "+
						"`mirrorlist` in `/etc/yum.repos.d/*.repo` before this step, and change `#baseurl=http://mirror.centos.org` to `baseurl=http://%s`",
						m.Release.Title(), move.To)
					if bytes.Contains(p.Plan.File.Bytes, []byte(" centos-release-")) {
						f.Advise("%s; do both again after a `centos-release` package has added more of these files", f.Help)
					}
				}
			}
		}
	}),
}

// movedApt reports an update that looks for a suite which has moved: one that the base image or a line of a step names.
func movedApt(p *lint.Pass, m provision.Moment) {
	for l := m.Written; l != nil; l = l.Next {
		distribution := distributionOf(l.Host)
		if move, ok := distro.MovedSuite(distribution, l.Suite, p.Now); ok && distribution != "" {
			f := report(p, m, "suite `"+l.Suite+"`", move).Relate(l.Span, "this line adds it")
			switch expired := []string{"wheezy", "jessie", "stretch"}; {
			case move.To == "":
				f.Advise("remove the line")
			case distribution == "debian" && slices.ContainsFunc(expired, func(name string) bool { return strings.HasPrefix(l.Suite, name) }):
				f.Advise("use a suite of a supported release; `%s` still has this one, but the keys that signed it have expired, so apt would need "+
					"`[trusted=yes]` as well", move.To)
			default:
				f.Advise("write `http://%s` instead of `http://%s`, or move to a newer release", move.To, l.Host)
			}
			return
		}
	}
	if !m.Stock {
		return
	}
	if move, ok := distro.Moved(m.Release, p.Now); ok {
		advice(report(p, m, "the repository of "+m.Release.Title(), move), m, move)
		return
	}
	for _, suite := range m.Base.Suites(m.Release) {
		if move, ok := distro.MovedSuite(m.Release.Distribution, suite, p.Now); ok {
			advice(report(p, m, "suite `"+suite+"`", move), m, move)
			return
		}
	}
}

func advice(f *lint.Finding, m provision.Moment, move distro.Move) {
	system, _, _ := strings.Cut(m.Release.Title(), " ")
	switch {
	case m.Base.Tied() != "":
		f.Advise("move to a supported distribution of %s", m.Base.Tied())
		return
	case move.To == "":
		f.Advise("move to a newer release of %s", system)
		return
	case m.Release.Before("debian", "10"):
		f.Advise("move to a supported release of %s; `%s` still has the packages, but the keys that signed them have expired, so apt "+
			"would need `[trusted=yes]` as well", system, move.To)
		return
	}
	f.Advise("move to a newer release of %s, or change the servers in apt's sources to `%s` before the update", system, move.To)
}

func report(p *lint.Pass, m provision.Moment, what string, move distro.Move) *lint.Finding {
	c := m.Command
	became, where := "has been removed", ""
	if move.To != "" {
		became, where = "has moved to an archive", " and is now at `"+move.To+"`"
	}
	at, fails := c.Span, "`apt-get update` in NodeSource's script"
	if m.Call != nil {
		at, fails = m.Call.Verb.Span, "`"+m.Call.Manager+" "+m.Call.Verb.Text+"`"
	}
	f := p.Report(at, "%s %s", what, became).
		Because("it was gone from its usual server by %s%s, so %s fails (source: %s)", move.Since.Format(time.DateOnly),
			where, fails, move.Source)
	if product, system := m.Base.Cycles(); image.ReleaseIn(p.File.Name) != "" && (product.NamedIn(p.File.Name) != "" || system.NamedIn(p.File.Name) != "") {
		return f.Doubting("the path says that this file is for release `%s`, which may no longer be built", image.ReleaseIn(p.File.Name))
	}
	if c.Script.Step.Stage.Reached && (provision.Fatal(c) || m.Call != nil && laterInstall(m)) {
		p.Repeat(f, what+" fails") // not as a repetition of one that may pass
		return outdated(f.Breaking(lint.BreaksBuild))
	}
	p.Repeat(f, what)
	f.Severity = lint.Warning
	return f
}

// laterInstall reports whether an install that follows the update in its script makes the step fail. A full image may already have
// what is installed, such as git, so that apt has nothing to fetch.
func laterInstall(m provision.Moment) bool {
	if _, full := m.Base.Slim(); full {
		return false
	}
	for _, call := range m.Call.Command.Script.Calls() {
		if call.Command.Span.Start > m.Call.Command.Span.Start && call.Action == shell.Install && provision.Fatal(call.Command) {
			return true
		}
	}
	return false
}

// distributionOf is the distribution whose usual mirrors host is one of, "" for another host.
func distributionOf(host string) string {
	switch {
	case strings.HasPrefix(host, "archive.debian."), strings.HasPrefix(host, "snapshot."):
		return "" // these keep what the mirrors drop
	case strings.HasSuffix(host, ".debian.org"), host == "http.debian.net":
		return "debian"
	case host == "apt.postgresql.org":
		return "pgdg"
	case host == "archive.ubuntu.com", host == "security.ubuntu.com", strings.HasSuffix(host, ".archive.ubuntu.com"):
		return "ubuntu"
	}
	return ""
}
