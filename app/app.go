// Package app is what an application says of itself in its files: the manifests of its dependencies and the ports that its
// sources listen on.
package app

import "github.com/dockvet/dockvet/buildcontext"

// App is the application in a build context. Its facts are read on first use.
type App struct {
	ctx     *buildcontext.Context
	listens []Listen
	looked  bool
}

// New looks at ctx.
func New(ctx *buildcontext.Context) *App { return &App{ctx: ctx} }

// Listen is a port that a source file plainly listens on.
type Listen struct {
	Port      int
	File      string // in the build context
	Line      int    // from 1
	Framework string // Flask, Express, …
	Host      string // "" if the source does not say
	Debug     bool   // a debug mode is switched on beside it
}
