package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// DevelopmentServer reports a container that runs a development server, or a debugger that visitors can reach. It
// ignores stages and files named for development or tests. The finding has a doubt where no application is copied into
// the image.
var DevelopmentServer = &lint.Rule{
	Name: "development-server", Summary: "the image runs a development server", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() || slices.ContainsFunc(p.Services(), synced(p.Plan.Target.End.Workdir)) {
			return
		}
		mounted := slices.ContainsFunc(p.Services(), mountsSources(p.Plan.Target.End.Workdir))
		for _, t := range container.Of(p).Tasks() {
			if _, d := t.Develops(); mounted && d != nil && d.Reason != container.Insecure {
				continue
			}
			if f := checkTask(p, &t); f != nil && !holdsApplication(p.Plan.Target) {
				f.Doubting("no application is copied into the image, so the sources are probably mounted for development")
				if strings.Contains(f.Note, "the sources") { // there are none in the image
					what := "a development server"
					if f.Note == neverChange {
						what = "the restart"
					}
					f.Because("%s is only useful while somebody works on the sources", what).Advise("for production, %s", f.Help)
					if t.CompilesAtStart() > 0 {
						f.Because("every start compiles whatever is out of date")
					}
				}
			}
		}
	}),
}

// mountsSources reports whether a service has the build context mounted over dir, so that the sources change while the container runs.
func mountsSources(dir plan.Value) func(lint.Service) bool {
	return func(u lint.Service) bool {
		return dir.Known && slices.ContainsFunc(u.Volumes, func(v lint.Volume) bool {
			return v.Bind && v.Source == "." && plan.Within(dir.Text, v.Target)
		})
	}
}

// synced reports whether `docker compose watch` copies changed sources to dir or below it, so that they change while the container runs.
func synced(dir plan.Value) func(lint.Service) bool {
	return func(u lint.Service) bool {
		return slices.ContainsFunc(u.Synced, func(v lint.Volume) bool {
			return !path.IsAbs(v.Target) || dir.Known && (plan.Within(v.Target, dir.Text) || plan.Within(dir.Text, v.Target))
		})
	}
}

// checkTask reports t if it is a development server.
func checkTask(p *lint.Pass, t *container.Task) *lint.Finding {
	report := func(n int, why, help string) *lint.Finding {
		f := p.Report(t.Words[n].Span, "`%s` starts a development server", phrase(t, n)).Because("%s", why).Advise("%s", help)
		if t.Script != nil {
			f.RelateFile(t.Script.File, t.Script.Line, "script `%s`", t.Script.Name)
		}
		return f
	}
	c := t.Command()
	switch name := t.Name(); name {
	case "flask":
		n := t.Operand("-A", "--app", "-e", "--env-file")
		if t.Arg(n) != "run" {
			return nil
		}
		if w := c.Flag("--debug", "--debugger"); w != nil {
			return reportDebugger(p, w.Span, "`flask run "+w.Text+"` starts")
		}
		debug := environment(p, t, "FLASK_DEBUG")
		if debug == "1" || strings.EqualFold(debug, "true") {
			return reportDebugger(p, t.Words[n].Span, "`flask run` starts")
		}
		return report(n, flaskManual, useWSGI)
	case "fastapi":
		if t.Arg(1) == "dev" {
			if c.Has("--host") {
				return report(1, "it watches the sources for changes", "use `fastapi run`")
			}
			return report(1, "it watches the sources for changes and listens on 127.0.0.1", "use `fastapi run`")
		}
	case "rails":
		return checkRails(p, t, report)
	case "php":
		for i, w := range t.Words {
			if w.Text == "-S" || i > 0 && path.Base(t.Words[i-1].Text) == "artisan" && w.Text == "serve" {
				return report(i, "by default PHP's built-in server handles one request at a time, and it is not meant for public networks",
					"use FrankenPHP, Apache with `mod_php`, or PHP-FPM behind a web server")
			}
		}
	default:
		if w := c.Flag(t.ReloadFlags()...); w != nil {
			return p.Report(w.Span, "`%s` turns `%s` into a development server", w.Text, name).
				Because(unchanging).Advise("remove `%s`", w.Text)
		}
		return checkTool(p, t, report)
	}
	return nil
}

