package lsp

import (
	"context"
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// The kinds of completion item that are used.
const (
	itemFunction = 3
	itemVariable = 6
	itemModule   = 9
	itemProperty = 10
	itemValue    = 12
	itemKeyword  = 14
	itemFile     = 17
	itemFolder   = 19
	itemConstant = 21
)

// completer finds what can be written at one place of a document.
type completer struct {
	server *server
	doc    *document
	at     int // the place, in bytes
	items  []completionItem

	// of a Dockerfile
	plan  *plan.Plan       // with stand-in at the place
	build *workspace.Build // that of the file as it is; it may have no context
	in    *parser.Instruction
	step  *plan.Step // of in, nil for FROM
}

// standIn is written at the place that is asked about, so that a word is there, in the instruction that it would belong to.
const standIn = "x"

// completion answers with what can be written at a place of a Dockerfile or configuration.
func (s *server) completion(ctx context.Context, p at) (any, error) {
	d := s.docs[p.TextDocument.URI]
	if d == nil || d.lost || len(d.text.string) > parser.MaxFile {
		return nil, ctx.Err()
	}
	c := &completer{server: s, doc: d, at: d.text.offset(p.Position)}
	switch kindOf(d) {
	case dockerfile:
		c.dockerfile()
	case settingsFile:
		c.settings()
	case description, other:
		return nil, ctx.Err()
	}
	if c.items == nil {
		return nil, ctx.Err()
	}
	return completionList{Items: c.items}, ctx.Err()
}

func (c *completer) dockerfile() {
	c.build = c.server.buildOf(c.doc)
	text := c.doc.text.string
	file := parser.Parse(c.doc.name, []byte(text[:c.at]+standIn+text[c.at:]))
	c.plan = plan.New(file, c.build.Options)
	for i, comment := range file.Comments {
		if comment.Span.Start < c.at && c.at < comment.Span.End {
			c.comment(comment, i < len(file.Directives) || i == len(file.Directives) && file.Lines.Line(comment.Span.Start) == i+1)
			return
		}
	}
	i := slices.IndexFunc(file.Instructions, func(in *parser.Instruction) bool { return in.Span.Start <= c.at && c.at < in.Span.End })
	if i < 0 {
		return
	}
	c.in = file.Instructions[i]
	for _, step := range c.plan.Globals {
		if step.Instruction == c.in {
			c.step = step
		}
	}
	for _, stage := range c.plan.Stages {
		for _, step := range stage.Steps {
			if step.Instruction == c.in {
				c.step = step
			}
		}
	}
	t := c.in.Text
	n := sort.Search(len(t.String), func(i int) bool { return t.Offset(i) >= c.at })
	if n == len(t.String) || t.Offset(n) != c.at {
		c.heredoc()
		return
	}
	c.instruction(t.String[:n], t.String[n+len(standIn):], i)
}

// word is a part of what is written: before the place, and after it.
type word struct{ before, after string }

// item adds a proposal that replaces w, or of what follows the place nothing if the user wants that.
func (c *completer) item(w word, it completionItem) {
	line := c.doc.text.line(c.doc.text.position(c.at).Line)
	if c.at-len(w.before) < line.Start {
		return // an edit must not span lines
	}
	it.SortText = fmt.Sprintf("%04d", len(c.items))
	if it.text == "" {
		it.text = it.Label
	}
	it.FilterText = it.filter
	if it.FilterText == "" {
		it.FilterText = it.text
	}
	can := c.server.client.TextDocument.Completion.Item
	start, here := c.doc.text.position(c.at-len(w.before)), c.doc.text.position(c.at)
	end := c.doc.text.position(min(c.at+len(w.after), line.End))
	it.TextEdit = completionEdit{NewText: it.text}
	if can.InsertReplace {
		it.TextEdit.Insert, it.TextEdit.Replace = &span{start, here}, &span{start, end}
	} else {
		it.TextEdit.Range = &span{start, end}
	}
	if it.snippet != "" && can.Snippets {
		it.TextEdit.NewText, it.InsertTextFormat = it.snippet, 2
	}
	if it.Documentation != nil && !slices.Contains(can.Formats, "markdown") {
		it.Documentation.Kind = "plaintext"
	}
	if it.deprecated && slices.Contains(can.Tags.Values, 1) {
		it.Tags = []int{1}
	}
	c.items = append(c.items, it)
}

// heredoc proposes variables in the body of a heredoc.
func (c *completer) heredoc() {
	file := c.plan.File
	quotes := c.in.Name == "RUN" // a shell reads it, whatever the heredoc expands
	for _, h := range c.in.Heredocs {
		if body := h.Body.Full(); body.Start <= c.at && c.at < body.End && !h.Expand && !quotes {
			return
		}
	}
	line := file.Lines.Span(file.Lines.Line(c.at))
	c.variable(word{file.Text(parser.Span{Start: line.Start, End: c.at}), file.Text(parser.Span{Start: c.at + len(standIn), End: line.End})}, '\\')
}

var openVariable = lazy.Regexp{Expr: `\$(\{?)([A-Za-z_][A-Za-z0-9_]*)?$`}

// variable proposes the variables in force if what is before the place asks for one; false if it does not.
func (c *completer) variable(w word, escape byte) bool {
	m := openVariable.Get().FindStringSubmatch(w.before)
	if m == nil {
		return false
	}
	if at := len(w.before) - len(m[0]); at > 0 && w.before[at-1] == escape {
		return true
	}
	rest := w.after
	for rest != "" && isNameByte(rest[0], false) {
		rest = rest[1:]
	}
	end := ""
	if m[1] != "" && (rest == "" || !strings.ContainsRune("}:-+?#%/", rune(rest[0]))) {
		end = "}"
	}
	name := word{m[2], w.after[:len(w.after)-len(rest)]}
	env := c.plan.Env
	if c.step != nil {
		env = c.step.Env
	}
	h := hoverer{server: c.server, plan: c.plan, build: c.build}
	for v := range env.Variables() {
		switch c.in.Name {
		case "CMD", "ENTRYPOINT", "HEALTHCHECK":
			if v.Arg {
				continue // a container does not have it
			}
		}
		detail := "no value"
		if value := v.Value(); v.Set && value.Known {
			detail = strings.Trim(h.quote(value.Text), "`")
		} else if v.Set {
			detail = "known at build time"
		}
		c.item(name, completionItem{Label: v.Name, Kind: itemVariable, Detail: detail, text: v.Name + end, filter: v.Name})
	}
	return true
}

const whitespace = " \t"

// instruction proposes what can be written in an instruction, the one numbered n, between before and after.
func (c *completer) instruction(before, after string, n int) {
	start := strings.LastIndexAny(before, whitespace) + 1
	end := strings.IndexAny(after, whitespace)
	if end < 0 {
		end = len(after)
	}
	w := word{before[start:], strings.TrimRight(after[:end], "\r")}
	fields := strings.Fields(before[:start])
	if len(fields) > 0 && strings.EqualFold(fields[0], "ONBUILD") {
		fields = fields[1:]
		if len(fields) == 0 {
			c.keywords(w, n, true)
			return
		}
	}
	if len(fields) == 0 {
		c.keywords(w, n, false)
		return
	}
	name := strings.ToUpper(fields[0])
	args := fields[1:]
	var flags []string
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		flags, args = append(flags, args[0]), args[1:]
	}
	json := len(args) > 0 && strings.HasPrefix(args[0], "[") || strings.HasPrefix(w.before, "[")
	switch name {
	case "SHELL", "MAINTAINER", "ONBUILD":
		return
	case "CMD", "ENTRYPOINT", "RUN", "HEALTHCHECK":
		if json {
			return
		}
	}
	if c.variable(w, c.plan.File.Escape) {
		return
	}
	if len(args) == 0 && strings.HasPrefix(w.before, "-") {
		c.flag(w, name, flags)
		return
	}
	if json {
		quote := strings.LastIndexByte(w.before, '"')
		if quote < 0 {
			return
		}
		w.before = w.before[quote+1:]
		if i := strings.IndexByte(w.after, '"'); i >= 0 {
			w.after = w.after[:i]
		}
	}
	switch name {
	case "FROM":
		switch len(args) {
		case 0:
			c.images(w, c.plan.Stages[max(len(c.plan.Stages)-1, 0)])
		case 1:
			as := "AS"
			if strings.ToLower(fields[0]) == fields[0] {
				as = "as"
			}
			c.item(w, completionItem{Label: as, Kind: itemKeyword})
		}
	case "COPY", "ADD":
		if !slices.ContainsFunc(flags, func(f string) bool { return strings.HasPrefix(f, "--from=") }) {
			c.paths(w, json)
		}
	case "USER":
		c.users(w)
	case "STOPSIGNAL":
		for _, name := range frontend.Signals() {
			c.item(w, completionItem{Label: name, Kind: itemConstant})
		}
	case "HEALTHCHECK":
		if len(args) == 0 {
			c.item(w, completionItem{Label: "CMD", Kind: itemKeyword, text: "CMD "})
			c.item(w, completionItem{Label: "NONE", Kind: itemKeyword})
		}
	}
}

