package layout

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestFormatShell(t *testing.T) {
	for _, x := range []struct {
		name, src, want string
		rebuilt         []int
		style           Style
	}{
		{
			"continuations", "FROM a\nRUN   apt-get   update&&\\\n  apt-get install -y  \\\n  # why\n   curl  \\\n   'a  b'   \\\n && rm -rf  /x ; true\nUSER a\n",
			"FROM a\nRUN apt-get update&& \\\n    apt-get install -y \\\n    # why\n        curl \\\n        'a  b' \\\n    && rm -rf /x; true\nUSER a\n",
			[]int{2},
			DefaultStyle(),
		},
		{
			"blocks", "FROM a\nRUN set -e;  \\\nif test -f x; then \\\necho  1; \\\nelif y; then \\\n  for i in a  b; do \\\n echo $i;  \\\n done; \\\nelse \\\n ( c; \\\nd ); \\\nfi\n",
			"FROM a\nRUN set -e; \\\n    if test -f x; then \\\n        echo 1; \\\n    elif y; then \\\n        for i in a b; do \\\n            echo $i; \\\n        done; \\\n    else \\\n        ( c; \\\n            d ); \\\n    fi\n",
			[]int{2},
			DefaultStyle(),
		},
		{
			"tabs, and words over several lines", "FROM a\nRUN echo \"a  \\\n   b\" fo\\\no  && \\\n x\nRUN \\\n  a\n",
			"FROM a\nRUN echo \"a  \\\n   b\" fo\\\no && \\\n\tx\nRUN \\\n\ta\n",
			[]int{2},
			Style{},
		},
		{
			"a heredoc", "FROM a\nRUN <<EOF\nif a\nthen\n  b   # why\nfi\nEOF\nCOPY <<EOF /x\n a   b\nEOF\n",
			"FROM a\nRUN <<EOF\nif a; then\n    b # why\nfi\nEOF\nCOPY <<EOF /x\n a   b\nEOF\n",
			[]int{2},
			DefaultStyle(),
		},
		{
			"what is left as it is", "FROM a\nRUN [\"a\",  \"b\"]\nSHELL [\"powershell\"]\nRUN a   b\nSHELL [\"/bin/sh\", \"-c\"]\nRUN cat <<EOF >/x\n a   b\nEOF\nRUN a   # b\n",
			"FROM a\nRUN [\"a\", \"b\"]\nSHELL [\"powershell\"]\nRUN a   b\nSHELL [\"/bin/sh\", \"-c\"]\nRUN cat <<EOF >/x\n a   b\nEOF\nRUN a   # b\n", nil, DefaultStyle(),
		},
		{"another escape", "# escape=`\nFROM a\nRUN a   `\n  b\n", "# escape=`\nFROM a\nRUN a   `\n  b\n", nil, DefaultStyle()},
		{"CRLF", "FROM a\r\nRUN a   b \\\r\n && c\r\n", "FROM a\r\nRUN a b \\\r\n    && c\r\n", []int{2}, DefaultStyle()},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, rebuilt, err := FormatShell("Dockerfile", []byte(x.src), x.style)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(x.want, string(got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(x.rebuilt, rebuilt); diff != "" {
				t.Errorf("rebuilt -want +got\n%s", diff)
			}
			again, rebuilt, err := FormatShell("Dockerfile", got, x.style)
			if err != nil || !bytes.Equal(again, got) || len(rebuilt) > 0 {
				t.Errorf("a second run changes it: %v\n%s", err, again)
			}
		})
	}
}

// TestFormatShellCorpus formats the corpus: a second run changes nothing, and no comment is lost.
func TestFormatShellCorpus(t *testing.T) {
	files, err := filepath.Glob("../../../shared/corpus/dockerfiles/*")
	if err != nil || len(files) == 0 {
		t.Skip("SKIPPED: no corpus at ../../../shared/corpus/dockerfiles")
	}
	formatted, rebuilding, unproven := 0, 0, 0
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := Format(name, src)
		if err != nil {
			continue // it does not parse
		}
		got, rebuilt, err := FormatShell(name, src, DefaultStyle())
		if err != nil {
			unproven++
			t.Logf("%s: %v", filepath.Base(name), err)
			continue
		}
		if !bytes.Equal(src, got) {
			formatted++
		}
		before, after := plan.New(parser.Parse(name, plain), plan.Options{}), plan.New(parser.Parse(name, got), plan.Options{})
		if len(rebuilt) > 0 {
			rebuilding++
		} else if !plan.Equal(before, after) {
			t.Errorf("%s: the build changes, and nobody is told", name)
		}
		if !sameComments(parser.Parse(name, plain), parser.Parse(name, got)) {
			t.Errorf("%s: a comment is lost", name)
		}
		again, _, err := FormatShell(name, got, DefaultStyle())
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: a second run changes it: %v\n%s", filepath.Base(name), err, cmp.Diff(string(got), string(again)))
		}
	}
	t.Logf("%d files: %d formatted, %d with a RUN that builds once more, %d not proven", len(files), formatted, rebuilding, unproven)
	if unproven > 0 {
		t.Errorf("%d files cannot be proven", unproven)
	}
}
