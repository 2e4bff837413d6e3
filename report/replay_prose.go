package report

import (
	"fmt"
	"strings"
)

// The sentences that the text and the page both have. Code in them is between backticks.

// replayAssumption is what a replay takes for granted of the builder.
const replayAssumption = "It assumes one builder that builds every commit in turn and never drops its cache."

// over says what was replayed.
func (b *ReplayBuild) over() string {
	branch, commits := "HEAD", "commit"
	if b.Branch != "" {
		branch = "`" + b.Branch + "`"
	}
	if n := len(b.Commits); n > 1 {
		commits = amount(n, "commit")
	}
	return fmt.Sprintf("the last %s of %s in `%s` (first parents), up to `%.10s`", commits, branch, b.Repository, b.Commits[len(b.Commits)-1].ID)
}

// lead says which step costs most, and why it runs again; "" if no step costs anything.
func (b *ReplayBuild) lead() string {
	most := 0
	for i, s := range b.Steps {
		if s.Cost > b.Steps[most].Cost {
			most = i
		}
	}
	if len(b.Steps) == 0 || b.Steps[most].Cost == 0 {
		return ""
	}
	s := &b.Steps[most]
	runs := s.Ran + s.Unknown
	out := fmt.Sprintf("Line %d costs most: `%s` %s in %d of %d commits and makes up %s of the cost.",
		s.Line, s.brief(), s.verb(), runs, len(b.Commits), percent(s.Cost/b.Now))
	if s.First != most {
		above := &b.Steps[s.First]
		out += fmt.Sprintf(" It comes after `%s` (line %d), which ", above.brief(), above.Line)
		switch {
		case above.Whole:
			out += "copies every file that is not ignored."
		case s.FirstCommits == runs:
			out += above.verb() + " each time."
		default:
			out += fmt.Sprintf("%s in %d of them.", above.verb(), s.FirstCommits)
		}
	}
	if len(s.Causes) > 0 {
		certainly := ""
		if s.Unknown > 0 {
			certainly = " when it certainly ran"
		}
		out += fmt.Sprintf(" The file that changed most often%s is `%s`, in %d of the %d.", certainly, s.Causes[0].Path, s.Causes[0].Commits, s.Ran)
	}
	return out
}

// brief is the text of the step for a sentence, in which it is between backticks.
func (s *ReplayStep) brief() string { return shorten(strings.ReplaceAll(clean(s.Text), "`", "'"), 90) }

func (s *ReplayStep) verb() string {
	if s.Unknown > 0 {
		return "may have run again"
	}
	return "ran again"
}

// limits are sentences without a full stop on what limits the answer: those that concern most commits, and all others. Neither is nil.
func (b *ReplayBuild) limits() (most, others []string) {
	most, others = []string{}, append([]string{}, b.Notes...)
	if b.Missing.Commits == 0 {
		return most, others
	}
	missing := fmt.Sprintf("%d of the %d commits do not have `%s`, which today's Dockerfile copies. A real build of them would fail; here they count as builds that do not copy it",
		b.Missing.Commits, len(b.Commits), b.Missing.Path)
	if 2*b.Missing.Commits > len(b.Commits) {
		return append(most, missing), others
	}
	return most, append([]string{missing}, others...)
}

// basis says where the costs are from.
func (b *ReplayBuild) basis() string {
	if b.Seconds {
		return "Costs are seconds of the build log that was given. A step that may have run counts as one that did."
	}
	return "Costs and gains are estimates. They rest on weights, the seconds that each kind of step takes in a typical build: compile 20, install and download 11, " +
		"other commands 1, copy and workdir 0.1. With a cache mount, an install or a download costs half as much, and the Go compiler a fifth. " +
		"`dockvet replay --timings FILE` takes the seconds of your own build from FILE, which `docker build --no-cache --progress=plain . 2> FILE` writes. " +
		"A step that may have run counts as one that did."
}

// shared says how the costs of files come about.
func (b *ReplayBuild) shared() string {
	out := "The cost of a step that ran again is split evenly between the files that it depends on and that the commit changed."
	if b.Others > 0 {
		out += fmt.Sprintf(" These are the %s that cost most; the other %s add up to %s.", number(len(b.Files)), number(b.Others), b.figure(b.OthersCost))
	}
	return out
}

// partsOverlap is above proposals that are parts of the first.
const partsOverlap = "The parts overlap, so their gains do not add up."

// head is the title of p below other proposals.
func (p *ReplayProposal) head() string {
	if p.Part {
		return "Only this part: " + p.Title
	}
	return "Proposal: " + p.Title
}

// commands says what happens to the commands of the Dockerfile.
func (p *ReplayProposal) commands() string {
	steps := func(n int, one, many string) string {
		if n == 1 {
			return "one step " + one
		}
		return few(n) + " steps " + many
	}
	var what []string
	if p.Moved > 0 {
		what = append(what, steps(p.Moved, "runs earlier", "run earlier"))
	}
	if p.Mounted > 0 {
		what = append(what, steps(p.Mounted, "gets a cache mount", "get a cache mount"))
	}
	out := "No command is added or removed"
	if len(what) > 0 {
		out += "; " + strings.Join(what, " and ")
	}
	return out + "."
}

// few is a number in a sentence.
func few(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	if n < len(words) {
		return words[n]
	}
	return number(n)
}

// percent is a share, with a digit after the point if it is small.
func percent(x float64) string {
	if x == 0 || x >= 0.0995 {
		return fmt.Sprintf("%.0f%%", 100*x)
	}
	return fmt.Sprintf("%.1f%%", 100*x)
}

// figure is a cost, no more precise than it can be.
func (b *ReplayBuild) figure(x float64) string {
	about := "≈ "
	if b.Seconds {
		about = ""
	}
	switch {
	case x >= 9.95:
		return fmt.Sprintf("%s%.0f s", about, x)
	case x > 0 && x < 0.05:
		return "< 0.1 s"
	}
	return fmt.Sprintf("%s%.1f s", about, x)
}
