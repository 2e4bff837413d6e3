// Newrule writes the files of a new rule and adds it to the list:
//
//	go -C tools run ./cmd/newrule CATEGORY NAME [ALIAS…]
package main

import (
	"errors"
	"fmt"
	"go/build"
	"go/format"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

func main() {
	root, err := tree.Root()
	if err == nil {
		err = run(root, os.Args[1:], os.Stdout)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "newrule:", err)
		os.Exit(1)
	}
}

func run(root string, args []string, out io.Writer) error {
	if len(args) < 2 || strings.HasPrefix(args[0], "-") {
		return errors.New("usage: newrule CATEGORY NAME [ALIAS…]")
	}
	r := rule{category: args[0], name: args[1], aliases: args[2:]}
	if err := r.check(root, lint.NewIndex(rules.All())); err != nil {
		return err
	}
	list := filepath.Join(root, "rules", "rules.go")
	old, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	listed, about, err := r.enlist(string(old))
	if err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	files, err := r.files(root, about)
	if err != nil {
		return err
	}
	for _, f := range append(files, file{"rules/rules.go", listed}) {
		name := filepath.Join(root, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(f.text), 0o644); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, f.name); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "\nWrite the examples on the page, the cases and the check. Then run:\n"+
		"\tgo test ./rules -run 'Test(Rules|Pages)/%s$' -update\n\tmake generate\n", r.name)
	return err
}

// file is a file to write, by its path from the repository's root.
type file struct{ name, text string }

type rule struct {
	category, name string
	aliases        []string
}

func (r rule) stem() string { return strings.ReplaceAll(r.name, "-", "_") }

// ident is the name of the rule's variable.
func (r rule) ident() string {
	var b strings.Builder
	for part := range strings.SplitSeq(r.name, "-") {
		switch upper := strings.ToUpper(part); upper {
		case "API", "CPU", "DNS", "HTTP", "HTTPS", "ID", "IP", "JSON", "RAM", "SSH", "TCP", "TLS", "UDP", "UI", "UID", "URI", "URL", "UUID", "VM", "XML":
			b.WriteString(upper)
		default:
			b.WriteString(upper[:1] + part[1:])
		}
	}
	return b.String()
}

var (
	namePattern  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	aliasPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

// check returns an error for what cannot become a rule.
func (r rule) check(root string, known lint.Index) error {
	categories := lint.Categories()
	if !slices.Contains(categories, lint.Category(r.category)) {
		return fmt.Errorf("no category is named %q; the categories are %v", r.category, categories)
	}
	if !namePattern.MatchString(r.name) {
		return fmt.Errorf("name %q is not lower-case words joined by dashes", r.name)
	}
	if err := dropped(r.stem() + ".go"); err != nil {
		return err
	}
	for i, name := range append([]string{r.name}, r.aliases...) {
		if i > 0 && (!aliasPattern.MatchString(name) || slices.Contains(r.aliases[:i-1], name) || name == r.name) {
			return fmt.Errorf("alias %q is not a code, or is given twice", name)
		}
		if other := known[name]; other != nil {
			return fmt.Errorf("%s is already used by the rule %s", name, other.Name)
		}
	}
	// A rule that is not listed, or that was listed after this program was built, may already have its files.
	for _, pattern := range []string{"rules/*/" + r.stem() + ".go", "rules/*/" + r.stem() + ".md", "testdata/rules/" + r.name} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return fmt.Errorf("%s already exists", found[0])
		}
	}
	return nil
}

// dropped is an error if Go would leave a file with this name out of a build, or only build it for tests.
func dropped(name string) error {
	if strings.HasSuffix(name, "_test.go") {
		return fmt.Errorf("%s would be a test; choose a name that does not end in -test", name)
	}
	// An operating system and an architecture that do not exist match no suffix, so only a name without one is built.
	nowhere := build.Default
	nowhere.GOOS, nowhere.GOARCH = "nowhere", "nothing"
	nowhere.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package x\n")), nil }
	ok, err := nowhere.MatchFile("", name)
	if err == nil && !ok {
		err = fmt.Errorf("%s would only be built for one system; choose a name that does not end in an operating system or architecture", name)
	}
	return err
}

