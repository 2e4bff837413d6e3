package app

import (
	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
)

var fact = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) *App { return New(c) })

// Of is the application in the build context, nil without a build context.
func Of(p *lint.Pass) *App {
	if p.Context() == nil {
		return nil
	}
	return fact.Of(p.Context())
}
