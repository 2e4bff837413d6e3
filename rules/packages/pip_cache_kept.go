package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// PipCacheKept reports a `pip install` that leaves what it downloaded in its layer a second time. It is doubtful in a stage that
// does not ship, and where pip's configuration, a variable or a script may keep the cache out.
var PipCacheKept = &lint.Rule{
	Name: "pip-cache-kept", Summary: "pip's cache stays in a layer", Category: lint.Packages, Aliases: []string{"DL3042"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCall(func(p *lint.Pass, call *shell.Call) {
		c := call.Command
		if call.Verb.Text != "install" || c.Has("--no-cache-dir") || truth(pipVariable(c, "PIP_NO_CACHE_DIR")) ||
			slices.ContainsFunc(c.Script.Step.Mounts, func(m plan.Mount) bool {
				return (m.Type == "cache" || m.Type == "tmpfs") && strings.Contains(m.Target.Text, ".cache/pip")
			}) {
			return
		}
		theirs := bare(c)
		why, sure := uncached(c)
		if sure && !theirs {
			return
		}
		f := p.Report(call.Verb.Span, "`pip install` leaves its cache in this layer").
			Because("pip keeps each download and each wheel that it builds; in an image nothing reads them again").
			Advise("add `--no-cache-dir`, or mount a cache on `/root/.cache/pip`").
			Doubting(why)
		if theirs {
			f.Alias("DL3042")
		}
		if why == "" {
			insertBehind(f, call, "--no-cache-dir")
		}
	}, "pip"),
}

// pipVariable is the value of an environment variable for c, "" if it is not set or not known.
func pipVariable(c *shell.Command, name string) string {
	for _, a := range c.Assigns {
		if a.Name == name {
			return a.Value.Text
		}
	}
	for outer := c.Outer; outer != nil; outer = outer.Outer {
		for _, a := range outer.Assigns {
			if a.Name == name {
				return a.Value.Text
			}
		}
	}
	if v := c.Script.Step.Env.Lookup(name); v != nil && v.Set {
		return v.Value().Text
	}
	return ""
}

// uncached says what keeps pip's cache out of the layer of c beside its own words, "" if nothing does; sure is false if it
// only may.
func uncached(c *shell.Command) (why string, sure bool) {
	fields, _ := c.Fields()
	step := c.Script.Step
	dir := "/root/.cache/pip"
	if xdg := pipVariable(c, "XDG_CACHE_HOME"); xdg != "" {
		dir = strings.TrimRight(xdg, "/") + "/pip"
	}
	if set := pipVariable(c, "PIP_CACHE_DIR"); set != "" {
		dir = set
	}
	if w, ok := c.FlagValue("--cache-dir"); ok {
		dir = step.Env.Expand(w.Text).Text
	}
	mounted := step.Discards(dir) || slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool {
		target := strings.TrimRight(m.Target.Text, "/")
		return strings.HasSuffix(target, "/.cache") || strings.Contains(target, ".cache/pip") || !m.Target.Known && m.Type == "cache"
	})
	behind := after(c)
	switch {
	case slices.Contains(fields, "--no-cache-dir"):
		return "a variable holds `--no-cache-dir`", true
	case slices.Contains(fields, "--no-cache"):
		return "pip takes `--no-cache` for `--no-cache-dir`", true
	case pipVariable(c, "PIP_NO_CACHE_DIR") != "":
		return "pip takes any value of `PIP_NO_CACHE_DIR` for a yes", true // also `0`, for the sake of old scripts
	case mounted:
		return "a mount keeps it out of the layer", true
	case slices.ContainsFunc(behind, func(later *shell.Command) bool { return removesPipCache(later, dir) }):
		return "the same `RUN` removes it", true
	case c.Has("--no-index"):
		return "without an index pip downloads nothing", true
	case c.Has("--dry-run"):
		return "a dry run installs nothing", true
	case pipConfigured(step):
		return "an earlier command configures pip's cache", false
	case flagVariable(c):
		return "a variable may hold `--no-cache-dir`", false
	case cleaner(behind) != "":
		return "`" + cleaner(behind) + "` may remove it", false
	}
	for earlier := range step.Before() {
		if pipConfigured(earlier) {
			return "an earlier instruction configures pip's cache", false
		}
	}
	if !step.Stage.Shipped {
		return off, false
	}
	return "", false
}

// removesPipCache reports whether c deletes pip's cache, dir, in whosever home it is.
func removesPipCache(c *shell.Command, dir string) bool {
	switch c.Name {
	case "pip", "pip3":
		return c.Has("cache") && c.Has("purge")
	case "python", "python3":
		return c.Has("pip") && c.Has("cache") && c.Has("purge")
	case "rm":
		for _, w := range c.Args() {
			path := strings.TrimRight(w.Text, "/*")
			if strings.HasSuffix(path, "/.cache") || strings.Contains(path, ".cache/pip") || strings.Contains(path, "pip cache dir") {
				return true
			}
		}
	}
	return c.Deletes(dir)
}

// pipConfigured reports whether step writes something on the cache into pip's configuration.
func pipConfigured(step *plan.Step) bool {
	if step.Copy != nil && strings.HasSuffix(step.Copy.To.Text, "pip.conf") {
		return true
	}
	text := written(step)
	return strings.Contains(text, "no-cache-dir") && (strings.Contains(text, "pip.conf") || strings.Contains(text, "config set")) ||
		step.Instruction.Name == "RUN" && strings.Contains(text, "export PIP_NO_CACHE_DIR")
}
