package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/lazy"
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
			c.reportBackslash("SC1012", text, at, i)
		case strings.IndexByte("$`\"'\\ \t\n|&;()<>*?[]{}~!#.,@+", next) < 0 && next < 0x80:
			c.reportBackslash("SC1001", text, at, i)
		}
	}
}

// reportBackslash reports the backslash before the byte i of text, which is a literal part of a word.
func (c *checker) reportBackslash(code, text string, at, i int) {
	f := c.report(UselessBackslash, code, at, at+2, text[i-1:i+1])
	if windowsPath.Get().MatchString(text) {
		f.Doubt, f.Foreign = "the word looks like a Windows path", true
	}
}

// windowsPath matches a word that contains a drive or a variable of cmd before a backslash.
var windowsPath = lazy.Regexp{Expr: `(?:^|[=;:])[A-Za-z]:\\|%[A-Za-z_]+%\\`}
