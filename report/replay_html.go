package report

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// replayPage is the page of WriteHTML, with DATA in place of what it shows. It loads nothing.
//
//go:embed replay.html
var replayPage []byte

// maxHTMLPaths is how many paths of a commit the page has for each group of steps.
const maxHTMLPaths = 12

// htmlStep is a step in the page. States has a letter for each commit: R ran, k kept, ? unknown, - absent. Why is, for each commit, a
// number in what the commit changed, or -1.
type htmlStep struct {
	Line    int      `json:"line"`
	Text    string   `json:"text"`
	Stage   string   `json:"stage"`
	Kind    string   `json:"kind"`
	Ran     int      `json:"ran"`
	Unknown int      `json:"unknown"`
	Cost    float64  `json:"cost"`
	Open    string   `json:"open"`
	States  string   `json:"states"`
	Why     []int    `json:"why"`
	Causes  []string `json:"causes"`
}

// htmlSteps are steps as the page has them, and by commit the lists of paths that their Why names.
func htmlSteps(steps []ReplayStep, commits int) (out []htmlStep, changed [][][]string) {
	out, changed = []htmlStep{}, make([][][]string, commits)
	known := make([]map[string]int, commits)
	for i := range changed {
		changed[i], known[i] = [][]string{}, map[string]int{}
	}
	for _, s := range steps {
		x := htmlStep{
			Line: s.Line, Text: s.Text, Stage: s.Stage, Kind: s.Kind, Ran: s.Ran, Unknown: s.Unknown, Cost: round(s.Cost), Open: s.Open,
			Why: []int{}, Causes: []string{},
		}
		var states strings.Builder
		for i, state := range s.States {
			states.WriteByte("kR?-"[state])
			why := -1
			if i < len(s.Why) && len(s.Why[i]) > 0 {
				list := s.Why[i][:min(len(s.Why[i]), maxHTMLPaths)]
				key := strings.Join(list, "\x00")
				n, ok := known[i][key]
				if !ok {
					n = len(changed[i])
					known[i][key] = n
					changed[i] = append(changed[i], list)
				}
				why = n
			}
			x.Why = append(x.Why, why)
		}
		x.States = states.String()
		for _, c := range s.Causes[:min(len(s.Causes), 3)] {
			x.Causes = append(x.Causes, fmt.Sprintf("%s (%d)", c.Path, c.Commits))
		}
		out = append(out, x)
	}
	return out, changed
}

// WriteHTML writes r as one self-contained page.
func (r *Replay) WriteHTML(out io.Writer) error {
	type commit struct {
		ID      string     `json:"id"`
		Time    string     `json:"time"`
		Subject string     `json:"subject"`
		Changed [][]string `json:"changed"`
	}
	type proposal struct {
		replayProposal
		Head     string       `json:"head"`
		Part     bool         `json:"part"`
		Commands string       `json:"commands"`
		Steps    []htmlStep   `json:"steps"`
		Changed  [][][]string `json:"changed"`
	}
	type build struct {
		Dockerfile string       `json:"dockerfile"`
		Context    string       `json:"context"`
		Target     string       `json:"target"`
		Unit       string       `json:"unit"`
		Now        float64      `json:"now"`
		Floor      float64      `json:"floor"`
		Whole      float64      `json:"whole"`
		Commits    []commit     `json:"commits"`
		Steps      []htmlStep   `json:"steps"`
		Files      []replayFile `json:"files"`
		Proposals  []proposal   `json:"proposals"`
		Over       string       `json:"over"`
		Lead       string       `json:"lead"`
		Basis      string       `json:"basis"`
		Shared     string       `json:"shared"`
		Most       []string     `json:"most"`
		Notes      []string     `json:"notes"`
	}
	page := struct {
		Builds     []build `json:"builds"`
		Assumption string  `json:"assumption"`
		Overlap    string  `json:"overlap"`
		Made       string  `json:"made"`
	}{Builds: []build{}, Assumption: replayAssumption, Overlap: partsOverlap}
	if r.Tool != "" {
		page.Made = "Made by " + r.Tool + " on " + r.Made.UTC().Format("2006-01-02 15:04 UTC") + "."
	}
	for i := range r.Builds {
		b := &r.Builds[i]
		x := build{
			Dockerfile: b.Dockerfile, Context: b.Context, Target: b.Target, Unit: b.unit(), Now: round(b.Now), Floor: round(b.Floor), Whole: round(b.Whole),
			Commits: []commit{}, Files: b.files(), Proposals: []proposal{}, Basis: b.basis(), Shared: b.shared(),
		}
		if len(b.Commits) > 0 {
			x.Over, x.Lead = b.over(), b.lead()
		}
		x.Most, x.Notes = b.limits()
		var changed [][][]string
		x.Steps, changed = htmlSteps(b.Steps, len(b.Commits))
		for n, c := range b.Commits {
			x.Commits = append(x.Commits, commit{c.ID, c.Time.Format("2006-01-02"), c.Subject, changed[n]})
		}
		for i := range b.Proposals {
			p := &b.Proposals[i]
			steps, why := htmlSteps(p.Steps, len(b.Commits))
			x.Proposals = append(x.Proposals, proposal{p.data(), p.head(), p.Part, p.commands(), steps, why})
		}
		page.Builds = append(page.Builds, x)
	}
	data, err := json.Marshal(page) // it escapes <, > and &, so that nothing can end the script element
	if err != nil {
		return err
	}
	before, after, _ := bytes.Cut(replayPage, []byte("DATA"))
	for _, part := range [][]byte{before, data, after} {
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	return nil
}
