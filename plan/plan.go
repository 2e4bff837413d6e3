// Package plan says what a Dockerfile's build will do: its stages and how they hang together, and for each step the
// environment, user, working directory and shell in force. What comes from an unknown base image stays unknown.
package plan

import (
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/tonistiigi/go-csvvalue"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/parser"
)

// Options are the build's own settings.
type Options struct {
	Target        string            // the stage to build, by name or number; "" is the last one
	Args          map[string]string // --build-arg
	AllArgs       bool              // the build passes no other arguments than Args
	NamedContexts []string          // names given by --build-context
}

// Plan is the build that one Dockerfile describes.
type Plan struct {
	File        *parser.File
	Globals     []*Step // instructions before the first FROM
	Env         *Env    // what FROM sees: the predefined ARGs and those before the first FROM
	Stages      []*Stage
	Target      *Stage // nil if there is no stage, or none of the requested name
	Syntax      *Image // the frontend of `# syntax=`, or nil
	options     Options
	names       map[string]named // the stages that have a name
	form        func() canonical // computed once: a plan is compared with several others
	development bool             // many rules ask
	steps       []Step           // those of all stages, in one piece
}

// named is the last stage of a name, and how many have it.
type named struct {
	last  *Stage
	count int
}

// Stage is one FROM and what follows it. A fragment without FROM has one stage, whose From is nil.
type Stage struct {
	Index    int
	Name     string // lower-case as BuildKit has it, "" without AS
	NameWord parser.Word
	From     *parser.Instruction
	Base     *Image // nil in a fragment or for a FROM that does not parse
	Platform parser.Word
	Steps    []*Step
	Needs    []*Stage // stages that it is built from, copies from or mounts, without repeats
	Reached  bool     // the target needs it, or is it
	Shipped  bool     // its file system is the target's: the target itself and the stages it is built FROM
	// End is the state after the last step.
	End     State
	command Command // see Command: many rules ask
	root    *Stage  // the one at the end of the line
	lineage []*Stage
	self    [1]*Stage // lineage of most stages
	windows bool      // see Windows
}

// State is what holds at one point of a stage.
type State struct {
	Env     *Env
	User    Value // Known is false while only the base image decides
	Workdir Value
	Shell   Shell
	// UserStep and WorkdirStep are the steps that set them, nil while only the base image decides.
	UserStep, WorkdirStep *Step
}

// Shell is the shell of shell-form instructions.
type Shell struct {
	Words []string
	Step  *Step // the SHELL that chose it, nil for the default and for a comment
	Known bool  // false where the base image may have chosen another
}

// declaredShell is the shell that a comment `# hadolint shell=bash` above an instruction names: the author's word on
// what the base image has.
func declaredShell(comments []parser.Comment) (Shell, bool) {
	for _, c := range comments {
		if words := pragma.Shell(c.Text); len(words) > 0 {
			return Shell{Words: words, Known: true}, true
		}
	}
	return Shell{}, false
}

// Step is one instruction of a stage with the state before it.
type Step struct {
	State
	Index       int // in the stage
	Stage       *Stage
	Instruction *parser.Instruction
	Copy        *Transfer // of COPY and ADD
	Mounts      []Mount   // of RUN
	Trigger     *Step     // of ONBUILD: the step it stores for a build FROM this image
	OnBuild     bool      // it is such a stored step
}

// Transfer is what COPY or ADD moves.
type Transfer struct {
	Sources []Source
	Dest    parser.Word
	To      Value  // Dest, expanded
	From    *Image // nil when the build context is the source
	Add     bool
}

// Source is one source of COPY or ADD.
type Source struct {
	Word    parser.Word
	Path    Value
	Heredoc bool
	Remote  bool // a URL or git repository
}

// Context reports whether t reads files of the main build context.
//
//go:noinline
func (t *Transfer) Context() bool {
	if t == nil || t.From != nil {
		return false
	}
	return slices.ContainsFunc(t.Sources, func(s Source) bool { return !s.Heredoc && !s.Remote })
}

// Whole reports whether s copies the whole build context, or everything at its root.
func (s Source) Whole() bool {
	if s.Heredoc || s.Remote || !s.Path.Known {
		return false
	}
	if s.Path.Text == "." {
		return true // as it is mostly written
	}
	p := path.Clean("/" + s.Path.Text)
	return p == "/" || p == "/*"
}

