package image_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/plan"
)

func of(t *testing.T, s string) image.Image {
	t.Helper()
	r, err := plan.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return image.Of(r)
}

const digest = "@sha256:0000000000000000000000000000000000000000000000000000000000000001"

func TestTable(t *testing.T) {
	src, err := os.ReadFile("images.txt")
	if err != nil {
		t.Fatal(err)
	}
	cycles, err := os.ReadFile("cycles.txt")
	if err != nil {
		t.Fatal(err)
	}
	const names, yes = `[\w.+-]+(,[\w.+-]+)*`, `yes`
	keys := []string{
		"kind", "family", "sh", "libc", "glibc", "user", "drops", "spare", "ids", "home", "port", "entry", "workdir", "sets", "apt", "as", "lacks", "ships",
		"dlopen", "web", "kit", "slim", "flavours", "carries", "jre", "runtime", "version", "cycle", "release", "suites", "system", "releases",
		"idle", "locales", "makes", "arm", "blocks", "yearly", "tied",
	}
	vocabulary := map[string]string{
		"kind": `system|base`, "family": `debian|alpine|fedora|busybox`, "sh": `dash|ash|bash`, "libc": `glibc|musl|none`,
		"glibc": `\d+|[\d.]+:\d+(,[\d.]+:\d+)*`, "user": `[\w-]+|\d+`, "drops": yes, "spare": `[\w-]+|\$APP_UID`, "ids": `\d+:\d+`, "home": `/[\w/-]+`,
		"port": `\d+|none`, "entry": `script|none`, "workdir": `/[\w/-]*`, "sets": `none|[A-Z_]*\*?(,[A-Z_]*\*?)*`, "apt": `clean`,
		"as": `debian|alpine|scratch`, "lacks": names, "ships": names, "dlopen": yes, "web": yes, "kit": `[a-z]+`,
		"slim":     `([a-z-]+:)?(\{(version|VERSION|MAJOR|system|SYSTEM|flavour)\}|slim|alpine|jre|curl)(-(\{(version|system|SYSTEM|flavour)\}|slim|alpine|jre|curl))*`,
		"flavours": names, "carries": `toolchain|jdk|phpize`, "jre": `tag|name`, "runtime": `python|golang|elixir|ruby|rust|php|node|java|dotnet-sdk|dotnet-runtime`,
		"version": `jdk|python`, "cycle": `[a-z-]+`, "release": `[a-z]+:[a-z0-9.]+`, "suites": `[a-z-]+(,[a-z-]+)*`, "system": `tag|name|last`, "releases": `none`,
		"idle": yes, "locales": `none`, "makes": `programs|modules`, "arm": `no`, "blocks": `[a-z]+`, "yearly": `[a-z]+`, "tied": `ROS`,
	}
	condition := regexp.MustCompile(`^([a-z]+|\d+|<[\d.]+|[\d.]+\+)$`)
	last, header := "", map[string]bool{}
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			if f := strings.Fields(line); len(f) > 1 {
				header[f[1]] = true
			}
			continue
		}
		f := strings.Split(line, " ")
		if f[0] <= last {
			t.Errorf("%s: not sorted, or there twice", f[0])
		}
		last = f[0]
		r, err := plan.ParseRef(strings.Replace(f[0], "*", "x", 1))
		if err != nil || r.Name() != strings.Replace(f[0], "*", "x", 1) || r.Tag != "" || strings.Contains(strings.TrimSuffix(f[0], "*"), "*") {
			t.Errorf("%s: not the name of an image: %v", f[0], err)
		}
		at := 0
		seen := map[string]bool{}
		for _, fact := range f[1:] {
			left, value, ok := strings.Cut(fact, "=")
			key, when, conditional := strings.Cut(left, "@")
			switch pattern := vocabulary[key]; {
			case !ok || pattern == "":
				t.Errorf("%s: %s: no such fact", f[0], fact)
			case value != "-" && !regexp.MustCompile(`^(`+pattern+`)$`).MatchString(value):
				t.Errorf("%s: %s: not in the vocabulary", f[0], fact)
			case value == "-" && !conditional, conditional && !condition.MatchString(when):
				t.Errorf("%s: %s: a condition that is not known", f[0], fact)
			case seen[left], !conditional && seen[key], conditional && seen[key]:
				t.Errorf("%s: %s: cannot be reached", f[0], fact)
			case !header[key]:
				t.Errorf("%s: %s: the header does not say what it means", f[0], fact)
			case key == "cycle" && !strings.Contains(string(cycles), "\n= "+value+" "):
				t.Errorf("%s: %s: no product of cycles.txt", f[0], fact)
			}
			seen[left] = true
			if k := slices.Index(keys, key); k < at {
				t.Errorf("%s: %s: not in the order of the header", f[0], fact)
			} else {
				at = k
			}
		}
	}
}

