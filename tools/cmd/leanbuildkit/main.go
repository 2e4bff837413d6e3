// Command leanbuildkit writes bin/lean, a workspace with vendored modules that a release is built from. In it, two
// packages that BuildKit uses little of are those in this directory. `go install`, and programs that import dockvet, use the modules themselves.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed stack/stack.go
var stack []byte

//go:embed imagespec/imagespec.go
var imageSpec []byte

func main() {
	root := flag.String("root", "..", "the `directory` of dockvet's module")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "leanbuildkit:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	lean := filepath.Join(root, "bin", "lean")
	if err := os.RemoveAll(lean); err != nil {
		return err
	}
	if err := os.MkdirAll(lean, 0o755); err != nil {
		return err
	}
	for _, args := range [][]string{{"init", "."}, {"vendor"}} {
		cmd := exec.Command("go", append([]string{"work"}, args...)...)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "GOWORK="+filepath.Join(lean, "go.work"), "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", cmd, err, out)
		}
	}
	for _, r := range [...]struct {
		path, file string
		text       []byte
	}{
		{"github.com/moby/buildkit/util/stack", "stack.go", stack},
		{"github.com/moby/docker-image-spec/specs-go/v1", "imagespec.go", imageSpec},
	} {
		dir := filepath.Join(lean, "vendor", filepath.FromSlash(r.path))
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, r.file), r.text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
