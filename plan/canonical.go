package plan

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/tonistiigi/go-csvvalue"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/parser"
)

// The canonical form of a build is what BuildKit would make of it, with a symbol for everything that the Dockerfile
// leaves open: the environment, directory, user, shell and command of a base image that we do not see, and the value
// of an ARG, which `--build-arg` may change. Two Dockerfiles with the same form make the same build whatever the
// symbols stand for.
type canonical struct {
	syntax string
	stages []canonicalStage
	large  bool // it is incomplete: see maxForm
}

// maxForm bounds a canonical form, in bytes of what its stages and steps do not share. `ENV A=$A$A` doubles with each
// line, and each of thousands of stages may pass on thousands of variables; real forms stay under 512 KiB.
const maxForm = 4 << 20

// meter is what is left of maxForm.
type meter struct{ left int }

func (m *meter) spend(bytes int) { m.left -= bytes }

func (m *meter) spent() bool { return m.left < 0 }

// entry is what an element of a list or map costs.
const entry = 48

type canonicalStage struct {
	name, base, platform string
	choice               string // what the stages leave to it that an open base may turn out to be
	steps                []canonicalStep
	config               []property
}

// canonicalStep is a step that makes a layer, with everything that its result depends on.
type canonicalStep struct {
	number  int // of the instruction in its stage, from 1
	keyword string
	fields  []property
	env     []property // of RUN; steps share it until a variable is set
}

type property struct{ name, value string }

// These bytes enclose a symbol. No Dockerfile that we compare may contain them.
const (
	symbolStart = "\x01"
	symbolEnd   = "\x02"
)

func symbol(kind, text string) string { return symbolStart + kind + ":" + text + symbolEnd }

func symbolic(s string) bool { return strings.Contains(s, symbolStart) }

// canonicalize brings p into canonical form.
func canonicalize(p *Plan) canonical {
	var c canonical
	if p.Syntax != nil {
		c.syntax = p.Syntax.Value.Text
	}
	m := &meter{maxForm}
	globals := &environment{escape: p.File.Escape, meter: m}
	for _, name := range predefined {
		globals.set(name, symbol("platform", name))
	}
	for _, step := range p.Globals {
		if step.Instruction.Name != "ARG" {
			c.stages = append(c.stages, canonicalStage{name: "before FROM " + step.Instruction.Text.String})
			continue
		}
		for _, pair := range step.Instruction.Pairs {
			globals.arg(pair, nil)
		}
	}
	states := make([]*buildState, len(p.Stages))
	for i, s := range p.Stages {
		if m.spent() {
			break
		}
		st := newBuildState(p, s, states, m)
		states[i] = st
		choice := ""
		if s.Base != nil && s.Base.Stage == nil && symbolic(st.baseName(globals)) {
			choice = bequest(states[:i])
		}
		for _, step := range s.Steps {
			if m.spent() {
				break
			}
			st.step(step, globals)
		}
		c.stages = append(c.stages, canonicalStage{
			name: s.Name, base: st.baseName(globals), platform: st.platform(globals), choice: choice, steps: st.steps, config: st.config(),
		})
	}
	if m.spent() {
		return canonical{large: true}
	}
	return c
}

// bequest describes what the named states pass to a stage that is built from them.
func bequest(states []*buildState) string {
	var b strings.Builder
	for _, st := range states {
		if st.stage.Name == "" || st.spent() {
			continue
		}
		before := b.Len()
		fmt.Fprintf(&b, "%s %q", st.stage.Name, st.config())
		for _, v := range st.env.list() {
			fmt.Fprintf(&b, " %s=%q", v.name, v.value)
		}
		st.spend(b.Len() - before)
	}
	return b.String()
}

// environment is what BuildKit's EnvList is: the last assignment of a name counts, and decides its place.
type environment struct {
	*meter
	escape byte
	open   bool // an unknown base image may have set more
	values map[string]assignment
	count  int        // of assignments
	listed []property // see list; nil once a variable is set
}

type assignment struct {
	value string
	place int
}

