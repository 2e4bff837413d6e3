package lint

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/util/suggest"

	"github.com/dockvet/dockvet/parser"
)

// ignore is one comment that suppresses findings.
type ignore struct {
	tool   string // dockvet, hadolint, buildkit or shellcheck
	span   parser.Span
	names  []ignoredName
	reason string
	reach  reach
	target *parser.Instruction // of reachInstruction and reachStage
}

type reach int

const (
	reachInstruction reach = iota
	reachStage
	reachFile
)

type ignoredName struct {
	text string
	span parser.Span
	used bool
}

// Tool names the tool that an alias belongs to: hadolint, shellcheck, buildkit, or "" for others.
func Tool(alias string) string {
	switch {
	case code(alias, "DL"):
		return "hadolint"
	case code(alias, "SC"):
		return "shellcheck"
	case len(alias) > 1 && alias[0] >= 'A' && alias[0] <= 'Z' && strings.ToUpper(alias) != alias && !strings.ContainsAny(alias, "-_0123456789"):
		return "buildkit"
	}
	return ""
}

func code(s, prefix string) bool {
	return len(s) == 6 && strings.HasPrefix(s, prefix) && strings.Trim(s[2:], "0123456789") == ""
}

// buildkitRule reports whether skip=all means r. An experimental check runs only where the same comment asks for it, and BuildKit
// does not skip it then.
func buildkitRule(r *Rule) bool {
	return slices.ContainsFunc(r.Aliases, func(a string) bool { return Tool(a) == "buildkit" && a != "InvalidDefinitionDescription" })
}

// suppress removes the findings that comments ask to ignore, and adds findings on comments that are wrong.
func (r *run) suppress() {
	if errors, _ := checkOptions(r.plan.File); errors {
		for _, f := range r.findings {
			if slices.ContainsFunc(f.Aliases, func(a string) bool { return Tool(a) == "buildkit" }) {
				f.Severity = Error
			}
		}
	}
	if r.l.settings.NoComments {
		return
	}
	c := comments{run: r, near: map[*parser.Instruction][]*ignore{}}
	c.read()
	r.findings = slices.DeleteFunc(r.findings, c.drop)
	n := len(r.findings)
	c.judge()
	r.findings = append(r.findings[:n], slices.DeleteFunc(r.findings[n:], c.drop)...)
}

type comments struct {
	run     *run
	ignores []*ignore
	wide    []*ignore // of them, those that reach a stage or the file
	near    map[*parser.Instruction][]*ignore
}

func (c *comments) add(g *ignore) {
	c.ignores = append(c.ignores, g)
	if g.reach == reachInstruction {
		c.near[g.target] = append(c.near[g.target], g)
	} else {
		c.wide = append(c.wide, g)
	}
}

