package broken

import (
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/distro"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// VanishedPackage reports packages that the release of the base image does not have. It is silent if the release is not
// known, and once a step changes the package sources.
var VanishedPackage = &lint.Rule{
	Name: "vanished-package", Summary: "the release of the base image does not have the package", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, m := range provision.Moments(p) {
			if m.Call == nil || m.Call.Action != shell.Install || m.Release.Name == "" || !m.Suite || !installs(m) {
				continue
			}
			absent(p, m)
		}
	}),
}

// installs reports whether a call installs packages by name from the sources of its release.
func installs(m provision.Moment) bool {
	c := m.Call.Command
	switch f := familyOf(m); {
	case f == ecosystem.Apt:
		if m.Release.Distribution != "debian" && m.Release.Distribution != "ubuntu" || !m.Lists && !provision.Refreshes(m.Call) {
			return false
		}
		return m.Call.Verb.Text == "install" && !c.Has("-t", "--target-release", "-s", "--simulate", "--dry-run", "-m", "--ignore-missing",
			"-h", "--help", "--print-uris")
	case f == ecosystem.Apk:
		return m.Release.Distribution == "alpine" && m.Call.Verb.Text == "add" && (!c.Has("-X", "--repository") || fromEdge(c)) &&
			!c.Has("--repositories-file", "-p", "--root", "-s", "--simulate")
	case rpm(f):
		return (m.Release.From("centos", "8") || m.Release.Distribution == "fedora") && m.Call.Verb.Text == "install" &&
			!c.Has("--enablerepo", "--repo", "--repofrompath", "--installroot", "--skip-broken", "--setopt", "--releasever")
	}
	return false
}

// fromEdge reports whether the repositories that a call of apk names are Alpine's own edge.
func fromEdge(c *shell.Command) bool {
	fields, open := c.Fields()
	if open {
		return false
	}
	for i, f := range fields {
		var value string
		switch {
		case (f == "-X" || f == "--repository") && i+1 < len(fields):
			value = fields[i+1]
		case strings.HasPrefix(f, "--repository="), strings.HasPrefix(f, "-X") && len(f) > 2:
			value = f
		default:
			continue
		}
		if !provision.IsEdge(value) {
			return false
		}
	}
	return true
}

// absent reports the packages of a call that its release does not have.
func absent(p *lint.Pass, m provision.Moment) {
	c := m.Call.Command
	var first *lint.Finding
	var missing []missed // none if first is about something else
	for _, w := range c.Args() {
		fields, known := c.Expand(w)
		if !known {
			continue
		}
		for _, field := range fields {
			if isOption(field) || strings.Contains(field, "://") || strings.ContainsAny(field, "*?[({$/|^") || strings.HasSuffix(field, "-") || strings.HasSuffix(field, "+") && !strings.HasSuffix(field, "++") {
				continue
			}
			name := provision.PackageName(field)
			if held(m, name) && w != m.Call.Verb && first == nil {
				first = breaks(p.Report(w.Span, "`%s` cannot be installed from Debian in `%s`", name, m.Root.Value.Text), c).
					Because("the image's `/etc/apt/preferences.d/no-debian-php` gives all `php*` packages a negative priority, since the image has its own PHP (source: docker-library/php@dbd5d1e0, 2017-12-13)").
					Advise("use `docker-php-ext-install` or `pecl`, or start from `%s:%s`", m.Release.Distribution, m.Release.Code)
				continue
			}
			if left, right := glued(p, m, w); left != "" && first == nil {
				first = breaks(p.Report(w.Span, "`%s` is not a package", name), c).
					Because("it is `%s` and `%s` without a space between them, because `\\` at the end of a line joins it to the next", left, right).
					Advise("write a space before the `\\`")
				continue
			}
			if impossible(m, field) && w != m.Call.Verb && first == nil {
				first = breaks(p.Report(w.Span, "`%s` cannot be a package", name), c).
					Because("package names do not contain capital letters (source: https://www.debian.org/doc/debian-policy/ch-controlfields.html#source)").
					Advise("remove `%s`; if it is meant as an instruction, the line above it must not end in `\\`", name)
				continue
			}
			release := m.Release
			if m.EPEL() {
				release.Name += "+epel"
			}
			what, ok := distro.Absent(release, name, p.Now)
			if ok && (m.Edge() || c.Has("-X", "--repository")) {
				_, ok = distro.Absent(image.Release{Distribution: "alpine", Name: "edge"}, name, p.Now)
			}
			if !ok || w == m.Call.Verb || m.Added(name, p.Now) {
				continue
			}
			if first != nil {
				first.Relate(w.Span, "the release does not have `%s` either", name)
				if len(missing) > 0 {
					missing = append(missing, missed{w, field, name, what.Instead})
				}
				continue
			}
			first = rotten(p.Report(w.Span, "%s has no package `%s`", m.Release.Title(), name), c).
				Because("the release does not have this package (source: %s, %s), and `%s` installs nothing if one is missing, so the step fails",
					what.Source, what.Read.Format(time.DateOnly), m.Call.Manager)
			if !strings.Contains(m.Root.Value.Text, m.Release.Name) { // the image does not say so itself
				first.Relate(m.Root.Span, "this image is based on %s", m.Release.Title())
			}
			missing = append(missing, missed{w, field, name, what.Instead})
		}
	}
	if len(missing) > 0 {
		advise(first, c, missing)
	}
}

