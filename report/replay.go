package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/console"
)

// Replay is what `dockvet replay` shows.
type Replay struct {
	Builds []ReplayBuild
	Tool   string    // name and version of what made it; "": the page does not say
	Made   time.Time // when
}

// ReplayBuild is one build over a history.
type ReplayBuild struct {
	Dockerfile, Context string // as reports print them
	Target              string // the name or number of the stage
	Repository, Branch  string // the name of the repository's directory; Branch is "" if HEAD is on none
	Commits             []ReplayCommit
	Steps               []ReplayStep
	Seconds             bool    // costs are seconds, not relative weights
	Whole               float64 // the cost of a build without a cache
	Now, Floor          float64 // costs of an average commit: as it is, and if no step ran for what it does not need
	Files               []ReplayFile
	Others              int         // how many files are not in Files
	OthersCost          float64     // what these cost, for each commit on average
	Missing             ReplayCause // what the Dockerfile copies and most commits do not have; Commits is 0 if all have everything
	Proposals           []ReplayProposal
	Notes               []string // sentences without a full stop
}

// ReplayCommit is a commit that was built.
type ReplayCommit struct {
	ID, Subject string
	Time        time.Time
}

// ReplayState is what happened to a step after a commit.
type ReplayState byte

// The states.
const (
	ReplayKept ReplayState = iota
	ReplayRan
	ReplayUnknown
	ReplayAbsent // the Dockerfile of the commit has no such step
)

// ReplayCause is a file, or a build argument, with how many commits it made a step run.
type ReplayCause struct {
	Path    string
	Commits int
}

// ReplayFile is what a path costs.
type ReplayFile struct {
	Path    string
	Commits int     // in which it made a step run
	Cost    float64 // for each commit on average
}

// ReplayStep is a step that makes a layer.
type ReplayStep struct {
	Line          int     // in the Dockerfile, from 1
	Keyword, Text string  // Text is on one line
	Stage         string  // name or number
	Kind          string  // what takes time in it
	Ran, Unknown  int     // commits
	Cost          float64 // of an average commit
	Open          string  // why it is unknown even in commits that change nothing; "" if it is not
	Whole         bool    // it copies the whole build context
	First         int     // the number of the step that most often was the first to run again when this one did; its own if nothing above was why
	FirstCommits  int     // how often it was
	Causes        []ReplayCause
	States        []ReplayState // by commit
	Why           [][]string    // by commit: paths that made it run, some of them
}

// ReplayProposal is a change of the Dockerfile or its ignore file.
type ReplayProposal struct {
	Title      string
	Cost, Gain float64  // of an average commit, and what it saves of Now, from 0 to 1
	Diff       string   // unified, with names in the repository
	Part       bool     // the first proposal contains it
	Moved      int      // how many steps run earlier
	Mounted    int      // how many steps get a cache mount
	Changes    []string // what it changes, one clause each
	Steps      []ReplayStep
}

// replayWidth is the width of the text where no terminal says so.
const replayWidth = 140

// maxReplayCauses is how many causes of a step are listed.
const maxReplayCauses = 10

