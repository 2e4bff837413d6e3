package ecosystem

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// golang is the go command. Sources: https://pkg.go.dev/cmd/go, https://go.dev/ref/mod.
func golang() *Manager {
	modules := &Cache{
		Title: "Go", Image: "golang", Dirs: []string{"/go/pkg/mod"}, Mistaken: []string{"~/go/pkg/mod", "~/go/pkg"},
		Env: []string{"GOMODCACHE"}, Moves: []string{"GOPATH"},
	}
	project := &Project{
		Name: "go", Manifests: []string{"go.mod"}, Beside: []string{"go.work", "go.work.sum"}, Products: []string{"vendor"},
		Roots: []Mark{{File: "go.work"}}, RootFiles: []string{"go.work"},
		Read: func(f *Files) {
			for _, m := range goWorkUse().FindAllStringSubmatch(f.Text("go.work"), maxMembers) {
				for dir := range strings.FieldsSeq(m[1]) {
					f.Member(strings.Trim(dir, `"`), "go.mod")
					f.Member(strings.Trim(dir, `"`), "go.sum")
				}
			}
			if goReplace().MatchString(f.Text("go.mod")) {
				f.Sources = "a `replace` in `go.mod` names a directory"
			}
		},
	}
	lock := &Lock{Files: []string{"go.sum"}, Missing: "Go rejects modules whose checksums are not in `go.sum`"}
	vendored := Build{
		VendorFlag: "-mod", VendorValue: "vendor", VendorEnv: "GOFLAGS", VendorFile: "vendor/modules.txt",
	}
	build, mod := vendored, vendored
	build.Compiles, build.Verbs, build.Starts = true, "build", "run"
	build.Needs = compilesApplication
	build.Prefetch = "go mod download"
	build.ElsewhereFlag = "-o"
	build.Kit, build.KitVerbs, build.Tool = "the Go toolchain", "build install", "@"
	mod.Needs = func(c Call, pkg bool, members int) string {
		if c.Verb == "download" {
			return ""
		}
		return compilesApplication(c, pkg, members)
	}
	return &Manager{
		Name: "go", Title: "Go", Family: Go, Language: LanguageGo,
		Command: Command{
			Verbs:   Verbs{Sync: "build test run generate vet", Install: "install get"},
			Valued:  []string{"-o", "-ldflags", "-tags", "-gcflags", "-mod", "-C", "-p", "-asmflags", "-buildmode"},
			Version: "@", DirFlags: []string{"-C"}, InDir: []string{"-C"},
			FromManifest: func(c Call) bool {
				return len(c.Packages) == 0 || slices.ContainsFunc(c.Packages, func(p string) bool {
					return strings.HasPrefix(p,
						".")
				})
			},
		},
		Parts: []*Manager{{
			Name: "go mod", Title: "Go", Family: Go, Language: LanguageGo,
			Command: Command{Verbs: Verbs{Sync: "download tidy vendor"}},
			Project: project, Lock: lock, Build: &mod, Caches: []*Cache{modules},
		}},
		Project: project, Lock: lock, Build: &build,
		Caches: []*Cache{modules, {
			Title: "`go build`", Dirs: []string{"~/.cache/go-build"}, Env: []string{"GOCACHE"},
			Moves: []string{"XDG_CACHE_HOME"},
		}},
		Origin: &Origin{Images: []string{"golang"}, Packages: []string{"golang", "golang-go", "go"}},
	}
}

func compilesApplication(Call, bool, int) string { return "the command compiles the application" }

var (
	goWorkUse = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^use\s+\(?([^()\n]+(?:\n[^()]*)?)`)
	})
	goReplace = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`=>\s+\.{1,2}/`) })
)
