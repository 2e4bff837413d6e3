package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/lazy"
)

var (
	// dollar matches the beginning of an expansion. In `${`, a parameter and then `}` or an operator must follow: `${p;x}` is code for sed.
	dollar = lazy.Regexp{Expr: "\\$(?:[(0-9A-Za-z_]|\\{[#!]?(?:[A-Za-z_][0-9A-Za-z_]*|[0-9]+|[@*?$!#-])[]}:#%/^,=+?@[-])|`[^`]+`"}
	// lastLine matches sed's address `$` before one of its commands.
	lastLine = lazy.Regexp{Expr: `\$[{dpsaic]($|[^a-zA-Z])`}
)

// checkSingleQuoted reports an expansion in single quotes that nothing else is known to expand.
func (c *checker) checkSingleQuoted(q *syntax.SglQuoted, as role) {
	if q.Dollar {
		c.reportBashismAt("SC3003", q, "`$'…'`", keepsDollar)
		return
	}
	if as.program || strings.IndexByte(q.Value, '$') < 0 && strings.IndexByte(q.Value, '`') < 0 {
		return
	}
	m := dollar.Get().FindStringIndex(q.Value)
	if m == nil || as.sed && lastLine.Get().MatchString(q.Value) {
		return
	}
	f := c.reportNode(SingleQuotedExpansion, "SC2016", q, expansionAt(q.Value[m[0]:]))
	f.Span = c.script.Text.Span(offset(q)+1+m[0], offset(q)+1+m[0]+len(f.Text))
}

// expansionAt is the expansion at the beginning of text, which dollar matches there.
func expansionAt(text string) string {
	switch {
	case text[0] == '`':
		return text[:strings.IndexByte(text[1:], '`')+2]
	case text[1] == '{':
		if i := strings.IndexByte(text, '}'); i > 0 {
			return text[:i+1]
		}
	case text[1] == '(':
		depth := 0
		for i := range len(text) {
			switch text[i] {
			case '(':
				depth++
			case ')':
				if depth--; depth == 0 {
					return text[:i+1]
				}
			}
		}
	case text[1] >= '0' && text[1] <= '9':
		return text[:2]
	default:
		i := 1
		for i < len(text) && isWordByte(text[i]) {
			i++
		}
		return text[:i]
	}
	return text[:2]
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// interprets reports whether the command takes programs in a language that has a meaning for `$` from its arguments.
func (cmd *command) interprets() bool {
	switch cmd.name {
	case "awk", "gawk", "mawk", "nawk", "original-awk", "perl", "sh", "bash", "ksh", "zsh", "eval", "trap", "alias",
		"jq", "ssh", "docker", "podman", "rename", "dpkg-query", "unset", "sudo", "rg", "xprop":
		return true
	case "busybox", "command", "exec", "time":
		return len(cmd.args) > 1 && (&command{name: base(cmd.args[1]), args: cmd.args[1:]}).interprets()
	case "git":
		return len(cmd.args) > 1 && cmd.args[1].Lit() == "filter-branch"
	case "find":
		for i, w := range cmd.args {
			if lit := w.Lit(); (lit == "-exec" || lit == "-execdir" || lit == "-ok") && i+1 < len(cmd.args) {
				if (&command{name: base(cmd.args[i+1]), args: cmd.args[i+1:]}).interprets() {
					return true
				}
			}
		}
	}
	return false
}
