package lsp

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
	"github.com/dockvet/dockvet/shell"
)

// hover says what is at a place of a Dockerfile.
func (s *server) hover(ctx context.Context, p at) (any, error) {
	d, pl := s.planOf(p.TextDocument.URI)
	if pl == nil || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	h := hoverer{server: s, plan: pl, build: s.buildOf(d), offset: d.text.offset(p.Position)}
	for _, find := range []func() (string, parser.Span){h.rule, h.variable, h.image, h.instruction, h.source, h.call} {
		if text, span := find(); text != "" {
			r := d.text.span(span)
			return hover{s.markup(text), &r}, nil
		}
	}
	return nil, nil
}

// markup is text, which is Markdown, in a form that the client shows.
func (s *server) markup(text string) markup {
	formats := s.client.TextDocument.Hover.ContentFormat
	if len(formats) > 0 && !slices.Contains(formats, "markdown") {
		return markup{"plaintext", strings.NewReplacer("`", "", "**", "").Replace(text)}
	}
	return markup{"markdown", text}
}

// hoverer finds out what to say about one place.
type hoverer struct {
	server *server
	plan   *plan.Plan
	build  *workspace.Build
	offset int
}

// rule is the page of a rule that a comment names.
func (h *hoverer) rule() (string, parser.Span) {
	for _, c := range h.plan.File.Comments {
		if !covers(c.Span, h.offset) {
			continue
		}
		ignore, ok := pragma.ParseIgnore(c.Text)
		if !ok {
			return "", parser.Span{}
		}
		at := c.Span.Start + strings.Index(h.plan.File.Text(c.Span), c.Text)
		for _, n := range ignore.Names {
			span := parser.Span{Start: at + n.Offset, End: at + n.Offset + len(n.Text)}
			if r := h.server.index[n.Text]; r != nil && covers(span, h.offset) {
				return rules.Page(r), span
			}
		}
	}
	return "", parser.Span{}
}

// variable is the value of a variable at this step, and where it comes from.
func (h *hoverer) variable() (string, parser.Span) {
	n := variableAt(h.plan, h.offset)
	if n == nil {
		return "", parser.Span{}
	}
	env := h.plan.Env
	if n.at.step != nil {
		env = n.at.step.Env
		if n.at.write {
			env = h.after(n.at.step)
		}
	}
	v := env.Lookup(n.name)
	if v == nil {
		text := "Nothing in this file sets it, so it is empty."
		if env.Open() {
			text = "Nothing in this file sets it. The base image may."
		}
		return "`" + n.name + "`\n\n" + text, n.at.span
	}
	var b strings.Builder
	value := v.Value()
	switch {
	case !v.Set:
		fmt.Fprintf(&b, "`%s` has no value unless the build passes one.", n.name)
	case value.Known:
		fmt.Fprintf(&b, "`%s` = %s", n.name, h.quote(value.Text))
	default:
		fmt.Fprintf(&b, "`%s` = %s, as far as it is known: the rest depends on the base image, the platform or a build argument.", n.name, h.quote(value.Text))
	}
	b.WriteString("\n\n")
	what := "Environment variable"
	if v.Arg {
		what = "Build argument"
	}
	step := v.Step()
	if step == nil {
		fmt.Fprintf(&b, "%s, which BuildKit sets.", what)
		return b.String(), n.at.span
	}
	fmt.Fprintf(&b, "%s of line %d", what, h.line(v.Pair.Span.Start))
	if h.plan.Given(n.name) && v.Arg {
		b.WriteString(", whose value the build passes")
		if h.build.Place() != "" {
			fmt.Fprintf(&b, " (%s)", h.build.Place())
		}
	} else if v.Arg && !v.Pair.HasValue && v.Set {
		if global := h.plan.Env.Lookup(n.name); global != nil && global.Step() != nil {
			fmt.Fprintf(&b, ", whose default is in line %d", h.line(global.Pair.Span.Start))
		}
	}
	b.WriteString(".")
	return b.String(), n.at.span
}