// glued are the names of two packages that a continuation without a space has made one word of, "" for another word.
func glued(p *lint.Pass, m provision.Moment, w shell.Word) (left, right string) {
	if !w.Literal || w.Quoted || w.Span.Len() == len(w.Text) {
		return "", ""
	}
	left, right, ok := strings.Cut(string(p.Plan.File.Bytes[w.Span.Start:w.Span.End]), "\\\n")
	if !ok || left+right != w.Text || !image.Tracked(left) || !image.Tracked(right) || image.Tracked(w.Text) {
		return "", ""
	}
	if _, known := distro.Brings(m.Release.Distribution, m.Release, w.Text); known {
		return "", ""
	}
	return left, right
}

// impossible reports whether no package of Debian or Ubuntu can have the name.
func impossible(m provision.Moment, name string) bool {
	return familyOf(m) == ecosystem.Apt && strings.ToLower(name) != name && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// held reports whether the image keeps the package away, and nothing may have changed that.
func held(m provision.Moment, name string) bool {
	if !m.Release.From("debian", "9") || !m.Base.Blocks(name) {
		return false
	}
	step := m.Command.Script.Step
	for before := range step.Before() {
		if before.Copy != nil && strings.Contains(before.Instruction.Text.String, "/etc/apt") || strings.Contains(before.Instruction.Text.String, "preferences") {
			return false
		}
	}
	return !strings.Contains(m.Command.Script.Text.String, "preferences")
}

// missed is a package of a call that its release does not have.
type missed struct {
	word        shell.Word
	field, name string // with and without a version
	instead     string // "" if nothing takes its place
}

// advise says what to do about all of list, and offers to replace the packages that have a successor.
func advise(f *lint.Finding, c *shell.Command, list []missed) {
	var replaced, removed, titles []string
	var edits []lint.Edit
	safety, python := lint.Unsafe, ""
	for _, g := range list {
		if g.instead == "" {
			removed = append(removed, "`"+g.name+"`")
			continue
		}
		if strings.HasPrefix(g.instead, "python3") && !strings.HasPrefix(g.name, "python3") {
			safety, python = lint.Display, ", and make sure that nothing needs Python 2 or calls `python`"
		}
		replaced = append(replaced, "`"+g.instead+"` instead of `"+g.name+"`")
		if c.Plain(g.word) && g.field == g.word.Text && !strings.Contains(g.instead, " ") {
			titles = append(titles, "`"+g.name+"` with `"+g.instead+"`")
			edits = append(edits, lint.Replace(g.word.Span, strings.Replace(g.word.Text, g.name, g.instead, 1)))
		}
	}
	it, has := "the package", "it"
	if len(removed) > 1 {
		it, has = "the packages", "them"
	}
	if len(replaced) > 0 {
		it = strings.Join(removed, ", ")
	}
	remove := "remove " + it + ", or use a base image whose release has " + has
	switch {
	case len(replaced) == 0:
		f.Advise("%s", remove)
	case len(list) == 1:
		f.Advise("install `%s`", list[0].instead)
	case len(removed) > 0:
		f.Advise("install %s; %s", strings.Join(replaced, ", and "), remove)
	default:
		f.Advise("install %s", strings.Join(replaced, ", and "))
	}
	f.Help += python
	if len(edits) > 0 {
		f.Offer(safety, "replace "+strings.Join(titles, ", and "), edits...)
	}
}
