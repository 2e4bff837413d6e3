package ecosystem_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/ecosystem"
)

// TestTable checks what every manager has to say, and that no two have the same name.
func TestTable(t *testing.T) {
	seen := map[string]string{}
	for _, m := range ecosystem.Each() {
		for _, name := range append([]string{m.Name}, m.Aliases...) {
			if other, ok := seen[name]; ok {
				t.Errorf("%s: %q is also a name of %s", m.Name, name, other)
			}
			seen[name] = m.Name
			if got := ecosystem.Of(name); got != m {
				t.Errorf("Of(%q) is not %s", name, m.Name)
			}
		}
		if m.Family == "" {
			t.Errorf("%s has no family", m.Name)
		}
		if m.Project != nil && (m.Project.Name == "" || len(m.Project.Manifests) == 0) {
			t.Errorf("%s: a project needs a name and manifests", m.Name)
		}
		if m.Lock != nil && (len(m.Lock.Files) == 0 || m.Project == nil) {
			t.Errorf("%s: a lock needs files and a project", m.Name)
		}
		for s := m.Strict; s != nil; s = s.Modern {
			if m.Lock == nil || s.Why == "" || s.Write == "" {
				t.Errorf("%s: Strict needs a lock, and has to say why and what to write", m.Name)
			}
		}
		if p := m.Production; p != nil && (m.Project == nil || m.Project.Development == nil || p.Write == "") {
			t.Errorf("%s: Production needs Project.Development, and has to say what to write", m.Name)
		}
		if m.Prompt != nil && (m.Prompt.Verbs == "" || m.Prompt.Flag == "") {
			t.Errorf("%s: a prompt needs verbs and the flag that answers", m.Name)
		}
		for _, o := range m.Outputs {
			if o.Name == "" || !o.Ignored && !o.Litter {
				t.Errorf("%s: output %q is for nothing", m.Name, o.Name)
			}
		}
		for _, part := range m.Parts {
			if !strings.HasPrefix(part.Name, m.Name+" ") {
				t.Errorf("part %q does not begin with %q", part.Name, m.Name)
			}
		}
	}
}

// TestOf looks managers up by what a script may call them.
func TestOf(t *testing.T) {
	for name, want := range map[string]string{
		"pip": "pip", "pip3": "pip", "pip3.12": "pip", "pipx": "pipx", "mvnw": "mvn", "uv pip": "uv pip", "npm": "npm",
		"npm2":     "",
		"pipeline": "", "": "", "3": "",
	} {
		got := ""
		if m := ecosystem.Of(name); m != nil {
			got = m.Name
		}
		if got != want {
			t.Errorf("Of(%q) is %q, want %q", name, got, want)
		}
	}
}

// TestData fails for a variable whose value takes code at start-up: one that calls a function or makes a map. Only what
// is found out from all managers is an exception.
func TestData(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, name := range names {
		if name == "ecosystem.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
				ast.Inspect(d, func(n ast.Node) bool {
					switch n.(type) {
					case *ast.FuncLit:
						return false
					case *ast.CallExpr, *ast.MapType:
						t.Errorf("%s: takes code at start-up", set.Position(n.Pos()))
					}
					return true
				})
			}
		}
	}
}
