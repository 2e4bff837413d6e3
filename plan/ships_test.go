package plan_test

import (
	"testing"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestShips(t *testing.T) {
	p := plan.New(parser.Parse("Dockerfile", []byte(`FROM golang AS base
FROM base AS build
WORKDIR /src
COPY app ./x
FROM node AS web
FROM debian
COPY --from=build /src/x /x
COPY --from=web /dist/* /dist/
`)), plan.Options{})
	for _, c := range []struct {
		stage int
		file  string
		want  bool
	}{
		{0, "/src/x/a", true}, {1, "/src/x/a", true}, {1, "/src/x", true}, {1, "/src/xy", false}, {1, "/src", false}, {2, "/dist/a", false}, {3, "/any", true},
	} {
		if got := p.Ships(p.Stages[c.stage], c.file); got != c.want {
			t.Errorf("Ships(%d, %s) = %v", c.stage, c.file, got)
		}
	}
	if file, ok := p.Stages[1].Steps[1].Lands("a/b"); file != "/src/x/a/b" || !ok {
		t.Errorf("lands at %q, %v", file, ok)
	}
}