// Whole reports whether t copies the whole build context.
//
//go:noinline
func (t *Transfer) Whole() bool {
	if t == nil || t.From != nil {
		return false
	}
	return slices.ContainsFunc(t.Sources, Source.Whole)
}

// Mount is one `--mount` of RUN.
type Mount struct {
	Text   parser.Text // the flag's value
	Type   string      // bind where none is written
	Source string
	Target Value
	From   *Image // nil without from=
	ID     string
}

// Use says where an image reference stands.
type Use int

// The places of image references.
const (
	UseFrom Use = iota
	UseCopy
	UseMount
	UseSyntax
)

// Image is something that a build takes files or its start from: an image, a stage, a named context, or nothing
// (scratch).
type Image struct {
	Use     Use
	Word    parser.Text // as written
	Value   Value       // expanded
	Span    parser.Span
	Stage   *Stage // the stage it names, or nil
	Scratch bool
	Named   bool // a named build context replaces it
	Ref     *Ref // nil unless it is an image whose reference parses
	// Origin is where the reference is really written: Span, or the default of the ARG that holds all of it.
	Origin parser.Span
	// Prefix is the variable that Word begins with, of Literal.
	Prefix string
	// Literal is the image that Word names if the variable at its beginning only chooses a registry, such as node:14 in
	// `${REGISTRY}/node:14`; nil for any other reference. It is External.
	Literal *Image
}

// External reports whether i is an image from a registry.
func (i *Image) External() bool {
	return i != nil && i.Stage == nil && !i.Scratch && !i.Named && i.Ref != nil
}

// New plans the build of f.
func New(f *parser.File, o Options) *Plan {
	p := &Plan{File: f, options: o}
	p.form = sync.OnceValue(func() canonical { return canonicalize(p) })
	if d := f.Directive("syntax"); d != nil {
		name, _, _ := strings.Cut(d.Value.String, " ")
		p.Syntax = p.image(UseSyntax, d.Value.Slice(0, len(name)), known(name))
	}
	scope := p.globalScope()
	var stage *Stage
	if !slices.ContainsFunc(f.Instructions, func(in *parser.Instruction) bool { return in.Name == "FROM" }) {
		stage = p.open(nil, scope)
	}
	for _, in := range f.Instructions {
		switch {
		case in.Name == "FROM":
			stage = p.open(in, scope)
		case stage == nil:
			step := &Step{Index: len(p.Globals), Instruction: in, State: State{Env: scope}}
			p.Globals = append(p.Globals, step)
			if in.Name == "ARG" {
				scope = p.declare(scope, step, nil)
			}
		default:
			p.add(stage, in, scope)
		}
	}
	p.Env = scope
	p.link()
	for _, s := range p.Stages {
		s.settleCommand()
	}
	p.development = p.forDevelopment()
	return p
}

// predefined are the build arguments that BuildKit sets for FROM. Source: BuildKit, dockerfile2llb/platform.go.
var predefined = [...]string{
	"BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT", "TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH",
	"TARGETVARIANT", "TARGETSTAGE",
}

// Predefined reports whether BuildKit sets the build argument itself, from the platforms of the build or its target.
func Predefined(name string) bool { return slices.Contains(predefined[:], name) }

// Given reports whether the build passes a value for the argument called name.
func (p *Plan) Given(name string) bool { _, ok := p.options.Args[name]; return ok }

// AllArgs reports whether it is known which arguments the build passes: only those that Given reports.
func (p *Plan) AllArgs() bool { return p.options.AllArgs }

// unknownPlatform are the predefined arguments of a build that passes none. They do not change.
var unknownPlatform = lazy.Value[*[len(predefined)]Variable]{Make: func() *[len(predefined)]Variable {
	vars := new([len(predefined)]Variable)
	for i, name := range predefined {
		vars[i] = Variable{Name: name, Arg: true, Set: true, done: true, given: true, value: Value{"", false}}
	}
	return vars
}}