// keywords proposes instructions for the one numbered n.
func (c *completer) keywords(w word, n int, trigger bool) {
	lower := false // the file writes them so
	for i, in := range c.plan.File.Instructions {
		if i != n {
			lower = strings.ToLower(in.Keyword.String) == in.Keyword.String
			break
		}
	}
	global := c.step != nil && c.step.Stage == nil // above the first FROM
	for i := range entries {
		e := &entries[i]
		switch {
		case strings.Contains(e.name, " "), global && e.name != "ARG" && e.name != "FROM",
			trigger && (e.name == "FROM" || e.name == "ONBUILD" || e.name == "MAINTAINER"):
			continue
		}
		keyword := e.name
		if lower {
			keyword = strings.ToLower(keyword)
		}
		it := completionItem{
			Label: keyword, Kind: itemKeyword, Detail: e.form, Documentation: &markup{"markdown", e.text}, text: keyword + " ",
			deprecated: e.name == "MAINTAINER", filter: keyword,
		}
		switch e.name {
		case "CMD", "ENTRYPOINT", "SHELL":
			it.snippet = keyword + ` ["$1"]$0`
		case "HEALTHCHECK":
			it.snippet = keyword + ` ${1:--interval=30s }CMD $0`
		case "ENV", "LABEL":
			it.snippet = keyword + ` ${1:NAME}=${2:value}$0`
		}
		c.item(w, it)
	}
}