func (e *environment) clone() *environment {
	out := *e
	out.values = maps.Clone(e.values)
	e.spend(entry * len(e.values))
	return &out
}

func (e *environment) set(name, value string) {
	if e.values == nil {
		e.values = map[string]assignment{}
	}
	e.count++
	e.values[name] = assignment{value, e.count}
	e.listed = nil
}

// list is all variables in their order. It must not be changed.
func (e *environment) list() []property {
	if e.listed == nil && len(e.values) > 0 {
		e.spend(entry * len(e.values))
		e.listed = make([]property, 0, len(e.values))
		for name, v := range e.values {
			e.listed = append(e.listed, property{name, v.value})
		}
		order.By(e.listed, func(a, b property) int { return cmp.Compare(e.values[a.name].place, e.values[b.name].place) })
	}
	return e.listed
}

// arg declares an ARG. Its value is a symbol even with a default, for `--build-arg` may give another.
func (e *environment) arg(pair parser.Pair, globals *environment) {
	name := pair.Key.Value
	switch {
	case pair.HasValue:
		e.set(name, symbol("arg", name+"="+e.expand(pair.Value.Value)))
	case globals != nil && globals.values[name].value != "":
		e.set(name, globals.values[name].value)
	default:
		before := "unset"
		if v, ok := e.values[name]; ok {
			before = v.value
		}
		e.spend(len(before))
		e.set(name, symbol("arg", name+" or "+before))
	}
}

func (e *environment) Get(name string) (string, bool) {
	if v, ok := e.values[name]; ok {
		// One word may ask for a long value very many times.
		if e.spend(len(v.value)); e.spent() {
			return "", true
		}
		return v.value, true
	}
	if e.open {
		return symbol("base", name), true
	}
	return "", false
}

func (e *environment) Keys() []string {
	var names []string
	for _, v := range e.list() {
		names = append(names, v.name)
	}
	return names
}

// expand replaces variables as BuildKit does. A word that treats an unknown variable with a modifier (`${X:-y}`)
// becomes a symbol of its own, because its result depends on the variable's value.
func (e *environment) expand(word string) string {
	if !special(word, cmp.Or(e.escape, '\\')) {
		return word
	}
	return e.lex(shell.NewLex(rune(cmp.Or(e.escape, '\\'))), word)
}

func (e *environment) lex(lex *shell.Lex, word string) string {
	word = e.plainer(word)
	if !utf8.ValidString(word) || strings.IndexByte(word, 0) >= 0 {
		return symbol("word", word) // the lexer would complain of it on the process's standard error
	}
	g := &recorder{environment: e}
	out, err := lex.ProcessWordWithMatches(word, g)
	if err == nil && (!g.symbolic || !modifies(word)) {
		return out.Result
	}
	slices.Sort(g.asked)
	var b strings.Builder
	for _, name := range slices.Compact(g.asked) {
		v, _ := e.Get(name)
		fmt.Fprintf(&b, " %s=%s", name, v)
	}
	return symbol("word", word+b.String())
}

// plainer is word without defaults that are empty: `${X:-}` and `${X-}` are `$X`, whatever X holds. Where a quote or
// an escape may make them text, it stays as it is.
func (e *environment) plainer(word string) string {
	if !strings.Contains(word, "-}") || strings.ContainsRune(word, '\'') || strings.IndexByte(word, cmp.Or(e.escape, '\\')) >= 0 {
		return word
	}
	return emptyDefault.Get().ReplaceAllString(word, "$${$1}")
}

var emptyDefault = lazy.Regexp{Expr: `\$\{([A-Za-z_][A-Za-z0-9_]*):?-\}`}

// recorder notes which variables were asked for.
type recorder struct {
	*environment
	asked    []string
	symbolic bool
}

func (r *recorder) Get(name string) (string, bool) {
	v, ok := r.environment.Get(name)
	r.asked = append(r.asked, name)
	r.symbolic = r.symbolic || symbolic(v)
	return v, ok
}

