package reorder_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/reorder"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestIgnorableByContent(t *testing.T) {
	names := []string{"README.md", "part/README.md", "docs/README.md", "stuff/a", "stuff/b"}
	const whole = "FROM a\nCOPY . /app\n"
	for _, c := range []struct {
		name, src, file, text string
		want                  []string
	}{
		{"nobody reads it", whole, "a.js", "// see the README for more", []string{"README.md", "part/README.md"}},
		{"an import", whole, "a.js", "import text from './README.md'", nil},
		{"a pattern", whole, "a.go", "//go:embed *.md", nil},
		{"several kinds", whole, "a.js", "glob('docs/*.{txt,md}')", nil},
		{"a package", whole, "pyproject.toml", "[build-system]\n[project]\nreadme = \"README.md\"\n", nil},
		{"an application", whole, "pyproject.toml", "[project]\nreadme = \"README.md\"\n", []string{"README.md", "part/README.md"}},
		{
			"an application that is installed",
			whole + "RUN pip install .\n", "pyproject.toml", "[project]\nreadme = \"README.md\"\n", nil,
		},
		{"another Dockerfile", whole, "Dockerfile.dev", "FROM a\nCOPY README.md /", nil},
		{"the ignore file names it", whole, ".dockerignore", "!README.md", []string{"part/README.md"}},
		{"a step names it", whole + "RUN cat README.md\n", "a.js", "", nil},
		{"a generator of pages", whole, "SUMMARY.md", "", []string{"part/README.md"}},
		{"what the next step removes", whole + "RUN rm -rf /app/stuff\n", "a.go", "*.md", []string{"stuff"}},
		{"what another step does first", whole + "RUN x\nRUN rm -rf /app/stuff\n", "a.go", "*.md", nil},
		{"what is also copied elsewhere", whole + "RUN rm -rf /app/stuff\nCOPY . /all\n", "a.go", "*.md", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := fstest.MapFS{"part/package.json": {Data: []byte("{}")}, c.file: {Data: []byte(c.text)}}
			for _, name := range names {
				fsys[name] = &fstest.MapFile{}
			}
			ctx, err := buildcontext.New(fsys, "Dockerfile")
			if err != nil {
				t.Fatal(err)
			}
			p := plan.New(parser.Parse("Dockerfile", []byte(c.src)), plan.Options{})
			if diff := cmp.Diff(c.want, reorder.Ignorable(p, ctx, names)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
