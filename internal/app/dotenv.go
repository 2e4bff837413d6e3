package app

import (
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
)

// Dotenv reports whether an env file in the build context (`.env`, `.env.production`, or an example of one) sets the
// variable called name. A program that loads such a file runs with it.
func (a *App) Dotenv(name string) bool {
	a.walk()
	for _, file := range a.dotenv {
		src, err := a.ctx.Read(file)
		if err != nil || len(src) == buildcontext.MaxRead {
			return true
		}
		for line := range strings.Lines(string(src)) {
			key, _, ok := strings.Cut(line, "=")
			if ok && strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(key), "export ")) == name {
				return true
			}
		}
	}
	return false
}
