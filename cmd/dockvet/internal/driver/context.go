package driver

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/cmd/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// folders remembers what lies in folders: one may hold thousands of Dockerfiles.
type folders struct {
	mu         sync.Mutex
	holds      map[string]bool   // a manifest
	workspaces map[string]string // see workspace
	composer   *composer
}

// context is the folder of f's build context, "" if there is none to look at. Without a flag that is the Dockerfile's own
// folder, if what lies there says so. In a part of a workspace, whose root is the likelier context, only a COPY of what the root
// does not have says so.
func (m *folders) context(name string, f *parser.File, o *Options) string {
	switch {
	case o.NoContext:
		return ""
	case o.Context != "":
		return o.Context
	case name == "":
		return ""
	}
	dir := filepath.Dir(name)
	if exists(name + ".dockerignore") {
		return dir
	}
	root := m.workspace(dir)
	if root == "" && m.manifest(dir) {
		return dir
	}
	for _, in := range f.Instructions {
		if (in.Name == "COPY" || in.Name == "ADD") && copies(in, dir, root) {
			return dir
		}
	}
	return ""
}

// manifest reports whether dir holds a file that stands at the root of a build context.
func (m *folders) manifest(dir string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.holds[dir]
	if ok {
		return found
	}
	entries, _ := os.ReadDir(dir) // a folder that cannot be read says nothing
	for _, e := range entries {
		found = found || app.RootFile(e.Name())
	}
	m.holds[dir] = found
	return found
}

// workspace is the folder above dir, in the same repository, that is the root of a workspace; "" if there is none.
func (m *folders) workspace(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if found, ok := m.workspaces[abs]; ok {
		return found
	}
	found, inRepository := "", false
	for at := abs; !inRepository && at != filepath.Dir(at); at = filepath.Dir(at) {
		entries, _ := os.ReadDir(at) // a folder that cannot be read says nothing
		for _, e := range entries {
			inRepository = inRepository || e.Name() == ".git"
			if found == "" && at != abs && app.Workspace(e.Name(), func() string { return beginning(filepath.Join(at, e.Name())) }) {
				found = at
			}
		}
	}
	if !inRepository {
		found = ""
	}
	m.workspaces[abs] = found
	return found
}

// beginning is as much of a file's text as a build context gives.
func beginning(name string) string {
	data, _ := readFile(name, buildcontext.MaxRead) // a file that cannot be read says nothing
	return string(data)
}

// copies reports whether in takes something by its plain name that is in dir, and not in the folder root if one is given. `.` is
// everywhere, so it is no sign.
func copies(in *parser.Instruction, dir, root string) bool {
	if in.Flag("from") != nil || len(in.Args) < 2 {
		return false
	}
	for _, arg := range in.Args[:len(in.Args)-1] {
		source := strings.Trim(arg.Value, `"'`)
		if strings.ContainsAny(source, "$*?[\\") || strings.Contains(source, "://") || strings.HasPrefix(source, "<<") {
			continue
		}
		// A source is held within the context, as the build does.
		if rel := path.Clean("/" + source)[1:]; rel != "" && exists(filepath.Join(dir, rel)) && (root == "" || !exists(filepath.Join(root, rel))) {
			return true
		}
	}
	return false
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// openContext looks at dir, with files created in it, as the context of the Dockerfile called name, "" for standard input.
func openContext(dir, name string, created map[string]string) (*buildcontext.Context, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}
	inside := ""
	if name != "" {
		if root, err := filepath.Abs(dir); err == nil {
			if abs, err := filepath.Abs(name); err == nil {
				if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
					inside = filepath.ToSlash(rel)
				}
			}
		}
	}
	fsys := os.DirFS(dir)
	if len(created) > 0 {
		fsys = overlay{fsys, created}
	}
	c, err := buildcontext.New(fsys, inside)
	if err != nil {
		return nil, fmt.Errorf("in %s: %w", filepath.ToSlash(dir), err)
	}
	return c, nil
}

// missingTarget is an error if p has no stage called target.
func missingTarget(p *plan.Plan, target string) error {
	if target == "" || p.Target != nil {
		return nil
	}
	var names []string
	for _, s := range p.Stages {
		if s.Name != "" {
			names = append(names, s.Name)
		}
	}
	hint := ""
	if near, ok := nearest.Name(target, names); ok {
		hint = "; the nearest is `" + near + "`"
	}
	return fmt.Errorf("%s: no stage is called `%s`%s", p.File.Name, target, hint)
}