// pragma matches the comments of all tools; the groups are tool, kind and the rest.
var pragma = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(dockvet|hadolint|check|shellcheck)\b[\s:]*([a-zA-Z -]*?)\s*=\s*(.*)$`)
})

func (c *comments) read() {
	f := c.run.plan.File
	if _, skip := checkOptions(f); len(skip) > 0 {
		d := f.Directive("check")
		g := &ignore{tool: "buildkit", span: d.Span, reach: reachFile, reason: reasonAfter(d.Value.String, "//")}
		for _, name := range skip {
			if i := strings.Index(d.Value.String, name); i >= 0 {
				g.names = append(g.names, ignoredName{text: name, span: d.Value.Span(i, i+len(name))})
			}
		}
		c.add(g)
	}
	next := 0
	for _, comment := range f.Comments {
		// The instruction that the comment stands above or in.
		for next < len(f.Instructions) && f.Instructions[next].Span.End <= comment.Span.Start {
			next++
		}
		var target *parser.Instruction
		if next < len(f.Instructions) {
			target = f.Instructions[next]
		}
		if strings.Contains(comment.Text, "=") || strings.HasPrefix(comment.Text, "dockvet") {
			c.comment(comment, target)
		}
	}
}

func (c *comments) comment(comment parser.Comment, target *parser.Instruction) {
	f := c.run.plan.File
	for _, d := range f.Directives {
		if d.Span.Start == comment.Span.Start {
			return
		}
	}
	m := pragma().FindStringSubmatch(comment.Text)
	if m == nil {
		c.malformed(comment)
		return
	}
	g := &ignore{tool: m[1], span: comment.Span, target: target}
	list := m[3]
	switch g.tool + " " + strings.Join(strings.Fields(m[2]), " ") {
	case "dockvet ignore":
		list, g.reason = cutList(list)
	case "dockvet ignore-file":
		g.reach = reachFile
		list, g.reason = cutList(list)
	case "hadolint ignore":
		list, g.reason = cutList(list)
	case "hadolint global ignore":
		g.reach = reachFile
		list, g.reason = cutList(list)
	case "hadolint stage ignore":
		g.reach = reachStage
		list, g.reason = cutList(list)
	case "check skip", "check ":
		g.tool = "buildkit"
		g.reason = reasonAfter(list, "//")
		list, _, _ = strings.Cut(list, " ")
		list = strings.TrimPrefix(list, "skip=")
		list, _, _ = strings.Cut(list, ";")
		if strings.Contains(list, "=") {
			return // another option, such as experimental=
		}
	case "shellcheck disable":
		if c.run.build.Outside.ShellCheck == nil {
			return
		}
		list, g.reason = cutList(list)
	default:
		if g.tool == "dockvet" {
			c.malformed(comment)
		}
		return
	}
	at := strings.Index(f.Text(comment.Span), list)
	for name := range strings.SplitSeq(list, ",") {
		trimmed := strings.TrimSpace(name)
		start := comment.Span.Start + at + strings.Index(name, trimmed)
		if trimmed != "" {
			g.names = append(g.names, ignoredName{text: trimmed, span: parser.Span{Start: start, End: start + len(trimmed)}})
		}
		at += len(name) + 1
	}
	if len(g.names) == 0 && g.tool == "dockvet" {
		c.malformed(comment)
		return
	}
	c.add(g)
}

// malformed reports a comment that addresses dockvet and says nothing that it knows.
func (c *comments) malformed(comment parser.Comment) {
	word, rest, _ := strings.Cut(comment.Text, " ")
	if strings.TrimSuffix(word, ":") != "dockvet" || !strings.Contains(rest, "ignore") && !strings.Contains(rest, "=") {
		return
	}
	if f := c.report(UnknownIgnore, comment.Span, "comment says nothing that dockvet knows"); f != nil {
		f.Advise("write `# dockvet ignore=NAME reason` above an instruction, or `# dockvet ignore-file=NAME reason`")
	}
}

// cutList parts `A, B reason` into names and reason; a comma may be followed by a blank.
func cutList(text string) (list, reason string) {
	for i := 0; i < len(text); i++ {
		if text[i] != ' ' && text[i] != '\t' {
			continue
		}
		before := strings.TrimRight(text[:i], " \t")
		after := strings.TrimLeft(text[i:], " \t")
		if strings.HasSuffix(before, ",") || strings.HasPrefix(after, ",") {
			i = len(text) - len(after) - 1
			continue
		}
		return text[:i], strings.TrimSpace(strings.TrimLeft(after, "#/- \t"))
	}
	return text, ""
}

func reasonAfter(text, mark string) string {
	_, reason, _ := strings.Cut(text, mark)
	return strings.TrimSpace(reason)
}

// checkOptions reads BuildKit's `# check=skip=A,B;error=true`.
func checkOptions(f *parser.File) (asErrors bool, skip []string) {
	d := f.Directive("check")
	if d == nil {
		return false, nil
	}
	value, _, _ := strings.Cut(d.Value.String, " ")
	for option := range strings.SplitSeq(value, ";") {
		key, v, _ := strings.Cut(option, "=")
		switch strings.TrimSpace(key) {
		case "skip":
			for name := range strings.SplitSeq(v, ",") {
				if name = strings.TrimSpace(name); name != "" {
					skip = append(skip, name)
				}
			}
		case "error":
			asErrors = v == "true"
		}
	}
	return asErrors, skip
}

// drop reports whether a comment suppresses f, and marks that comment as used. Under the strict profile a comment of another
// tool silences what that tool would say alone: a fault that a third one reports as well stays, as its.
func (c *comments) drop(f *Finding) bool {
	dropped := false
	var silenced []string
	match := func(g *ignore) {
		for i := range g.names {
			n := &g.names[i]
			if c.run.rule(n.text) == f.Rule && means(n.text, f) || n.text == "all" && g.all(f.Rule) {
				n.used, dropped = true, true
				silenced = append(silenced, g.tool)
			}
		}
	}
	for _, g := range c.wide {
		if g.reach == reachFile || c.sameStage(g.target, f.Instruction) {
			match(g)
		}
	}
	if f.Instruction != nil {
		for _, g := range c.near[f.Instruction] {
			match(g)
		}
	}
	if !dropped || c.run.l.settings.Profile != Strict || slices.Contains(silenced, "dockvet") {
		return dropped
	}
	others := slices.DeleteFunc(slices.Clone(f.Aliases), func(a string) bool {
		tool := Tool(a)
		return tool == "" || slices.Contains(silenced, tool) || tool == "shellcheck" && slices.Contains(silenced, "hadolint")
	})
	if len(others) == 0 {
		return true
	}
	f.Aliases = others
	return false
}

