package runtime

import (
	"path"
	"slices"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// UnsetNodeEnv reports an image that starts a server on Express while neither the image, what starts it, a file of
// environment variables nor a compose file sets NODE_ENV. Where only the build sets it, build-only-variable reports that.
var UnsetNodeEnv = &lint.Rule{
	Name: "unset-node-env", Category: lint.Runtime,
	Summary:  "nothing sets `NODE_ENV`, so Express runs in development mode",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		const name = "NODE_ENV"
		target := p.Plan.Target
		if target == nil || p.Context() == nil || p.Plan.ForDevelopment() || target.End.Env.Lookup(name) != nil {
			return
		}
		c := container.Of(p)
		if !leaves(c, name) || slices.ContainsFunc(p.Services(), develops(target.End.Workdir)) {
			return
		}
		all := c.Tasks()
		i := slices.IndexFunc(all, func(t container.Task) bool { return runsNode(p, &t) && t.Env[name] == "" })
		if i < 0 || setAtStart(p, c, name) {
			return
		}
		if at, _ := setForBuild(p, name, nil); at != (parser.Span{}) {
			return // build-only-variable reports it
		}
		file, ok := p.Origin(target, path.Join(all[i].Dir, "package.json"))
		if !ok {
			return
		}
		packages := app.Of(p).NodeDependencies(file)
		if !slices.ContainsFunc(packages, express) || slices.ContainsFunc(packages, handlesErrors) {
			return
		}
		at := all[i].Words[0].Span
		f := p.Report(at, "nothing sets `NODE_ENV`, so Express runs in development mode").
			Because("Express then shows stack traces to visitors and compiles templates again for each request").
			Advise("write `ENV NODE_ENV=production` in the final stage").
			RelateFile(file, 1, "the application depends on Express")
		if step := above(p, at); step != nil {
			f.Offer(lint.Unsafe, "add `ENV NODE_ENV=production`", lint.InsertAbove(p.File, step.Instruction, "ENV NODE_ENV=production"))
		}
	}),
}

// express reports whether a package of Node is Express.
func express(pkg string) bool { return pkg == "express" }

// handlesErrors reports whether a package of Node is a framework that answers itself if a handler of Express fails.
func handlesErrors(pkg string) bool { return pkg == "@nestjs/platform-express" }
