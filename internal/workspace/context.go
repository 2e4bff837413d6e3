package workspace

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// assume finds the build context of b, a build of f that nothing describes. Without a flag that is the one directory
// above that has all that is copied, or the Dockerfile's own directory, if what is in it says so or it is the root of the
// repository and copied as a whole. In a part of a
// workspace of packages, whose root is the likelier context, only a COPY of something that the root does not have says
// so.
func (r reader) assume(b *Build, name string, f *parser.File) {
	b.Source.Kind = described.Directory
	switch o := r.options; {
	case o.NoContext:
		b.Reason = "--no-context"
		return
	case o.Context != "":
		b.Source.Kind, b.Dir = described.Flags, o.Context
		return
	case name == "":
		b.Reason = "standard input has no directory"
		return
	}
	if b.Dir, b.Reason = r.likely(name, f); b.Dir != "" {
		b.Assumed = true
	} else {
		b.Reason = "nothing describes the build, and no directory has what it copies"
	}
}

// likely is the directory of f's build context as far as the directories around the Dockerfile suggest one, and why; ""
// if they do not.
func (r reader) likely(name string, f *parser.File) (dir, reason string) {
	dir = filepath.Dir(name)
	if above, reason := r.above(name, f); above != "" {
		return above, reason
	}
	if r.exists(name+".dockerignore") || r.exists(name+".containerignore") {
		return dir, "its ignore file is beside it"
	}
	root := r.workspaceOf(r.abs(dir))
	if root == "" && r.manifest(r.abs(dir)) {
		return dir, "a manifest is beside it"
	}
	for _, in := range f.Instructions {
		if (in.Name == "COPY" || in.Name == "ADD") && r.copies(in, dir, root) {
			return dir, "what it copies is beside it"
		}
	}
	if r.exists(filepath.Join(dir, ".git")) && copiesAll(f) {
		return dir, "it is in the root of the repository and copies all that is beside it"
	}
	return "", ""
}

// copiesAll reports whether f copies its build context as a whole, and nothing by a plain name that would tell where it is.
func copiesAll(f *parser.File) bool {
	all := false
	for _, in := range f.Instructions {
		if (in.Name != "COPY" && in.Name != "ADD") || in.Flag("from") != nil || len(in.Args) < 2 {
			continue
		}
		if len(plainSources(in)) > 0 {
			return false
		}
		all = all || path.Clean("/"+strings.Trim(in.Args[0].Value, `"'`)) == "/"
	}
	return all
}

// above is the one directory above the Dockerfile in its repository that has all that it copies by a plain name, if its
// own does not; "" if there is none, or several. A Dockerfile in src/main/docker of Quarkus is built in the directory of
// the project.
// Source: https://quarkus.io/guides/building-native-image#using-a-multi-stage-docker-build
func (r reader) above(name string, f *parser.File) (dir, reason string) {
	own := filepath.Dir(r.abs(name))
	root := r.root(own)
	if project, ok := strings.CutSuffix(own, filepath.FromSlash("/src/main/docker")); ok && len(project) >= len(root) {
		for _, base := range []string{"pom.xml", "build.gradle", "build.gradle.kts"} {
			if r.exists(filepath.Join(project, base)) {
				return r.fromRoot(project, filepath.IsAbs(name)), "the Dockerfile is in `src/main/docker`"
			}
		}
	}
	var sources []string
	for _, in := range f.Instructions {
		if in.Name == "COPY" || in.Name == "ADD" {
			sources = append(sources, plainSources(in)...)
		}
	}
	if own == root || strings.Contains(filepath.ToSlash(own)+"/", "/vendor/") || !slices.ContainsFunc(sources, telling) {
		return "", "" // what is vendored comes without its own files
	}
	found := ""
	for at := own; ; at = filepath.Dir(at) {
		if !slices.ContainsFunc(sources, func(rel string) bool { return !r.exists(filepath.Join(at, rel)) }) {
			if at == own || found != "" {
				return "", ""
			}
			found = at
		}
		if at == root || at == filepath.Dir(at) {
			break
		}
	}
	if found == "" {
		return "", ""
	}
	return r.fromRoot(found, filepath.IsAbs(name)), "all that it copies is there"
}

// chosen reports whether somebody says which context b has, so that what is missing there is missing in the build.
func (b *Build) chosen() bool {
	switch b.Source.Kind { //nolint:exhaustive // the rest is below
	case described.Flags, described.Config, described.Compose:
		return true
	}
	return false // what runs before a script or in a CI job may create files
}

// manifest reports whether dir holds a file that belongs at the root of a build context.
func (r reader) manifest(dir string) bool {
	return r.manifests.get(dir, r, func(r reader) bool {
		entries, _ := r.list(dir, manifests) // a directory that cannot be read says nothing
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return app.RootFile(e.Name()) })
	})
}

// workspaceOf is the directory above dir, in the same repository, that is the root of a workspace of packages; "" if
// there is none.
func (r reader) workspaceOf(dir string) string {
	return r.workspaces.get(dir, r, func(r reader) string {
		root := r.root(dir)
		if _, err := r.Lstat(filepath.Join(root, ".git")); err != nil || dir == root {
			return ""
		}
		return r.around(filepath.Dir(dir), root)
	})
}

// around is the nearest root of a workspace of packages from dir up to root, "" if there is none. Each directory is listed once, since all
// directories below it ask.
func (r reader) around(dir, root string) string {
	return r.surroundings.get(dir, r, func(r reader) string {
		entries, _ := r.list(dir, workspaceRoot) // a directory that cannot be read says nothing
		for _, e := range entries {
			if app.Workspace(e.Name(), func() string { return r.beginning(filepath.Join(dir, e.Name())) }) {
				return dir
			}
		}
		if dir == root {
			return ""
		}
		return r.around(filepath.Dir(dir), root)
	})
}

