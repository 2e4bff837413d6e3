package change_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

func TestHunk(t *testing.T) {
	for line, want := range map[string]change.Lines{
		"@@ -1 +1 @@":                {First: 1, Last: 1},
		"@@ -1,2 +3,4 @@ RUN x\n":    {First: 3, Last: 6},
		"@@ -5,3 +4,0 @@":            {First: 5, Last: 4},
		"@@ -0,0 +1,9 @@ -1,1 +7 @@": {First: 1, Last: 9},
	} {
		if got, ok := change.Hunk(line); !ok || got != want {
			t.Errorf("%s: %v, %v", line, got, ok)
		}
	}
	for _, line := range []string{"", "+@@ -1 +1 @@", "@@ x @@", "@@@ -1 -1 +1 @@@"} {
		if got, ok := change.Hunk(line); ok {
			t.Errorf("%q: %v", line, got)
		}
	}
}

var rule = &lint.Rule{Name: "word"}

// words finds `bad` in the instructions of src, a line each.
func words(src string) (out []*lint.Finding) {
	f := parser.Parse("Dockerfile", []byte(src))
	for _, in := range f.Instructions {
		text := src[in.Span.Start:in.Span.End]
		if at := strings.Index(text, "bad"); at >= 0 {
			out = append(out, &lint.Finding{
				Rule: rule, Source: f.Source, Span: parser.Span{Start: in.Span.Start + at, End: in.Span.Start + at + 3},
				Message: text, Instruction: lint.Instruction{Name: in.Name, Span: in.Span},
			})
		}
	}
	return out
}

func TestSplit(t *testing.T) {
	const before = "FROM x\nRUN bad 1\nRUN bad 2\nRUN bad \\\n  3 \\\n  4\n"
	for _, x := range []struct {
		name, after string
		files       []change.File
		want        []string
	}{
		{name: "nothing", after: before},
		{name: "another order", after: "FROM x\nRUN bad 2\n\nRUN bad 1\nRUN bad \\\n  3 \\\n  4\n"},
		{name: "one more", after: before + "RUN bad 1\n", want: []string{"RUN bad 1"}},
		{name: "another", after: before + "RUN bad 5\n", want: []string{"RUN bad 5"}},
		{
			name: "a changed line", after: before, want: []string{"RUN bad 2"},
			files: []change.File{{Old: "/d", New: "/d", Lines: func() ([]change.Lines, error) { return []change.Lines{{3, 3}}, nil }}},
		},
		{
			name: "one more like it, before it", after: "FROM x\nRUN bad 1\nRUN bad 1\nRUN bad 2\n", want: []string{"RUN bad 1"},
			files: []change.File{{Old: "/d", New: "/d", Lines: func() ([]change.Lines, error) { return []change.Lines{{2, 2}}, nil }}},
		},
		{
			name: "lines that were removed", after: before, want: []string{"RUN bad \\\n  3 \\\n  4"},
			files: []change.File{{Old: "/d", New: "/d", Lines: func() ([]change.Lines, error) {
				return []change.Lines{{4, 3}, {6, 5}}, nil // between two instructions, and in one
			}}},
		},
		{
			name: "a new file", after: "FROM x\nRUN bad 1\n", want: []string{"RUN bad 1"},
			files: []change.File{{New: "/d"}},
		},
	} {
		c := change.New(x.files)
		c.Before("/d", words(before))
		touched, rest, err := c.Split("/d", words(x.after), func(lint.Related) string { return "" })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range touched {
			got = append(got, f.Message)
		}
		if diff := cmp.Diff(x.want, got); diff != "" || len(touched)+len(rest) != len(words(x.after)) {
			t.Errorf("%s (-want +got)\n%s", x.name, diff)
		}
	}
}

// TestRenamed checks that findings follow a file to its new name.
func TestRenamed(t *testing.T) {
	none := func() ([]change.Lines, error) { return nil, nil }
	c := change.New([]change.File{{Old: "/old", New: "/new", Lines: none}})
	if c.OldName("/new") != "/old" || c.OldName("/x") != "/x" {
		t.Error("the old name is not known")
	}
	c.Before("/old", words("FROM x\nRUN bad\n"))
	if touched, _, _ := c.Split("/new", words("FROM x\nRUN bad\n"), nil); len(touched) > 0 {
		t.Error("the findings of a renamed file count")
	}
}

// TestPointed checks that a finding counts if a file that it points at has changed, and that an error keeps all.
func TestPointed(t *testing.T) {
	const src = "FROM x\nRUN bad\n"
	c := change.New([]change.File{{Old: "/ignore", New: "/ignore"}, {Old: "/d", New: "/d", Lines: func() ([]change.Lines, error) {
		return nil, errors.New("git is gone")
	}}})
	c.Before("/e", words(src))
	list := words(src)
	list[0].RelateFile("ignore", 1, "here")
	touched, _, _ := c.Split("/e", list, func(x lint.Related) string { return "/" + x.File })
	if len(touched) != 1 {
		t.Error("the file that the finding points at does not count")
	}
	if touched, _, err := c.Split("/d", words(src), nil); err == nil || len(touched) != 1 {
		t.Errorf("an error: %d findings, %v", len(touched), err)
	}
}
