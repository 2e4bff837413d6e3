package broken

import (
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/internal/vanished"
	"github.com/dockvet/dockvet/lint"
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
		}, "curl", "wget", "git", "hg", "svn", "gpg", "apt-key", "apt-add-repository", "add-apt-repository", "rpm"),
		lint.OnCalls(func(p *lint.Pass, call *shell.Call) {
			if call.Action == shell.Install && !fetches(p, call.Command) && ecosystem.Of(call.Manager) != nil &&
				ecosystem.Of(call.Manager).Family == ecosystem.Apt {
				installer(p, call)
			}
		}, ecosystem.Names(func(*ecosystem.Manager) bool { return true })),
		lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			if s.Copy == nil || !s.Copy.Add {
				return
			}
			for _, src := range s.Copy.Sources {
				if e := vanished.EndpointIn(src.Path.Text, p.Now); src.Remote && src.Path.Known && e != nil {
					gone(p.Report(src.Word.Full(), "`%s` is gone", name(e)).Breaking(lint.BreaksBuild), e)
				}
			}
		}),
	),
}

// fetches reports the first word of c that names something gone, and whether there is one.
func fetches(p *lint.Pass, c *shell.Command) bool {
	for _, w := range c.Args() {
		fields, _ := c.Expand(w)
		text := strings.Join(fields, " ")
		if !w.Literal && c.Script.Step != nil {
			if v := c.Script.Step.Env.Expand(w.Text); v.Known {
				text = v.Text
			}
		}
		e := vanished.EndpointIn(text, p.Now)
		if e == nil {
			continue
		}
		f := p.Report(w.Span, "`%s` is gone", name(e))
		if e.Answers && c.Name == "curl" && !c.Has("-f", "--fail", "--fail-with-body") {
			f.Severity = lint.Warning // it saves the answer and goes on
		} else {
			breaks(f, c)
		}
		gone(f, e)
		return true
	}
	return false
}

func name(e *vanished.Endpoint) string {
	return strings.TrimSuffix(strings.TrimPrefix(e.Pattern, "*."), "/")
}

func gone(f *lint.Finding, e *vanished.Endpoint) {
	f.Because("it has not answered since %s at the latest (source: %s)", e.Since.Format(time.DateOnly), e.Source).Advise("use %s", e.Instead)
}

// installer reports an install of the packages that downloaded Java from Oracle.
func installer(p *lint.Pass, call *shell.Call) {
	c := call.Command
	since := time.Date(2019, 4, 16, 0, 0, 0, 0, time.UTC)
	for _, w := range c.Args() {
		if strings.HasPrefix(w.Text, "oracle-java") && strings.HasSuffix(w.Text, "-installer") && !p.Now.Before(since) {
			breaks(p.Report(w.Span, "`%s` no longer works", w.Text), c).
				Because("Oracle has required a login for these downloads since 2019-04-16, and the PPA has dropped the package (source: niclan/Javafox#7)").
				Advise("use the image `eclipse-temurin`, or the distribution's `default-jdk`")
			return
		}
	}
}

// redirected reports a curl of Miniconda's old address without -L: it saves the empty answer of the redirection.
func redirected(p *lint.Pass, c *shell.Command) {
	for _, w := range c.Args() {
		if !strings.Contains(w.Text, "://repo.continuum.io/") || p.Now.Before(time.Date(2020, 6, 15, 0, 0, 0, 0, time.UTC)) {
			continue
		}
		f := p.Report(w.Span, "`repo.continuum.io` only redirects, and `curl` does not follow").
			Because("since 2020-06 at the latest the installer is at `repo.anaconda.com`; without `-L` curl saves an empty file and succeeds").
			Advise("fetch `https://repo.anaconda.com/miniconda/…`, or add `-L`")
		for _, later := range c.Script.Commands {
			if family(later, ecosystem.Conda) && later.Span.Start > c.Span.Start && provision.Fatal(later) {
				f.Breaking(lint.BreaksBuild)
				return
			}
		}
		f.Severity = lint.Warning
		return
	}
}
