package files

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/litter"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// IncompleteDockerignore reports a COPY or ADD of a directory that would include what the machine of a developer has and
// the ignore file does not exclude: dependencies in the place where a step has installed them, and a `.env` that git
// ignores. It reports files that need not be there today. What is there belongs to copied-litter and copied-secret,
// and a missing ignore file to missing-dockerignore.
var IncompleteDockerignore = &lint.Rule{
	Name: "incomplete-dockerignore", Category: lint.Files,
	Summary:  "`COPY` would replace installed dependencies with those from the host, or include a `.env` that git ignores",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Plan.ForDevelopment() || p.Context().Ignore == "" && firstWhole(p) != nil {
			return
		}
		told, made := map[string]bool{}, map[*shell.Call][]string{}
		for step, src := range sources(p) {
			name, by := overlaid(p, step, src)
			pattern := name
			if name == "" {
				name, by = memberOverlaid(p, step, src, made)
				pattern = "**/" + path.Base(name)
			}
			if name != "" && !told[name] && !told[pattern] {
				told[name], told[pattern] = true, true
				reportIncomplete(p, src, step, name, pattern, by)
			}
			if name := settings(p, step, src); name != "" && !told[name] {
				told[name] = true
				pattern := "**/.env*"
				if !strings.HasPrefix(path.Base(name), ".env") {
					pattern = name
				}
				if !step.Stage.Shipped {
					pattern = "**/.env" // others, such as .env.production, may be there for the bundler
				}
				reportIncomplete(p, src, step, name, pattern, nil)
			}
		}
	}),
}

// reportIncomplete reports that src of step would copy name, which pattern excludes. by has installed what it replaces; nil if there
// is nothing.
func reportIncomplete(p *lint.Pass, src plan.Source, step *plan.Step, name, pattern string, by *shell.Command) {
	ignore, create := p.Context().Ignore, false
	if ignore == "" {
		ignore, create = ".dockerignore", true
	}
	f := p.Report(src.Word.Full(), "`%s` does not exclude `%s`", ignore, name)
	if create {
		f.Message = "no `.dockerignore` excludes `" + name + "`"
	}
	switch {
	case by != nil && path.Base(name) == "obj":
		f.Because("on a developer's machine, `%s %s` replaces the `obj` that the restore made with the local one, which names packages "+
			"by their paths on that machine", step.Instruction.Name, src.Word.String).
			Relate(by.Span, "packages are restored here")
	case by != nil:
		f.Because("on a developer's machine, `%s %s` replaces the installed `%s` with the local one, whose packages may be out of date "+
			"or for another system", step.Instruction.Name, src.Word.String, path.Base(name)).
			Relate(by.Span, "dependencies are installed here")
	default:
		f.Because("git ignores this file, so each machine has its own, and `%s %s` puts the developer's copy into the image",
			step.Instruction.Name, src.Word.String)
		if !step.Stage.Shipped {
			f.Because("git ignores this file, so each machine has its own, and the bundler writes settings of the developer's copy into what ships")
		}
	}
	f.Advise("add `%s` to `%s`", pattern, ignore)
	if by != nil {
		f.Offer(lint.Unsafe, "add `"+pattern+"` to `"+ignore+"`", lint.Edit{File: ignore, Create: create, Text: pattern + "\n"})
	}
}

