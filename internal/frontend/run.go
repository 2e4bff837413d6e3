package frontend

import (
	"fmt"
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	buildkit "github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/util/suggest"
	"github.com/tonistiigi/go-csvvalue"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/parser"
)

// mountKeys are the keys that a mount of some type has.
var mountKeys = []string{
	"type", "from", "source", "target", "readonly", "readwrite", "required", "sharing", "id", "size", "mode", "uid", "gid", "env",
}

func (c *compiler) run(cmd *instructions.RunCommand) {
	in := c.step.Instruction
	if in.JSON && len(cmd.CmdLine) == 0 {
		c.refuse(Argument, in.Rest.Full(), "there is no command to run", "") // llb.ExecOp.Validate
	}
	for i := range in.Flags {
		if f := &in.Flags[i]; f.Name == "mount" {
			c.mount(f)
		}
	}
}

// mount checks one mount: BuildKit's own parseMount, with expanded values, and then dispatchRunMounts.
func (c *compiler) mount(f *parser.Flag) {
	if plainMount(f.Value.Value) {
		return
	}
	fields, err := csvvalue.Fields(f.Value.Value, nil)
	if err != nil {
		return // a syntax error
	}
	places := fieldPlaces(f.Value, fields)
	unknown := map[string]bool{}
	var ready []string
	var at []parser.Span
	kind := -1 // the field with an unknown type
	for i, field := range fields {
		key, value, ok := strings.Cut(field, "=")
		if ok {
			v, err := c.expander().Expand(c.env, value)
			if err != nil {
				c.reject(parser.Word{Text: places[i], Value: value}, value, err, func(text string) error {
					_, err := c.expander().Expand(c.env, text)
					return err
				})
				return
			}
			if value = v.Text; !v.Known {
				key := strings.ToLower(key)
				unknown[key] = true
				switch key {
				case "type":
					kind = len(ready)
				case "readonly", "ro", "readwrite", "rw", "required", "size", "sharing", "mode", "uid", "gid":
					continue
				}
				value = "x"
			}
			field = key + "=" + value
		}
		ready = append(ready, field)
		at = append(at, places[i].Full())
	}
	m, err := parseMount(ready)
	if kind >= 0 {
		for _, t := range []string{"bind", "tmpfs", "secret", "ssh", "cache"} {
			ready[kind] = "type=" + t
			if m, err = parseMount(ready); err == nil {
				return // it may be of this type
			}
		}
	}
	if err != nil {
		n := 1
		for ; n < len(ready); n++ {
			if _, e := parseMount(ready[:n]); e != nil && e.Error() == err.Error() {
				break
			}
		}
		if len(unknown) > 0 && strings.Contains(err.Error(), "one of source, target required") {
			return
		}
		message, help := explainMount(err)
		c.refuse(Mount, at[n-1], message, help)
		return
	}
	switch m.Type {
	case instructions.MountTypeSSH:
		if m.Source != "" && !unknown["source"] && !unknown["src"] { // dispatchSSH
			c.refuse(Mount, spanOf(ready, at, "source", "src"), "an ssh mount does not accept `source`",
				"name the agent with `id=`")
		}
		return
	case instructions.MountTypeSecret:
		return
	case instructions.MountTypeBind, instructions.MountTypeCache, instructions.MountTypeTmpfs:
	}
	if unknown["target"] || unknown["dst"] || unknown["destination"] {
		return
	}
	target := m.Target
	if !path.IsAbs(path.Clean(target)) {
		dir, ok := c.workdir()
		if !ok {
			return
		}
		target = path.Join("/", dir, target)
	}
	if target == "/" {
		if m.Target == "" {
			c.refuse(Mount, f.Value.Full(), "the mount does not have a target", "add `target=` with a directory other than `/`")
		} else {
			c.refuse(Mount, spanOf(ready, at, "target", "dst", "destination"), "a mount cannot be at `/`",
				"choose a directory below `/`")
		}
	}
}

// plainMount reports whether BuildKit certainly accepts the mount, as it does most.
func plainMount(text string) bool {
	kind, rest, _ := strings.Cut(text, ",")
	target := kind == "type=secret"
	switch kind {
	case "type=bind", "type=cache", "type=secret":
	default:
		return false
	}
	if strings.ContainsAny(text, "$\"'\\`") {
		return false
	}
	for _, field := range strings.Split(rest, ",") {
		key, value, ok := strings.Cut(field, "=")
		switch {
		case key == "id" && value != "":
		case !ok || value == "" || kind == "type=secret":
			return false
		case key == "target" || key == "dst":
			if target || len(value) < 2 || value[0] != '/' || strings.Trim(value[1:2], "/.") == "" {
				return false
			}
			target = true
		case (key == "source" || key == "src" || key == "from") && kind == "type=bind":
		case key == "sharing" && kind == "type=cache" && (value == "locked" || value == "shared" || value == "private"):
		default:
			return false
		}
	}
	return target
}

// workdir is the working directory at the step; ok is false if it is not known.
func (c *compiler) workdir() (dir string, ok bool) {
	s := c.step.State
	if c.step.OnBuild {
		s = c.step.Stage.End
	}
	relative := ""
	for !s.Workdir.Known && s.WorkdirStep != nil {
		step := s.WorkdirStep
		v, err := c.expander().Expand(step.Env, step.Instruction.Args[0].Value)
		if err != nil || !v.Known {
			return "", false
		}
		if relative = path.Join(v.Text, relative); path.IsAbs(v.Text) {
			return relative, true
		}
		s = step.State
	}
	if s.Workdir.Known {
		return path.Join(s.Workdir.Text, relative), true
	}
	if root := c.step.Stage.Image(); root != nil {
		dir = image.Of(*root.Ref).Workdir()
	}
	return path.Join(dir, relative), dir != ""
}

