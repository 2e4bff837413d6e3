package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// TestRun adds two rules to a copy of the repository. They compile and are listed, and their tests fail until they
// are completed.
func TestRun(t *testing.T) {
	from, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	copyTree(t, from, root)
	var out bytes.Buffer
	if err := run(root, []string{"base", "zz-scaffold-url", "ZZ1234", "ZzCase"}, &out); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(root, "rules", "stages")); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(root, "rules", "rules.go")
	text := strings.ReplaceAll(read(t, list), "\t\""+tree.Module+"/rules/stages\"\n", "")
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "\t\tstages.") {
			kept = append(kept, line)
		}
	}
	if err := os.WriteFile(list, []byte(strings.Join(kept, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(root, []string{"stages", "aa-scaffold"}, &out); err != nil {
		t.Fatal(err)
	}
	if text := read(t, list); !strings.Contains(text, "\t\tbase.ZzScaffoldURL,\n\n") || !strings.Contains(text, "\n\t\tstages.AaScaffold,\n") ||
		!strings.Contains(text, "/rules/base\"\n") || !strings.Contains(text, "/rules/stages\"\n") {
		t.Errorf("the list is\n%s", text)
	}
	if text := read(t, filepath.Join(root, "rules", "stages", "aa_scaffold.go")); !strings.HasPrefix(text, "// Package stages has the rules about ") {
		t.Errorf("the first rule of a folder does not document the package:\n%s", text)
	}
	if err := run(root, []string{"files", "aa-scaffold"}, io.Discard); err == nil {
		t.Error("made the same rule twice")
	}
	if testing.Short() {
		t.Skip("builds the copy")
	}
	for _, c := range []struct {
		args []string
		fail []string
	}{
		{[]string{"vet", "./rules/..."}, nil},
		{[]string{"test", "./rules", "-run", "TestListed"}, nil},
		{[]string{"test", "./rules", "-run", "Test(Rules|Pages)/(zz|aa)-scaffold"}, []string{
			"TestRules/zz-scaffold-url/bad", "TestRules/aa-scaffold/near", "TestPages/zz-scaffold-url", "TestPages/aa-scaffold",
			"no finding in the bad example",
		}},
	} {
		cmd := exec.Command("go", c.args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if (err != nil) != (c.fail != nil) {
			t.Errorf("go %v: %v\n%s", c.args, err, out)
		}
		for _, want := range c.fail {
			if !strings.Contains(string(out), want) {
				t.Errorf("go %v does not say %s\n%s", c.args, want, out)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	root := t.TempDir()
	for want, args := range map[string][]string{
		"usage":                  {"base"},
		"no category":            {"bases", "a"},
		"lower-case words":       {"base", "A"},
		"is not lower":           {"base", "../a"},
		"joined by dashes":       {"base", "a_b"},
		"used by the rule lates": {"cache", "latest-tag"},
		"used by the rule untag": {"cache", "a", "DL3006"},
		"already used by":        {"cache", "a", "latest-tag"},
		"is given twice":         {"cache", "a", "X1", "X1"},
		"alias \"a b\"":          {"cache", "a", "a b"},
		"would be a test":        {"cache", "a-test"},
		"only be built for one":  {"cache", "shell-windows"},
		"shell_js.go would only": {"cache", "shell-js"},
		"amd64.go would only":    {"cache", "only-amd64"},
		"linux_arm64.go would o": {"cache", "only-linux-arm64"},
	} {
		err := run(root, args, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v gives %v, want %s", args, err, want)
		}
	}
	for _, name := range []string{"windows.go", "amd64.go", "a_linux_b.go", "a_unix.go"} {
		if err := dropped(name); err != nil {
			t.Error(err)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// copyTree copies the packages and cases that the rules' tests need.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel == "tools" || rel == "bin" || strings.HasPrefix(rel, ".") && rel != "." {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
