package base

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MismatchedRuntime reports an image whose language is of a version that the application in it excludes. Only files count that
// the build copies to where it works; a stage that installs another version of the language is left alone.
var MismatchedRuntime = &lint.Rule{
	Name: "mismatched-runtime", Summary: "the application excludes the image's version of its language", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnContext(func(p *lint.Pass) {
		groups := map[string]*workplace{}
		var order []*workplace
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
			w := groups[key]
			if w == nil {
				w = &workplace{p: p, base: base, kind: kind, version: version, runtime: runtime}
				groups[key] = w
				order = append(order, w)
			} else if base.Origin != w.base.Origin && !slices.Contains(w.again, base.Origin) {
				w.again = append(w.again, base.Origin)
			}
			w.add(s)
		}
		for _, w := range order {
			w.judge()
		}
	}),
}

// runtimeOf is the runtime that image.Runtime calls by that name.
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
	case "dotnet-sdk", "dotnet-runtime":
		return app.Dotnet
	case "php":
		return app.PHP
	}
	return ""
}

// workplace is all stages that stand on one image, and what they do with its language.
type workplace struct {
	p             *lint.Pass
	base          *plan.Image
	again         []parser.Span // where else the image is named
	kind, version string
	runtime       app.Runtime
	stages        []*plan.Stage
	managers      []string // those that install the application's dependencies, or build it
	replaced      bool     // another version may be at work
	pinned        bool     // a file of the application tells rustup which tool chain to fetch
	contained     bool     // the product of .NET brings its own runtime
	wants         []app.Requirement
}

func (w *workplace) add(s *plan.Stage) {
	w.stages = append(w.stages, s)
	for _, name := range [...]string{"GOTOOLCHAIN", "RUSTUP_TOOLCHAIN", "UV_PYTHON", "JAVA_HOME", "BUNDLE_GEMFILE"} {
		w.replaced = w.replaced || s.End.Env.Lookup(name) != nil
	}
	for _, step := range s.Steps {
		if step.Copy == nil || step.Copy.From == nil {
			continue
		}
		if from := step.Copy.From; from.External() {
			kind, _ := image.Of(*from.Ref).Runtime()
			w.replaced = w.replaced || runtimeOf(kind) == w.runtime
		} else if from.Stage != nil && (w.runtime == app.Java || w.kind == "dotnet-runtime") {
			w.products(from.Stage, step)
		}
	}
	dirs := []string{s.End.Workdir.Text}
	var named []string
	for sc := range w.p.Scripts(s) {
		for _, c := range sc.Commands {
			w.command(c)
			if w.kind == "dotnet-sdk" && c.Name == "dotnet" {
				for _, word := range c.Args() {
					if path.Ext(word.Text) == ".csproj" {
						named = append(named, path.Join(sc.Step.Workdir.Text, word.Text))
					}
				}
			}
		}
		for _, c := range sc.Calls() {
			w.call(c)
			if at := c.Dir(); at.Known && c.Manifest {
				w.managers = append(w.managers, c.Manager)
				dirs = append(dirs, at.Text)
			}
		}
	}
	w.find(s, dirs, named)
}

// find adds what the files ask for that lie in dirs of s, or are named there.
func (w *workplace) find(s *plan.Stage, dirs, named []string) {
	for _, pattern := range app.RuntimeFiles(w.runtime) {
		for _, dir := range dirs {
			if !strings.Contains(pattern, "*") {
				named = append(named, path.Join(dir, pattern))
				continue
			}
			for _, m := range app.Of(w.p).Manifests() {
				if ok, err := path.Match(pattern, path.Base(m.Path)); ok && err == nil {
					named = append(named, path.Join(dir, path.Base(m.Path)))
				}
			}
		}
	}
	for _, name := range named {
		file, ok := w.p.Origin(s, name)
		if !ok || path.Base(file) != path.Base(name) {
			continue
		}
		if path.Base(file) == "Cargo.toml" && w.pinned {
			continue // with the tool chain that rustup fetches it may well build
		}
		w.pinned = w.pinned || strings.HasPrefix(path.Base(file), "rust-toolchain")
		r, ok := app.Of(w.p).Requirement(file)
		if ok && r.Runtime == w.runtime && !slices.ContainsFunc(w.wants, func(x app.Requirement) bool { return x.File == r.File }) {
			w.wants = append(w.wants, r)
		}
	}
}

