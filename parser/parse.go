package parser

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/util/suggest"
)

// Bounds of the input. A file over MaxFile or MaxInstructions is not parsed; an instruction over MaxLine or MaxRun is
// one syntax error. The longest real Dockerfiles known to us have some 3,000 instructions and 200 KiB.
const (
	MaxFile         = 1 << 20
	MaxInstructions = 8000
	MaxLine         = 65535 // BuildKit's own limit for one physical line, in bytes without its line ending
)

// Parse reads a Dockerfile. It always returns a File: what BuildKit rejects is in File.Errors, ordered by position,
// and the instructions around it are parsed all the same. src is kept and must not be changed afterwards. name is
// only for reports.
func Parse(name string, src []byte) *File { return parse(name, src, true) }

func parse(name string, src []byte, plain bool) *File {
	f := &File{Source: &Source{Name: name, Bytes: src}, Escape: '\\'}
	if len(src) > MaxFile {
		f.Lines = NewLines(nil)
		f.Errors = []SyntaxError{{Message: fmt.Sprintf("file is over the limit of %d bytes", MaxFile), Limit: true}}
		return f
	}
	f.Lines = NewLines(src)
	if isUTF16(src) {
		f.Errors = []SyntaxError{{Span: Span{0, 2}, Message: "file is encoded in UTF-16", Help: "save it as UTF-8"}}
		return f
	}
	s := newScanner(f)
	defer s.close()
	s.scan()
	if len(s.found) > MaxInstructions {
		*f = File{Source: f.Source, Escape: f.Escape, Errors: []SyntaxError{{
			Message: fmt.Sprintf("file of %d instructions is over the limit of %d", len(s.found), MaxInstructions), Limit: true,
		}}}
		return f
	}
	if len(s.found) == 0 {
		f.Errors = append(f.Errors, SyntaxError{Message: "file contains no instruction"})
		return f
	}
	f.build(s.found, plain)
	if !f.replaceTemplate() {
		f.replaceSourceCode()
	}
	sort.SliceStable(f.Errors, func(i, j int) bool { return f.Errors[i].Span.Start < f.Errors[j].Span.Start })
	return f
}

// isUTF16 reports whether src is text in UTF-16: it has a byte order mark, or every other byte at its beginning is NUL.
func isUTF16(src []byte) bool {
	const enough = 8
	if bytes.HasPrefix(src, []byte("\xFF\xFE")) || bytes.HasPrefix(src, []byte("\xFE\xFF")) {
		return true
	}
	if len(src) < enough {
		return false
	}
	var zero [2]int
	for i, c := range src[:enough] {
		if c == 0 {
			zero[i%2]++
		}
	}
	return zero[0] == 0 && zero[1] == enough/2 || zero[1] == 0 && zero[0] == enough/2
}

// build reads the found instructions: plain ones by itself, the others through BuildKit. plain is false only in tests.
func (f *File) build(found []*logical, plain bool) {
	f.Instructions = make([]*Instruction, len(found))
	all := make([]Instruction, len(found))
	var rest []*logical
	for i, l := range found {
		in := &all[i]
		f.Instructions[i] = in
		in.Index, in.Text, in.Lead, in.Inner, in.Heredocs = i, l.text, l.lead, l.inner, l.heredocs
		in.Span = Span{l.text.Offset(len(l.text.String) - len(strings.TrimLeftFunc(l.text.String, unicode.IsSpace))), l.end}
		if !plain || !f.plain(in, l) {
			rest = append(rest, l)
		}
	}
	if len(rest) == 0 {
		return
	}
	nodes := f.nodes(rest)
	for i, l := range found {
		if l != rest[0] {
			continue
		}
		in, node := &all[i], nodes[0]
		if node == nil {
			in.split(f.Escape, nil)
		} else {
			node.StartLine, node.EndLine = f.Lines.Line(l.start), f.Lines.Line(l.end)
			in.split(f.Escape, node)
			l.err = f.typed(in, node)
		}
		if l.err != nil {
			f.fail(in, l.err)
		}
		if rest, nodes = rest[1:], nodes[1:]; len(rest) == 0 {
			return
		}
	}
}