// flag proposes a flag of an instruction, or its value. others are the flags before it.
func (c *completer) flag(w word, instruction string, others []string) {
	name, value, hasValue := strings.Cut(strings.TrimPrefix(w.before, "--"), "=")
	if !hasValue {
		for i := range entries {
			e := &entries[i]
			flag, ok := strings.CutPrefix(e.name, instruction+" --")
			if !ok {
				continue
			}
			again := flag == "mount" || flag == "exclude" || flag == "device"
			if !again && slices.ContainsFunc(others, func(o string) bool { return o == "--"+flag || strings.HasPrefix(o, "--"+flag+"=") }) {
				continue
			}
			text := "--" + flag
			part := w
			part.after, _, hasValue = strings.Cut(w.after, "=")
			if !hasValue && !strings.HasPrefix(e.form, text+"[=") {
				text += "="
			}
			c.item(part, completionItem{
				Label: "--" + flag, Kind: itemProperty, Detail: e.form, Documentation: &markup{"markdown", e.text}, text: text, filter: "--" + flag,
			})
		}
		return
	}
	v := word{value, w.after}
	switch name {
	case "mount":
		c.mount(v)
		return
	case "from":
		c.sources(v)
		return
	case "chown":
		c.users(v)
		return
	case "platform":
		c.platforms(v)
		return
	case "exclude":
		c.paths(v, false)
		return
	}
	if e := describe(instruction + " --" + name); e != nil {
		for _, choice := range choices(e.form) {
			c.item(v, completionItem{Label: choice, Kind: itemValue})
		}
	}
}

// choices are the values that the form of a flag lists: --network=default|none|host. What is in capitals stands for something.
func choices(form string) []string {
	_, list, _ := strings.Cut(form, "=")
	all := strings.Split(strings.TrimSuffix(list, "]"), "|")
	if len(all) < 2 || strings.ToLower(list) != list {
		return nil
	}
	return all
}

// mount proposes a key of `--mount`, or its value.
func (c *completer) mount(w word) {
	fields := strings.Split(w.before, ",")
	typing := word{fields[len(fields)-1], w.after}
	rest := ""
	if i := strings.IndexByte(w.after, ','); i >= 0 {
		typing.after, rest = w.after[:i], w.after[i+1:]
	}
	kind, from := "", false
	used := map[string]bool{}
	for _, field := range append(fields[:len(fields)-1:len(fields)-1], strings.Split(rest, ",")...) {
		key, value, _ := strings.Cut(field, "=")
		used[mountKey(key)] = true
		switch strings.ToLower(key) {
		case "type":
			kind = strings.ToLower(value)
		case "from":
			from = true
		}
	}
	key, value, hasValue := strings.Cut(typing.before, "=")
	if !hasValue {
		for i := range mountKeys {
			k := &mountKeys[i]
			if used[k.name] || kind != "" && !slices.Contains(k.types, kind) || kind == "" && k.name != "type" && !slices.Contains(k.types, "bind") {
				continue
			}
			text := k.name + "="
			if k.bare {
				text = k.name
			}
			c.item(typing, completionItem{
				Label: k.name, Kind: itemProperty, Detail: k.form, Documentation: &markup{"markdown", k.text}, text: text, filter: k.name,
			})
		}
		return
	}
	v := word{value, typing.after}
	switch key = mountKey(key); {
	case key == "from":
		c.sources(v)
	case key == "source" && (kind == "" || kind == "bind") && !from:
		c.paths(v, false)
	default:
		for _, k := range mountKeys {
			if k.name == key {
				for _, choice := range choices(k.form) {
					c.item(v, completionItem{Label: choice, Kind: itemValue})
				}
			}
		}
	}
}

