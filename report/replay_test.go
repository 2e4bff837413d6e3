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
	if !strings.Contains(page, `"most":[]`) {
		t.Error("a list is null")
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

// TestReplayProse checks the sentences of the text.
func TestReplayProse(t *testing.T) {
	commits := make([]report.ReplayCommit, 20)
	states := make([]report.ReplayState, len(commits))
	r := report.Replay{Builds: []report.ReplayBuild{{
		Dockerfile: "Dockerfile", Context: ".", Target: "app", Repository: "shop", Branch: "main", Commits: commits, Now: 20.1, Whole: 40,
		Steps: []report.ReplayStep{
			{Line: 3, Text: "COPY . .", Ran: 19, Cost: 0.1, Whole: true, FirstCommits: 19, States: states},
			{Line: 4, Text: "RUN make", Ran: 19, Cost: 20, FirstCommits: 19, Causes: []report.ReplayCause{{Path: "a.c", Commits: 7}}, States: states},
		},
		Files: []report.ReplayFile{{Path: "a.c", Commits: 7, Cost: 4}}, Others: 1200, OthersCost: 16.1,
		Missing: report.ReplayCause{Path: "b.c", Commits: 11},
		Proposals: []report.ReplayProposal{
			{Title: "x; y", Cost: 10, Gain: 0.5, Moved: 1, Mounted: 2},
			{Title: "y", Cost: 18.04, Gain: 0.1, Part: true},
			{Title: "z", Cost: 18.04, Gain: 0.1, Part: true, Moved: 12},
		},
	}}}
	text := func() string {
		var out bytes.Buffer
		if err := r.WriteText(&out, report.Options{Width: 1000}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	got := text()
	for _, want := range []string{
		"the last 20 commits of `main` in `shop` (first parents)",
		"Line 4 costs most: `RUN make` ran again in 19 of 20 commits and makes up 100% of the cost. " +
			"It comes after `COPY . .` (line 3), which copies every file that is not ignored. The file that changed most often is `a.c`, in 7 of the 19.",
		"\n11 of the 20 commits do not have `b.c`, which today's Dockerfile copies. A real build of them would fail; here they count as builds that do not copy it.\n",
		"These are the 1 that cost most; the other 1,200 add up to ≈ 16 s.",
		"Proposal: x; y\n   ≈ 10 s  instead of ≈ 20 s, 50% less\nNo command is added or removed; one step runs earlier and two steps get a cache mount.\n",
		"Only this part: y\nThe parts overlap, so their gains do not add up.\n   ≈ 18 s  instead of ≈ 20 s, 10% less\nNo command is added or removed.\n",
		"Only this part: z\n   ≈ 18 s  instead of ≈ 20 s, 10% less\nNo command is added or removed; 12 steps run earlier.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the text lacks %q\n%s", want, got)
		}
	}
	b := &r.Builds[0]
	b.Seconds, b.Branch, b.Missing.Commits = true, "", 10
	b.Steps[0].Whole, b.Steps[0].Unknown = false, 1
	b.Steps[1].Ran, b.Steps[1].Unknown, b.Steps[1].FirstCommits = 9, 11, 12
	got = text()
	for _, want := range []string{
		"commits of HEAD in", "`RUN make` may have run again in 20 of 20 commits", "which may have run again in 12 of them. The file that changed most often when it certainly ran is `a.c`, in 7 of the 9.",
		"\n     20 s  as it is\n", "What limits the answer\n- 10 of the 20 commits do not have `b.c`",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the text lacks %q\n%s", want, got)
		}
	}
}
