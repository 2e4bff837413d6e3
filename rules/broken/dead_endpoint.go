package broken

import (
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/internal/vanished"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// DeadEndpoint reports commands that fetch something from a server or address that is gone, and ADD of such an address. It is
// silent about commands that only write an address down.
var DeadEndpoint = &lint.Rule{
	Name: "dead-endpoint", Summary: "a step fetches from a server that is gone", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
			if !fetches(p, c) && c.Name == "curl" && !c.Has("-L", "--location") {
				redirected(p, c)
			}
		}, "curl", "wget", "git", "hg", "svn", "gpg", "apt-key", "apt-add-repository", "add-apt-repository", "rpm", "pear"),
		lint.OnCalls(func(p *lint.Pass, call *shell.Call) {
			if call.Action == shell.Install && !fetches(p, call.Command) && ecosystem.Of(call.Manager) != nil &&
				ecosystem.Of(call.Manager).Family == ecosystem.Apt {
				installer(p, call)
			}
		}, ecosystem.Names(func(*ecosystem.Manager) bool { return true })),
		lint.OnFile(func(p *lint.Pass) {
			for _, m := range provision.Moments(p) {
				switch {
				case m.Command.Name == "curl" || m.Command.Name == "wget":
					nodeSource(p, m)
				case m.Call != nil && provision.Refreshes(m.Call):
					written(p, m, m.Call.Verb.Span)
				case m.Call == nil && provision.NodeLine(m.Fetch) > 0:
					written(p, m, m.Command.Span)
					if m.Fetch.PipeTo == nil {
						nodeSource(p, m)
					}
				}
			}
		}),
		lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			if s.Copy == nil || !s.Copy.Add {
				return
			}
			for _, src := range s.Copy.Sources {
				if r := vanished.Superseded(src.Path.Text, p.Now); src.Remote && src.Path.Known && r != nil {
					superseded(p.Report(src.Word.Full(), "`%s` %s is no longer on Apache's mirrors", r.Project, r.Version).Breaking(lint.BreaksBuild), r)
				}
				if e := vanished.EndpointIn(src.Path.Text, p.Now); src.Remote && src.Path.Known && e != nil && !e.Partly {
					gone(p.Report(src.Word.Full(), "`%s` no longer works", name(e)).Breaking(lint.BreaksBuild), e)
				}
			}
		}, "ADD"),
	),
}

// fetches reports the first word of c that names something gone, and whether there is one.
func fetches(p *lint.Pass, c *shell.Command) bool {
	for _, w := range c.Args() {
		text := w.Text
		if !w.Literal && c.Script.Step != nil {
			fields, _ := c.Expand(w)
			text = strings.Join(fields, " ")
			if v := c.Script.Step.Env.Expand(w.Text); v.Known {
				text = v.Text
			}
		}
		e := vanished.EndpointIn(text, p.Now)
		if e == nil && (c.Name == "curl" || c.Name == "wget") {
			if r := vanished.Superseded(text, p.Now); r != nil {
				f := superseded(p.Report(w.Span, "`%s` %s is no longer on Apache's mirrors", r.Project, r.Version), r)
				whence(f, c, w, "apache.org")
				if c.Name == "curl" && !refuses(c) {
					f.Severity = lint.Warning
					if later := unpacked(p, c); later != nil {
						superseded(p.Report(later.Span, "`%s` gets an error page instead of `%s` %s", later.Name, r.Project, r.Version), r).
							Breaking(lint.BreaksBuild).Relate(c.Span, "downloaded here")
					}
				} else {
					breaks(f, c)
				}
				return true
			}
		}
		if e == nil || strings.HasPrefix(e.Pattern, "ppa:") { // that only fails at the next update
			continue
		}
		f := p.Report(w.Span, "`%s` no longer works", name(e))
		whence(f, c, w, name(e))
		if e.Partly || e.Answers && c.Name == "curl" && !refuses(c) {
			f.Severity = lint.Warning // it saves the answer and goes on
			if later := unpacked(p, c); later != nil && !e.Partly {
				gone(p.Report(later.Span, "`%s` gets an error page from `%s`", later.Name, name(e)).
					Breaking(lint.BreaksBuild).Relate(c.Span, "downloaded here"), e)
			}
		} else {
			breaks(f, c)
		}
		gone(f, e)
		return true
	}
	return false
}

