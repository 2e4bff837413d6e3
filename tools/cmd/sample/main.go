// Sample draws random findings from a corpus, for a person to judge whether each is worth an edit.
package main

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			_, _ = fmt.Fprintln(os.Stderr, "sample:", err)
		}
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("sample", flag.ContinueOnError)
	flags.SetOutput(stderr)
	seed := flags.String("seed", "1", "any text, such as a commit hash; the same text draws the same sample")
	n := flags.Int("n", 100, "how many findings to draw")
	most := flags.Int("most", 8, "how many of one rule at most")
	profileName := flags.String("profile", lint.Recommended.String(), "which rules to run: "+strings.Join(lint.Profiles(), ", "))
	only := flags.String("rule", "", "draw from this rule alone")
	dir := flags.String("corpus", "", "a folder of Dockerfiles (default "+tree.Corpus+" from the repository)")
	date := flags.String("now", time.Now().Format(time.DateOnly), "the date that release cycles are held against")
	if err := flags.Parse(args); err != nil {
		return err
	}
	profile, ok := lint.ParseProfile(*profileName)
	if !ok {
		return fmt.Errorf("no profile is called %s", *profileName)
	}
	now, err := time.Parse(time.DateOnly, *date)
	if err != nil {
		return err
	}
	if *dir == "" {
		root, err := tree.Root()
		if err != nil {
			return err
		}
		*dir = tree.CorpusDir(root, "")
	}
	origins, err := readOrigins(filepath.Join(*dir, "..", "manifest.tsv"))
	if err != nil {
		return err
	}
	findings, from, err := lintAll(*dir, origins, lint.Settings{Profile: profile, Now: now})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(stdout)
	if err := overview(out, findings, len(from)); err != nil {
		return err
	}
	if *only != "" {
		rule := lint.NewIndex(rules.All())[*only]
		if rule == nil {
			return fmt.Errorf("no rule is called %s", *only)
		}
		findings = slices.DeleteFunc(findings, func(f *lint.Finding) bool { return f.Rule != rule })
	}
	drawn := draw(findings, *seed, *n, *most)
	text, _ := report.Lookup("text")
	for i, f := range drawn {
		heading := fmt.Sprintf("#%d of %d", i+1, len(drawn))
		if repository := origins[from[f.Source]].repository; repository != "" {
			heading += ", " + from[f.Source] + " of " + repository
		}
		if _, err := fmt.Fprintln(out, heading); err != nil {
			return err
		}
		if err := text.Write(out, &report.Report{Findings: []*lint.Finding{f}}, report.Options{Quiet: true}); err != nil {
			return err
		}
	}
	return out.Flush()
}

// origin is where a file of the corpus comes from.
type origin struct{ repository, path string }

// readOrigins reads which file of which repository each file of the corpus is, from a table that begins with the columns
// name, repo, commit and path. Without the table nothing is known of any.
func readOrigins(name string) (map[string]origin, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[string]origin{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimRight(line, "\r\n"), "\t"); len(f) > 3 {
			out[f[0]] = origin{f[1], f[3]}
		}
	}
	return out, nil
}

// lintAll lints each file of the corpus that a search would check, under the path that it has in its repository and with its account
// and the builder that its name suggests, since these say what an image is for. from is the name in the corpus of each file.
func lintAll(dir string, origins map[string]origin, settings lint.Settings) (out []*lint.Finding, from map[*parser.Source]string, err error) {
	names, err := tree.Files(dir)
	if err != nil {
		return nil, nil, err
	}
	linter := lint.New(rules.All(), settings)
	from = make(map[*parser.Source]string, len(names))
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		short, err := filepath.Rel(dir, name)
		if err != nil {
			return nil, nil, err
		}
		short = filepath.ToSlash(short)
		if !workspace.Searched(path.Base(cmp.Or(origins[short].path, short)), src) {
			continue
		}
		file := parser.Parse(cmp.Or(origins[short].path, short), src)
		from[file.Source] = short
		build := lint.Build{Plan: plan.New(file, plan.Options{})}
		if account, _, ok := strings.Cut(origins[short].repository, "/"); ok {
			build.Accounts = []string{strings.ToLower(account)}
		}
		if build.BuilderHint = workspace.SuggestsPodman(file.Name); build.BuilderHint != "" {
			build.Builder = lint.Buildah
		}
		out = append(out, linter.Lint(build)...)
	}
	return out, from, nil
}

// overview says how often each rule reports.
func overview(w io.Writer, findings []*lint.Finding, files int) error {
	counts := map[string]int{}
	for _, f := range findings {
		counts[f.Rule.Name]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d findings in %d files: %.2f a file\n", len(findings), files, float64(len(findings))/float64(max(files, 1)))
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for _, name := range names {
		fmt.Fprintf(&b, "%6d %s\n", counts[name], name)
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

// draw selects n findings, with a maximum per rule. A smaller n selects the first of what a larger one does.
func draw(findings []*lint.Finding, seed string, n, most int) []*lint.Finding {
	all := slices.Clone(findings)
	rand.New(rand.NewChaCha8(sha256.Sum256([]byte(seed)))).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var out []*lint.Finding
	taken := map[*lint.Rule]int{}
	for _, f := range all {
		if len(out) < n && taken[f.Rule] < most {
			taken[f.Rule]++
			out = append(out, f)
		}
	}
	return out
}
