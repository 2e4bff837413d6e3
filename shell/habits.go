package shell

import (
	"regexp"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// command checks what hangs on the command's name, and records what it does to variables.
func (c *checker) command(cmd *command) {
	switch cmd.name {
	case "echo":
		c.echo(cmd)
	case "printf":
		c.printf(cmd)
	case "cd", "pushd", "popd":
		c.cd(cmd)
	case ".", "source":
		c.dot(cmd)
	case "eval":
		c.sourced = true
	case "exit", "return", "exec":
		if cmd.name != "exec" || len(cmd.args) > 1 {
			c.vars.dead = true
		}
	case "read", "getopts", "mapfile", "readarray":
		c.reads(cmd)
	case "unset":
		for _, w := range cmd.args[1:] {
			c.vars.set(w.Lit(), dirty)
		}
	}
	if c.posix {
		c.bashBuiltin(cmd)
	}
	switch cmd.name {
	case "echo", "printf", "[", "[[": // a file's name is no option to them, or a test compares
	default:
		c.globs(cmd)
	}
}

// reads records the variables that read and its like set.
func (c *checker) reads(cmd *command) {
	words := cmd.args[1:]
	if cmd.name == "getopts" {
		words = words[min(1, len(words)):]
		words = words[:min(1, len(words))]
	}
	for i, w := range words {
		lit := w.Lit()
		if syntax.ValidName(lit) && (i == 0 || !strings.HasPrefix(words[i-1].Lit(), "-") || words[i-1].Lit() == "-r") {
			c.define(lit, offset(w), offset(w), dirty)
			c.byForm(lit)
		}
	}
}

// globs reports an argument that begins with a glob, where a name that begins with a dash would be an option.
func (c *checker) globs(cmd *command) {
	for _, w := range cmd.args[1:] {
		lit, ok := w.Parts[0].(*syntax.Lit)
		if !ok {
			continue
		}
		if lit.Value == "--" && len(w.Parts) == 1 {
			return
		}
		if strings.HasPrefix(lit.Value, "*") || strings.HasPrefix(lit.Value, "?") {
			c.node(BareGlob, "SC2035", w, c.source(w))
		}
	}
}

// escapes matches what some shells' echo replaces and others' prints.
var escapes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\\[abefnrtvx0-9]`) })

func (c *checker) echo(cmd *command) {
	if c.script.Shell == "dash" {
		return // it replaces them, always
	}
	for _, w := range cmd.args[1:] {
		if flag := w.Lit(); len(flag) > 1 && flag[0] == '-' && strings.Contains(flag, "e") && strings.Trim(flag[1:], "neE") == "" {
			return
		}
	}
	for _, w := range cmd.args[1:] {
		if at, text := c.escape(w.Parts); text != "" {
			f := c.node(EchoEscapes, "SC2028", w, text)
			f.Span = c.script.Text.Span(at, at+len(text))
		}
	}
}

// escape is the first escape in parts that reaches the command.
func (c *checker) escape(parts []syntax.WordPart) (at int, text string) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			src := c.source(p)
			if strings.IndexByte(src, '\\') < 0 {
				continue
			}
			// Outside of quotes a backslash is there only as a pair.
			for i := 0; i+2 < len(src); i++ {
				if src[i] != '\\' {
					continue
				}
				if i++; src[i] == '\\' && escapes().MatchString(src[i:i+2]) {
					return offset(p) + i - 1, src[i-1 : i+2]
				}
			}
		case *syntax.SglQuoted:
			if m := escapes().FindStringIndex(p.Value); m != nil && !p.Dollar {
				return offset(p) + 1 + m[0], p.Value[m[0]:m[1]]
			}
		case *syntax.DblQuoted:
			for _, q := range p.Parts {
				lit, ok := q.(*syntax.Lit)
				if !ok {
					continue
				}
				src := c.source(lit)
				if m := escapes().FindStringIndex(src); m != nil {
					return offset(lit) + m[0], src[m[0]:m[1]]
				}
			}
		}
	}
	return 0, ""
}

func (c *checker) printf(cmd *command) {
	args := cmd.args[1:]
	for len(args) > 1 && strings.HasPrefix(args[0].Lit(), "-") {
		if args[0].Lit() == "-v" {
			c.define(args[1].Lit(), offset(args[1]), offset(args[1]), dirty)
			args = args[1:]
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return
	}
	if at, end := expandedIn(args[0].Parts); end > 0 && !strings.Contains(c.source(args[0]), "%") {
		f := c.node(VariableFormat, "SC2059", args[0], c.text[at:end])
		f.Span = c.script.Text.Span(at, end)
	}
}

// expandedIn is where the first expansion of parts stands.
func expandedIn(parts []syntax.WordPart) (start, end int) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
		case *syntax.DblQuoted:
			if at, end := expandedIn(p.Parts); end > 0 {
				return at, end
			}
		default:
			return offset(p), int(p.End().Offset())
		}
	}
	return 0, 0
}

func (c *checker) cd(cmd *command) {
	if cmd.chained || c.errexit {
		return
	}
	if len(cmd.args) == 2 {
		if dir := strings.TrimSuffix(cmd.args[1].Lit(), "/"); strings.Trim(dir, "./") == "" && (dir != "" || cmd.args[1].Lit() == "/") {
			return // always there
		}
	}
	last := cmd.args[len(cmd.args)-1]
	c.report(UnguardedCd, "SC2164", offset(cmd.args[0]), int(last.End().Offset()), cmd.name)
}

func (c *checker) dot(cmd *command) {
	c.sourced = true
	if cmd.name == "." && len(cmd.args) > 2 && c.script.Dialect == POSIX {
		c.node(DotArguments, "SC2240", cmd.args[2], c.source(cmd.args[2]))
	}
}
