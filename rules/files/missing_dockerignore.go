package files

import (
	"fmt"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MissingDockerignore reports a COPY or ADD of the whole build context when nothing says what stays out of it. It speaks once
// a file, and only of a build context that is known.
var MissingDockerignore = &lint.Rule{
	Name: "missing-dockerignore", Summary: "the whole build context is copied and no .dockerignore exists", Category: lint.Files,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Context().Ignore != "" {
			return
		}
		for _, s := range p.Plan.Stages {
			for _, step := range s.Steps {
				if !s.Reached || !step.Copy.Whole() {
					continue
				}
				dockerignore(p, step)
				return
			}
		}
	}),
}

func dockerignore(p *lint.Pass, step *plan.Step) {
	for _, src := range step.Copy.Sources {
		if !src.Whole() {
			continue
		}
		f := p.Report(src.Word.Full(), "the whole build context is copied, and it has no `.dockerignore`").
			Advise("list what the image does not need in `.dockerignore`: at least `.git`, `.env` and `Dockerfile`")
		gets := "the image"
		if !step.Stage.Shipped {
			gets = "the build"
		}
		if found := unwanted(p); len(found) > 0 {
			f.Because("%s gets %s, and each change there invalidates this layer", gets, strings.Join(found, ", "))
		} else {
			f.Because("%s gets whatever is put into this folder: `.git`, `.env`, local builds", gets)
		}
		return
	}
}

// unwanted are the names at the root of the build context that hardly any image wants, in backticks.
func unwanted(p *lint.Pass) []string {
	var found []string
	for _, name := range []string{".git", ".env", "node_modules", ".venv", "venv", "__pycache__", "target", ".terraform", ".idea", ".vscode"} {
		if p.Context().Has(name) {
			found = append(found, fmt.Sprintf("`%s`", name))
		}
	}
	return found
}
