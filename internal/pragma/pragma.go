// Package pragma reads the comments of a Dockerfile that are addressed to a linter: to dockvet, hadolint, ShellCheck, or the
// checks of BuildKit. It is the only place that knows how they are written. It also recognises the comments that say that whatever
// is newest is meant.
package pragma

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/linter"

	"github.com/dockvet/dockvet/internal/lazy"
)

// Reach says which findings a comment suppresses.
type Reach int

// What a comment may reach: the instruction below or around it, the stage of that instruction, or the whole file.
const (
	Instruction Reach = iota
	Stage
	File
)

// The tools that read ignore comments.
const (
	Dockvet    = "dockvet"
	Hadolint   = "hadolint"
	BuildKit   = "buildkit"
	ShellCheck = "shellcheck"
)

// Ignore is a comment that suppresses findings.
type Ignore struct {
	Tool   string // which reads it, one of the constants
	Reach  Reach
	Names  []Name // at least one
	Reason string // what follows the names; "" where nothing does
}

// Name is one rule or code that a comment names.
type Name struct {
	Text   string
	Offset int // of Text in the comment's text, in bytes from 0
}

// comment matches what may be an ignore comment of any tool but BuildKit. The groups are the tool, the kind and the rest.
var comment = lazy.Regexp{Expr: `^(dockvet|hadolint|shellcheck)\b[\s:]*([a-zA-Z -]*?)\s*=\s*(.*)$`}

// checkComment matches a comment for BuildKit as parser.DirectiveParser reads it.
var checkComment = lazy.Regexp{Expr: `^(?i:check)\s*=\s*(.+?)\s*$`}

// CheckComment is the value of text, a comment without its `#`, if BuildKit reads it for its checks, with the offset of
// the value in text. BuildKit ignores a comment above an instruction if its value is not valid; valid says whether it is.
func CheckComment(text string) (value string, at int, valid, ok bool) {
	if len(text) < len("check=") || !strings.EqualFold(text[:len("chec")], "chec") { // a k may be the sign of the kelvin
		return "", 0, false, false
	}
	m := checkComment.Get().FindStringSubmatchIndex(text)
	if m == nil {
		return "", 0, false, false
	}
	value = text[m[2]:m[3]]
	options, _, _ := strings.Cut(value, " ")
	_, err := linter.ParseLintOptions(options)
	return value, m[2], err == nil, true
}

// ParseIgnore reads the text of a comment, without its `#`. ok is false if the comment suppresses nothing.
func ParseIgnore(text string) (ig Ignore, ok bool) {
	if !strings.Contains(text, "=") {
		return Ignore{}, false
	}
	if value, at, valid, ok := CheckComment(text); ok {
		c := ParseCheck(value)
		for i := range c.Skip {
			c.Skip[i].Offset += at
		}
		return Ignore{Tool: BuildKit, Reason: c.Reason, Names: c.Skip}, valid && len(c.Skip) > 0
	}
	if !strings.HasPrefix(text, Dockvet) && !strings.HasPrefix(text, Hadolint) && !strings.HasPrefix(text, ShellCheck) {
		return Ignore{}, false
	}
	m := comment.Get().FindStringSubmatchIndex(text)
	if m == nil {
		return Ignore{}, false
	}
	at := m[6]
	ig.Tool = text[m[2]:m[3]]
	list := text[at:]
	switch ig.Tool + " " + strings.Join(strings.Fields(text[m[4]:m[5]]), " ") {
	case "dockvet ignore", "hadolint ignore", "shellcheck disable":
	case "dockvet ignore-file", "hadolint global ignore":
		ig.Reach = File
	case "hadolint stage ignore":
		ig.Reach = Stage
	default:
		return Ignore{}, false
	}
	list, ig.Reason = cutList(list)
	ig.Names = names(list, at)
	return ig, len(ig.Names) > 0
}

