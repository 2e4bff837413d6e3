package report

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
)

// longReport is how many findings need a table to be seen as a whole.
const longReport = 50

// ruleCount is how often a rule is in a report.
type ruleCount struct {
	rule     *lint.Rule
	severity lint.Severity // the gravest
	findings int
	fixable  int // by --fix, with or without --unsafe-fixes
}

// byRule counts findings by rule.
type byRule struct {
	index map[string]int
	list  []ruleCount
}

func (b *byRule) add(f *lint.Finding) {
	if f.Suppressed != "" {
		return
	}
	i, ok := b.index[f.Rule.Name]
	if !ok {
		if b.index == nil {
			b.index = map[string]int{}
		}
		i = len(b.list)
		b.index[f.Rule.Name] = i
		b.list = append(b.list, ruleCount{rule: f.Rule})
	}
	x := &b.list[i]
	x.findings++
	x.severity = max(x.severity, f.Severity)
	if _, ok := applicable(f); ok {
		x.fixable++
	}
}

// sorted are the counts, the most frequent rule first.
func (b *byRule) sorted() []ruleCount {
	order.By(b.list, func(x, y ruleCount) int {
		return cmp.Or(cmp.Compare(y.findings, x.findings), strings.Compare(x.rule.Name, y.rule.Name))
	})
	return b.list
}

// table writes the counts by rule, a line each, no wider than the terminal.
func (t *text) table(b *byRule) {
	list := b.sorted()
	name, fixable := 0, 0
	for _, x := range list {
		name, fixable = max(name, len(x.rule.Name)), max(fixable, len(fixes(x.fixable)))
	}
	digits := len(strconv.Itoa(list[0].findings))
	for _, x := range list {
		t.print(nil, fmt.Sprintf("%*d ", digits, x.findings))
		t.print(t.severity[x.severity], fmt.Sprintf("%-*s ", len("warning"), x.severity))
		t.link(x.rule, x.rule.Name)
		rest := fmt.Sprintf("%*s  %-*s", name-len(x.rule.Name), "", fixable, fixes(x.fixable))
		if room := t.width - digits - len(" warning ") - name - fixable - 4; room >= 20 {
			rest += "  " + clip(clean(x.rule.Summary), room)
		}
		t.print(nil, strings.TrimRight(rest, " ")+"\n")
	}
	t.print(nil, "\n")
}

func fixes(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + " fixable"
}

// clip is s in at most n columns.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimRight(string(r[:n-1]), " ") + "…"
	}
	return s
}

// link writes s as a link to the page of a rule, if the terminal knows links.
func (t *text) link(r *lint.Rule, s string) {
	if url := t.sources.report.url(r); t.links && url != "" {
		s = "\x1b]8;;" + url + "\x1b\\" + s + "\x1b]8;;\x1b\\"
	}
	t.print(nil, s)
}

// wrapped writes words from column on. On a terminal, further lines begin below the first word.
func (t *text) wrapped(column int, s string) {
	if !t.wraps || column+20 > t.width {
		t.print(nil, s+"\n")
		return
	}
	console.Fill(t.w, s, column, strings.Repeat(" ", column), min(t.width, column+console.MaxWidth))
}
