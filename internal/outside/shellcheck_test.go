package outside

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// build is a Dockerfile with its scripts.
func build(t *testing.T, src string) (*lint.Build, []*shell.Script) {
	t.Helper()
	b := &lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})}
	return b, slices.Collect(scripts(b))
}

func TestBody(t *testing.T) {
	for _, c := range []struct{ name, src, dialect, text string }{
		{"plain", "FROM a\nRUN b\n", "sh", "b"},
		{"a comment that BuildKit drops", "FROM a\nRUN b && \\\n# c\n  d\n", "sh", "b &&   d"},
		{"variables", "FROM a\nENV B=1\nARG C\nENV B=2\nRUN d\n", "sh", "export B=1 C=1\nd"},
		{"of the base stage", "FROM a AS b\nENV C=1\nFROM b\nRUN d\n", "sh", "export C=1\nd"},
		{
			"below a first line", "FROM a\nENV B=1\nRUN <<EOF\n#!/bin/bash -e\n\n# shellcheck disable=SC2086\nc\nEOF\n",
			"bash",
			"#!/bin/bash -e\n\n# shellcheck disable=SC2086\nexport B=1\nc\n",
		},
		{"only comments", "FROM a\nENV B=1\nRUN <<EOF\n# c\nEOF\n", "sh", "# c\nexport B=1\n"},
		{"bash", "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN b\n", "bash", "b"},
		{"BusyBox", "FROM a\nSHELL [\"/bin/ash\", \"-c\"]\nRUN b\n", "ash", "b"},
		{"ksh", "FROM a\nSHELL [\"/bin/mksh\", \"-c\"]\nRUN b\n", "ksh", "b"},
		{"exec form", "FROM a\nRUN [\"dash\", \"-c\", \"b\"]\n", "dash", "b"},
		{"exec form without a shell", "FROM a\nRUN [\"b\"]\n", "", ""},
		{"PowerShell", "FROM a\nSHELL [\"pwsh\", \"-Command\"]\nRUN b\n", "", ""},
		{"zsh", "FROM a\nSHELL [\"zsh\", \"-c\"]\nRUN b\n", "", ""},
		{"Windows", "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN b\n", "", ""},
		{"another language", "FROM a\nRUN <<EOF\n#!/usr/bin/python3\nb\nEOF\n", "", ""},
		{"does not parse", "FROM a\nRUN b 'c\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, all := build(t, c.src)
			b, ok := bodyOf(all[0])
			if b.dialect != c.dialect || b.text != c.text || ok != (c.dialect != "") {
				t.Errorf("got %q %q %v", b.dialect, b.text, ok)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	b := body{text: "# é\nexport A=1\n\té \xff“x” y\nz", at: 5, end: 16}
	original := b.text[:b.at] + b.text[b.end:]
	for _, c := range []struct {
		comment comment
		want    string
	}{
		{comment{Line: 1, Column: 3, EndLine: 1, EndColumn: 4}, "é"},
		{comment{Line: 3, Column: 2, EndLine: 3, EndColumn: 3}, "é"},
		{comment{Line: 3, Column: 5, EndLine: 3, EndColumn: 8}, "“x”"},
		{comment{Line: 3, Column: 9, EndLine: 4, EndColumn: 2}, "y\nz"},
		{comment{Line: 3, Column: 9, EndLine: 3, EndColumn: 9}, "y"},           // no width
		{comment{Line: 1, Column: 1, EndLine: 3, EndColumn: 2}, "# é\n\t"},     // around the line put in
		{comment{Line: 1, Column: 1, EndLine: 2, EndColumn: 3}, "# é\n"},       // into it
		{comment{Line: 4, Column: 1, EndLine: 4, EndColumn: 99}, "z"},          // beyond its line
		{comment{Line: 9, Column: 1, EndLine: 9, EndColumn: 1}, ""},            // beyond the end
		{comment{Line: 3, Column: 99, EndLine: 3, EndColumn: 1 << 30}, "\n"},   // beyond the line
		{comment{Line: 0, Column: 0, EndLine: -1, EndColumn: -1}, "#"},         // from nowhere
		{comment{Line: 2, Column: 8, EndLine: 2, EndColumn: 9}, "not of ours"}, // about the line put in
	} {
		start, end, ok := b.span(c.comment)
		if got := "not of ours"; ok {
			if got = original[start:end]; got != c.want {
				t.Errorf("%+v: got %q, want %q", c.comment, got, c.want)
			}
		} else if got != c.want {
			t.Errorf("%+v: no place, want %q", c.comment, c.want)
		}
	}
}

func TestBatches(t *testing.T) {
	var bodies []body
	for i := range 2500 {
		dialect := "bash"
		if i >= 100 {
			dialect = "sh"
		}
		bodies = append(bodies, body{dialect: dialect, text: fmt.Sprint(i)})
	}
	var sizes []int
	next := 0
	for _, files := range batch(bodies, 2) {
		sizes = append(sizes, len(files))
		for _, i := range files {
			if i != next || bodies[i].dialect != bodies[files[0]].dialect {
				t.Fatalf("file %d follows %d, or is of another dialect", i, next)
			}
			next++
		}
	}
	if want := []int{50, 50, 1000, 1000, 400}; !slices.Equal(sizes, want) {
		t.Errorf("got %v, want %v", sizes, want)
	}
	if few := batch(bodies[:40], 8); len(few) != 2 {
		t.Errorf("40 scripts go to %d processes", len(few))
	}
}

// fake writes a program that runs a shell script, and returns its path.
func fake(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the program is a shell script")
	}
	name := filepath.Join(t.TempDir(), "fake")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestRun(t *testing.T) {
	t.Setenv("SHELLCHECK_OPTS", "--format=tty")
	calls := filepath.Join(t.TempDir(), "calls")
	c := NewShellCheck(fake(t, `echo "$@ $SHELLCHECK_OPTS" >>`+calls+`
echo '{"comments":[{"file":"0","line":2,"endLine":2,"column":3,"endColumn":4,"level":"info","code":12,"message":"X.","fix":null},
{"file":"0","line":1,"endLine":1,"column":1,"endColumn":4,"level":"info","code":13,"message":"of our line"},{"file":"other"}]}'
exit 1
`))
	b, all := build(t, "FROM a\nENV B=1\nRUN c é\nRUN c é\nRUN [\"d\"]\n")
	for range 2 { // the second time all is known
		c.Collect(b, Place{})
		if err := c.Ask(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.Answer(b)
	for i, s := range all {
		notes, judged := b.Outside.ShellCheck[s.Step]
		if judged != (i < 2) {
			t.Errorf("script %d: judged is %v", i, judged)
		}
		if got := fmt.Sprint(notes); i < 2 && got != "[{SC0012 info X. 2 4}]" {
			t.Errorf("script %d: %s", i, got)
		}
	}
	other, _ := build(t, "FROM a\nRUN other\n")
	if c.Answer(other); other.Outside.ShellCheck == nil || len(other.Outside.ShellCheck) > 0 {
		t.Errorf("answers %v to a script that it has not read", other.Outside.ShellCheck)
	}
	got, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	if want := "--norc --format=json1 --shell=sh --exclude=" + exclude + " 0 \n"; string(got) != want {
		t.Errorf("called with %q, want %q", got, want)
	}
}

// TestAsh checks that findings about dash are not reported for BusyBox.
func TestAsh(t *testing.T) {
	c := NewShellCheck(fake(t, `test "$3" = --shell=dash || exit 4
echo '{"comments":[{"file":"0","line":1,"column":1,"code":3010},{"file":"0","line":1,"column":1,"code":2010}]}'
`))
	b, all := build(t, "FROM a\nSHELL [\"/bin/ash\", \"-c\"]\nRUN [[ b ]]\n")
	c.Collect(b, Place{})
	if err := c.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Answer(b)
	if notes := b.Outside.ShellCheck[all[0].Step]; len(notes) != 1 || notes[0].Code != "SC2010" {
		t.Errorf("got %v", notes)
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"says why", "echo one >&2\necho two >&2\nexit 4\n", "failed: exit status 4: one"},
		{"says nothing", "exit 2\n", "failed: exit status 2"},
		{"prints something else", "echo '[]'\n", "does not print the JSON that version 0.7 and newer print"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := NewShellCheck(fake(t, c.script))
			b, _ := build(t, "FROM a\nRUN b\nSHELL [\"bash\", \"-c\"]\nRUN b\n")
			k.Collect(b, Place{})
			err := k.Ask(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the same is told twice: %v", err)
			}
			k.Collect(b, Place{})
			if err := k.Ask(t.Context()); err != nil {
				t.Errorf("it is asked again: %v", err)
			}
			if k.Answer(b); b.Outside.ShellCheck != nil {
				t.Error("it answers")
			}
		})
	}
	empty := NewShellCheck("/nowhere/shellcheck")
	if err := empty.Ask(t.Context()); err != nil {
		t.Errorf("nothing to read, and yet: %v", err)
	}
}

// TestReal checks what we assume about ShellCheck.
func TestReal(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("SKIPPED: ShellCheck is not installed, so nothing holds us against the real one")
	}
	src := `FROM debian:13.1-slim
ENV SET="a b"
RUN echo é	"–" && rm $unset $SET && \
    # a comment
    touch	$two
RUN <<EOF
#!/bin/bash
# shellcheck disable=SC2086
rm $first
[[ a == $second ]]
EOF
RUN ["sh", "-c", "read x; echo $x"]
RUN . ./file && . "$SET" && echo 'closed'
`
	want := map[string][]string{
		"$unset":  {"SC2154", "SC2086"},
		"$two":    {"SC2154", "SC2086"},
		"$first":  {"SC2154"},
		"$second": {"SC2154", "SC2053"},
		"read":    {"SC2162"},
		"$x":      {"SC2086"},
	}
	c := NewShellCheck("shellcheck")
	b, all := build(t, src)
	c.Collect(b, Place{})
	if err := c.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Answer(b)
	for _, s := range all {
		notes, judged := b.Outside.ShellCheck[s.Step]
		if !judged {
			t.Errorf("not judged: %s", s.Text.String)
		}
		for _, n := range notes {
			at := s.Text.Span(n.Start, n.End)
			text := src[at.Start:at.End]
			i := slices.Index(want[text], n.Code)
			switch {
			case i >= 0:
				want[text] = slices.Delete(want[text], i, i+1)
			case strings.Contains(exclude, n.Code) || n.Start == 0:
				t.Errorf("%s at %q: %s", n.Code, text, n.Message)
			default: // another version may see more
				t.Logf("%s at %q: %s", n.Code, text, n.Message)
			}
		}
	}
	for text, codes := range want {
		if len(codes) > 0 {
			t.Errorf("no %v at %q", codes, text)
		}
	}
}
