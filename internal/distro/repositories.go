package distro

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed repositories.txt
var repositoriesText string

// repository is a package source that is not the distribution's.
type repository struct{ address, words, script, program string }

var repositories = sync.OnceValue(func() []repository {
	var out []repository
	for line := range strings.Lines(repositoriesText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		line, script, _ := strings.Cut(line, " | ")
		script, program, _ := strings.Cut(script, " +")
		address, words, _ := strings.Cut(line, " ")
		out = append(out, repository{address, " " + words + " ", script, program})
	}
	return out
})

// AnyPackage is what a source brings that is not known.
const AnyPackage = " * "

// Repository is what the package source that a text names brings: what is in the names of its packages, each between spaces.
func Repository(text string) string {
	for _, r := range repositories() {
		if strings.Contains(text, r.address) {
			return r.words
		}
	}
	return AnyPackage
}

// Script is what an installation script from the web does, by its address: what the package source that it adds brings, "" if it
// adds none, and a program that comes with these packages. ok is false for one that is not known.
func Script(address string) (words, program string, ok bool) {
	if !strings.Contains(address, "://") {
		return "", "", false
	}
	for _, r := range repositories() {
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
