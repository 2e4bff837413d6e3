package distro

import (
	_ "embed"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
)

//go:embed repositories.txt
var repositoriesText string

// repository is a package source that is not the distribution's.
type repository struct {
	address, words, script, program string
	dropped                         map[string]time.Time // releases of Ubuntu for which it has no packages any more
}

var repositories = lazy.Value[[]repository]{Make: func() []repository {
	var out []repository
	for line := range strings.Lines(repositoriesText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		line, script, _ := strings.Cut(line, " | ")
		script, program, _ := strings.Cut(script, " +")
		line, dropped, _ := strings.Cut(line, " ! ")
		address, words, _ := strings.Cut(line, " ")
		r := repository{address, " " + words + " ", script, program, map[string]time.Time{}}
		for entry := range strings.FieldsSeq(dropped) {
			release, day, _ := strings.Cut(entry, ":")
			if since, err := time.Parse(time.DateOnly, day); err == nil {
				r.dropped[release] = since
			}
		}
		out = append(out, r)
	}
	return out
}}

// AnyPackage is what a source brings that is not known.
const AnyPackage = " * "

// Repository is what the package source that a text names brings: what is in the names of its packages, each between spaces.
func Repository(text string) string {
	for _, r := range repositories.Get() {
		if strings.Contains(text, r.address) {
			return r.words
		}
	}
	return AnyPackage
}

// Dropped reports whether all package sources that bring these words, as Repository returns them, have no packages for the release any more.
func Dropped(words string, r image.Release, now time.Time) bool {
	found := false
	for _, known := range repositories.Get() {
		if known.words != words {
			continue
		}
		since, ok := known.dropped[r.Name]
		if !ok || r.Distribution != "ubuntu" || since.After(now) {
			return false
		}
		found = true
	}
	return found
}

// Script is what an installation script from the web does, by its address: what the package source that it adds brings, "" if it
// adds none, and a program that comes with these packages. ok is false for one that is not known.
func Script(address string) (words, program string, ok bool) {
	if !strings.Contains(address, "://") {
		return "", "", false
	}
	for _, r := range repositories.Get() {
		switch {
		case r.script == "" || !strings.Contains(address, r.script):
		case r.words == " - ":
			return "", "", true
		default:
			return r.words, r.program, true
		}
	}
	return "", "", false
}
