package cache

import (
	"path"
	"slices"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// BuildOutputInCacheMount reports a RUN of Cargo whose target folder is a cache mount, if nothing brings the program out of it in that
// RUN although a later COPY takes it from there: a mount is in no layer. The last RUN with the mount is the one that has to.
var BuildOutputInCacheMount = &lint.Rule{
	Name: "build-output-in-cache-mount", Summary: "what is built lies in a cache mount, and is gone after the RUN", Category: lint.Cache,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		told := map[string]bool{}
		for _, step := range slices.Backward(s.Steps) {
			for _, m := range step.Mounts {
				if m.Type != "cache" || !m.Target.Known {
					continue
				}
				if dir := path.Clean(m.Target.Text); path.IsAbs(dir) && !told[dir] {
					told[dir] = true
					lost(p, step, m, dir)
				}
			}
		}
	}),
}

// lost reports m on dir if step builds with Cargo and a COPY takes from dir what no command brought out.
func lost(p *lint.Pass, step *plan.Step, m plan.Mount, dir string) {
	sc := p.Script(step)
	if sc == nil || sc.Err != nil {
		return
	}
	var build *shell.Call
	for _, call := range sc.Calls() {
		if install.BuildsInto(call, path.Base(dir)) {
			build = call
		}
	}
	if build == nil {
		return
	}
	for _, c := range sc.Commands {
		switch c.Name {
		case "cd", "set", "echo", "export", "touch", "ls", "mkdir":
		default:
			if !install.Keeps(c, build) {
				return // it may copy the program elsewhere
			}
		}
	}
	for _, other := range p.Plan.Stages {
		for _, taker := range other.Steps {
			if !other.Reached || taker.Copy == nil || taker.Copy.From == nil || taker.Copy.From.Stage != step.Stage {
				continue
			}
			for _, src := range taker.Copy.Sources {
				if src.Path.Known && plan.Within(path.Clean("/"+src.Path.Text), dir) {
					name := path.Base(src.Path.Text)
					p.Report(m.Text.Full(), "`%s` lies in this cache mount, and is not in the stage after this `RUN`", src.Path.Text).
						Because("a cache mount is there while its `RUN` runs, and in no layer: the `%s` below finds nothing", taker.Instruction.Name).
						Relate(src.Word.Full(), "taken here").
						Advise("add `&& cp %s /%s` to this `RUN`, and copy `/%s`", src.Path.Text, name, name)
					return
				}
			}
		}
	}
}