// products adds what a stage was told to build for, if step copies the outcome: a jar, or assemblies.
func (w *workplace) products(from *plan.Stage, step *plan.Step) {
	if w.runtime == app.Java && !slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool { return path.Ext(src.Path.Text) == ".jar" }) {
		return
	}
	base := from.Image()
	if base == nil {
		return
	}
	if kind, _ := image.Of(*base.Ref).Runtime(); runtimeOf(kind) != w.runtime {
		return
	}
	builder := &workplace{p: w.p, runtime: w.runtime, kind: "dotnet-sdk"}
	builder.add(from)
	if !builder.replaced && !builder.contained {
		for _, r := range builder.wants {
			if !slices.Contains(w.wants, r) {
				w.wants = append(w.wants, r)
			}
		}
	}
}

// command looks for programs that bring or choose another version.
func (w *workplace) command(c *shell.Command) {
	starts := func(prefix string) bool {
		return slices.ContainsFunc(c.Words, func(x shell.Word) bool { return strings.HasPrefix(x.Text, prefix) })
	}
	var managers, marks []string // programs that do so, and what is in an address or a name that does
	other := false
	switch w.runtime {
	case app.Python:
		managers, marks = []string{"pyenv", "conda", "mamba", "micromamba"}, []string{"python.org/ftp", "python-build-standalone"}
		other = c.Name == "uv" && (c.Has("--python", "-p") || len(c.Words) > 1 && c.Words[1].Text == "python")
	case app.Node:
		managers, marks = []string{"nvm", "n", "fnm", "volta"}, []string{"nodejs.org/dist", "nodesource", "nvm.sh"}
	case app.Go:
		managers, marks = []string{"goenv"}, []string{"go.dev/dl", "dl.google.com/go", "golang.org/dl"}
	case app.Ruby:
		managers = []string{"rbenv", "rvm", "ruby-install"}
	case app.Rust:
		managers, marks = []string{"rustup"}, []string{"rustup"}
		other = len(c.Words) > 1 && strings.HasPrefix(c.Words[1].Text, "+")
	case app.Java:
		managers = []string{"sdk", "jenv", "update-alternatives"}
	case app.Dotnet:
		marks = []string{"dotnet-install"}
		w.contained = w.contained || c.Name == "dotnet" && (c.Has("--self-contained", "--sc") || starts("-p:PublishAot") || starts("/p:PublishAot"))
	case app.PHP:
		other = starts("--ignore-platform-req")
	}
	other = other || slices.Contains(managers, c.Name) || c.Name == "asdf" || c.Name == "mise" || slices.ContainsFunc(c.Words, func(x shell.Word) bool {
		return slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(x.Text, mark) })
	})
	for _, a := range c.Assigns {
		other = other || a.Name == "GOTOOLCHAIN" || a.Name == "RUSTUP_TOOLCHAIN" || a.Name == "JAVA_HOME"
	}
	w.replaced = w.replaced || other
}

// call looks for packages that bring another version.
func (w *workplace) call(c *shell.Call) {
	for _, pkg := range c.Packages {
		name := pkg.Name
		switch w.runtime {
		case app.Python:
			w.replaced = w.replaced || strings.HasPrefix(name, "python3.") || name == "python" && c.Manager == "conda"
		case app.Node:
			w.replaced = w.replaced || name == "nodejs" || name == "node"
		case app.Go:
			w.replaced = w.replaced || strings.HasPrefix(name, "golang")
		case app.Java:
			w.replaced = w.replaced || strings.HasPrefix(name, "openjdk") || strings.HasPrefix(name, "temurin") || strings.HasPrefix(name, "java-")
		case app.Dotnet:
			w.replaced = w.replaced || strings.HasPrefix(name, "dotnet") || strings.HasPrefix(name, "aspnetcore")
		case app.Ruby, app.Rust, app.PHP:
		}
	}
}

