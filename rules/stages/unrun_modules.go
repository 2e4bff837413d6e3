package stages

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// nodeModules is the directory in which Node's package managers install.
const nodeModules = "node_modules"

// unrunModules reports that src, a directory of the stage from that s copies, contains the packages that a step there installs for Node,
// although the image cannot run Node. It is silent if a step of from may delete them, and if the server may read them as files.
func unrunModules(p *lint.Pass, s *plan.Step, src plan.Source, from *plan.Stage, dir string) bool {
	if p.Context() == nil || s.Instruction.Flag("exclude") != nil || path.Base(dir) == nodeModules {
		return false
	}
	call := nodeInstall(p, from, dir)
	if call == nil || !withoutNode(container.Of(p)) || unlinked(p, call) {
		return false
	}
	at := path.Join(call.Dir().Text, nodeModules)
	precompiled := false
	for _, x := range from.Lineage() {
		for _, sc := range p.Scripts(x) {
			precompiled = precompiled || strings.Contains(sc.Text.String, "assets:precompile")
			if sc.Err != nil || slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool { return c.Deletes(at) || undoes(c) }) {
				return false
			}
		}
	}
	if served := servesModules.Of(p.Context()); served.elsewhere || served.config && !precompiled {
		return false
	}
	f := p.Report(src.Word.Full(), "`%s` contains `%s`, but the image has no Node.js", src.Word.String, nodeModules).
		Relate(call.Command.Span, "the packages are installed here").
		Because("packages that only the build needs add size, and their vulnerabilities, to the final image")
	if from.Name != "" {
		f.Advise("copy only the result of the build, or add `RUN rm -rf %s` at the end of the stage `%s`", at, from.Name)
	} else {
		f.Advise("copy only the result of the build")
	}
	return true
}

// undoes reports whether c may remove or move installed packages in another way than by rm.
func undoes(c *shell.Command) bool {
	return c.Name == "mv" || c.Name == "rsync" || c.Name == "rimraf" ||
		slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return w.Text == "clean" || w.Text == "rimraf" })
}

// unlinked reports whether call may put the packages elsewhere than into node_modules, as newer releases of some managers do.
func unlinked(p *lint.Pass, call *shell.Call) bool {
	in := install.Of(p).Setting(call)
	return in != nil && install.Of(p).Modern(in)
}

// nodeInstall is the last step of s that installs packages for Node in dir or below.
func nodeInstall(p *lint.Pass, s *plan.Stage, dir string) (found *shell.Call) {
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				m := ecosystem.Of(call.Manager)
				if call.Action != shell.Install || !call.Manifest || m == nil || m.Language != ecosystem.LanguageNode {
					continue
				}
				if at := call.Dir(); at.Known && path.IsAbs(at.Text) && plan.Within(path.Clean(at.Text), dir) && !sc.Step.Discards(path.Join(at.Text, nodeModules)) {
					found = call
				}
			}
		}
		if found != nil {
			break
		}
	}
	return found
}

// withoutNode reports whether the image of c certainly does not run Node: it is a system, or made for a server or another language.
func withoutNode(c *container.Container) bool {
	switch {
	case c.Root == nil:
		return false
	case !c.Root.Scratch:
		name, _ := c.Base.Runtime()
		if name == string(ecosystem.LanguageNode) || name == "" && !c.Base.System() && !c.Base.DropsRoot() || name == image.DotnetSDK {
			return false
		}
	}
	return !c.MayAdd("node") && !slices.ContainsFunc(ecosystem.All(), func(m *ecosystem.Manager) bool {
		return m.Language == ecosystem.LanguageNode && c.MayAdd(m.Name) // whose package brings Node
	})
}

// servesModules says which files that the server may read, such as a template or its configuration, name node_modules: any below config,
// where Rails lists its asset paths, and any elsewhere. If there are too many files, they may.
var servesModules = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) (found struct{ config, elsewhere bool }) {
	files, cut := c.Files()
	if cut {
		found.elsewhere = true
		return found
	}
	read := 0
	for _, f := range files {
		switch path.Ext(f.Name) {
		case ".py", ".rb", ".erb", ".haml", ".slim", ".php", ".twig", ".cs", ".cshtml", ".razor", ".html", ".htm", ".conf", ".go", ".java", ".kt", ".ex",
			".exs", ".heex", ".jinja", ".j2", ".rs", ".toml", ".ini", ".template":
		default:
			continue
		}
		config := strings.HasPrefix(f.Name, "config/")
		if config && found.config || beside(f.Name) {
			continue
		}
		src, err := c.Read(f.Name)
		if err != nil {
			continue
		}
		read += len(src)
		switch named := bytes.Contains(src, []byte(nodeModules)); {
		case read > maxBytes, named && !config:
			found.elsewhere = true
			return found
		case named:
			found.config = true
		}
	}
	return found
})
