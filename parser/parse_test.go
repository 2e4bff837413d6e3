package parser_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	dockerfile "github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/dockvet/dockvet/parser"
)

const corpus = "../../shared/corpus/dockerfiles"

// agree holds our reading of src against BuildKit's: the same instructions on the same lines with the same arguments,
// and each token where it says it stands.
func agree(t *testing.T, src []byte) {
	t.Helper()
	if !utf8.Valid(src) || bytes.IndexByte(src, 0) >= 0 {
		parser.Parse("Dockerfile", src) // we replace what BuildKit's lexer complains of: no crash is all that can be asked
		return
	}
	f := parser.Parse("Dockerfile", src)
	want, err := dockerfile.Parse(bytes.NewReader(src))
	if err != nil {
		if len(f.Errors) == 0 {
			t.Errorf("BuildKit says %v, we say nothing", err)
		}
		return
	}
	if len(f.Instructions) == 0 && len(f.Errors) == 1 && strings.Contains(f.Errors[0].Message, "not a Dockerfile") {
		return // a template or source code is one error; BuildKit's parser leaves unknown instructions to the next step
	}
	if len(f.Instructions) != len(want.AST.Children) {
		t.Fatalf("%d instructions, BuildKit has %d: %v", len(f.Instructions), len(want.AST.Children), f.Errors)
	}
	for i, node := range want.AST.Children {
		in := f.Instructions[i]
		if in.Text.String != node.Original {
			t.Errorf("instruction %d: text\n%q, BuildKit has\n%q", i, in.Text.String, node.Original)
		}
		if first, last := f.Lines.Line(in.Span.Start), f.Lines.Line(in.Span.End); first < node.StartLine || last > node.EndLine {
			t.Errorf("instruction %d: lines %d-%d, BuildKit has %d-%d", i, first, last, node.StartLine, node.EndLine)
		}
		if in.Keyword.String != node.Value {
			t.Errorf("instruction %d: keyword %q, BuildKit has %q", i, in.Keyword.String, node.Value)
		}
		if len(in.Flags) != len(node.Flags) {
			t.Errorf("instruction %d: flags %v, BuildKit has %q", i, in.Flags, node.Flags)
		}
		var docs []dockerfile.Heredoc
		for _, h := range in.Heredocs {
			docs = append(docs, h.Heredoc)
			if !strings.Contains(f.Text(h.Operator), "<<") {
				t.Errorf("instruction %d: heredoc operator %q", i, f.Text(h.Operator))
			}
		}
		if diff := cmp.Diff(node.Heredocs, docs); diff != "" {
			t.Errorf("instruction %d: heredocs (-BuildKit +ours)\n%s", i, diff)
		}
		arguments(t, f, in, node)
	}
}

func arguments(t *testing.T, f *parser.File, in *parser.Instruction, node *dockerfile.Node) {
	t.Helper()
	if in.Cmd == nil && in.Name != "ONBUILD" {
		return // of what it refuses, BuildKit keeps what it likes
	}
	if in.Name == "ONBUILD" {
		if in.Trigger != nil {
			arguments(t, f, in.Trigger, node.Next.Children[0])
		}
		return
	}
	var want, got []string
	next := node.Next
	if in.Name == "HEALTHCHECK" && next != nil {
		next = next.Next
	}
	for ; next != nil; next = next.Next {
		want = append(want, next.Value)
	}
	if in.Name == "ENV" || in.Name == "LABEL" {
		for _, p := range in.Pairs {
			sep := "="
			if p.Legacy {
				sep = ""
			}
			got = append(got, p.Key.Value, p.Value.Value, sep)
			token(t, f, p.Key.Text)
			token(t, f, p.Value.Text)
			if p.Key.String != p.Key.Value || p.Value.String != p.Value.Value {
				t.Errorf("line %d: pair %q=%q is written %q=%q", node.StartLine, p.Key.Value, p.Value.Value, p.Key.String, p.Value.String)
			}
		}
	} else {
		for _, w := range in.Args {
			got = append(got, w.Value)
			token(t, f, w.Text)
			if in.JSON != (len(w.String) > 1 && w.String[0] == '"' && in.JSON) || !in.JSON && w.String != w.Value {
				t.Errorf("line %d: argument %q is written %q", node.StartLine, w.Value, w.String)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("line %d: arguments of %s (-BuildKit +ours)\n%s", node.StartLine, in.Name, diff)
	}
}

// token checks that each byte of x is in the file where x says.
func token(t *testing.T, f *parser.File, x parser.Text) {
	t.Helper()
	for i := range len(x.String) {
		if off := x.Offset(i); off >= len(f.Bytes) || f.Bytes[off] != x.String[i] {
			t.Fatalf("byte %d of %q is said to stand at %d", i, x.String, off)
		}
	}
}

func TestCorpusAgreesWithBuildKit(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus, "*.Dockerfile"))
	if len(files) == 0 {
		t.Skip("SKIPPED: no corpus beside the checkout")
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(name), func(t *testing.T) { agree(t, src) })
	}
}

