package packages

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// leftover is the cache that a package manager leaves in the layer of its RUN.
type leftover struct {
	code     string   // hadolint's
	managers []string // that fill it
	unknown  string   // commands of the managers that hadolint does not know
	verbs    string   // that fill it, "-" for a call without verb
	theirs   string   // those of them that hadolint looks at
	cleaners []string // the managers whose clean-up empties it
	folders  []string // that hold it; "~" is any home
	mounts   []string // the parts of a mount's target that hadolint knows
	what     string
	why      string
	help     string
	cleanup  string // the arguments by which the manager empties it
	removal  bool   // hadolint is content with any `rm -rf`
	used     bool   // hadolint looks only at the last stage and at those that a FROM names
	// needed says what may need the cache, "" if nothing does; nil where nothing can.
	needed func(*shell.Call) string
}

// check reports the last call of a RUN that fills the cache, if nothing behind it empties it. It is silent where a cache or
// tmpfs mount takes the folder, and doubtful in a stage that does not ship.
func (l *leftover) check() lint.Check {
	return lint.OnRun(func(p *lint.Pass, sc *shell.Script) {
		var last, theirs *shell.Call
		for _, c := range sc.Calls() {
			if !slices.Contains(l.managers, c.Manager) {
				continue
			}
			verb := c.Verb.Text
			if verb == "" && c.Action == shell.Install {
				verb = "-"
			}
			if has(l.verbs, verb) {
				last = c
			}
			if has(l.theirs, verb) && bare(c.Command) && !has(l.unknown, c.Command.Words[0].Text) {
				last, theirs = c, c
			}
		}
		if last == nil {
			return
		}
		doubt := ""
		switch {
		case l.emptied(sc, last):
			doubt = "the same step removes the cache"
		case l.mounted(sc.Step):
			doubt = "a mount keeps the cache out of the layer"
		case !sc.Step.Stage.Shipped:
			doubt = "the stage does not ship"
		case l.needed != nil:
			doubt = l.needed(last)
		}
		seen := theirs != nil && !l.content(p, sc, theirs)
		if doubt != "" && !seen {
			return
		}
		at := last.Verb
		if at.Text == "" {
			at = last.Command.Words[0]
		}
		f := p.Report(at.Span, "%s stays in the layer", l.what).Because("%s", l.why).Advise("%s", l.help)
		f.Doubt = doubt
		if doubt == "" {
			endWith(p, f, last.Command, last.Command.Name+" "+l.cleanup)
		}
		if seen {
			f.Alias(l.code)
		}
	})
}

// emptied reports whether a command behind call empties the cache.
func (l *leftover) emptied(sc *shell.Script, call *shell.Call) bool {
	for _, c := range sc.Calls() {
		if c.Action == shell.Clean && slices.Contains(l.cleaners, c.Manager) && c.Command.Span.Start > call.Command.Span.Start {
			return true
		}
	}
	for _, c := range sc.Commands {
		if c.Span.Start < call.Command.Span.Start || c.Name != "rm" && c.Name != "find" {
			continue
		}
		if slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return l.holds(strings.TrimRight(w.Text, "*/")) }) {
			return true
		}
	}
	return false
}

// mounted reports whether a mount takes what the cache would hold.
func (l *leftover) mounted(step *plan.Step) bool {
	return slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool {
		return (m.Type == "cache" || m.Type == "tmpfs") && l.holds(path.Clean(m.Target.Text))
	})
}

// holds reports whether dir is one of the cache's folders, or a folder around one below the root.
func (l *leftover) holds(dir string) bool {
	return len(dir) > 1 && slices.ContainsFunc(l.folders, func(f string) bool {
		if inHome, ok := strings.CutPrefix(f, "~"); ok {
			return strings.HasSuffix(dir, inHome) || strings.HasSuffix(dir, path.Dir(inHome))
		}
		return dir == f || strings.HasPrefix(f, dir+"/")
	})
}

// content reports whether hadolint has no complaint about call.
func (l *leftover) content(p *lint.Pass, sc *shell.Script, call *shell.Call) bool {
	for _, m := range sc.Step.Mounts {
		known := func(part string) bool { return strings.Contains(m.Target.Text, part) }
		if (m.Type == "cache" || m.Type == "tmpfs") && slices.ContainsFunc(l.mounts, known) {
			return true
		}
	}
	if l.used && !used(p.Plan, sc.Step.Stage) {
		return true
	}
	for _, c := range sc.Commands {
		if c.Span.Start < call.Command.Span.Start || !bare(c) {
			continue
		}
		if slices.Contains(l.managers, c.Name) && slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return has("clean cc", w.Text) }) ||
			l.removal && c.Name == "rm" && c.Has("-r", "-R") && c.Has("-f") {
			return true
		}
	}
	return false
}

// used reports whether s is the last stage, or one that a FROM names.
func used(b *plan.Plan, s *plan.Stage) bool {
	return s == b.Stages[len(b.Stages)-1] || slices.ContainsFunc(b.Stages, func(o *plan.Stage) bool { return o.Base != nil && o.Base.Stage == s })
}
