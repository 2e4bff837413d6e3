package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/fatih/color"
	"github.com/rogpeppe/go-internal/diff"

	"github.com/dockvet/dockvet/internal/console"
)

// Change is a file before and after fixes.
type Change struct {
	Name          string
	Create        bool
	Before, After []byte
}

// WriteDiff writes changes as one unified diff that git and patch can apply, unless they have control characters, which are
// written as signs.
func WriteDiff(out io.Writer, changes []Change, o Options) error {
	w := bufio.NewWriter(out)
	removed, added, hunkHead, head := style(o, color.FgRed), style(o, color.FgGreen), style(o, color.FgCyan), style(o, color.Bold)
	for _, c := range changes {
		name := clean(strings.TrimPrefix(filepath.ToSlash(c.Name), "/"))
		before := "a/" + name
		if c.Create {
			before = "/dev/null"
		}
		_, hunks, _ := bytes.Cut(diff.Diff("a", c.Before, "b", c.After), []byte("+++ b\n"))
		if len(hunks) == 0 {
			continue
		}
		if c.Create { // git takes the file for new by this line
			_, _ = head.Fprintf(w, "diff --git a/%s b/%s\nnew file mode 100644\n", name, name)
		}
		_, _ = head.Fprintf(w, "--- %s\n+++ b/%s\n", before, name)
		for line := range bytes.Lines(hunks) {
			if !o.Color {
				_, _ = w.WriteString(console.CleanLine(string(line))) // kept for Flush, as all of them
				continue
			}
			var paint *color.Color
			switch line[0] {
			case '-':
				paint = removed
			case '+':
				paint = added
			case '@':
				paint = hunkHead
			default:
				paint = style(o)
			}
			text := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			_, _ = paint.Fprint(w, console.CleanLine(string(text)))
			_, _ = io.WriteString(w, "\n")
		}
	}
	return w.Flush()
}

// WriteFixed says what fixes made of the file called name: how many there were, and how the build changes, sentence by sentence.
func WriteFixed(w io.Writer, name string, fixes int, changes []string) error {
	what := "fixes"
	if fixes == 1 {
		what = "fix"
	}
	text := fmt.Sprintf("%s: %d %s, build unchanged\n", clean(name), fixes, what)
	if len(changes) > 0 {
		text = fmt.Sprintf("%s: %d %s, the build changes:\n", clean(name), fixes, what)
		for _, c := range changes {
			text += "  " + clean(c) + "\n"
		}
	}
	_, err := io.WriteString(w, text)
	return err
}