// TestByteOrderMark checks that only the first one of a file is skipped, whatever is read in one call of BuildKit.
func TestByteOrderMark(t *testing.T) {
	for _, src := range []string{
		"\uFEFFFROM a\nCOPY b c\n", "\uFEFF\uFEFFFROM a\n", "FROM a\n\uFEFFCOPY b c\nUSER d\n", "# escape=`\nFROM a\n\uFEFFCOPY b c\n",
	} {
		agree(t, []byte(src))
		f := parser.Parse("Dockerfile", []byte(src))
		if _, err := dockerfile.Parse(strings.NewReader(src)); err != nil {
			t.Error(err)
		}
		for _, in := range f.Instructions {
			if strings.HasPrefix(in.Name, "\uFEFF") && in.Cmd != nil {
				t.Errorf("%q: %s is read as %T", src, in.Name, in.Cmd)
			}
		}
	}
}

func TestTriggerThatBuildKitRefusesHasNoCommand(t *testing.T) {
	f := parser.Parse("Dockerfile", []byte("FROM a\nONBUILD COPY\nONBUILD COPY a b\n"))
	if in := f.Instructions[1]; in.Trigger == nil || in.Trigger.Cmd != nil || len(f.Errors) != 1 {
		t.Errorf("trigger %+v, errors %v", in.Trigger, f.Errors)
	}
	if f.Instructions[2].Trigger.Cmd == nil {
		t.Error("a good trigger has no command")
	}
}

// TestSpaceBytes has bytes that BuildKit skips as spaces, although they are not a character, where it looks for flags, and only there.
func TestSpaceBytes(t *testing.T) {
	for text, refused := range map[string]bool{
		"COPY \xa0 \xa0":               true,
		"COPY \xa0 b":                  true,
		"COPY --from=x \x85\xa0 a":     true,
		"COPY \xa0--from=x a b":        false,
		"COPY a \xa0":                  false,
		"COPY a\xa0b c":                false,
		"ONBUILD COPY --link \xa0 a b": false,
	} {
		src := "FROM a\n" + text + "\n"
		res, err := dockerfile.Parse(strings.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err = instructions.Parse(res.AST, linter.New(&linter.Config{})); err != nil != refused {
			t.Errorf("%q: BuildKit: %v", text, err)
		}
		if in := parser.Parse("", []byte(src)).Instructions[1]; in.Cmd == nil != refused {
			t.Errorf("%q: refused: %v, %d arguments", text, in.Cmd == nil, len(in.Args))
		}
	}
}

func TestNewline(t *testing.T) {
	for src, want := range map[string]string{"": "\n", "FROM x": "\n", "FROM x\n": "\n", "FROM x\r\nRUN a\n": "\r\n", "\n": "\n", "\r\n": "\r\n"} {
		if got := parser.Parse("Dockerfile", []byte(src)).Newline(); got != want {
			t.Errorf("%q: got %q, want %q", src, got, want)
		}
	}
}

// TestNearestFlag holds that the same file always gets the same answer, and that BuildKit knows each flag that we name.
func TestNearestFlag(t *testing.T) {
	for range 20 {
		f := parser.Parse("Dockerfile", []byte("FROM a\nCOPY --cho=b c d\n"))
		if len(f.Errors) != 1 || f.Errors[0].Message != "unknown flag: --cho" || f.Errors[0].Help != "did you mean `--chmod`?" {
			t.Fatalf("%+v", f.Errors)
		}
	}
	for line, flags := range map[string]string{
		"ADD %s=x a b": "checksum chmod chown exclude keep-git-dir link unpack", "COPY %s=x a b": "chmod chown exclude from link parents",
		"FROM %s=x a": "platform", "HEALTHCHECK %s=x CMD a": "interval retries start-interval start-period timeout",
		"RUN %s=x a": "device mount network security",
	} {
		for flag := range strings.FieldsSeq(flags) {
			f := parser.Parse("Dockerfile", []byte(fmt.Sprintf(line, "--"+flag)))
			for _, e := range f.Errors {
				if strings.Contains(e.Message, "unknown flag") {
					t.Errorf("%s: %s", line, e.Message)
				}
			}
			if near := parser.Parse("Dockerfile", []byte(fmt.Sprintf(line, "--"+flag+"s"))); len(near.Errors) != 1 || near.Errors[0].Help == "" {
				t.Errorf("%s: nothing is near to --%ss: %+v", line, flag, near.Errors)
			}
		}
	}
}

// TestUTF16 checks that a file in UTF-16 is one error that says so, that BuildKit cannot read it either, and that a NUL
// does not make a file one.
func TestUTF16(t *testing.T) {
	const src, message = "FROM a\nRUN b\n", "file is encoded in UTF-16"
	var little, big []byte
	for _, c := range []byte(src) {
		little, big = append(little, c, 0), append(big, 0, c)
	}
	for name, data := range map[string][]byte{
		"little endian": append([]byte("\xFF\xFE"), little...), "big endian": append([]byte("\xFE\xFF"), big...),
		"little endian without a mark": little, "big endian without a mark": big,
	} {
		f := parser.Parse("Dockerfile", data)
		if len(f.Errors) != 1 || f.Errors[0].Message != message || len(f.Instructions) > 0 {
			t.Errorf("%s: %+v", name, f.Errors)
		}
		res, err := dockerfile.Parse(bytes.NewReader(data))
		if err != nil {
			continue
		}
		if _, err := instructions.ParseInstruction(res.AST.Children[0]); err == nil {
			t.Errorf("%s: BuildKit reads it", name)
		}
	}
	for _, data := range []string{"FROM a\nRUN b\x00c\n", "F\x00ROM a\nRUN b\n", "FROM a\n", ""} {
		for _, e := range parser.Parse("Dockerfile", []byte(data)).Errors {
			if e.Message == message {
				t.Errorf("%q: %s", data, message)
			}
		}
	}
}
