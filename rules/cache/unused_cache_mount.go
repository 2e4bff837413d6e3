package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnusedCacheMount reports a cache mount that the commands in its RUN do not use, because the tool keeps its cache
// elsewhere for the USER and environment in force, because it is told to keep none, because what it keeps is deleted, or because the
// mount belongs to root and the USER cannot write to it.
var UnusedCacheMount = &lint.Rule{
	Name: "unused-cache-mount", Summary: "the commands in a RUN do not use its cache mount", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, sc *shell.Script) {
		if !sc.Step.Stage.Reached || sc.Err != nil {
			return
		}
		for _, m := range sc.Step.Mounts {
			if m.Type != "cache" || !m.Target.Known || m.From != nil {
				continue
			}
			if emptied(p, sc, m) {
				continue
			}
			if cache := install.CacheAt(m.Target.Text); cache == nil || !unused(p, sc, m, cache) {
				unwritable(p, sc, m)
			}
		}
	}),
}

// unused reports m on the cache if the only call in sc that could use it does not. It is silent where the script runs
// something else that may. It says whether it has reported m.
func unused(p *lint.Pass, sc *shell.Script, m plan.Mount, cache *install.Caching) bool {
	target := path.Clean(m.Target.Text)
	calls := cache.Calls(sc)
	if len(calls) != 1 || calls[0].Action != shell.Install {
		return false
	}
	call := calls[0]
	if len(cache.Off) > 0 {
		if w := call.Command.Flag(cache.Off...); w != nil {
			p.Report(w.Span, "`%s` keeps %s from using the cache mount", w.Text, cache.Title).
				Because("the mount at `%s` stays empty, so the packages are downloaded again whenever this step runs", target).
				Advise("remove `%s`; the contents of a cache mount are not part of any layer", w.Text)
			return true
		}
	}
	if v := switchedOff(sc, cache.OffEnv); v != nil {
		p.Report(m.Text.Full(), "`%s` keeps %s from using this cache mount", v.Name, cache.Title).
			Because("the mount stays empty, so the packages are downloaded again whenever this step runs").
			Relate(v.Pair.Key.Full(), "set here").
			Advise("remove `%s`; the contents of a cache mount are not part of any layer", v.Name)
		return true
	}
	if cache.Moved(call) {
		return false
	}
	dirs, why := install.Of(p).CacheDirs(cache.Cache, call)
	related := func(dir string) bool { return plan.Within(dir, target) || plan.Within(target, dir) }
	if len(dirs) == 0 || slices.ContainsFunc(dirs, related) {
		return false
	}
	f := p.Report(m.Text.Full(), "%s keeps its cache in `%s`, not in `%s`", cache.Title, dirs[0], target).
		Because("%s uses `%s` because %s, so the mount stays empty and does not speed up later builds",
			cache.Title, dirs[0], why)
	covers := func(o plan.Mount) bool { return o.Type == "cache" && plan.Within(dirs[0], path.Clean(o.Target.Text)) }
	if slices.ContainsFunc(sc.Step.Mounts, covers) {
		f.Advise("remove this mount, because another one covers `%s`", dirs[0])
		return true
	}
	f.Advise("mount the cache at `%s`", dirs[0])
	return true
}

// switchedOff is the one of the variables called names that a step sets to a value that means yes.
func switchedOff(sc *shell.Script, names []string) *plan.Variable {
	for _, name := range names {
		v := sc.Step.Env.Lookup(name)
		if v == nil || !v.Set || !v.Value().Known || v.Step() == nil || install.Assigned(sc, name) {
			continue
		}
		switch strings.ToLower(v.Value().Text) {
		case "", "0", "false", "off", "no":
			continue
		}
		return v
	}
	return nil
}

