package lint

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/util/suggest"

	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ignore is one comment that suppresses findings.
type ignore struct {
	tool   string // of package pragma
	span   parser.Span
	names  []ignoredName
	reason string
	reach  pragma.Reach
	target int         // the number of the instruction that the comment is above or in; -1 after the last one
	void   string      // why BuildKit does not read it, "" if it does or if the comment is for another tool
	about  parser.Span // of a description: what the comment is about
}

type ignoredName struct {
	text string
	span parser.Span
	same *sameIgnore
}

// sameIgnore is what comments have in common that ignore the same name at the same place for the same tool: each of them
// suppresses something if one does. A file may have thousands of them.
type sameIgnore struct {
	tool, text string
	used       bool
}

// ignored is what a name in a comment may suppress.
type ignored struct {
	rule        *Rule // nil: of all rules
	reach       pragma.Reach
	stage       *plan.Stage // of a comment that reaches a stage
	instruction int         // of one that reaches an instruction
	buildkit    bool        // it is one of BuildKit's: those have their own idea of which instruction is meant
	about       parser.Span // of one in a description, which reaches what begins there
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

// buildkitRule reports whether skip=all means r. An experimental check runs only where the same comment asks for it,
// and BuildKit does not skip it then.
func buildkitRule(r *Rule) bool {
	return slices.ContainsFunc(r.Aliases, func(a string) bool { return Tool(a) == "buildkit" && a != "InvalidDefinitionDescription" })
}

// suppress removes the findings that comments ask to ignore, and adds findings on comments that are wrong.
func (r *run) suppress() {
	if d := r.plan.File.Directive("check"); d != nil && pragma.ParseCheck(d.Value.String).Error {
		for _, f := range r.findings {
			if slices.ContainsFunc(f.Aliases, func(a string) bool { return Tool(a) == "buildkit" }) {
				f.Severity = Error
			}
		}
	}
	if r.l.settings.NoComments {
		return
	}
	c := comments{run: r, same: map[ignored][]*sameIgnore{}}
	c.read()
	c.apply()
}

type comments struct {
	run     *run
	ignores []*ignore
	same    map[ignored][]*sameIgnore
	abouts  []parser.Span     // of a description, each once
	names   []string          // of all rules, sorted; see nearest
	near    map[string]string // what nearest has found; "" for nothing
	// overflows are those of the engine's own rules.
	overflows map[*Rule]*overflow
}

func (c *comments) add(g *ignore) {
	c.ignores = append(c.ignores, g)
	of := ignored{reach: g.reach}
	switch g.reach {
	case pragma.Instruction:
		if g.void != "" {
			return
		}
		of.instruction, of.buildkit, of.about = g.target, g.tool == pragma.BuildKit, g.about
		if g.about != (parser.Span{}) && !slices.Contains(c.abouts, g.about) {
			c.abouts = append(c.abouts, g.about)
		}
	case pragma.Stage:
		if g.target < 0 || c.run.stages[g.target] == nil {
			return
		}
		of.stage = c.run.stages[g.target]
	case pragma.File:
	}
	for i := range g.names {
		n := &g.names[i]
		of.rule = c.run.rule(n.text)
		if of.rule == nil && (n.text != "all" || g.tool == pragma.BuildKit && len(g.names) > 1) {
			continue
		}
		k := slices.IndexFunc(c.same[of], func(s *sameIgnore) bool { return s.tool == g.tool && s.text == n.text })
		if k < 0 {
			k = len(c.same[of])
			c.same[of] = append(c.same[of], &sameIgnore{tool: g.tool, text: n.text})
		}
		n.same = c.same[of][k]
	}
}

func (c *comments) read() {
	f := c.run.plan.File
	if d := f.Directive("check"); d != nil {
		check := pragma.ParseCheck(d.Value.String)
		g := &ignore{tool: pragma.BuildKit, span: d.Span, reach: pragma.File, reason: check.Reason, target: -1}
		for _, n := range check.Skip {
			g.names = append(g.names, ignoredName{text: n.Text, span: d.Value.Span(n.Offset, n.Offset+len(n.Text))})
		}
		if len(g.names) > 0 {
			c.add(g)
		}
	}
	next := 0
	for _, comment := range f.Comments {
		// The instruction that the comment is above or in.
		for next < len(f.Instructions) && f.Instructions[next].Span.End <= comment.Span.Start {
			next++
		}
		target := next
		if next == len(f.Instructions) {
			target = -1
		}
		if !isDirective(f, comment) {
			c.comment(comment, target)
		}
	}
}

func isDirective(f *parser.File, comment parser.Comment) bool {
	return slices.ContainsFunc(f.Directives, func(d parser.Directive) bool { return d.Span.Start == comment.Span.Start })
}

func (c *comments) comment(comment parser.Comment, target int) {
	read, ok := pragma.ParseIgnore(comment.Text)
	if _, _, valid, check := pragma.CheckComment(comment.Text); check && !valid && c.run.l.settings.Profile == Strict {
		if f := c.report(UnknownIgnore, comment.Span, "BuildKit ignores this comment"); f != nil {
			f.Because("one of the options in the comment is not valid").
				Advise("write `# check=skip=RULE,…`, with options separated by semicolons without spaces")
		}
	}
	if !ok {
		if pragma.Malformed(comment.Text) {
			c.malformed(comment.Span)
		}
		return
	}
	if read.Tool == pragma.ShellCheck && c.run.build.Outside.ShellCheck == nil {
		return
	}
	g := &ignore{tool: read.Tool, span: comment.Span, reach: read.Reach, reason: read.Reason, target: target}
	if g.tool == pragma.BuildKit {
		g.void = c.void(comment, target)
	}
	at := comment.Span.Start + strings.Index(c.run.plan.File.Text(comment.Span), comment.Text)
	for _, n := range read.Names {
		start := at + n.Offset
		g.names = append(g.names, ignoredName{text: n.Text, span: parser.Span{Start: start, End: start + len(n.Text)}})
	}
	c.add(g)
}

// malformed reports a comment that addresses dockvet and says nothing that it knows.
func (c *comments) malformed(span parser.Span) {
	if f := c.report(UnknownIgnore, span, "unrecognised dockvet comment"); f != nil {
		f.Advise("write `# dockvet ignore=NAME reason` above an instruction, or `# dockvet ignore-file=NAME reason`")
	}
}

// drop reports whether a comment suppresses f, and marks that comment as used. Under the strict profile a comment of
// another tool silences what only that tool would report; a fault that a third one reports as well stays, with its
// alias.
func (c *comments) drop(f *Finding) bool {
	dropped := false
	var silenced []string
	match := func(of ignored) {
		for _, s := range c.same[of] {
			if of.rule != nil && means(s.text, f) || of.rule == nil && all(s.tool, f.Rule) {
				s.used, dropped = true, true
				silenced = append(silenced, s.tool)
			}
		}
	}
	for _, rule := range []*Rule{f.Rule, nil} {
		match(ignored{rule: rule, reach: pragma.File})
		for _, about := range c.abouts {
			if about.Start <= f.Span.Start && f.Span.Start < about.End {
				match(ignored{rule: rule, reach: pragma.Instruction, instruction: -1, about: about})
			}
		}
		if f.Instruction.Name == "" {
			continue
		}
		if stage := c.run.stages[f.Instruction.index]; stage != nil {
			match(ignored{rule: rule, reach: pragma.Stage, stage: stage})
		}
		match(ignored{rule: rule, reach: pragma.Instruction, instruction: f.Instruction.index})
		match(ignored{rule: rule, reach: pragma.Instruction, instruction: c.responsible(f), buildkit: true})
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

// all reports whether a comment for tool that names `all` means what rule finds.
func all(tool string, rule *Rule) bool {
	return tool == pragma.BuildKit && buildkitRule(rule) || tool == pragma.ShellCheck && (rule.Name == ShellCheck || shellRule(rule))
}

// means reports whether name, which is one of f's rule's, means f. A rule may have several codes of one tool: a code
// then means the findings that carry it.
func means(name string, f *Finding) bool {
	tool := Tool(name)
	return tool == "" || slices.Contains(f.Aliases, name) ||
		!slices.ContainsFunc(f.Aliases, func(a string) bool { return Tool(a) == tool })
}

// judge reports comments that do not name a rule, suppress nothing, or lack the reason that the settings demand.
func (c *comments) judge() {
	for _, g := range c.ignores {
		own := g.tool == pragma.Dockvet
		if g.reason == "" && c.run.l.settings.RequireReason {
			if f := c.report(MissingReason, g.span, "this comment does not give a reason"); f != nil {
				f.Advise("add the reason after the names")
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
	case n.same != nil && n.same.used || (g.tool == pragma.BuildKit || g.tool == pragma.ShellCheck) && n.text == "all":
	case rule == nil && isRetired && retired.Since == "":
	case rule == nil && isRetired:
		if f := c.report(UnknownIgnore, n.span, "hadolint has retired `%s`", retired.Code); f != nil {
			f.Because("%s removed this rule, which forbade %s", retired.Since, retired.What).Advise("remove `%s` from the comment", n.text)
		}
	case rule == nil && g.tool != pragma.Dockvet && Tool(n.text) != "":
		// A code of the other tool that we do not have.
	case rule == nil && c.foreign(n.text):
	case rule == nil:
		f := c.report(UnknownIgnore, n.span, "no rule is called `%s`", n.text)
		if near, ok := c.nearest(n.text); ok && f != nil {
			f.Advise("did you mean `%s`?", near)
		}
	case c.run.ran(rule) && rule.Name != UnusedIgnore:
		if f := c.report(UnusedIgnore, n.span, "ignoring `%s` suppresses nothing", n.text); f != nil {
			switch {
			case g.explain(f, n.text):
			case c.run.plan == nil: // descriptions are not fixed
				f.Because("the comment would hide a future finding of this rule").Advise("remove `%s` from the comment", n.text)
			default:
				f.Because("the comment would hide a future finding of this rule").Advise("remove `%s` from the comment", n.text).
					Offer(Safe, "remove `"+n.text+"` from the comment", c.removal(g, i))
			}
		}
	}
}

// foreign reports whether name is that of a house rule whose configuration is not read: nobody has rules with the part before
// the slash.
func (c *comments) foreign(name string) bool {
	space, _, ok := strings.Cut(name, "/")
	if !ok {
		return false
	}
	for other := range c.run.l.index() {
		if strings.HasPrefix(other, space+"/") {
			return false
		}
	}
	return true
}

// nearest is the rule whose name or alias is closest to name. The search grows with the name's length, and no real one
// is longer than longest; a file with more unknown names than most is not about typos.
func (c *comments) nearest(name string) (string, bool) {
	const longest, most = 64, 100
	near, known := c.near[name]
	if !known {
		if len(name) > longest || len(c.near) >= most {
			return "", false
		}
		if c.near == nil {
			c.names, c.near = c.run.l.index().Names(), map[string]string{}
		}
		near, _ = suggest.Search(name, c.names, true)
		c.near[name] = near
	}
	return near, near != ""
}

// removal deletes the name, or the whole line if it is the only one.
func (c *comments) removal(g *ignore, i int) Edit {
	src := c.run.plan.File.Bytes
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
	rule := r.l.index()[name]
	if rule == nil || !r.l.enabled(rule) {
		return nil
	}
	f := &Finding{Rule: rule, Severity: rule.Severity, Source: r.source, Span: span, Message: sprintf(format, args)}
	if c.overflows == nil {
		c.overflows = map[*Rule]*overflow{}
	}
	if c.overflows[rule] == nil {
		c.overflows[rule] = &overflow{}
	}
	if !c.overflows[rule].keep(f) {
		return nil
	}
	r.settle(f)
	r.findings = append(r.findings, f)
	return f
}
