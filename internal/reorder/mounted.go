package reorder

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Mounted makes the Dockerfiles in which what a manager downloads, or the Go compiler makes, is kept in a cache mount. The files of the
// image stay the same, so it is silent if the image has the cache. It is a rule for the reason that Later is one.
var Mounted = &lint.Rule{
	Name: "unkept-downloads", Summary: "downloads are not kept from build to build", Category: lint.Cache,
	Profile: lint.Strict, Scope: lint.AnyStage, Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		var edits []lint.Edit
		var titles []string
		given := map[*plan.Step][]string{}
		for _, sc := range p.Scripts(s) {
			if sc.Err != nil {
				continue
			}
			for _, call := range sc.Calls() {
				for _, c := range install.CachesOf(call) {
					dir := missingMount(p, s, c, call)
					if dir == "" || slices.Contains(given[sc.Step], dir) {
						continue
					}
					given[sc.Step] = append(given[sc.Step], dir)
					edits = append(edits, lint.Insert(afterKeyword(sc.Step), "--mount=type=cache,target="+dir+" "))
					if !slices.Contains(titles, c.Title) {
						titles = append(titles, c.Title)
					}
				}
			}
		}
		if len(edits) > 0 {
			what := "a cache mount"
			if len(titles) > 1 {
				what = "cache mounts"
			}
			p.Report(s.From.Head(), "nothing is kept").Offer(lint.Unsafe, "add "+what+" for "+strings.Join(titles, " and "), edits...)
		}
	}),
}

// afterKeyword is where the first flag of a RUN begins, or would.
func afterKeyword(run *plan.Step) int {
	if flags := run.Instruction.Flags; len(flags) > 0 {
		return flags[0].Span(0, 0).Start
	}
	text := run.Instruction.Rest
	at := len(text.String) - len(strings.TrimLeft(text.String, " \t"))
	return text.Span(at, at).Start
}

// missingMount is the directory of c for which the step of call lacks a cache mount, "" if it needs none or if one may change the build.
func missingMount(p *lint.Pass, s *plan.Stage, c *install.Caching, call *shell.Call) string {
	step := call.Command.Script.Step
	if install.Manager(call).System || c.Moved(call) || c.SwitchedOff(call) || c.Mounted(call) || call.Action != shell.Install && !install.Compiles(call) ||
		slices.ContainsFunc(c.Calls(call.Command.Script), func(x *shell.Call) bool { return x.Action == shell.Clean }) ||
		strings.Contains(step.Instruction.Text.String, "cache") {
		return "" // it may empty the cache
	}
	dirs, _ := install.Of(p).CacheDirs(c.Cache, call)
	if len(dirs) == 0 || slices.Contains(c.ModernDirs, "~"+strings.TrimPrefix(dirs[0], "/root")) {
		return ""
	}
	dir := dirs[0]
	// The directory of a cache mount belongs to root.
	if user := step.User; user.Known && user.Text != "root" && user.Text != "0" || plan.Within(dir, "/home") || reaches(p.Plan, s, dir) {
		return ""
	}
	if c.Store && (!apartFrom(p, s, c) || derived(p.Plan, s)) {
		return ""
	}
	return dir
}

// reaches reports whether the image has dir, or another stage copies or mounts something of it.
func reaches(p *plan.Plan, s *plan.Stage, dir string) bool {
	if p.Ships(s, dir) {
		return true
	}
	touches := func(source string) bool {
		source = path.Clean("/" + source)
		return plan.Within(dir, source) || plan.Within(source, dir)
	}
	for _, other := range p.Stages {
		for _, step := range other.Steps {
			if step.Copy != nil && step.Copy.From != nil && step.Copy.From.Stage == s &&
				slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool { return !src.Path.Known || touches(src.Path.Text) }) {
				return true
			}
			if slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool { return m.From != nil && m.From.Stage == s && touches(m.Source) }) {
				return true
			}
		}
	}
	return false
}

// derived reports whether another stage that is built starts FROM s.
func derived(p *plan.Plan, s *plan.Stage) bool {
	return slices.ContainsFunc(p.Stages, func(other *plan.Stage) bool { return other.Reached && other.Base != nil && other.Base.Stage == s })
}

// apartFrom reports whether no RUN of s but those whose calls fill c can need what c has: each command is known.
func apartFrom(p *lint.Pass, s *plan.Stage, c *install.Caching) bool {
	for _, sc := range p.Scripts(s) {
		calls := c.Calls(sc)
		if sc.Err != nil || strings.Contains(sc.Step.Instruction.Text.String, "offline") || strings.Contains(sc.Step.Instruction.Text.String, "GOPROXY") {
			return false
		}
		for _, cmd := range sc.Commands {
			call := slices.ContainsFunc(sc.Calls(), func(x *shell.Call) bool { return x.Command == cmd })
			if !call && len(calls) == 0 && !ignoresArguments(cmd, sc) {
				return false
			}
		}
	}
	return true
}