// after is the environment after step.
func (h *hoverer) after(step *plan.Step) *plan.Env {
	for i, other := range h.plan.Globals {
		if other == step {
			if i+1 < len(h.plan.Globals) {
				return h.plan.Globals[i+1].Env
			}
			return h.plan.Env
		}
	}
	if step.Stage == nil || step.OnBuild {
		return step.Env
	}
	if step.Index+1 < len(step.Stage.Steps) {
		return step.Stage.Steps[step.Index+1].Env
	}
	return step.Stage.End.Env
}

// maxShown bounds how much of a value is shown, in bytes.
const maxShown = 500

// quote is a value as code, without what must not be shown.
func (h *hoverer) quote(value string) string {
	value = console.Clean(h.build.Mask(value))
	if len(value) > maxShown {
		value = strings.ToValidUTF8(value[:maxShown], "") + "…"
	}
	if value == "" {
		return "the empty string"
	}
	if strings.Contains(value, "`") {
		return "`` " + value + " ``"
	}
	return "`" + value + "`"
}

func (h *hoverer) line(offset int) int { return h.plan.File.Lines.Line(offset) }

// image is what is known about an image or a stage.
func (h *hoverer) image() (string, parser.Span) {
	for i := range h.plan.Images() {
		if !covers(i.Span, h.offset) && !covers(i.Origin, h.offset) {
			continue
		}
		span := i.Span
		if !covers(span, h.offset) {
			span = i.Origin
		}
		switch {
		case i.Stage != nil:
			return h.stage(i.Stage), span
		case i.Scratch:
			return "`scratch` is an empty image.", span
		case i.Named:
			return "`" + console.Clean(i.Value.Text) + "` is a named build context.", span
		case i.Ref != nil:
			return knownImage(*i.Ref, h.server.options.Now()), span
		}
	}
	if n := stageAt(h.plan, h.offset); n != nil {
		return h.stage(n.stage), n.at.span
	}
	return "", parser.Span{}
}

// stage is what the hover says about a stage.
func (h *hoverer) stage(s *plan.Stage) string {
	name := fmt.Sprintf("Stage %d", s.Index)
	if s.Name != "" {
		name = "Stage `" + s.Name + "`"
	}
	var b strings.Builder
	if s.From != nil {
		fmt.Fprintf(&b, "%s, line %d\n\n```dockerfile\n%s\n```\n", name, h.line(s.From.Span.Start), console.Clean(strings.Join(strings.Fields(s.From.Text.String), " ")))
	}
	switch {
	case s == h.plan.Target:
		b.WriteString("\nIt is the target of the build.")
	case s.Shipped:
		b.WriteString("\nThe target is built from it.")
	case !s.Reached:
		b.WriteString("\nThe target does not use it.")
	}
	return b.String()
}