// all reports whether g, which names `all`, means what rule finds.
func (g *ignore) all(rule *Rule) bool {
	return g.tool == "buildkit" && buildkitRule(rule) || g.tool == "shellcheck" && (rule.Name == ShellCheck || shellRule(rule))
}

// means reports whether name, which is one of f's rule's, means f. A rule may have several codes of one tool: a code then means
// the findings that carry it.
func means(name string, f *Finding) bool {
	tool := Tool(name)
	return tool == "" || slices.Contains(f.Aliases, name) ||
		!slices.ContainsFunc(f.Aliases, func(a string) bool { return Tool(a) == tool })
}

func (c *comments) sameStage(a, b *parser.Instruction) bool {
	return a != nil && b != nil && c.run.stages[a.Index] != nil && c.run.stages[a.Index] == c.run.stages[b.Index]
}

// judge reports comments that name no rule, suppress nothing, or lack the reason that the settings demand.
func (c *comments) judge() {
	for _, g := range c.ignores {
		own := g.tool == "dockvet"
		if g.reason == "" && c.run.l.settings.RequireReason {
			if f := c.report(MissingReason, g.span, "comment does not say why it ignores"); f != nil {
				f.Advise("add the reason behind the names")
			}
		}
		if !own && c.run.l.settings.Profile != Strict {
			continue
		}
		for i := range g.names {
			c.name(g, i)
		}
	}
}

func (c *comments) name(g *ignore, i int) {
	n := g.names[i]
	rule := c.run.rule(n.text)
	retired, isRetired := FindRetired(c.run.l.settings.Retired, n.text)
	switch {
	case n.used || (g.tool == "buildkit" || g.tool == "shellcheck") && n.text == "all":
	case rule == nil && isRetired && retired.Since == "":
	case rule == nil && isRetired:
		if f := c.report(UnknownIgnore, n.span, "`%s` is retired", retired.Code); f != nil {
			f.Because("until %s it forbade %s", retired.Since, retired.What).Advise("remove it from the comment")
		}
	case rule == nil && g.tool != "dockvet" && Tool(n.text) != "":
		// A code of the other tool that we do not have.
	case rule == nil:
		f := c.report(UnknownIgnore, n.span, "no rule is called `%s`", n.text)
		if near, ok := c.nearest(n.text); ok && f != nil {
			f.Advise("the nearest name is `%s`", near)
		}
	case c.run.ran(rule) && rule.Name != UnusedIgnore:
		if f := c.report(UnusedIgnore, n.span, "`%s` finds nothing here to ignore", n.text); f != nil {
			f.Offer(Safe, "remove it", c.removal(g, i))
		}
	}
}

// nearest is the rule whose name or alias is closest to name. The search grows with the name's length: no real one is longer.
func (c *comments) nearest(name string) (string, bool) {
	const longest = 64
	if len(name) > longest {
		return "", false
	}
	return suggest.Search(name, c.run.l.index.Names(), true)
}

// removal deletes the name, or the whole line if it is the only one.
func (c *comments) removal(g *ignore, i int) Edit {
	src := c.run.plan.File.Source
	if len(g.names) == 1 {
		end := g.span.End
		for end < len(src) && src[end] != '\n' {
			end++
		}
		start := g.span.Start
		for start > 0 && src[start-1] != '\n' {
			start--
		}
		return Edit{Span: parser.Span{Start: start, End: min(end+1, len(src))}}
	}
	if i == 0 {
		return Edit{Span: parser.Span{Start: g.names[0].span.Start, End: g.names[1].span.Start}}
	}
	return Edit{Span: parser.Span{Start: g.names[i-1].span.End, End: g.names[i].span.End}}
}

// report adds a finding of one of the engine's own rules, or returns nil if that rule is off.
func (c *comments) report(name string, span parser.Span, format string, args ...any) *Finding {
	r := c.run
	rule := r.l.index[name]
	if rule == nil || !r.l.enabled(rule) {
		return nil
	}
	f := &Finding{Rule: rule, Severity: rule.Severity, File: r.plan.File, Span: span, Message: sprintf(format, args)}
	r.settle(f)
	r.findings = append(r.findings, f)
	return f
}
