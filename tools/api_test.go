package tools_test

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "github.com/dockvet/dockvet"

var updateAPI = flag.Bool("update-api", false, "rewrite api.txt")

// public are the packages that other modules may import. All others are below internal/ or cmd/.
func public() []string {
	return []string{
		module, module + "/parser", module + "/plan", module + "/shell", module + "/shell/fault", module + "/buildcontext",
		module + "/lint", module + "/lint/lintcase", module + "/lint/linttest", module + "/rules", module + "/report",
	}
}

func load(t *testing.T) []*types.Package {
	t.Helper()
	mode := packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile
	found, err := packages.Load(&packages.Config{Mode: mode, Dir: ".."}, public()...)
	if err != nil {
		t.Fatal(err)
	}
	if n := packages.PrintErrors(found); n > 0 {
		t.Fatalf("%d errors", n)
	}
	var out []*types.Package
	for _, path := range public() {
		i := slices.IndexFunc(found, func(p *packages.Package) bool { return p.PkgPath == path })
		if i < 0 {
			t.Fatalf("no package %s", path)
		}
		out = append(out, found[i].Types)
	}
	return out
}

// TestPublicTypes checks that no exported signature, field or embedded type of a public package reaches a type that other modules
// cannot name.
func TestPublicTypes(t *testing.T) {
	for _, p := range load(t) {
		scope := p.Scope()
		for _, name := range scope.Names() {
			obj := scope.Lookup(name)
			if !obj.Exported() {
				continue
			}
			w := walker{t: t, from: p.Name() + "." + name, seen: map[types.Type]bool{}}
			w.walk(obj.Type())
			if tn, ok := obj.(*types.TypeName); ok {
				w.named(tn.Type())
			}
		}
	}
}

type walker struct {
	t    *testing.T
	from string
	seen map[types.Type]bool
}

// named walks the parts of a declared type: what it is made of, and its exported methods.
func (w *walker) named(typ types.Type) {
	n, ok := types.Unalias(typ).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || !strings.HasPrefix(n.Obj().Pkg().Path(), module) {
		return
	}
	w.walk(n.Underlying())
	for m := range n.Methods() {
		if m.Exported() {
			w.walk(m.Type())
		}
	}
}

// walk reports types below typ that other modules cannot name.
func (w *walker) walk(typ types.Type) {
	if w.seen[typ] {
		return
	}
	w.seen[typ] = true
	switch x := typ.(type) {
	case *types.Alias:
		w.name(x.Obj())
		w.walk(types.Unalias(x))
	case *types.Named:
		w.name(x.Obj())
		for arg := range x.TypeArgs().Types() {
			w.walk(arg)
		}
	case *types.Pointer:
		w.walk(x.Elem())
	case *types.Slice:
		w.walk(x.Elem())
	case *types.Array:
		w.walk(x.Elem())
	case *types.Chan:
		w.walk(x.Elem())
	case *types.Map:
		w.walk(x.Key())
		w.walk(x.Elem())
	case *types.Tuple:
		for v := range x.Variables() {
			w.walk(v.Type())
		}
	case *types.Signature:
		w.walk(x.Params())
		w.walk(x.Results())
	case *types.Struct:
		for f := range x.Fields() {
			if f.Exported() || f.Embedded() {
				w.walk(f.Type())
			}
		}
	case *types.Interface:
		for m := range x.Methods() {
			w.walk(m.Type())
		}
		for e := range x.EmbeddedTypes() {
			w.walk(e)
		}
	}
}

// name reports obj, the name of a type, if other modules cannot import its package.
func (w *walker) name(obj *types.TypeName) {
	if obj.Pkg() == nil {
		return
	}
	path := obj.Pkg().Path()
	own := path == module || strings.HasPrefix(path, module+"/")
	if own && !slices.Contains(public(), path) || slices.Contains(strings.Split(path, "/"), "internal") {
		w.t.Errorf("%s reaches %s.%s, which is not public", w.from, path, obj.Name())
	}
}

// listing is the exported API of a package, one identifier a line, sorted.
func listing(p *types.Package) []string {
	qualify := func(q *types.Package) string { return q.Name() }
	var out []string
	add := func(name, what string) { out = append(out, p.Name()+"."+name+" "+strings.ReplaceAll(what, "\n", " ")) }
	scope := p.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch x := obj.(type) {
		case *types.Const:
			add(name, "const "+types.TypeString(x.Type(), qualify)+" = "+x.Val().ExactString())
		case *types.Var:
			add(name, "var "+types.TypeString(x.Type(), qualify))
		case *types.Func:
			add(name, types.TypeString(x.Type(), qualify))
		case *types.TypeName:
			if x.IsAlias() {
				add(name, "= "+types.TypeString(types.Unalias(x.Type()), qualify))
				continue
			}
			named, ok := x.Type().(*types.Named)
			if !ok {
				continue
			}
			for m := range named.Methods() {
				if m.Exported() {
					add(name+"."+m.Name(), types.TypeString(m.Type(), qualify))
				}
			}
			s, ok := named.Underlying().(*types.Struct)
			if !ok {
				add(name, "type "+types.TypeString(named.Underlying(), qualify))
				continue
			}
			add(name, "type struct"+strings.TrimPrefix(types.TypeString(named, qualify), p.Name()+"."+name))
			for f := range s.Fields() {
				if f.Exported() {
					add(name+"."+f.Name(), "field "+types.TypeString(f.Type(), qualify))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestAPI checks that api.txt lists the exported API as it is, and that CHANGELOG.md mentions each change to it: its section
// Unreleased has a line for each package, with the digest of the package's lines in api.txt. Whoever changes the API must change
// that line, and finds in it what it says about the package so far.
func TestAPI(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	digests := map[string]string{}
	for _, p := range load(t) {
		lines := listing(p)
		sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
		digests[p.Name()] = hex.EncodeToString(sum[:4])
		all = append(all, lines...)
	}
	text := strings.Join(all, "\n") + "\n"
	name := filepath.Join(root, "api.txt")
	if *updateAPI {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	recorded, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(recorded) != text {
		t.Errorf("api.txt is out of date: run `go -C tools test . -run TestAPI -update-api`\n%s", changed(string(recorded), text))
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, unreleased, _ := strings.Cut(string(changelog), "\n## Unreleased\n")
	unreleased, _, _ = strings.Cut(unreleased, "\n## ")
	for _, p := range public() {
		pkg := p[strings.LastIndex(p, "/")+1:]
		entry := regexp.MustCompile("(?m)^- `" + pkg + "` \\(API " + digests[pkg] + "\\): \\S")
		if !entry.MatchString(unreleased) {
			t.Errorf("the API of package %s changed: say how in CHANGELOG.md, below Unreleased, in the line that begins with\n- `%s` (API %s): ",
				pkg, pkg, digests[pkg])
		}
	}
}

// changed are the lines of a and b that the other does not have.
func changed(a, b string) string {
	var out strings.Builder
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for _, line := range x {
		if !slices.Contains(y, line) {
			fmt.Fprintf(&out, "-%s\n", line)
		}
	}
	for _, line := range y {
		if !slices.Contains(x, line) {
			fmt.Fprintf(&out, "+%s\n", line)
		}
	}
	return out.String()
}