// knownImage is what the tables say about an image.
func knownImage(r plan.Ref, now time.Time) string {
	i := image.Of(r)
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, "- "+fmt.Sprintf(format, args...)) }
	product, system := i.Cycles()
	dated := false
	for _, c := range []*image.Cycle{product, system} {
		if c == nil || c == system && product == system && len(lines) > 0 {
			continue
		}
		dated = true
		switch end := c.Last(); {
		case end.IsZero() && c.Over(now):
			add("%s gets no more fixes.", c)
		case end.IsZero():
			add("%s gets fixes. The end is not set.", c)
		case c.Over(now):
			add("**%s has had no fixes since %s**, for %s.", c, end.Format(time.DateOnly), lifecycle.Duration(end, now))
		default:
			add("%s gets fixes until %s.", c, end.Format(time.DateOnly))
		}
	}
	if since, ok := i.Frozen(); ok {
		add("**The tag has not been updated since %s**, although its version has.", since.Format(time.DateOnly))
	}
	if user, ok := i.User(); ok {
		spare := ""
		if name := i.SpareUser(); name != "" && name != user {
			spare = ". It also has the user `" + name + "`"
		}
		add("It starts as `%s`%s.", cmp.Or(user, "root"), spare)
	}
	switch name, minor, _ := i.Libc(); {
	case name == image.Glibc && minor > 0:
		add("C library: glibc 2.%d or later.", minor)
	case name != "":
		add("C library: %s.", name)
	}
	switch shell := i.Shell(); {
	case i.Shellless():
		add("It has no shell.")
	case shell != "":
		add("`/bin/sh` is %s.", shell)
	}
	if slim, ok := i.Slim(); ok {
		add("Smaller: `%s`.", slim)
	}
	title := "`" + console.Clean(r.Name()) + "`"
	if r.Tag != "" {
		title = "`" + console.Clean(r.Name()+":"+r.Tag) + "`"
	}
	if r.Official() != "" {
		title += ", a Docker official image"
	}
	if len(lines) == 0 {
		lines = []string{"dockvet does not know this image."}
	}
	text := title + "\n\n" + strings.Join(lines, "\n")
	if dated {
		text += "\n\nDates as of " + image.Snapshot().Format(time.DateOnly) + "."
	}
	return text
}

// instruction is the description of the keyword or flag at the place.
func (h *hoverer) instruction() (string, parser.Span) {
	for _, outer := range h.plan.File.Instructions {
		if !covers(outer.Span, h.offset) {
			continue
		}
		for in := outer; in != nil; in = in.Trigger {
			name := in.Name
			span := in.Keyword.Full()
			if !covers(span, h.offset) {
				i := slices.IndexFunc(in.Flags, func(f parser.Flag) bool {
					flag := f.Full()
					flag.End = min(flag.End, flag.Start+len("--")+len(f.Name))
					return covers(flag, h.offset)
				})
				if i < 0 {
					continue
				}
				span = in.Flags[i].Full()
				name += " --" + in.Flags[i].Name
			}
			if e := describe(name); e != nil {
				text := "```dockerfile\n" + e.form + "\n```\n" + e.text
				if in.Name == "COPY" || in.Name == "ADD" {
					if more := h.copied(in); more != "" && name == in.Name {
						text += "\n\n" + more
					}
				}
				return text + "\n\n[Reference](https://docs.docker.com/reference/dockerfile/#" + strings.ToLower(in.Name) + ")", span
			}
		}
	}
	return "", parser.Span{}
}

// step is the step of in, nil if it is not in a stage.
func (h *hoverer) step(in *parser.Instruction) *plan.Step {
	for _, stage := range h.build.Plan.Stages {
		for _, step := range stage.Steps {
			if step.Instruction == in {
				return step
			}
		}
	}
	return nil
}

// copied is what all sources of a COPY or ADD take from the build context, a line for each.
func (h *hoverer) copied(in *parser.Instruction) string {
	step := h.step(in)
	if step == nil || !step.Copy.Context() {
		return ""
	}
	var lines []string
	for _, src := range step.Copy.Sources {
		if text := h.taken(step, src); text != "" {
			lines = append(lines, "- "+text)
		}
	}
	return strings.Join(lines, "\n")
}

// source is what the source of a COPY or ADD at the place takes from the build context.
func (h *hoverer) source() (string, parser.Span) {
	for _, stage := range h.build.Plan.Stages {
		for _, step := range stage.Steps {
			if !covers(step.Instruction.Span, h.offset) || step.Copy == nil || !step.Copy.Context() {
				continue
			}
			for _, src := range step.Copy.Sources {
				if covers(src.Word.Full(), h.offset) {
					return h.taken(step, src), src.Word.Full()
				}
			}
		}
	}
	return "", parser.Span{}
}

