// Package outside asks what the repository cannot answer: programs and the git history now, registries later. All that a run
// wants to know is collected first and asked at once, before the first build is linted, and the answers are plain data
// in lint.Build: the rules ask nobody.
package outside

import (
	"context"
	"iter"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Place is where a build comes from.
type Place struct {
	Dockerfile string // its absolute name, "" for standard input
	Context    string // the absolute name of the build context, "" without one
	Options    plan.Options
}

// Source is one thing outside the repository. It remembers its answers, so the same question in a later build is not
// asked again.
type Source interface {
	// Collect notes what there is to ask about b, which comes from at. Several goroutines may call it at once.
	Collect(b *lint.Build, at Place)
	// Ask asks what was collected since the last call. After an error the source stays silent: it asks no more, and
	// Answer leaves builds as they are.
	Ask(ctx context.Context) error
	// Answer puts the answers for b into b.Outside. Several goroutines may call it at once, but not while Ask runs.
	Answer(b *lint.Build)
}

// scripts are those of each RUN and ONBUILD RUN of b, which its rules see later.
func scripts(b *lint.Build) iter.Seq[*shell.Script] {
	if b.Scripts == nil {
		b.Scripts = new(shell.Scripts)
	}
	return b.Scripts.All(b.Plan)
}
