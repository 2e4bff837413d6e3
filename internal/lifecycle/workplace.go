package lifecycle

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Workplace is an image for a language, with all stages that are built from it and what they do with the language.
type Workplace struct {
	Image *plan.Image
	// Again are the other places that name the same image and tag.
	Again         []parser.Span
	Kind, Version string // as image.Image.Runtime has them
	Runtime       app.Runtime
	Managers      []*ecosystem.Manager // those that install the application's dependencies, or build it
	Replaced      bool                 // the application may run on another version of the language than the image's
	Pinned        bool                 // a file of the application tells rustup which toolchain to fetch
	Wants         []app.Requirement    // required by the files that the build copies to where it installs the application
	contained     bool                 // what .NET builds includes its own runtime
	looked        map[*plan.Stage]bool // the stages whose results were looked at
}

var workplaces = lint.NewFact(func(p *lint.Pass) []*Workplace {
	if app.Of(p) == nil {
		return nil
	}
	byRef := map[string]*Workplace{}
	var out []*Workplace
	for _, s := range p.Plan.Stages {
		base := s.Image()
		if !s.Reached || base == nil {
			continue
		}
		kind, version := image.Of(*base.Ref).Runtime()
		runtime := runtimeOf(kind)
		if runtime == "" {
			continue
		}
		key := base.Ref.Name() + ":" + base.Ref.Tag
		w := byRef[key]
		if w == nil {
			w = &Workplace{Image: base, Kind: kind, Version: version, Runtime: runtime}
			byRef[key] = w
			out = append(out, w)
		} else if base.Origin != w.Image.Origin && !slices.Contains(w.Again, base.Origin) {
			w.Again = append(w.Again, base.Origin)
		}
		w.add(p, s)
	}
	return out
})

// Workplaces are the images of the build that are for a language, each once, in the order of the stages; none without a
// build context.
func Workplaces(p *lint.Pass) []*Workplace { return workplaces.Of(p) }

// runtimeOf is the runtime that image.Image.Runtime calls by that name, "" for one that is not known here.
func runtimeOf(kind string) app.Runtime {
	switch kind {
	case "python":
		return app.Python
	case "node":
		return app.Node
	case "golang":
		return app.Go
	case "ruby":
		return app.Ruby
	case "rust":
		return app.Rust
	case "java":
		return app.Java
	case image.DotnetSDK, image.DotnetRuntime:
		return app.Dotnet
	case "php":
		return app.PHP
	}
	return ""
}

// Manager is the first of the managers of the workplace's language that fits; nil if none does.
func (w *Workplace) Manager(fits func(*ecosystem.Manager) bool) *ecosystem.Manager {
	i := slices.IndexFunc(w.Managers, func(m *ecosystem.Manager) bool { return language(m) == w.language() && fits(m) })
	if i < 0 {
		return nil
	}
	return w.Managers[i]
}

// add takes in what the stage s does.
func (w *Workplace) add(p *lint.Pass, s *plan.Stage) {
	for _, name := range [...]string{"GOTOOLCHAIN", "RUSTUP_TOOLCHAIN", "UV_PYTHON", "JAVA_HOME", "BUNDLE_GEMFILE"} {
		w.Replaced = w.Replaced || s.End.Env.Lookup(name) != nil
	}
	for _, step := range s.Steps {
		if step.Copy == nil || step.Copy.From == nil {
			continue
		}
		if from := step.Copy.From; from.External() {
			kind, _ := image.Of(*from.Ref).Runtime()
			w.Replaced = w.Replaced || runtimeOf(kind) == w.Runtime
		} else if from.Stage != nil && (w.Runtime == app.Java || w.Kind == image.DotnetRuntime) {
			w.products(p, from.Stage, step)
		}
	}
	dirs := []string{s.End.Workdir.Text}
	var named []string
	for _, sc := range p.Scripts(s) {
		for _, c := range sc.Commands {
			w.command(c)
			if w.Kind != image.DotnetSDK {
				continue
			}
			for _, word := range c.Args() {
				if path.Ext(word.Text) == ".csproj" && language(ecosystem.Of(c.Name)) == ecosystem.LanguageDotnet {
					named = append(named, c.Path(word).Text)
				}
			}
		}
		for _, c := range sc.Calls() {
			w.call(c)
			if at := c.Dir(); at.Known && c.Manifest {
				w.Managers = append(w.Managers, ecosystem.Of(c.Manager))
				dirs = append(dirs, at.Text)
			}
		}
	}
	w.find(p, s, dirs, named)
	w.pinned(p, s, dirs)
}

