package image

import (
	_ "embed"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/lazy"
)

//go:embed abandoned.txt
var abandonedText string

// Abandoned is what is known of an image that its publisher no longer updates.
type Abandoned struct {
	Since   time.Time // a day on which that was so
	Instead string    // what to use, with its backquotes
	Source  string
	tag     *lazy.Regexp // of the tags that are meant; nil for all
}

// abandonments are the rows of abandoned.txt for a name: its own, or those of the first beginning that it has.
var abandonments = lazy.Memo[[]Abandoned]{Find: func(name string) []Abandoned {
	var own, begun []Abandoned
	beginning := ""
	for line := range strings.Lines(abandonedText) {
		of, _, _ := strings.Cut(line, "\t")
		glob, ok := strings.CutSuffix(of, "*")
		switch {
		case of == name:
			own = append(own, readAbandoned(line)...)
		case ok && strings.Contains(name, "/") && strings.HasPrefix(name, glob) && (beginning == "" || beginning == glob):
			beginning = glob
			begun = append(begun, readAbandoned(line)...)
		}
	}
	if own != nil {
		return own
	}
	return begun
}}

// readAbandoned reads a row, nil for what is none.
func readAbandoned(line string) []Abandoned {
	f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	if strings.HasPrefix(line, "#") || len(f) != 5 {
		return nil
	}
	since, err := time.Parse(time.DateOnly, f[2])
	if err != nil {
		return nil // a test reads each line
	}
	a := Abandoned{Since: since, Instead: f[3], Source: f[4]}
	if f[1] != "-" {
		a.tag = &lazy.Regexp{Expr: f[1]}
	}
	return []Abandoned{a}
}

// Abandoned says since when the publisher of the image no longer updates it, on the day now; ok is false if it does, or if
// that is not known.
func (i Image) Abandoned(now time.Time) (a Abandoned, ok bool) {
	name := i.Official()
	if name == "" {
		name = i.Name()
	}
	for _, a := range abandonments.Get(name) {
		if !a.Since.After(now) && (a.tag == nil || a.tag.Get().MatchString(i.Tag)) {
			return a, true
		}
	}
	return Abandoned{}, false
}