// sources proposes what `from` can name: stages above, named contexts and images.
func (c *completer) sources(w word) {
	var here *plan.Stage
	if c.step != nil {
		here = c.step.Stage
	}
	c.images(w, here)
}

// images proposes stages above the stage here, named contexts and images, or the tags of the image that is being written.
func (c *completer) images(w word, here *plan.Stage) {
	if i := strings.LastIndexByte(w.before, ':'); i >= 0 && !strings.Contains(w.before[i:], "/") {
		c.tags(w.before[:i], word{w.before[i+1:], w.after})
		return
	}
	for _, s := range c.plan.Stages {
		if s == here {
			break
		}
		if s.Name != "" {
			name := s.NameWord.Value
			if c.in.Name == "FROM" {
				name = s.Name // it only knows stages in lower case
			}
			c.item(w, completionItem{Label: name, Kind: itemModule, Detail: "stage of line " + fmt.Sprint(c.line(s.From))})
		}
	}
	for _, name := range slices.Sorted(slices.Values(c.build.Options.NamedContexts)) {
		c.item(w, completionItem{Label: name, Kind: itemModule, Detail: "named build context"})
	}
	if c.in.Name == "FROM" {
		c.item(w, completionItem{Label: "scratch", Kind: itemConstant, Detail: "an empty image"})
	}
	if i := strings.IndexByte(w.after, ':'); i >= 0 {
		w.after = w.after[:i] // the tag stays
	}
	for _, name := range image.Names() {
		c.item(w, completionItem{Label: name, Kind: itemConstant, Detail: "image"})
	}
}

func (c *completer) line(in *parser.Instruction) int { return c.plan.File.Lines.Line(in.Span.Start) }

// tags proposes the tags of the image called name, the newest version first.
func (c *completer) tags(name string, w word) {
	ref, err := plan.ParseRef(name)
	if err != nil {
		return
	}
	now := c.server.options.Now()
	for _, tag := range image.Of(ref).Tags() {
		next := ref
		next.Tag = tag
		it := completionItem{Label: tag, Kind: itemConstant}
		product, system := image.Of(next).Cycles()
		for _, cycle := range []*image.Cycle{product, system} {
			switch {
			case cycle == nil:
			case cycle.Over(now):
				it.Detail, it.deprecated = fmt.Sprintf("%s gets no more fixes", cycle), true
			case it.Detail == "" && !cycle.Last().IsZero():
				it.Detail = fmt.Sprintf("%s gets fixes until %s", cycle, cycle.Last().Format(time.DateOnly))
			}
		}
		c.item(w, it)
	}
}

// platforms proposes the platforms of FROM: those of the machine that builds and of the target, and usual ones.
func (c *completer) platforms(w word) {
	for _, p := range append([]string{"$BUILDPLATFORM", "$TARGETPLATFORM"}, append(c.build.Platforms, "linux/amd64", "linux/arm64")...) {
		if !slices.ContainsFunc(c.items, func(it completionItem) bool { return it.Label == p }) {
			c.item(w, completionItem{Label: p, Kind: itemValue})
		}
	}
}

// users proposes those that the stage has: those that its steps create, and those of its base image.
func (c *completer) users(w word) {
	if strings.Contains(w.before, ":") || c.step == nil || c.step.Stage == nil {
		return
	}
	if i := strings.IndexByte(w.after, ':'); i >= 0 {
		w.after = w.after[:i]
	}
	var names []string
	details := map[string]string{}
	add := func(name, detail string) {
		if name != "" && !slices.Contains(names, name) {
			names, details[name] = append(names, name), detail
		}
	}
	for step := range c.step.Before() {
		sc := shell.Read(step)
		if sc == nil {
			continue
		}
		for _, cmd := range sc.Commands {
			if name, ok := container.Creates(cmd); ok {
				add(name, fmt.Sprintf("line %d creates it", c.line(step.Instruction)))
			}
		}
	}
	if base := c.step.Stage.Image(); base != nil {
		i := image.Of(*base.Ref)
		add(i.SpareUser(), "of the base image")
		user, _ := i.User()
		add(user, "of the base image")
	}
	add("root", "")
	for _, name := range names {
		c.item(w, completionItem{Label: name, Kind: itemValue, Detail: details[name]})
	}
}

