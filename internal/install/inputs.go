package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Inputs are the files that call reads of the build context, all of which whole copied; nil if they are unknown, or if
// the directory that call runs in has no manifest.
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
	if in.Sources != "" && !call.Command.Has("--ignore-scripts", "--no-scripts") {
		return in.Sources
	}
	if b := Manager(call).Build; b != nil && b.Needs != nil {
		return fill(b.Needs(plain(call), in.Package, len(in.Members)), call)
	}
	return ""
}

// DependenciesOnly says how to install the dependencies of call without the application, and what remains to be done
// afterwards, both as parts of a sentence.
func DependenciesOnly(in *app.Inputs, call *shell.Call) (how, then string) {
	b := Manager(call).Build
	if b == nil || b.ApartHelp == "" {
		return "install", ""
	}
	given := func(w shell.Word) bool {
		return strings.HasPrefix(w.Text, "--") && strings.Contains(b.ApartHelp, w.Text)
	}
	why := ""
	if in != nil {
		why = Sources(in, call)
	} else if strings.Contains(b.ApartHelp, "{why}") || slices.ContainsFunc(call.Command.Words, given) {
		return "install", "" // without the build context, only flags that are right in any case are named
	}
	if in != nil && why == "" {
		return "install", ""
	}
	return strings.ReplaceAll(fill(b.ApartHelp, call), "{why}", why), fill(b.Then, call)
}

// Prefetch is the command that only downloads the dependencies, for a call that also builds the application; else "".
func Prefetch(call *shell.Call) string {
	b := Manager(call).Build
	if b == nil || ecosystem.Has(b.Fetches, call.Verb.Text) {
		return ""
	}
	return fill(b.Prefetch, call)
}

// Reads are the files of the build context that call reads in the directory that it runs in; nil if they are unknown, or if it also needs
// the application's sources.
func (f *Facts) Reads(call *shell.Call) *app.Inputs {
	s := f.Setting(call)
	if s == nil || SelfManifests(call) != nil {
		return nil
	}
	var named []string
	for _, w := range call.Files {
		name := w.Text
		if !path.IsAbs(name) {
			name = path.Join(s.At, name)
		}
		file, ok := f.File(call.Command.Script.Step, name)
		if !ok || !w.Literal {
			return nil
		}
		named = append(named, file)
	}
	in := f.directory(call.Manager, s.Dir, named)
	if in == nil || len(in.Manifests) == 0 || Sources(in, call) != "" {
		return nil
	}
	return in
}