func (w *Workplace) language() ecosystem.Language {
	if w.Runtime == app.Dotnet {
		return ecosystem.LanguageDotnet
	}
	return ecosystem.Language(w.Kind)
}

// language is the language whose versions m knows, "" for none.
func language(m *ecosystem.Manager) ecosystem.Language {
	switch {
	case m == nil:
		return ""
	case m.Runtime != nil && m.Runtime.Language != "":
		return m.Runtime.Language
	}
	return m.Language
}

// find adds what the files ask for that are in dirs of s, or that named lists.
func (w *Workplace) find(p *lint.Pass, s *plan.Stage, dirs, named []string) {
	for _, pattern := range app.RuntimeFiles(w.Runtime) {
		for _, dir := range dirs {
			if !strings.Contains(pattern, "*") {
				named = append(named, path.Join(dir, pattern))
				continue
			}
			for _, m := range app.Of(p).Manifests() {
				if ok, err := path.Match(pattern, path.Base(m.Path)); ok && err == nil {
					named = append(named, path.Join(dir, path.Base(m.Path)))
				}
			}
		}
	}
	for _, name := range named {
		file, ok := p.Origin(s, name)
		if !ok || path.Base(file) != path.Base(name) {
			continue
		}
		if path.Base(file) == "Cargo.toml" && w.Pinned {
			continue // the toolchain that rustup fetches may well build it
		}
		w.Pinned = w.Pinned || strings.HasPrefix(path.Base(file), "rust-toolchain")
		r, ok := app.Of(p).Requirement(file)
		if ok && r.Runtime == w.Runtime && !slices.ContainsFunc(w.Wants,
			func(x app.Requirement) bool { return x.File == r.File }) {
			w.Wants = append(w.Wants, r)
		}
	}
}

// pinned adds the version that people and CI develop with, by the file of a version manager beside the manifest that is installed
// from, or at the root of the build context, if the build copies no such file and it is of a later line of releases.
func (w *Workplace) pinned(p *lint.Pass, s *plan.Stage, dirs []string) {
	manifest := map[app.Runtime]string{app.Node: "package.json", app.Python: "requirements.txt", app.Ruby: "Gemfile"}[w.Runtime]
	if manifest == "" || len(w.Wants) > 0 {
		return
	}
	for _, dir := range dirs {
		file, ok := p.Origin(s, path.Join(dir, manifest))
		if !ok || path.Base(file) != manifest {
			continue
		}
		for _, dir := range [...]string{path.Dir(file), "."} {
			for _, name := range [...]string{".nvmrc", ".node-version", ".python-version", ".ruby-version", ".tool-versions"} {
				name = path.Join(dir, name)
				r, ok := app.Of(p).ToolVersion(name, w.Runtime)
				if path.Base(name) != ".tool-versions" {
					r, ok = app.Of(p).Requirement(name)
				}
				if ok && r.Runtime == w.Runtime && r.Outgrows(w.Version) {
					w.Wants = append(w.Wants, r)
					return
				}
			}
		}
	}
}

