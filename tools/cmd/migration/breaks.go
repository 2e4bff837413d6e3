package main

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"

	"github.com/dockvet/dockvet/tools/internal/cases"
	"github.com/dockvet/dockvet/tools/internal/oracle"
)

// breaks says, for one rule, what its findings stop that are not one of BuildKit's checks.
type breaks struct {
	frontend, build  bool // what the findings break
	rejected, silent bool // what `docker build --check` does with a case that has one
}

// breaking is the table of the rules that report what stops a build and what none of BuildKit's checks reports, as the
// cases of each rule have it. Whether `docker build --check` fails is up to BuildKit's own code.
func breaking(root string) (string, error) {
	var b strings.Builder
	b.WriteString("| rule | profile | what is wrong | `docker build` | `docker build --check` |\n|---|---|---|---|---|\n")
	for _, r := range rules.All() {
		all, err := cases.Of(root, r)
		if err != nil {
			return "", err
		}
		var x breaks
		for _, c := range all {
			x.add(c)
		}
		if x.frontend || x.build {
			line(&b, link(r), profile(root, r, ""), r.Summary, x.stops(), x.check())
		}
	}
	return b.String(), nil
}

func (x *breaks) add(c cases.Case) {
	known := func(alias string) bool { return lint.Tool(alias) == "buildkit" }
	here := false
	for _, f := range c.Findings {
		if f.Breaks == "" || slices.ContainsFunc(f.Aliases, known) {
			continue
		}
		x.frontend, x.build = x.frontend || f.Breaks == lint.BreaksFrontend, x.build || f.Breaks == lint.BreaksBuild
		here, x.silent = here || !f.Elsewhere, x.silent || f.Elsewhere
	}
	if here && oracle.Rejects(c.Dockerfile) {
		x.rejected = true
	} else if here {
		x.silent = true
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
	switch {
	case !x.silent:
		return "error"
	case !x.rejected:
		return "nothing"
	}
	return "error or nothing"
}
