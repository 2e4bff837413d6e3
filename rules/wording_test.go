package rules_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/rules"
)

// lapse is a pattern that a native speaker would not write, and what to write instead. What unless matches is fine after all.
type lapse struct{ pattern, instead, unless string }

// lapses are the patterns of CONTRIBUTING.md that a regular expression can find.
var lapses = []lapse{
	{`(?:\S+ )?(?:is|are|was|were) no [a-z]+`, "is not a", `(?i)^there |no (?:longer|more|less|fewer|better|worse|different|such|else)$`},
	{`(?:\S+ )?names? no [a-z]+`, "does not name", ""},
	{`\bhang(?:s|ing)? on\b`, "depends on", ""},
	{
		`\bstand(?:s|ing)? (?:in|above|below|beside|before|behind|inside|outside|at|on|twice|there|here|between|right)\b(?: \w+)?`,
		"is, appears", `in for$`,
	},
	{`(?:\S+ ){0,3}\balone\b`, "only", `(?i)\b(?:left|leaves?|leaving|let)\b.* alone$`},
	{"\\bbehind (?:the|an?|it|its|this|that|them|each|every|which|`)(?: \\w+){0,2}", "after", `(?i)behind an? (?:web server|proxy|reverse proxy|load balancer)`},
	{`\b(?:takes?|taking|brings?|bringing|brought|took) [^.;,:]{0,60}\balong\b`, "includes, also copies", ""},
	{`\bbrings? (?:in|back)\b`, "adds, re-includes", ""},
	{`\bcomes? to lie\b`, "ends up", ""},
	{`\b(?:lies|lie) (?:in|below|beside|above|deeper|at|under|outside|there|beneath|on)\b`, "is", ""},
	{`\b(?:holds?|held|holding) (?:to|against)\b`, "follows, compares with", ""},
	{`\bhand(?:s|ed)? on\b`, "passes on", ""},
	{`\btak(?:es?|en|ing) (?:it|them|this|that|one|each|any|an?|the) (?:\S+ )?for (?:an?|the|its?|one|true|what)\b`, "treats as, mistakes for", ""},
	{`\bnobody (?:can )?answers?\b`, "there is no terminal", ""},
	{`\bprocess 1\b`, "PID 1", ""},
	{`\bwhat counts\b|\bones? that counts?\b`, "the effective one", ""},
	{`\bdoubtful\b|\bin doubt\b`, "low confidence, uncertain", ""},
	{`\bspeaks? (?:of|for|up|only|where|then)\b`, "reports", ""},
	{`\b(?:is|are) (?:spoken|told) of\b`, "is reported", ""},
	{`\bbut for\b`, "except for", ""},
	{`\b(?:its|their) like\b`, "and the like", ""},
	{`\banew\b`, "again", ""},
	{`\btool[- ]chains?\b`, "toolchain", ""},
	{`\bfolders?\b`, "directory", ""},
	{`\bblanks\b|\bblank (?:in|instead|before|and)\b`, "space, whitespace", ""},
	{`\bnone such\b`, "none", ""},
	{`\bneeds? no [a-z]+`, "does not need", ""},
	{`\bpackages for development\b`, "dev dependencies", ""},
	{`\bwith a similar name exists\b`, "did you mean", ""},
}

// textLapses are further patterns that only the pages of rules and what rules print are free of: verb is a word of package shell.
var textLapses = []lapse{
	{`\bverbs?\b`, "subcommand", ""},
	{`\bconfirms?(?:[.,;:]|$)`, "answers the prompt", ""},
	{`\bdo(?:es)? not count\b|\bcounts? as well\b`, "is ignored, is not reported, is accepted", ""},
	{`\bnothing is offered\b`, "the fix is not offered", ""},
	{`\bentry scripts?\b`, "entrypoint script", ""},
	{`\d %(?:[^a-z%]|$)`, "a figure and % without a space", ""},
	{`\bnothing notices\b`, "a failure goes unnoticed", ""},
	{`\bno shell reads\b`, "the exec form does not start a shell", ""},
	{`\bgoes on if\b`, "continues if", ""},
	{`\bof a certain\b`, "a fixed", ""},
	{`\bwhatever happened\b`, "even after a failure", ""},
	{`\bfix \(\w+\) \w+ (?:it|them|this|the (?:arg|default|flag|label|line|option|space|variable)) \d`, "the name of what the fix changes", ""},
	{`\bsince \S+ at the latest\b`, "by, already", ""},
	{`\bnewest is meant\b`, "the latest version is wanted", ""},
	{`\bruns this\b[,.;]`, "the noun after this", ""},
	{`\bnot reported are\b`, "the rule ignores, does not report", ""},
}