func TestUser(t *testing.T) {
	for _, c := range []struct {
		ref, user string
		known     bool
		drops     bool
	}{
		{"python:3.9", "root", true, false},
		{"python:3.9" + digest, "root", true, false},
		{"public.ecr.aws/docker/library/node:22-slim", "root", true, false},
		{"python:3.9-nanoserver", "", false, false},
		{"postgres:17", "root", true, true},
		{"nginx", "root", true, true},
		{"php:8.4-cli", "root", true, false},
		{"php:8.4-fpm-alpine", "root", true, true},
		{"solr:9", "solr", true, false},
		{"nginxinc/nginx-unprivileged:1.29", "101", true, false},
		{"cimg/go:1.25", "circleci", true, false},
		{"gcr.io/distroless/static", "root", true, false},
		{"gcr.io/distroless/static:nonroot", "nonroot", true, false},
		{"gcr.io/distroless/static" + digest, "", false, false},
		{"mcr.microsoft.com/dotnet/aspnet:9.0", "root", true, false},
		{"mcr.microsoft.com/dotnet/core/sdk:3.1", "root", true, false},
		{"mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled", "app", true, false},
		{"mcr.microsoft.com/dotnet/monitor:9", "", false, false},
		{"mcr.microsoft.com/powershell", "", false, false},
		{"haproxy:3.2", "", false, false},
		{"registry.example/python:3.9", "", false, false},
		{"someone/python:3.9", "", false, false},
	} {
		i := of(t, c.ref)
		if user, known := i.User(); user != c.user || known != c.known || i.DropsRoot() != c.drops {
			t.Errorf("%s: %q, %v, drops root %v; want %+v", c.ref, user, known, i.DropsRoot(), c)
		}
	}
}

func TestSpareUser(t *testing.T) {
	for ref, want := range map[string][2]string{
		"node:24": {"node", "/home/node"}, "php:8.4": {"www-data", ""}, "python:3.14": {}, "gcr.io/distroless/static": {"nonroot", ""},
		"mcr.microsoft.com/dotnet/aspnet:9.0": {"$APP_UID", ""}, "mcr.microsoft.com/dotnet/aspnet:6.0": {}, "mcr.microsoft.com/dotnet/sdk": {"$APP_UID", ""},
		"mcr.microsoft.com/dotnet/sdk" + digest: {},
	} {
		i := of(t, ref)
		if got := [2]string{i.SpareUser(), i.Home(i.SpareUser())}; got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

func TestPort(t *testing.T) {
	for ref, want := range map[string]int{
		"nginx:1.29": 80, "nginxinc/nginx-unprivileged": 8080, "python:3.14": 0, "gcr.io/distroless/base": 0, "postgres:17": -1, "someone/python": -1,
	} {
		port, known := of(t, ref).Port()
		if !known {
			port = -1
		}
		if port != want {
			t.Errorf("%s: %d, want %d", ref, port, want)
		}
	}
}

func TestSets(t *testing.T) {
	for _, c := range []struct {
		ref, variable string
		sets, known   bool
	}{
		{"golang:1.27", "GOPATH", true, true},
		{"golang:1.27", "GOFLAGS", false, false},
		{"golang:1.27", "HOME", false, true},
		{"tomcat:11", "JAVA_HOME", true, true},
		{"tomcat:11", "X", false, false},
		{"debian:13", "X", false, true},
		{"someone/thing", "X", false, false},
		{"mcr.microsoft.com/dotnet/aspnet:9.0", "APP_UID", true, true},
		{"mcr.microsoft.com/dotnet/aspnet:6.0", "APP_UID", false, false},
	} {
		if sets, known := of(t, c.ref).Sets(c.variable); sets != c.sets || known != c.known {
			t.Errorf("%s sets %s: %v, %v; want %+v", c.ref, c.variable, sets, known, c)
		}
	}
}

func TestFamily(t *testing.T) {
	for ref, want := range map[string]string{
		"python:3.14": "debian", "python:3.14-alpine": "alpine", "ubuntu": "debian", "debian" + digest: "debian", "python" + digest: "",
		"eclipse-temurin:21-ubi9-minimal": "fedora", "someone/app:1-bookworm": "debian", "someone/app:1": "", "rockylinux:9": "fedora",
	} {
		if got := of(t, ref).Family(); got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

func TestKit(t *testing.T) {
	for ref, want := range map[string]string{"golang:1.27": "go", "swift:6.2": "swift", "swift:6.2-slim": "", "python:3.14": ""} {
		if got := of(t, ref).Kit(); got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}
