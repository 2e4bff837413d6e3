package ecosystem_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/ecosystem"
)

// elsewhere are the files and directories that hold the name of a manager as a string for another reason. A name may be
// in at most three files.
var elsewhere = map[string]string{
	"rules/packages/":                    "the name is part of a message of a rule that is about this manager",
	"rules/files/missing_copy_source.go": "names of files without an extension",
	"internal/container/needs.go":        "words that the text of a step is searched for",
	"internal/app/runtime.go":            "a key of go.mod",
	"internal/image/image.go":            "a key of the table of images",
	"internal/workspace/find.go":         "file name extensions",
	"internal/lifecycle/workplace.go":    "the beginning of a package's name",
	"rules/stages/headers_in_image.go":   "packages of distributions",
}

// TestNames fails for a string that is a manager's name, and for a comparison of a manager's name with a constant,
// outside package ecosystem. Code there has to ask a field instead.
func TestNames(t *testing.T) {
	known := map[string]bool{}
	for _, m := range ecosystem.Each() {
		known[m.Name] = true
		for _, alias := range m.Aliases {
			known[alias] = true
		}
	}
	files := map[string][]string{} // by name
	used := map[string]bool{}
	walk(t, func(name string, f *ast.File, at func(ast.Node) token.Position) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				text, err := strconv.Unquote(n.Value)
				if n.Kind != token.STRING || err != nil || !known[text] {
					return true
				}
				reason := ""
				for prefix := range elsewhere {
					if strings.HasPrefix(name, prefix) {
						reason, used[prefix] = prefix, true
					}
				}
				if reason == "" {
					t.Errorf("%s: %q names a package manager: ask a field of package ecosystem", at(n), text)
				}
				if !slices.Contains(files[text], name) {
					files[text] = append(files[text], name)
				}
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && (names(n.X) && constant(n.Y) || names(n.Y) && constant(n.X)) {
					t.Errorf("%s: compares the name of a package manager: ask a field of package ecosystem", at(n))
				}
			case *ast.SwitchStmt:
				if n.Tag != nil && names(n.Tag) {
					t.Errorf("%s: switches on the name of a package manager: ask a field of package ecosystem", at(n))
				}
			}
			return true
		})
	})
	for name, in := range files {
		if len(in) > 3 {
			t.Errorf("%q is in %d files: %s", name, len(in), strings.Join(in, ", "))
		}
	}
	for prefix := range elsewhere {
		if !used[prefix] {
			t.Errorf("%s holds no manager's name any more: remove it from the list", prefix)
		}
	}
}

// names reports whether e is the name of a manager or of a call's manager.
func names(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if s.Sel.Name == "Manager" {
		_, plain := s.X.(*ast.Ident)
		return plain
	}
	x, ok := s.X.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Name" && (x.Sel.Name == "Manager" || x.Sel.Name == "Project")
}

func constant(e ast.Expr) bool {
	_, ok := e.(*ast.BasicLit)
	return ok
}

// walk calls visit for the Go files of dockvet that are neither tests nor in this package or tools.
func walk(t *testing.T, visit func(name string, f *ast.File, at func(ast.Node) token.Position)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, full)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case d.IsDir() && (name == "tools" || name == "bin" || name == "testdata" || name == "internal/ecosystem" ||
			strings.HasPrefix(d.Name(), ".") && name != "."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		src, err := os.ReadFile(full)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(name, f, func(n ast.Node) token.Position { return set.Position(n.Pos()) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
