package tools_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestCompose compares package compose with compose-go's loader, for the projects in testdata/compose and those in
// the directory COMPOSE_PROJECTS. Both must see the same services, or both must fail.
func TestCompose(t *testing.T) {
	entries, err := os.ReadDir("testdata/compose")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			dir := filepath.Join("testdata/compose", e.Name())
			if verdict := compareCompose(t, "testdata/compose", dir); (verdict == refused) != strings.HasPrefix(e.Name(), "wrong-") {
				t.Errorf("%v", verdict)
			}
		})
	}
}

// TestComposeOfProjects is TestCompose over real projects.
func TestComposeOfProjects(t *testing.T) {
	root := os.Getenv("COMPOSE_PROJECTS")
	if root == "" {
		t.Skip("NO REAL COMPOSE FILES COMPARED: COMPOSE_PROJECTS names no folder of projects")
	}
	projects, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	count := map[verdict]int{}
	for _, p := range projects {
		repo := filepath.Join(root, p.Name())
		err := filepath.WalkDir(repo, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if d.Name() == "node_modules" || d.Name() == ".git" {
				return fs.SkipDir
			}
			if len(composeFiles(name)) > 0 {
				count[compareCompose(t, repo, name)]++
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	t.Logf("projects with compose files: %d equal, %d refused by both, %d with variables that only the shell knows", count[equal], count[refused], count[open])
}

type verdict string

const (
	equal   verdict = "equal"
	refused verdict = "refused by both"
	open    verdict = "open"
	differ  verdict = "different"
)

func composeFiles(dir string) []string {
	return compose.Find(func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err == nil && info.Mode().IsRegular()
	})
}

// compareCompose compares how both read the compose files of dir, which is in root.
func compareCompose(t *testing.T, root, dir string) verdict {
	t.Helper()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		t.Fatal(err)
	}
	details := types.ConfigDetails{WorkingDir: dir, Environment: types.Mapping{}}
	var files []string
	for _, name := range composeFiles(dir) {
		files = append(files, path.Join(filepath.ToSlash(rel), name))
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: filepath.Join(dir, name)})
	}
	if _, err := os.Stat(filepath.Join(dir, ".env")); err == nil {
		env, err := dotenv.GetEnvFromFile(map[string]string{}, []string{filepath.Join(dir, ".env")})
		if err != nil {
			t.Logf("%s: compose-go: %v", dir, err)
		}
		details.Environment = env
	}
	got, ourErr := compose.Load(os.DirFS(root), files, nil)
	model, theirErr := loader.LoadModelWithContext(context.Background(), details, func(o *loader.Options) {
		o.SetProjectName("x", true)
		o.SkipValidation = true // what we do not read may be invalid
		o.SkipConsistencyCheck = true
	})
	var project *types.Project
	if theirErr == nil {
		project = &types.Project{Environment: details.Environment}
		theirErr = loader.Transform(model, project)
	}
	switch {
	case ourErr != nil && theirErr != nil:
		return refused
	case ourErr != nil:
		t.Errorf("%s: we refuse what compose-go reads: %v", dir, ourErr)
		return differ
	case theirErr != nil && strings.Contains(theirErr.Error(), "required variable"):
		return open
	case theirErr != nil:
		t.Errorf("%s: we read what compose-go refuses: %v", dir, theirErr)
		return differ
	}
	if with, err := project.WithServicesEnvironmentResolved(false); err == nil {
		project = with
	} else if !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "not found") {
		t.Errorf("%s: compose-go: %v", dir, err)
	}
	var names, want []string
	for _, s := range got.Services {
		names = append(names, s.Name)
	}
	for name := range project.Services {
		want = append(want, name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, names, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: services (-compose-go +ours)\n%s", dir, diff)
		return differ
	}
	result := equal
	for _, ours := range got.Services {
		theirs := project.Services[ours.Name]
		a, b := ofTheirs(root, theirs), ofOurs(ours)
		if ours.EnvironmentOpen {
			a.Environment, b.Environment = nil, nil
			result = open
		}
		for key, v := range ours.Environment {
			if !v.Known && a.Environment != nil {
				delete(a.Environment, key)
				result = open
			}
		}
		if ours.Build == nil && a.Build != nil {
			a.Build, result = nil, open
		}
		if ours.Build != nil && a.Build != nil {
			for key, v := range ours.Build.Args {
				if !v.Known {
					delete(a.Build.Args, key)
				}
			}
			if !ours.Build.Target.Known {
				a.Build.Target = ""
			}
		}
		if diff := cmp.Diff(a, b, cmpopts.EquateEmpty()); diff != "" {
			if !variables(dir) {
				t.Errorf("%s: service %s (-compose-go +ours)\n%s", dir, ours.Name, diff)
				return differ
			}
			t.Logf("%s: service %s, in a file with variables (-compose-go +ours)\n%s", dir, ours.Name, diff)
			result = open
		}
	}
	return result
}