// products adds what a stage was told to build for, if step copies the result: a jar, or assemblies.
func (w *Workplace) products(p *lint.Pass, from *plan.Stage, step *plan.Step) {
	if w.Runtime == app.Java && !slices.ContainsFunc(step.Copy.Sources,
		func(src plan.Source) bool { return path.Ext(src.Path.Text) == ".jar" }) {
		return
	}
	base := from.Image()
	if base == nil {
		return
	}
	if kind, _ := image.Of(*base.Ref).Runtime(); runtimeOf(kind) != w.Runtime {
		return
	}
	if w.looked[from] || from == step.Stage {
		return
	}
	if w.looked == nil {
		w.looked = map[*plan.Stage]bool{}
	}
	w.looked[from] = true
	builder := &Workplace{Runtime: w.Runtime, Kind: image.DotnetSDK, looked: w.looked}
	builder.add(p, from)
	if !builder.Replaced && !builder.contained {
		for _, r := range builder.Wants {
			if !slices.Contains(w.Wants, r) {
				w.Wants = append(w.Wants, r)
			}
		}
	}
}

// command looks for programs that install or choose another version.
func (w *Workplace) command(c *shell.Command) {
	starts := func(prefix string) bool {
		return slices.ContainsFunc(c.Words, func(x shell.Word) bool { return strings.HasPrefix(x.Text, prefix) })
	}
	var switchers, marks []string // programs that do so, and what is in an address or a name that does
	other := false
	switch w.Runtime {
	case app.Python:
		switchers, marks = []string{"pyenv"}, []string{"python.org/ftp", "python-build-standalone"}
	case app.Node:
		switchers, marks = []string{"nvm", "n", "fnm", "volta"}, []string{"nodejs.org/dist", "nodesource", "nvm.sh"}
	case app.Go:
		switchers, marks = []string{"goenv"}, []string{"go.dev/dl", "dl.google.com/go", "golang.org/dl"}
	case app.Ruby:
		switchers = []string{"rbenv", "rvm", "ruby-install"}
	case app.Rust:
		switchers, marks = []string{"rustup"}, []string{"rustup"}
		other = len(c.Words) > 1 && strings.HasPrefix(c.Words[1].Text, "+")
	case app.Java:
		switchers = []string{"sdk", "jenv", "update-alternatives"}
	case app.Dotnet:
		marks = []string{"dotnet-install"}
		w.contained = w.contained || language(ecosystem.Of(c.Name)) == ecosystem.LanguageDotnet &&
			(c.Has("--self-contained", "--sc") || starts("-p:PublishAot") || starts("/p:PublishAot"))
	case app.PHP:
		other = starts("--ignore-platform-req")
	}
	if m := ecosystem.Of(c.Name); m != nil && m.Runtime != nil && m.Runtime.Brings && language(m) == w.language() {
		other = other || m.Runtime.Always || c.Has(m.Runtime.Flags...) || len(c.Words) > 1 &&
			ecosystem.Has(m.Runtime.Verbs, c.Words[1].Text)
	}
	other = other || slices.Contains(switchers, c.Name) || c.Name == "asdf" || c.Name == "mise" ||
		slices.ContainsFunc(c.Words, func(x shell.Word) bool {
			return slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(x.Text, mark) })
		})
	for _, a := range c.Assigns {
		other = other || a.Name == "GOTOOLCHAIN" || a.Name == "RUSTUP_TOOLCHAIN" || a.Name == "JAVA_HOME"
	}
	w.Replaced = w.Replaced || other
}

// call looks for packages that install another version.
func (w *Workplace) call(c *shell.Call) {
	var prefixes []string
	switch w.Runtime {
	case app.Python:
		prefixes = []string{"python3."}
	case app.Go:
		prefixes = []string{"golang"}
	case app.Java:
		prefixes = []string{"openjdk", "temurin", "java-"}
	case app.Dotnet:
		prefixes = []string{"dotnet", "aspnetcore"}
	case app.Node, app.Ruby, app.Rust, app.PHP:
	}
	for _, pkg := range c.Packages {
		w.Replaced = w.Replaced || w.Runtime == app.Node && (pkg.Name == "nodejs" || pkg.Name == "node") ||
			slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(pkg.Name, prefix) })
	}
}