// replaceTemplate replaces everything read from a template, such as one of Jinja or ERB, by one error. A template shows in a line that
// begins with a tag, or in a tag in FROM.
func (f *File) replaceTemplate() bool {
	tag := func(text string) int {
		for _, mark := range [...]string{"{%", "{{", "<%"} {
			if i := strings.Index(text, mark); i >= 0 {
				return i
			}
		}
		return -1
	}
	for _, in := range f.Instructions {
		at := -1
		switch {
		case in.Name == "FROM":
			at = tag(in.Text.String)
		case in.Cmd == nil && tag(in.Text.String) == 0:
			at = 0
		}
		if at < 0 {
			continue
		}
		f.Instructions = nil
		f.Errors = []SyntaxError{{
			Span: in.Text.Span(at, at+len("{%")), Message: "this file is a template, not a Dockerfile", Help: "check the Dockerfile that the template generates",
		}}
		return true
	}
	return false
}

// replaceSourceCode replaces everything read from a file that is not a Dockerfile at all, such as source code of that
// name, by one error.
func (f *File) replaceSourceCode() {
	const enough = 5 // a short file with a few mistakes is still a Dockerfile
	bad, all := 0, len(f.Instructions)
	for _, in := range f.Instructions {
		if !isKeyword(in.Name) {
			bad++
		}
	}
	first := f.Instructions[0]
	if isKeyword(first.Name) || bad < enough || 2*bad < all {
		return
	}
	f.Instructions = nil
	f.Errors = []SyntaxError{{
		Span:    first.Head(),
		Message: fmt.Sprintf("file is not a Dockerfile, since %d of %d lines are not instructions", bad, all),
	}}
}

// typed parses node into in.Cmd, and for ONBUILD the trigger too.
func (f *File) typed(in *Instruction, node *parser.Node) error {
	cmd, err := instructions.ParseInstruction(node)
	if err != nil {
		return err
	}
	in.Cmd = cmd
	if in.Name != "ONBUILD" || node.Next == nil || len(node.Next.Children) == 0 {
		return nil
	}
	inner := node.Next.Children[0]
	inner.Heredocs, inner.StartLine, inner.EndLine = node.Heredocs, node.StartLine, node.EndLine
	t := &Instruction{Index: in.Index, Text: in.Rest, Span: Span{in.Rest.Offset(0), in.Span.End}, Heredocs: in.Heredocs, Outer: in}
	t.split(f.Escape, inner)
	in.Trigger = t
	if cmd, err = instructions.ParseInstruction(inner); err != nil {
		return err // cmd is a nil pointer of some type, and so no nil
	}
	t.Cmd = cmd
	return nil
}

// fail records err for in. Adjacent lines that are not instructions at all are one error, since they are most often
// the rest of an instruction that lacks its escape at the line's end.
func (f *File) fail(in *Instruction, err error) {
	e := SyntaxError{Span: in.Head(), Instruction: in}
	at := in // what BuildKit rejects
	if in.Trigger != nil {
		at = in.Trigger
		e.Span = at.Head()
	}
	if _, ok := errors.AsType[*instructions.UnknownInstructionError](err); ok {
		if at == in && in.Index > 0 && len(f.Errors) > 0 {
			last := &f.Errors[len(f.Errors)-1]
			prev := f.Instructions[in.Index-1]
			if in.Cmd == nil && last.Instruction == prev && prev.Cmd == nil && last.Help != "" &&
				f.Lines.Line(prev.Span.End)+1 == f.Lines.Line(in.Span.Start) {
				last.Instruction = in
				return
			}
		}
		e.Span = at.Keyword.Full()
		e.Message = fmt.Sprintf("unknown instruction `%s`", at.Keyword.String)
		if at == in {
			e.Help = fmt.Sprintf("if this continues the line above, end that line with `%c`", f.Escape)
		}
		if near, ok := suggest.Search(strings.ToUpper(at.Keyword.String), keywords[:], true); ok {
			e.Help = fmt.Sprintf("did you mean `%s`?", near)
		}
	} else {
		e.Message = lowerFirst(err.Error())
		// BuildKit looks for the nearest flag in the random order of a map, so of several equally near ones it names
		// any.
		if message, _, ok := strings.Cut(e.Message, " (did you mean "); ok && strings.HasPrefix(message, "unknown flag: --") {
			e.Message = message
			if near, ok := suggest.Search(strings.TrimPrefix(message, "unknown flag: --"), flagNames(at.Name), true); ok {
				e.Help = "did you mean `--" + near + "`?"
			}
		}
	}
	f.Errors = append(f.Errors, e)
}

