package facts

import (
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// maxPipes bounds how many commands of one pipeline are listed for each of them.
const maxPipes = 10

// maker makes the facts of one plan.
type maker struct {
	plan   *plan.Plan
	script func(*plan.Step) *shell.Script
	calls  map[*shell.Command]*shell.Call
	placed int
}

// maxPlaces bounds what is described of a build. Real ones stay under 10,000.
const maxPlaces = 80_000

// full reports whether no more is to be described.
func (m *maker) full() bool { return m.placed >= maxPlaces }

// Of are the facts that follow from a plan, whose scripts are given, as by shell.Scripts. The rest of the Build is what the caller knows of it.
func Of(p *plan.Plan, script func(*plan.Step) *shell.Script) Build {
	m := &maker{plan: p, script: script, calls: map[*shell.Command]*shell.Call{}}
	b := Build{
		Path: p.File.Name, Arguments: map[string]string{}, Contexts: []string{}, Platforms: []string{}, Services: []string{},
		Globals: []Instruction{}, Stages: []Stage{},
	}
	if p.Syntax != nil {
		b.Syntax = m.image(p.Syntax)
	}
	for _, step := range p.Globals {
		b.Globals = append(b.Globals, m.instruction(step))
	}
	for _, s := range p.Stages {
		b.Stages = append(b.Stages, m.stage(s))
	}
	if p.Target != nil {
		b.Image = m.result(p.Target)
	}
	b.Complete = !m.full()
	return b
}

// Errors are what BuildKit rejects in f.
func Errors(f *parser.File) []Error {
	out := []Error{}
	for _, e := range f.Errors {
		out = append(out, Error{e.Message, place(f, e.Span)})
	}
	return out
}

// Mask replaces each text in b by what mask makes of it.
func Mask(b *Build, mask func(string) string) { maskIn(reflect.ValueOf(b), mask) }

func maskIn(v reflect.Value, mask func(string) string) {
	switch v.Kind() { //nolint:exhaustive // the others hold no text
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Type() == reflect.TypeFor[*string]() && v.CanSet() {
			text := mask(v.Elem().String()) // it may be shared with the plan
			v.Set(reflect.ValueOf(&text))
			return
		}
		maskIn(v.Elem(), mask)
	case reflect.String:
		v.SetString(mask(v.String()))
	case reflect.Slice:
		for i := range v.Len() {
			maskIn(v.Index(i), mask)
		}
	case reflect.Struct:
		for f, field := range v.Fields() {
			if f.IsExported() {
				maskIn(field, mask)
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			maskIn(value, mask)
			v.SetMapIndex(key, value)
		}
	}
}

func place(f *parser.File, span parser.Span) Place {
	from, to := f.Lines.Position(span.Start), f.Lines.Position(span.End)
	return Place{from.Line, from.Column, to.Line, to.Column, span}
}

func (m *maker) place(span parser.Span) Place {
	m.placed++
	return place(m.plan.File, span)
}

// known is the text of v, nil if that is not known.
func known(v plan.Value) *string {
	if !v.Known {
		return nil
	}
	return &v.Text
}

func (m *maker) stage(s *plan.Stage) Stage {
	out := Stage{
		Index: s.Index, Name: s.Name, Platform: s.Platform.Value, Final: s == m.plan.Target, Shipped: s.Shipped, Needed: s.Reached,
		User: known(s.End.User), Directory: known(s.End.Workdir), Instructions: []Instruction{},
	}
	if s.Base != nil {
		out.Base = m.image(s.Base)
	}
	if s.From != nil {
		out.Place = m.place(s.From.Head())
	}
	for _, step := range s.Steps {
		if m.full() {
			break
		}
		out.Instructions = append(out.Instructions, m.instruction(step))
	}
	return out
}

func (m *maker) image(i *plan.Image) *Image {
	out := &Image{Text: i.Word.String, Scratch: i.Scratch, Context: i.Named, Support: []Cycle{}, Place: m.place(i.Span)}
	if i.Stage != nil {
		out.Stage = &i.Stage.Index
	}
	if !i.External() {
		return out
	}
	ref := i.Ref
	name := ref.Name()
	out.Registry, out.Repository, out.Name, out.Tag, out.Digest = &ref.Registry, &ref.Repository, &name, &ref.Tag, &ref.Digest
	about := image.Of(*ref)
	out.Official, out.Family = ref.Official() != "", about.Family()
	if user, ok := about.User(); ok {
		out.User = &user
	}
	product, system := about.Cycles()
	for _, c := range []*image.Cycle{product, system} {
		if c != nil && !slices.ContainsFunc(out.Support, func(x Cycle) bool { return x.Product == c.Product }) {
			out.Support = append(out.Support, Cycle{c.Product, c.Name, day(c.Last())})
		}
	}
	return out
}

func (m *maker) instruction(step *plan.Step) Instruction {
	in := step.Instruction
	out := Instruction{
		Name: in.Name, Text: strings.TrimSpace(in.Rest.String), Flags: []Flag{}, Arguments: []Word{}, Pairs: []Pair{}, JSON: in.JSON,
		User: known(step.User), Directory: known(step.Workdir), Shell: slices.Clone(step.Shell.Words), Mounts: []Mount{}, Commands: []Command{},
		Place: m.place(in.Head()),
	}
	if out.Shell == nil {
		out.Shell = []string{}
	}
	for i := range in.Flags {
		f := &in.Flags[i]
		out.Flags = append(out.Flags, Flag{f.Name, f.Value.Value, m.place(f.Full())})
	}
	for _, w := range in.Args {
		value := plan.Value{Text: w.Value, Known: true}
		if !in.JSON && in.Name != "RUN" && in.Name != "CMD" && in.Name != "ENTRYPOINT" && in.Name != "HEALTHCHECK" {
			value = step.Env.Expand(w.Value)
		}
		out.Arguments = append(out.Arguments, Word{w.String, known(value), m.place(w.Full())})
	}
	for _, p := range in.Pairs {
		pair := Pair{Key: step.Env.Expand(p.Key.Value).Text, Set: p.HasValue, Place: m.place(p.Span)}
		if p.HasValue {
			pair.Value = known(step.Env.Expand(p.Value.Value))
		}
		out.Pairs = append(out.Pairs, pair)
	}
	if step.Copy != nil {
		out.Copy = m.copy(step.Copy)
	}
	for i := range step.Mounts {
		x := &step.Mounts[i]
		mount := Mount{Type: x.Type, Source: x.Source, Target: known(x.Target), ID: x.ID, Place: m.place(x.Text.Full())}
		if x.From != nil {
			mount.Image = m.image(x.From)
		}
		out.Mounts = append(out.Mounts, mount)
	}
	if script := m.script(step); script != nil {
		for _, call := range script.Calls() {
			m.calls[call.Command] = call
		}
		for _, c := range script.Commands {
			if m.full() {
				break
			}
			out.Commands = append(out.Commands, m.command(c))
		}
	}
	if step.Trigger != nil {
		trigger := m.instruction(step.Trigger)
		out.Trigger = &trigger
	}
	return out
}

func (m *maker) copy(t *plan.Transfer) *Copy {
	out := &Copy{Add: t.Add, Sources: []CopyFrom{}, Destination: known(t.To)}
	if t.From != nil {
		out.Image = m.image(t.From)
	}
	for _, s := range t.Sources {
		from := CopyFrom{Text: s.Word.String, Path: known(s.Path), Heredoc: s.Heredoc, Remote: s.Remote, Place: m.place(s.Word.Full())}
		if s.Remote {
			host := download.Host(s.Path.Text)
			from.Host = known(plan.Value{Text: host, Known: host != "" && !strings.Contains(host, "$")})
		}
		out.Sources = append(out.Sources, from)
	}
	return out
}

func (m *maker) word(c *shell.Command, w shell.Word) Word {
	value := plan.Value{Text: w.Text, Known: true}
	if !w.Literal {
		value = c.Script.Step.Env.Expand(w.Text)
	}
	return Word{w.Text, known(value), m.place(w.Span)}
}

func (m *maker) command(c *shell.Command) Command {
	out := Command{
		Name: c.Name, Arguments: []Word{}, Assignments: []Pair{}, Pipes: []string{}, Subshell: c.Sub, URLs: []URL{}, Place: m.place(c.Span),
	}
	if dir := c.Dir(); path.IsAbs(dir.Text) { // else it depends on the base image
		out.Directory = known(dir)
	}
	for _, w := range c.Args() {
		if m.full() {
			break
		}
		out.Arguments = append(out.Arguments, m.word(c, w))
	}
	for _, a := range c.Assigns {
		out.Assignments = append(out.Assignments, Pair{a.Name, true, m.word(c, a.Value).Value, m.place(a.Span)})
	}
	for next := c.PipeTo; next != nil && len(out.Pipes) < maxPipes; next = next.PipeTo {
		out.Pipes = append(out.Pipes, next.Name)
	}
	if c.Outer != nil {
		out.Outer = c.Outer.Name
	}
	for _, u := range download.URLs(c) {
		out.URLs = append(out.URLs, URL{u.Text, known(u.Host), m.place(u.Span)})
	}
	if call := m.calls[c]; call != nil {
		out.Packages = &Call{call.Manager, call.Verb.Text, call.Action == shell.Install, call.Manifest, []Package{}}
		for _, p := range call.Packages {
			out.Packages.List = append(out.Packages.List, Package{p.Name, p.Version, p.Local, m.place(p.Word.Span)})
		}
	}
	return out
}

// result is the image that s becomes.
func (m *maker) result(s *plan.Stage) *Result {
	out := &Result{
		Stage: s.Index, User: known(s.End.User), Directory: known(s.End.Workdir), Environment: map[string]*string{}, Labels: map[string]*string{},
		Ports: []string{}, Entrypoint: []string{}, Command: []string{},
	}
	if base := s.Image(); base != nil {
		out.Base = m.image(base)
		if user, ok := image.Of(*base.Ref).User(); ok && s.End.UserStep == nil {
			out.User = &user
		}
	}
	for v := range s.End.Env.Variables() {
		if !v.Arg {
			out.Environment[v.Name] = known(v.Value())
		}
	}
	stages := s.Lineage()
	for i := len(stages) - 1; i >= 0; i-- {
		at := stages[i]
		for _, step := range at.Steps {
			switch step.Instruction.Name {
			case "LABEL":
				for _, p := range step.Instruction.Pairs {
					out.Labels[step.Env.Expand(p.Key.Value).Text] = known(step.Env.Expand(p.Value.Value))
				}
			case "EXPOSE":
				for _, w := range step.Instruction.Args {
					port := strings.ToLower(step.Env.Expand(w.Value).Text)
					if !strings.Contains(port, "/") {
						port += "/tcp"
					}
					if !slices.Contains(out.Ports, port) && len(out.Ports) < 1000 {
						out.Ports = append(out.Ports, port)
					}
				}
			}
		}
	}
	command := s.Command()
	for _, x := range []struct {
		step *plan.Step
		to   *[]string
	}{{command.Entrypoint, &out.Entrypoint}, {command.Cmd, &out.Command}} {
		if x.step == nil {
			continue
		}
		for _, w := range x.step.Instruction.Args {
			*x.to = append(*x.to, w.Value)
		}
	}
	return out
}
