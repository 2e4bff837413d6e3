package packages

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// pipCache is where pip keeps its downloads.
const pipCache = "~/.cache/pip"

// PipCacheKept reports a `pip install` that leaves a second copy of its downloads in its layer. Confidence is low in a
// stage that does not ship, and where pip's configuration, a variable or a script may keep the cache out.
var PipCacheKept = &lint.Rule{
	Name: "pip-cache-kept", Summary: "pip's cache stays in a layer", Category: lint.Packages, Aliases: []string{"DL3042"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCalls(func(p *lint.Pass, call *shell.Call) {
		c := call.Command
		if call.Verb.Text != "install" || c.Has("--no-cache-dir") || truth(pipVariable(c, "PIP_NO_CACHE_DIR")) ||
			slices.ContainsFunc(c.Script.Step.Mounts, func(m plan.Mount) bool {
				return (m.Type == "cache" || m.Type == "tmpfs") && strings.Contains(m.Target.Text, ".cache/pip")
			}) {
			return
		}
		theirs := parity.Bare(c)
		why, sure := uncached(p, c)
		if sure && !theirs {
			return
		}
		if sure {
			why = parity.Regardless(why)
		}
		f := p.Report(call.Verb.Span, "`pip install` leaves its cache in this layer").
			Because("pip caches every download and every wheel that it builds, but the application does not use them").
			Advise("add `--no-cache-dir`").
			Doubting(why)
		switch {
		case sure && strings.HasPrefix(why, "pip accepts"):
			f.Message, f.Note = "`pip install` abbreviates `--no-cache-dir` to `--no-cache`", ""
			f.Advise("if you also use hadolint, write `--no-cache-dir`")
		case sure && strings.HasPrefix(why, "a mount"):
			f.Message, f.Note = "`pip install` runs without `--no-cache-dir`", ""
			f.Advise("%s", parity.Ignore("DL3042"))
		case sure:
			f.Message, f.Note = "`pip install` runs without `--no-cache-dir`", ""
			f.Advise("if you also use hadolint, add `--no-cache-dir` anyway")
		case why != "" && why != unshipped(p, c.Script.Step.Stage):
			f.Message = "`pip install` may leave its cache in this layer"
		}
		if theirs {
			f.Alias("DL3042")
		}
		if why == "" {
			insertAfter(f, call, "--no-cache-dir")
			p.Repeat(f, c.Script.Step.Stage)
		}
	}, ecosystem.Names(func(m *ecosystem.Manager) bool { return m.Keeps(pipCache) })),
}

// defaultPipCache is where pip keeps its cache if neither an option nor `PIP_CACHE_DIR` says so.
func defaultPipCache(c *shell.Command) string {
	if xdg := pipVariable(c, "XDG_CACHE_HOME"); xdg != "" {
		return strings.TrimRight(xdg, "/") + "/pip"
	}
	if home := pipVariable(c, "HOME"); path.IsAbs(home) {
		return strings.TrimRight(home, "/") + "/.cache/pip"
	}
	return "/root/.cache/pip"
}

// givenAway reports whether c runs as root, while a step up to there gives its home, which is not root's own, to another user.
func givenAway(p *lint.Pass, c *shell.Command) bool {
	home := strings.TrimRight(pipVariable(c, "HOME"), "/")
	step := c.Script.Step
	if !path.IsAbs(home) || home == "/root" || step.User.Known && !container.Root(step.User.Text) {
		return false
	}
	gives := func(sc *shell.Script) bool {
		return sc != nil && slices.ContainsFunc(sc.Commands, func(cmd *shell.Command) bool {
			return (cmd.Name == "chown" || cmd.Name == "useradd" || cmd.Name == "adduser" || cmd.Name == "install") &&
				slices.ContainsFunc(cmd.Args(), func(w shell.Word) bool {
					text := strings.TrimRight(w.Text, "/")
					return text == home || text == "$HOME" || text == "${HOME}"
				})
		})
	}
	if gives(c.Script) {
		return true
	}
	for before := range step.Before() {
		if gives(p.Script(before)) {
			return true
		}
	}
	return false
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

// uncached says what, apart from the words of c, keeps pip's cache out of its layer, "" if nothing does; sure is false
// if it only may.
func uncached(p *lint.Pass, c *shell.Command) (why string, sure bool) {
	fields, _ := c.Fields()
	step := c.Script.Step
	dir := defaultPipCache(c)
	if set := pipVariable(c, "PIP_CACHE_DIR"); set != "" {
		dir = set
	}
	if w, ok := c.FlagValue("--cache-dir"); ok {
		dir = step.Env.Expand(w.Text).Text
	}
	mounted := step.Discards(dir) || slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool {
		target := strings.TrimRight(m.Target.Text, "/")
		return strings.HasSuffix(target, "/.cache") || strings.Contains(target, ".cache/pip") || !m.Target.Known &&
			m.Type == "cache"
	})
	rest := after(c)
	switch {
	case slices.Contains(fields, "--no-cache-dir"):
		return "a variable contains `--no-cache-dir`", true
	case slices.Contains(fields, "--no-cache"):
		return "pip accepts `--no-cache` as an abbreviation of `--no-cache-dir`", true
	case pipVariable(c, "PIP_NO_CACHE_DIR") != "":
		return "any boolean in `PIP_NO_CACHE_DIR` turns pip's cache off, even `0`", true // even `0`, for the sake of old scripts
	case mounted:
		return "a mount keeps the cache out of the layer", true
	case slices.ContainsFunc(rest, func(later *shell.Command) bool { return removesPipCache(later, dir) }):
		return "the same `RUN` removes the cache", true
	case c.Has("--no-index"):
		return "with `--no-index` pip downloads nothing", true
	case pipConfigured(step):
		return "an earlier command configures pip's cache", false
	case flagVariable(c):
		return "a variable may contain `--no-cache-dir`", false
	case cleaner(rest) != "":
		return "`" + cleaner(rest) + "` may remove the cache", false
	case givenAway(p, c):
		return "`" + strings.TrimRight(pipVariable(c, "HOME"), "/") + "` may belong to another user, and then pip as root keeps no cache there", false
	case endsInDownload(rest):
		return perhapsRemoved, false
	}
	if anyBefore(step, configured.Of(p)) {
		return "an earlier instruction configures pip's cache", false
	}
	if why := unshipped(p, step.Stage); why != "" {
		return why, false
	}
	if base := step.Stage.Image(); base != nil && base.Ref != nil && base.Ref.Registry != "docker.io" && !image.Of(*base.Ref).Known() {
		return "the base image may set `PIP_NO_CACHE_DIR`", false
	}
	return "", false
}

// perhapsRemoved is the doubt where endsInDownload holds.
const perhapsRemoved = "the downloaded script that the `RUN` runs last may remove the cache"

// endsInDownload reports whether the last of commands is a shell that runs what a command before it in a pipe downloads, other than
// an installer.
func endsInDownload(commands []*shell.Command) bool {
	if len(commands) < 2 {
		return false
	}
	last := commands[len(commands)-1]
	if last.Name != "sh" && last.Name != "bash" {
		return false
	}
	for _, line := range last.Script.Pipelines {
		if slices.Contains(line.Parts[len(line.Parts)-1], last) {
			return slices.ContainsFunc(line.Parts[0], func(c *shell.Command) bool {
				return (c.Name == "curl" || c.Name == "wget") && !slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return strings.Contains(w.Text, "install") })
			})
		}
	}
	return false
}