// flagNames are the flags that an instruction takes, sorted.
func flagNames(instruction string) []string {
	switch instruction {
	case "ADD":
		return []string{"checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"}
	case "COPY":
		return []string{"chmod", "chown", "exclude", "from", "link", "parents"}
	case "FROM":
		return []string{"platform"}
	case "HEALTHCHECK":
		return []string{"interval", "retries", "start-interval", "start-period", "timeout"}
	case "RUN":
		return []string{"device", "mount", "network", "security"}
	}
	return nil
}

// lowerFirst makes the first letter small unless the first word is a name in capitals.
func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && (s[1] < 'A' || s[1] > 'Z') {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// nodes parses all instructions; nil stands for one that BuildKit's parser refuses, whose logical then holds the
// error. BuildKit gets the lines joined, in one call, and of a shell-form RUN only what it looks into: cheaper than
// the file itself, since most of its time goes into a regexp that runs over every line.
func (f *File) nodes(found []*logical) []*parser.Node {
	var buf bytes.Buffer
	buf.Grow(len(f.Bytes) + 32)
	plain := 0
	f.directive(&buf)
	for _, l := range found {
		if l.err == nil && !l.odd {
			plain++
			f.feed(&buf, l)
		}
	}
	nodes := make([]*parser.Node, len(found))
	res, err := parser.Parse(printable(&buf))
	if err == nil && len(res.AST.Children) == plain {
		next := res.AST.Children
		for i, l := range found {
			if l.err == nil && !l.odd {
				nodes[i], next = next[0], next[1:]
				l.restore(nodes[i])
			}
		}
	}
	for i, l := range found {
		if nodes[i] != nil || l.err != nil {
			continue
		}
		buf.Reset()
		f.directive(&buf)
		f.feed(&buf, l)
		res, err := parser.Parse(printable(&buf))
		switch {
		case err != nil:
			l.err = err
		case len(res.AST.Children) != 1:
			l.err = fmt.Errorf("%d instructions on one line", len(res.AST.Children))
		default:
			nodes[i] = res.AST.Children[0]
			l.restore(nodes[i])
		}
	}
	return nodes
}

// printable replaces NUL and anything that is not UTF-8, since BuildKit's lexer would complain on the process's
// standard error.
func printable(buf *bytes.Buffer) *bytes.Buffer {
	if text := buf.Bytes(); !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return bytes.NewBuffer(bytes.ReplaceAll(bytes.ToValidUTF8(text, []byte("\uFFFD")), []byte{0}, []byte("\uFFFD")))
	}
	return buf
}

// blankSpaceBytes writes a space for the bytes 0x85 and 0xA0 that are not part of a character and come before the flags of an
// instruction or before its arguments. BuildKit, which looks for flags byte by byte, skips them there as spaces; printable would
// make characters of them.
func blankSpaceBytes(text []byte, escape byte) {
	if utf8.Valid(text) {
		return
	}
	stop := bytes.IndexAny(text, blanks)
	if stop < 0 {
		return
	}
	rest := text[stop:]
	flags, end := flagRanges(string(rest), escape)
	for i := range end {
		if unicode.IsSpace(rune(rest[i])) && !slices.ContainsFunc(flags, func(f span) bool { return f.start <= i && i < f.end }) {
			rest[i] = ' '
		}
	}
}

// directive begins what BuildKit reads. Its first line is never an instruction, since BuildKit skips a byte order mark
// there, and the instruction may be from the middle of the file.
func (f *File) directive(buf *bytes.Buffer) {
	if f.Escape == '`' {
		buf.WriteString("# escape=`")
	}
	buf.WriteByte('\n')
}

func (f *File) feed(buf *bytes.Buffer, l *logical) {
	if l.odd {
		buf.Write(f.Bytes[l.start:l.end])
		buf.WriteByte('\n')
		return
	}
	if l.body > 0 {
		buf.WriteString(l.text.String[:l.body])
		buf.WriteString("x\n")
		return
	}
	from := buf.Len()
	buf.WriteString(l.text.String)
	blankSpaceBytes(buf.Bytes()[from:], f.Escape)
	buf.WriteByte('\n')
	for _, h := range l.heredocs {
		buf.WriteString(h.Body.String)
		buf.Write(f.Bytes[h.Terminator.Start:h.Terminator.End])
		buf.WriteByte('\n')
	}
}
