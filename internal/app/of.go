package app

import "github.com/dockvet/dockvet/lint"

var fact = lint.NewFact(func(p *lint.Pass) *App {
	if p.Context() == nil {
		return nil
	}
	return New(p.Context())
})

// Of is the application in the build context, nil without a build context.
func Of(p *lint.Pass) *App { return fact.Of(p) }
