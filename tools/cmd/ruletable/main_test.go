package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/lint"
)

func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.md")
	if err := os.WriteFile(file, []byte("# x\n\n"+begin+"\nSTALE\n"+end+"\n\ntail"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run([]string{"-check", "-file", file}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "go -C tools run ./cmd/ruletable") {
		t.Errorf("a stale table gives %v", err)
	}
	if err := run([]string{"-file", file}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-check", "-file", file}, io.Discard); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := "| [latest-tag](../rules/base/latest_tag.md) | DL3007 |"
	if s := string(text); !strings.HasPrefix(s, "# x\n\n"+begin) || !strings.HasSuffix(s, end+"\n\ntail") || !strings.Contains(s, want) || strings.Contains(s, "STALE") {
		t.Errorf("wrote\n%s", s)
	}
}

func TestReplace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no file":  {"", "# dockvet\n\n## Rules\n\n" + begin + "\nT\n" + end + "\n"},
		"no marks": {"# x\n\ny\n\n", "# x\n\ny\n\n## Rules\n\n" + begin + "\nT\n" + end + "\n"},
		"marks":    {"a " + begin + end + " b", "a " + begin + "\nT\n" + end + " b"},
		"no end":   {begin, ""},
		"no begin": {end, ""},
		"crossed":  {end + begin, ""},
	} {
		got, err := replace([]byte(c.text), "T\n")
		if string(got) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestTable(t *testing.T) {
	got, err := table(t.TempDir(), []*lint.Rule{{
		Name: "a-b", Category: lint.Files, Summary: "`a|b`", Aliases: []string{"X", "Y"}, Fix: lint.Unsafe, Profile: lint.Strict, Severity: lint.Error,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "| [a-b](../rules/files/a_b.md) | X, Y | `a\\|b` | strict | error | unsafe |\n"; !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}
