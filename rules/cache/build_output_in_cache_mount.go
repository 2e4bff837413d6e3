package cache

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// BuildOutputInCacheMount reports a RUN that builds into a cache mount and copies nothing out of it, if a later COPY
// expects the program there. Only the last RUN with the mount is reported, because it is the one that would have to
// copy the program.
var BuildOutputInCacheMount = &lint.Rule{
	Name: "build-output-in-cache-mount", Category: lint.Cache,
	Summary:  "the build output is in a cache mount and is gone after the `RUN`",
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		told := map[string]bool{}
		for i := len(s.Steps) - 1; i >= 0; i-- {
			step := s.Steps[i]
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

// lost reports m on dir if step builds into dir and a later COPY expects there what no command copied out.
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
			if !install.LeavesInPlace(c, build) {
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
					f := p.Report(m.Text.Full(), "`%s` is in a cache mount, so it is gone after this `RUN`", src.Path.Text).
						Because("a cache mount only exists while its `RUN` runs and is not part of any layer, so the `%s` below "+
							"finds nothing", taker.Instruction.Name).
						Relate(src.Word.Full(), "copied here").
						Advise("add `&& cp %s /%s` to this `RUN` and copy `/%s` instead", src.Path.Text, name, name)
					if certain(p, step, src, dir) {
						f.Breaking(lint.BreaksBuild)
					}
					return
				}
			}
		}
	}
}

// certain reports whether a COPY of src from the stage of step fails because dir is a cache mount in step. It does not
// where a later RUN may make src, where the build context has it, or where src is a pattern, which may match nothing.
func certain(p *lint.Pass, step *plan.Step, src plan.Source, dir string) bool {
	name := path.Clean("/" + src.Path.Text)
	if p.Context() == nil || name == dir || strings.ContainsAny(name, "*?[") {
		return false
	}
	for _, later := range step.After() {
		if later.Instruction.Name == "RUN" || later.Copy != nil {
			return false
		}
	}
	_, held := p.Origin(step.Stage, name)
	return !held
}