// whence marks in f the ENV or ARG that sets the variable in w to the address, if part of the address is not in w itself.
func whence(f *lint.Finding, c *shell.Command, w shell.Word, part string) {
	if w.Literal || c.Script.Step == nil || strings.Contains(w.Text, part) {
		return
	}
	set, _ := c.Script.Step.Env.Uses(w.Text)
	for _, name := range set {
		if v := c.Script.Step.Env.Lookup(name); v.Step() != nil && strings.Contains(v.Pair.Value.String, part) {
			f.Relate(v.Pair.Key.Full(), "the address is set here")
		}
	}
}

// refuses reports whether a step fails if curl gets an answer that says no: it tells curl so, or feeds the answer to another command of
// the script that rejects it.
func refuses(c *shell.Command) bool {
	if c.Has("-f", "--fail", "--fail-with-body") || c.PipeTo != nil {
		return true
	}
	for _, later := range c.Script.Commands {
		switch later.Name {
		case "tar", "unzip", "gunzip", "dpkg", "rpm", "sha1sum", "sha256sum", "sha512sum", "md5sum":
			if later.Span.Start > c.Span.Start && provision.Fatal(later) && shares(c, later) {
				return true
			}
		}
	}
	return false
}

// shares reports whether an argument of later ends with the file name of an argument of c.
func shares(c, later *shell.Command) bool {
	for _, w := range c.Args() {
		at := strings.LastIndexByte(w.Text, '/')
		if name := w.Text[at+1:]; len(name) > 4 && strings.Contains(name, ".") {
			for _, arg := range later.Args() {
				if strings.HasSuffix(arg.Text, name) || strings.HasPrefix(arg.Text, name+".") {
					return true
				}
			}
		}
	}
	return false
}

// unpacked is the command of a later step that unpacks or verifies the file that c has saved, and so fails if it is an error page; nil
// if there is none.
func unpacked(p *lint.Pass, c *shell.Command) *shell.Command {
	for _, step := range c.Script.Step.After() {
		sc := p.Script(step)
		if sc == nil {
			continue
		}
		for _, later := range sc.Commands {
			switch later.Name {
			case "tar", "unzip", "gunzip", "dpkg", "rpm":
				if provision.Fatal(later) && shares(c, later) {
					return later
				}
			case "curl", "wget", "cp", "mv":
				if shares(c, later) {
					return nil // the file may be another one
				}
			}
		}
	}
	return nil
}

// superseded says why a release of an Apache project is not on its mirrors.
func superseded(f *lint.Finding, r *vanished.Release) *lint.Finding {
	return f.Because("the mirrors only keep the newest version of each release line, and %s was out by the end of %s (source: "+
		"https://www.apache.org/legal/release-policy.html#when-to-archive)", r.Newer, r.By).
		Advise("get this version from `https://archive.apache.org/dist/`")
}

func name(e *vanished.Endpoint) string {
	return strings.TrimSuffix(strings.TrimPrefix(e.Pattern, "*."), "/")
}

func gone(f *lint.Finding, e *vanished.Endpoint) {
	f.Because("it had stopped working by %s (source: %s)", e.Since.Format(time.DateOnly), e.Source).Advise("use %s", e.Instead)
	outdated(f)
}

// nodeSource reports a script of NodeSource that does not know the release: the line of Node.js had ended long before the release
// came out.
func nodeSource(p *lint.Pass, m provision.Moment) {
	fetch := m.Command
	if m.Fetch != nil {
		fetch = m.Fetch
	}
	line := provision.NodeLine(fetch)
	if line == 0 || !p.Now.Before(provision.NodeScripts) || m.Release.Name == "" || !image.NodeEnded(line, m.Release) {
		return
	}
	for _, w := range fetch.Args() {
		if !strings.Contains(w.Text, "nodesource.com/setup") {
			continue
		}
		_, script, _ := strings.Cut(w.Text, "nodesource.com/")
		at := w.Span
		if m.Fetch != nil {
			at = m.Command.Span
		}
		f := p.Report(at, "`%s` does not support %s", script, m.Release.Title())
		if m.Fetch != nil {
			rotten(f, m.Command)
		} else if c := m.Command.PipeTo; c != nil && (c.Name == "bash" || c.Name == "sh" || c.Name == "sudo") {
			rotten(f, c)
		} else {
			f.Severity = lint.Warning
		}
		f.Because("the script fails with `Your distribution … is not currently supported`, because this Node.js version had reached its end of life "+
			"before %s came out (source: nodesource/distributions#1138)", m.Release.Title()).
			Advise("use the `node` image, or a Node.js version that is still supported")
		return
	}
}