// enlist is the list of rules with the new rule in it, and what the list says about the category.
func (r rule) enlist(list string) (text, about string, err error) {
	lines := strings.Split(list, "\n")
	head := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "\t\t// "+r.category+": ") })
	if head < 0 {
		return "", "", fmt.Errorf("no comment `// %s: …` in the list", r.category)
	}
	_, about, _ = strings.Cut(lines[head], ": ")
	entry := "\t\t" + r.category + "." + r.ident() + ","
	at := head + 1
	for at < len(lines) && strings.HasPrefix(lines[at], "\t\t"+r.category+".") && lines[at] < entry {
		at++
	}
	if at < len(lines) && lines[at] == entry {
		return "", "", fmt.Errorf("%s.%s is already listed", r.category, r.ident())
	}
	lines = slices.Insert(lines, at, entry)
	prefix := "\t\"" + tree.Module + "/"
	path := prefix + "rules/" + r.category + `"`
	if !slices.Contains(lines, path) {
		at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, prefix) })
		if at < 0 {
			return "", "", errors.New("no import of this module")
		}
		for strings.HasPrefix(lines[at], prefix) && lines[at] < path {
			at++
		}
		lines = slices.Insert(lines, at, path)
	}
	out, err := format.Source([]byte(strings.Join(lines, "\n")))
	return string(out), about, err
}

// files are the rule, its page and its first cases. They compile, but their tests fail until somebody completes them.
func (r rule) files(root, about string) ([]file, error) {
	code := "package " + r.category + "\n"
	others, err := os.ReadDir(filepath.Join(root, "rules", r.category))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if !slices.ContainsFunc(others, func(d fs.DirEntry) bool { return strings.HasSuffix(d.Name(), ".go") }) {
		code = "// Package " + r.category + " has the rules about " + about + ".\n" + code
	}
	code += `
import (
	"` + tree.Module + `/lint"
	"` + tree.Module + `/plan"
)

// ` + r.ident() + ` reports TODO. Also say what it does not report, and why.
var ` + r.ident() + ` = &lint.Rule{
	Name: "` + r.name + `", Summary: "TODO", Category: lint.` + strings.ToUpper(r.category[:1]) + r.category[1:] + `,`
	title := "# " + r.name
	if len(r.aliases) > 0 {
		code += ` Aliases: []string{"` + strings.Join(r.aliases, `", "`) + `"},`
		title += " (" + strings.Join(r.aliases, ", ") + ")"
	}
	code += `
	Severity: lint.Warning, Profile: lint.Strict, Scope: lint.AnyStage, Since: "` + lint.Edition + `", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		// TODO: p.Report(span, "what is wrong").Because("why").Advise("what to do")
	}),
}
`
	pretty, err := format.Source([]byte(code))
	if err != nil {
		return nil, err
	}
	page := title + "\n\nTODO: what the rule reports.\n\n## Why\n\nTODO\n\n## Bad\n\n```dockerfile\nFROM debian:13.1-slim\n```\n\n" +
		"## Good\n\n```dockerfile\nFROM debian:13.1-slim\n```\n\n"
	if len(r.aliases) > 0 {
		page += "## Other tools\n\nTODO: what they report that this rule does not, and the other way round.\n\n"
	}
	page += "## References\n\n- https://docs.docker.com/build/building/best-practices/\n"
	base, cases := "rules/"+r.category+"/"+r.stem(), "testdata/rules/"+r.name+"/"
	return []file{
		{base + ".go", string(pretty)},
		{base + ".md", page},
		{cases + "bad.txtar", "TODO: what is wrong here.\n-- Dockerfile --\nFROM debian:13.1-slim\n"},
		{cases + "near.txtar", "TODO: why this is not reported.\n-- Dockerfile --\nFROM debian:13.1-slim\n"},
	}, nil
}
