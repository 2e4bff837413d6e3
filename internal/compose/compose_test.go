package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dockvet/dockvet/lint"
)

func load(files map[string]string, env map[string]string) (*Project, error) {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Load(fsys, []string{"compose.yaml"}, env)
}

// TestErrors checks that errors say where they are.
func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"services:\n  a:\n    build: [x]\n":                       "compose.yaml:3:12: `build` is a list, not a mapping",
		"services:\n  a:\n    ports:\n      - 80:x\n":             "compose.yaml:4:9: `80:x` is not a port",
		"services:\n  a: {extends: b}\n  b: {extends: a}\n":       "compose.yaml:2:16: service `a` extends itself",
		"services:\n  a: {extends: {file: b.yml, service: x}}\n":  "compose.yaml:2:23: cannot read `b.yml`: file does not exist",
		"services:\n  a: {extends: {file: ../b.yml, service: x}}": "compose.yaml:2:23: `../b.yml` is outside the repository",
		"include: [compose.yaml]\n":                               "compose.yaml:1:11: `compose.yaml` includes itself",
		"services:\n  a:\n    build: ${\n":                        "compose.yaml:3:12: `${` is not a variable",
		"services:\n  a: &a\n    ports: [*a]\n":                   "compose.yaml:3:",
		"services:\n\ta: b\n":                                     "compose.yaml:2: found character that cannot start any token",
		"services:\n  a: {}\n  a: {}\n":                           "compose.yaml:3:3: `a` is defined twice",
		"x":                                                       "compose.yaml:1:1: expected a mapping here",
	} {
		_, err := load(map[string]string{"compose.yaml": text}, nil)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%q: %T", text, err)
		}
	}
}

// TestHostile checks that no file takes long.
func TestHostile(t *testing.T) {
	bomb := "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
	merges := "m0: &m0 {a: 1}\n"
	env := "A0=0123456789\n"
	for i := 1; i < 20; i++ {
		bomb += fmt.Sprintf("x%d: &x%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*x%d, ", i-1), 10))
		merges += fmt.Sprintf("m%d: &m%d {<<: [%s], k%d: 1}\n", i, i, strings.Repeat(fmt.Sprintf("*m%d, ", i-1), 10), i)
		env += fmt.Sprintf("A%d=$A%d$A%d$A%d$A%d\n", i, i-1, i-1, i-1, i-1)
	}
	var chain, many strings.Builder
	chain.WriteString("services:\n")
	many.WriteString("x: &b {environment: {")
	for i := range 20_000 {
		fmt.Fprintf(&chain, "  s%d: {extends: s%d, ports: [%d]}\n", i, i+1, i+1)
		fmt.Fprintf(&many, "K%d: 1, ", i)
	}
	many.WriteString("}}\nservices:\n")
	for i := range 5_000 {
		fmt.Fprintf(&many, "  s%d: {<<: *b}\n", i)
	}
	for name, files := range map[string]map[string]string{
		"aliases":       {"compose.yaml": bomb + "services: {a: {ports: *x19}}\n"},
		"merge keys":    {"compose.yaml": merges + "services: {a: {environment: *m19}}\n"},
		"own alias":     {"compose.yaml": "services:\n  a: &a\n    environment: {<<: *a}\n    volumes: [*a]\n"},
		"nesting":       {"compose.yaml": "services: {a: {ports: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + "}}\n"},
		"deep nesting":  {"compose.yaml": "services: {a: {ports: " + strings.Repeat("[", 300_000)},
		"indents":       {"compose.yaml": "services:\n" + indents()},
		"size":          {"compose.yaml": "services:\n" + strings.Repeat("#", 10<<20)},
		"chain":         {"compose.yaml": chain.String()},
		"many":          {"compose.yaml": many.String()},
		"variables":     {"compose.yaml": "services: {a: {user: $A19, build: x}}\n", ".env": env},
		"defaults":      {"compose.yaml": "services: {a: {user: '" + strings.Repeat("${A:-", 100_000) + strings.Repeat("}", 100_000) + "'}}\n"},
		"ranges":        {"compose.yaml": "services: {a: {ports: [" + strings.Repeat("1-65535, ", 50_000) + "]}}\n"},
		"binary":        {"compose.yaml": "services: {a: {user: \"\\0\"}}\x00\xff"},
		"env directory": {"compose.yaml": "services: {a: {env_file: dir}}\n", "dir/x": ""},
	} {
		start := time.Now()
		_, err := load(files, nil)
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s: %v", name, d)
		}
		var place *Error
		if !errors.As(err, &place) || place.File == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func indents() string {
	var b strings.Builder
	for i := range 1300 {
		b.WriteString(strings.Repeat(" ", i+1) + "a:\n")
	}
	return b.String() + strings.Repeat(" ", 2000) + "b: [\n"
}

