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

// abandoned are the rows of abandoned.txt by name, and the names that end in *, without it.
type abandoned struct {
	rows  map[string][]Abandoned
	globs []string
}

var abandonments = lazy.Value[abandoned]{Make: func() abandoned {
	all := abandoned{rows: map[string][]Abandoned{}}
	for line := range strings.Lines(abandonedText) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 5 {
			continue
		}
		since, err := time.Parse(time.DateOnly, f[2])
		if err != nil {
			continue // a test reads each line
		}
		a := Abandoned{Since: since, Instead: f[3], Source: f[4]}
		if f[1] != "-" {
			a.tag = &lazy.Regexp{Expr: f[1]}
		}
		if glob, ok := strings.CutSuffix(f[0], "*"); ok {
			all.globs = append(all.globs, glob)
		}
		all.rows[f[0]] = append(all.rows[f[0]], a)
	}
	return all
}}

// Abandoned says since when the publisher of the image no longer updates it, on the day now; ok is false if it does, or if
// that is not known.
func (i Image) Abandoned(now time.Time) (a Abandoned, ok bool) {
	name := i.Official()
	if name == "" {
		name = i.Name()
	}
	all := abandonments.Get()
	rows := all.rows[name]
	if rows == nil && strings.Contains(name, "/") {
		for _, glob := range all.globs {
			if strings.HasPrefix(name, glob) {
				rows = all.rows[glob+"*"]
				break
			}
		}
	}
	for _, a := range rows {
		if !a.Since.After(now) && (a.tag == nil || a.tag.Get().MatchString(i.Tag)) {
			return a, true
		}
	}
	return Abandoned{}, false
}
