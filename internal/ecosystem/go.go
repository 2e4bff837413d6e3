package ecosystem

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// golang is the go command. Sources: https://pkg.go.dev/cmd/go, https://go.dev/ref/mod.
var golang = Manager{
	Name: "go", Title: "Go", Family: Go, Language: LanguageGo,
	Command: Command{
		Verbs: Verbs{Sync: "build test run generate vet", Install: "install get"},
		Valued: []string{
			"-o", "-ldflags", "-tags", "-gcflags", "-mod", "-C", "-p", "-asmflags", "-buildmode", "-modfile", "-overlay",
			"-pkgdir", "-toolexec", "-pgo", "-installsuffix", "-coverpkg", "-covermode",
		},
		Version: "@", DirFlags: []string{"-C"}, InDir: []string{"-C"},
		FromManifest: func(c Call) bool {
			return len(c.Packages) == 0 || slices.ContainsFunc(c.Packages, func(p string) bool {
				return strings.HasPrefix(p, ".")
			})
		},
	},
	Parts: []*Manager{{
		Name: "go mod", Title: "Go", Family: Go, Language: LanguageGo,
		Command: Command{Verbs: Verbs{Sync: "download tidy vendor"}},
		Project: &goProject, Lock: &goLock,
		Build: &Build{
			Needs: func(c Call, pkg bool, members int) string {
				if c.Verb == "download" {
					return ""
				}
				return compilesApplication(c, pkg, members)
			},
			Prefetch: "go mod download", Fetches: "download",
			VendorFlag: "-mod", VendorValue: "vendor", VendorEnv: "GOFLAGS", VendorFile: "vendor/modules.txt",
		},
		Caches: []*Cache{&goModules},
	}},
	Project: &goProject, Lock: &goLock,
	Build: &Build{
		Compiles: true, Needs: compilesApplication, Prefetch: "go mod download", Verbs: "build", ElsewhereFlag: "-o",
		VendorFlag: "-mod", VendorValue: "vendor", VendorEnv: "GOFLAGS", VendorFile: "vendor/modules.txt",
		Starts: "run", Kit: "the Go toolchain", KitVerbs: "build install", Tool: "@",
	},
	Caches: []*Cache{&goModules, {
		Title: "`go build`", Dirs: []string{"~/.cache/go-build"}, Env: []string{"GOCACHE"},
		Moves: []string{"XDG_CACHE_HOME"}, Compiled: true,
	}},
	Origin: &Origin{Images: []string{"golang"}, Packages: []string{"golang", "golang-go", "go"}},
}

// goProject, goLock and goModules are the same for `go` and `go mod`.
var (
	goProject = Project{
		Name: "go", Manifests: []string{"go.mod"}, Beside: []string{"go.work", "go.work.sum"}, Products: []string{"vendor"},
		Roots: []Mark{{File: "go.work"}}, RootFiles: []string{"go.work"},
		Read: func(f *Files) {
			for _, m := range goWorkUse.Get().FindAllStringSubmatch(f.Text("go.work"), maxMembers) {
				for dir := range strings.FieldsSeq(m[1]) {
					f.Member(strings.Trim(dir, `"`), "go.mod")
					f.Member(strings.Trim(dir, `"`), "go.sum")
				}
			}
			if goReplace.Get().MatchString(f.Text("go.mod")) {
				f.Sources = "a `replace` in `go.mod` names a directory"
			}
		},
		Direct: func(m Manifest) int {
			if goReplace.Get().MatchString(m.Text) || m.Has("vendor/modules.txt") || m.Has("go.work") {
				return 0 // these may do without checksums
			}
			return len(goRequire.Get().FindAllString(m.Text, -1))
		},
	}
	goLock = Lock{
		Files: []string{"go.sum"}, Write: "go mod tidy", Verbs: "build install run test vet", Needed: []Need{{}},
		MadeBy:  []string{"go mod", "go get", "mod=", "go.sum", "GOFLAGS", "GONOSUM", "GONOSUMCHECK", "GO111MODULE=off", "go work"},
		Missing: "Go rejects modules whose checksums are not in `go.sum`",
	}
	goModules = Cache{
		Title: "Go", Image: "golang", Dirs: []string{"/go/pkg/mod"}, Mistaken: []string{"~/go/pkg/mod", "~/go/pkg"},
		Env: []string{"GOMODCACHE"}, Moves: []string{"GOPATH"}, Store: true,
	}
)

func compilesApplication(Call, bool, int) string { return "the command compiles the application" }

var (
	goWorkUse = lazy.Regexp{Expr: `(?m)^use\s+\(?([^()\n]+(?:\n[^()]*)?)`}
	goRequire = lazy.Regexp{Expr: `(?m)^(?:require)?\s+[\w.-]+\.[\w./~-]+\s+v\d\S*`}
	goReplace = lazy.Regexp{Expr: `=>\s+\.{1,2}/`}
)
