package workspace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/lint"
)

// tree writes files below a directory, which is a repository, and opens it.
func tree(t *testing.T, files map[string]string) *Workspace {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	w := New(Config{
		Root: root, Files: disk.New(root), Keep: true, Rules: []*lint.Rule{{Name: "a-rule", Severity: lint.Warning}},
		Now: func() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) },
	}, Options{})
	for name, text := range files {
		write(t, w, name, text)
	}
	return w
}

// write writes a file without telling the workspace.
func write(t *testing.T, w *Workspace, name, text string) {
	t.Helper()
	name = w.Abs(filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, w *Workspace, name string) *Dockerfile {
	t.Helper()
	d, err := w.Load(Target{Path: name, Name: filepath.FromSlash(name)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// read reads a file of the build context, as a rule does.
func read(t *testing.T, d *Dockerfile, name string) string {
	t.Helper()
	if d.Builds[0].Context == nil {
		t.Fatalf("%s: no build context; errors %v", d.Path, d.Errs)
	}
	data, err := d.Builds[0].Context.Read(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// TestInvalidate checks that a change forgets each Dockerfile that depends on it, and no other. The Dockerfiles have
// been linted by a rule that reads package.json and looks for scripts.
func TestInvalidate(t *testing.T) {
	all := []string{"app/Dockerfile", "composed/Dockerfile", "other/Dockerfile"}
	for _, c := range []struct {
		change    string
		forgotten []string
	}{
		{"app/Dockerfile", all[:1]},
		{"app/Dockerfile.dockerignore", all[:1]},
		{"app/.dockerignore", all[:1]},
		{"app/package.json", all},      // its scripts may build any of them
		{"app/main.js", all[:1]},       // the directory was listed
		{"composed/package.json", all}, // in the context that the compose file says
		{"app/build.sh", all},
		{"composed/compose.yaml", all}, // it may build any of them
		{"composed/args.env", all},
		{"composed/compose.override.yaml", all}, // would count if it came
		{"composed/docs/a.md", nil},
		{"app", all},
		{"unrelated/a.txt", nil},
		{"README.md", nil},
		{"compose.yaml", all}, // would count for all
		{"pnpm-workspace.yaml", []string{all[0], all[2]}},
		{".git", all},
	} {
		t.Run(c.change, func(t *testing.T) {
			w := tree(t, map[string]string{
				"app/Dockerfile": "FROM a\nCOPY package.json .\n", "app/package.json": "{}", "app/main.js": "",
				"composed/Dockerfile": "FROM a\nARG A\n", "composed/package.json": "{}",
				"composed/args.env": "B=1\n", "composed/docs/a.md": "",
				"composed/compose.yaml": "services: {a: {build: {context: ., args: {A: 1}}, env_file: args.env}}\n",
				"other/Dockerfile":      "FROM a\nCOPY package.json .\n", "other/package.json": "{}",
			})
			before := map[string]*Dockerfile{}
			for _, name := range all {
				before[name] = load(t, w, name)
				read(t, before[name], "package.json")
				_ = before[name].Builds[0].Context.Glob("*.js")
				if load(t, w, name) != before[name] {
					t.Errorf("%s is loaded again without a change", name)
				}
			}
			w.Invalidate(filepath.FromSlash(c.change))
			var forgotten []string
			for _, name := range all {
				if load(t, w, name) != before[name] {
					forgotten = append(forgotten, name)
				}
			}
			if !slices.Equal(forgotten, c.forgotten) {
				t.Errorf("forgotten %v, want %v", forgotten, c.forgotten)
			}
		})
	}
}

// TestInvalidateSeesChanges checks that what is loaded after a change is as if the change had always been there.
func TestInvalidateSeesChanges(t *testing.T) {
	w := tree(t, map[string]string{"app/Dockerfile": "FROM a\nARG A=1\nFROM b\n"})
	if d := load(t, w, "app/Dockerfile"); d.Builds[0].Dir != "" || d.Builds[0].Place() != "" {
		t.Errorf("without a sign there is a build context: %+v", d.Builds[0])
	}
	write(t, w, "app/go.mod", "module a\n")
	w.Invalidate("app/go.mod")
	if d := load(t, w, "app/Dockerfile"); d.Builds[0].Dir != "app" {
		t.Errorf("the build context is %q", d.Builds[0].Dir)
	}
	write(t, w, "compose.yaml", "services:\n  web:\n"+
		"    build: {context: ., dockerfile: app/Dockerfile, args: {A: 2}}\n    ports: [80]\n")
	w.Invalidate("compose.yaml")
	b := load(t, w, "app/Dockerfile").Builds[0]
	if b.Dir != "." || b.Place() != "compose.yaml:3" || b.Options.Args["A"] != "2" {
		t.Errorf("the build is %+v", b)
	}
	if len(b.Services) != 1 || b.Services[0].Name != "web" {
		t.Errorf("the services are %+v", b.Services)
	}
	write(t, w, "compose.yaml", "services: [")
	w.Invalidate("compose.yaml")
	d := load(t, w, "app/Dockerfile")
	if len(d.Notes) != 1 || !strings.HasPrefix(d.Notes[0].Error(), "compose.yaml:1:") {
		t.Errorf("notes %v", d.Notes)
	}
	if err := os.Remove(w.Abs("compose.yaml")); err != nil {
		t.Fatal(err)
	}
	w.Invalidate("compose.yaml")
	if d = load(t, w, "app/Dockerfile"); d.Builds[0].Dir != "app" || len(d.Notes) > 0 {
		t.Errorf("the build is %+v, notes %v", d.Builds[0], d.Notes)
	}
}

// TestUnsaved checks that unsaved text is used for a Dockerfile, a file of its context, an ignore file, a compose file
// and a configuration, also for files that do not exist, until it is dropped.
func TestUnsaved(t *testing.T) {
	w := tree(t, map[string]string{"app/Dockerfile": "FROM a\n", "app/package.json": "saved", "sub/x": ""})
	d := load(t, w, "app/Dockerfile")
	if got := read(t, d, "package.json"); got != "saved" {
		t.Errorf("package.json is %q", got)
	}
	overlays := map[string]string{
		"app/Dockerfile": "FROM b\n", "app/package.json": "unsaved", "app/new.js": "new",
		".dockvet.yaml": "rules: {a-rule: error}\n",
	}
	for name, text := range overlays {
		w.SetOverlay(name, text)
	}
	again := load(t, w, "app/Dockerfile")
	if string(again.File.Bytes) != "FROM b\n" {
		t.Errorf("Dockerfile %q", again.File.Bytes)
	}
	if a, b := read(t, again, "package.json"), read(t, again, "new.js"); a != "unsaved" || b != "new" {
		t.Errorf("package.json %q, new.js %q", a, b)
	}
	if got := again.Builds[0].Context.Glob("*.js"); !slices.Equal(got, []string{"new.js"}) {
		t.Errorf("the context has %v", got)
	}
	if s := settings(t, w, "app/Dockerfile").Rules["a-rule"].Severity; s == nil || *s != lint.Error {
		t.Errorf("severity %v", s)
	}
	w.SetOverlay("app/.dockerignore", "package.json\n")
	if again = load(t, w, "app/Dockerfile"); read(t, again, "package.json") != "" {
		t.Error("an unsaved .dockerignore has no effect")
	}
	w.SetOverlay("compose.yaml", "services: {a: {build: {context: app}}}\n")
	if again = load(t, w, "app/Dockerfile"); again.Builds[0].Place() != "compose.yaml:1" {
		t.Errorf("the build is described at %q", again.Builds[0].Place())
	}
	names := func() (names []string) {
		targets, errs := w.Find([]string{"."})
		for _, t := range targets {
			names = append(names, fmt.Sprint(t.Name, t.Describes))
		}
		for _, err := range errs {
			names = append(names, err.Error())
		}
		return names
	}
	if got, want := names(), []string{filepath.FromSlash("app/Dockerfile") + "false", "compose.yamltrue"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	w.SetOverlay("sub/Dockerfile", "FROM c\n")
	if got := names(); len(got) != 3 {
		t.Errorf("found %v", got)
	}
	overlays["app/.dockerignore"], overlays["compose.yaml"] = "", ""
	for name := range overlays {
		w.DropOverlay(name)
	}
	again = load(t, w, "app/Dockerfile")
	b := again.Builds[0]
	if string(again.File.Bytes) != "FROM a\n" || read(t, again, "package.json") != "saved" || b.Place() != "" ||
		b.Context.Has("new.js") {
		t.Error("dropped text is still there")
	}
	if s := settings(t, w, "app/Dockerfile"); s.Rules["a-rule"].Severity != nil {
		t.Errorf("settings %+v", s.Rules)
	}
}

func settings(t *testing.T, w *Workspace, name string) Settings {
	t.Helper()
	s, err := w.Settings(Target{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestForgetSettings checks that a change of a configuration forgets the settings that come from it, and no others.
func TestForgetSettings(t *testing.T) {
	names := []string{"a/Dockerfile", "b/Dockerfile"}
	for _, c := range []struct {
		change    string
		forgotten []string
	}{
		{"a/.dockvet.yaml", names[:1]},
		{"base.yaml", names[:1]},
		{"b/.dockvet.yaml", names[1:]}, // came
		{"b/.hadolint.yaml", nil},      // came, and the .dockvet.yaml above still wins
		{".dockvet.yaml", names[1:]},
		{"a/main.go", nil},
		{"a", names[:1]},
	} {
		t.Run(c.change, func(t *testing.T) {
			w := tree(t, map[string]string{
				"a/.dockvet.yaml": "extends: [../base.yaml]\n", "base.yaml": "profile: strict\n",
				".dockvet.yaml": "profile: minimal\n",
			})
			before := map[string]*config.Effective{}
			for _, name := range names {
				before[name] = settings(t, w, name).Effective
			}
			if strings.HasPrefix(c.change, "b/") {
				write(t, w, c.change, "")
			}
			w.Invalidate(filepath.FromSlash(c.change))
			var forgotten []string
			for _, name := range names {
				if settings(t, w, name).Effective != before[name] {
					forgotten = append(forgotten, name)
				}
			}
			if !slices.Equal(forgotten, c.forgotten) {
				t.Errorf("forgotten %v, want %v", forgotten, c.forgotten)
			}
		})
	}
}

// noFiles is a file system that the workspace must not touch.
type noFiles struct{ t *testing.T }

func (n noFiles) fail(name string) error { n.t.Errorf("%s is read", name); return fs.ErrNotExist }

func (n noFiles) Trust(string)                               {}
func (n noFiles) Forget()                                    {}
func (n noFiles) OpenFrom(_, name string) (fs.File, error)   { return nil, n.fail(name) }
func (n noFiles) Open(name string) (fs.File, error)          { return nil, n.fail(name) }
func (n noFiles) Stat(name string) (fs.FileInfo, error)      { return nil, n.fail(name) }
func (n noFiles) Lstat(name string) (fs.FileInfo, error)     { return nil, n.fail(name) }
func (n noFiles) ReadDir(name string) ([]fs.DirEntry, error) { return nil, n.fail(name) }
func (n noFiles) Resolve(name string) (string, error)        { return "", n.fail(name) }
func (n noFiles) Sub(dir string) fs.FS                       { _ = n.fail(dir); return nil }

// TestInjected checks that standard input and the clock are those that were given, and that the options come before the
// repository.
func TestInjected(t *testing.T) {
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	var seen time.Time
	rule := &lint.Rule{Name: "day", Check: lint.OnFile(func(p *lint.Pass) { seen = p.Now })}
	w := New(Config{
		Root: string(filepath.Separator) + "nowhere", Files: noFiles{t}, Stdin: strings.NewReader("FROM a AS b\n"),
		NoConfig: true, Rules: []*lint.Rule{rule}, Now: func() time.Time { return day },
	}, Options{NoContext: true, Target: "c"})
	target := Target{Path: "-"}
	d, err := w.Load(target)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"-: no stage is called `c`; the nearest is `b`"}, texts(d.Errs)); diff != "" {
		t.Error(diff)
	}
	s, err := w.Settings(target)
	if err != nil {
		t.Fatal(err)
	}
	s.Linter.Lint(d.Builds[0].Lint())
	if !seen.Equal(day) {
		t.Errorf("the day is %v", seen)
	}
	if again, err := w.Load(target); err != nil || string(again.File.Bytes) != "FROM a AS b\n" {
		t.Errorf("standard input is read twice: %v, error %v", again, err)
	}
}

func texts(errs []error) (out []string) {
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

// TestNoProcess checks that neither the working directory nor the environment has a say.
func TestNoProcess(t *testing.T) {
	w := tree(t, map[string]string{
		"app/Dockerfile": "FROM a\nCOPY x .\n", "app/x": "", "bad/Dockerfile": "FROM a\n", "bad/go.mod": "",
	})
	t.Chdir(t.TempDir())
	if d := load(t, w, "app/Dockerfile"); d.Builds[0].Dir != "app" || d.Builds[0].Context == nil {
		t.Errorf("the build is %+v", d.Builds[0])
	}
	targets, errs := w.Find([]string{"app"})
	if len(targets) != 1 || targets[0].Path != "app/Dockerfile" || len(errs) > 0 {
		t.Errorf("found %v, errors %v", targets, errs)
	}
	if s, err := w.See("app"); err != nil || s.Dir != "app" || s.Path != "app/Dockerfile" || len(s.Copies()) != 1 {
		t.Errorf("sight %+v, error %v", s, err)
	}
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	write(t, w, "bad/.dockerignore/x", "")
	got := texts(load(t, w, "bad/Dockerfile").Errs)
	if len(got) != 1 || !strings.HasPrefix(got[0], "bad/Dockerfile: checked without a build context: in bad: ") {
		t.Errorf("errors %v", got)
	}
	_, err := w.Load(Target{Path: "absent", Name: "absent"})
	if err == nil || err.Error() != "cannot read absent: no such file or directory" {
		t.Errorf("error %v", err)
	}
}

func TestBuildArgs(t *testing.T) {
	env := func(name string) (string, bool) { return "from " + name, name == "SET" }
	got := BuildArgs([]string{"A=1", "B=", "SET", "ABSENT", "C=x=y"}, env)
	if diff := cmp.Diff(map[string]string{"A": "1", "B": "", "SET": "from SET", "C": "x=y"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadList(t *testing.T) {
	for text, want := range map[string][]string{
		"a\nb c\r\n\n": {"a", "b c"}, "a\nb\x00c": {"a\nb", "c"}, "": nil,
	} {
		if got, err := ReadList(strings.NewReader(text)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, error %v", text, got, err)
		}
	}
	if _, err := ReadList(failing{}); err == nil {
		t.Error("no error")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestAbove checks that the context is assumed above the Dockerfile if everything that is copied is there, and only there.
func TestAbove(t *testing.T) {
	for _, c := range []struct{ what, name, source, want string }{
		{"all is in one directory above", "a/docker/Dockerfile", "FROM x\nCOPY go.mod main.go ./\n", "a"},
		{"a manifest beside it is of something else", "a/web/Dockerfile", "FROM x\nCOPY main.go ./\n", "a"},
		{"it is beside it as well", "a/web/Dockerfile", "FROM x\nCOPY package.json ./\n", "a/web"},
		{"a part is nowhere", "a/docker/Dockerfile", "FROM x\nCOPY main.go gone ./\n", ""},
		{"two directories have it", "a/docker/Dockerfile", "FROM x\nCOPY LICENSE ./\n", ""},
		{"a readme says nothing", "a/docker/Dockerfile", "FROM x\nCOPY README.md ./\n", ""},
		{"what is vendored", "a/vendor/y/Dockerfile", "FROM x\nCOPY main.go ./\n", ""},
		{"nothing has a plain name", "a/docker/Dockerfile", "FROM x\nCOPY . ./\nCOPY --from=y main.go /\nCOPY $F *.go /\n", ""},
		{"all of the repository", "Dockerfile", "FROM x\nCOPY . .\nCOPY --from=y main.go /\n", "."},
		{"a part of the repository that is not there", "Dockerfile", "FROM x\nCOPY main.go /\nCOPY . .\n", ""},
		{"nothing of the repository", "Dockerfile", "FROM x\nCOPY *.go /\n", ""},
		{"Quarkus", "q/src/main/docker/Dockerfile.jvm", "FROM x\nCOPY target/lib /\n", "q"},
	} {
		w := tree(t, map[string]string{
			".git/HEAD": "", "a/go.mod": "", "a/main.go": "", "a/web/package.json": "{}", "a/LICENSE": "", "LICENSE": "", "a/README.md": "", "q/pom.xml": "",
			c.name: c.source,
		})
		if b := load(t, w, c.name).Builds[0]; filepath.ToSlash(b.Dir) != c.want || b.Assumed != (c.want != "") {
			t.Errorf("%s: %q, because %s; want %q", c.what, b.Dir, b.Reason, c.want)
		}
	}
}

// TestComposeOfAnyName checks compose files with other names than the default ones: without one of these, beside one, and in
// directories that are not above the Dockerfile.
func TestComposeOfAnyName(t *testing.T) {
	files := map[string]string{
		".git/HEAD": "", "Dockerfile": "FROM a AS dev\nFROM a AS prod\nARG A\n", "web/Dockerfile": "FROM a\n",
		"deploy/docker-compose.yml":       "services:\n  app: {build: ..}\n",
		"docker-compose.prod.yml":         "services:\n  app:\n    build: {context: ., target: prod, args: {A: 1}}\n  x: {build: {context: $CTX}}\n",
		"web/compose.yaml":                "services:\n  web: {build: {context: ., target: none}}\n  api: {build: {context: .., target: dev}}\n",
		"web/compose.ci.yaml":             "services:\n  api: {build: {args: {A: 2}}}\n",
		"web/compose.broken.yaml":         "services: [build]\n",
		"node_modules/docker-compose.yml": "services: {a: {build: {context: .., args: {A: 9}}}}\n",
	}
	w := tree(t, files)
	var got []string
	for _, b := range load(t, w, "Dockerfile").Builds {
		got = append(got, fmt.Sprintf("%s %s %s %v %d", b.Place(), b.Dir, b.Options.Target, b.Options.Args, len(b.Services)))
	}
	want := []string{
		"docker-compose.prod.yml:3 . prod map[A:1] 1",
		"web/compose.ci.yaml:2 . dev map[A:2] 1",
		"deploy/docker-compose.yml:2 .  map[] 1",
		"web/compose.yaml:3 . dev map[] 1",
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestCalls checks builds that several files describe together: workflows that call others, and commands that give bake what
// its file leaves open.
func TestCalls(t *testing.T) {
	w := tree(t, map[string]string{
		".git/HEAD": "", "Dockerfile": "ARG V\nARG W\nFROM a\n", "web/Dockerfile": "FROM a\n",
		".github/workflows/a.yml":          "jobs: {x: {uses: ./.github/workflows/image.yml, with: {dir: web}}}\n",
		".github/workflows/image.yml":      "on: {workflow_call: {inputs: {dir: {type: string}}}}\njobs: {x: {steps: [{uses: ./.github/actions/image, with: {dir: \"${{ inputs.dir }}\"}}]}}\n",
		".github/workflows/z.yml":          "env: {V: ci}\njobs: {x: {steps: [{uses: docker/bake-action@v6}, {run: W=2 docker buildx bake --var V=3 }]}}\n",
		".github/actions/image/action.yml": "inputs: {dir: {}}\nruns: {using: composite, steps: [{run: 'docker build ${{ inputs.dir }}', shell: sh}]}\n",
		"docker-bake.hcl":                  "variable \"V\" { default = \"1\" }\nvariable \"W\" { default = \"1\" }\ntarget \"default\" { args = { V = V, W = W } }\n",
	})
	for name, want := range map[string][]string{
		"Dockerfile": {
			"docker-bake.hcl:3 . map[V:1 W:1]", "docker-bake.hcl:3 . map[V:3 W:2]", "docker-bake.hcl:3 . map[V:ci W:1]",
		},
		"web/Dockerfile": {".github/workflows/a.yml:1 web map[]"},
	} {
		var got []string
		for _, b := range load(t, w, name).Builds {
			got = append(got, fmt.Sprintf("%s %s %v", b.Place(), filepath.ToSlash(b.Dir), b.Options.Args))
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestUndeclaredArguments checks arguments that CI and scripts pass and no ARG declares: not those of compose and bake files, which are
// reported there, of a matrix that builds several Dockerfiles, or with an unknown name. An option among them is none either.
func TestUndeclaredArguments(t *testing.T) {
	w := tree(t, map[string]string{
		".git/HEAD": "", "Dockerfile": "FROM a\nARG V\n", "a/Dockerfile": "FROM a\nARG A\n", "b/Dockerfile": "FROM a\n",
		"compose.yaml": "services: {x: {build: {context: ., args: {C: 1}}}}\n",
		"build.sh":     "docker build --build-arg V=1 --build-arg \"$X=1\" \\\n  --build-arg TOKEN .\n",
		".github/workflows/a.yml": "jobs:\n  x:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: .\n" +
			"          build-args: |\n            COMMIT=${{ github.sha }}\n            V=1\n            --secret id=x,env=X\n",
		".github/workflows/z.yml": "jobs:\n  x:\n    strategy: {matrix: {dir: [a, b]}}\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n" +
			"          context: ${{ matrix.dir }}\n          build-args: A=1\n",
	})
	for name, want := range map[string][]string{"Dockerfile": {"--secret id .github/workflows/a.yml:4", "COMMIT .github/workflows/a.yml:4", "TOKEN build.sh:1"}, "a/Dockerfile": nil, "b/Dockerfile": nil} {
		var got []string
		for _, b := range load(t, w, name).Builds {
			for _, a := range b.Lint().Undeclared {
				got = append(got, fmt.Sprintf("%s %s:%d", a.Name, a.File, a.Line))
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestOldDescriptions checks descriptions whose context does not have what the Dockerfile copies.
func TestOldDescriptions(t *testing.T) {
	w := tree(t, map[string]string{
		".git/HEAD": "", "a/go.mod": "", "a/main.go": "", "b/c": "",
		"a/docker/Dockerfile": "FROM x\nCOPY go.mod main.go ./\n", "a/docker/Makefile": "x:\n\tdocker build .\n",
		"b/d/Dockerfile": "FROM x\nCOPY c ./\n", "b/d/build.sh": "docker build .\ndocker build -f Dockerfile ..\n",
		"e/Dockerfile": "FROM x AS first\nCOPY c ./\nFROM x\nCOPY d ./\n", "e/build.sh": "docker build --target first .\n",
		"f/Dockerfile": "FROM x\nCOPY main.go ./\n", "f/build.sh": "cp ../a/main.go . && docker build .\n",
		"a/g/Dockerfile": "FROM x\nCOPY main.go ./\n", "a/g/compose.yaml": "services: {x: {build: .}}\n",
		"a/h/Dockerfile": "FROM x AS first\nCOPY h ./\nFROM x\nCOPY main.go ./\n", "a/h/h": "", "a/h/build.sh": "docker build --target first .\n",
	})
	for name, want := range map[string][]string{
		"a/docker/Dockerfile": {"a  true"}, "b/d/Dockerfile": {"b  false"}, "e/Dockerfile": {"e first false", "e  true"}, "f/Dockerfile": {"f  false"},
		"a/g/Dockerfile": {"a/g  false"}, "a/h/Dockerfile": {"a/h first false", "a/h  true"},
	} {
		var got []string
		for _, b := range load(t, w, name).Builds {
			got = append(got, fmt.Sprintf("%s %s %v", filepath.ToSlash(b.Dir), b.Options.Target, b.Assumed))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestLeaves checks that stages with a name and a command that nothing needs are builds of their own, unless somebody says which
// builds there are.
func TestLeaves(t *testing.T) {
	const text = "FROM a AS base\nCMD x\nFROM base AS worker\nCMD x\nFROM a AS tools\nRUN x\nFROM a\nCMD x\n" +
		"FROM base AS twice\nCMD x\nFROM a AS twice\nENTRYPOINT x\nFROM base AS web\nCMD x\n"
	files := map[string]string{
		".git/HEAD": "", "Dockerfile": text, "described/Dockerfile": text, "configured/Dockerfile": text,
		"described/build.sh":       "podman build --format docker --target worker described\n",
		"configured/.dockvet.yaml": "builds: [{dockerfile: Dockerfile, context: ., target: base}]\n",
	}
	w := tree(t, files)
	for name, want := range map[string][]string{
		"Dockerfile": {"", "worker", "twice"}, "described/Dockerfile": {"worker buildah", " buildah", "twice buildah"}, "configured/Dockerfile": {"base"},
	} {
		if _, err := w.Settings(Target{Name: name, Path: name}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range load(t, w, name).Builds {
			text := b.Options.Target
			if b.Builder != "" && b.DockerFormat {
				text += " " + string(b.Builder)
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
