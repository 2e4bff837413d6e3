package bake_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	buildx "github.com/docker/buildx/bake"
	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/plan"
	"github.com/google/go-cmp/cmp"
)

// bakeBuiltins are what `docker buildx bake` gives to its files.
var bakeBuiltins = map[string]string{"BAKE_CMD_CONTEXT": "cwd://", "BAKE_LOCAL_PLATFORM": "linux/amd64"}

// bakeTarget is what both say about a target.
type bakeTarget struct {
	Context, Dockerfile, Inline, Stage string
	Args, Contexts                     map[string]string
	Platforms                          []string
}

// bakeTally counts what was compared.
type bakeTally struct{ files, refused, targets, unknown int }

func (b *bakeTally) String() string {
	return fmt.Sprintf("%d bake files with %d targets are equal, %d values are only known in a run, and buildx refuses %d files",
		b.files, b.targets, b.unknown, b.refused)
}

// compareBake compares how both read files, with values of variables from outside.
func compareBake(t *testing.T, what string, files []bake.File, vars map[string]string, tally *bakeTally) {
	t.Helper()
	var list []buildx.File
	for _, f := range files {
		list = append(list, buildx.File{Name: f.Name, Data: f.Data})
	}
	theirs, _, err := buildx.ParseFiles(list, bakeBuiltins, vars)
	var o bake.Options
	for name, value := range vars {
		o.Vars = append(o.Vars, plan.Value{Text: name + "=" + value, Known: true})
	}
	ours := bake.Read(files, o)
	if err != nil {
		tally.refused++
		return
	}
	tally.files++
	got := map[string]*bake.Target{}
	for _, x := range ours.Targets {
		got[x.Name] = x
	}
	for _, x := range theirs.Targets {
		want, err := theirs.ResolveTarget(x.Name, nil, &buildx.EntitlementConf{})
		if err != nil {
			if got[x.Name] != nil {
				t.Errorf("%s: target %s: we read it, but: %v", what, x.Name, err)
			}
			continue
		}
		tally.targets++
		mine := got[x.Name]
		if mine == nil {
			t.Errorf("%s: we do not read the target %s: %v", what, x.Name, ours.Errs)
			continue
		}
		theirs, ours := theirTarget(want), ourTarget(mine, want, tally)
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s: target %s: -buildx +dockvet\n%s", what, x.Name, diff)
		}
		delete(got, x.Name)
	}
	for name := range got {
		t.Errorf("%s: buildx has no target %s", what, name)
	}
	var names, want []string
	for _, x := range ours.Named() {
		names = append(names, x.Name)
	}
	targets, _ := theirs.ResolveGroup("default")
	for i := 0; i < len(targets); i++ {
		x, err := theirs.ResolveTarget(targets[i], nil, &buildx.EntitlementConf{})
		if err != nil {
			return // buildx builds nothing by default
		}
		for _, v := range x.Contexts {
			if name, ok := strings.CutPrefix(v, "target:"); ok && !slices.Contains(targets, name) {
				targets = append(targets, name)
			}
		}
	}
	want = slices.Clone(targets)
	slices.Sort(want)
	slices.Sort(names)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("%s: the default targets: -buildx +dockvet\n%s", what, diff)
	}
}

func theirTarget(t *buildx.Target) bakeTarget {
	str := func(p *string) string {
		if p == nil {
			return ""
		}
		return *p
	}
	out := bakeTarget{
		Context: str(t.Context), Dockerfile: str(t.Dockerfile), Inline: str(t.DockerfileInline), Stage: str(t.Target),
		Args: map[string]string{}, Contexts: map[string]string{}, Platforms: append([]string{}, t.Platforms...),
	}
	for k, v := range t.Args {
		if v != nil {
			out.Args[k] = *v
		}
	}
	maps.Copy(out.Contexts, t.Contexts)
	return out
}

// ourTarget is t, with the values of like in the place of those that only a run knows.
func ourTarget(t *bake.Target, like *buildx.Target, tally *bakeTally) bakeTarget {
	theirs := theirTarget(like)
	str := func(v bake.Value, theirs string) string {
		if v.Unknown {
			tally.unknown++
			return theirs
		}
		return v.Text
	}
	out := bakeTarget{
		Context: str(t.Context, theirs.Context), Dockerfile: str(t.Dockerfile, theirs.Dockerfile), Inline: str(t.Inline, theirs.Inline),
		Stage: str(t.Stage, theirs.Stage), Args: map[string]string{}, Contexts: map[string]string{}, Platforms: []string{},
	}
	for k, v := range t.Args {
		out.Args[k] = str(v, theirs.Args[k])
	}
	for k, v := range t.Contexts {
		if v.Text != "" || !v.Open { // one that a variable may add
			out.Contexts[k] = str(v, theirs.Contexts[k])
		}
	}
	for i, v := range t.Platforms {
		x := ""
		if i < len(theirs.Platforms) {
			x = theirs.Platforms[i]
		}
		out.Platforms = append(out.Platforms, str(v, x))
	}
	return out
}

// TestBakeOfProjects compares package bake with buildx for the bake files of the repositories below BAKE_PROJECTS, of
// which testdata/bake.tsv has a list.
func TestBakeOfProjects(t *testing.T) {
	root := os.Getenv("BAKE_PROJECTS")
	if root == "" {
		t.Skip("NO REAL BAKE FILES COMPARED: BAKE_PROJECTS names no folder of repositories; tools/testdata/bake.sh fetches them")
	}
	t.Setenv("BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP", "1")
	t.Setenv("BUILDX_BAKE_DISABLE_ENV_LOOKUP", "1")
	tally := &bakeTally{}
	err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "vendor" {
			return filepath.SkipDir
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return err
		}
		var main []bake.File
		var others []bake.File
		for _, e := range entries {
			if !bake.Like(e.Name()) || !e.Type().IsRegular() {
				continue
			}
			data, err := os.ReadFile(filepath.Join(name, e.Name()))
			if err != nil {
				return err
			}
			f := bake.File{Name: filepath.Join(name, e.Name()), Data: data}
			if bake.Named(e.Name()) {
				main = append(main, f)
			} else {
				others = append(others, f)
			}
		}
		main = inOrder(main)
		if len(main) > 0 {
			compareBake(t, name, main, nil, tally)
		}
		for _, f := range others {
			compareBake(t, f.Name, []bake.File{f}, nil, tally)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.Log(tally)
}

// inOrder are files in the order in which bake reads them.
func inOrder(files []bake.File) []bake.File {
	var out []bake.File
	for _, name := range bake.Find(func(string) bool { return true }) {
		for _, f := range files {
			if filepath.Base(f.Name) == name {
				out = append(out, f)
			}
		}
	}
	return out
}
