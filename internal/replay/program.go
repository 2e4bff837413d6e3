package replay

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	buildkit "github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/tonistiigi/go-csvvalue"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// program is a build as the layer cache sees it: the steps that make a layer, and what the key of each depends on. What a key takes from
// files is a selection; everything else is text. The table in docs/replay.md, measured on a BuildKit, says what matters.
type program struct {
	layers     []layer // each after those that it depends on
	selections []*buildcontext.Selection
	selected   []string // by selection: its text, in which no two are the same
}

// layer is a step that makes a layer.
type layer struct {
	step       *plan.Step
	static     uint64   // what no file changes
	args       []string // the build arguments that differ from commit to commit and that static depends on
	selections []int32
	parent     state
	froms      []state // stages whose files it copies or mounts
	link       bool    // its key does not depend on the layers below it
	open       string  // why it is not known whether it is cached, "" if it is
}

// state is a file system that a layer starts from or copies from: that of a layer, or of a base image.
type state struct {
	layer  int32 // -1: a base image
	static uint64
	open   string
}

// compiler makes a program of a plan.
type compiler struct {
	program
	seed    maphash.Seed
	build   *Build
	plan    *plan.Plan
	ends    map[*plan.Stage]state
	entered map[*plan.Stage]bool
	numbers map[string]int32     // of selections, by what they select
	envs    map[*plan.Env]string // see environment
	scripts *shell.Scripts
}

// compile makes the program of p.
func compile(b *Build, p *plan.Plan, seed maphash.Seed) program {
	c := compiler{
		seed: seed, build: b, plan: p, ends: map[*plan.Stage]state{}, entered: map[*plan.Stage]bool{}, numbers: map[string]int32{},
		envs: map[*plan.Env]string{}, scripts: new(shell.Scripts),
	}
	if p.Target != nil {
		c.stage(p.Target)
	}
	return c.program
}

func (c *compiler) hash(fields ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	for _, f := range fields {
		_, _ = fmt.Fprintf(&h, "%d:", len(f)) // cannot fail
		_, _ = h.WriteString(f)
	}
	return h.Sum64()
}

// stage adds the layers of s after those of the stages that it needs, and returns the state at its end.
func (c *compiler) stage(s *plan.Stage) state {
	if end, ok := c.ends[s]; ok {
		return end
	}
	if c.entered[s] {
		return state{layer: -1, open: "stages depend on each other"} // BuildKit rejects it
	}
	c.entered[s] = true
	for _, n := range s.Needs {
		c.stage(n)
	}
	at := c.from(s.Base, s.Platform.Value)
	if s.Base != nil && s.Base.Stage != nil && slices.ContainsFunc(s.Base.Stage.Steps, func(x *plan.Step) bool { return x.Trigger != nil }) {
		at = state{layer: -1, open: "ONBUILD of the stage that it is built from"}
	}
	for _, step := range s.Steps {
		l, ok := c.layer(step)
		if !ok {
			continue
		}
		l.parent = at
		at = state{layer: int32(len(c.layers))}
		c.layers = append(c.layers, l)
	}
	c.ends[s] = at
	return at
}

