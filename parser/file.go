// Package parser turns the bytes of a Dockerfile into a File: BuildKit's typed instructions, with the place in the
// file of every token, the comments, the parser directives, and one syntax error for each instruction that BuildKit
// refuses.
package parser

import (
	"bytes"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Source is the bytes of one file under the name that reports print. It is never changed, and much smaller than a
// File: whoever points into a file after the check keeps only its Source.
type Source struct {
	Name  string
	Bytes []byte
	Lines *Lines // of Bytes
}

// NewSource indexes the lines of a file. It keeps data, which must not change from then on.
func NewSource(name string, data []byte) *Source { return &Source{name, data, NewLines(data)} }

// Text is a copy of the bytes in s.
func (f *Source) Text(s Span) string { return string(f.Bytes[s.Start:s.End]) }

// Newline is the file's line ending, "\n" or "\r\n": that of its first line.
func (f *Source) Newline() string {
	if i := bytes.IndexByte(f.Bytes, '\n'); i > 0 && f.Bytes[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// File is a parsed Dockerfile, or a fragment of one. It is never changed after Parse.
type File struct {
	*Source
	Escape       byte // '\\', or '`' by the escape directive
	Directives   []Directive
	Instructions []*Instruction
	Comments     []Comment // all but those in heredocs, in order; parser directives are among them
	Errors       []SyntaxError
	// EmptyContinuations are the blank lines inside continued instructions, each without its line ending.
	EmptyContinuations []Span

	spare []Word // see words
}

// Directive is a parser directive such as `# syntax=docker/dockerfile:1`.
type Directive struct {
	Name  string // lower-case: syntax, escape or check
	Value Text
	Span  Span
}

// Directive is the directive called name, or nil.
func (f *File) Directive(name string) *Directive {
	for i := range f.Directives {
		if f.Directives[i].Name == name {
			return &f.Directives[i]
		}
	}
	return nil
}

// Comment is one comment line; Span runs from `#` to the end of the line, Text is what follows `#`, trimmed.
type Comment struct {
	Span Span
	Text string
}

// SyntaxError is something that BuildKit refuses. Instruction is nil where the whole file is meant.
type SyntaxError struct {
	Span        Span
	Message     string // lower-case, no full stop
	Help        string
	Instruction *Instruction
	Limit       bool // a limit of dockvet, which BuildKit does not have
}

// Word is one argument. The embedded Text is how it is written, Value what BuildKit takes it for: unquoted in a JSON
// array, with its quotes elsewhere, before variables are expanded.
type Word struct {
	Text
	Value string
}

// Flag is an option such as `--from=build`. Value is empty for a bare `--link`.
type Flag struct {
	Text
	Name  string // without dashes
	Value Word
}

// Pair is one `key=value` of ENV or LABEL, or one name of ARG.
type Pair struct {
	Key, Value Word
	HasValue   bool // false only for `ARG NAME`
	Legacy     bool // `ENV key value`
	Span       Span
}

// Heredoc is one here-document of RUN, COPY or ADD.
type Heredoc struct {
	parser.Heredoc        // Content as BuildKit reads it; tabs are not yet chomped
	Operator       Span   // `<<EOF`
	Body           Text   // the lines between operator and terminator
	Terminator     Span   // the line that ends it, without its line ending
	Raw            string // the operator's text
}

// Instruction is one instruction with all its lines.
type Instruction struct {
	Index   int    // in File.Instructions; of the ONBUILD for a trigger
	Name    string // upper-case, such as RUN, also when the file has it in lower case
	Keyword Word
	Span    Span // from the keyword to the end of the last line, heredocs included, without the final line ending
	Text    Text // the instruction without heredoc bodies, as joined
	Rest    Text // what follows keyword and flags
	JSON    bool // the arguments are a JSON array
	Flags   []Flag
	// Args are the arguments: the words of FROM, COPY, ADD, ARG, EXPOSE and VOLUME, the elements of a JSON array, or
	// the whole rest as one word. For HEALTHCHECK the type (CMD or NONE) is left out.
	Args     []Word
	Pairs    []Pair // of ENV, LABEL and ARG
	Heredocs []Heredoc
	Lead     []Comment // the comments between the previous instruction and this one
	Inner    []Comment // the comments inside the continuation
	// Cmd is BuildKit's typed instruction (*instructions.RunCommand, …; *instructions.Stage for FROM), nil if
	// BuildKit refuses it.
	Cmd     any
	Trigger *Instruction // the instruction that ONBUILD wraps, or nil
	Outer   *Instruction // the ONBUILD around a trigger, or nil
}

// Flag is the flag called name, or nil.
func (in *Instruction) Flag(name string) *Flag {
	for i := range in.Flags {
		if in.Flags[i].Name == name {
			return &in.Flags[i]
		}
	}
	return nil
}

// Above is where to write a line above in: before the comments directly above it, without a blank line in between.
func (f *File) Above(in *Instruction) int {
	at := in.Span.Start
	for _, comment := range slices.Backward(in.Lead) {
		c := comment.Span
		if f.Lines.Line(c.Start)+1 != f.Lines.Line(at) {
			break
		}
		at = c.Start
	}
	return f.Lines.Span(f.Lines.Line(at)).Start
}

// Head is the range from keyword to the last byte before any heredoc body.
func (in *Instruction) Head() Span {
	return in.Text.Span(0, len(strings.TrimRight(in.Text.String, " \t\r")))
}
