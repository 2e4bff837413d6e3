package report

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
)

// statistics are how many findings there are, by rule and by directory.
type statistics struct {
	all         tally
	rules       map[string]*stat // by rule
	directories map[string]*stat // by directory
	files       map[string]bool  // those with findings
}

// stat is how many findings of one kind there are.
type stat struct {
	name     string
	severity lint.Severity // the gravest
	tally
	files map[string]bool
	parts map[string]int // of a rule, by directory
}

func newStatistics(r *Report) *statistics {
	s := &statistics{rules: map[string]*stat{}, directories: map[string]*stat{}, files: map[string]bool{}}
	for f := range r.all() {
		if f.Suppressed != "" {
			continue
		}
		name := slashed(f.Source.Name)
		dir := path.Dir(name)
		s.all.add(f)
		s.files[name] = true
		rule := add(s.rules, f.Rule.Name, name, f)
		if rule.parts == nil {
			rule.parts = map[string]int{}
		}
		rule.parts[dir]++
		add(s.directories, dir, name, f)
	}
	return s
}

func add(to map[string]*stat, name, file string, f *lint.Finding) *stat {
	x := to[name]
	if x == nil {
		x = &stat{name: name, files: map[string]bool{}}
		to[name] = x
	}
	x.severity = max(x.severity, f.Severity)
	x.add(f)
	x.files[file] = true
	return x
}

// most are the stats, those with most findings first.
func most(of map[string]*stat) []*stat {
	out := make([]*stat, 0, len(of))
	for _, x := range of {
		out = append(out, x)
	}
	order.By(out, func(a, b *stat) int {
		return cmp.Or(cmp.Compare(b.findings, a.findings), strings.Compare(a.name, b.name))
	})
	return out
}

// statistics writes two tables and the summary.
func (t *text) statistics(s *statistics) {
	rows := [][]string{{"findings", "severity", "fixable", "files", "rule"}}
	for _, x := range most(s.rules) {
		rows = append(rows, []string{tabular(x.findings), x.severity.String(), tabular(x.fixable), tabular(len(x.files)), x.name})
	}
	t.columns(rows)
	rows = [][]string{{"findings", "errors", "warnings", "infos", "fixable", "files", "directory"}}
	for _, x := range most(s.directories) {
		rows = append(rows, []string{
			tabular(x.findings), tabular(x.errors), tabular(x.warnings), tabular(x.infos), tabular(x.fixable), tabular(len(x.files)), clean(x.name),
		})
	}
	t.columns(rows)
}

// tabular is n for a table, where 0 says nothing.
func tabular(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// columns writes a table with a head. All columns but the last, which has names, are aligned at their right.
func (t *text) columns(rows [][]string) {
	if len(rows) == 1 {
		return
	}
	last := len(rows[0]) - 1
	width := make([]int, last)
	for _, row := range rows {
		for i, cell := range row[:last] {
			width[i] = max(width[i], console.Width(cell))
		}
	}
	for n, row := range rows {
		for i, cell := range row[:last] {
			paint := t.dim
			if n > 0 {
				paint = nil
			}
			t.print(paint, strings.Repeat(" ", width[i]-console.Width(cell))+cell+"  ")
		}
		paint := t.bold
		if n == 0 {
			paint = t.dim
		}
		t.print(paint, row[last])
		t.print(nil, "\n")
	}
	t.print(nil, "\n")
}

// writeJSONStatistics writes one object.
func writeJSONStatistics(out io.Writer, r *Report) error {
	type rule struct {
		Rule        string         `json:"rule"`
		Severity    string         `json:"severity"`
		Findings    int            `json:"findings"`
		Fixable     int            `json:"fixable"`
		Files       int            `json:"files"`
		Directories map[string]int `json:"directories"`
	}
	type directory struct {
		Directory string `json:"directory"`
		Findings  int    `json:"findings"`
		Errors    int    `json:"errors"`
		Warnings  int    `json:"warnings"`
		Infos     int    `json:"infos"`
		Fixable   int    `json:"fixable"`
		Files     int    `json:"files"`
	}
	type tool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	type summary struct {
		Files    int `json:"files"` // that were checked
		Findings int `json:"findings"`
		Errors   int `json:"errors"`
		Warnings int `json:"warnings"`
		Infos    int `json:"infos"`
		Fixable  int `json:"fixable"`
	}
	page := struct {
		Version     int         `json:"version"`
		Tool        tool        `json:"tool"`
		Rules       []rule      `json:"rules"`
		Directories []directory `json:"directories"`
		Summary     summary     `json:"summary"`
	}{Version: jsonVersion, Tool: tool{"dockvet", r.Version}, Rules: []rule{}, Directories: []directory{}}
	s := newStatistics(r)
	for _, x := range most(s.rules) {
		page.Rules = append(page.Rules, rule{x.name, x.severity.String(), x.findings, x.fixable, len(x.files), x.parts})
	}
	for _, x := range most(s.directories) {
		page.Directories = append(page.Directories, directory{x.name, x.findings, x.errors, x.warnings, x.infos, x.fixable, len(x.files)})
	}
	page.Summary = summary{r.Files, s.all.findings, s.all.errors, s.all.warnings, s.all.infos, s.all.fixable}
	return encode(out, page)
}
