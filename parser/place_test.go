package parser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/parser"
)

func TestLines(t *testing.T) {
	l := parser.NewLines([]byte("ab\r\nä€😀x\n\nlast"))
	for _, c := range []struct{ off, line, column, utf16 int }{
		{0, 1, 1, 1},
		{2, 1, 3, 3},   // the carriage return
		{4, 2, 1, 1},   // ä: 2 bytes, 1 unit
		{6, 2, 3, 2},   // €: 3 bytes, 1 unit
		{9, 2, 6, 3},   // 😀: 4 bytes, 2 units
		{13, 2, 10, 5}, // x
		{15, 3, 1, 1},  // the empty line
		{16, 4, 1, 1},  // l
		{20, 4, 5, 5},  // the end
		{99, 4, 5, 5},  // past it
	} {
		p := l.Position(c.off)
		if p.Line != c.line || p.Column != c.column || l.UTF16Column(c.off) != c.utf16 {
			t.Errorf("offset %d: %d:%d, UTF-16 %d; want %d:%d, %d", c.off, p.Line, p.Column, l.UTF16Column(c.off), c.line, c.column, c.utf16)
		}
		if c.off <= 20 && l.Offset(p) != min(c.off, l.Span(p.Line).End) {
			t.Errorf("%v maps back to %d, want %d", p, l.Offset(p), c.off)
		}
	}
	if s := l.Span(1); s != (parser.Span{Start: 0, End: 2}) {
		t.Errorf("line 1 is %v: its ending belongs to no line", s)
	}
}

// TestWithout holds that each byte that is left is where it was.
func TestWithout(t *testing.T) {
	f := parser.Parse("Dockerfile", []byte("FROM a\nRUN ab\\\n# c\n  cd\\\nef\n"))
	text := f.Instructions[1].Rest
	for _, c := range []struct {
		drop []int
		want string
	}{
		{nil, "ab  cdef"},
		{[]int{0}, "b  cdef"},
		{[]int{1, 2}, "a cdef"},
		{[]int{0, 1, 2, 3, 4, 5}, "ef"},
		{[]int{5, 7}, "ab  ce"},
		{[]int{0, 1, 2, 3, 4, 5, 6, 7}, ""},
	} {
		got := text.Without(c.drop)
		if got.String != c.want {
			t.Errorf("without %v: %q, want %q", c.drop, got.String, c.want)
		}
		for i := range got.String {
			if at := got.Offset(i); f.Bytes[at] != got.String[i] {
				t.Errorf("without %v: byte %d is %q, and %q in the file", c.drop, i, got.String[i], f.Bytes[at])
			}
		}
		if got.String == "" {
			continue
		}
		last := got.Slice(len(got.String)-1, len(got.String)).Append(got)
		if last.Offset(0) != got.Offset(len(got.String)-1) || last.Offset(1) != got.Offset(0) {
			t.Errorf("without %v: Slice and Append lose places", c.drop)
		}
	}
}