// emptied reports a mount on the directories of a manager of which some images, or the script, delete what it holds. It
// says whether m is such a mount.
func emptied(p *lint.Pass, sc *shell.Script, m plan.Mount) bool {
	target := path.Clean(m.Target.Text)
	if target == "/" || target == "/var" {
		return false
	}
	cache := install.SystemCache(target)
	if cache == nil {
		return false
	}
	downloads, lists := plan.Within(cache.Dirs[0], target), plan.Within(cache.Lists, target)
	installs := false
	for _, call := range cache.Calls(sc) {
		installs = installs || call.Action == shell.Install
		if downloads && call.Action == shell.Clean {
			p.Report(call.Command.Span, "`%s` empties the cache mount at `%s`", install.Command(call), target).
				Because("the packages are downloaded again whenever this step runs").
				Advise("remove `%s`; the contents of a cache mount are not part of any layer", install.Command(call))
			return true
		}
	}
	for _, c := range sc.Commands {
		if c.Deletes(cache.Lists) && lists || c.Deletes(path.Dir(cache.Dirs[0])) && downloads {
			p.Report(c.Span, "`%s` empties the cache mount at `%s`", c.Name, target).
				Because("everything is downloaded again whenever this step runs").
				Advise("remove the `%s`; the contents of a cache mount are not part of any layer", c.Name)
			return true
		}
	}
	if downloads && installs && install.Emptied(sc.Step, cache.Cache) {
		p.Report(m.Text.Full(), "%s deletes each package after installing it, so this cache mount stays empty", cache.Title).
			Because("the official Debian and Ubuntu images have `%s`, which tells apt to do so", cache.EmptiedBy).
			Advise("add `RUN rm -f %s` before this step", cache.EmptiedBy)
	}
	return true
}

// unwritable reports m if it belongs to root, as a cache mount does that does not say otherwise, and the commands of sc run as another
// user. It is silent if another step may have changed the owner of the same cache.
func unwritable(p *lint.Pass, sc *shell.Script, m plan.Mount) {
	step := sc.Step
	if step.UserStep == nil || !step.User.Known || container.Root(step.User.Text) || step.Stage.Windows() || owned(m) || mayOwn(p, m) ||
		plan.Within(path.Clean(m.Target.Text), "/root") {
		return // only root can enter /root
	}
	if slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool { return c.Name == "sudo" || c.Name == "doas" || c.Name == "su" }) {
		return
	}
	user, group, _ := strings.Cut(step.User.Text, ":")
	f := p.Report(m.Text.Full(), "user `%s` cannot write to this cache mount", user).
		Because("a cache mount belongs to root unless it sets `uid`, so some tools work without their cache and others fail").
		Relate(step.UserStep.Instruction.Args[0].Full(), "the user is set here").
		Advise("add `uid` and `gid` with the numbers of `%s`", user)
	if number(user) {
		if !number(group) {
			group = "0"
		}
		f.Advise("add `,uid=%s,gid=%s`", user, group)
	}
}

func number(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// owned reports whether the flag of m says whose the cache is, who may write to it, or that nobody does.
func owned(m plan.Mount) bool {
	for field := range strings.SplitSeq(m.Text.String, ",") {
		switch name, _, _ := strings.Cut(strings.ToLower(strings.Trim(field, `"' `)), "="); name {
		case "uid", "gid", "mode", "ro", "readonly":
			return true
		}
		if strings.Contains(field, "$") && !strings.Contains(field, "=") {
			return true
		}
	}
	return false
}

// mayOwn reports whether a step mounts the cache of m too and says whose it is, or may change its owner.
func mayOwn(p *lint.Pass, m plan.Mount) bool {
	id := func(m plan.Mount) string {
		if m.ID != "" {
			return m.ID
		}
		return path.Clean(m.Target.Text)
	}
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			for _, other := range step.Mounts {
				if other.Type != "cache" || id(other) != id(m) {
					continue
				}
				if text := step.Instruction.Text.String; owned(other) || strings.Contains(text, "chown") || strings.Contains(text, "chmod") ||
					len(step.Instruction.Heredocs) > 0 {
					return true
				}
			}
		}
	}
	return false
}
