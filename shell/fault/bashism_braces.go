package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// checkBraces reports `{a,b}` and `{1..3}`.
func (c *checker) checkBraces(x *syntax.Word) {
	if !c.posix {
		return
	}
	for _, s := range c.braceSpans(x) {
		c.reportBashism("SC3009", s[0], s[1], "brace expansion", "does not expand it")
		f := c.last()
		switch {
		case f.Doubt != "":
		case strings.Contains(c.source(x), "://"):
			f.Doubt = "curl expands braces in a URL itself"
		case strings.Trim(c.text[s[0]:s[1]], "{0123456789,}") == "" && !strings.Contains(c.text[s[0]:s[1]], ".."):
			f.Doubt = "it may be a repetition count in a regular expression"
		}
	}
}

// hasBrace reports whether x has an opening brace outside quotes.
func hasBrace(x *syntax.Word) bool {
	for _, part := range x.Parts {
		if lit, ok := part.(*syntax.Lit); ok && strings.IndexByte(lit.Value, '{') >= 0 {
			return true
		}
	}
	return false
}

// braceSpans are the ranges in the text of the outermost brace expansions of x.
func (c *checker) braceSpans(x *syntax.Word) [][2]int {
	if !hasBrace(x) {
		return nil
	}
	var out [][2]int
	var open []int
	var list []bool
	for _, part := range x.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			continue
		}
		text := c.source(lit)
		for i := 0; i < len(text); i++ {
			switch text[i] {
			case '\\':
				i++
			case '{':
				open, list = append(open, offset(lit)+i), append(list, false)
			case ',':
				if len(list) > 0 {
					list[len(list)-1] = true
				}
			case '.':
				if len(list) > 0 && i+1 < len(text) && text[i+1] == '.' {
					list[len(list)-1] = true
				}
			case '}':
				if n := len(open) - 1; n >= 0 {
					if list[n] {
						for len(out) > 0 && out[len(out)-1][0] > open[n] {
							out = out[:len(out)-1] // it is inside these braces
						}
						out = append(out, [2]int{open[n], offset(lit) + i + 1})
					}
					open, list = open[:n], list[:n]
				}
			}
		}
	}
	return out
}
