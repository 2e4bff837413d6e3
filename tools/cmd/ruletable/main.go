// Ruletable keeps the table of rules in docs/rules.md up to date.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"

	"github.com/dockvet/dockvet/tools/internal/cases"
	"github.com/dockvet/dockvet/tools/internal/tree"
)

const (
	begin = "<!-- rules:begin -->"
	end   = "<!-- rules:end -->"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			_, _ = fmt.Fprintln(os.Stderr, "ruletable:", err)
		}
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("ruletable", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "write nothing; exit with 1 if the table is out of date")
	file := flags.String("file", "", "the file with the table (default: docs/rules.md in the repository)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := tree.Root()
	if err != nil {
		return err
	}
	if *file == "" {
		*file = filepath.Join(root, "docs", "rules.md")
	}
	old, err := os.ReadFile(*file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	body, err := table(root, rules.All())
	if err != nil {
		return err
	}
	text, err := replace(old, body)
	if err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	switch {
	case bytes.Equal(old, text):
		return nil
	case *check:
		return fmt.Errorf("the table in %s is out of date: run go -C tools run ./cmd/ruletable", filepath.Base(*file))
	}
	return os.WriteFile(*file, text, 0o644)
}

// replace puts table between the marks in text. If there are none, it is appended as a section.
func replace(text []byte, table string) ([]byte, error) {
	body := begin + "\n" + table + end
	from, to := bytes.Index(text, []byte(begin)), bytes.Index(text, []byte(end))
	switch {
	case from < 0 && to < 0:
		if len(text) == 0 {
			text = []byte("# dockvet\n")
		}
		return append(bytes.TrimRight(text, "\n"), "\n\n## Rules\n\n"+body+"\n"...), nil
	case from < 0 || to < from:
		return nil, fmt.Errorf("needs a line %s, and a line %s below it", begin, end)
	}
	out := append([]byte(nil), text[:from]...)
	return append(append(out, body...), text[to+len(end):]...), nil
}

// table has a section for each category, with the rules in the order of the list.
func table(root string, all []*lint.Rule) (string, error) {
	var b strings.Builder
	b.WriteString("<!-- made by: go -C tools run ./cmd/ruletable -->\n")
	var category lint.Category
	for _, r := range all {
		if r.Category != category {
			category = r.Category
			b.WriteString("\n## " + string(category) + "\n\n| rule | also known as | what is wrong | profile | severity | fix |\n|---|---|---|---|---|---|\n")
		}
		profile, err := cases.Profile(root, r, "")
		if err != nil {
			return "", err
		}
		fix := ""
		if r.Fix != lint.NoFix {
			fix = r.Fix.String()
		}
		cells := []string{
			"[" + r.Name + "](../rules/" + r.Page() + ")",
			strings.Join(r.Aliases, ", "), strings.ReplaceAll(r.Summary, "|", `\|`), profile, r.Severity.String(), fix,
		}
		for _, c := range cells {
			b.WriteString("| " + c)
			if c != "" {
				b.WriteByte(' ')
			}
		}
		b.WriteString("|\n")
	}
	b.WriteByte('\n')
	return b.String(), nil
}
