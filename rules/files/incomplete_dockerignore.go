package files

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/ecosystem"
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
		told := map[string]bool{}
		for step, src := range sources(p) {
			name, by := overlaid(p, step, src)
			pattern := name
			if name == "" {
				name, by = memberOverlaid(p, step, src)
				pattern = "**/" + path.Base(name)
			}
			if name != "" && !told[name] && !told[pattern] {
				told[name], told[pattern] = true, true
				reportIncomplete(p, src, step, name, pattern, by)
			}
			if name := settings(p, step, src); name != "" && !told[name] {
				told[name] = true
				reportIncomplete(p, src, step, name, "**/.env*", nil)
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
			if !p.Context().Ignored(name) && !p.Context().Has(name) && step.Instruction.Flag("exclude") == nil &&
				step.Env.Lookup("UV_PROJECT_ENVIRONMENT") == nil {
				return name, call.Command
			}
		}
	}
	return "", nil
}

// memberOverlaid is the directory of one of several packages or projects, in the build context, that src of step would copy over
// the one that an earlier install of the stage makes beside its manifest: `node_modules`, or the `obj` of .NET. It is "" if there is
// none, or if it is ignored or exists.
func memberOverlaid(p *lint.Pass, step *plan.Step, src plan.Source) (name string, by *shell.Command) {
	taken, ok := p.Context().Transfer(step, src)
	if !ok || len(taken.Names) != 1 || strings.ContainsAny(src.Path.Text, `*?[\`) || !step.Copy.To.Known ||
		step.Instruction.Flag("exclude") != nil {
		return "", nil
	}
	at, made, root := lastInstall(p, step)
	if at == nil {
		return "", nil
	}
	to, from := step.Destination(), litter.Dir(src)
	for before := range at.Command.Script.Step.Before() {
		if !before.Copy.Context() {
			continue
		}
		for _, other := range before.Copy.Sources {
			for _, own := range manifestDirs(p, before, other, made) {
				if own == at.Dir().Text && !root || !plan.Within(own, at.Dir().Text) || !plan.Within(own, to) {
					continue
				}
				name := path.Join(from, strings.TrimPrefix(own, to), made)
				if p.Context().Has(path.Dir(name)) && !p.Context().Ignored(name) && !p.Context().Has(name) {
					return name, at.Command
				}
			}
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

// manifestDirs are the directories in the image in which src of step puts a manifest beside which an install makes made, in order.
func manifestDirs(p *lint.Pass, step *plan.Step, src plan.Source, made string) (dirs []string) {
	taken, ok := p.Context().Transfer(step, src)
	if !ok || !step.Copy.To.Known {
		return nil
	}
	to := step.Destination()
	for _, f := range taken.Files {
		base := path.Base(f.Name)
		if made == "node_modules" && base != "package.json" || made == "obj" && path.Ext(base) != ".csproj" ||
			strings.Contains(f.Name, "node_modules/") {
			continue
		}
		switch {
		case len(taken.Files) > 1 && !strings.ContainsAny(src.Path.Text, "*?[") || f.Name != taken.Names[0]:
			rel := strings.TrimPrefix(f.Name, strings.TrimSuffix(litter.Dir(src), "/")+"/")
			dirs = append(dirs, path.Dir(path.Join(to, rel)))
		case path.Base(to) == base:
			dirs = append(dirs, path.Dir(to))
		default:
			dirs = append(dirs, to)
		}
	}
	return dirs
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
	if !ok || !step.Stage.Shipped || len(taken.Names) != 1 || len(taken.Files) == 1 && taken.Files[0].Name == taken.Names[0] ||
		step.Instruction.Flag("exclude") != nil {
		return ""
	}
	for _, dir := range exampleDirs.Among(ctx, taken.Files) {
		if name := path.Join(dir, ".env"); !ctx.Ignored(name) && !ctx.Has(name) && ctx.GitIgnored(name) {
			return name
		}
	}
	return ""
}

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

// aside matches directories that are not part of the application.
var aside = lazy.Regexp{Expr: `(?i)(?:^|/)(?:tests?|e2e|docs?|examples?|samples?|fixtures|templates?|node_modules|vendor|docker|deploy\w*|\.[\w-]+)/`}