// tokens prints every token of src with the bytes under its span, which must be the token itself or hold its pieces.
func tokens(src string) []string {
	f := parser.Parse("Dockerfile", []byte(src))
	var out []string
	add := func(kind string, t parser.Text) {
		s := t.Full()
		p := f.Lines.Position(s.Start)
		out = append(out, fmt.Sprintf("%s %d:%d %q", kind, p.Line, p.Column, f.Text(s)))
	}
	var walk func(in *parser.Instruction)
	walk = func(in *parser.Instruction) {
		add("keyword", in.Keyword.Text)
		for _, x := range in.Flags {
			add("flag", x.Text)
			if x.Value.String != "" {
				add("value of "+x.Name, x.Value.Text)
			}
		}
		if in.Trigger != nil {
			walk(in.Trigger)
			return
		}
		for _, x := range in.Pairs {
			add("key", x.Key.Text)
			if x.HasValue {
				add("value", x.Value.Text)
			}
		}
		if len(in.Pairs) == 0 {
			for _, x := range in.Args {
				add("argument", x.Text)
			}
		}
		for _, h := range in.Heredocs {
			out = append(out, fmt.Sprintf("heredoc %q body %q end %q", f.Text(h.Operator), h.Body.String, f.Text(h.Terminator)))
		}
	}
	for _, in := range f.Instructions {
		walk(in)
	}
	for _, e := range f.Errors {
		p := f.Lines.Position(e.Span.Start)
		out = append(out, fmt.Sprintf("error %d:%d %s", p.Line, p.Column, e.Message))
	}
	return out
}

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"stage", "FROM --platform=$BUILDPLATFORM golang:1.26 AS build", []string{
			`keyword 1:1 "FROM"`, `flag 1:6 "--platform=$BUILDPLATFORM"`, `value of platform 1:17 "$BUILDPLATFORM"`,
			`argument 1:32 "golang:1.26"`, `argument 1:44 "AS"`, `argument 1:47 "build"`,
		}},
		{"carriage returns and a byte order mark", "\xEF\xBB\xBFFROM a\r\nCOPY --link \\\r\n  b \\\r\n\r\n  # c\r\n  d\r\n", []string{
			`keyword 1:4 "FROM"`, `argument 1:9 "a"`, `keyword 2:1 "COPY"`, `flag 2:6 "--link"`, `argument 3:3 "b"`, `argument 6:3 "d"`,
		}},
		{"backtick", "# escape=`\nFROM a\nCOPY x `\n y\\ c:\\z\\\n", []string{
			`keyword 2:1 "FROM"`, `argument 2:6 "a"`, `keyword 3:1 "COPY"`, `argument 3:6 "x"`, `argument 4:2 "y\\"`, `argument 4:5 "c:\\z\\"`,
		}},
		{"a word across lines", "FROM de\\\nbian\n", []string{`keyword 1:1 "FROM"`, `argument 1:6 "de\\\nbian"`}},
		{"pairs", "ENV a=\"b c\" \\\n  d='e' f=\nENV g  h i\nLABEL x.y=z\nARG k l=m", []string{
			`keyword 1:1 "ENV"`, `key 1:5 "a"`, `value 1:7 "\"b c\""`, `key 2:3 "d"`, `value 2:5 "'e'"`, `key 2:9 "f"`, `value 2:11 ""`,
			`keyword 3:1 "ENV"`, `key 3:5 "g"`, `value 3:8 "h i"`, `keyword 4:1 "LABEL"`, `key 4:7 "x.y"`, `value 4:11 "z"`,
			`keyword 5:1 "ARG"`, `key 5:5 "k"`, `key 5:7 "l"`, `value 5:9 "m"`,
		}},
		{"JSON", "CMD [ \"a\\\"b\",\n", []string{`keyword 1:1 "CMD"`, `argument 1:5 "[ \"a\\\"b\","`}},
		{"JSON over lines", "CMD [\"a\\\"b\", \\\n \"ü\" ]\nHEALTHCHECK --retries=2 CMD [\"c\"]", []string{
			`keyword 1:1 "CMD"`, `argument 1:6 "\"a\\\"b\""`, `argument 2:2 "\"ü\""`,
			`keyword 3:1 "HEALTHCHECK"`, `flag 3:13 "--retries=2"`, `value of retries 3:23 "2"`, `argument 3:30 "\"c\""`,
		}},
		{"heredocs", "COPY <<A <<-\"B\" /x/\n1\nA\n\t2\n\tB\nRUN <<E sh\nx\nE", []string{
			`keyword 1:1 "COPY"`, `argument 1:6 "<<A"`, `argument 1:10 "<<-\"B\""`, `argument 1:17 "/x/"`,
			`heredoc "<<A" body "1\n" end "A"`, `heredoc "<<-\"B\"" body "\t2\n" end "\tB"`,
			`keyword 6:1 "RUN"`, `argument 6:5 "<<E sh"`, `heredoc "<<E" body "x\n" end "E"`,
		}},
		{"a trigger", "ONBUILD COPY --from=a \\\n b c", []string{
			`keyword 1:1 "ONBUILD"`, `keyword 1:9 "COPY"`, `flag 1:14 "--from=a"`, `value of from 1:21 "a"`, `argument 2:2 "b"`, `argument 2:4 "c"`,
		}},
		{"recovery", "FROM a\nCOPPY b c\n d e\nENV f\nUSER g", []string{
			`keyword 1:1 "FROM"`, `argument 1:6 "a"`, `keyword 2:1 "COPPY"`, `argument 2:7 "b c"`, `keyword 3:2 "d"`, `argument 3:4 "e"`, `keyword 4:1 "ENV"`,
			`keyword 5:1 "USER"`, `argument 5:6 "g"`, "error 2:1 unknown instruction `COPPY`", `error 4:1 ENV must have two arguments`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, tokens(c.src)); diff != "" {
				t.Errorf("tokens (-want +got)\n%s", diff)
			}
		})
	}
}

func TestComments(t *testing.T) {
	f := parser.Parse("Dockerfile", []byte("# syntax=docker/dockerfile:1\n# check=skip=A // why\n# one\n\n# two\nFROM a\nRUN b \\\n# three\n  c\n# four"))
	var lead, inner []string
	for _, c := range f.Instructions[0].Lead {
		lead = append(lead, c.Text)
	}
	for _, c := range f.Instructions[1].Inner {
		inner = append(inner, c.Text)
	}
	if got := strings.Join(lead, "|"); !strings.HasSuffix(got, "one|two") {
		t.Errorf("above FROM: %s", got)
	}
	if got := strings.Join(inner, "|"); got != "three" {
		t.Errorf("inside RUN: %s", got)
	}
	if len(f.Comments) != 6 || len(f.Directives) != 2 {
		t.Errorf("%d comments, %d directives", len(f.Comments), len(f.Directives))
	}
	if d := f.Directive("syntax"); d == nil || f.Text(d.Value.Full()) != "docker/dockerfile:1" {
		t.Errorf("syntax directive %v", d)
	}
}

func TestBounds(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"file":         {strings.Repeat("#\n", parser.MaxFile), "over the limit of 1048576"},
		"instructions": {strings.Repeat("FROM a\n", parser.MaxInstructions+1), "over the limit of 8000"},
		"line":         {"FROM a\nRUN " + strings.Repeat("x", parser.MaxLine) + "\nUSER b\n", "over BuildKit's limit of 65535"},
		"onbuild":      {"FROM a\nONBUILD ONBUILD RUN a\nUSER b\n", "wraps another ONBUILD"},
		"nothing":      {"# a\n\n", "contains no instruction"},
	} {
		t.Run(name, func(t *testing.T) {
			f := parser.Parse("Dockerfile", []byte(c.src))
			if len(f.Errors) != 1 || !strings.Contains(f.Errors[0].Message, c.want) {
				t.Fatalf("errors %v, want one that says %q", f.Errors, c.want)
			}
			if n := len(f.Instructions); n > 0 && f.Instructions[n-1].Cmd == nil {
				t.Error("the instruction behind it was lost")
			}
		})
	}
}