// WriteJSON writes r for programs. Arrays are never null.
func (r *Replay) WriteJSON(out io.Writer) error {
	type cause struct {
		Path    string `json:"path"`
		Commits int    `json:"commits"`
	}
	type step struct {
		Line    int     `json:"line"`
		Keyword string  `json:"keyword"`
		Stage   string  `json:"stage"`
		Kind    string  `json:"kind"`
		Reran   int     `json:"reran"`
		Unknown int     `json:"unknown"`
		Cost    float64 `json:"cost"`
		Causes  []cause `json:"causes"`
	}
	type build struct {
		Dockerfile string           `json:"dockerfile"`
		Context    string           `json:"context"`
		Target     string           `json:"target"`
		Commits    int              `json:"commits"`
		Steps      []step           `json:"steps"`
		Cost       any              `json:"cost"`
		Files      []replayFile     `json:"files"`
		Proposals  []replayProposal `json:"proposals"`
		Notes      []string         `json:"notes"`
	}
	page := struct {
		Version int     `json:"version"`
		Builds  []build `json:"builds"`
	}{Version: 1, Builds: []build{}}
	for i := range r.Builds {
		b := &r.Builds[i]
		x := build{
			Dockerfile: b.Dockerfile, Context: b.Context, Target: b.Target, Commits: len(b.Commits), Steps: []step{}, Files: b.files(),
			Proposals: []replayProposal{},
		}
		most, others := b.limits()
		x.Notes = slices.Concat(most, others)
		x.Cost = struct {
			Now   float64 `json:"now"`
			Floor float64 `json:"floor"`
			Whole float64 `json:"whole"`
			Unit  string  `json:"unit"`
		}{round(b.Now), round(b.Floor), round(b.Whole), b.unit()}
		for _, s := range b.Steps {
			y := step{s.Line, s.Keyword, s.Stage, s.Kind, s.Ran, s.Unknown, round(s.Cost), []cause{}}
			for _, c := range s.Causes[:min(len(s.Causes), maxReplayCauses)] {
				y.Causes = append(y.Causes, cause(c))
			}
			x.Steps = append(x.Steps, y)
		}
		for i := range b.Proposals {
			x.Proposals = append(x.Proposals, b.Proposals[i].data())
		}
		page.Builds = append(page.Builds, x)
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(page)
}

// replayFile and replayProposal are ReplayFile and ReplayProposal as JSON and the page have them.
type (
	replayFile struct {
		Path    string  `json:"path"`
		Commits int     `json:"commits"`
		Cost    float64 `json:"cost"`
	}
	replayProposal struct {
		Title   string   `json:"title"`
		Cost    float64  `json:"cost"`
		Gain    float64  `json:"gain"`
		Diff    string   `json:"diff"`
		Changes []string `json:"changes"`
	}
)

func (b *ReplayBuild) files() []replayFile {
	out := []replayFile{}
	for _, f := range b.Files {
		out = append(out, replayFile{f.Path, f.Commits, round(f.Cost)})
	}
	return out
}

func (p *ReplayProposal) data() replayProposal {
	return replayProposal{p.Title, round(p.Cost), round(p.Gain), p.Diff, append([]string{}, p.Changes...)}
}

func (b *ReplayBuild) unit() string {
	if b.Seconds {
		return "seconds"
	}
	return "weight"
}

// round is x with four digits after the point.
func round(x float64) float64 { return float64(int64(x*1e4+0.5)) / 1e4 }

// WriteText writes r for people, no wider than o.Width.
func (r *Replay) WriteText(out io.Writer, o Options) error {
	p := &page{w: bufio.NewWriter(out), color: o.Color, width: o.Width}
	if p.width <= 0 {
		p.width = replayWidth
	}
	for i := range r.Builds {
		if i > 0 {
			console.Put(p.w, "\n")
		}
		p.replay(&r.Builds[i])
	}
	return p.w.Flush()
}

func (p *page) replay(b *ReplayBuild) {
	p.line(part{bold, b.Dockerfile}, part{dim, ", target stage " + b.Target + ", build context " + b.Context})
	n := len(b.Commits)
	if n == 0 {
		p.line(part{yellow, "no commit to replay"})
		return
	}
	const day = "2006-01-02"
	p.prose("", b.over()+", "+b.Commits[0].Time.Format(day)+" to "+b.Commits[n-1].Time.Format(day))
	p.prose(dim, replayAssumption)
	p.prose("", b.lead())
	most, others := b.limits()
	for _, s := range most {
		p.prose(yellow, s+".")
	}
	p.heading("Steps that the cache would not have kept")
	textWidth := min(max(p.width/3, 20), 44)
	p.line(part{dim, fmt.Sprintf("%5s  %s  %-8s %12s %7s %6s  %s", "line", pad("step", textWidth), "kind", "ran again", "unknown", "cost", "what changed most often")})
	for _, s := range b.Steps {
		style := ""
		share := float64(s.Ran) / float64(len(b.Commits))
		switch {
		case s.Ran+s.Unknown == 0:
			style = dim
		case b.Now > 0 && s.Cost/b.Now >= 0.25:
			style = red
		}
		unknown := ""
		if s.Unknown > 0 {
			unknown = fmt.Sprint(s.Unknown)
		}
		cost := ""
		if b.Now > 0 {
			cost = percent(s.Cost / b.Now)
		}
		var causes []string
		for _, c := range s.Causes[:min(len(s.Causes), 3)] {
			causes = append(causes, fmt.Sprintf("%s (%d)", c.Path, c.Commits))
		}
		if len(s.Causes) > 3 {
			causes = append(causes, fmt.Sprintf("%s more", number(len(s.Causes)-3)))
		}
		p.line(part{style, fmt.Sprintf("%5d  %s  %-8s %4d %7s %7s %6s  ", s.Line, pad(s.Text, textWidth), s.Kind, s.Ran, percent(share), unknown, cost)},
			part{dim, strings.Join(causes, ", ")})
	}
	p.strip(b)
	p.heading("Cost of a build after an average commit")
	p.line(part{"", fmt.Sprintf("%9s  as it is", b.figure(b.Now))})
	p.line(part{"", fmt.Sprintf("%9s  if no step ran again for what it does not need", b.figure(b.Floor))})
	p.line(part{dim, fmt.Sprintf("%9s  without a cache", b.figure(b.Whole))})
	p.prose(dim, b.basis())
	if len(b.Files) > 0 && b.Files[0].Cost > 0 {
		p.heading("Files that cost most")
		for _, f := range b.Files {
			p.line(part{"", fmt.Sprintf("%9s  %s", b.figure(f.Cost), f.Path)}, part{dim, ", in " + amount(f.Commits, "commit")})
		}
		p.prose(dim, b.shared())
	}
	overlap := partsOverlap
	for _, x := range b.Proposals {
		console.Put(p.w, "\n")
		p.prose(bold, x.head())
		if x.Part {
			p.prose(dim, overlap)
			overlap = ""
		}
		p.line(part{green, fmt.Sprintf("%9s  instead of %s, %s less", b.figure(x.Cost), b.figure(b.Now), percent(x.Gain))})
		p.prose("", x.commands())
		if len(x.Changes) > 0 {
			p.line(part{dim, "What to check before you apply it:"})
		}
		for _, c := range x.Changes {
			p.item(dim, c)
		}
		for line := range strings.Lines(x.Diff) {
			style := ""
			switch line[0] {
			case '+':
				style = green
			case '-':
				style = red
			}
			p.line(part{style, strings.TrimSuffix(line, "\n")})
		}
	}
	if len(others) > 0 {
		p.heading("What limits the answer")
		for _, n := range others {
			p.item("", n)
		}
	}
}

// prose writes s, if it is not empty, in lines of the page's width.
func (p *page) prose(style, s string) {
	if s == "" {
		return
	}
	for _, line := range wrap(s, p.width) {
		p.line(part{style, line})
	}
}

// item writes s as part of a list.
func (p *page) item(style, s string) {
	mark := "- "
	for _, line := range wrap(s, p.width-len(mark)) {
		p.line(part{style, mark + line})
		mark = "  "
	}
}

// wrap breaks s into lines of at most width columns, at spaces.
func wrap(s string, width int) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && console.Width(line)+1+console.Width(word) > width {
			out, line = append(out, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(out, line)
}

// strip is the heat strip: commits across, steps down.
func (p *page) strip(b *ReplayBuild) {
	p.heading("Commits from the oldest to the newest")
	width := min(len(b.Commits), max(p.width-20, 20))
	for _, s := range b.Steps {
		parts := []part{{dim, fmt.Sprintf("%5d  %-8s ", s.Line, s.Keyword)}}
		for column := range width {
			from, to := column*len(b.Commits)/width, (column+1)*len(b.Commits)/width
			ran, unknown := 0, 0
			for _, state := range s.States[from:to] {
				switch state {
				case ReplayRan:
					ran++
				case ReplayUnknown:
					unknown++
				case ReplayKept, ReplayAbsent:
				}
			}
			shade, style := "·", dim
			switch share := float64(ran) / float64(to-from); {
			case ran == 0 && unknown > 0:
				shade, style = "?", yellow
			case share > 0.67:
				shade, style = "█", red
			case share > 0.33:
				shade, style = "▓", red
			case share > 0:
				shade, style = "▒", red
			}
			if last := len(parts) - 1; parts[last].code == style && last > 0 {
				parts[last].text += shade
			} else {
				parts = append(parts, part{style, shade})
			}
		}
		p.line(parts...)
	}
	legend := "█ ran again, ? unknown, · kept"
	if width < len(b.Commits) {
		legend = fmt.Sprintf("a column is %.1f commits: █ ran again in most, ▓ in half, ▒ in some, ? unknown, · kept", float64(len(b.Commits))/float64(width))
	}
	p.line(part{dim, "       " + legend})
}

// pad is s in exactly width columns.
func pad(s string, width int) string {
	s = shorten(clean(s), width)
	return s + strings.Repeat(" ", width-console.Width(s))
}
