package shell

import (
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/lazy"
)

// SyntaxError is the Err of a script that every shell with its grammar rejects before it runs the line at fault.
type SyntaxError struct {
	Start, End int    // the offsets in Script.Text of what the shell does not expect, or of what is not closed
	Message    string // what is wrong
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("syntax error at byte %d: %s", e.Start, e.Message)
}

// syntaxError is err, what mvdan.cc/sh says about text, as a SyntaxError. It is false for what a shell only notices when
// it runs the command, such as a bad substitution, and for a heredoc that is not closed, which shells accept.
func syntaxError(text string, err error) (*SyntaxError, bool) {
	var parse syntax.ParseError
	if !errors.As(err, &parse) {
		return nil, false
	}
	at := min(int(parse.Pos.Offset()), len(text))
	for _, e := range syntaxErrors() {
		m := e.expr.Get().FindStringSubmatch(parse.Text)
		if m == nil {
			continue
		}
		if looksExpanded(text) || strings.Count(text[:at], "`")%2 > 0 || strings.Contains(text[:at], "<<") {
			// Shells read what is in backquotes when they run it. An earlier heredoc may not be closed, so that what
			// follows is its body.
			return nil, false
		}
		message := e.message
		for i, part := range m {
			message = strings.ReplaceAll(message, fmt.Sprintf("$%d", i), part)
		}
		return &SyntaxError{at, tokenEnd(text, at), message}, true
	}
	return nil, false
}

// looksExpanded reports whether text has a `${` that mvdan.cc/sh does not read as shells do, so that what it says about
// what follows is not certain; so is what it says of the arithmetic after `let`.
func looksExpanded(text string) bool {
	return oddExpansion.Get().MatchString(text) || strings.Contains(text, "let ")
}

var oddExpansion = lazy.Regexp{Expr: `\$\{([^A-Za-z0-9_@*#?$!-]|[?!#@*$-][^}A-Za-z0-9_:@*#?$!%/^,-]|[?@*$-][A-Za-z0-9_])`}

// knownError is a kind of error of mvdan.cc/sh and how it is said here.
type knownError struct {
	expr    lazy.Regexp
	message string
}

func syntaxErrors() []*knownError { return knownErrors }

// knownErrors are those that dash, BusyBox ash and bash share, which a comparison over generated scripts has shown.
var knownErrors = []*knownError{
	{lazy.Regexp{Expr: "^`foo\\(` must be followed by `.`$"}, "`)` is missing after `(`"},
	{lazy.Regexp{Expr: "^`foo\\(\\)` must be followed by a statement"}, "`()` is not followed by the body of a function"},
	{lazy.Regexp{Expr: "^reached EOF without closing quote `(['\"])`"}, "the quote `$1` is not closed"},
	{lazy.Regexp{Expr: "^reached EOF without closing quote \"`\""}, "a backquote is not closed"},
	{lazy.Regexp{Expr: "^reached .* without matching `(\\$?\\(\\(?|\\$?\\{)` with `(.+)`$"}, "`$1` is not closed with `$2`"},
	{lazy.Regexp{Expr: "^`(\\w+|\\{)[^`]*` statement must end with `(.+)`$"}, "`$1` is not closed with `$2`"},
	{lazy.Regexp{Expr: "^`(\\w+)[^`]*` must be followed by `(\\w+)`$"}, "`$2` is missing after `$1`"},
	{lazy.Regexp{Expr: "^`([^`]+)` must be followed by a statement"}, "no command follows `$1`"},
	{lazy.Regexp{Expr: "^`([^`]+)` must be followed by a (word|literal)$"}, "no word follows `$1`"},
	{lazy.Regexp{Expr: "^`(for|select) [^`]*` must be followed by `in`"}, "`in` is missing after `$1` and the name"},
	{lazy.Regexp{Expr: "^`([^`]+)` can only be used to end a loop$"}, "`$1` without `do`"},
	{lazy.Regexp{Expr: "^`fi` can only be used to end an `if`$"}, "`fi` without `then`"},
	{lazy.Regexp{Expr: "^`([^`]+)` can only be used to (?:end|open) an? `?([^`]+)`?$"}, "`$1` without `$2`"},
	{lazy.Regexp{Expr: "^`([^`]+)` can only (?:be used|immediately follow)"}, "`$1` is not expected here"},
	{lazy.Regexp{Expr: "^a command can only contain words and redirects; encountered `([^`]+)`$"}, "`$1` is not expected here"},
	{lazy.Regexp{Expr: "^`([^`]+)` is not a valid start for a statement$"}, "`$1` is not expected here"},
	{lazy.Regexp{Expr: "^case patterns must "}, "a pattern of `case` is not followed by `)`"},
	{lazy.Regexp{Expr: "^word list can only contain words$"}, "the list of `for` does not end before this"},
	{lazy.Regexp{Expr: "^statements must be separated by "}, "`;` or a newline is missing before this"},
}

// tokenEnd is the offset of the end of the word, operator or rune of text that begins at at.
func tokenEnd(text string, at int) int {
	end := at
	for end < len(text) && (isWordByte(text[end]) || text[end] >= 0x80) {
		end++
	}
	if end > at || at >= len(text) {
		return end
	}
	for _, operator := range [...]string{"&&", "||", ";;", "$(", "<<", ">>", "|&"} {
		if strings.HasPrefix(text[at:], operator) {
			return at + len(operator)
		}
	}
	return at + 1
}

// SyntaxError is why every shell with the grammar of s rejects it, nil if that is not certain.
func (s *Script) SyntaxError() *SyntaxError {
	if s.Dialect != POSIX && s.Dialect != Bash {
		return nil
	}
	var found *SyntaxError
	switch {
	case errors.As(s.Err, &found):
		return found
	case s.File == nil || s.Mixed:
		return nil
	}
	if found = s.misplaced(); found == nil && s.Dialect == Bash && strings.Contains(s.Text.String, "()") {
		found = s.bareBody()
	}
	return found
}

// misplaced is the error of a reserved word in the place of a command, which mvdan.cc/sh accepts after an operator.
func (s *Script) misplaced() *SyntaxError {
	for _, c := range s.Commands {
		if c.Script != s || len(c.Words) == 0 || len(c.Assigns) > 0 || c.Words[0].Node == nil ||
			c.Outer != nil && c.Outer.Script == s {
			continue
		}
		word := c.Words[0].Node.Lit()
		switch word {
		case "then", "else", "elif", "fi", "do", "done", "esac", "in":
			start := int(c.Words[0].Node.Pos().Offset())
			if s.Text.String[start:start+len(word)] == word && len(c.Stmt.Redirs) == 0 {
				return &SyntaxError{start, start + len(word), "`" + word + "` is not expected here"}
			}
		}
	}
	return nil
}

// bareBody is the error of a function whose body is a simple command, which bash does not accept.
func (s *Script) bareBody() (found *SyntaxError) {
	syntax.Walk(s.File, func(n syntax.Node) bool {
		f, ok := n.(*syntax.FuncDecl)
		if !ok || found != nil {
			return found == nil
		}
		body := f.Body
		for {
			b, ok := body.Cmd.(*syntax.BinaryCmd)
			if !ok {
				break
			}
			body = b.X
		}
		if _, ok := body.Cmd.(*syntax.CallExpr); ok {
			at := int(body.Pos().Offset())
			found = &SyntaxError{at, tokenEnd(s.Text.String, at), "the body of a function is not in braces"}
		}
		return true
	})
	return found
}
