package invocation

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/yamltext"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Of is the kind of file that the base name of a file tells, "" if it is none that this package reads.
func Of(base string) described.Kind {
	switch {
	case base == "Makefile" || base == "makefile" || base == "GNUmakefile" || strings.HasSuffix(base, ".mk") || strings.HasPrefix(base, "Makefile."):
		return described.Make
	case strings.EqualFold(base, "justfile") || base == ".justfile" || strings.HasSuffix(base, ".just"):
		return described.Just
	case base == "package.json":
		return described.Package
	case strings.HasSuffix(base, ".sh") || strings.HasSuffix(base, ".bash"):
		return described.Script
	}
	if name, ok := strings.CutSuffix(strings.TrimSuffix(strings.TrimSuffix(base, ".yml"), ".yaml"), ".dist"); strings.EqualFold(name, "taskfile") &&
		(ok || base != name) {
		return described.Task
	}
	return ""
}

// File returns the builds that the file called name starts, a path in the repository.
func File(name string, data []byte) []described.Build {
	text := string(data)
	if !Mentions(text) {
		return nil
	}
	kind := Of(path.Base(name))
	c := Code{Source: described.Source{Kind: kind, File: name, Line: 1}, Bases: []string{path.Dir(name)}, Dir: described.Known(".")}
	switch kind { //nolint:exhaustive // those that this package reads
	case described.Make:
		if strings.HasSuffix(name, ".mk") {
			c.Bases = bases(name) // another file may include it
		}
		return makefile(c, text)
	case described.Just:
		return justfile(c, text)
	case described.Task:
		return taskfile(c, data)
	case described.Package:
		return packageJSON(c, data)
	case described.Script:
		c.Text, c.Bases = text, bases(name)
		return Read(c)
	}
	return nil
}

// bases are where somebody may start the script called name: at the root of the repository, in its own directory, or in
// one between them.
func bases(name string) []string {
	out := []string{"."}
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		out = append(out, dir)
	}
	return out
}