// Notes and helps of several findings.
const (
	flaskManual = "the Flask documentation says to use it only for local development, " +
		"because it is not designed to be secure, stable or efficient"
	useWSGI     = "start the application with a WSGI server such as Gunicorn or Waitress"
	neverChange = "the sources in an image never change"
	unchanging  = neverChange + ", so there is nothing to reload"
	console     = "its error page has a console that runs Python code in the container for anyone who knows the PIN"
)

type reporter func(n int, why, help string) *lint.Finding

// phrase is how a message names t, whose n-th word is reported.
func phrase(t *container.Task, n int) string {
	if n == 0 {
		return t.Name()
	}
	switch name := t.Name(); {
	case name == "php" && t.Arg(n) == "serve":
		return "artisan serve"
	case t.Python() || name == "node":
		return t.Arg(n)
	case t.RunsScripts():
		return name + " run " + t.Arg(n)
	default:
		return name + " " + t.Arg(n)
	}
}

func reportDebugger(p *lint.Pass, at parser.Span, what string) *lint.Finding {
	f := p.Report(at, "%s the Werkzeug debugger", what).
		Because(console).
		Advise("turn debugging off, and " + useWSGI)
	f.Severity = lint.Error
	return f
}

// environment is what NAME is set to for t, "" if that is unknown.
func environment(p *lint.Pass, t *container.Task, name string) string {
	if v, ok := t.Env[name]; ok {
		return v
	}
	if v := p.Plan.Target.End.Env.Lookup(name); v != nil && !v.Arg && v.Value().Known {
		return v.Value().Text
	}
	return ""
}

func checkRails(p *lint.Pass, t *container.Task, report reporter) *lint.Finding {
	if t.Arg(1) != "server" && t.Arg(1) != "s" {
		return nil
	}
	const (
		why  = "in the development environment Rails reloads code, and its error pages show source code to visitors"
		help = "write `ENV RAILS_ENV=production` in the final stage"
	)
	env, given := t.Command().FlagValue("-e", "--environment")
	v := p.Plan.Target.End.Env.Lookup("RAILS_ENV")
	switch {
	case given && env.Text == "development":
		return report(1, why, "start Rails with `-e production`")
	case !given && environment(p, t, "RAILS_ENV") == "development":
		return report(1, why, "set `RAILS_ENV` to `production`")
	case given, v != nil, t.Env["RAILS_ENV"] != "":
		return nil
	}
	f := report(1, why, help)
	f.Message += " unless `RAILS_ENV` selects another environment"
	return f.Doubting("`RAILS_ENV` may be set when the container starts")
}

// why says why a development server is not for an image.
func why(reason container.Reason) string {
	switch reason {
	case container.Watches:
		return neverChange
	case container.Insecure:
		return "it is only meant for development"
	case container.Compiles:
	}
	return "it compiles the sources while the container runs, so the compiler and the sources stay in the image"
}

// restarts makes f say that the n-th word of t, which is not a server itself, watches the sources.
func restarts(f *lint.Finding, t *container.Task, n int) *lint.Finding {
	f.Message = "`" + phrase(t, n) + "` restarts the program when its sources change"
	return f
}

