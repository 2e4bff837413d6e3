// Package swallow finds text that an instruction swallows although its author meant it to be something else: the instruction after a
// dangling escape character, the comment after the arguments, and the code after a `#`.
package swallow

import (
	"bytes"
	"encoding/json"
	"sort"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/command"
	"github.com/moby/buildkit/util/suggest"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// Instruction is a line of a continued instruction that looks like an instruction itself.
type Instruction struct {
	Keyword parser.Text
	Escape  parser.Span // the escape character that joins it to the line above
	// Removal is what is left to remove for the lines to be two instructions: the escape character, and an operator before it that
	// would have nothing to join any more. It is empty if that is not enough.
	Removal parser.Span
}

// Instructions are the lines of in that look like instructions: unindented, in the same case, valid by themselves, and not in quotes.
func Instructions(f *parser.File, in *parser.Instruction) []Instruction {
	if in.Text.Whole() {
		return nil
	}
	var out []Instruction
	for n, last := f.Lines.Line(in.Span.Start)+1, f.Lines.Line(in.Head().End); n <= last; n++ {
		line := f.Lines.Span(n)
		if line.Len() == 0 || f.Bytes[line.Start] < 'A' { // most lines are indented
			continue
		}
		word, rest := firstWord(f.Bytes[line.Start:line.End])
		if !isKeyword(word) || len(rest) == 0 || string(rest) == string(f.Escape) {
			continue
		}
		if upper := strings.ToUpper(word); word != upper && (word != strings.ToLower(word) || in.Keyword.String == in.Name) {
			continue
		}
		if wrapped(in, line.Start) || bytes.HasPrefix(rest, []byte("=")) {
			continue
		}
		at := sort.Search(len(in.Text.String), func(i int) bool { return in.Text.Offset(i) >= line.Start })
		if quoted(in.Text.String[:at], f.Escape) {
			continue
		}
		// What follows may swallow something itself, so that only the line by itself is valid.
		own := bytes.TrimRight(bytes.TrimSuffix(bytes.TrimRight(f.Bytes[line.Start:line.End], " \t\r"), []byte{f.Escape}), " \t")
		all := valid(f, f.Bytes[line.Start:in.Head().End])
		if !all && !valid(f, own) {
			continue
		}
		w := Instruction{Keyword: in.Text.Slice(at, at+len(word)), Escape: escapeBefore(f, n)}
		if all {
			w.Removal = removal(f, in, at, w.Escape)
		}
		out = append(out, w)
	}
	return out
}

// MayHold reports whether a line of in after one of the blank lines may be meant as an instruction: it begins with a keyword in any
// case, or with a word in capitals that is nearly one.
func MayHold(f *parser.File, in *parser.Instruction, blank []parser.Span) bool {
	seen := 0 // the last line that was looked at: thousands of blank ones may follow each other
	for _, b := range blank {
		at := f.Lines.Line(b.Start)
		if at < seen {
			continue
		}
		for n, last := at+1, f.Lines.Line(in.Head().End); n <= last; n++ {
			seen = n
			line := f.Lines.Span(n)
			text := bytes.TrimLeft(f.Bytes[line.Start:line.End], " \t")
			if len(text) == 0 || text[0] == '#' {
				continue
			}
			word, _ := firstWord(text)
			if isKeyword(word) && !wrapped(in, line.End-len(text)) {
				return true
			}
			if word != "" && word == strings.ToUpper(word) {
				if _, ok := suggest.Search(word, keywords(), true); ok {
					return true
				}
			}
			break
		}
	}
	return false
}

// longest is longer than every keyword, so that a word of more bytes is not one, however it is mistyped.
const longest = 20

func firstWord(line []byte) (word string, rest []byte) {
	i := bytes.IndexAny(line, " \t")
	if i < 0 {
		i = len(line)
	}
	if i > longest {
		return "", nil
	}
	for _, c := range line[:i] {
		if c < 'A' || c > 'z' {
			return "", nil
		}
	}
	return string(line[:i]), bytes.Trim(line[i:], " \t")
}

func isKeyword(word string) bool {
	_, ok := command.Commands[strings.ToLower(word)]
	return ok
}

func keywords() []string {
	all := make([]string, 0, len(command.Commands))
	for name := range command.Commands {
		all = append(all, strings.ToUpper(name))
	}
	sort.Strings(all)
	return all
}

// wrapped reports whether what begins at the offset is what in, an ONBUILD or a HEALTHCHECK, is about.
func wrapped(in *parser.Instruction, offset int) bool {
	for ; in != nil; in = in.Trigger {
		if (in.Name == "ONBUILD" || in.Name == "HEALTHCHECK") && in.Rest.Offset(0) == offset {
			return true
		}
	}
	return false
}

// valid reports whether text begins with an instruction that BuildKit accepts.
func valid(f *parser.File, text []byte) bool {
	const escape = "# escape=`\n"
	if f.Escape == '`' {
		text = append([]byte(escape), text...)
	}
	g := parser.Parse("", text)
	if len(g.Instructions) == 0 {
		return false
	}
	in := g.Instructions[0]
	return in.Cmd != nil && (in.Trigger == nil || in.Trigger.Cmd != nil)
}

// quoted reports whether text ends inside quotes, as both BuildKit and a shell read them.
func quoted(text string, escape byte) bool {
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == escape && quote != '\'':
			i++
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	return quote != 0
}

// escapeBefore is the escape character that continues the line before the one numbered n, past blank lines and comments.
func escapeBefore(f *parser.File, n int) parser.Span {
	for n--; n > 0; n-- {
		line := f.Lines.Span(n)
		text := bytes.TrimRight(f.Bytes[line.Start:line.End], " \t\r")
		if start := bytes.TrimLeft(text, " \t"); len(start) > 0 && start[0] != '#' {
			end := line.Start + len(text)
			return parser.Span{Start: end - 1, End: end}
		}
	}
	return parser.Span{}
}

// removal is Instruction.Removal for an instruction at byte at of the text of in.
func removal(f *parser.File, in *parser.Instruction, at int, escape parser.Span) parser.Span {
	text := strings.TrimRight(in.Text.String[:at], " \t")
	if in.Name == "RUN" || in.Name == "CMD" || in.Name == "ENTRYPOINT" {
		switch {
		case strings.HasSuffix(text, "&&"), strings.HasSuffix(text, ";") && !strings.HasSuffix(text, ";;"):
			text = strings.TrimRight(strings.TrimRight(text, "&;"), " \t")
		case strings.HasSuffix(text, "|"), strings.HasSuffix(text, "("), strings.HasSuffix(text, "{"):
			return parser.Span{}
		}
	}
	if text == "" || f.Lines.Line(in.Text.Offset(len(text)-1)) != f.Lines.Line(escape.Start) {
		return parser.Span{} // the rest would leave an empty line, or a comment line, in between
	}
	if start := in.Text.Offset(len(text)-1) + 1; valid(f, f.Bytes[in.Span.Start:start]) {
		return parser.Span{Start: start, End: escape.End}
	}
	return parser.Span{}
}

// Comment is the comment that follows the arguments of in, or of the trigger in, on their line: from `#` to the end of the line. It is
// empty if there is none. A shell takes a comment after its code, so the comment after a shell form is not meant.
func Comment(in *parser.Instruction, escape byte) parser.Text {
	text := in.Rest.String
	if !strings.Contains(text, "#") || in.JSON {
		return parser.Text{}
	}
	words, at, word := 0, -1, 0 // the next word begins at word, at the earliest
	var quote byte
	for i := 0; i < len(text) && at < 0; i++ {
		c := text[i]
		starts := quote == 0 && c != ' ' && c != '\t' && i >= word && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t')
		if starts && c == '#' && i > 0 {
			at = i
			break
		}
		if starts {
			words++
		}
		switch {
		case c == escape && quote != '\'':
			i++
			word = i + 2 // what follows an escaped space belongs to the same word
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	if at < 0 || !follows(in.Name, strings.TrimRight(text[:at], " \t"), words, text[at:]) {
		return parser.Text{}
	}
	end := at
	for end < len(text) && in.Rest.Offset(end) == in.Rest.Offset(at)+end-at {
		end++
	}
	return in.Rest.Slice(at, at+len(strings.TrimRight(text[at:end], " \t\r")))
}

// follows reports whether rest, which begins with `#`, is a comment after the arguments of an instruction, of which there are so many
// words.
func follows(name, arguments string, words int, rest string) bool {
	switch name {
	case "FROM", "USER", "WORKDIR", "STOPSIGNAL", "VOLUME", "EXPOSE", "ARG":
		return words > 0
	case "COPY", "ADD":
		return words > 1 && len(strings.Fields(rest)) > 1 || isArray(arguments)
	case "ENV", "LABEL":
		first := arguments
		if i := strings.IndexAny(arguments, " \t"); i >= 0 {
			first = arguments[:i]
		}
		if strings.Contains(first, "=") {
			return true
		}
		// The value is a text, of which `#1` may be part.
		return words > 1 && len(rest) > 2 && (rest[1] == ' ' || rest[1] == '\t')
	case "CMD", "ENTRYPOINT", "RUN", "SHELL":
		return isArray(arguments)
	case "HEALTHCHECK":
		kind, arguments, _ := strings.Cut(arguments, " ")
		return strings.EqualFold(kind, "NONE") && arguments == "" || isArray(strings.TrimLeft(arguments, " \t"))
	}
	return false
}

func isArray(text string) bool {
	var words []string
	return strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &words) == nil
}

// Code is code that a `#` comments out although it is on other lines of the file: the lines are joined before a shell reads them.
type Code struct {
	Comment parser.Text // from `#` to the end of its line, without the escape character
	Rest    parser.Text // the code on the lines below
	Line    string      // the script without the comment
}

// InScript finds such code in s. ok is false if there is none, or if s has no POSIX-like shell.
func InScript(s *shell.Script) (c Code, ok bool) {
	text := s.Text.String
	if s.Exec || s.Dialect == shell.Other || !strings.Contains(text, "#") || s.Text.Whole() {
		return Code{}, false
	}
	at := commentIn(text)
	if at < 0 {
		return Code{}, false
	}
	stop := len(text)
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		stop = at + i
	} else if s.File != nil && int(s.File.End().Offset()) > at {
		return Code{}, false // it is not a comment after all
	}
	end := at
	for end < stop && s.Text.Offset(end) == s.Text.Offset(at)+end-at {
		end++
	}
	rest := end + len(text[end:stop]) - len(strings.TrimLeft(text[end:stop], " \t"))
	if rest == stop {
		return Code{}, false
	}
	return Code{
		Comment: s.Text.Slice(at, at+len(strings.TrimRight(text[at:end], " \t"))),
		Rest:    s.Text.Slice(rest, rest+len(strings.TrimRight(text[rest:stop], " \t"))),
		Line:    text[:at] + text[end:],
	}, true
}

// commentIn is the place of the first comment in shell code, -1 without one.
func commentIn(text string) int {
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote == 0 && (c == '\'' || c == '"' || c == '`'):
			quote = c
		case c == quote:
			quote = 0
		case c == '#' && quote == 0 && (i == 0 || strings.IndexByte(" \t;&|()\n", text[i-1]) >= 0):
			return i
		}
	}
	return -1
}
