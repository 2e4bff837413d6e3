package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/report"
)

// TestReplayHTML checks that nothing of a repository is markup in the page, and that the page loads nothing.
func TestReplayHTML(t *testing.T) {
	const evil = `</script><img src=x onerror=alert(1)>`
	r := report.Replay{Builds: []report.ReplayBuild{{
		Dockerfile: evil, Context: ".", Target: "0", Commits: []report.ReplayCommit{{ID: "1", Subject: evil}, {ID: "2"}},
		Steps: []report.ReplayStep{{
			Line: 1, Keyword: "RUN", Text: evil, States: []report.ReplayState{report.ReplayRan, report.ReplayUnknown}, Why: [][]string{{evil, "b"}, nil},
			Causes: []report.ReplayCause{{Path: evil, Commits: 1}},
		}},
		Proposals: []report.ReplayProposal{{Title: evil, Diff: evil}}, Notes: []string{evil},
	}}}
	var out bytes.Buffer
	if err := r.WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, bad := range []string{"<img", "http://", "https://", "src="} {
		if strings.Contains(strings.ReplaceAll(page, `src=x onerror`, ""), bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	_, data, _ := strings.Cut(page, `id="data">`)
	data, _, _ = strings.Cut(data, "</script>")
	var got struct {
		Builds []struct {
			Dockerfile string
			Commits    []struct{ Changed [][]string }
			Steps      []struct {
				States string
				Why    []int
			}
		}
	}
	if err := json.Unmarshal([]byte(data), &got); err != nil {
		t.Fatal(err)
	}
	b := got.Builds[0]
	if b.Dockerfile != evil || b.Steps[0].States != "R?" || b.Steps[0].Why[0] != 0 || b.Steps[0].Why[1] != -1 || b.Commits[0].Changed[0][1] != "b" {
		t.Errorf("%+v", b)
	}
}
