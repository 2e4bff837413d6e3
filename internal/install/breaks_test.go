package install_test

import (
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

func TestFails(t *testing.T) {
	const start = "FROM node:24-slim\nWORKDIR /app\nCOPY package.json ./\n"
	for run, want := range map[string]bool{
		"RUN npm ci":                                             true,
		"RUN npm ci && npm run build":                            true,
		"RUN ls; npm ci":                                         true,
		"RUN set -eux; npm ci; npm run build":                    true,
		"RUN [\"npm\", \"ci\"]":                                  true,
		"RUN npm run locks; npm ci":                              false,
		"RUN npm install":                                        false,
		"RUN npm ci || npm install":                              false,
		"RUN npm ci; npm run build":                              false,
		"RUN set -e; npm ci && ls; ls":                           false,
		"RUN if true; then npm ci; fi":                           false,
		"RUN npm ci | tee log":                                   false,
		"RUN ! npm ci":                                           false,
		"RUN npm ci &":                                           false,
		"RUN npm i --package-lock-only\nRUN npm ci":              false,
		"RUN echo {} >package-lock.json\nRUN npm ci":             false,
		"COPY --from=ghcr.io/example/locks / .\nRUN npm ci":      false,
		"ADD https://example.com/lock.tar.gz ./\nRUN npm ci":     false,
		"ENV NODE_ENV=production\nUSER node\nRUN npm ci --quiet": true,
	} {
		ctx, err := buildcontext.New(fstest.MapFS{"package.json": &fstest.MapFile{Data: []byte("{}")}}, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		got := false
		rule := &lint.Rule{Name: "fails", Check: lint.OnCall(func(p *lint.Pass, call *shell.Call) {
			got = got || install.Of(p).Fails(call)
		})}
		lint.New([]*lint.Rule{rule}, lint.Settings{Profile: lint.Strict}).
			Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(start+run+"\n")), plan.Options{}), Context: ctx})
		if got != want {
			t.Errorf("%s: %v, want %v", run, got, want)
		}
	}
}
