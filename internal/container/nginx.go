package container

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// The files in nginx's images that set its ports. The image writes the second from the third when it starts.
const (
	nginxMain     = "/etc/nginx/nginx.conf"
	nginxDefault  = "/etc/nginx/conf.d/default.conf"
	nginxTemplate = "/etc/nginx/templates/default.conf.template"
)

// nginx is the server that the container starts because its base image, one of nginx's, does. It listens on the ports
// of that image unless files of the build context replace the settings. Its ports are not known where a RUN, a script
// or a compose file may change them.
func nginx(p *lint.Pass) (s Server, ok bool) {
	c := Of(p)
	if c.Entrypoint != nil || c.Cmd != nil || !strings.Contains(c.Base.Repository, "nginx") {
		return s, false
	}
	port, known := c.Base.Port()
	if !known || port == 0 || mountsSettings(p) {
		return s, false
	}
	removed, copied, sure := settings(p)
	if !sure {
		return s, false
	}
	s.At = c.Root.Origin
	includes := true
	for _, name := range []string{nginxMain, nginxTemplate, nginxDefault} {
		step := copied[name]
		if step == nil || name != nginxMain && !includes {
			continue
		}
		file, found := p.Origin(p.Plan.Target, name)
		if !found {
			return s, false
		}
		listens, more, ok := app.Of(p).Nginx(file)
		if !ok {
			return s, false
		}
		includes = more && name == nginxMain
		s.At = step.Copy.Sources[0].Word.Full()
		s.Listens = append(s.Listens, listens...)
	}
	if includes {
		if removed {
			return s, false
		}
		s.Listens = append(s.Listens, app.Listen{Framework: "nginx", Port: port})
	}
	return s, len(s.Listens) > 0
}

// settings are the steps that copy a file that sets nginx's ports, by file, and whether a step removes such a file;
// sure is false where another step may change the ports.
func settings(p *lint.Pass) (removed bool, copied map[string]*plan.Step, sure bool) {
	copied = map[string]*plan.Step{}
	for _, stage := range p.Plan.Target.Lineage() {
		for i := len(stage.Steps) - 1; i >= 0; i-- {
			step := stage.Steps[i]
			switch {
			case step.Copy != nil:
				if !replaces(step, copied) {
					return false, nil, false
				}
			case step.Instruction.Name == "RUN" && strings.Contains(step.Instruction.Rest.String, "nginx"):
				sc := p.Script(step)
				if sc == nil {
					return false, nil, false
				}
				for _, c := range sc.Commands {
					switch c.Name {
					case "rm":
						removed = true
					case "chown", "chmod", "chgrp", "mkdir", "touch", "set":
					default:
						return false, nil, false
					}
				}
			}
		}
	}
	return removed, copied, true
}

// replaces adds step to copied if it copies one of these files. It reports whether the step certainly changes no other
// settings.
func replaces(step *plan.Step, copied map[string]*plan.Step) bool {
	if !step.Copy.To.Known || !path.IsAbs(step.Copy.To.Text) && !step.Workdir.Known {
		return false
	}
	to := absolute(step.Workdir.Text, step.Copy.To.Text)
	switch {
	case to == nginxMain, to == nginxDefault, to == nginxTemplate:
		if copied[to] == nil {
			copied[to] = step
		}
		return len(step.Copy.Sources) == 1
	case to == "/", to == "/etc", plan.Within(to, "/docker-entrypoint.d"):
		return false
	case to == "/etc/nginx", to == path.Dir(nginxDefault), to == path.Dir(nginxTemplate):
		name := path.Join(to, path.Base(step.Copy.Sources[0].Path.Text))
		if len(step.Copy.Sources) > 1 || name != nginxMain && name != nginxDefault && name != nginxTemplate {
			return false
		}
		if copied[name] == nil {
			copied[name] = step
		}
		return true
	}
	return !plan.Within(to, path.Dir(nginxDefault)) && !plan.Within(to, path.Dir(nginxTemplate))
}

// mountsSettings reports whether a compose file mounts something over nginx's settings.
func mountsSettings(p *lint.Pass) bool {
	return slices.ContainsFunc(p.Services(), func(use lint.Service) bool {
		return slices.ContainsFunc(use.Volumes, func(v lint.Volume) bool {
			return plan.Within(v.Target, "/etc/nginx") || plan.Within("/etc/nginx", v.Target)
		})
	})
}