// modifies reports whether word contains a `${NAME…}` with something after the name.
func modifies(word string) bool {
	for i := 0; i+1 < len(word); i++ {
		if word[i] != '$' || word[i+1] != '{' {
			continue
		}
		j := i + 2
		for j < len(word) && (word[j] == '_' || word[j] >= 'a' && word[j] <= 'z' || word[j] >= 'A' && word[j] <= 'Z' || word[j] >= '0' && word[j] <= '9') {
			j++
		}
		if j >= len(word) || word[j] != '}' {
			return true
		}
	}
	return false
}

// buildState is the state of a stage while its steps are followed, as BuildKit's dispatchState.
type buildState struct {
	plan  *Plan
	stage *Stage
	*meter
	env     *environment
	vars    variables // the image's ENV
	user    string
	workdir string
	shell   string
	cmd     string
	cmdSet  bool
	entry   string
	rest    map[string]string // the rest of the image's configuration
	onBuild []string
	steps   []canonicalStep
}

// variables are a list of variables: the first assignment of a name decides its place.
type variables struct {
	list   []property
	places map[string]int
}

func (v *variables) set(x property) {
	if i, ok := v.places[x.name]; ok {
		v.list[i] = x
		return
	}
	if v.places == nil {
		v.places = map[string]int{}
	}
	v.places[x.name] = len(v.list)
	v.list = append(v.list, x)
}

func newBuildState(p *Plan, s *Stage, states []*buildState, m *meter) *buildState {
	st := &buildState{plan: p, stage: s, rest: map[string]string{}, meter: m}
	if s.Base != nil && s.Base.Stage != nil && states[s.Base.Stage.Index] != nil {
		base := states[s.Base.Stage.Index]
		*st = *base
		st.stage, st.steps, st.cmdSet = s, nil, false
		st.env, st.onBuild, st.rest = base.env.clone(), slices.Clone(base.onBuild), maps.Clone(base.rest)
		st.vars = variables{slices.Clone(base.vars.list), maps.Clone(base.vars.places)}
		st.spend(entry * (len(st.onBuild) + len(st.rest) + 2*len(st.vars.list)))
		// BuildKit starts a stage by setting the ENV of the image it is built from once more.
		for _, v := range st.vars.list {
			st.env.set(v.name, v.value)
		}
		return st
	}
	st.env = &environment{escape: p.File.Escape, open: true, meter: m}
	if s.Base != nil && s.Base.Scratch {
		st.env.open = false
		st.user, st.workdir, st.shell = "", "/", "default"
		// BuildKit sets PATH where the image does not.
		st.env.set("PATH", symbol("default", "PATH"))
		st.vars.set(property{"PATH", symbol("default", "PATH")})
		return st
	}
	st.user, st.workdir, st.shell = symbol("base", "user"), symbol("base", "workdir"), symbol("base", "shell")
	st.cmd, st.entry = symbol("base", "cmd"), symbol("base", "entrypoint")
	return st
}

func (st *buildState) baseName(globals *environment) string {
	s := st.stage
	switch {
	case s.From == nil:
		return "fragment"
	case s.Base == nil:
		return "broken " + s.From.Text.String
	}
	return st.image(s.Base, globals)
}

// image names what i means: a stage by its number, an image by its full reference.
func (st *buildState) image(i *Image, env *environment) string {
	switch {
	case i.Stage != nil:
		return fmt.Sprintf("stage %d", i.Stage.Index)
	case i.Scratch:
		return "scratch"
	}
	name := i.Word.String
	if env != nil {
		name = env.expand(name)
	}
	if !symbolic(name) {
		if ref, err := ParseRef(name); err == nil {
			return ref.canonical()
		}
	}
	return name
}

func (st *buildState) platform(globals *environment) string {
	value := globals.expand(st.stage.Platform.Value)
	if value == symbol("platform", "TARGETPLATFORM") {
		return "" // what BuildKit takes without the flag
	}
	return value
}

