package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/litter"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MissingDockerignore reports a COPY or ADD of the whole build context if no ignore file limits it. It reports once
// per file, and only if the build context is known.
var MissingDockerignore = &lint.Rule{
	Name:     "missing-dockerignore",
	Summary:  "the whole build context is copied without a `.dockerignore`",
	Category: lint.Files,
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Context().Ignore != "" {
			return
		}
		if step := firstWhole(p); step != nil {
			dockerignore(p, step)
		}
	}),
}

// few reports whether files are hardly worth an ignore file.
func few(files []buildcontext.File) bool {
	const number, size = 8, 64 << 10
	return len(files) <= number && buildcontext.Bytes(files) <= size
}

// product reports whether line, of an ignore file, names what a package manager makes beside the sources.
func product(line string) bool {
	return slices.ContainsFunc(ecosystem.All(), func(m *ecosystem.Manager) bool {
		return slices.ContainsFunc(m.Outputs, func(o ecosystem.Output) bool { return o.Name == path.Base(line) })
	})
}

// dockerignore reports the first source of step that copies the whole build context.
func dockerignore(p *lint.Pass, step *plan.Step) {
	for _, c := range litter.Of(p) {
		src := c.Source
		if c.Step != step || !src.Whole() {
			continue
		}
		f := p.Report(src.Word.Full(), "the whole build context is copied without a `.dockerignore`").
			Advise(
				"create a `.dockerignore` that lists what the image does not need, at least `.git`, `.env` and `Dockerfile`",
			)
		to := "the image"
		if !c.Ships(p) {
			to = "the stage"
		}
		if len(c.Litter) > 0 {
			f.Because("the copy adds %s to %s, and any change to these files makes the build run this step again", describe(weigh(c.Litter)), to)
		} else {
			what, later := "everything in the directory to "+to, "`.git`, `.env`"
			if taken, ok := p.Context().Transfer(step, src); ok && !taken.Cut {
				bytes, all := buildcontext.Weigh(taken.Files)
				what = count(len(taken.Files), "file") + " (" + atLeast(bytes, !all) + ") to " + to +
					" today, and later whatever else is in the directory"
				if slices.ContainsFunc(taken.Files, func(f buildcontext.File) bool { return f.Name == ".env" }) {
					what = strings.Replace(what, " today,", " today, including `.env`,", 1)
					later = "`.git`"
				}
			}
			f.Because("the copy adds %s, such as %s or local build output", what, later)
		}
		lines, known := app.IgnoreFile(p.Context(), p.Plan, p.Script)
		if taken, ok := p.Context().Transfer(step, src); ok && len(c.Litter) == 0 && few(taken.Files) && !slices.ContainsFunc(lines, product) &&
			(to == "the stage" || p.Plan.Below("test", "tests", "e2e")) {
			f.Doubting("the build context only has a few small files, which do not get into an image that ships")
		}
		if known {
			text := strings.Join(lines, "\n") + "\n"
			f.Offer(lint.Unsafe, "create `.dockerignore`", lint.Edit{File: ".dockerignore", Create: true, Text: text})
		}
		return
	}
}
