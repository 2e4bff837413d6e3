package builders

import (
	"github.com/dockvet/dockvet/internal/dialect"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// BuilderDifference reports what the builder of the image does in another way than BuildKit, and an ignore file that it does
// not read.
var BuilderDifference = &lint.Rule{
	Name: "builder-difference", Summary: "the image's builder behaves differently from BuildKit", Category: lint.Builders,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		report(p, dialect.Differs)
		ignoreFile(p)
	}),
}

// ignoreFile reports, at the first COPY of the build context, an ignore file that the builder does not read.
func ignoreFile(p *lint.Pass) {
	ctx := p.Context()
	if ctx == nil {
		return
	}
	builder, hint := p.Builder()
	var message, note, help string
	switch {
	case builder != lint.Buildah && ctx.Ignore == "" && ctx.Has(".containerignore"):
		message, note, help = "`.containerignore` has no effect", "only buildah and podman read it", "rename it to `.dockerignore`, which all builders read"
	case builder == lint.Buildah && hint == "" && ctx.Ignore == ".containerignore" && ctx.Has(".dockerignore"):
		message, note, help = "`.dockerignore` has no effect", "buildah does not read it if there is a `.containerignore`", "keep only one of the two files"
	default:
		return
	}
	if step := firstCopy(p.Plan); step != nil {
		f := p.Report(step.Instruction.Keyword.Full(), "%s", message).Because("%s", note).Advise("%s", help)
		if builder == lint.Buildah {
			f.Severity = lint.Info
		}
	}
}

// firstCopy is the first COPY or ADD of the build context in a stage that the target needs.
func firstCopy(p *plan.Plan) *plan.Step {
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			if s.Reached && step.Copy != nil && step.Copy.Context() {
				return step
			}
		}
	}
	return nil
}