// part is the state of s at which it last may have written any of names, so that what they hold is the same at its end.
func (c *compiler) part(s *plan.Stage, names []string) state {
	at := c.stage(s)
	var places []string
	for _, name := range names {
		if strings.ContainsAny(name, `$*?[\`) {
			return at
		}
		places = append(places, settled(name))
	}
	for at.layer >= 0 && c.layers[at.layer].step.Stage == s {
		wrote, known := c.writes(c.layers[at.layer].step)
		if !known || slices.ContainsFunc(wrote, func(x string) bool {
			return slices.ContainsFunc(places, func(y string) bool { return plan.Within(x, y) || plan.Within(y, x) })
		}) {
			break
		}
		at = c.layers[at.layer].parent
	}
	return at
}

// settled is an absolute path without the links that distributions have.
func settled(name string) string {
	name = path.Clean("/" + name)
	for _, dir := range []string{"/bin", "/sbin", "/lib", "/lib64"} {
		if plan.Within(name, dir) {
			return "/usr" + name
		}
	}
	if plan.Within(name, "/var/run") {
		return strings.TrimPrefix(name, "/var")
	}
	return name
}

// writes are the paths that step, which makes a layer, writes, or below which it does.
func (c *compiler) writes(step *plan.Step) (names []string, known bool) {
	switch cmd := step.Instruction.Cmd.(type) {
	case *instructions.CopyCommand, *instructions.AddCommand:
		dest := step.Destination()
		return []string{settled(dest)}, path.IsAbs(dest) && !strings.Contains(dest, "$")
	case *instructions.WorkdirCommand:
		dir := step.Env.Expand(cmd.Path).Text
		if !path.IsAbs(dir) {
			dir = path.Join(step.Workdir.Text, dir)
		}
		return []string{settled(dir)}, path.IsAbs(dir) && !strings.Contains(dir, "$")
	}
	sc := c.scripts.Of(step)
	if sc == nil || sc.Err != nil || len(sc.Nested) > 0 {
		return nil, false
	}
	for _, x := range sc.Commands {
		if x.Stmt == nil || len(x.Stmt.Redirs) > 0 || len(x.Assigns) > 0 {
			return nil, false
		}
		switch x.Name {
		case "true", "set", ":":
			continue
		case "rm", "mkdir", "touch", "chmod", "chown":
		default:
			return nil, false
		}
		operands := x.Operands()
		if (x.Name == "chmod" || x.Name == "chown") && len(operands) > 0 && !path.IsAbs(operands[0].Text) {
			operands = operands[1:] // the mode or the owner
		}
		for _, w := range operands {
			name, _, _ := strings.Cut(w.Text, "*")
			if !w.Literal || !path.IsAbs(w.Text) || strings.ContainsAny(name, "?[{~") {
				return nil, false
			}
			if name != w.Text {
				name = path.Dir(name)
			}
			names = append(names, settled(name))
		}
	}
	return names, true
}

// from is what i brings.
func (c *compiler) from(i *plan.Image, platform string) state {
	switch {
	case i == nil:
		return state{layer: -1}
	case i.Stage != nil:
		return c.stage(i.Stage)
	case i.Named:
		return state{layer: -1, open: "a named build context"}
	}
	return state{layer: -1, static: c.hash("image", i.Value.Text, platform)}
}

// layer is the layer that step makes; ok is false if it makes none.
func (c *compiler) layer(step *plan.Step) (l layer, ok bool) {
	l.step = step
	var fields []string
	switch cmd := step.Instruction.Cmd.(type) {
	case *instructions.RunCommand:
		fields = c.run(&l, cmd)
	case *instructions.CopyCommand:
		l.link = cmd.Link
		fields = c.copied(&l, &cmd.SourcesAndDest, cmd.Chown, cmd.Chmod)
		fields = append(fields, "copy", fmt.Sprint(cmd.Parents, cmd.Link), strings.Join(cmd.ExcludePatterns, "\n"))
	case *instructions.AddCommand:
		l.link = cmd.Link
		fields = c.copied(&l, &cmd.SourcesAndDest, cmd.Chown, cmd.Chmod)
		fields = append(fields, "add", fmt.Sprint(cmd.Link, optional(cmd.KeepGitDir), optional(cmd.Unpack)), step.Env.Expand(cmd.Checksum).Text,
			strings.Join(cmd.ExcludePatterns, "\n"))
	case *instructions.WorkdirCommand:
		dir := step.Env.Expand(cmd.Path).Text
		if !path.IsAbs(dir) {
			dir = path.Join(step.Workdir.Text, dir)
		}
		if dir = path.Clean(dir); dir == "/" {
			return l, false
		}
		fields = []string{"workdir", dir, step.User.Text}
	case nil:
		if step.Instruction.Name != "RUN" && step.Instruction.Name != "COPY" && step.Instruction.Name != "ADD" {
			return l, false
		}
		fields, l.open = []string{"broken", step.Instruction.Text.String}, "the instruction does not parse"
	default:
		return l, false
	}
	l.static = c.hash(fields...)
	return l, true
}

func optional(b *bool) string {
	if b == nil {
		return ""
	}
	return fmt.Sprint(*b)
}

// environment is the variables that a command of env gets, in BuildKit's order: a variable that is set again moves to the end.
func (c *compiler) environment(env *plan.Env) string {
	if text, ok := c.envs[env]; ok {
		return text
	}
	var b strings.Builder
	const most = 1 << 20
	for v := range env.Variables() {
		if v.Set && b.Len() < most {
			fmt.Fprintf(&b, "%q=%q\n", v.Name, v.Value().Text)
		}
	}
	c.envs[env] = b.String()
	return b.String()
}

// run is what the key of a RUN is made of. It follows dispatchRun of BuildKit's dockerfile2llb.
func (c *compiler) run(l *layer, cmd *instructions.RunCommand) []string {
	step := l.step
	args := cmd.CmdLine
	fields := []string{"run"}
	if len(cmd.Files) > 0 && len(args) == 1 {
		if doc := buildkit.MustParseHeredoc(args[0]); doc != nil {
			data := cmd.Files[0].Data
			if cmd.Files[0].Chomp {
				data = buildkit.ChompHeredocContent(data)
			}
			if strings.HasPrefix(data, "#!") {
				fields = append(fields, "script", cmd.Files[0].Name)
			}
			args = []string{data}
		} else {
			var text strings.Builder
			text.WriteString(args[0])
			for _, f := range cmd.Files {
				text.WriteString("\n" + f.Data + f.Name)
			}
			args = []string{text.String()}
		}
	}
	if cmd.PrependShell && (len(fields) == 1) {
		args = slices.Concat(step.Shell.Words, []string{strings.Join(args, " ")})
	}
	fields = append(fields, fmt.Sprintf("%q", args), step.User.Text, step.Workdir.Text, c.environment(step.Env))
	var mounts []string
	n := 0
	for i := range step.Instruction.Flags {
		f := &step.Instruction.Flags[i]
		if f.Name != "mount" {
			fields = append(fields, "--"+f.Name+"="+step.Env.Expand(f.Value.Value).Text)
			continue
		}
		mounts = append(mounts, c.mount(l, step.Mounts[n], f.Value.Value))
		n++
	}
	slices.Sort(mounts) // BuildKit sorts them by target
	return append(fields, strings.Join(mounts, "\n"))
}

// mount is what a mount adds to the key of l, which gets what its files depend on.
func (c *compiler) mount(l *layer, m plan.Mount, text string) string {
	parts, err := csvvalue.Fields(text, nil)
	if err != nil {
		return text
	}
	values := map[string]string{}
	for _, part := range parts {
		key, value, given := strings.Cut(part, "=")
		key = strings.ToLower(key)
		switch key {
		case "src":
			key = "source"
		case "dst", "destination":
			key = "target"
		case "ro":
			key = "readonly"
		case "rw":
			key = "readwrite"
		}
		if !given {
			value = "true"
		}
		values[key] = l.step.Env.Expand(value).Text
	}
	values["type"], values["target"] = m.Type, path.Clean("/"+m.Target.Text)
	if m.Type == "cache" {
		values["id"] = cmp.Or(values["id"], values["target"])
		values["sharing"] = cmp.Or(values["sharing"], "shared")
	}
	if m.Type == "bind" || m.Type == "cache" && m.From != nil {
		source := cmp.Or(m.Source, "/")
		values["source"] = path.Clean("/" + source)
		switch {
		case m.From == nil:
			if strings.Contains(source, "$") {
				l.open = "what it mounts depends on a variable"
			}
			c.takes(l, source, buildcontext.How{})
		case m.From.Stage != nil:
			l.froms = append(l.froms, c.part(m.From.Stage, []string{source}))
		default:
			values["from"] = fmt.Sprint(c.from(m.From, "").static)
			if m.From.Named {
				l.open = "a named build context"
			}
		}
		if m.From != nil && m.From.Stage != nil {
			delete(values, "from") // its name does not count
		}
	}
	var out []string
	for key, value := range values {
		out = append(out, fmt.Sprintf("%s=%q", key, value))
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

// takes adds what source is in the build context to the key of l.
func (c *compiler) takes(l *layer, source string, how buildcontext.How) {
	if c.build.Context == nil {
		l.open = "no build context is known"
		return
	}
	key := fmt.Sprintf("%q %v %v", source, how.Exclude, how.Parents)
	n, ok := c.numbers[key]
	if !ok {
		s, valid := c.build.Context.Selection(source, how)
		if !valid {
			l.open = "the source is not a valid pattern"
			return
		}
		n = int32(len(c.selections))
		c.selections, c.selected = append(c.selections, s), append(c.selected, key)
		c.numbers[key] = n
	}
	if !slices.Contains(l.selections, n) {
		l.selections = append(l.selections, n)
	}
}

// copied is what COPY and ADD have in common.
func (c *compiler) copied(l *layer, cmd *instructions.SourcesAndDest, chown, chmod string) []string {
	step := l.step
	dest := step.Destination()
	if strings.HasSuffix(step.Copy.To.Text, "/") && dest != "/" {
		dest += "/"
	}
	fields := []string{"files", dest, step.Env.Expand(chown).Text, step.Env.Expand(chmod).Text}
	var how buildcontext.How
	for _, f := range step.Instruction.Flags {
		switch f.Name {
		case "exclude":
			how.Exclude = append(how.Exclude, step.Env.Expand(f.Value.Value).Text)
		case "parents":
			how.Parents = f.Value.Value == "" || strings.EqualFold(f.Value.Value, "true")
		}
	}
	for _, s := range step.Copy.Sources {
		switch {
		case s.Heredoc:
			continue
		case s.Remote:
			fields = append(fields, "remote", s.Path.Text)
		case !s.Path.Known:
			fields, l.open = append(fields, "unknown", s.Path.Text), "what it copies depends on a variable"
		case how.Parents:
			fields = append(fields, s.Path.Text) // where its root is counts, too
		default:
			fields = append(fields, strings.TrimPrefix(path.Clean("/"+s.Path.Text), "/"))
		}
		if !s.Remote && s.Path.Known && step.Copy.From == nil {
			c.takes(l, s.Path.Text, how)
		}
	}
	for _, doc := range cmd.SourceContents {
		fields = append(fields, "document", doc.Path, doc.Data)
		if doc.Expand && strings.Contains(doc.Data, "$") {
			for v := range step.Env.Variables() {
				if v.Set && strings.Contains(doc.Data, v.Name) {
					fields = append(fields, v.Name, v.Value().Text)
				}
			}
		}
	}
	if from := step.Copy.From; from != nil {
		switch {
		case from.Stage != nil:
			var sources []string
			for _, s := range step.Copy.Sources {
				sources = append(sources, s.Path.Text)
			}
			l.froms = append(l.froms, c.part(from.Stage, sources))
		case from.Named:
			l.open = "a named build context"
		default:
			fields = append(fields, "image", from.Value.Text)
		}
	}
	return fields
}
