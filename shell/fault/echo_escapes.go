package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/lazy"
)

// escapes matches the escape sequences that echo expands in some shells and prints in others.
var escapes = lazy.Regexp{Expr: `\\[abefnrtvx0-9]`}

// checkEcho reports the first escape sequence in each argument of an echo without -e.
func (c *checker) checkEcho(cmd *command) {
	if c.script.Shell == "dash" || strings.Contains(cmd.args[0].Lit(), "/") {
		return // it always expands them, or is a program, which is the same under every shell
	}
	for _, w := range cmd.args[1:] {
		flag := w.Lit()
		if len(flag) > 1 && flag[0] == '-' && strings.Contains(flag, "e") && strings.Trim(flag[1:], "neE") == "" {
			return
		}
	}
	for _, w := range cmd.args[1:] {
		if at, text := c.findEscape(w.Parts); text != "" {
			f := c.reportNode(EchoEscapes, "SC2028", w, text)
			f.Span = c.script.Text.Span(at, at+len(text))
		}
	}
}

// findEscape returns the offset and text of the first escape sequence in parts that reaches the command.
func (c *checker) findEscape(parts []syntax.WordPart) (at int, text string) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			if i, text := unquotedEscape(c.source(p)); text != "" {
				return offset(p) + i, text
			}
		case *syntax.SglQuoted:
			if m := escapes.Get().FindStringIndex(p.Value); m != nil && !p.Dollar {
				return offset(p) + 1 + m[0], p.Value[m[0]:m[1]]
			}
		case *syntax.DblQuoted:
			for _, q := range p.Parts {
				lit, ok := q.(*syntax.Lit)
				if !ok {
					continue
				}
				src := c.source(lit)
				if m := escapes.Get().FindStringIndex(src); m != nil {
					return offset(lit) + m[0], src[m[0]:m[1]]
				}
			}
		}
	}
	return 0, ""
}

// unquotedEscape returns the index and text of the first escape sequence in source, code outside quotes. There only a
// pair of backslashes becomes a backslash.
func unquotedEscape(source string) (i int, text string) {
	if strings.IndexByte(source, '\\') < 0 {
		return 0, ""
	}
	for i := 0; i+2 < len(source); i++ {
		if source[i] != '\\' {
			continue
		}
		if i++; source[i] == '\\' && escapes.Get().MatchString(source[i:i+2]) {
			return i - 1, source[i-1 : i+2]
		}
	}
	return 0, ""
}
