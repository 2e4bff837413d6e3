package broken

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// IncompleteAddress reports curl and wget with an address in which a variable is certainly empty where a value must be: it
// is the whole address or the host, or it is between two separators; and addresses that no server can have. An ARG without a default counts as empty only if it
// is known which arguments the build passes.
var IncompleteAddress = &lint.Rule{
	Name: "incomplete-address", Summary: "a variable in the address of a download is empty", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix, AllBuilds: true,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		step := c.Script.Step
		if step == nil || step.Env == nil || step.OnBuild || c.Script.Exec || !provision.Fatal(c) {
			return
		}
		for _, w := range c.Args() {
			if w.Literal && isAddress(c, w) && malformed(p, c, w) {
				return
			}
			if w.Literal || !strings.Contains(w.Text, "$") || !isAddress(c, w) {
				continue
			}
			r := reader{pass: p, script: c.Script, step: step}
			g := r.missing(w.Text)
			if g == nil {
				continue
			}
			f := p.Report(w.Span, "`%s` is empty in this address", g.name)
			if g.host || c.Name == "wget" || refuses(c) {
				f.Breaking(lint.BreaksBuild)
			} else {
				f.Severity = lint.Warning // curl saves what the server answers
			}
			switch v := g.variable; {
			case v == nil && r.global(g.name) != nil:
				f.Because("the `ARG %s` before the first `FROM` does not apply to this stage, and nothing else sets it", g.name).
					Relate(r.global(g.name).Pair.Span, "this argument is only for `FROM`").
					Advise("declare `ARG %s` in the stage", g.name)
			case v == nil:
				f.Because("neither the Dockerfile nor `%s` sets the variable, so the address does not lead to a file", step.Stage.Image().Value.Text).
					Advise("set `%s` with `ENV`, or with `ARG` and a default", g.name)
			default:
				f.Because("`ARG %s` has no default, and the build does not pass it, so the address does not lead to a file", v.Name)
				if v.Name != g.name {
					f.Because("`%s` is set from `ARG %s`, which has no default and is not passed by the build, so the address does not lead to a file",
						g.name, v.Name)
				}
				f.
					Relate(v.Pair.Span, "the argument has no default").
					Advise("give `ARG %s` a default, or pass it with `--build-arg`", v.Name)
			}
			return
		}
	}, "curl", "wget"),
}

// malformed reports an address without variables that no server can have: it is the name of a variable, or its host has a *.
func malformed(p *lint.Pass, c *shell.Command, w shell.Word) bool {
	if v := c.Script.Step.Env.Lookup(w.Text); v != nil {
		p.Report(w.Span, "`%s` is the name of a variable, not an address", w.Text).Breaking(lint.BreaksBuild).
			Because("the `$` before it is missing, so `%s` looks for a server of that name", c.Name).
			Relate(v.Pair.Span, "the variable is set here").
			Advise("write `$%s`", w.Text)
		return true
	}
	_, rest, scheme := strings.Cut(w.Text, "://")
	if host, _, _ := strings.Cut(rest, "/"); scheme && strings.Contains(host, "*") {
		p.Report(w.Span, "the host `%s` cannot exist", host).Breaking(lint.BreaksBuild).
			Because("host names cannot contain `*`").
			Advise("write the name of the server")
		return true
	}
	return false
}

// isAddress reports whether w, an argument of curl or wget, is an address.
func isAddress(c *shell.Command, w shell.Word) bool {
	d := download.Of(c)
	return d != nil && slices.Contains(d.URLs, w.Text)
}

// reader expands the words of a script as far as the Dockerfile tells.
type reader struct {
	pass   *lint.Pass
	script *shell.Script
	step   *plan.Step
}

// gap is a variable that is empty.
type gap struct {
	at       int    // in the expanded text
	name     string // as the word has it
	variable *plan.Variable
	host     bool // the address lacks a host without it
}

// missing is the first variable of an address that is empty and must not be, nil if there is none.
func (r *reader) missing(address string) *gap {
	text, gaps, _ := r.expand(address, 0)
	for i := range gaps {
		g := &gaps[i]
		scheme := strings.Index(text, "://")
		switch {
		case g.at == 0 && (text == "" || text[0] == '/'), scheme >= 0 && g.at == scheme+3 && strings.HasPrefix(text[g.at:], "/"):
			g.host = true
			return g
		case g.at == 0 || g.at >= len(text) || scheme >= 0 && g.at <= scheme+3:
			continue
		}
		before, after := text[g.at-1], text[g.at]
		if before == 'v' && g.at > 1 && strings.IndexByte("/-_", text[g.at-2]) >= 0 {
			before = '-'
		}
		switch {
		case strings.IndexByte("/-_.!=", before) < 0 || strings.IndexByte("/-_.", after) < 0:
		case before == '/' && after == '/' && !version(g.name): // an empty directory may mean nothing
		default:
			return g
		}
	}
	return nil
}

// version reports whether a variable is named for the version of something.
func version(name string) bool {
	name = strings.ToUpper(name)
	return strings.Contains(name, "VERSION") || strings.Contains(name, "RELEASE") || strings.HasSuffix(name, "_TAG") || name == "TAG"
}

