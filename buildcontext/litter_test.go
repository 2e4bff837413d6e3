package buildcontext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/buildcontext"
)

func TestLitter(t *testing.T) {
	fsys := files(".git/HEAD=ref", ".git/objects/a=12345", "a/.git=gitdir: ../x", "app.csproj", "bin/Debug/a.dll=1", "obj/x=1", "web/bin/cli.js",
		"a/package.json", "a/node_modules/b/dist/c.js=1", "a/node_modules/d=1", "package.json", "node_modules/e=1", "rust/target/f", "env/main.tf",
		"v/.venv/pyvenv.cfg", "small.sql=1", "x/build/y.go", "c/.DS_Store")
	fsys["big.sql"] = fsys["small.sql"]
	fsys["big.sql"].Data = []byte(strings.Repeat("x", 5_000_000))
	fsys["small.sql"] = files("small.sql=1")["small.sql"]
	ctx, err := buildcontext.New(fsys, "")
	if err != nil {
		t.Fatal(err)
	}
	show := func(list []buildcontext.Litter) (out []string) {
		for _, l := range list {
			out = append(out, fmt.Sprintf("%s %s %d files %d bytes %s", l.Name, l.Pattern(), len(l.Files), buildcontext.Bytes(l.Files), strings.Join(l.Roots, " ")))
		}
		return out
	}
	all, _ := ctx.Files()
	if diff := cmp.Diff([]string{
		".git .git 2 files 8 bytes .git",
		"node_modules **/node_modules 3 files 3 bytes a/node_modules node_modules",
		"*.sql **/*.sql 1 files 5000000 bytes big.sql",
		"bin bin 1 files 1 bytes bin",
		".DS_Store c/.DS_Store 1 files 0 bytes c/.DS_Store",
		"obj obj 1 files 1 bytes obj",
		".venv v/.venv 1 files 0 bytes v/.venv",
	}, show(ctx.Litter(all, "."))); diff != "" {
		t.Errorf("litter (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string(nil), show(ctx.Litter(all, "a/node_modules"))); diff != "" {
		t.Errorf("what lies in the folder that is named (-want +got)\n%s", diff)
	}
}

func TestGitIgnored(t *testing.T) {
	ctx, err := buildcontext.New(files(".gitignore=# made\n/out\n*.log\nsub/x\nlocal/\n!keep.log", "app/.gitignore=gen.go", ".dockerignore=.gitignore"), "")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"out": true, "out/a": true, "app/out": false, "a.log": true, "d/a.log": true, "keep.log": false, "sub/x": true, "app/sub/x": false,
		"app/local/y": true, "app/gen.go": true, "gen.go": false, "app/d/gen.go": true,
	} {
		if got := ctx.GitIgnored(name); got != want {
			t.Errorf("GitIgnored(%q) = %v", name, got)
		}
	}
}