// globalScope holds what BuildKit predefines for FROM; what these are is up to the platforms of the build.
func (p *Plan) globalScope() *Env {
	s := &Env{escape: p.File.Escape, lexer: &lexer{}}
	vars, envs := unknownPlatform.Get(), new([len(predefined)]Env) // every file has them
	if len(p.options.Args) > 0 {
		own := *vars
		vars = &own
	}
	for i := range vars {
		v := &vars[i]
		if text, ok := p.options.Args[v.Name]; ok {
			v.value = known(text)
		}
		envs[i] = Env{variable: v, parent: s, open: s.open, escape: s.escape, size: s.size + 1, lexer: s.lexer}
		s = &envs[i]
	}
	return s
}

// declare adds the variables of an ARG. globals is the scope before the first FROM for an ARG inside a stage, which
// takes its value from there when it has no default of its own.
func (p *Plan) declare(scope *Env, step *Step, globals *Env) *Env {
	for _, pair := range step.Instruction.Pairs {
		name := pair.Key.Value
		v := &Variable{Name: name, Arg: true, Pair: pair, Set: pair.HasValue, step: step}
		v.empty = p.options.AllArgs && globals == nil
		if given, ok := p.options.Args[name]; ok {
			v.Set, v.done, v.given, v.value = true, true, true, known(given)
		} else if !pair.HasValue && globals != nil {
			if g := globals.Lookup(name); g != nil && g.Set {
				v.Set, v.done, v.given, v.value = true, true, true, g.Value()
			}
		}
		if !v.Set && scope.Lookup(name) != nil {
			continue // `ARG X` without any value leaves what is set
		}
		scope = scope.with(v)
	}
	return scope
}

// open starts a stage.
func (p *Plan) open(in *parser.Instruction, globals *Env) *Stage {
	s := &Stage{Index: len(p.Stages), From: in}
	s.root, s.self[0] = s, s
	s.lineage = s.self[:]
	s.End = State{
		Env:   &Env{open: true, escape: p.File.Escape, lexer: globals.lexer},
		Shell: Shell{Words: []string{"/bin/sh", "-c"}},
	}
	p.Stages = append(p.Stages, s)
	if in == nil || in.Cmd == nil || len(in.Args) == 0 {
		return s
	}
	word := in.Args[0]
	s.Base = p.image(UseFrom, word.Text, globals.Expand(word.Value))
	if base := s.Base.Stage; base != nil {
		s.root = base.root
		s.lineage = append([]*Stage{s}, base.lineage[:min(len(base.lineage), maxLineage-1)]...)
	}
	p.origin(s.Base, globals)
	s.Base.literal(globals)
	if len(in.Args) == 3 {
		s.NameWord = in.Args[2]
		p.name(s, strings.ToLower(s.NameWord.Value))
	}
	if f := in.Flag("platform"); f != nil {
		s.Platform = f.Value
	}
	s.windows = strings.HasPrefix(s.Platform.Value, "windows") || windowsName(s.Base.Value.Text) || s.Base.Stage != nil && s.Base.Stage.windows
	switch {
	case s.Base.Stage != nil:
		s.End = s.Base.Stage.End
	case s.Base.Scratch:
		s.End.Env = &Env{escape: p.File.Escape, lexer: globals.lexer}
		s.End.User, s.End.Workdir, s.End.Shell.Known = known("root"), known("/"), true
	}
	if sh, ok := declaredShell(in.Lead); ok {
		s.End.Shell = sh
	}
	return s
}

// name gives s its name, which is lower-case.
func (p *Plan) name(s *Stage, name string) {
	if s.Name = name; name == "" {
		return
	}
	if p.names == nil {
		p.names = map[string]named{}
	}
	p.names[name] = named{s, p.names[name].count + 1}
}

// called is the last stage so far whose name is the given one in any case, nil if there is none.
func (p *Plan) called(name string) *Stage {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf { // other letters may fold to ASCII ones
			for _, s := range slices.Backward(p.Stages) {
				if s.Name != "" && strings.EqualFold(s.Name, name) {
					return s
				}
			}
			return nil
		}
	}
	return p.names[strings.ToLower(name)].last
}