// beginning is as much of a file's text as a build context gives.
func (r reader) beginning(name string) string {
	data, _ := r.readFile(name, buildcontext.MaxRead) // a file that cannot be read says nothing
	return string(data)
}

// telling reports whether the name of a file tells directories apart: most have a README and a licence.
func telling(name string) bool {
	base := strings.ToUpper(path.Base(name))
	return !strings.HasPrefix(base, "README") && !strings.HasPrefix(base, "LICEN") && !strings.HasPrefix(base, "NOTICE")
}

// copies reports whether in copies something by its plain name that is in dir, and not in the directory root if one is
// given.
func (r reader) copies(in *parser.Instruction, dir, root string) bool {
	return slices.ContainsFunc(plainSources(in), func(rel string) bool {
		return r.exists(filepath.Join(dir, rel)) && (root == "" || !r.exists(filepath.Join(root, rel)))
	})
}

// plainSources are the files and directories of the build context that in, a COPY or ADD, copies by their plain names. `.`
// is in every directory, so it says nothing.
func plainSources(in *parser.Instruction) []string {
	if in.Flag("from") != nil || len(in.Args) < 2 {
		return nil
	}
	var out []string
	for _, arg := range in.Args[:len(in.Args)-1] {
		source := strings.Trim(arg.Value, `"'`)
		if strings.ContainsAny(source, "$*?[\\") || strings.Contains(source, "://") || strings.HasPrefix(source, "<<") {
			continue
		}
		if rel := path.Clean("/" + source)[1:]; rel != "" { // it stays within the context, as in the build
			out = append(out, rel)
		}
	}
	return out
}

// open opens the build context of b, with files in it that it does not have yet or that hold something else. b needs
// its Dir.
func (r reader) open(b *Build, files map[string]string) error {
	if b.Dir == "" {
		return nil
	}
	info, err := r.Stat(b.Dir)
	if err != nil {
		return CannotRead(b.Dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", filepath.ToSlash(b.Dir))
	}
	inside := "" // the Dockerfile in the context
	if b.dockerfile != "" {
		if rel, err := filepath.Rel(r.abs(b.Dir), r.abs(b.dockerfile)); err == nil && filepath.IsLocal(rel) {
			inside = filepath.ToSlash(rel)
		}
	}
	if b.Context, err = r.context(b, inside, files); err != nil {
		return fmt.Errorf("in %s: %w", filepath.ToSlash(b.Dir), err)
	}
	return nil
}

// context is the build context of b, whose Dockerfile is called inside in it, "" if it is elsewhere. The Dockerfiles of a
// directory share what is found out about it, and depend on all that was looked at for any of them.
func (r reader) context(b *Build, inside string, files map[string]string) (*buildcontext.Context, error) {
	dir := b.Dir
	var d *buildcontext.Directory
	if len(files) > 0 {
		d = r.changed.get(r, dir, files)
	} else {
		d = r.contexts.get(r.abs(dir), r, func(r reader) *buildcontext.Directory { return buildcontext.NewDirectory(r.Sub(dir, nil)) })
	}
	read := d.Context
	if b.buildah() {
		read = d.BuildahContext
	}
	c, err := read(inside)
	if err == nil {
		c.Chosen = b.chosen()
	}
	return c, err
}

// buildah reports whether buildah or podman builds b, as far as is known.
func (b *Build) buildah() bool {
	return b.Builder == described.Buildah || b.Builder == "" && b.BuilderHint != ""
}

// hint is what suggests that buildah or podman builds b; "" if nothing does, or if it is known.
func (r reader) hint(b *Build) string {
	switch {
	case b.Builder != "":
	case SuggestsPodman(b.dockerfile) != "":
		return SuggestsPodman(b.dockerfile)
	case b.Dir != "" && r.exists(filepath.Join(b.Dir, ".containerignore")) && !r.exists(filepath.Join(b.Dir, ".dockerignore")):
		return "`.containerignore` suggests podman"
	}
	return ""
}

// SuggestsPodman is why the name of a Dockerfile suggests podman, a clause; "" if it does not.
func SuggestsPodman(name string) string {
	base := strings.ToLower(filepath.Base(name))
	if strings.HasPrefix(base, "containerfile") || strings.HasSuffix(base, ".containerfile") {
		return "the file's name suggests podman"
	}
	return ""
}

// changedContext is a build context with files that it does not have yet or that hold something else. Fixes ask for the
// same one for each Dockerfile of a directory, until one changes another file. What the disk has is found out once for all of them:
// all that fixes write is in files.
type changedContext struct {
	mu         sync.Mutex
	dir        string
	files      map[string]string
	disk, open *buildcontext.Directory
}

func (x *changedContext) get(r reader, dir string, files map[string]string) *buildcontext.Directory {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.open == nil || x.dir != dir || r.seen != nil { // what was looked at before was not noted in seen
		x.open, x.dir, x.disk = nil, dir, buildcontext.NewDirectory(r.Sub(dir, nil))
	}
	if x.open == nil || !maps.Equal(x.files, files) {
		x.files, x.open = maps.Clone(files), x.disk.With(r.Sub(dir, files), maps.Keys(files))
	}
	return x.open
}

func (x *changedContext) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.open = nil
}

// missingTarget is an error if p has no stage called target. "" is always there.
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
