package report

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

type (
	sonarReport struct {
		Rules  []sonarRule  `json:"rules"`
		Issues []sonarIssue `json:"issues"`
	}
	sonarRule struct {
		ID          string        `json:"id"`
		Name        string        `json:"name"`
		Description string        `json:"description,omitempty"`
		Engine      string        `json:"engineId"`
		Attribute   string        `json:"cleanCodeAttribute"`
		Impacts     []sonarImpact `json:"impacts"`
	}
	sonarImpact struct {
		Quality  string `json:"softwareQuality"`
		Severity string `json:"severity"`
	}
	sonarIssue struct {
		Rule      string          `json:"ruleId"`
		Primary   sonarLocation   `json:"primaryLocation"`
		Secondary []sonarLocation `json:"secondaryLocations,omitempty"`
	}
	sonarLocation struct {
		Message string     `json:"message"`
		File    string     `json:"filePath"`
		Range   sonarRange `json:"textRange"`
	}
	sonarRange struct {
		StartLine   int  `json:"startLine"`
		EndLine     int  `json:"endLine,omitempty"`
		StartColumn *int `json:"startColumn,omitempty"` // from 0
		EndColumn   *int `json:"endColumn,omitempty"`
	}
)

// writeSonarQube writes SonarQube's generic format for external issues, as of 10.3. Severities belong to rules there: a rule has
// the highest of its findings.
func writeSonarQube(out io.Writer, r *Report, _ Options) error {
	report := sonarReport{[]sonarRule{}, []sonarIssue{}} // an absent list is an invalid report or the old format
	sources := sources{report: r}
	highest := map[string]lint.Severity{}
	for _, f := range r.Findings {
		highest[f.Rule.Name] = max(highest[f.Rule.Name], shown(f))
	}
	done := map[string]bool{}
	for _, f := range r.Findings {
		if !done[f.Rule.Name] {
			done[f.Rule.Name] = true
			report.Rules = append(report.Rules, sonarRuleOf(r, f.Rule, highest[f.Rule.Name]))
		}
		issue := sonarIssue{Rule: f.Rule.Name, Primary: sonarLocation{
			sentence(f), slashed(f.Source.Name), sonarPlace(f.Source.Bytes, f.Source.Lines, f.Span),
		}}
		for _, x := range f.Related {
			// SonarQube fails the whole analysis over a line that a file does not have.
			if name, src, span := sources.related(f, x); src != nil {
				issue.Secondary = append(issue.Secondary, sonarLocation{clean(x.Message), name, sonarPlace(src.bytes, src.lines, span)})
			}
		}
		report.Issues = append(report.Issues, issue)
	}
	return encode(out, report)
}

func sonarRuleOf(r *Report, rule *lint.Rule, severity lint.Severity) sonarRule {
	out := sonarRule{
		ID: rule.Name, Name: rule.Summary, Engine: "dockvet", Attribute: "CONVENTIONAL",
		// These three are known to each version; BLOCKER and INFO are not.
		Impacts: []sonarImpact{{"MAINTAINABILITY", [...]string{lint.Info: "LOW", lint.Warning: "MEDIUM", lint.Error: "HIGH"}[severity]}},
	}
	switch {
	case rule.Category == lint.Security:
		out.Attribute, out.Impacts[0].Quality = "TRUSTWORTHY", "SECURITY"
	case severity == lint.Error:
		out.Attribute, out.Impacts[0].Quality = "LOGICAL", "RELIABILITY"
	}
	out.Description = strings.TrimSpace(intro(r.page(rule)) + "\n\n" + r.url(rule))
	return out
}

// sonarPlace is a span by SonarQube's rules, which fails the whole analysis over a range that is empty or past the end of a line.
// It counts columns as Java does, without the byte order mark. Where its reading of the file may differ from dockvet's, the place
// is the whole line.
func sonarPlace(src []byte, lines *parser.Lines, s parser.Span) sonarRange {
	s = tight(src, s)
	out := sonarRange{StartLine: lines.Line(s.Start)}
	end := lines.Line(s.End)
	whole := parser.Span{Start: lines.Span(out.StartLine).Start, End: lines.Span(end).End}
	if s.Start == s.End || !utf8.Valid(src[whole.Start:whole.End]) {
		return out
	}
	if bytes.Count(src, []byte("\r")) != bytes.Count(src, []byte("\r\n")) { // a lone one ends a line there, but not in a Dockerfile
		before := src[:s.Start]
		out.StartLine += bytes.Count(before, []byte("\r")) - bytes.Count(before, []byte("\r\n"))
		return out
	}
	from, to := lines.UTF16Column(s.Start)-1, lines.UTF16Column(s.End)-1
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		if out.StartLine == 1 {
			from = max(from-1, 0)
		}
		if end == 1 {
			to--
		}
	}
	if out.StartLine == end && from >= to {
		return out
	}
	out.EndLine, out.StartColumn, out.EndColumn = end, &from, &to
	return out
}