// written reports an update of the package lists, at a span, that asks a server which is gone and which a step has written into the package sources.
func written(p *lint.Pass, m provision.Moment, at parser.Span) {
	for l := m.Written; l != nil; l = l.Next {
		address := "http://" + l.Host + "/"
		if strings.HasPrefix(l.Host, "ppa:") {
			address = l.Host
		}
		e := vanished.EndpointIn(address, p.Now)
		if e == nil || !e.Answers {
			continue // apt only warns if a server does not answer
		}
		f := p.Report(at, "package source `%s` no longer works", name(e)).Relate(l.Span, "this line adds it")
		if provision.Fatal(m.Command) || m.Call != nil && laterInstall(m) {
			f.Breaking(lint.BreaksBuild)
		} else {
			f.Severity = lint.Warning
		}
		gone(f, e)
		return
	}
}

// installer reports an install of the packages that downloaded Java from Oracle.
func installer(p *lint.Pass, call *shell.Call) {
	c := call.Command
	since := time.Date(2019, 4, 16, 0, 0, 0, 0, time.UTC)
	for _, w := range c.Args() {
		if strings.HasPrefix(w.Text, "oracle-java") && strings.HasSuffix(w.Text, "-installer") && !p.Now.Before(since) {
			rotten(p.Report(w.Span, "`%s` no longer works", w.Text), c).
				Because("Oracle has required a login for these downloads since 2019-04-16, and the PPA has dropped the package (source: niclan/Javafox#7)").
				Advise("use the `eclipse-temurin` image, or the distribution's `default-jdk`")
			return
		}
	}
}

// notInstalled reports the first call of conda in a step after c, which has fetched an empty installer.
func notInstalled(p *lint.Pass, c *shell.Command) {
	for _, step := range c.Script.Step.After() {
		sc := p.Script(step)
		if sc == nil {
			continue
		}
		for _, later := range sc.Commands {
			if strings.Contains(sc.Text.String, "://repo.anaconda.com/") {
				return
			}
			if family(later, ecosystem.Conda) && provision.Fatal(later) {
				p.Report(later.Words[0].Span, "`%s` is not installed", later.Name).
					Breaking(lint.BreaksBuild).
					Because("an earlier step saves an empty file instead of the installer, because `curl` without `-L` does not follow the redirect from `repo.continuum.io`").
					Relate(c.Span, "downloaded here").
					Advise("in that step, download `https://repo.anaconda.com/miniconda/…`, or add `-L`")
				return
			}
		}
	}
}

// redirected reports a curl of Miniconda's old address without -L: it saves the empty answer of the redirection.
func redirected(p *lint.Pass, c *shell.Command) {
	for _, w := range c.Args() {
		if !strings.Contains(w.Text, "://repo.continuum.io/") || p.Now.Before(time.Date(2020, 6, 15, 0, 0, 0, 0, time.UTC)) {
			continue
		}
		f := p.Report(w.Span, "`repo.continuum.io` only redirects, and `curl` without `-L` does not follow redirects").
			Because("by 2020-06 the installer had moved to `repo.anaconda.com`; curl saves an empty file and reports success").
			Advise("download `https://repo.anaconda.com/miniconda/…`, or add `-L`")
		for _, later := range c.Script.Commands {
			if family(later, ecosystem.Conda) && later.Span.Start > c.Span.Start && provision.Fatal(later) {
				f.Breaking(lint.BreaksBuild)
				return
			}
		}
		f.Severity = lint.Warning
		notInstalled(p, c)
		return
	}
}