// overlaid is the directory with dependencies, in the build context, that src of step would copy over one that an earlier
// command of the stage installs; "" if there is none, or if it is ignored or exists.
func overlaid(p *lint.Pass, step *plan.Step, src plan.Source) (name string, by *shell.Command) {
	taken, ok := p.Context().Transfer(step, src)
	if !ok || len(taken.Names) != 1 || len(taken.Files) == 1 && taken.Files[0].Name == taken.Names[0] ||
		strings.ContainsAny(src.Path.Text, `*?[\`) {
		return "", nil
	}
	if !step.Copy.To.Known {
		return "", nil
	}
	to := step.Destination()
	from := litter.Dir(src)
	for before := range step.Before() {
		sc := p.Script(before)
		if sc == nil {
			continue
		}
		for _, call := range sc.Calls() {
			m := ecosystem.Of(call.Manager)
			dir := call.Dir()
			if call.Action != shell.Install || !call.Manifest || m == nil || !dir.Known {
				continue
			}
			own := place(m)
			rel, ok := strings.CutPrefix(path.Join(dir.Text, own), strings.TrimSuffix(to, "/")+"/")
			if !ok || own == "" {
				continue
			}
			name := path.Join(from, rel)
			if from != "." && !manifested(p.Context(), m, path.Dir(name)) {
				continue // nobody installs anything there
			}
			if !ignoresDir(p.Context(), name) && !p.Context().Has(name) && step.Instruction.Flag("exclude") == nil &&
				step.Env.Lookup("UV_PROJECT_ENVIRONMENT") == nil {
				return name, call.Command
			}
		}
	}
	return "", nil
}

// manifested reports whether dir of ctx has a manifest of m.
func manifested(ctx *buildcontext.Context, m *ecosystem.Manager, dir string) bool {
	return m.Project == nil || slices.ContainsFunc(m.Project.Manifests, func(name string) bool {
		return strings.Contains(name, "*") || ctx.Has(path.Join(dir, name))
	})
}

// ignoresDir reports whether ctx does without the directory called name, or without what is in it, as with the pattern `name/*`.
func ignoresDir(ctx *buildcontext.Context, name string) bool {
	return ctx.Ignored(name) || ctx.Ignored(path.Join(name, "x"))
}

// memberOverlaid is the directory of one of several packages or projects, in the build context, that src of step would copy over
// the one that an earlier install of the stage makes beside its manifest: `node_modules`, or the `obj` of .NET. It is "" if there is
// none, or if it is ignored or exists. found has the directories with manifests of the installs that were asked about.
func memberOverlaid(p *lint.Pass, step *plan.Step, src plan.Source, found map[*shell.Call][]string) (name string, by *shell.Command) {
	taken, ok := p.Context().Transfer(step, src)
	if !ok || len(taken.Names) != 1 || strings.ContainsAny(src.Path.Text, `*?[\`) || !step.Copy.To.Known ||
		step.Instruction.Flag("exclude") != nil {
		return "", nil
	}
	at, made, root := lastInstall(p, step)
	if at == nil {
		return "", nil
	}
	const most = 20 // no real file has so many installs
	dirs, known := found[at]
	if !known && len(found) < most {
		dirs = manifestDirs(p, at, made)
		found[at] = dirs
	}
	to, from := step.Destination(), litter.Dir(src)
	for _, own := range dirs {
		if own == at.Dir().Text && !root || !plan.Within(own, at.Dir().Text) || !plan.Within(own, to) {
			continue
		}
		name := path.Join(from, strings.TrimPrefix(own, to), made)
		if p.Context().Has(path.Dir(name)) && !ignoresDir(p.Context(), name) && !p.Context().Has(name) {
			return name, at.Command
		}
	}
	return "", nil
}

// lastInstall is the last install above step that makes a directory beside each manifest, with the name of the directory. root says
// that there is one in the directory of the install as well, of which overlaid does not know.
func lastInstall(p *lint.Pass, step *plan.Step) (last *shell.Call, made string, root bool) {
	for before := range step.Before() {
		sc := p.Script(before)
		if sc == nil || last != nil {
			continue
		}
		for _, call := range sc.Calls() {
			m := ecosystem.Of(call.Manager)
			switch {
			case call.Action != shell.Install || !call.Manifest || m == nil || !call.Dir().Known:
			case place(m) == "node_modules":
				last, made, root = call, "node_modules", false
			case m.Language == ecosystem.LanguageDotnet:
				last, made, root = call, "obj", true
			}
		}
	}
	return last, made, root
}

// manifestDirs are the directories in the image with a manifest beside which at makes made, those that were copied last first. They
// are cut where the files copied above at are too many to look at.
func manifestDirs(p *lint.Pass, at *shell.Call, made string) (dirs []string) {
	const enough, files = 200, 100_000
	looked := 0
	for step := range at.Command.Script.Step.Before() {
		if !step.Copy.Context() || !step.Copy.To.Known {
			continue
		}
		for _, src := range step.Copy.Sources {
			taken, ok := p.Context().Transfer(step, src)
			if looked += len(taken.Files); !ok || looked > files {
				continue
			}
			for _, f := range taken.Files {
				if len(dirs) < enough && manifest(f.Name, made) {
					dirs = append(dirs, landing(step, src, taken, f.Name))
				}
			}
		}
	}
	return dirs
}

// manifest reports whether name, of a file of the build context, is that of a manifest beside which an install makes made.
func manifest(name, made string) bool {
	base := path.Base(name)
	return (made == "node_modules" && base == "package.json" || made == "obj" && path.Ext(base) == ".csproj") && !strings.Contains(name, "node_modules/")
}

// landing is the directory in the image to which src of step, which takes taken, copies the file called name.
func landing(step *plan.Step, src plan.Source, taken buildcontext.Taken, name string) string {
	to := step.Destination()
	switch {
	case len(taken.Files) > 1 && !strings.ContainsAny(src.Path.Text, "*?[") || name != taken.Names[0]:
		return path.Dir(path.Join(to, strings.TrimPrefix(name, strings.TrimSuffix(litter.Dir(src), "/")+"/")))
	case path.Base(to) == path.Base(name):
		return path.Dir(to)
	}
	return to
}

// place is the directory beside its manifest in which m installs dependencies, "" if it is elsewhere.
func place(m *ecosystem.Manager) string {
	switch {
	case m.Runner == nil:
	case m.Runner.Scripts:
		return "node_modules"
	case m.Runner.Syncs != "":
		return ".venv"
	}
	return ""
}

// settings is the `.env` that src would copy: beside an example of one, git ignores it, and neither is it there nor does
// the ignore file exclude it. "" if there is none.
func settings(p *lint.Pass, step *plan.Step, src plan.Source) string {
	ctx := p.Context()
	taken, ok := ctx.Transfer(step, src)
	if !ok || len(taken.Names) != 1 || len(taken.Files) == 1 && taken.Files[0].Name == taken.Names[0] ||
		step.Instruction.Flag("exclude") != nil {
		return ""
	}
	if src.Whole() && step.Stage.Shipped {
		for _, name := range usedSettings.Of(ctx) {
			if !ctx.Ignored(name) && !ctx.Has(name) && ctx.GitIgnored(name) {
				return name
			}
		}
	}
	for _, dir := range exampleDirs.Among(ctx, taken.Files) {
		if name := path.Join(dir, ".env"); !ctx.Ignored(name) && !ctx.Has(name) && ctx.GitIgnored(name) &&
			(step.Stage.Shipped || bundled(p, step, dir)) {
			return name
		}
	}
	return ""
}

// bundled reports whether a later command of the stage of step runs a bundler in dir of the build context, which reads the `.env` there
// and writes settings from it into what ships.
func bundled(p *lint.Pass, step *plan.Step, dir string) bool {
	for _, after := range step.After() {
		sc := p.Script(after)
		if sc == nil {
			continue
		}
		for _, c := range sc.Commands {
			r := install.Of(p).ScriptRun(c)
			if r == nil || path.Dir(r.File) != dir {
				continue
			}
			if script, ok := app.Of(p).Script(dir, r.Name); ok && bundlers.Get().MatchString(script.Command) {
				return !configures(p, after, dir)
			}
		}
	}
	return false
}

// configures reports whether the `.env` in dir of the build context is all that configures the bundler which step runs: an example lists
// settings that the bundler writes into what ships, and neither an ARG or ENV nor another file sets one.
func configures(p *lint.Pass, step *plan.Step, dir string) bool {
	ctx, listed := p.Context(), false
	for _, name := range ctx.Dir(dir) {
		switch src, err := ctx.Read(path.Join(dir, name)); {
		case err != nil:
		case name == ".env.production" || name == ".env.local" || name == ".env.production.local":
			return false
		case strings.Contains(name, "env") && !strings.HasSuffix(name, "/"):
			for _, m := range public.Get().FindAllSubmatch(src, -1) {
				listed = true
				if step.Env.Lookup(string(m[1])) != nil {
					return false
				}
			}
		}
	}
	return listed
}

// public matches the settings in a `.env` that a bundler writes into what ships.
var public = lazy.Regexp{Expr: `(?m)^(?:export\s+)?((?:VITE|NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|REACT_APP|VUE_APP|GATSBY|EXPO_PUBLIC)_\w+)\s*=`}

// bundlers matches commands of bundlers that read a `.env`.
var bundlers = lazy.Regexp{Expr: `\b(?:next|vite|nuxt|nuxi|astro|react-scripts|vue-cli-service|gatsby|expo)\b.*\b(?:build|generate|export)\b`}

// exampleDirs are the directories with an example of a `.env`, in order, without those that an application does not run in.
var exampleDirs = buildcontext.NewFact(func(_ *buildcontext.Context, files []buildcontext.File) (dirs []string) {
	for _, f := range files {
		switch dir, name := path.Split(f.Name); name {
		case ".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", "example.env", "sample.env":
			if !aside.Get().MatchString(dir) {
				dirs = append(dirs, path.Clean(dir))
			}
		}
	}
	order.By(dirs, func(a, b string) int { return strings.Count(a, "/") - strings.Count(b, "/") })
	return dirs
})

// usedSettings are the files with settings at the root of the context that a compose file, a Makefile or a script there reads or makes.
var usedSettings = buildcontext.NewFact(func(ctx *buildcontext.Context, _ []buildcontext.File) (names []string) {
	files := []string{
		"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-compose.dev.yml", "compose.dev.yaml", "compose.override.yaml",
		"docker-compose.override.yml", "Makefile", "makefile", "justfile",
	}
	for _, dir := range [...]string{".", "bin", "script", "scripts"} {
		for _, name := range ctx.Dir(dir) {
			const most = 40
			if path.Ext(name) == ".sh" && len(files) < most {
				files = append(files, path.Join(dir, name))
			}
		}
	}
	for _, file := range files {
		found, _ := settingsIn.Of(ctx, file) // most are not there
		names = append(names, found...)
	}
	return names
})

// settingsIn are the files with settings that a compose file, a Makefile or a script reads or makes.
var settingsIn = buildcontext.NewFileFact(func(text []byte, name string) (names []string) {
	pattern := &sourcedSettings
	if path.Ext(name) == ".yml" || path.Ext(name) == ".yaml" {
		pattern = &composedSettings
	}
	if bytes.Contains(text, []byte("env")) {
		for _, m := range pattern.Get().FindAllSubmatch(text, -1) {
			if found := string(m[1]); !slices.Contains(names, found) {
				names = append(names, found)
			}
		}
	}
	return names
})

var (
	// composedSettings matches the files of an `env_file`.
	composedSettings = lazy.Regexp{Expr: `(?m)^\s*(?:env_file:|-|- path:|path:)\s*["']?(?:\./)?(\.env)["']?\s*(?:#.*)?$`}
	// sourcedSettings matches what a shell reads, writes or copies to.
	sourcedSettings = lazy.Regexp{Expr: `(?:\s|^|[;&(])(?:\.|source|-?include|>>?|cp\s+[\w./-]+)\s*(?:\./)?(\.env|environment\.sh|env\.sh)(?:[\s;&)]|$)`}
)

// aside matches directories that are not part of the application.
var aside = lazy.Regexp{Expr: `(?i)(?:^|/)(?:tests?|e2e|docs?|examples?|samples?|fixtures|templates?|node_modules|vendor|docker|deploy\w*|\.[\w-]+)/`}
