package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"

	"github.com/dockvet/dockvet/tools/internal/oracle"
	"github.com/dockvet/dockvet/tools/internal/tree"
)

// breaks counts, for one rule, the cases with a finding that stops the build and that is not one of BuildKit's checks.
type breaks struct {
	frontend, build         bool // what the findings break
	rejected, silent, apart int  // cases that `docker build --check` rejects, does not, and with findings in another file
}

// breaking is the table of the rules that report what stops a build and what none of BuildKit's checks reports, as the
// cases of each rule have it. Whether `docker build --check` fails is up to BuildKit's own code.
func breaking() (string, error) {
	root, err := tree.Root()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| rule | profile | what is wrong | `docker build` | `docker build --check` |\n|---|---|---|---|---|\n")
	for _, r := range rules.All() {
		names, err := filepath.Glob(filepath.Join(root, "testdata", "rules", r.Name, "*.txtar"))
		if err != nil {
			return "", err
		}
		var x breaks
		for _, name := range names {
			a, err := txtar.ParseFile(name)
			if err != nil {
				return "", fmt.Errorf("%s: %w", r.Name, err)
			}
			x.add(a)
		}
		if x.frontend || x.build {
			line(&b, link(r), profile(r), r.Summary, x.stops(), x.check())
		}
	}
	return b.String(), nil
}

// place begins each finding in the section want.
var place = regexp.MustCompile(`^(\S+:)?\d+:\d+-\d+:\d+ `)

func (x *breaks) add(a *txtar.Archive) {
	sections := map[string]string{}
	for _, f := range a.Files {
		sections[f.Name] = string(f.Data)
	}
	here, apart := false, false
	what, elsewhere, known := "", false, false
	end := func() {
		if what == "" || known {
			return
		}
		x.frontend, x.build = x.frontend || what == string(lint.BreaksFrontend), x.build || what == string(lint.BreaksBuild)
		here, apart = here || !elsewhere, apart || elsewhere
	}
	for l := range strings.Lines(sections["want"]) {
		l = strings.TrimSuffix(l, "\n")
		if m := place.FindStringSubmatch(l); m != nil {
			end()
			what, elsewhere, known = "", m[1] != "", false
		}
		if alias, ok := strings.CutPrefix(l, "  alias "); ok {
			known = known || lint.Tool(alias) == "buildkit"
		}
		if s, ok := strings.CutPrefix(l, "  breaks "); ok {
			what = s
		}
	}
	end()
	switch {
	case apart:
		x.apart++
	case here && oracle.Rejects([]byte(sections["Dockerfile"])):
		x.rejected++
	case here:
		x.silent++
	}
}

func (x *breaks) stops() string {
	switch {
	case !x.build:
		return "rejects it"
	case !x.frontend:
		return "fails"
	}
	return "rejects it, or fails"
}

func (x *breaks) check() string {
	var says []string
	if x.rejected > 0 {
		says = append(says, "error")
	}
	if x.silent > 0 || x.apart > 0 {
		says = append(says, "nothing")
	}
	return strings.Join(says, " or ")
}
