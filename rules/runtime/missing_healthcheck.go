package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MissingHealthcheck reports a final stage without a HEALTHCHECK of its own or of the stages that it is built from.
// HEALTHCHECK NONE counts as one, because the author has decided. There is a doubt unless the image clearly is a server
// that Docker itself runs, as a compose file shows that publishes a port of it and mounts no sources, or its sources have
// a route for checks.
var MissingHealthcheck = &lint.Rule{
	Name: "missing-healthcheck", Summary: "the final image has no HEALTHCHECK", Category: lint.Runtime,
	Aliases:  []string{"DL3057", "DS-0026", "CKV_DOCKER_2"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		c := container.Of(p)
		if s.From != nil && c.Health == nil {
			f := p.Report(s.From.Head(), "the final image has no HEALTHCHECK").
				Because("without a health check, Docker only knows whether the process is running, not whether it responds").
				Advise("add a HEALTHCHECK, or `HEALTHCHECK NONE` if none is needed").
				Alias("DL3057", "DS-0026", "CKV_DOCKER_2")
			own := func(u lint.Service) bool { return u.Healthcheck.Test != nil || u.Healthcheck.Disabled }
			if i := slices.IndexFunc(p.Services(), own); i >= 0 {
				u := &p.Services()[i]
				f.Doubting("the service `%s` has its own health check setting", u.Name).
					RelateFile(u.Healthcheck.File, u.Healthcheck.Line, "`healthcheck` of `%s`", u.Name)
				return
			}
			if f.Doubt = probed(p, c); f.Doubt != "" {
				if f.Doubt == noShell {
					f.Advise("add a HEALTHCHECK in exec form that runs one of the image's programs, or `HEALTHCHECK NONE` if none is needed")
				}
				if !c.Base.Known() && (c.Root == nil || !c.Root.Scratch) {
					f.Message = "the Dockerfile sets no HEALTHCHECK for the final image"
					f.Because("if the base image has none either, Docker only knows whether the process is running, not whether it responds")
				}
				return
			}
			i := slices.IndexFunc(p.Services(), deployed)
			if slices.ContainsFunc(p.Services(), develops(s.End.Workdir)) {
				f.Doubting("a compose file mounts or syncs the sources, so the image may be for development")
				return
			}
			if e, ok := answers(p, c); ok && (len(p.Services()) > 0 || app.Of(p).Probed() == "") {
				f.Because("the application has a route `%s`, but nothing tells Docker to request it, so Docker only knows whether the "+
					"process is running", e.Path).
					Advise("add a HEALTHCHECK that requests `%s`, or `HEALTHCHECK NONE` if none is needed", e.Path).
					RelateFile(e.File, e.Line, "the route is defined here")
				return
			}
			if i >= 0 && p.Services()[i].Alone {
				f.Doubting("the compose file has no other service that could wait for it")
				return
			}
			if i < 0 {
				f.Doubting("the image may run on a platform with its own probes")
				return
			}
			u := &p.Services()[i]
			f.Because("the service `%s` has no health check either, so Docker only knows whether its process is running, and "+
				"no other service can wait until it responds", u.Name).
				RelateFile(u.File, u.Line, "service `%s`", u.Name)
		}
	}),
}

// answers is the route of the application in the image that says whether it works, unless a hosting platform may request it.
func answers(p *lint.Pass, c *container.Container) (e app.Endpoint, ok bool) {
	if app.Of(p) == nil || onlyWebServer(c) {
		return e, false
	}
	e, ok = app.Of(p).Health()
	if !ok || slices.ContainsFunc([]string{
		"render.yaml", "railway.json", "railway.toml", "heroku.yml", "Procfile", "kustomization.yaml",
		"manifests",
	}, p.Context().Has) || kamal(p) {
		return e, false
	}
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			if step.Copy == nil || step.Copy.From != nil {
				continue
			}
			for _, src := range step.Copy.Sources {
				if plan.Within(e.File, path.Clean(src.Path.Text)) || path.Clean(src.Path.Text) == "." {
					return e, true
				}
			}
		}
	}
	return e, false
}

// kamal reports whether Kamal deploys the image, whose proxy requests a route itself. Rails' own `.dockerignore` hides its settings, and its
// Dockerfile names it.
func kamal(p *lint.Pass) bool {
	const settings = "config/deploy.yml"
	return p.Context().Has(settings) || p.Context().Hides(settings) || strings.Contains(string(p.File.Bytes), "# This Dockerfile is designed for "+
		"production, not development. Use with Kamal")
}

// onlyWebServer reports whether a web server is all that starts, so that the routes of sources are those of another image.
func onlyWebServer(c *container.Container) bool {
	names := []string{"nginx", "httpd", "httpd-foreground", "caddy", "lighttpd"}
	tasks := c.Tasks()
	if len(tasks) == 0 {
		return slices.Contains(names, path.Base(c.Base.Repository))
	}
	return !slices.ContainsFunc(tasks, func(t container.Task) bool { return !slices.Contains(names, t.Name()) })
}

// deployed reports whether u publishes a port, in a compose file that is neither for tests nor adds to another one.
func deployed(u lint.Service) bool {
	return len(u.Ports) > 0 && (whole(u.File) || strings.Contains(path.Base(u.File), "prod"))
}

// develops reports whether u mounts a directory of the host over the sources in dir, as people do while they work on them.
func develops(dir plan.Value) func(lint.Service) bool {
	return func(u lint.Service) bool {
		return slices.ContainsFunc(slices.Concat(u.Volumes, u.Synced), func(v lint.Volume) bool {
			return v.Bind && (v.Source == "." || v.Source != "" && !strings.Contains(path.Base(v.Source), ".") ||
				plan.Within(dir.Text, v.Target) || strings.HasPrefix(v.Target, "/var/www"))
		})
	}
}

// noShell is the doubt of probed whose finding needs another help.
const noShell = "the image has no shell or client that could probe the server"

// probed says why a container of c may not need a HEALTHCHECK; "" if it does.
func probed(p *lint.Pass, c *container.Container) string {
	exposed := c.Exposed()
	switch {
	case p.Plan.ForDevelopment():
		return "the image seems to be for development"
	case len(c.Servers()) == 0 && exposed.Base == 0 && len(exposed.Ports) > 0 && c.Entrypoint == nil && c.Cmd == nil && !c.Base.Known():
		return "the base image may have a health check"
	case len(c.Servers()) == 0 && exposed.Base == 0 && (c.Entrypoint == nil && c.Cmd == nil ||
		len(exposed.Ports) == 0 && !slices.ContainsFunc(p.Services(), deployed)):
		return "the image may not run a server"
	case !holdsApplication(c.Target):
		return "no application is copied into the image, so the image may be a base for others"
	case c.Shellless():
		return noShell
	case c.Target.Windows():
		return "the image may run on a platform with its own probes"
	case !c.Base.Known():
		return "the base image may have a health check"
	case p.Plan.Below("k8s", "kubernetes", "helm", "charts"):
		return "the path suggests a platform with its own probes"
	case p.Context() == nil:
		return ""
	}
	for _, name := range [...]string{"Chart.yaml", "k8s", "kubernetes", "helm", "charts", "deploy/helm", "deploy/k8s", "fly.toml"} {
		if p.Context().Has(name) {
			return "`" + name + "` suggests a platform with its own probes"
		}
	}
	return ""
}
