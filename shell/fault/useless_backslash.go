package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// checkBackslashes reports backslashes outside quotes that have no effect, because the shell removes them. first says that
// lit starts its word.
func (c *checker) checkBackslashes(lit *syntax.Lit, as role, first bool) {
	if strings.IndexByte(lit.Value, '\\') < 0 {
		return
	}
	text := c.source(lit)
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		at := offset(lit) + i - 1
		if as.command && first && i == 1 && len(text) > 2 {
			continue // `\ls` bypasses an alias
		}
		switch next := text[i]; {
		case next == 'n' || next == 't' || next == 'r':
			c.report(UselessBackslash, "SC1012", at, at+2, text[i-1:i+1])
		case strings.IndexByte("$`\"'\\ \t\n|&;()<>*?[]{}~!#.,@+", next) < 0 && next < 0x80:
			c.report(UselessBackslash, "SC1001", at, at+2, text[i-1:i+1])
		}
	}
}