// unknown is a value that is not known, in an expanded text.
const unknown = "x"

// expand is text with the values of variables, and which of them are empty. known is false if some values are not known.
func (r *reader) expand(text string, depth int) (expanded string, gaps []gap, known bool) {
	var out strings.Builder
	known = true
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '`':
			return out.String() + unknown, gaps, false
		case text[i] == '\\' && i+1 < len(text):
			i++
			out.WriteByte(text[i])
			continue
		case text[i] != '$' || i+1 == len(text):
			out.WriteByte(text[i])
			continue
		case text[i+1] == '(':
			return out.String() + unknown, gaps, false
		}
		name, indirect, end := reference(text, i)
		i = end - 1
		if name == "" {
			out.WriteString(unknown)
			known = false
			continue
		}
		value, v, ok := r.value(name, depth)
		if ok && indirect {
			cause := v
			if value, v, ok = r.value(value, depth); v == nil {
				v = cause
			}
		}
		switch {
		case !ok:
			out.WriteString(unknown)
			known = false
		case value == "":
			gaps = append(gaps, gap{at: out.Len(), name: name, variable: v})
		default:
			out.WriteString(value)
		}
	}
	return out.String(), gaps, known
}

// reference reads `$NAME`, `${NAME}` or `${!NAME}` at i, and returns where it ends. The name is empty for another expansion.
func reference(text string, i int) (name string, indirect bool, end int) {
	at := i + 1
	braced := text[at] == '{'
	if braced {
		at++
		if at < len(text) && text[at] == '!' {
			indirect = true
			at++
		}
	}
	end = at
	for end < len(text) && (text[end] == '_' || text[end] >= 'a' && text[end] <= 'z' || text[end] >= 'A' && text[end] <= 'Z' ||
		end > at && text[end] >= '0' && text[end] <= '9') {
		end++
	}
	name = text[at:end]
	switch {
	case !braced:
	case end < len(text) && text[end] == '}':
		end++
	default:
		name = ""
		if length := strings.IndexByte(text[end:], '}'); length >= 0 {
			end += length + 1
		} else {
			end = len(text)
		}
	}
	return name, indirect, max(end, i+1)
}

// value is that of a variable at the step. v is the ARG that makes it empty, nil if nothing sets it. ok is false if the value is not known.
func (r *reader) value(name string, depth int) (value string, v *plan.Variable, ok bool) {
	const deep = 8
	if depth > deep || r.assigns(name) {
		return "", nil, false
	}
	v = r.step.Env.Lookup(name)
	switch {
	case v == nil:
		return "", nil, !preset(name) && r.unset(name)
	case !v.Set:
		return "", v, r.pass.Plan.AllArgs() && !plan.Predefined(name) && r.unset(name)
	}
	if known := v.Value(); known.Known {
		return known.Text, v, true
	}
	written := v.Pair.Value.Value
	if !v.Pair.HasValue || strings.Contains(written, "'") {
		return "", nil, false
	}
	text, gaps, ok := r.expand(strings.Trim(written, `"`), depth+1)
	if !ok || len(gaps) == 0 {
		return "", nil, false
	}
	return text, gaps[0].variable, true
}

// unset reports whether the image that the stage starts from certainly does not set the variable.
func (r *reader) unset(name string) bool {
	base := r.step.Stage.Image()
	if base == nil || !base.External() || strings.Contains(base.Ref.Tag, "onbuild") {
		return false
	}
	sets, known := image.Of(*base.Ref).Sets(name)
	return known && !sets
}

// global is the ARG before the first FROM that is called name, nil if there is none.
func (r *reader) global(name string) *plan.Variable {
	if v := r.pass.Plan.Env.Lookup(name); v != nil && v.Step() != nil {
		return v
	}
	return nil
}

// preset reports whether BuildKit or the shell itself may set a variable.
func preset(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), "_proxy") || slices.Contains(shellVariables[:], name)
}

var shellVariables = [...]string{
	"HOME", "HOSTNAME", "HOSTTYPE", "IFS", "LINENO", "LOGNAME", "MACHTYPE", "OLDPWD", "OSTYPE", "PATH", "PPID", "PWD", "RANDOM", "SECONDS", "SHELL",
	"SHLVL", "TERM", "UID", "EUID", "USER", "_",
}

// assigns reports whether the script may set the variable itself.
func (r *reader) assigns(name string) bool {
	for _, c := range r.script.Root().Commands {
		switch c.Name {
		case ".", "source", "eval", "read", "getopts", "mapfile", "readarray":
			return true
		case "export", "local", "declare", "typeset", "readonly":
			for _, w := range c.Args() {
				if w.Text == name || strings.HasPrefix(w.Text, name+"=") {
					return true
				}
			}
		}
		for _, a := range c.Assigns {
			if a.Name == name {
				return true
			}
		}
	}
	text := r.script.Root().Text.String
	return strings.Contains(text, "for "+name+" ") || strings.Contains(text, name+"=") || strings.Contains(text, name+":=")
}