// Malformed reports whether text, a comment without its `#`, is meant to suppress findings of dockvet and does not say which.
func Malformed(text string) bool {
	word, rest, _ := strings.Cut(text, " ")
	if strings.TrimSuffix(word, ":") != Dockvet || !strings.Contains(rest, "ignore") && !strings.Contains(rest, "=") {
		return false
	}
	_, ok := ParseIgnore(text)
	return !ok
}

// Addressed reports whether text, a comment without its `#`, tells a linter something, `docker build --check` included.
func Addressed(text string) bool {
	name, _, ok := strings.Cut(text, "=")
	tool := text[:max(0, strings.IndexFunc(text, unicode.IsSpace))]
	return ok && strings.EqualFold(strings.TrimSpace(name), "check") || tool == Dockvet || tool == Hadolint
}

// Shell is the shell, with its arguments, that text, a comment without its `#`, names for hadolint: `hadolint shell=bash`. It is nil
// if the comment names none.
func Shell(text string) []string {
	rest, ok := strings.CutPrefix(text, Hadolint+" ")
	if !ok {
		return nil
	}
	words, _ := strings.CutPrefix(strings.TrimSpace(rest), "shell=")
	if len(words) == len(strings.TrimSpace(rest)) {
		return nil
	}
	return strings.Fields(words)
}

// Check is the value of BuildKit's directive `# check=skip=A,B;error=true`.
type Check struct {
	Error        bool   // a violation fails the build
	Skip         []Name // the checks that do not run; `all` stands for each
	Experimental []Name // the experimental checks that run; `all` stands for each
	Reason       string // what follows `//`, which dockvet reads and BuildKit ignores
}

// ParseCheck reads the value of the directive. Options that BuildKit does not have are ignored.
func ParseCheck(value string) Check {
	c := Check{Reason: reasonAfter(value, "//")}
	options, _, _ := strings.Cut(value, " ")
	at := 0
	for option := range strings.SplitSeq(options, ";") {
		key, v, _ := strings.Cut(option, "=")
		from := at + len(key) + 1
		switch strings.TrimSpace(key) {
		case "skip":
			c.Skip = append(c.Skip, names(v, from)...)
		case "experimental":
			c.Experimental = append(c.Experimental, names(v, from)...)
		case "error":
			c.Error, _ = strconv.ParseBool(strings.TrimSpace(v))
		}
		at += len(option) + 1
	}
	return c
}

// names are the names in list, which begins at offset at of the comment's text.
func names(list string, at int) (out []Name) {
	for name := range strings.SplitSeq(list, ",") {
		if trimmed := strings.TrimSpace(name); trimmed != "" {
			out = append(out, Name{trimmed, at + strings.Index(name, trimmed)})
		}
		at += len(name) + 1
	}
	return out
}

// cutList splits `A, B reason` into the names and the reason. Spaces may surround a comma.
func cutList(text string) (list, reason string) {
	for i := 0; i < len(text); i++ {
		if text[i] != ' ' && text[i] != '\t' {
			continue
		}
		before := strings.TrimRight(text[:i], " \t")
		after := strings.TrimLeft(text[i:], " \t")
		if strings.HasSuffix(before, ",") || strings.HasPrefix(after, ",") {
			i = len(text) - len(after) - 1
			continue
		}
		return text[:i], strings.TrimSpace(strings.TrimLeft(after, "#/- \t"))
	}
	return text, ""
}

func reasonAfter(text, mark string) string {
	_, reason, _ := strings.Cut(text, mark)
	return strings.TrimSpace(reason)
}

// Contains reports whether a comment contains text, which is in lower case ASCII, in whatever case. It takes no copy of the comment.
func Contains(comment, text string) bool {
	const lower = 'a' - 'A'
	first, second := text[0]|lower, text[1]|lower
	for i := 0; i+len(text) <= len(comment); i++ {
		if comment[i]|lower == first && comment[i+1]|lower == second && strings.EqualFold(comment[i:i+len(text)], text) {
			return true
		}
	}
	return false
}