// variables reports whether the compose files of dir contain variables. compose-go treats an unset variable as empty,
// we treat it as unknown.
func variables(dir string) bool {
	if strings.Contains(dir, "testdata") {
		return false
	}
	for _, name := range composeFiles(dir) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && strings.Contains(string(data), "$") {
			return true
		}
	}
	return false
}

// service is what is compared of a service.
type service struct {
	Build       *build
	Ports       []string
	Expose      []string
	Environment map[string]string
	Command     []string
	Entrypoint  []string
	User        string
	Volumes     []string
	Test        []string
	Disabled    bool
	Profiles    []string
	HostNetwork bool
}

type build struct {
	Context, Dockerfile, Inline, Target string
	Args, Contexts                      map[string]string
}

func ofOurs(s compose.Service) service {
	out := service{
		Environment: map[string]string{}, Command: s.Command, Entrypoint: s.Entrypoint, User: s.User, Test: s.Healthcheck.Test,
		Disabled: s.Healthcheck.Disabled, Profiles: s.Profiles, HostNetwork: s.HostNetwork,
	}
	for key, v := range s.Environment {
		if v.Known {
			out.Environment[key] = v.Text
		}
	}
	for _, p := range s.Ports {
		out.Ports = append(out.Ports, p.Published+":"+strconv.Itoa(p.Container)+"/"+p.Protocol)
	}
	for _, p := range s.Expose {
		out.Expose = append(out.Expose, strconv.Itoa(p.Container)+"/"+p.Protocol)
	}
	for _, v := range s.Volumes {
		out.Volumes = append(out.Volumes, strconv.FormatBool(v.Bind)+" "+v.Source+" "+v.Target)
	}
	if b := s.Build; b != nil {
		out.Build = &build{b.Context, b.Dockerfile, b.Inline, b.Target.Text, map[string]string{}, b.Contexts}
		for key, v := range b.Args {
			if v.Known {
				out.Build.Args[key] = v.Text
			}
		}
	}
	out.sort()
	return out
}

// inside is name as a path relative to root.
func inside(root, name string) string {
	if !filepath.IsAbs(name) {
		return name
	}
	if rel, err := filepath.Rel(root, name); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(name, home+"/") {
		return "~" + name[len(home):]
	}
	return path.Clean(name)
}

func ofTheirs(root string, s types.ServiceConfig) service {
	out := service{
		Environment: map[string]string{}, Command: s.Command, Entrypoint: s.Entrypoint, User: s.User, Profiles: s.Profiles,
		HostNetwork: s.NetworkMode == "host",
	}
	for key, v := range s.Environment {
		if v != nil {
			out.Environment[key] = *v
		}
	}
	for _, p := range s.Ports {
		out.Ports = append(out.Ports, p.Published+":"+strconv.Itoa(int(p.Target))+"/"+p.Protocol)
	}
	for _, e := range s.Expose {
		ports, err := types.ParsePortConfig(e)
		if err != nil {
			continue
		}
		for _, p := range ports {
			out.Expose = append(out.Expose, strconv.Itoa(int(p.Target))+"/"+p.Protocol)
		}
	}
	for _, v := range s.Volumes {
		source := v.Source
		if v.Type == types.VolumeTypeBind {
			source = inside(root, source)
		}
		out.Volumes = append(out.Volumes, strconv.FormatBool(v.Type == types.VolumeTypeBind)+" "+source+" "+v.Target)
	}
	if h := s.HealthCheck; h != nil {
		out.Test, out.Disabled = h.Test, h.Disable
		if len(h.Test) > 0 && h.Test[0] == "NONE" {
			out.Test, out.Disabled = nil, true
		}
	}
	if b := s.Build; b != nil {
		out.Build = &build{inside(root, b.Context), b.Dockerfile, b.DockerfileInline, b.Target, map[string]string{}, map[string]string{}}
		if b.DockerfileInline != "" {
			out.Build.Dockerfile = ""
		} else if !filepath.IsAbs(b.Dockerfile) && !strings.Contains(out.Build.Context, "://") && !strings.HasPrefix(out.Build.Context, "git@") {
			out.Build.Dockerfile = path.Join(out.Build.Context, b.Dockerfile)
		}
		for key, v := range b.Args {
			if v != nil {
				out.Build.Args[key] = *v
			}
		}
		for key, v := range b.AdditionalContexts {
			out.Build.Contexts[key] = inside(root, v)
		}
	}
	out.sort()
	return out
}

func (s *service) sort() {
	for _, list := range [][]string{s.Ports, s.Expose, s.Volumes, s.Profiles} {
		slices.Sort(list)
	}
}