// removesPipCache reports whether c deletes pip's cache, dir, in any home.
func removesPipCache(c *shell.Command, dir string) bool {
	for _, call := range c.Script.Calls() {
		if call.Command == c && ecosystem.Of(call.Manager).Keeps(pipCache) {
			return c.Has("cache") && c.Has("purge")
		}
	}
	if c.Name == "rm" {
		for _, w := range c.Args() {
			path := strings.TrimRight(w.Text, "/*")
			if strings.HasSuffix(path, "/.cache") || strings.Contains(path, ".cache/pip") || strings.Contains(path,
				"pip cache dir") {
				return true
			}
		}
	}
	return c.Deletes(dir)
}

// configured are the steps that pipConfigured is true for.
var configured = lint.NewFact(func(p *lint.Pass) map[*plan.Step]bool { return stepsThat(p, pipConfigured) })

// pipConfigured reports whether step writes a setting for the cache into pip's configuration.
func pipConfigured(step *plan.Step) bool {
	if step.Copy != nil && strings.HasSuffix(step.Copy.To.Text, "pip.conf") {
		return true
	}
	text := written(step)
	return strings.Contains(text, "no-cache-dir") && (strings.Contains(text, "pip.conf") || strings.Contains(text,
		"config set")) ||
		step.Instruction.Name == "RUN" && strings.Contains(text, "export PIP_NO_CACHE_DIR")
}
