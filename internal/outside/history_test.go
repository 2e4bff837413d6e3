package outside_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/history"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/rebuild"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestHistory(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=someone", "-c", "user.email=someone@example.com"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	const dockerfile = "FROM node\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n"
	write("Dockerfile", dockerfile)
	write("package.json", "{}")
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "first")
	for _, text := range []string{"1", "2", "3"} {
		write("index.js", text)
		git("add", ".")
		git("commit", "-qm", text)
	}
	c, err := buildcontext.New(os.DirFS(dir), "")
	if err != nil {
		t.Fatal(err)
	}
	build := func() *lint.Build {
		return &lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(dockerfile)), plan.Options{}), Context: c}
	}
	h := outside.NewHistory(rebuild.Options{History: history.Options{Commits: 3}})
	known, elsewhere := build(), build()
	h.Collect(known, outside.Place{Dockerfile: filepath.Join(dir, "Dockerfile"), Context: dir})
	h.Collect(elsewhere, outside.Place{Dockerfile: "/Dockerfile", Context: t.TempDir()})
	if err := h.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.Answer(known)
	h.Answer(elsewhere)
	if elsewhere.Outside.History != nil {
		t.Error("a build outside of repositories has a history")
	}
	got := known.Outside.History
	if got == nil {
		t.Fatal("no history")
	}
	ins := known.Plan.File.Instructions
	for i, want := range map[int]int{2: 0, 3: 3, 4: 3} {
		if reran := got.Reran[ins[i]]; reran.Commits != want || reran.Unknown != 0 || got.Commits != 3 {
			t.Errorf("%s: %+v of %d commits, want %d", ins[i].Name, reran, got.Commits, want)
		}
	}

	none := outside.NewHistory(rebuild.Options{History: history.Options{Commits: 3}})
	none.Collect(elsewhere, outside.Place{Dockerfile: "/Dockerfile", Context: t.TempDir()})
	if err := none.Ask(context.Background()); err == nil {
		t.Error("no error without any history")
	}
}
