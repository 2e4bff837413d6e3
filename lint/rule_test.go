package lint_test

import (
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

func TestInsertAbove(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"first", "CMD x\n", "USER a\nCMD x\n"},
		{"close", "FROM a\nCMD x\n", "FROM a\nUSER a\nCMD x\n"},
		{"apart", "FROM a\n\nCMD x\n", "FROM a\n\nUSER a\n\nCMD x\n"},
		{"below a comment", "FROM a\n\n# why\nCMD x\n", "FROM a\n\nUSER a\n\n# why\nCMD x\n"},
		{"another comment", "FROM a\n# FROM\n\n# why\nCMD x\n", "FROM a\n# FROM\n\nUSER a\n\n# why\nCMD x\n"},
		{"CRLF", "FROM a\r\n\r\nCMD x\r\n", "FROM a\r\n\r\nUSER a\r\n\r\nCMD x\r\n"},
	} {
		f := parser.Parse("Dockerfile", []byte(c.file))
		e := lint.InsertAbove(f, f.Instructions[len(f.Instructions)-1], "USER a")
		if got := c.file[:e.Span.Start] + e.Text + c.file[e.Span.End:]; got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
