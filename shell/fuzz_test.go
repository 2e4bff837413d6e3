package shell_test

import (
	"strings"
	"testing"

	"github.com/dockvet/dockvet/shell"
)

// FuzzRead holds that no RUN makes us crash, and that what we read is where we say.
// The shell parser drops NUL bytes.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"apt-get update && apt-get install -y \\\n  # c\n  curl \\\n\n git",
		"<<EOT\napt-get update\na \"$(b)\" | sudo c > d\nEOT\n",
		"a <<X <<-'Y' && b\nc `d`\nX\n\te\n\tY\n",
		"<<E\n#!/bin/bash\na &> b <(c)\nE",
		`["sh", "-c", "a && b"]`,
		`["sudo", "a\\n", "b c"]`,
		"--mount=type=cache,target=/x if a; then b; fi; f() { c; } && d",
		"export A=b C=\"d\"; xargs -n 1 env E=f g\\ h 'i' \"j\"k\\\nl",
		"curl x|bash -s; case a in b) c;; esac; for x in $(y); do z; done",
		"rm -rf /var/lib/{a,b}/* /x$Y ~/z",
		"a\\\r\n b\r\n",
		"\\\n\\\na",
		"sh -c 'a && \\\n b'; bash -c \"c \\\"d\\\" $e\"; eval 'f \"g\"'",
		"<<E bash\na \\$b `c`\n\\\\d\nE\n",
		"su x -c \"sh -c 'a b'\"; cat <<-'E' | sh\n\ta\n\tE\n",
		"if a; then && b; sh -c 'a \"'; f() b && else (c",
		"sh -c '0'0\"\"0''",
		`["env", "sh", "-c", "a \"b\" && c"]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, prefix := range []string{"RUN ", "SHELL [\"/bin/bash\", \"-c\"]\nRUN ", "ONBUILD RUN "} {
			file, ss := scripts("FROM a\n" + prefix + body)
			for _, s := range ss {
				check(t, file.Bytes, s)
			}
		}
	})
}

func check(t *testing.T, src []byte, s *shell.Script) {
	t.Helper()
	for _, c := range s.Commands {
		if c.Span.Start < 0 || c.Span.Start > c.Span.End || c.Span.End > len(src) {
			t.Fatalf("span %v of %q is outside of %d bytes", c.Span, c.Name, len(src))
		}
		c.Fields()
		c.Deletes("/var/lib/apt/lists")
		for _, w := range c.Words {
			if w.Span.Start < 0 || w.Span.Start > w.Span.End || w.Span.End > len(src) {
				t.Fatalf("span %v of word %q is outside of %d bytes", w.Span, w.Text, len(src))
			}
			written := string(src[w.Span.Start:w.Span.End])
			if w.Literal && !w.Quoted && !strings.ContainsAny(written, "\n\\\x00") && written != w.Text &&
				(c.Script.Outer == nil || !strings.ContainsAny(written, `'"`)) {
				t.Fatalf("word %q is written as %q", w.Text, written)
			}
		}
	}
	if e := s.SyntaxError(); e != nil && (e.Start < 0 || e.Start > e.End || e.End > len(s.Text.String)) {
		t.Fatalf("a syntax error from %d to %d is outside of %d bytes", e.Start, e.End, len(s.Text.String))
	}
	for _, call := range s.Calls() {
		v := call.Verb
		if v.Text == "" || !v.Literal || v.Quoted || strings.ContainsAny(string(src), "\\\x00") {
			continue
		}
		if string(src[v.Span.Start:v.Span.End]) != v.Text {
			t.Fatalf("verb %q is written as %q", v.Text, src[v.Span.Start:v.Span.End])
		}
	}
}
