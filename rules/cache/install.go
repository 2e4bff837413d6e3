package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// relative is name below dir, "." for dir itself.
func relative(dir, name string) (string, bool) {
	dir, name = path.Clean(dir), path.Clean(name)
	switch dir {
	case name:
		return ".", true
	case ".":
		return name, !path.IsAbs(name) && !strings.HasPrefix(name, "..")
	case "/":
		return name[1:], path.IsAbs(name)
	}
	rest, ok := strings.CutPrefix(name, dir+"/")
	return rest, ok
}

// inputs are the files of the build context that call reads if the whole of it was copied by broad; nil where that is not known,
// or where the folder that call runs in has no manifest.
func inputs(p *lint.Pass, broad *plan.Step, call *shell.Call) *app.Inputs {
	at := call.Dir()
	if p.Context() == nil || !at.Known || !broad.Copy.To.Known {
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
	in := app.Of(p).Inputs(call.Manager, dir, named)
	if in == nil || len(in.Manifests) == 0 {
		return nil
	}
	return in
}

// sources says why call needs the application's sources as well as what in lists, "" if nothing tells so.
func sources(in *app.Inputs, call *shell.Call) string {
	c := call.Command
	has := c.Has
	verb := call.Verb.Text
	if in.Sources != "" && !has("--ignore-scripts", "--no-scripts") {
		return in.Sources
	}
	switch in.Name {
	case "pip":
		if local(call) || c.Has("-e", "--editable") {
			return "the call installs the application itself"
		}
	case "uv", "poetry", "pdm":
		if in.Package && !has("--no-install-project", "--no-install-workspace", "--no-install-local", "--no-root", "--no-self") {
			return "`" + install(call) + "` installs the application itself"
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

// place is one COPY of files that lie in the same folder, or of one folder.
type place struct {
	sources []string
	to      string // below the destination, "." for itself
}

// places groups files by the folder that they lie in.
func places(files []string) []place {
	var out []place
	for _, name := range files {
		if folder, ok := strings.CutSuffix(name, "/"); ok {
			out = append(out, place{[]string{folder + "/"}, folder})
			continue
		}
		dir := path.Dir(name)
		if i := slices.IndexFunc(out, func(p place) bool { return p.to == dir && !strings.HasSuffix(p.sources[0], "/") }); i >= 0 {
			out[i].sources = append(out[i].sources, name)
			continue
		}
		out = append(out, place{[]string{name}, dir})
	}
	return out
}

// maxPlaces is how many lines of COPY a person may well write by hand; with more, `COPY --parents` is the shorter way.
const maxPlaces = 4

// copies are the instructions that bring files where broad, which copies all of the build context, brings them.
func copies(broad *plan.Step, files []string) []string {
	var flags strings.Builder
	for _, f := range broad.Instruction.Flags {
		if f.Name == "chown" || f.Name == "chmod" || f.Name == "link" {
			flags.WriteString(f.String + " ")
		}
	}
	dest := broad.Copy.Dest.String
	if dest == "." {
		dest = "./"
	}
	if !strings.HasSuffix(dest, "/") {
		dest += "/"
	}
	var out []string
	for _, p := range places(files) {
		to := dest
		if p.to != "." {
			to = strings.TrimPrefix(dest, "./") + p.to + "/"
		}
		out = append(out, "COPY "+flags.String()+strings.Join(p.sources, " ")+" "+to)
	}
	return out
}

// plainNames reports whether each of files can stand in a COPY as it is.
func plainNames(files []string) bool {
	return !slices.ContainsFunc(files, func(name string) bool { return strings.ContainsAny(name, " \t\"'\\$*?[]<>#&;|`") })
}
