package files

import (
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
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
		if step := firstWhole(p); step != nil {
			dockerignore(p, step)
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
		found := litter(p, step, src)
		gets := "the image"
		if !step.Stage.Shipped && !shipsLitter(p, step, found) {
			gets = "the build"
		}
		if len(found) > 0 {
			f.Because("%s gets %s; each change there invalidates this layer", gets, describe(weigh(found)))
		} else {
			var now string
			if taken, ok := p.Context().Transfer(step, src); ok && !taken.Cut {
				bytes, all := buildcontext.Weigh(taken.Files)
				now = count(len(taken.Files), "file") + " with " + atLeast(bytes, !all) + " now, and "
			}
			f.Because("%s gets %swhatever is put into this folder: `.git`, `.env`, local builds", gets, now)
		}
		if lines, known := app.Dockerignore(p.Context(), p.Plan, p.Script); known {
			text := strings.Join(append(lines, ".dockerignore"), "\n") + "\n"
			f.Offer(lint.Unsafe, "write `.dockerignore`", lint.Edit{File: ".dockerignore", Create: true, Text: text})
		}
		return
	}
}
