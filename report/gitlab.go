package report

import (
	"bufio"
	"io"

	"github.com/dockvet/dockvet/lint"
)

type (
	gitlabIssue struct {
		Description string         `json:"description"`
		Check       string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"` // unique: GitLab shows only the first of those that share one
		Severity    string         `json:"severity"`
		Location    gitlabLocation `json:"location"`
	}
	gitlabLocation struct {
		Path  string      `json:"path"` // without a leading "./", which GitLab does not find in the diff
		Lines gitlabLines `json:"lines"`
	}
	gitlabLines struct {
		Begin int `json:"begin"`
		End   int `json:"end"`
	}
)

// writeGitLab writes a Code Quality report. A finding keeps its fingerprint when lines move, so that GitLab does not show it as new.
func writeGitLab(out io.Writer, r *Report, _ Options) error {
	issues := list{w: bufio.NewWriter(out), prefix: " "}
	var prints fingerprints
	for f := range r.all() {
		span := tight(f.Source.Bytes, f.Span)
		severity := [...]string{lint.Info: "minor", lint.Warning: "major", lint.Error: "critical"}[f.Severity]
		if f.Preview {
			severity = "info"
		}
		lines := gitlabLines{f.Source.Lines.Line(span.Start), f.Source.Lines.Line(span.End)}
		err := issues.add(gitlabIssue{
			clean(f.Message), f.Rule.Name, prints.of(f), severity, gitlabLocation{slashed(f.Source.Name), lines},
		})
		if err != nil {
			return err
		}
	}
	issues.end("")
	_ = issues.w.WriteByte('\n') // kept for Flush
	return issues.w.Flush()
}