// paths proposes files and directories of the build context that the ignore file leaves.
func (c *completer) paths(w word, quoted bool) {
	if c.build.Context == nil || strings.Contains(w.before, "://") || strings.HasPrefix(w.before, "<<") {
		return
	}
	dir, base := path.Split(w.before)
	w.before = base
	if i := strings.IndexByte(w.after, '/'); i >= 0 {
		w.after = w.after[:i]
	}
	name := strings.TrimPrefix(path.Clean("/"+dir), "/")
	if name == "" {
		name = "."
	}
	for _, entry := range c.build.Context.Dir(name) {
		if strings.ContainsAny(entry, `$*?[\"'`) || !quoted && strings.ContainsAny(entry, whitespace) || console.Clean(entry) != entry {
			continue // it would have to be written in another way
		}
		kind := itemFile
		if strings.HasSuffix(entry, "/") {
			kind = itemFolder
		}
		c.item(w, completionItem{Label: entry, Kind: kind})
	}
}

// comment proposes the rules that a comment ignores, and what addresses a linter or the parser. first says that a parser directive
// could be there.
func (c *completer) comment(comment parser.Comment, first bool) {
	line := c.plan.File.Text(comment.Span)
	begin := comment.Span.Start + 1 + strings.Index(line[1:], comment.Text)
	at := c.at - begin
	if at < 0 {
		return
	}
	w := word{comment.Text[:at], comment.Text[at+len(standIn):]}
	if ignore, ok := pragma.ParseIgnore(comment.Text); ok {
		c.ignored(ignore, w)
		return
	}
	if strings.Contains(w.before, "=") || w.after != "" {
		return
	}
	propose := func(text, detail string) {
		if strings.HasPrefix(text, w.before) {
			c.item(w, completionItem{Label: text, Kind: itemKeyword, Detail: detail})
		}
	}
	propose("dockvet ignore=", "ignore findings in the instruction below")
	propose("dockvet ignore-file=", "ignore findings in the whole file")
	if first {
		propose("syntax=docker/dockerfile:1", "the frontend that reads the file")
		propose("escape=`", "the escape character")
		propose("check=skip=", "checks of BuildKit that are not run")
		propose("check=error=true", "violations of BuildKit's checks fail the build")
	}
}

var (
	hadolintCode   = lazy.Regexp{Expr: `^(DL|SC)[0-9]{4}$`}
	shellcheckCode = lazy.Regexp{Expr: `^SC[0-9]{4}$`}
	buildkitName   = lazy.Regexp{Expr: `^([A-Z][a-z]+){2,}[A-Za-z]*$`}
)

// knows reports whether the name of a rule is one of a tool.
func knows(tool, name string) bool {
	switch tool {
	case pragma.Hadolint:
		return hadolintCode.Get().MatchString(name)
	case pragma.ShellCheck:
		return shellcheckCode.Get().MatchString(name)
	case pragma.BuildKit:
		return buildkitName.Get().MatchString(name)
	}
	return false
}

// ignored proposes names of rules in a comment that ignores some.
func (c *completer) ignored(ignore pragma.Ignore, w word) {
	i := slices.IndexFunc(ignore.Names, func(n pragma.Name) bool { return n.Offset <= len(w.before) && len(w.before) < n.Offset+len(n.Text) })
	if i < 0 {
		return
	}
	here := ignore.Names[i]
	w.before, w.after = w.before[here.Offset:], w.after[:here.Offset+len(here.Text)-len(w.before)-len(standIn)]
	listed := func(name string) bool {
		return slices.ContainsFunc(ignore.Names, func(n pragma.Name) bool { return n.Text == name })
	}
	for _, r := range c.server.rules {
		names := []string{r.Name}
		if ignore.Tool != pragma.Dockvet {
			names = slices.DeleteFunc(slices.Clone(r.Aliases), func(a string) bool { return !knows(ignore.Tool, a) })
		}
		for _, name := range names {
			if !listed(name) {
				c.item(w, completionItem{Label: name, Kind: itemFunction, Detail: console.Clean(r.Summary)})
			}
		}
	}
}
