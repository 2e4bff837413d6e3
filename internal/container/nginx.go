package container

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// The files of nginx's images that settle its ports. The image makes the second of the third.
const (
	nginxMain     = "/etc/nginx/nginx.conf"
	nginxDefault  = "/etc/nginx/conf.d/default.conf"
	nginxTemplate = "/etc/nginx/templates/default.conf.template"
)

// nginx is the server that an image starts because nginx's own image does. Its ports are those of this image, unless
// files of the context replace its settings; where a RUN, a script or a compose file may change them, they are not
// known.
func nginx(p *lint.Pass) (s Server, ok bool) {
	run, root := p.Plan.Target.Command(), p.Plan.Target.Image()
	if root == nil || run.Entrypoint != nil || run.Cmd != nil || !strings.Contains(root.Ref.Repository, "nginx") {
		return s, false
	}
	port, known := image.Exposes(*root.Ref)
	if !known || port == 0 || mountsSettings(p) {
		return s, false
	}
	removed, copied, sure := settings(p)
	if !sure {
		return s, false
	}
	s.At = root.Origin
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

// settings are the steps that copy a file of nginx that settles its ports, and whether one removes such a file; sure is
// false where another step may change its ports.
func settings(p *lint.Pass) (removed bool, copied map[string]*plan.Step, sure bool) {
	copied, sure = map[string]*plan.Step{}, true
	p.Plan.Target.Lineage()(func(stage *plan.Stage) bool {
		for _, step := range slices.Backward(stage.Steps) {
			switch {
			case step.Copy != nil:
				sure = sure && replaces(step, copied)
			case step.Instruction.Name == "RUN" && strings.Contains(step.Instruction.Rest.String, "nginx"):
				sc := p.Script(step)
				sure = sure && sc != nil
				if !sure {
					return false
				}
				for _, c := range sc.Commands {
					switch c.Name {
					case "rm":
						removed = true
					case "chown", "chmod", "chgrp", "mkdir", "touch", "set":
					default:
						sure = false
					}
				}
			}
		}
		return sure
	})
	return removed, copied, sure
}

// replaces adds a step that copies a known file of nginx to copied; it reports whether all that the step copies is
// known.
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

// mountsSettings reports whether a compose file mounts something over the settings of nginx.
func mountsSettings(p *lint.Pass) bool {
	return slices.ContainsFunc(p.Services(), func(use lint.Service) bool {
		return slices.ContainsFunc(use.Volumes, func(v lint.Volume) bool {
			return plan.Within(v.Target, "/etc/nginx") || plan.Within("/etc/nginx", v.Target)
		})
	})
}