// TestWording checks that nothing that people read has one of the lapses: messages, notes, help, doubts and fixes in the cases, summaries,
// pages, the documents of the repository, and the comments of the code.
func TestWording(t *testing.T) {
	type rule struct {
		lapse
		find, fine *regexp.Regexp
	}
	var all []rule
	for _, l := range append(slices.Clone(lapses), textLapses...) {
		r := rule{lapse: l, find: regexp.MustCompile(`(?i)` + l.pattern)}
		if l.unless != "" {
			r.fine = regexp.MustCompile(l.unless)
		}
		all = append(all, r)
	}
	check := func(where, text string) {
		text = plain(text)
		rules := all
		if strings.HasSuffix(where, ".go") || strings.HasSuffix(where, ".md") && !strings.HasPrefix(where, "rules/") {
			rules = all[:len(lapses)]
		}
		for _, r := range rules {
			for _, m := range r.find.FindAllString(text, -1) {
				if r.fine == nil || !r.fine.MatchString(m) {
					t.Errorf("%s: %q; write %q", where, m, r.instead)
				}
			}
		}
	}
	for _, r := range rules.All() {
		check(r.Name, r.Summary)
	}
	root := filepath.FromSlash("..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch rel := strings.TrimPrefix(filepath.ToSlash(name), "../"); {
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root || strings.HasPrefix(rel, "testdata/") && rel != "testdata/rules" &&
			!strings.HasPrefix(rel, "testdata/rules/") || rel == "bin" || d.Name() == "node_modules"):
			return fs.SkipDir
		case strings.HasSuffix(name, ".md"):
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			check(rel, prose(string(b)))
			if m := twoSpaces.FindString(prose(string(b))); m != "" {
				t.Errorf("%s: two spaces: %q", rel, m)
			}
		case strings.HasSuffix(name, ".txtar") && strings.HasPrefix(rel, "testdata/rules/"):
			archive, err := txtar.ParseFile(name)
			if err != nil {
				return err
			}
			for _, f := range archive.Files {
				if f.Name == "want" {
					check(rel, string(f.Data))
				}
			}
		case strings.HasSuffix(name, ".go") && !strings.Contains(rel, "testdata/"):
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, c := range file.Comments {
				_, text, _ := strings.Cut(c.Text(), " ") // the first word is often an identifier
				check(rel, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	code    = regexp.MustCompile("`[^`]*`")
	address = regexp.MustCompile(`https?://\S+`)
	quoted  = regexp.MustCompile(`"[^"]*"`)
	block   = regexp.MustCompile("(?ms)^```.*?^```$")
	example = regexp.MustCompile(`(?m)^ {4}.*$`)
	// italic is what CONTRIBUTING.md writes of words to avoid.
	italic = regexp.MustCompile(`(^|[^*])\*[^*\n]+\*`)
	// twoSpaces is a sentence that is set off like in a typescript.
	twoSpaces = regexp.MustCompile(`\w[.,;:]  +\w+`)
	link      = regexp.MustCompile(`\]\([^)]*\)`)
)

// plain is text on one line, without what is code.
func plain(text string) string {
	text = address.ReplaceAllString(text, "")
	text = code.ReplaceAllString(text, "`x`")
	text = quoted.ReplaceAllString(text, `"x"`)
	text = strings.ReplaceAll(text, "-alone", "-x") // the name of a rule
	return strings.Join(strings.Fields(text), " ")
}

// prose is a Markdown text without code, targets of links and words in italics.
func prose(text string) string {
	text = block.ReplaceAllString(text, "")
	text = example.ReplaceAllString(text, "")
	text = link.ReplaceAllString(text, "]")
	return italic.ReplaceAllString(text, "$1*x*")
}