// origin finds the ARG default that holds the whole reference, if one does.
func (p *Plan) origin(i *Image, scope *Env) {
	name, ok := strings.CutPrefix(i.Word.String, "$")
	if !ok {
		return
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "{"), "}")
	if v := scope.Lookup(name); v != nil && v.Pair.HasValue {
		if _, given := p.options.Args[name]; !given {
			i.Origin = v.Pair.Value.Full()
		}
	}
}

// literal sets Literal if the variable that i begins with is named for a registry.
func (i *Image) literal(scope *Env) {
	text := i.Word.String
	if i.Stage != nil || i.Named || !strings.HasPrefix(text, "$") {
		return
	}
	name, at := text[1:], 0
	if body, ok := strings.CutPrefix(name, "{"); ok {
		if at = strings.IndexByte(text, '}') + 1; at == 0 {
			return
		}
		name = body
	}
	end := 0
	for end < len(name) && nameByte(name[end]) {
		end++
	}
	if at == 0 {
		at = 1 + end
	}
	if !choosesRegistry(name[:end]) {
		return
	}
	prefix := text[:at]
	rest, slash := strings.CutPrefix(text[at:], "/")
	if slash {
		prefix += "/"
	}
	value := scope.Expand(rest)
	if !value.Known || rest == "" || !nameByte(rest[0]) {
		return
	}
	if ref, err := ParseRef(value.Text); err == nil && ref.Registry == "docker.io" {
		i.Literal = &Image{Use: i.Use, Word: i.Word, Value: i.Value, Span: i.Span, Origin: i.Span, Ref: &ref, Prefix: prefix}
	}
}

// choosesRegistry reports whether a variable of that name chooses where images come from, and not which.
func choosesRegistry(name string) bool {
	return slices.ContainsFunc(strings.Split(strings.ToUpper(name), "_"), func(word string) bool {
		switch word {
		case "REGISTRY", "MIRROR", "PREFIX", "PROXY", "HUB", "DOCKERHUB", "CACHE", "HOST", "DOMAIN", "HARBOR", "ARTIFACTORY", "NEXUS", "ECR":
			return true
		}
		return false
	})
}

// image finds what a reference means at this point of the file.
func (p *Plan) image(use Use, word parser.Text, value Value) *Image {
	i := &Image{Use: use, Word: word, Value: value, Span: word.Full(), Origin: word.Full()}
	if !value.Known {
		return i
	}
	if use != UseSyntax {
		for _, name := range p.options.NamedContexts {
			if strings.EqualFold(name, value.Text) {
				i.Named = true
				return i
			}
		}
		// FROM sees only the stages above it, and only in lower case; the last one of a name wins.
		if use == UseFrom {
			i.Stage = p.names[value.Text].last
		} else {
			i.Stage = p.called(value.Text)
		}
		if i.Stage != nil {
			return i
		}
		if value.Text == "scratch" {
			i.Scratch = true
			return i
		}
	}
	if ref, err := ParseRef(value.Text); err == nil {
		i.Ref = &ref
	}
	return i
}

// add appends a step to s and moves its state on.
func (p *Plan) add(s *Stage, in *parser.Instruction, globals *Env) {
	if sh, ok := declaredShell(in.Lead); ok {
		s.End.Shell = sh
	}
	if len(p.steps) == cap(p.steps) {
		p.steps = make([]Step, 0, len(p.File.Instructions)) // never full: each instruction is one step
	}
	p.steps = append(p.steps, Step{State: s.End, Index: len(s.Steps), Stage: s, Instruction: in})
	step := &p.steps[len(p.steps)-1]
	s.Steps = append(s.Steps, step)
	p.fill(step)
	if in.Trigger != nil {
		step.Trigger = &Step{State: s.End, Index: step.Index, Stage: s, Instruction: in.Trigger, OnBuild: true}
		p.fill(step.Trigger)
	}
	if in.Cmd == nil {
		return
	}
	end := &s.End
	switch in.Name {
	case "ARG":
		end.Env = p.declare(end.Env, step, globals)
	case "ENV":
		scope := end.Env
		for _, pair := range in.Pairs {
			// All values of one ENV are expanded in the environment before it.
			v := &Variable{Name: step.Env.Expand(pair.Key.Value).Text, Pair: pair, Set: true, step: step}
			scope = scope.with(v)
			v.scope = step.Env
		}
		end.Env = scope
	case "USER":
		end.User, end.UserStep = step.Env.Expand(in.Args[0].Value), step
	case "WORKDIR":
		dir := step.Env.Expand(in.Args[0].Value)
		if !path.IsAbs(dir.Text) && !windowsAbs(dir.Text) {
			dir = Value{path.Join(end.Workdir.Text, dir.Text), dir.Known && end.Workdir.Known}
		} else if dir.Known && path.IsAbs(dir.Text) {
			dir.Text = path.Clean(dir.Text)
		}
		if len(dir.Text) > maxPath {
			dir = Value{step.Instruction.Args[0].Value, false}
		}
		end.Workdir, end.WorkdirStep = dir, step
		step.Stage.windows = step.Stage.windows || dir.Known && windowsAbs(dir.Text)
	case "SHELL":
		if c, ok := in.Cmd.(*instructions.ShellCommand); ok {
			end.Shell = Shell{Words: c.Shell, Step: step, Known: true}
		}
	}
}

