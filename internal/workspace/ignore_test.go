package workspace

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/disk"
)

// TestIgnoreFile compares our reading of .gitignore files with git's.
func TestIgnoreFile(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git, which we compare with, is not installed")
	}
	paths := []string{
		"Dockerfile", "a/Dockerfile", "a/b/Dockerfile", "a/b/c/Dockerfile", "build/Dockerfile", "a/build/Dockerfile",
		"x.Dockerfile",
		"a/x.Dockerfile", "!Dockerfile", "#Dockerfile", "{a,b}.Dockerfile", "a.Dockerfile", "b.Dockerfile",
		"sp ace/Dockerfile",
		"trailing /Dockerfile", "[x].Dockerfile", "doc/Dockerfile", "doc/frotz/Dockerfile", "a/doc/frotz/Dockerfile",
		".hidden/Dockerfile",
		"foo/bar/Dockerfile", "foo/x/bar/Dockerfile", "foo/x/y/bar/Dockerfile", "file1/Dockerfile", "file2/Dockerfile",
		"filé/Dockerfile",
		"back\\slash.Dockerfile", "a+b/Dockerfile", "(a)/Dockerfile", "a|b/Dockerfile", "^a/Dockerfile",
		"$a/Dockerfile",
	}
	// These are not included, since git's manual does not define them: `a**/b` and `***/b`, which git matches with
	// several directories, and `?` for a letter of several bytes.
	patterns := []string{
		"", "# Dockerfile", "Dockerfile", "/Dockerfile", "Dockerfile/", "*", "*\n!Dockerfile", "*\n!*/\n!Dockerfile",
		"build/", "/build", "build",
		"*.Dockerfile", "/*.Dockerfile", "\\!Dockerfile", "\\#Dockerfile", "{a,b}.Dockerfile", "trailing\\ ",
		"trailing ", "sp ace", "sp\\ ace",
		"[x].Dockerfile", "\\[x\\].Dockerfile", "[a-b].Dockerfile", "[!a].Dockerfile", "[^a].Dockerfile", "doc/frotz/",
		"frotz/", "doc/frotz",
		"foo/**/bar", "foo/*/bar", "**/bar", "foo/**", "**/Dockerfile", "a/**/Dockerfile", "**", "/**", "?/Dockerfile",
		"file[0-9]",
		"a/*", "a/*\n!a/b", "a\n!a/b/Dockerfile", "!a", "/", "//", "\\", "[", "[a", "a]", "*.Dockerfile\n!x.Dockerfile", "*.Dockerfile\r", "\ta",
		"a+b", "(a)", "a|b", "^a", "$a", "back\\\\slash.Dockerfile", ".*", ".hidden", "./a", "a/./b", "../a", "a//b", "/a/", "b/", "filé", "**/b/c",
		"a/***", "foo/**/", "**/b/**", "a/b/**/c", "*/", "*/b", "/*/*/", "!/a\na", "\ufeff# x", "{a", "a}",
		"\\{a,b}.Dockerfile",
	}
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), git, "init", "-q", root)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("git init: %v\n%s", err, out)
	}
	for _, path := range paths {
		write(path, "FROM scratch\n")
	}
	r := reader{New(Config{Root: root, Files: disk.New(root)}, Options{}), nil}
	check := func(where, pattern string) {
		t.Helper()
		write(where, pattern)
		defer write(where, "")
		r.config.Files.Forget()
		list := exec.CommandContext(t.Context(), git, "-c", "core.quotepath=off", "ls-files", "--others", "--exclude-standard", "-z", "*Dockerfile")
		list.Env, list.Dir = cmd.Env, root
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
			want[name] = true
		}
		got := map[string]bool{}
		f := finder{reader: r, dirs: []string{root}, known: got}
		f.search(".", f.ignoredAbove("."))
		for _, path := range paths {
			if r.isDockerfile(path) && want[path] != got[path] {
				t.Errorf("%s: %q: git lists %q: %v, the search: %v", where, pattern, path, want[path], got[path])
			}
		}
	}
	for _, p := range patterns {
		check(".gitignore", p)
		check("a/.gitignore", p)
	}
}

func TestJudgeName(t *testing.T) {
	for name, want := range map[string]verdict{
		"dockerfile": yes, "containerfile": yes, "dockerfile.prod": yes, "dockerfile-dev": yes, "dockerfile_x": yes,
		"dockerfile2":    yes,
		"api.dockerfile": yes, "api.containerfile": yes, "dockerfile.alpine3.22": yes, "dockerfile.node": yes,
		"dockerfile.1":  yes,
		"dockerfile.go": maybe, "dockerfile.txt": maybe, "dockerfiles": maybe, "dockerfile_test.py": maybe,
		"dockerfile.dockerignore": no, "api.dockerfile.dockerignore": no, ".dockerignore": no, "dockerfile.j2": no,
		"dockerfile.md": no,
		"dockerfile~":   no, "dockerfile.swp": no, ".dockerfile.swp": no, "dockerfile.orig": no, "my-dockerfile": no,
		"dockerfile.yml": no,
		"compose.yaml":   no, ".dockerfilelintrc": no, "dockerfile.alpine.j2": no,
	} {
		if got := judgeName(name); got != want {
			t.Errorf("judgeName(%q) = %v, want %v", name, got, want)
		}
	}
}