// spanOf is the place of the last of fields that has one of keys.
func spanOf(fields []string, at []parser.Span, keys ...string) parser.Span {
	for i := len(fields) - 1; i >= 0; i-- {
		field := fields[i]
		name, _, _ := strings.Cut(field, "=")
		for _, key := range keys {
			if strings.EqualFold(name, key) {
				return at[i]
			}
		}
	}
	return at[len(at)-1]
}

// parseMount is BuildKit's parseMount for expanded fields.
func parseMount(fields []string) (*instructions.Mount, error) {
	quoted := make([]string, len(fields))
	for i, field := range fields {
		quoted[i] = field
		if strings.ContainsAny(field, "\",\n\r") || field == "" {
			quoted[i] = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
		}
	}
	cmd, err := instructions.ParseInstruction(&buildkit.Node{
		Value: "RUN", Original: "RUN x", Flags: []string{"--mount=" + strings.Join(quoted, ",")}, Next: &buildkit.Node{Value: "x"},
	})
	if err != nil {
		return nil, err
	}
	run, ok := cmd.(*instructions.RunCommand)
	if !ok {
		return nil, fmt.Errorf("%T is not a RUN", cmd)
	}
	if err := run.Expand(func(word string) (string, error) { return word, nil }); err != nil {
		return nil, err
	}
	return instructions.GetMounts(run)[0], nil
}

// AcceptsMount reports whether BuildKit accepts the fields of a mount, such as type=cache.
func AcceptsMount(fields ...string) bool {
	_, err := parseMount(fields)
	return err == nil
}

// fieldPlaces are the places of the fields of a mount in the flag's value.
func fieldPlaces(value parser.Word, fields []string) []parser.Text {
	out := make([]parser.Text, len(fields))
	pos := 0
	for i, field := range fields {
		out[i] = value.Text
		if at := strings.Index(value.String[pos:], field); at >= 0 && field != "" {
			out[i] = value.Slice(pos+at, pos+at+len(field))
			pos += at + len(field)
		}
	}
	return out
}

// explainMount says in our words why BuildKit rejects a mount.
func explainMount(err error) (message, help string) {
	reason, near, _ := strings.Cut(err.Error(), " (did you mean ")
	_ = near // BuildKit names any of several
	quoted := func() string {
		for _, quote := range []string{`"`, "'"} {
			if _, rest, ok := strings.Cut(reason, quote); ok {
				if text, _, ok := strings.Cut(rest, quote); ok {
					return text
				}
			}
		}
		return ""
	}
	switch {
	case strings.HasPrefix(reason, "unsupported mount type"):
		return fmt.Sprintf("BuildKit has no mount type `%s`", quoted()), "use bind, cache, tmpfs, secret or ssh"
	case strings.HasPrefix(reason, "unsupported sharing value"):
		return fmt.Sprintf("`%s` is not a sharing mode", quoted()), "use shared, private or locked"
	case strings.HasPrefix(reason, "invalid field"):
		return fmt.Sprintf("`%s` has no value", quoted()), "write `key=value`; only ro, rw and required work without a value"
	case strings.HasPrefix(reason, "unexpected key") && strings.Contains(reason, "for mount type"):
		kind := reason[strings.LastIndex(reason, "type '")+len("type '"):]
		return fmt.Sprintf("a %s mount does not accept `%s`", strings.TrimSuffix(kind, "'"), quoted()),
			"remove `" + quoted() + "`; if the mount has another type, put `type=` first"
	case strings.HasPrefix(reason, "unexpected key"):
		help := "use one of the keys in the Dockerfile reference"
		if near, ok := suggest.Search(quoted(), mountKeys, false); ok {
			help = "did you mean `" + near + "`?"
		}
		return fmt.Sprintf("a mount has no key `%s`", quoted()), help
	case strings.HasPrefix(reason, "invalid value"):
		// Either `invalid value VALUE for KEY` or `invalid value for KEY: VALUE`.
		if words := strings.Fields(reason); len(words) > 4 && words[2] != "for" && words[3] == "for" {
			if words[4] == "mode" {
				return fmt.Sprintf("`%s` is not a valid mode", words[2]), "use an octal number, such as `0755`"
			}
			return fmt.Sprintf("`%s` is not a valid %s", words[2], words[4]), "use a decimal number"
		}
		key, value, _ := strings.Cut(strings.TrimPrefix(reason, "invalid value for "), ": ")
		if key == "size" {
			return fmt.Sprintf("`%s` is not a valid value for `size`", value), "use a number such as `64m`"
		}
		return fmt.Sprintf("`%s` is not a valid value for `%s`", value, key), "use true or false"
	case strings.Contains(reason, "not allowed for"):
		key, _, _ := strings.Cut(reason, " ")
		return fmt.Sprintf("a %s mount does not accept `%s`", quoted(), key),
			"remove `" + key + "`, which only cache, secret and ssh mounts accept"
	case strings.Contains(reason, "should not have a from"):
		return "a secret mount does not accept `from`", "remove `from`"
	case strings.Contains(reason, "should not define sharing"):
		return "a secret mount does not accept `sharing`", "remove `sharing`"
	case strings.Contains(reason, "one of source, target required"):
		return "the secret mount does not name a secret", "add `id=`"
	case strings.Contains(reason, "both source and id"):
		return "the secret mount has both `source` and `id`", "remove one of them, because both name the secret"
	case strings.HasPrefix(reason, "invalid cache sharing"):
		return "only a cache mount accepts `sharing`", "remove it"
	}
	return reason, ""
}