// checkTool reports the development servers that a program and its first words give away.
func checkTool(p *lint.Pass, t *container.Task, report reporter) *lint.Finding {
	name := t.Name()
	if at := t.CompilesAtStart(); at > 0 {
		f := report(at,
			"every start compiles whatever is out of date, so the toolchain and the sources have to stay in the image",
			"compile in an earlier stage, and start the compiled program")
		f.Message = "`" + name + " " + t.Arg(at) + "` starts the program through its build tool"
		return f
	}
	if at, d := t.Develops(); d != nil {
		f := report(at, why(d.Reason), d.Instead)
		if d.Reason == container.Watches {
			restarts(f, t, at)
		}
		return f
	}
	switch m := t.Manager(); {
	case name == "python", name == "python2", name == "python3":
		return checkPython(p, t, report)
	case name == "django-admin", name == "manage.py":
		return checkDjango(t, 1, report)
	case name == "tsx", name == "node":
		for i, w := range t.Words {
			if w.Text == "--watch" || w.Text == "--hot" || i == 1 && name == "tsx" && w.Text == "watch" {
				return restarts(report(i, neverChange, "start the program without `"+w.Text+"`"), t, i)
			}
		}
	case m == nil:
	case m.Build != nil && ecosystem.Has(m.Build.Watches, t.Arg(1)):
		return restarts(report(1, neverChange, "compile in an earlier stage, and start the compiled program"), t, 1)
	default:
		// No package.json says what the script runs, but its name does.
		switch n, script := t.ScriptName(); script {
		case "dev", "develop", "watch", "start:dev", "serve:dev", "start-dev":
			f := report(n, "a script with this name usually runs the application's development server",
				"build the application in an earlier stage, and start the production server")
			f.Message = strings.Replace(f.Message, "starts", "probably starts", 1)
			return f
		}
	}
	return nil
}

func checkDjango(t *container.Task, from int, report reporter) *lint.Finding {
	for i := from; i < len(t.Words); i++ {
		switch t.Words[i].Text {
		case "runserver_plus":
			return report(i, "the server is Werkzeug's, and "+console, "start the application with Gunicorn or Uvicorn")
		case "runserver":
			return report(i,
				"the Django documentation says not to use it in production, "+
					"because it has had no security audits or performance tests",
				"start the application with Gunicorn or Uvicorn")
		}
	}
	return nil
}

// checkPython reports a Python program that is Django's runserver, or a source file that starts Flask or Uvicorn
// itself.
func checkPython(p *lint.Pass, t *container.Task, report reporter) *lint.Finding {
	n := t.Operand("-W", "-X", "-m", "-c")
	if n == 0 {
		return nil
	}
	if base := path.Base(t.Arg(n)); base == "manage.py" || base == "django-admin.py" {
		return checkDjango(t, n+1, report)
	}
	if app.Of(p) == nil {
		return nil
	}
	for _, l := range container.Of(p).Sources(t.Dir, t.Words[n].Text) {
		var f *lint.Finding
		switch flask := strings.HasPrefix(l.Framework, "Flask"); {
		case flask && (l.Debug || environment(p, t, "FLASK_DEBUG") == "1"):
			f = reportDebugger(p, t.Words[n].Span, "`"+t.Arg(n)+"` starts")
			if l.Loopback() {
				f.Severity = lint.Warning
			}
		case flask && l.Framework == "Flask":
			f = p.Report(t.Words[n].Span, "`%s` starts Flask's development server", t.Arg(n)).
				Because(flaskManual).Advise(useWSGI)
		case !flask && l.Debug:
			f = p.Report(t.Words[n].Span, "`%s` starts Uvicorn with `reload=True`", t.Arg(n)).
				Because(unchanging).Advise("remove `reload=True`")
		}
		if f != nil {
			return f.RelateFile(l.File, l.Line, "%s", started(l))
		}
	}
	return nil
}

func started(l app.Listen) string {
	if l.Debug && strings.HasPrefix(l.Framework, "Flask") {
		return "started with `debug=True`"
	}
	return "started here"
}

// holdsApplication reports whether files of the build context, of another stage or of a repository are copied into s.
// Where these are only settings, scripts and manifests, the application itself is mounted later.
func holdsApplication(s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			in := step.Instruction
			if copiesSources(step.Copy) || in.Name == "RUN" && strings.Contains(in.Rest.String, "git clone") {
				return true
			}
		}
	}
	return false
}

func copiesSources(t *plan.Transfer) bool {
	if t == nil || t.From == nil && !t.Context() {
		return false
	}
	return slices.ContainsFunc(t.Sources, func(src plan.Source) bool {
		switch path.Ext(strings.TrimSuffix(src.Path.Text, "*")) {
		case ".sh", ".conf", ".toml", ".json", ".yml", ".yaml", ".ini", ".txt", ".lock", ".mod", ".sum", ".cfg":
			return false
		}
		return path.Base(src.Path.Text) != "Gemfile" && path.Base(src.Path.Text) != "Pipfile"
	})
}
