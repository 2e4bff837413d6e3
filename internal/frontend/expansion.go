package frontend

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/parser"
)

// check reports what BuildKit's lexer rejects in w.
func (c *compiler) check(w parser.Word) {
	if !sound(w.Value) {
		c.expand(w)
	}
}

// sound reports whether the lexer can certainly read word: it has no escapes, closes its quotes, and only has the plainest
// variables. Most words are sound, and asking the lexer costs much more.
func sound(word string) bool {
	var quote byte
	for i := 0; i < len(word); i++ {
		switch b := word[i]; b {
		case '\\', '`':
			return false
		case '"', '\'':
			switch quote {
			case 0:
				quote = b
			case b:
				quote = 0
			}
		case '$':
			if quote == '\'' || i+1 >= len(word) || word[i+1] != '{' {
				continue
			}
			n := soundVariable(word[i+len("${"):])
			if n == 0 {
				return false
			}
			i += n
		}
	}
	return quote == 0
}

// soundVariable is the length of `NAME}` or `NAME:-value}` at the start of text, 0 if it is anything else.
func soundVariable(text string) int {
	end := strings.IndexByte(text, '}')
	if end < 1 || text[0] <= '9' {
		return 0
	}
	name, value := text[:end], ""
	if i := strings.IndexAny(name, ":-+"); i > 0 {
		name, value = name[:i], name[i:]
	}
	if strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return 0
	}
	operator := strings.TrimPrefix(value, ":")
	if value != "" && (operator == "" || operator[0] != '-' && operator[0] != '+') || strings.ContainsAny(value, "$\"'\\`<") {
		return 0
	}
	return end + len("${")
}

// expand is the value of w; ok is false if that is not known, or if BuildKit's lexer rejects w, which it reports.
func (c *compiler) expand(w parser.Word) (value string, ok bool) {
	if c.stage == nil || c.env.Open() { // else the plan does not know that BuildKit sets PATH
		if v := c.env.Expand(w.Value); v.Known { // it has a lexer at hand
			return v.Text, true
		}
	}
	v, err := c.expander().Expand(c.env, w.Value)
	if err != nil {
		c.reject(w, w.Value, err, func(text string) error {
			_, err := c.expander().Expand(c.env, text)
			return err
		})
		return "", false
	}
	return v.Text, v.Known
}

// reject reports the part of value, which is written as w, that leads to err.
func (c *compiler) reject(w parser.Word, value string, err error, try func(string) error) {
	part := culprit(value, err, try)
	at := w.Full()
	if i := strings.Index(w.String, part); i >= 0 && part != "" {
		at = w.Span(i, i+len(part))
	}
	message, help := explain(part, err)
	c.refuse(Expansion, at, message, help)
}

// culprit is the smallest part of text that leads to err: a quote and what follows it, or a variable.
func culprit(text string, err error, try func(string) error) string {
	const long = 4096
	if len(text) > long {
		return text
	}
	reason := reasonOf(err)
	fails := func(part string) bool {
		e := try(part)
		return e != nil && reasonOf(e) == reason
	}
	if strings.HasSuffix(reason, "-quote") {
		for i := range len(text) {
			if (text[i] == '"' || text[i] == '\'') && fails(text[i:]) && !fails(text[:i]) {
				return text[i:]
			}
		}
		return text
	}
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] != '$' {
			continue
		}
		end := braces(text[i:])
		if part := text[i : i+end]; fails(part) && !fails(text[:i]+"x"+text[i+end:]) {
			return part
		}
	}
	return text
}

// reasonOf is the lexer's message without the word that it is about.
func reasonOf(err error) string {
	text := err.Error()
	if rest, ok := strings.CutPrefix(text, "failed to process "); ok {
		if quoted, e := strconv.QuotedPrefix(rest); e == nil {
			return strings.TrimPrefix(rest[len(quoted):], ": ")
		}
	}
	return text
}

// braces is the length of the variable that text begins with: up to the brace that closes it, or all.
func braces(text string) int {
	depth := 0
	for i := range len(text) {
		switch {
		case text[i] == '{' && i > 0 && text[i-1] == '$':
			depth++
		case text[i] == '}' && depth > 0:
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// templateOption begins a placeholder of a dev container template: https://containers.dev/implementors/templates/.
const templateOption = "${templateOption:"

// explain says in our words why BuildKit's lexer (shell.Lex) rejects part.
func explain(part string, err error) (message, help string) {
	reason := reasonOf(err)
	switch {
	case strings.HasSuffix(reason, "double-quote"):
		return "the double quote is not closed", "close the quote, or put a backslash before it if it is part of the text"
	case strings.HasSuffix(reason, "single-quote"):
		return "the single quote is not closed", "close the quote, or put the text in double quotes"
	case strings.HasSuffix(reason, "missing '}'"):
		return "`${` is not closed", "add the closing brace"
	case strings.HasSuffix(reason, "bad substitution"):
		return fmt.Sprintf("`%s` does not name a variable", part), "write the name of a variable right after `${`"
	case strings.HasSuffix(reason, "missing '/' in ${}"):
		return fmt.Sprintf("`%s` has no replacement", part),
			"write `${NAME/pattern/replacement}`, where the replacement may be empty"
	case strings.HasPrefix(reason, "unsupported modifier ("):
		if !strings.HasSuffix(part, "}") {
			return "`${` is not closed", "add the closing brace"
		}
		if strings.HasPrefix(part, templateOption) {
			return fmt.Sprintf("`%s` is a placeholder of a dev container template", part), "check the Dockerfile that the template generates"
		}
		return fmt.Sprintf("BuildKit cannot expand `%s`", part),
			"use one of `:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `/`, `//`, or compute the value in a RUN"
	case strings.HasPrefix(reason, "invalid pattern ("):
		return fmt.Sprintf("the pattern in `%s` has an invalid escape", part),
			"only `\\*`, `\\?`, `\\\\`, `\\/` and `\\}` may be escaped"
	}
	name, _, _ := strings.Cut(reason, ": ")
	if strings.Contains(part, ":?") {
		return fmt.Sprintf("`%s` is required but unset or empty", name), "set `" + name + "` above"
	}
	return fmt.Sprintf("`%s` is required but unset", name), "set `" + name + "` above"
}
