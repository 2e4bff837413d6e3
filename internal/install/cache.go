package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Caching is a cache with the managers that fill it.
type Caching struct {
	*ecosystem.Cache
	managers []*ecosystem.Manager
}

// CacheAt is the cache that a cache mount at target is meant for, nil if that is unknown.
func CacheAt(target string) *Caching {
	return cacheThat(func(c *ecosystem.Cache) bool { return recognises(c, target) })
}

// cacheThat is the first cache for which is returns true, with all managers that share its directories.
func cacheThat(is func(*ecosystem.Cache) bool) *Caching {
	var out *Caching
	for _, m := range ecosystem.Each() {
		for _, c := range m.Caches {
			if out == nil && is(c) {
				out = &Caching{Cache: c}
			}
			if out != nil && slices.Equal(out.Dirs, c.Dirs) {
				out.managers = append(out.managers, m)
			}
		}
	}
	return out
}

// SystemCache is the cache of a manager that some base images tell to delete its downloads, if a mount at target holds
// its downloads or package lists; else nil.
func SystemCache(target string) *Caching {
	return cacheThat(func(c *ecosystem.Cache) bool {
		return c.EmptiedBy != "" && (plan.Within(c.Dirs[0], target) || plan.Within(c.Lists, target))
	})
}

// recognises reports whether a mount at target is meant for c.
func recognises(c *ecosystem.Cache, target string) bool {
	return slices.ContainsFunc(slices.Concat(c.Dirs, c.RootDirs, c.ModernDirs, c.Mistaken), func(dir string) bool {
		rest, home := strings.CutPrefix(dir, "~")
		if !home {
			return target == dir || strings.HasPrefix(target, dir+"/")
		}
		return strings.HasSuffix(target, rest) || strings.Contains(target, rest+"/")
	})
}

// CachesOf are the caches that the manager of call fills.
func CachesOf(call *shell.Call) []*Caching {
	var out []*Caching
	for _, c := range Manager(call).Caches {
		out = append(out, cacheThat(func(x *ecosystem.Cache) bool { return x == c }))
	}
	return out
}

// SwitchedOff reports whether an option of call, or a variable, switches the cache off.
func (c *Caching) SwitchedOff(call *shell.Call) bool {
	return call.Command.Has(c.Off...) || slices.ContainsFunc(c.OffEnv, func(name string) bool {
		return call.Command.Script.Step.Env.Lookup(name) != nil || Assigned(call.Command.Script, name)
	})
}

// Mounted reports whether the step of call has a cache mount in which call keeps c.
func (c *Caching) Mounted(call *shell.Call) bool {
	if c.Moved(call) || c.SwitchedOff(call) {
		return false
	}
	dirs, _ := (*Facts)(nil).CacheDirs(c.Cache, call)
	return slices.ContainsFunc(call.Command.Script.Step.Mounts, func(m plan.Mount) bool {
		return m.Type == "cache" && m.Target.Known && slices.ContainsFunc(dirs, func(dir string) bool { return plan.Within(dir, path.Clean(m.Target.Text)) })
	})
}

// Calls are the calls in sc that use the cache.
func (c *Caching) Calls(sc *shell.Script) []*shell.Call {
	var out []*shell.Call
	for _, call := range sc.Calls() {
		if slices.Contains(c.managers, Manager(call)) {
			out = append(out, call)
		}
	}
	return out
}

// Moved reports whether an option of call, or a variable that its script sets, moves the cache.
func (c *Caching) Moved(call *shell.Call) bool {
	sc := call.Command.Script
	return call.Command.Has(c.Flags...) || Assigned(sc, "HOME") ||
		slices.ContainsFunc(slices.Concat(c.Env, c.Moves), func(name string) bool { return Assigned(sc, name) })
}