// taken is a sentence on what src takes, "" if there is nothing to say.
func (h *hoverer) taken(step *plan.Step, src plan.Source) string {
	name := "`" + console.Clean(src.Word.String) + "`"
	switch {
	case src.Heredoc || h.build.Context == nil:
		return ""
	case src.Remote:
		return name + " is fetched by the build."
	}
	t, ok := h.build.Context.Transfer(step, src)
	if !ok {
		return name + " depends on a variable that is not known."
	}
	ignoreFile := cmp.Or(h.build.Context.Ignore, ".dockerignore")
	switch {
	case !t.Exists:
		return name + " does not exist in the build context."
	case t.Ignored:
		return name + " is ignored by `" + ignoreFile + "`."
	case len(t.Files) == 0:
		return name + " contains no files."
	}
	bytes, all := buildcontext.Weigh(t.Files)
	text := fmt.Sprintf("%s copies %d files, %s", name, len(t.Files), units.HumanSize(float64(bytes)))
	if len(t.Files) == 1 {
		text = fmt.Sprintf("%s copies 1 file, %s", name, units.HumanSize(float64(bytes)))
	}
	if !all {
		text += " or more"
	}
	text += "."
	if len(t.Files) > 1 && all {
		largest, most := "", int64(-1)
		for _, f := range t.Files {
			if n := f.Size(); n > most {
				largest, most = f.Name, n
			}
		}
		text += fmt.Sprintf(" The largest is `%s`, %s.", console.Clean(largest), units.HumanSize(float64(most)))
	}
	if t.Partly {
		text += " `" + ignoreFile + "` leaves out the rest."
	}
	return text
}

// call is what the call of a package manager at the place reads.
func (h *hoverer) call() (string, parser.Span) {
	for _, stage := range h.build.Plan.Stages {
		for _, step := range stage.Steps {
			if !covers(step.Instruction.Span, h.offset) || step.Instruction.Name != "RUN" {
				continue
			}
			sc := shell.Read(step)
			if sc == nil {
				return "", parser.Span{}
			}
			for _, c := range sc.Calls() {
				if covers(c.Command.Span, h.offset) {
					return h.install(step, c), c.Command.Span
				}
			}
		}
	}
	return "", parser.Span{}
}

// install is what the hover says about a call.
func (h *hoverer) install(step *plan.Step, c *shell.Call) string {
	m := ecosystem.Of(c.Manager)
	if m == nil || c.Action != shell.Install {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "`%s` installs packages", console.Clean(strings.TrimSpace(c.Manager+" "+c.Verb.Text)))
	if len(c.Packages) > 0 {
		var names []string
		for _, p := range c.Packages {
			names = append(names, "`"+console.Clean(p.Word.Text)+"`")
		}
		fmt.Fprintf(&b, ": %s", strings.Join(names, ", "))
	}
	b.WriteString(".\n\n")
	dir := c.Dir()
	if !c.Manifest || m.Project == nil || !dir.Known || h.build.Context == nil {
		return strings.TrimSpace(b.String())
	}
	find := func(names []string) (out []string) {
		for _, name := range names {
			if strings.ContainsAny(name, "*?[") {
				continue
			}
			if t, ok := h.build.Context.Trail(step.Stage, path.Join(dir.Text, name)); ok {
				out = append(out, fmt.Sprintf("`%s` (`%s` of the build context)", name, console.Clean(t.File)))
			}
		}
		return out
	}
	if list := find(m.Project.Manifests); len(list) > 0 {
		fmt.Fprintf(&b, "- It reads %s.\n", strings.Join(list, ", "))
	} else {
		fmt.Fprintf(&b, "- No manifest was copied to `%s`.\n", console.Clean(dir.Text))
	}
	if m.Lock != nil {
		if list := find(m.Lock.Files); len(list) > 0 {
			fmt.Fprintf(&b, "- Versions are locked by %s.\n", strings.Join(list, ", "))
		} else {
			fmt.Fprintf(&b, "- No lock file was copied to `%s`.\n", console.Clean(dir.Text))
		}
	}
	return strings.TrimSpace(b.String())
}
