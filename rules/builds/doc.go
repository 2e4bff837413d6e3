// Package builds has the rules for files that describe builds, such as compose files.
package builds

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// readable reports whether dockvet reads the Dockerfile as the build does: all of it parses, and its frontend is
// Docker's own.
func readable(p *lint.Pass) bool {
	if p.Plan == nil || len(p.File.Errors) > 0 {
		return false
	}
	i := p.Plan.Syntax
	return i == nil || i.Ref != nil && i.Ref.Registry == "docker.io" && strings.HasPrefix(i.Ref.Repository, "docker/dockerfile")
}

// quoted lists names for a sentence: `a`, `b` and `c`.
func quoted(names []string) string {
	var b strings.Builder
	for i, n := range names {
		switch {
		case i > 0 && i == len(names)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString("`" + n + "`")
	}
	return b.String()
}

// stageNames are the names of the stages of p.
func stageNames(p *plan.Plan) []string {
	var names []string
	for _, s := range p.Stages {
		if s.Name != "" {
			names = append(names, s.Name)
		}
	}
	return names
}