// logical are the lines of text, joined where they end with a backslash, with the number of the first of each. The parts
// stay on lines of their own.
func logical(text string) (lines []string, numbers []int) {
	open := false
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if open {
			lines[len(lines)-1] += "\n" + line
		} else {
			lines, numbers = append(lines, line), append(numbers, n)
		}
		slashes := len(line) - len(strings.TrimRight(line, `\`))
		open = slashes%2 == 1
	}
	return lines, numbers
}

// makefile reads the recipes of a Makefile.
func makefile(c Code, text string) []described.Build {
	lines, numbers := logical(text)
	m := makeVariables{}
	for _, line := range lines {
		if !strings.HasPrefix(line, "\t") {
			m.define(line)
		}
	}
	var out []described.Build
	for i, line := range lines {
		recipe, ok := strings.CutPrefix(line, "\t")
		if !ok {
			if _, after, found := strings.Cut(line, ";"); found && strings.Contains(line, ":") && !strings.HasPrefix(line, "#") {
				recipe = after
			} else {
				continue
			}
		}
		recipe = strings.TrimLeft(recipe, "@-+ \t")
		c.Source.Line = numbers[i]
		c.Text = m.expand(recipe, 0)
		out = append(out, Read(c)...)
	}
	return out
}

// makeVariables are the variables of a Makefile as they are written; known is false for one that is set in several ways.
type makeVariables map[string]plan.Value

// define reads line if it sets a variable.
func (m makeVariables) define(line string) {
	i := strings.IndexByte(line, '=')
	if i < 1 {
		return
	}
	left := strings.TrimRight(line[:i], ":+?! ")
	op := line[len(left):i]
	name := strings.TrimSpace(left)
	for _, word := range []string{"export ", "override "} {
		name = strings.TrimSpace(strings.TrimPrefix(name, word))
	}
	if strings.ContainsAny(name, " \t:#$(") || name == "" {
		if j := strings.LastIndexAny(name, " \t:"); j >= 0 { // one of a target
			m[name[j+1:]] = plan.Value{}
		}
		return
	}
	value, _, _ := strings.Cut(line[i+1:], " #")
	value = strings.TrimSpace(strings.ReplaceAll(value, "\\\n", " "))
	old, again := m[name]
	switch {
	case strings.Contains(op, "!"):
		m[name] = plan.Value{}
	case strings.Contains(op, "+"):
		m[name] = plan.Value{Text: strings.TrimSpace(old.Text + " " + value), Known: old.Known || !again}
	case again && strings.Contains(op, "?"):
	case again && old.Text != value:
		m[name] = plan.Value{}
	default:
		m[name] = plan.Value{Text: value, Known: true}
	}
}

// expand replaces the variables in text. What make takes from elsewhere is Unknown, and a variable that nothing sets is
// empty, as it is in make.
func (m makeVariables) expand(text string, depth int) string {
	if !strings.Contains(text, "$") {
		return text
	}
	var out strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 || i+1 == len(text) {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:i])
		next := text[i+1]
		rest := text[i+2:]
		switch next {
		case '$':
			out.WriteByte('$')
		case '(', '{':
			end := closing(text[i+1:])
			if end < 0 {
				out.WriteString(Unknown)
				return out.String()
			}
			v := m.variable(text[i+2:i+1+end], depth)
			rest = text[i+2+end:]
			if v == "" && (i > 0 && !strings.ContainsRune(" \t", rune(text[i-1])) || rest != "" && !strings.ContainsRune(" \t\n", rune(rest[0]))) {
				v = Unknown // it is given on the command line, as a part of something
			} else if v == "" {
				v = optional
			}
			out.WriteString(v)
		default:
			out.WriteString(Unknown) // $@, $<, $*
		}
		if out.Len() > maxReplaced {
			return ""
		}
		text = rest
	}
}

// closing is the index of the bracket that closes the one s begins with, -1 without one.
func closing(s string) int {
	end := map[byte]byte{'(': ')', '{': '}'}[s[0]]
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case s[0]:
			depth++
		case end:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func (m makeVariables) variable(name string, depth int) string {
	if depth > 20 {
		return Unknown
	}
	switch name {
	case "CURDIR":
		return "." // as long as nothing has changed to another directory, where it would not be written
	case "MAKE":
		return "make"
	case "PWD", "HOME", "MAKECMDGOALS", "MAKEFLAGS":
		return Unknown
	}
	if strings.ContainsAny(name, " \t:$,@<*^%/") {
		return Unknown // a function, or a substitution
	}
	v, ok := m[name]
	switch {
	case !ok:
		return ""
	case !v.Known:
		return Unknown
	}
	return m.expand(v.Text, depth+1)
}

// justfile reads the recipes of a justfile.
func justfile(c Code, text string) []described.Build {
	lines, numbers := logical(text)
	env := map[string]plan.Value{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":=")
		if name = strings.TrimSpace(strings.TrimPrefix(name, "export ")); !ok || strings.ContainsAny(name, " \t") {
			continue
		}
		value = strings.TrimSpace(value)
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && strings.IndexByte(value[1:], value[0]) == n-2 {
			env[name] = described.Known(value[1 : n-1])
		} else {
			env[name] = plan.Value{}
		}
	}
	var out []described.Build
	script := -1 // the line at which a recipe that is a script of its own begins
	flush := func() {
		if c.Text != "" {
			c.Text = braces(c.Text, func(name string) plan.Value { return env[name] })
			c.Shell = ""
			out = append(out, Read(c)...)
		}
		c.Text, script = "", -1
	}
	for i, line := range lines {
		body := strings.TrimLeft(line, " \t")
		if len(body) == len(line) && line != "" {
			flush()
			continue
		}
		switch {
		case script >= 0:
			c.Text += body + "\n"
		case strings.HasPrefix(body, "#!"):
			script = i
			c.Source.Line, c.Text = numbers[i], body+"\n"
		default:
			c.Source.Line, c.Text = numbers[i], strings.TrimLeft(body, "@-")
			flush()
		}
	}
	flush()
	return out
}

// braces replaces `{{name}}` in text.
func braces(text string, lookup func(name string) plan.Value) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return out.String()
		}
		if v := lookup(strings.TrimSpace(name)); v.Known && plain(v.Text) {
			out.WriteString(v.Text)
		} else {
			out.WriteString(Unknown + strings.Repeat("\n", strings.Count(name, "\n")))
		}
		text = after
	}
}

// taskfile reads the commands of a Taskfile.
func taskfile(c Code, data []byte) []described.Build {
	root := yamltext.Document(data)
	global := taskVars(yamltext.Get(root, "vars"), nil)
	var out []described.Build
	for _, task := range values(yamltext.Get(root, "tasks")) {
		vars := taskVars(yamltext.Get(task, "vars"), global)
		lookup := func(name string) plan.Value {
			if name == ".ROOT_DIR" || name == ".TASKFILE_DIR" || name == ".USER_WORKING_DIR" {
				return described.Known(path.Join(described.Root, c.Bases[0]))
			}
			return vars[strings.TrimPrefix(name, ".")]
		}
		c := c
		if dir := yamltext.Get(task, "dir"); dir != nil {
			text := braces(dir.Value, lookup)
			c.Dir = plan.Value{Text: text, Known: !strings.Contains(text, "$")}
		}
		cmds := []*yaml.Node{task}
		switch task.Kind { //nolint:exhaustive // a scalar is one command
		case yaml.MappingNode:
			cmds = append(append([]*yaml.Node{yamltext.Get(task, "cmd")}, values(yamltext.Get(task, "cmds"))...), values(yamltext.Get(task, "status"))...)
		case yaml.SequenceNode:
			cmds = task.Content
		}
		for _, cmd := range cmds {
			if cmd != nil && cmd.Kind == yaml.MappingNode {
				cmd = yamltext.Get(cmd, "cmd")
			}
			if cmd != nil && cmd.Kind == yaml.ScalarNode {
				c.Source.Line = yamltext.FirstLine(cmd)
				c.Text, c.Shell = braces(cmd.Value, lookup), "bash"
				out = append(out, Read(c)...)
			}
		}
	}
	return out
}

func taskVars(n *yaml.Node, outer map[string]plan.Value) map[string]plan.Value {
	vars := map[string]plan.Value{}
	maps.Copy(vars, outer)
	if n == nil || n.Kind != yaml.MappingNode {
		return vars
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		v := n.Content[i+1]
		known := v.Kind == yaml.ScalarNode && !strings.Contains(v.Value, "{{")
		vars[n.Content[i].Value] = plan.Value{Text: v.Value, Known: known}
	}
	return vars
}

// values are those of a mapping, or the items of a list.
func values(n *yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	switch {
	case n == nil:
	case n.Kind == yaml.SequenceNode:
		for _, v := range n.Content {
			out = append(out, yamltext.Follow(v))
		}
	case n.Kind == yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			out = append(out, yamltext.Follow(n.Content[i]))
		}
	}
	return out
}

// packageJSON reads the scripts of a package.json.
func packageJSON(c Code, data []byte) []described.Build {
	var manifest struct{ Scripts map[string]string }
	if json.Unmarshal(data, &manifest) != nil {
		return nil
	}
	lines := parser.NewLines(data)
	text := string(data)
	var out []described.Build
	for _, name := range slices.Sorted(maps.Keys(manifest.Scripts)) {
		script := manifest.Scripts[name]
		if !Mentions(script) {
			continue
		}
		key, err := json.Marshal(name)
		if err != nil {
			continue
		}
		c.Source.Line = 0
		if i := strings.Index(text, string(key)+":"); i >= 0 {
			c.Source.Line = lines.Line(i)
		}
		c.Text = strings.ReplaceAll(script, "\n", " ")
		out = append(out, Read(c)...)
	}
	return out
}
