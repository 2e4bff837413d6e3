// Migration keeps the tables in docs/from-hadolint.md and docs/from-docker-build-check.md up to date, which list the
// rule for each code of the other tool. The differences come from the section Other tools of the rule's page.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"

	"github.com/dockvet/dockvet/tools/internal/cases"
	"github.com/dockvet/dockvet/tools/internal/tree"
)

const (
	begin = "<!-- codes:begin -->"
	end   = "<!-- codes:end -->"
	made  = "<!-- made by: go -C tools run ./cmd/migration -->\n"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			_, _ = fmt.Fprintln(os.Stderr, "migration:", err)
		}
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("migration", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "write nothing; exit with 1 if a table is out of date")
	dir := flags.String("dir", "", "the directory of the files (default: docs in the repository)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := tree.Root()
	if err != nil {
		return err
	}
	if *dir == "" {
		*dir = filepath.Join(root, "docs")
	}
	for _, d := range []struct {
		name string
		body func(root string) (string, error)
	}{{"from-hadolint.md", fromHadolint}, {"from-docker-build-check.md", fromBuildKit}} {
		file := filepath.Join(*dir, d.name)
		old, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		body, err := d.body(root)
		if err != nil {
			return err
		}
		text, err := replace(old, body)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", file, err)
		case bytes.Equal(old, text):
			continue
		case *check:
			return fmt.Errorf("the tables in docs/%s are out of date: run go -C tools run ./cmd/migration", d.name)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// replace puts body between the marks in text.
func replace(text []byte, body string) ([]byte, error) {
	from, to := bytes.Index(text, []byte(begin)), bytes.Index(text, []byte(end))
	if from < 0 || to < from {
		return nil, fmt.Errorf("needs a line %s, and a line %s below it", begin, end)
	}
	return slices.Concat(text[:from], []byte(begin+"\n"+made+body), text[to:]), nil
}

func fromHadolint(root string) (string, error) {
	rows, err := table(root, "hadolint")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("\n" + rows + "\n### Retired codes\n\n| code | what it forbade | retired in |\n|---|---|---|\n")
	for _, r := range rules.Retired() {
		if r.Since != "" {
			line(&b, r.Code, r.What, r.Since)
		}
	}
	b.WriteString("\n### ShellCheck codes\n\n| codes | dockvet | profile | what is wrong |\n|---|---|---|---|\n")
	for _, r := range rules.All() {
		codes := slices.DeleteFunc(slices.Clone(r.Aliases), func(a string) bool { return lint.Tool(a) != "shellcheck" })
		if len(codes) > 0 {
			slices.Sort(codes)
			line(&b, strings.Join(codes, ", "), link(r), profile(root, r, ""), r.Summary)
		}
	}
	b.WriteByte('\n')
	return b.String(), nil
}

func fromBuildKit(root string) (string, error) {
	rows, err := table(root, "buildkit")
	if err != nil {
		return "", err
	}
	more, err := breaking(root)
	if err != nil {
		return "", err
	}
	return "\n" + rows + "\n" + `## What has no check

These rules report what stops a build and is not one of BuildKit's checks. An error of ` + "`docker build --check`" + ` has no name that
could be skipped, and only the first of a file is reported. Where it says nothing, the build fails later: in a step, in a stage
that is not built every time, or before BuildKit has the Dockerfile.

` + more + "\n", nil
}

// absent gives the reason for each code that has no rule.
func absent(tool string) map[string]string {
	out := map[string]string{}
	for _, r := range rules.Retired() {
		if r.Since == "" && lint.Tool(r.Code) == tool {
			out[r.Code] = "Not yet, because " + r.What + "."
		}
	}
	return out
}

// table has a row for each code of a tool.
func table(root, tool string) (string, error) {
	type row struct{ code, rule, profile, difference string }
	var rows []row
	for code, why := range absent(tool) {
		rows = append(rows, row{code, "none", "", why})
	}
	var problems []error
	for _, r := range rules.All() {
		for _, code := range r.Aliases {
			if lint.Tool(code) != tool {
				continue
			}
			d := difference(rules.Page(r), code, tool)
			if d == "" {
				problems = append(problems, fmt.Errorf("the section Other tools of %s does not mention %s", r.Name, code))
			}
			rows = append(rows, row{code, link(r), profile(root, r, code), d})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.code, b.code) })
	var b strings.Builder
	b.WriteString("| code | dockvet | profile | difference |\n|---|---|---|---|\n")
	for _, r := range rows {
		line(&b, r.code, r.rule, r.profile, r.difference)
	}
	return b.String(), errors.Join(problems...)
}

func line(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

func link(r *lint.Rule) string {
	return "[" + r.Name + "](../rules/" + r.Page() + ")"
}

// profile says where a rule runs by default, and whether all its findings with that code are printed there.
func profile(root string, r *lint.Rule, code string) string {
	p, err := cases.Profile(root, r, code)
	switch {
	case err != nil:
		return r.Profile.String()
	case r.Optional:
		return "off by default"
	case r.Name == "untrusted-registry":
		return p + ", with `trusted-registries`"
	case strings.HasSuffix(r.Name, "-label"):
		return p + ", with `label-schema`"
	}
	return p
}

// difference is what a page says about a code: the sentences in the section Other tools that name it, or else those
// that name its tool and no other code of that tool, each with the sentences after it that continue the thought.
func difference(page, code, tool string) string {
	_, text, _ := strings.Cut(page, "\n## Other tools\n")
	text, _, _ = strings.Cut(text, "\n## ")
	all := sentences(text)
	pick := func(ok func(sentence string) bool) string {
		var out []string
		taken := false
		for _, s := range all {
			if taken = ok(s) || taken && goesOn(s); taken {
				out = append(out, s)
			}
		}
		return strings.Join(out, " ")
	}
	if d := pick(func(s string) bool { return strings.Contains(s, code) }); d != "" {
		return d
	}
	return pick(func(s string) bool { return names(s, tool) && !namesCode(s, tool) })
}

// goesOn reports whether a sentence continues the one before it.
func goesOn(sentence string) bool {
	word, _, _ := strings.Cut(sentence, " ")
	return slices.Contains([]string{"It", "This", "That", "These", "Those", "Such", "Here", "What", "Both"}, strings.Trim(word, ","))
}

func names(sentence, tool string) bool {
	if tool == "buildkit" {
		return strings.Contains(sentence, "BuildKit") || strings.Contains(sentence, "docker build --check")
	}
	return strings.Contains(sentence, tool)
}

func namesCode(sentence, tool string) bool {
	return slices.ContainsFunc(strings.Fields(sentence), func(word string) bool {
		word = strings.Trim(word, "`.,;:()")
		return lint.Tool(word) == tool && word != "BuildKit" && strings.ToLower(word[1:]) != word[1:]
	})
}

// sentences are the sentences of a text, with its lines joined. A full stop in backticks does not end a sentence.
func sentences(text string) []string {
	text = strings.Join(strings.Fields(text), " ")
	var out []string
	start, code := 0, false
	for i := range len(text) {
		switch {
		case text[i] == '`':
			code = !code
		case text[i] == '.' && !code && (i+1 == len(text) || text[i+1] == ' '):
			out = append(out, strings.TrimSpace(text[start:i+1]))
			start = i + 1
		}
	}
	return out
}