// judge reports the first contradiction, and points at the others.
func (w *workplace) judge() {
	if w.replaced {
		return
	}
	var f *lint.Finding
	for _, r := range w.wants {
		if !r.Excludes(w.version) {
			continue
		}
		if f != nil {
			f.RelateFile(r.File, r.Line, "`%s` here", r.Text)
			continue
		}
		f = w.p.Report(w.base.Origin, "%s %s does not satisfy `%s %s` in `%s`", w.runtime, w.version, r.Key, r.Text, r.File)
		w.consequence(f, r)
		for _, at := range w.again {
			f.Relate(at, "and here")
		}
		f.RelateFile(r.File, r.Line, "asked for here")
	}
}

// consequence says what comes of it.
func (w *workplace) consequence(f *lint.Finding, r app.Requirement) {
	does := func(names ...string) bool {
		return slices.ContainsFunc(w.managers, func(m string) bool { return slices.Contains(names, m) })
	}
	fails := func(format string, args ...any) {
		f.Severity = lint.Error
		f.Because(format, args...)
	}
	f.Because("the application is not meant to run on %s %s", w.runtime, w.version)
	switch {
	case r.Pin && (w.runtime != app.Python || !does("uv")):
		f.Doubting("nothing in the image reads `%s`", r.File)
	case w.runtime == app.Python && does("uv"):
		f.Because("uv downloads another Python in each build, and the image's own is dead weight")
	case w.runtime == app.Python && does("poetry"):
		fails("Poetry refuses to install on Python %s", w.version)
	case w.runtime == app.Node:
		f.Because("npm warns and goes on, Yarn 1 and pnpm refuse; what the code uses of newer releases fails when it runs")
	case w.runtime == app.Go && does("go", "go mod"):
		if strings.HasPrefix(w.version, "1.1") || strings.HasPrefix(w.version, "1.20") {
			f.Because("Go %s does not know the language of a newer release, and says so only where the code does not compile", w.version)
			break
		}
		fails("official images set `GOTOOLCHAIN=local`, so that Go %s refuses to build the module", w.version)
	case w.runtime == app.Ruby && does("bundle"):
		fails("Bundler refuses to install on Ruby %s", w.version)
	case w.runtime == app.Rust && w.pinned:
		f.Because("rustup downloads the other tool chain in each build, and the image's own is dead weight")
	case w.runtime == app.Rust && does("cargo"):
		fails("Cargo refuses to build the package with Rust %s", w.version)
	case w.runtime == app.Java && does("mvn"):
		fails("the compiler of JDK %s cannot compile for Java %s", w.version, r.Text)
	case w.runtime == app.Java:
		fails("Java %s cannot load classes that were compiled for Java %s", w.version, r.Text)
	case w.kind == "dotnet-sdk":
		fails("the SDK of .NET %s cannot build for .NET %s", w.version, r.Text)
	case w.kind == "dotnet-runtime":
		fails("the program does not start: .NET %s does not run what was built for .NET %s", w.version, r.Text)
	case w.runtime == app.PHP && does("composer"):
		fails("Composer refuses to install on PHP %s", w.version)
	}
	for _, limit := range [...]time.Time{w.p.Now.AddDate(1, 0, 0), w.p.Now} {
		for _, other := range image.Of(*w.base.Ref).Siblings() {
			if product, system := other.Cycles(); !r.Excludes(version(other)) && !over(product, limit) && !over(system, limit) {
				take(w.p, f, w.base, other.Tag)
				return
			}
		}
	}
	f.Advise("take an image of %s that fits `%s`, or change what `%s` asks for", w.runtime, r.Text, r.File)
}

// version is that of the language in i.
func version(i image.Image) string {
	_, version := i.Runtime()
	return version
}
