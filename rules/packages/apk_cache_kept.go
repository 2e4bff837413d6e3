package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// apkCache is where apk keeps the package index.
const apkCache = "/var/cache/apk"

// ApkCacheKept reports an `apk add` that leaves the package index in its layer, and an `apk update` that does so for
// installs that do not read it. Confidence is low in a stage that does
// not ship and where the RUN removes the index or keeps it on a mount.
var ApkCacheKept = &lint.Rule{
	Name: "apk-cache-kept", Summary: "apk's package index stays in a layer", Category: lint.Packages,
	Aliases:  []string{"DL3019", "DS-0025"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCalls(func(p *lint.Pass, call *shell.Call) {
		c := call.Command
		step := c.Script.Step
		if call.Verb.Text == "update" {
			updated(p, call)
		}
		if call.Verb.Text != "add" || c.Has("--no-cache") || slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool {
			return (m.Type == "cache" || m.Type == "tmpfs") && strings.Contains(m.Target.Text, apkCache)
		}) {
			return
		}
		theirs := parity.Bare(c)
		why, sure := unindexed(p, c)
		if sure && !theirs {
			return
		}
		if sure {
			why = parity.Regardless(why)
		}
		f := p.Report(call.Verb.Span, "apk's package index stays in this layer").
			Because("only a later `apk` command would use the index").
			Advise("add `--no-cache`").
			Doubting(why)
		if w := updateFlag(c); w != nil {
			f.Advise("replace `%s` with `--no-cache`", w.Text)
		}
		if slices.ContainsFunc(c.Script.Calls(), func(other *shell.Call) bool {
			return other.Manager == call.Manager && other.Verb.Text == "update" && other.Command.Span.Start < c.Span.Start
		}) {
			f.Help += ", and remove `apk update`"
		}
		switch {
		case sure:
			f.Message, f.Note = "`apk add` runs without `--no-cache`", ""
			if !slices.ContainsFunc(after(c), removesIndex) {
				f.Advise("%s", parity.Ignore("DL3019"))
			}
		case why != "" && why != unshipped(p, step.Stage):
			f.Message = "apk's package index may stay in this layer"
		}
		if theirs {
			f.Alias("DL3019", "DS-0025")
		}
		if why == "" {
			addNoCache(p, f, call)
			p.Repeat(f, step.Stage)
		}
	}, ecosystem.In(ecosystem.Apk)),
}

// updated reports call, an `apk update`, if it leaves an index that no later command of its script reads.
func updated(p *lint.Pass, call *shell.Call) {
	c := call.Command
	step := c.Script.Step
	if c.Has("--no-cache") || slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool { return strings.Contains(m.Target.Text, "apk") }) {
		return
	}
	var next *shell.Command
	for _, other := range c.Script.Calls() {
		switch {
		case other.Manager != call.Manager || other.Command == c:
		case other.Verb.Text != "add" || !other.Command.Has("--no-cache") || other.Command.Span.Start < c.Span.Start:
			return // it may read the index
		case next == nil:
			next = other.Command
		}
	}
	if next == nil {
		return
	}
	if why, _ := unindexed(p, c); why != "" {
		return
	}
	f := p.Report(call.Verb.Span, "the package index that `apk update` fetches stays in this layer").
		Relate(next.Span, "this command fetches its own index").
		Because("`apk add --no-cache` does not use this index, but fetches another one that it does not keep").
		Advise("remove `apk update`")
	if between := strings.ReplaceAll(string(p.File.Bytes[c.Span.End:next.Span.Start]), "\\\n", " "); strings.TrimSpace(between) == "&&" &&
		len(c.Operands()) == 1 {
		f.Offer(lint.Unsafe, "remove `apk update`", lint.Delete(parser.Span{Start: c.Span.Start, End: next.Span.Start}))
	}
	p.Repeat(f, step.Stage)
}

// addNoCache offers to add the option to call, and to remove an `apk update` directly before it, which would leave the
// index all the same. It offers nothing if there is another `apk update`.
func addNoCache(p *lint.Pass, f *lint.Finding, call *shell.Call) {
	c := call.Command
	if !c.Plain(call.Verb) {
		return
	}
	edits := []lint.Edit{lint.Insert(call.Verb.Span.End, " --no-cache")}
	update := updateFlag(c)
	if update != nil {
		edits[0] = lint.Replace(update.Span, "--no-cache")
	}
	for _, other := range c.Script.Calls() {
		if other.Manager != call.Manager || other.Verb.Text != "update" || other.Command.Has("--no-cache") {
			continue
		}
		earlier := other.Command.Span
		if earlier.End > c.Span.Start || len(edits) > 1 || len(other.Command.Operands()) > 1 {
			return
		}
		switch between := strings.ReplaceAll(string(p.File.Bytes[earlier.End:c.Span.Start]), "\\\n", " "); strings.TrimSpace(between) {
		case "&&", ";", "":
			edits = append(edits, lint.Delete(parser.Span{Start: earlier.Start, End: c.Span.Start}))
		default:
			return
		}
	}
	title := "add `--no-cache`"
	if update != nil {
		title = "replace `" + update.Text + "` with `--no-cache`"
	}
	if len(edits) > 1 {
		title += " and remove `apk update`"
	}
	f.Offer(lint.Unsafe, title, edits...)
}

// updateFlag is the option of c that fetches the index, which `--no-cache` does anyway; nil if it has none that can be replaced.
func updateFlag(c *shell.Command) *shell.Word {
	w := c.Flag("--update", "--update-cache", "-U")
	if w == nil || !c.Plain(*w) || w.Text != "-U" && w.Text != "--update" && w.Text != "--update-cache" {
		return nil
	}
	return w
}

// unindexed says what keeps the index that c fetches out of the layer, "" if nothing does; sure is false if it only
// may.
func unindexed(p *lint.Pass, c *shell.Command) (why string, sure bool) {
	step := c.Script.Step
	fields, _ := c.Fields()
	rest := after(c)
	switch {
	case slices.Contains(fields, "--no-cache"):
		return "a variable contains `--no-cache`", true
	case step.Discards(apkCache) || step.Discards("/etc/apk/cache") || slices.ContainsFunc(c.Script.Commands, linksCache):
		return "a mount keeps the package index out of the layer", true
	case slices.ContainsFunc(rest, removesIndex):
		return "the same `RUN` removes the package index", true
	case c.Has("--no-network"):
		return "with `--no-network` apk fetches no index", true
	case flagVariable(c):
		return "a variable may contain `--no-cache`", false
	case cleaner(rest) != "":
		return "`" + cleaner(rest) + "` may remove the index", false
	case c.Has("-p", "--root"):
		return "the packages are installed into another root directory", false
	}
	return unshipped(p, step.Stage), false
}

// linksCache reports whether c makes apk's cache a link to a directory that does not stay in the layer.
func linksCache(c *shell.Command) bool {
	w := c.Operands()
	return c.Name == "ln" && len(w) == 2 && w[1].Text == "/etc/apk/cache" && c.Script.Step.Discards(w[0].Text)
}

// removesIndex reports whether c removes apk's package index.
func removesIndex(c *shell.Command) bool {
	return c.Deletes(apkCache) || runs(c, ecosystem.Apk) && c.Has("cache") && (c.Has("clean") || c.Has("purge"))
}