// TestManyBuilds checks that builds are told apart in linear time, and that not all of very many are described.
func TestManyBuilds(t *testing.T) {
	var text strings.Builder
	text.WriteString("services:\n")
	const n = 5000
	for i := range n {
		fmt.Fprintf(&text, "  a%d: {build: {context: ., args: {A: '%d'}}}\n  b%d: {build: {context: ., args: {A: '%d'}}}\n", i, i, i, i)
	}
	p, err := load(map[string]string{"compose.yaml": text.String()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	usages := p.Usages()
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("took %v", d)
	}
	if len(usages) != n || len(usages[0].Services) != 2 {
		t.Errorf("%d builds, the first of %d services", len(usages), len(usages[0].Services))
	}
	d, more := p.Describe("compose.yaml", func(Usage, *lint.Declaration) lint.Build { return lint.Build{} })
	if len(d.Builds) != maxDescribed || more != 2*n-maxDescribed {
		t.Errorf("%d builds are described, and %d more", len(d.Builds), more)
	}
}

// TestUnknown checks that what only the shell knows is not Known.
func TestUnknown(t *testing.T) {
	p, err := load(map[string]string{"compose.yaml": `
services:
  a:
    build: {context: ., target: $TARGET, args: {A: $B, C: "${D:-d}", E: , F: "${G:?}"}}
    ports: ["$PORT:80", "1:$PORT", "${H:-2}:90"]
    environment: [X, Y=$Z, HOST=h]
    env_file: absent.env
    volumes: ["$DIR:/app", "$DIR"]
  b: {build: $DIR}
`}, map[string]string{"HOST": "other"})
	if err != nil {
		t.Fatal(err)
	}
	a := p.Services[0]
	if a.Build.Target.Known || a.Build.Args["A"].Known || a.Build.Args["F"].Known || a.Build.Args["C"].Text != "d" || len(a.Build.Args) != 3 {
		t.Errorf("build %+v", a.Build)
	}
	if len(a.Ports) != 2 || a.Ports[0].Container != 80 || a.Ports[0].Published != "" || a.Ports[1].Published != "2" {
		t.Errorf("ports %+v", a.Ports)
	}
	if x, ok := a.Environment["X"]; !ok || x.Known || a.Environment["Y"].Known || a.Environment["HOST"].Text != "h" || !a.EnvironmentOpen {
		t.Errorf("environment %+v", a.Environment)
	}
	if len(a.Volumes) != 0 || p.Services[1].Build != nil {
		t.Errorf("%+v", p.Services)
	}
}

func TestFind(t *testing.T) {
	for have, want := range map[string]string{
		"docker-compose.yaml docker-compose.yml compose.override.yml": "docker-compose.yml compose.override.yml",
		"compose.yml compose.yaml docker-compose.override.yaml":       "compose.yaml docker-compose.override.yaml",
		"compose.override.yml docker-compose.prod.yml":                "",
	} {
		if got := Find(func(name string) bool { return slices.Contains(strings.Fields(have), name) }); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("Find(%s) = %v", have, got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("services: {a: {<<: &a {build: .}, ports: ['80-81:80-81/udp', *a]}}", "A=1\nB='x'\n")
	f.Fuzz(func(_ *testing.T, text, env string) {
		fsys := fstest.MapFS{"compose.yaml": {Data: []byte(text)}, ".env": {Data: []byte(env)}, "d": {Mode: fs.ModeDir}}
		_, _ = Load(fsys, []string{"compose.yaml"}, nil)
	})
}
