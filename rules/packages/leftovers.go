package packages

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// leftover is a rule on the cache that package managers leave in the layer of their RUN: where it is and how to empty
// it is in ecosystem.Layer.
type leftover struct {
	code     string // hadolint's
	managers func(*ecosystem.Manager) bool
	verbs    string // that fill the cache, `-` for a call without a verb
	what     string
	why      string
	hadolint parity.Leftover
	// needed says what may need the cache, "" if nothing does; nil where nothing can.
	needed func(*lint.Pass, *shell.Call) string
}

// check reports the last call of a RUN that fills the cache, if nothing after it empties it. It is silent where a cache
// or tmpfs mount takes the directory, and of low confidence in a stage that does not ship.
//
//go:noinline
func (l *leftover) check() lint.Check {
	l.hadolint.Managers = l.managers
	return lint.OnRun(func(p *lint.Pass, sc *shell.Script) {
		var last, theirs *shell.Call
		for _, c := range sc.Calls() {
			if !l.managers(ecosystem.Of(c.Manager)) {
				continue
			}
			verb := c.Verb.Text
			if verb == "" && c.Action == shell.Install {
				verb = "-"
			}
			if ecosystem.Has(l.verbs, verb) {
				last = c
			}
			if l.hadolint.Fills(c, verb) {
				last, theirs = c, c
			}
		}
		if last == nil {
			return
		}
		layer := ecosystem.Of(last.Manager).Layer
		doubt := ""
		switch {
		case emptied(layer, sc, last):
			doubt = parity.Regardless("the same step removes the cache")
		case mounted(layer, sc.Step):
			doubt = parity.Regardless("a mount keeps the cache out of the layer")
		case unshipped(p, sc.Step.Stage) != "":
			doubt = unshipped(p, sc.Step.Stage)
		case endsInDownload(sc.Commands):
			doubt = perhapsRemoved
		case l.needed != nil:
			doubt = l.needed(p, last)
		}
		seen := theirs != nil && l.hadolint.Reported(p.Plan, theirs)
		if doubt != "" && !seen {
			return
		}
		at := last.Verb
		if at.Text == "" {
			at = last.Command.Words[0]
		}
		plain := last.Command.Name + " " + layer.Cleanup
		cleanup := asRoot(last.Command, plain)
		what := l.what
		if family, title, ok := strings.Cut(what, "'s "); ok && last.Manager != family {
			what = last.Manager + "'s " + title
		}
		f := p.Report(at.Span, "%s stays in the layer", what).Because("%s", l.why).Advise("end the `RUN` with `%s`", cleanup)
		if branch(last.Command) {
			f.Advise("run `%s` after the installation, in the same branch of the `if`", cleanup)
		}
		if emptied(layer, sc, last) || mounted(layer, sc.Step) {
			f.Message, f.Note = "`"+strings.TrimSpace(last.Command.Name+" "+last.Verb.Text)+"` fills "+what, ""
			f.Advise("if you also use hadolint, end the `RUN` with `%s` anyway", cleanup)
			if mounted(layer, sc.Step) { // the clean-up would empty the mount
				f.Advise("%s", parity.Ignore(l.code))
			}
		}
		if doubt == perhapsRemoved || strings.Contains(doubt, "elsewhere") {
			f.Message = strings.Replace(f.Message, "stays", "may stay", 1)
		}
		f.Doubt = doubt
		if doubt == "" {
			if !branch(last.Command) {
				endWith(p, f, last.Command, cleanup)
			}
			type group struct {
				stage   *plan.Stage
				cleanup string
			}
			p.Repeat(f, group{sc.Step.Stage, plain})
		}
		if seen {
			f.Alias(l.code)
		}
	})
}

// branch reports whether c is in an `if`. At the end of the RUN its program may not exist.
func branch(c *shell.Command) bool {
	found := false
	if c.Script.File != nil && c.Stmt != nil {
		syntax.Walk(c.Script.File, func(n syntax.Node) bool {
			clause, ok := n.(*syntax.IfClause)
			found = found || ok && max(clause.Pos().Offset(), clause.ThenPos.Offset()) < c.Stmt.Pos().Offset() && c.Stmt.End().Offset() < clause.End().Offset()
			return !found
		})
	}
	return found
}

// emptied reports whether a command after call empties the cache.
func emptied(l *ecosystem.Layer, sc *shell.Script, call *shell.Call) bool {
	for _, c := range sc.Calls() {
		if c.Action == shell.Clean && slices.Contains(l.Cleaners, c.Manager) &&
			c.Command.Span.Start > call.Command.Span.Start {
			return true
		}
	}
	for _, c := range sc.Commands {
		if c.Span.Start < call.Command.Span.Start || c.Name != "rm" && c.Name != "find" {
			continue
		}
		if slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return holds(l, strings.TrimRight(w.Text, "*/")) }) {
			return true
		}
	}
	return false
}

// mounted reports whether a mount takes what the cache would hold.
func mounted(l *ecosystem.Layer, step *plan.Step) bool {
	return slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool {
		return (m.Type == "cache" || m.Type == "tmpfs") && holds(l, path.Clean(m.Target.Text))
	})
}

// holds reports whether dir is one of the cache's directories, or a directory around one below the root.
func holds(l *ecosystem.Layer, dir string) bool {
	return len(dir) > 1 && slices.ContainsFunc(l.Dirs, func(f string) bool {
		if inHome, ok := strings.CutPrefix(f, "~"); ok {
			return strings.HasSuffix(dir, inHome) || strings.HasSuffix(dir, path.Dir(inHome))
		}
		return dir == f || strings.HasPrefix(f, dir+"/")
	})
}

// systemCache is why a distribution's package cache does not belong in an image.
const systemCache = "the application does not use the cache, which contains repository metadata and sometimes packages"