// maxPath bounds a working directory, in bytes: no step can be started in a longer one on Linux. Each relative WORKDIR
// makes a longer one, and each step has its own.
const maxPath = 4096

func windowsAbs(dir string) bool { return len(dir) > 1 && dir[1] == ':' || strings.HasPrefix(dir, `\`) }

// fill sets what the step moves and mounts.
func (p *Plan) fill(step *Step) {
	in := step.Instruction
	if in.Cmd == nil {
		return
	}
	switch in.Name {
	case "COPY", "ADD":
		step.Copy = p.transfer(step)
	case "RUN":
		for i := range in.Flags {
			if f := &in.Flags[i]; f.Name == "mount" {
				step.Mounts = append(step.Mounts, p.mount(step, f))
			}
		}
	}
}

func (p *Plan) transfer(step *Step) *Transfer {
	in := step.Instruction
	n := len(in.Args) - 1
	if n < 0 { // of bytes that are not UTF-8 and that BuildKit skips as spaces nothing may be left
		return &Transfer{Add: in.Name == "ADD", To: Value{"/", true}}
	}
	t := &Transfer{Dest: in.Args[n], To: step.Env.Expand(in.Args[n].Value), Add: in.Name == "ADD"}
	for _, w := range in.Args[:n] {
		src := Source{Word: w, Path: step.Env.Expand(w.Value)}
		for _, h := range in.Heredocs {
			src.Heredoc = src.Heredoc || h.Raw == w.Value
		}
		src.Remote = t.Add && Remote(src.Path.Text)
		t.Sources = append(t.Sources, src)
	}
	if f := in.Flag("from"); f != nil && f.Value.Value != "" {
		t.From = p.image(UseCopy, f.Value.Text, known(f.Value.Value))
	}
	return t
}

// Remote reports whether ADD fetches src from elsewhere: a URL or a git repository.
func Remote(src string) bool {
	return strings.HasPrefix(src, "http://") || strings.HasPrefix(src, "https://") || strings.HasPrefix(src, "git@") ||
		strings.HasPrefix(src, "git://") || strings.HasPrefix(src, "ssh://")
}

func (p *Plan) mount(step *Step, f *parser.Flag) Mount {
	m := Mount{Text: f.Value.Text, Type: "bind"}
	fields, err := csvvalue.Fields(f.Value.Value, nil)
	if err != nil {
		return m
	}
	pos := 0 // in the text as written, after the fields so far
	for _, field := range fields {
		at := strings.Index(f.Value.String[pos:], field)
		if at >= 0 {
			at += pos
			pos = at + len(field)
		}
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			continue
		}
		switch strings.ToLower(key) {
		case "type":
			m.Type = strings.ToLower(step.Env.Expand(value).Text)
		case "source", "src":
			m.Source = step.Env.Expand(value).Text
		case "target", "dst", "destination":
			m.Target = step.Env.Expand(value)
			if !path.IsAbs(m.Target.Text) {
				m.Target = Value{path.Join(step.Workdir.Text, m.Target.Text), m.Target.Known && step.Workdir.Known}
			}
		case "id":
			m.ID = value
		case "from":
			if at < 0 {
				break
			}
			at += len(key) + 1
			m.From = p.image(UseMount, f.Value.Slice(at, at+len(value)), known(value))
		}
	}
	return m
}

// link resolves references to stages by number or further below, and marks what the target needs.
func (p *Plan) link() {
	for _, s := range p.Stages {
		known := map[*Stage]bool{}
		need := func(i *Image) {
			if i == nil {
				return
			}
			if i.Use != UseFrom && i.Stage == nil && !i.Named {
				p.resolve(i)
			}
			if i.Stage == nil {
				return
			}
			if !known[i.Stage] {
				known[i.Stage] = true
				s.Needs = append(s.Needs, i.Stage)
			}
		}
		need(s.Base)
		for _, step := range s.Steps {
			if step.Copy != nil {
				need(step.Copy.From)
			}
			for _, m := range step.Mounts {
				need(m.From)
			}
		}
	}
	p.Target = p.find(p.options.Target)
	if p.Target == nil {
		return
	}
	for s := p.Target; s != nil && !s.Shipped; {
		s.Shipped = true
		if s.Base == nil {
			break
		}
		s = s.Base.Stage
	}
	todo := []*Stage{p.Target}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !s.Reached {
			s.Reached = true
			todo = append(todo, s.Needs...)
		}
	}
}

func (p *Plan) resolve(i *Image) {
	// A mount only knows stages by name; a number there is an image.
	if n, err := strconv.Atoi(i.Value.Text); err == nil && i.Use == UseCopy {
		i.Ref = nil
		if n >= 0 && n < len(p.Stages) {
			i.Stage = p.Stages[n]
		}
		return
	}
	if s := p.called(i.Value.Text); s != nil {
		i.Stage, i.Ref = s, nil
	}
}

// OwnName is the name of s, lower-case, where it can mean nothing else: "" without one, and where another stage or a
// named context has it too.
func (p *Plan) OwnName(s *Stage) string {
	if p.names[s.Name].count > 1 {
		return ""
	}
	if slices.ContainsFunc(p.options.NamedContexts, func(name string) bool { return strings.EqualFold(name, s.Name) }) {
		return ""
	}
	return s.Name
}

func (p *Plan) find(target string) *Stage {
	if len(p.Stages) == 0 {
		return nil
	}
	if target == "" {
		return p.Stages[len(p.Stages)-1]
	}
	if s := p.called(target); s != nil {
		return s
	}
	if n, err := strconv.Atoi(target); err == nil && n >= 0 && n < len(p.Stages) {
		return p.Stages[n]
	}
	return nil
}

// Site is where an image is named.
type Site struct {
	Stage *Stage // nil for `# syntax=`
	Step  *Step  // nil for FROM and `# syntax=`
}

// Images are the image references of the file, each with the place that names it.
func (p *Plan) Images() iter.Seq2[*Image, Site] {
	return func(yield func(*Image, Site) bool) {
		if p.Syntax != nil && !yield(p.Syntax, Site{}) {
			return
		}
		for _, s := range p.Stages {
			if s.Base != nil && !yield(s.Base, Site{Stage: s}) {
				return
			}
			for _, step := range s.Steps {
				if step.Copy != nil && step.Copy.From != nil && !yield(step.Copy.From, Site{s, step}) {
					return
				}
				for _, m := range step.Mounts {
					if m.From != nil && !yield(m.From, Site{s, step}) {
						return
					}
				}
			}
		}
	}
}

// Image is the external image at the root of s, through the stages it is built from; nil if there is none or it is
// unknown.
//
//go:noinline
func (s *Stage) Image() *Image {
	if base := s.root.Base; base.External() {
		return base
	}
	return nil
}

// Windows reports whether s is built from a Windows image, as far as the names and platforms of its base images and its working
// directories tell. It is false for no stage.
func (s *Stage) Windows() bool { return s != nil && s.windows }

// windowsName reports whether the reference of an image is that of a Windows image.
func windowsName(name string) bool {
	name = strings.ToLower(name)
	for _, mark := range [...]string{"windows", "nanoserver", "servercore", "ltsc20"} {
		if strings.Contains(name, mark) {
			return true
		}
	}
	return name == "iis" || strings.HasPrefix(name, "iis:") || strings.HasPrefix(name, "microsoft/iis")
}

// Lineage are s and the stages that it is built from, s first. Those after the first 256 are left out. The list may not be changed.
func (s *Stage) Lineage() []*Stage {
	switch {
	case s.lineage == nil: // New has not made it
		return []*Stage{s}
	case s.lineage[0] != s: // a copy
		return append([]*Stage{s}, s.lineage[1:]...)
	}
	return s.lineage
}

// ForDevelopment reports whether the image is for people at work and not what ships: a development environment, a test
// image, or one that builds packages. The name of the target, of the Dockerfile, of its directory or of the one above
// says so, or a comment at the top of the file.
func (p *Plan) ForDevelopment() bool { return p.development }

func (p *Plan) forDevelopment() bool {
	dir, name := path.Split(p.File.Name)
	dir = path.Clean(dir)
	name += " " + path.Base(dir)
	if above := path.Dir(dir); !path.IsAbs(dir) && !strings.HasPrefix(dir, "..") {
		name += " " + path.Base(above)
	}
	if p.Target != nil {
		name += " " + p.Target.Name
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return slices.ContainsFunc(words, workplace) || p.headedForDevelopment() || p.forEditor()
}

// forEditor reports whether the image is one that an editor starts: it is built from such an image, or a comment says what its settings have
// to be for it.
func (p *Plan) forEditor() bool {
	if p.Target != nil {
		for _, s := range p.Target.Lineage() {
			if s.Base != nil && strings.Contains(s.Base.Value.Text, "/devcontainers/") {
				return true
			}
		}
	}
	return slices.ContainsFunc(p.File.Comments, func(c parser.Comment) bool {
		return strings.Contains(c.Text, "in devcontainer.json") || strings.Contains(c.Text, "devcontainer.json to use it")
	})
}

// workplace reports whether a word in a name says that an image is not what ships.
func workplace(word string) bool {
	switch word {
	case "dev", "devel", "develop", "development", "developer", "devcontainer", "devcontainers", "devenv", "gitpod", "codesandbox", "hack", "local",
		"debug", "test", "tests", "testing", "testdata", "fixtures", "e2e", "smoketest", "fuzz", "fuzzing", "bench", "benchmark",
		"benchmarks", "ci", "storybook", "buildenv", "deb", "rpm", "rpmbuild":
		return true
	}
	return false
}

// headedForDevelopment reports whether a comment above the first instruction says that the image is not what ships.
func (p *Plan) headedForDevelopment() bool {
	found := false
	for _, c := range p.File.Comments {
		if len(p.File.Instructions) == 0 || c.Span.Start > p.File.Instructions[0].Span.Start {
			break
		}
		if pragma.Contains(c.Text, "production") {
			return false // which an image for development may build
		}
		if pragma.Contains(c.Text, "develop") || pragma.Contains(c.Text, "test") || pragma.Contains(c.Text, "packag") {
			text := strings.ToLower(c.Text)
			found = found || forWork.Get().MatchString(text) && !strings.Contains(text, " not ")
		}
	}
	return found
}

// forWork matches what people write above a Dockerfile of an image that does not ship.
var forWork = lazy.Regexp{Expr: `\b(dockerfile|image|container|environment)s?\b[\w ]{0,30}\b(for|to)\b[\w ]{0,20}` +
	`\b(development|developing|tests?|testing|devcontainers?|(build(ing)? )?packages|packaging)\b` +
	`|\b(development|dev|tests?|testing|packaging) (docker ?file|image|container|environment)\b`}

// Below reports whether the file is in a directory below the project's root whose name, or the last word of it, is one of names.
func (p *Plan) Below(names ...string) bool {
	file := p.File.Name
	return !path.IsAbs(file) && !strings.HasPrefix(file, "../") && slices.ContainsFunc(strings.Split(path.Dir(file), "/"), func(part string) bool {
		return slices.Contains(names, part[strings.LastIndexAny(part, "-_")+1:])
	})
}

// NamedContext reports whether the build is given a context of that name.
func (p *Plan) NamedContext(name string) bool {
	return slices.ContainsFunc(p.options.NamedContexts, func(n string) bool { return strings.EqualFold(n, name) })
}
