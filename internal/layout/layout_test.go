package layout

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

var update = flag.Bool("update", false, "write what Format returns into the cases")

// TestFormat formats the Dockerfile of each case in testdata, and compares it with the file called want.
func TestFormat(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases:", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			src := a.Files[0].Data
			got, err := Format("Dockerfile", src)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, src, got)
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "want", Data: got})
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(a.Files) != 2 || !bytes.Equal(a.Files[1].Data, got) {
				t.Errorf("formatted:\n%s", got)
			}
		})
	}
}

// holds checks what Format promises of src and its result.
func holds(t *testing.T, src, got []byte) {
	t.Helper()
	again, err := Format("Dockerfile", got)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("a second run changes it: %v\n%q\n%q", err, got, again)
	}
	if bytes.Equal(src, got) {
		return
	}
	before, after := parser.Parse("Dockerfile", src), parser.Parse("Dockerfile", got)
	if diff := plan.Diff(plan.New(before, plan.Options{}), plan.New(after, plan.Options{})); len(diff) > 0 {
		t.Errorf("it changes the build: %v", diff)
	}
	if len(before.Comments) != len(after.Comments) {
		t.Errorf("%d comments, %d before", len(after.Comments), len(before.Comments))
	}
}

// TestFormatCRLF holds that a file with CRLF keeps it.
func TestFormatCRLF(t *testing.T) {
	const src = "# syntax=docker/dockerfile:1\r\nfrom debian:13.1\r\nenv A=1 \\\r\n  B=2\r\nrun <<EOF\r\na  b\r\nEOF\r\n"
	const want = "# syntax=docker/dockerfile:1\r\nFROM debian:13.1\r\nENV A=1 \\\r\n    B=2\r\nRUN <<EOF\r\na  b\r\nEOF\r\n"
	got, err := Format("Dockerfile", []byte(src))
	if err != nil || string(got) != want {
		t.Errorf("%v\n%q", err, got)
	}
}

func TestFormatRefuses(t *testing.T) {
	_, err := Format("Dockerfile", []byte("FROM debian:13.1\nRUNN x\n"))
	if e := new(Error); !errors.As(err, &e) || e.Position.Line != 2 {
		t.Errorf("%v", err)
	}
}

// TestFormatCorpus formats real Dockerfiles.
func TestFormatCorpus(t *testing.T) {
	names, err := filepath.Glob("../../../shared/corpus/dockerfiles/*")
	if err != nil || len(names) == 0 {
		t.Skip("there is no corpus of Dockerfiles beside the repository")
	}
	changed, broken := 0, 0
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Format(name, src)
		switch e := new(Error); {
		case errors.As(err, &e):
			broken++
			continue
		case err != nil:
			t.Errorf("%s: %v", name, err)
			continue
		case bytes.Equal(src, got):
			continue
		}
		changed++
		again, err := Format(name, got)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: a second run changes it: %v", name, err)
		}
	}
	t.Logf("%d files, %d formatted, %d do not parse", len(names), changed, broken)
}

// FuzzFormat holds that Format keeps the build and the comments, and that a second run changes nothing.
func FuzzFormat(f *testing.F) {
	cases, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range cases {
		if a, err := txtar.ParseFile(name); err == nil {
			f.Add(a.Files[0].Data)
		}
	}
	f.Add([]byte("\xEF\xBB\xBFfrom a\r\nENV a=b \\\r\n# c\r\n c=d\r\n\r\n\r\n#x"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if got, err := Format("Dockerfile", src); err == nil {
			holds(t, src, got)
		} else if errors.Is(err, ErrUnproven) {
			t.Logf("%v: %q", err, src)
		}
	})
}
