package buildcontext_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/buildcontext"
)

// TestSelection holds what is judged by name to what Take finds in the directory.
func TestSelection(t *testing.T) {
	fsys := fstest.MapFS{}
	for _, name := range []string{
		"a.txt", "b.md", "docs/a.md", "docs/deep/b.md", "docs/deep/c.txt", "src/main.go", "src/pkg/one.go", "src/pkg/one_test.go",
		"web/app/package.json", "web/lib/package.json", "web/package.json", "docs2/x",
	} {
		fsys[name] = &fstest.MapFile{}
	}
	for _, ignore := range []string{"", "*.md\ndocs/deep\n!docs/deep/c.txt\n", "**/*_test.go\nweb/lib\n", "*\n!src\n"} {
		if ignore != "" {
			fsys[".dockerignore"] = &fstest.MapFile{Data: []byte(ignore)}
		}
		c, err := buildcontext.New(fsys, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, how := range []buildcontext.How{{}, {Exclude: []string{"**/*.md"}}, {Parents: true}} {
			for _, source := range []string{
				".", "docs", "docs/", "/docs/deep", "*.txt", "*/*.go", "web/*/package.json", "nothing", "**/*.go", "src/./pkg", "d*", "[ab].*", "../src",
			} {
				var want, got []string
				for _, f := range c.Take(source, how).Files {
					want = append(want, f.Name)
				}
				s, ok := c.Selection(source, how)
				if !ok {
					t.Fatalf("%s is not a pattern", source)
				}
				for name := range fsys {
					if s.Takes(name) {
						got = append(got, name)
					}
				}
				slices.Sort(got)
				slices.Sort(want)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%q with %+v, ignoring %q: (-Take +Selection)\n%s", source, how, ignore, diff)
				}
			}
		}
	}
}
