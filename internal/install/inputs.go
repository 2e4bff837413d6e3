package install

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Inputs are the files of the build context that call reads, of which whole copied all; nil where that is unknown, or where the
// directory that call runs in has no manifest.
func (f *Facts) Inputs(whole *plan.Step, call *shell.Call) *app.Inputs {
	return once(f, inputsOf{whole, call}, func() *app.Inputs { return f.inputs(whole, call) })
}

func (f *Facts) inputs(broad *plan.Step, call *shell.Call) *app.Inputs {
	at := call.Dir()
	if f.p.Context() == nil || !at.Known || !broad.Copy.To.Known {
		return nil
	}
	dir, ok := relative(broad.Destination(), at.Text)
	var named []string
	for _, w := range call.Files {
		name := w.Text
		if !path.IsAbs(name) {
			name = path.Join(at.Text, name)
		}
		if file, ok := relative(broad.Destination(), name); ok {
			named = append(named, file)
		}
	}
	switch {
	case ok:
	case len(named) > 0:
		dir = path.Dir(named[0])
	default:
		return nil
	}
	in := f.directory(call.Manager, dir, named)
	if in == nil || len(in.Manifests) == 0 {
		return nil
	}
	return in
}

// directory is what the manager reads in dir, with named instead of its usual manifests if there are any.
func (f *Facts) directory(manager, dir string, named []string) *app.Inputs {
	return once(f, folderOf{manager, dir, strings.Join(named, "\x00")}, func() *app.Inputs {
		return app.Of(f.p).Inputs(manager, dir, named)
	})
}

// Sources says why call needs the application's sources besides what in lists, "" if nothing shows that it does.
func Sources(in *app.Inputs, call *shell.Call) string {
	c := call.Command
	has := c.Has
	verb := call.Verb.Text
	if in.Sources != "" && !has("--ignore-scripts", "--no-scripts") {
		return in.Sources
	}
	switch in.Name {
	case "pip":
		if Itself(call) || c.Has("-e", "--editable") {
			return "the call installs the application itself"
		}
	case "uv", "poetry", "pdm":
		if in.Package && !has("--no-install-project", "--no-install-workspace", "--no-install-local", "--no-root", "--no-self") {
			return "`" + Command(call) + "` installs the application itself"
		}
	case "conda":
		return "the environment may list folders"
	case "go":
		if call.Manager != "go mod" || verb != "download" {
			return "the call compiles the application"
		}
	case "cargo", "swift":
		return "the call compiles the application"
	case "composer":
		if has("-o", "--optimize-autoloader", "-a", "--classmap-authoritative") && !has("--no-autoloader") {
			return "the autoloader lists the application's own classes"
		}
	case "maven":
		for _, w := range c.Args() {
			if !strings.HasPrefix(w.Text, "-") && !strings.HasPrefix(w.Text, "dependency:") {
				return "the call compiles the application"
			}
		}
	case "gradle":
		if verb != "dependencies" || len(in.Members) > 0 {
			return "the call compiles the application"
		}
	case "dotnet":
		if verb != "restore" {
			return "the call compiles the application"
		}
	case "mix":
		if verb != "deps.get" {
			return "the dependencies are compiled with the application's configuration"
		}
	}
	return ""
}