// CacheDirs are the directories in which call keeps c, and the reason as a clause; none if they are unknown. f may be nil if there are no
// facts; then they are those of each edition of the manager.
func (f *Facts) CacheDirs(c *ecosystem.Cache, call *shell.Call) (dirs []string, why string) {
	step := call.Command.Script.Step
	base := step.Stage.Image()
	if c.Linked != "" && base != nil && base.Ref.Official() == c.Linked {
		return nil, ""
	}
	for _, name := range c.Env {
		if v := step.Env.Lookup(name); v != nil {
			if !v.Set || !v.Value().Known || !path.IsAbs(v.Value().Text) {
				return nil, ""
			}
			return []string{path.Clean(v.Value().Text)}, "`" + name + "` sets that directory"
		}
	}
	if slices.ContainsFunc(c.Moves, func(name string) bool { return step.Env.Lookup(name) != nil }) {
		return nil, ""
	}
	if c.Image != "" {
		if base == nil || base.Ref.Official() != c.Image {
			return nil, ""
		}
		return c.Dirs, "the `" + c.Image + "` image sets that directory"
	}
	home, why := homeOf(step)
	if home == "" {
		return nil, ""
	}
	for _, dir := range f.editionDirs(c, call, home == "/root") {
		rest, ok := strings.CutPrefix(dir, "~")
		switch {
		case ok:
			dirs = append(dirs, home+rest)
		case c.AnyUser || home == "/root":
			dirs = append(dirs, dir)
		}
	}
	return dirs, why
}

// editionDirs are the directories of c in the edition of the manager that call runs, or in both editions if that is
// unknown.
func (f *Facts) editionDirs(c *ecosystem.Cache, call *shell.Call, root bool) []string {
	dirs := c.Dirs
	if root && c.RootDirs != nil {
		dirs = c.RootDirs
	}
	if c.ModernDirs == nil {
		return dirs
	}
	if f == nil {
		return slices.Concat(dirs, c.ModernDirs)
	}
	switch in := f.Setting(call); {
	case in == nil || in.Lock == "":
		return slices.Concat(dirs, c.ModernDirs)
	case f.Modern(in):
		return c.ModernDirs
	}
	return dirs
}

// Emptied reports whether the base image tells the manager to delete what c holds after each installation, and neither
// step nor one before it may have changed that.
func Emptied(step *plan.Step, c *ecosystem.Cache) bool {
	base := step.Stage.Image()
	if base == nil || !image.Of(*base.Ref).CleansApt() || keeps(step, c) {
		return false
	}
	for s := range step.Before() {
		if keeps(s, c) {
			return false
		}
	}
	return true
}

// keeps reports whether step may change the settings: it names them, or copies to their directory.
func keeps(step *plan.Step, c *ecosystem.Cache) bool {
	texts := []string{step.Instruction.Text.String}
	for _, doc := range step.Instruction.Heredocs {
		texts = append(texts, doc.Body.String)
	}
	for _, text := range texts {
		if mentions(text, c.Settings) {
			return true
		}
	}
	if step.Copy == nil {
		return false
	}
	to := path.Clean(step.Copy.To.Text)
	return strings.HasPrefix(to, "/etc") || to == "/"
}

// homeOf is the home directory of the user of step, and the reason as a clause; "" if it is unknown.
func homeOf(step *plan.Step) (home, why string) {
	if v := step.Env.Lookup("HOME"); v != nil {
		if !v.Set || !v.Value().Known || !path.IsAbs(v.Value().Text) {
			return "", ""
		}
		return path.Clean(v.Value().Text), "`HOME` is `" + path.Clean(v.Value().Text) + "`"
	}
	base := step.Stage.Image()
	if base == nil {
		return "", ""
	}
	user, _, _ := strings.Cut(step.User.Text, ":")
	if !step.User.Known {
		if step.UserStep != nil {
			return "", ""
		}
		user, _ = image.Of(*base.Ref).User()
	}
	home = image.Of(*base.Ref).Home(user)
	switch home {
	case "":
		return "", ""
	case "/root":
		return home, "the user is root"
	}
	return home, "the user is `" + user + "`"
}