// step follows one instruction.
func (st *buildState) step(step *Step, globals *environment) {
	in := step.Instruction
	expand := st.env.expand
	switch c := in.Cmd.(type) {
	case nil:
		st.layer(step, []property{{"text", in.Text.String}})
	case *instructions.ArgCommand:
		for _, pair := range in.Pairs {
			st.env.arg(pair, globals)
		}
	case *instructions.EnvCommand:
		var set []property
		for _, pair := range in.Pairs {
			set = append(set, property{expand(pair.Key.Value), expand(pair.Value.Value)})
		}
		for _, v := range set {
			st.env.set(v.name, v.value)
			st.vars.set(v)
		}
	case *instructions.RunCommand:
		st.run(step, c)
	case *instructions.CopyCommand:
		st.copied(step, &c.SourcesAndDest, []property{
			{"--chown", expand(c.Chown)},
			{"--chmod", expand(c.Chmod)},
			{"--link", fmt.Sprint(c.Link)},
			{"--parents", fmt.Sprint(c.Parents)},
			{"--exclude", strings.Join(c.ExcludePatterns, "\n")},
		})
	case *instructions.AddCommand:
		st.copied(step, &c.SourcesAndDest, []property{
			{"--chown", expand(c.Chown)},
			{"--chmod", expand(c.Chmod)},
			{"--link", fmt.Sprint(c.Link)},
			{"--checksum", expand(c.Checksum)},
			{"--exclude", strings.Join(c.ExcludePatterns, "\n")},
			{"--keep-git-dir", optional(c.KeepGitDir)},
			{"--unpack", optional(c.Unpack)},
		})
	case *instructions.WorkdirCommand:
		st.workdir = st.dir(expand(c.Path))
		st.spend(len(st.workdir))
		if st.workdir != "/" {
			st.layer(step, []property{{"path", st.workdir}, {"user", st.user}})
		}
	case *instructions.UserCommand:
		st.user = expand(c.User)
	case *instructions.ShellCommand:
		st.shell = fmt.Sprintf("%q", c.Shell)
	case *instructions.CmdCommand:
		st.cmd, st.cmdSet = st.command(c.ShellDependantCmdLine), true
	case *instructions.EntrypointCommand:
		st.entry = st.command(c.ShellDependantCmdLine)
		if !st.cmdSet {
			st.cmd = ""
		}
	case *instructions.OnbuildCommand:
		st.onBuild = append(st.onBuild, c.Expression)
	default:
		st.configure(in)
	}
}

// configure follows an instruction that only changes the image's configuration.
func (st *buildState) configure(in *parser.Instruction) {
	expand := st.env.expand
	switch c := in.Cmd.(type) {
	case *instructions.LabelCommand:
		for _, pair := range in.Pairs {
			st.rest["label "+expand(pair.Key.Value)] = expand(pair.Value.Value)
		}
	case *instructions.ExposeCommand:
		for _, w := range in.Args {
			st.expose(expand(w.Value))
		}
	case *instructions.VolumeCommand:
		for _, v := range c.Volumes {
			st.rest["volume "+expand(v)] = "set"
		}
	case *instructions.MaintainerCommand:
		st.rest["author"] = c.Maintainer
	case *instructions.StopSignalCommand:
		st.rest["stop signal"] = expand(c.Signal)
	case *instructions.HealthCheckCommand:
		st.rest["health check"] = fmt.Sprintf("%q %v %v %v %v %d", c.Health.Test, c.Health.Interval, c.Health.Timeout, c.Health.StartPeriod,
			c.Health.StartInterval, c.Health.Retries)
	}
}

// expose records ports. The protocol is tcp by default and its case does not matter.
func (st *buildState) expose(ports string) {
	if symbolic(ports) {
		st.rest["port "+ports] = "set"
		return
	}
	for port := range strings.FieldsSeq(ports) {
		number, protocol, ok := strings.Cut(port, "/")
		if !ok {
			protocol = "tcp"
		}
		st.rest["port "+number+"/"+strings.ToLower(protocol)] = "set"
	}
}

