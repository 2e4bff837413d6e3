package rules_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

// TestListed holds that each rule declared in a directory of rules is in All, in the directory of its category and in a
// file of its name.
func TestListed(t *testing.T) {
	listed := map[string]bool{}
	aliases := map[string]string{}
	for _, r := range rules.All() {
		if listed[r.Name] {
			t.Errorf("%s is listed twice", r.Name)
		}
		listed[r.Name] = true
		wording(t, r.Summary)
		if r.Summary == "" || r.Since == "" {
			t.Errorf("%s lacks a summary or an edition", r.Name)
		}
		for _, a := range r.Aliases {
			if other := aliases[a]; other != "" {
				t.Errorf("alias %s belongs to %s and %s", a, other, r.Name)
			}
			aliases[a] = r.Name
		}
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || !strings.Contains(path, string(filepath.Separator)) {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Rule" {
				return true
			}
			for _, e := range lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok || fmt.Sprint(kv.Key) != "Name" {
					continue
				}
				value, ok := kv.Value.(*ast.BasicLit)
				if !ok {
					continue // the engine's rules take their names from lint
				}
				name := strings.Trim(value.Value, `"`)
				if !listed[name] {
					t.Errorf("%s: rule %s is not in rules.All", path, name)
				}
				if stem := strings.TrimSuffix(filepath.Base(path), ".go"); stem != strings.ReplaceAll(name, "-", "_") {
					t.Errorf("%s: rule %s belongs in a file of its name", path, name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSorted checks that All has each category in one piece, in the order that lint declares them, and its rules by
// name.
func TestSorted(t *testing.T) {
	order := lint.Categories()
	all := rules.All()
	for i, r := range all {
		if i == 0 {
			continue
		}
		a, b := all[i-1], r
		x, y := slices.Index(order, a.Category), slices.Index(order, b.Category)
		if x > y || x == y && a.Name >= b.Name {
			t.Errorf("%s/%s is listed after %s/%s", b.Category, b.Name, a.Category, a.Name)
		}
	}
}

// TestRetired holds that no rule has a code that is retired, and that each has its words.
func TestRetired(t *testing.T) {
	index := lint.NewIndex(rules.All())
	for _, r := range rules.Retired() {
		if index[r.Code] != nil || lint.Tool(r.Code) == "" {
			t.Errorf("%+v: a rule has it, or it says too little", r)
		}
		wording(t, r.What)
	}
}

var politeness = regexp.MustCompile(`(?i)\b(please don't|illegal|simply|just|obviously)\b`)

func wording(t *testing.T, text string) {
	t.Helper()
	if text == "" {
		return
	}
	if text[0] >= 'A' && text[0] <= 'Z' && (len(text) < 2 || text[1] >= 'a' && text[1] <= 'z') && !strings.HasPrefix(text, "Python ") {
		first, _, _ := strings.Cut(text, " ")
		if !properNoun[strings.Trim(first, "',:")] {
			t.Errorf("%q does not begin in lower case", text)
		}
	}
	if strings.HasSuffix(text, ".") {
		t.Errorf("%q ends in a full stop", text)
	}
	if m := politeness.FindString(text); m != "" {
		t.Errorf("%q says %q", text, m)
	}
}

// properNoun are names that keep their capital at the start of a message.
var properNoun = map[string]bool{
	"ShellCheck": true, "Flask": true, "Django": true, "Python": true, "Debian": true, "Ubuntu": true, "Alpine": true, "Docker": true, "BuildKit": true,
	"Node": true, "Express": true, "Windows": true, "Linux": true, "Kubernetes": true, "Compose": true, "Go": true, "Ruby": true, "Rails": true,
	"FastAPI": true, "Vite": true, "Werkzeug": true, "Next.js": true, "Spring": true, "Maven": true, "Gradle": true, "Java": true, "Git": true,
	"Podman": true, "Bundler": true, "Composer": true, "Poetry": true, "Yarn": true, "Cargo": true, "Rust": true, "Nodemon": true, "NuGet": true, "Bun": true,
	"Puma": true, "Gunicorn": true, "Uvicorn": true, "Fastify": true, "Koa": true, "Laravel": true, "Phoenix": true, "Hugo": true, "Webpack": true, "Amazon": true, "Apache": true, "AlmaLinux": true, "Azul": true, "CentOS": true, "Eclipse": true, "Elasticsearch": true, "Elixir": true, "Erlang/OTP": true, "Fedora": true, "MariaDB": true, "Memcached": true, "Microsoft": true, "MongoDB": true, "Node.js": true, "Oracle": true, "Perl": true, "PostgreSQL": true, "Red": true, "Redis": true, "Rocky": true, "Tomcat": true, "Traefik": true, "Valkey": true,
}
