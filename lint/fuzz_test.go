package lint_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// FuzzLint checks that no rule fails on any input, and that each finding is in the file. Its seeds are the cases of
// all rules.
func FuzzLint(f *testing.F) {
	names, err := filepath.Glob("../testdata/rules/*/*.txtar")
	if err != nil || len(names) == 0 {
		f.Fatal("no cases of rules", err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name == "Dockerfile" {
				f.Add(file.Data)
			}
		}
	}
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict, RequireReason: true})
	f.Fuzz(func(t *testing.T, src []byte) {
		files := fstest.MapFS{"Dockerfile": {Data: src}, "app.py": {Data: src}, "package.json": {Data: src}, "server.js": {Data: src}, ".dockerignore": {Data: src}}
		ctx, err := buildcontext.New(files, "Dockerfile")
		if err != nil {
			ctx = nil
		}
		for _, x := range linter.Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", src), plan.Options{}), Context: ctx}) {
			if x.Rule.Name == lint.RuleBug {
				t.Error(x.Message)
			}
			if x.Span.Start < 0 || x.Span.End < x.Span.Start || x.Span.End > len(src) {
				t.Errorf("%s: span %v of %d bytes", x.Rule.Name, x.Span, len(src))
			}
		}
	})
}

// FuzzApplication checks that no rule fails on any file of an application.
func FuzzApplication(f *testing.F) {
	names := []string{
		"package.json", "package-lock.json", "requirements.txt", "pyproject.toml", "go.mod", "pom.xml", "Cargo.toml", "composer.json", "Gemfile",
		"app.csproj", "entrypoint.sh", "nginx.conf", "app.py", "server.js", ".npmrc", ".dockerignore", ".gitignore", "Procfile",
	}
	for i := range names {
		for _, text := range []string{"{\"scripts\": {\"start\": \"node a.js --port 80\"}}", "a==1 # b\n-r c\n", "[a]\nb = \"c\"\n", "module a\n\ngo 1.21\n", "#!/bin/sh\r\nexec \"$@\"\n", "*\n***\n"} {
			f.Add(uint8(i), text) //nolint:gosec // there are fewer than 256
		}
	}
	const dockerfile = "FROM node:24\nCOPY . .\nRUN npm ci && pip install -r requirements.txt && go build\nEXPOSE 80\nUSER a\nENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"npm\", \"start\"]\n"
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict})
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		ctx, err := buildcontext.New(fstest.MapFS{"Dockerfile": {Data: []byte(dockerfile)}, names[int(which)%len(names)]: {Data: []byte(text)}}, "Dockerfile")
		if err != nil {
			return
		}
		for _, x := range linter.Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(dockerfile)), plan.Options{}), Context: ctx}) {
			if x.Rule.Name == lint.RuleBug {
				t.Error(x.Message)
			}
		}
	})
}

// TestCorpusHasNoBug runs every rule over real files.
func TestCorpusHasNoBug(t *testing.T) {
	names, _ := filepath.Glob("../../shared/corpus/dockerfiles/*.Dockerfile")
	if len(names) == 0 {
		t.Skip("SKIPPED: no corpus beside the checkout")
	}
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict})
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range linter.Lint(lint.Build{Plan: plan.New(parser.Parse(name, src), plan.Options{})}) {
			if x.Rule.Name == lint.RuleBug {
				t.Errorf("%s: %s", filepath.Base(name), x.Message)
			}
		}
	}
}