func optional(b *bool) string {
	if b == nil {
		return ""
	}
	return fmt.Sprint(*b)
}

// command is what CMD or ENTRYPOINT puts into the image.
func (st *buildState) command(c instructions.ShellDependantCmdLine) string {
	if c.PrependShell {
		return st.shell + " " + fmt.Sprintf("%q", c.CmdLine)
	}
	return fmt.Sprintf("%q", c.CmdLine)
}

func (st *buildState) dir(p string) string {
	switch {
	case strings.HasPrefix(p, "/"), windowsAbs(p):
		return p
	case symbolic(p):
		return symbol("directory", st.workdir+" then "+p) // it may be absolute or not
	case symbolic(st.workdir):
		return st.workdir + "/" + p
	}
	return path.Join(st.workdir, p)
}

func (st *buildState) layer(step *Step, fields []property) {
	st.steps = append(st.steps, canonicalStep{number: step.Index + 1, keyword: step.Instruction.Name, fields: fields})
}

func (st *buildState) run(step *Step, c *instructions.RunCommand) {
	in := step.Instruction
	fields := []property{{"command", fmt.Sprintf("%q", c.CmdLine)}}
	if c.PrependShell {
		fields = append(fields, property{"shell", st.shell})
	}
	for _, f := range c.Files {
		fields = append(fields, property{"heredoc " + f.Name, fmt.Sprintf("%v %s", f.Chomp, f.Data)})
	}
	fields = append(fields, property{"user", st.user}, property{"directory", st.workdir})
	mount := 0
	for i := range in.Flags {
		f := &in.Flags[i]
		if f.Name == "mount" {
			fields = append(fields, property{"--mount", st.mount(f.Value.Value, step.Mounts[mount])})
			mount++
			continue
		}
		fields = append(fields, property{"--" + f.Name, st.env.expand(f.Value.Value)})
	}
	st.layer(step, fields)
	st.steps[len(st.steps)-1].env = st.env.list()
}

func (st *buildState) mount(text string, m Mount) string {
	parts, err := csvvalue.Fields(text, nil)
	if err != nil {
		return text
	}
	for i, part := range parts {
		key, value, ok := strings.Cut(part, "=")
		key = strings.ToLower(key)
		switch {
		case key == "from" && m.From != nil:
			value = st.image(m.From, nil)
		case ok:
			value = st.env.expand(value)
		}
		parts[i] = key + "=" + value
	}
	return strings.Join(parts, ",")
}

func (st *buildState) copied(step *Step, c *instructions.SourcesAndDest, flags []property) {
	var fields []property
	for _, src := range c.SourcePaths {
		fields = append(fields, property{"source", st.env.expand(src)})
	}
	for _, doc := range c.SourceContents {
		data := doc.Data
		if doc.Expand {
			lex := shell.NewLex('\\')
			lex.SkipProcessQuotes = true
			data = st.env.lex(lex, data)
		}
		fields = append(fields, property{"heredoc " + doc.Path, data})
	}
	to := st.env.expand(c.DestPath)
	if !strings.HasPrefix(to, "/") {
		to = st.workdir + " " + to
	}
	from := ""
	if step.Copy.From != nil {
		from = st.image(step.Copy.From, nil)
	}
	fields = append(fields, property{"destination", to}, property{"--from", from})
	st.layer(step, append(fields, flags...))
}

// config is the image's configuration, in a fixed order.
func (st *buildState) config() []property {
	out := []property{{"user", st.user}, {"working directory", st.workdir}, {"shell", st.shell}, {"command", st.cmd}, {"entry point", st.entry}}
	for _, v := range st.vars.list {
		out = append(out, property{"environment " + v.name, v.value})
	}
	st.spend(entry * (len(st.rest) + len(st.vars.list) + len(st.onBuild)))
	names := make([]string, 0, len(st.rest))
	for name := range st.rest {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out = append(out, property{name, st.rest[name]})
	}
	for _, trigger := range st.onBuild {
		out = append(out, property{"trigger", trigger})
	}
	return out
}
