// Package stages has the rules on stages and on what they copy from each other.
package stages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// BuildToolsInImage reports an image that builds its application and ships the tools it was built with: the compiler
// that its base image is made for, or a toolchain that a package manager installed. It only reports images that clearly
// are applications: they have a command other than a shell, or none and a compose file runs them, and a step that builds.
// Of a JDK that is installed as a package, it also reports those that nothing builds with. Tools that the same RUN removes
// again are fine.
var BuildToolsInImage = &lint.Rule{
	Name: "build-tools-in-image", Summary: "the final image contains the tools that built it", Category: lint.Stages,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !application(s) && !served(p, s) || packages(p, s) || p.Plan.ForDevelopment() || feeds(p.Plan, s) ||
			p.Context() != nil && (slices.ContainsFunc(p.Context().Dir("."), inStages) || generates.Of(p.Context())) {
			return
		}
		if kit, build := toolkit(p, s); build != nil {
			f := p.Report(rootBase(s).Origin, "the image ships %s", kit).
				Relate(build.Span, "the build happens here").
				Because("only the build needs it, and in the final image it adds size and needs patches").
				Advise("build in a separate stage, and `COPY --from` the result into a smaller image")
			if strings.Contains(kit, "JDK") {
				f.Because("the application only needs a JRE, and in the final image the rest adds size and needs patches").
					Advise("build in a separate stage, and `COPY --from` the result into an image with a JRE")
			}
			if start := compilesAtStart(s, build); start != "" {
				f.Because("only the build and `%s` need these tools, and in the final image they add size and need patches", start).
					Advise("build in a separate stage, `COPY --from` the result into a smaller image, and start that instead of `%s`", start)
			}
			return
		}
		if i := s.Image(); i != nil && equipped(image.Of(*i.Ref)) {
			return
		}
		tools(p, s)
	}),
}

// generates reports whether the application makes projects from a template with Cookiecutter, whose hooks may install and compile what a
// project needs when the container runs.
var generates = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) bool {
	files, _ := c.Files()
	return slices.ContainsFunc(files, func(f buildcontext.File) bool {
		return strings.HasSuffix(f.Name, "hooks/post_gen_project.py") || strings.HasSuffix(f.Name, "hooks/post_gen_project.sh")
	})
})

// equipped reports whether i has compilers anyway, or may have them.
func equipped(i image.Image) bool {
	slim, ok := i.Slim()
	return !i.Known() || ok && !slim.JRE && slim.Carries != ""
}

// inStages reports whether name is that of a Dockerfile which says that it has several stages, so that the one beside it has one on purpose.
func inStages(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "dockerfile") && (strings.Contains(name, "multistage") || strings.Contains(name, "multi-stage"))
}

// compilesAtStart is the start of the command of s if it compiles and runs the application with the tool that build calls, as
// `dotnet run` does; "" if it does not.
func compilesAtStart(s *plan.Stage, build *shell.Command) string {
	m, run := ecosystem.Of(build.Name), s.Command()
	if m == nil || m.Build == nil {
		return ""
	}
	for _, step := range []*plan.Step{run.Entrypoint, run.Cmd} {
		if step == nil {
			continue
		}
		var words []string
		for _, w := range step.Instruction.Args {
			words = append(words, strings.Fields(w.Value)...)
		}
		for i := 0; i+1 < len(words); i++ {
			if ecosystem.Of(words[i]) == m && m.Build.Starts != "" && ecosystem.Has(m.Build.Starts, words[i+1]) {
				return words[i] + " " + words[i+1]
			}
		}
	}
	return ""
}

// feeds reports whether a later stage copies from s. Such a target is built to work with its tools.
func feeds(p *plan.Plan, s *plan.Stage) bool {
	return slices.ContainsFunc(p.Stages[s.Index+1:], func(o *plan.Stage) bool {
		return slices.ContainsFunc(o.Steps, func(step *plan.Step) bool {
			return step.Copy != nil && step.Copy.From != nil && step.Copy.From.Stage == s
		})
	})
}

// application reports whether the image runs something of its own.
func application(s *plan.Stage) bool {
	run := s.Command()
	for _, step := range []*plan.Step{run.Entrypoint, run.Cmd} {
		if step == nil || len(step.Instruction.Args) == 0 {
			continue
		}
		word, _, _ := strings.Cut(step.Instruction.Args[0].Value, " ")
		switch word[strings.LastIndexByte(word, '/')+1:] {
		case "sh", "bash", "ash", "zsh", "":
		default:
			return true
		}
	}
	return false
}

// served reports whether a compose file runs the image although it has no command of its own. People then start the
// application by hand.
func served(p *lint.Pass, s *plan.Stage) bool {
	run := s.Command()
	return run.Entrypoint == nil && run.Cmd == nil && len(p.Services()) > 0 &&
		slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.Copy.Whole() })
}

// packages reports whether the image builds packages, or compiles code for a GPU, when it runs: that is what its command or what it
// installs is for.
func packages(p *lint.Pass, s *plan.Stage) bool {
	run := s.Command()
	for _, step := range []*plan.Step{run.Entrypoint, run.Cmd} {
		if step == nil {
			continue
		}
		for _, tool := range [...]string{"debuild", "dpkg-buildpackage", "rpmbuild", "abuild", "makepkg"} {
			if strings.Contains(step.Instruction.Text.String, tool) {
				return true
			}
		}
	}
	for _, s := range s.Lineage() {
		if s.Base != nil && s.Base.Ref != nil && forGPU(s.Base.Ref.Repository) {
			return true
		}
		if slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return strings.Contains(step.Instruction.Text.String, "pytorch") }) {
			return true // a lock file may install it
		}
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				for _, pkg := range call.Packages {
					switch pkg.Name {
					case "devscripts", "dh-make", "debhelper", "rpm-build", "rpmdevtools":
						return true
					}
					if strings.HasPrefix(pkg.Name, "cuda-nvcc") || compilesLater(pkg.Name) {
						return true
					}
				}
			}
		}
	}
	return false
}

// compilesLater reports whether pkg is a Python package that compiles code with a C compiler when it runs.
func compilesLater(pkg string) bool {
	switch strings.ReplaceAll(strings.ToLower(pkg), "_", "-") {
	case "triton", "torch", "xformers", "vllm", "sglang", "deepspeed", "flash-attn", "aiter", "cupy", "pythran", "cppyy", "pystan", "cmdstanpy":
		return true
	}
	return false
}

// forGPU matches the repositories of images for GPUs. What runs there, such as PyTorch with Triton, compiles kernels when it runs.
func forGPU(repository string) bool {
	return slices.ContainsFunc([]string{"rocm/", "nvidia/", "pytorch/"}, func(account string) bool {
		return strings.HasPrefix(repository, account) || strings.Contains(repository, "/"+account)
	})
}

func rootBase(s *plan.Stage) *plan.Image {
	for s.Base != nil && s.Base.Stage != nil {
		s = s.Base.Stage
	}
	return s.Base
}

// toolkit names the toolchain that the base image of s is made for, if a step of s builds with it.
func toolkit(p *lint.Pass, s *plan.Stage) (string, *shell.Command) {
	base := s.Image()
	if base == nil {
		return "", nil
	}
	name := image.Of(*base.Ref).Kit()
	if name == "" {
		return "", nil
	}
	kit, builds := "the GCC toolchain", func(c *shell.Command) bool {
		return c.Name == "gcc" || c.Name == "g++" || c.Name == "make" || c.Name == "cmake"
	}
	if m := ecosystem.Of(name); m != nil {
		kit, builds = m.Build.Kit, func(c *shell.Command) bool {
			return ecosystem.Of(c.Name) == m &&
				(m.Build.KitVerbs == "" || slices.ContainsFunc(c.Args(),
					func(w shell.Word) bool { return ecosystem.Has(m.Build.KitVerbs, w.Text) })) &&
				(m.Build.Tool == "" || !slices.ContainsFunc(c.Args(),
					func(w shell.Word) bool { return strings.Contains(w.Text, m.Build.Tool) }))
		}
	}
	var found *shell.Command
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				if found == nil && builds(c) {
					found = c
				}
			}
		}
	}
	return kit, found
}

// tools reports the compilers that a package manager installs for a build in the same lineage and that nothing removes.
func tools(p *lint.Pass, s *plan.Stage) {
	line := s.Lineage()
	var words []shell.Word // the compilers that the first such step leaves
	var build *shell.Command
	removes, perhaps := false, false
	for _, stage := range slices.Backward(line) {
		for _, sc := range p.Scripts(stage) {
			mine, removed, some := compilers(sc)
			removes, perhaps = removes || removed, perhaps || some
			if words == nil && slices.ContainsFunc(mine, func(w shell.Word) bool { return !driver(w.Text) }) {
				words = mine
			}
			if words != nil && build == nil {
				build = builds(p, sc, words[0].Span.Start)
			}
		}
	}
	if build == nil && !removes && len(words) > 0 {
		if from := builder(p, s, words); from != nil {
			repeated(p, words, from)
			return
		}
	}
	if build == nil {
		if !removes {
			kit(p, line)
		}
		return
	}
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = "`" + w.Text + "`"
	}
	f := p.Report(words[0].Span, "the image ships the build tools %s", list(names))
	if len(words) == 1 {
		f.Message = "the image ships the build tool " + names[0]
	}
	f.Relate(build.Span, "this step may compile").
		Because("unless something is compiled at run time, such tools only add size to the final image and help an attacker").
		Advise("install them and build in a separate stage, and `COPY --from` the result")
	if perhaps {
		f.Message = strings.Replace(f.Message, "ships", "may ship", 1)
		f.Doubting("a step removes packages, perhaps including %s", list(names))
	}
}

// builder is a stage that installs the same compilers and that s copies from; nil if there is none.
func builder(p *lint.Pass, s *plan.Stage, words []shell.Word) *plan.Stage {
	for _, step := range s.Steps {
		if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage == nil {
			continue
		}
		from := step.Copy.From.Stage
		for _, sc := range p.Scripts(from) {
			mine, _, _ := compilers(sc)
			if !slices.ContainsFunc(words, func(w shell.Word) bool {
				return !slices.ContainsFunc(mine, func(o shell.Word) bool { return o.Text == w.Text })
			}) {
				return from
			}
		}
	}
	return nil
}

// repeated reports compilers that the image ships although only the stage from builds with them.
func repeated(p *lint.Pass, words []shell.Word, from *plan.Stage) {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = "`" + w.Text + "`"
	}
	p.Report(words[0].Span, "the image ships the build tools %s", list(names)).
		Because("no step of this stage builds, and the stage that does has its own; in the final image they add size and help an attacker").
		Relate(from.From.Head(), "the build happens in this stage").
		Advise("do not install them in the final stage")
}

// kit reports a JDK that a package manager installs in the stages of line, in which nothing compiles.
func kit(p *lint.Pass, line []*plan.Stage) {
	var found *shell.Word
	for _, s := range slices.Backward(line) {
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				if call.Action != shell.Install {
					continue
				}
				for i, pkg := range call.Packages {
					switch {
					case jdk(pkg.Name) && found == nil && ecosystem.Of(call.Manager).System:
						found = &call.Packages[i].Word
					case javaTool(pkg.Name):
						return
					}
				}
			}
			if sc.Err != nil || found != nil && slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
				return javaTool(strings.TrimSuffix(c.Name, "w")) || strings.Contains(c.Name, "sdkmanager")
			}) {
				return
			}
		}
	}
	if found == nil || !slices.ContainsFunc(line[0].Steps, func(s *plan.Step) bool { return s.Copy != nil }) {
		return
	}
	jre := strings.NewReplacer("-jdk", "-jre", "-devel", "-headless").Replace(strings.TrimSuffix(found.Text, "-headless"))
	if strings.HasSuffix(jre, "-jre") && !strings.HasPrefix(jre, "openjdk1") && !strings.HasPrefix(jre, "openjdk2") {
		jre += "-headless"
	} else if jre == found.Text {
		jre += "-jre-headless"
	}
	p.Report(found.Span, "the image ships a JDK, and no step compiles with it").
		Because("programs only need a JRE; the compiler and the other tools of the JDK add size and help an attacker").
		Advise("install `%s`, unless the application calls `javac` or another tool of the JDK", jre)
}

// jdk reports whether pkg is the package of a JDK in Debian, Ubuntu, Alpine or Fedora.
func jdk(pkg string) bool {
	switch {
	case pkg == "default-jdk", pkg == "default-jdk-headless":
		return true
	case strings.HasPrefix(pkg, "openjdk"):
		return strings.HasSuffix(pkg, "-jdk") || strings.HasSuffix(pkg, "-jdk-headless") || !strings.Contains(pkg, "-")
	}
	return strings.HasPrefix(pkg, "java-") && strings.HasSuffix(pkg, "-devel")
}

// javaTool reports whether name is a program, or its package, that needs a JDK.
func javaTool(name string) bool {
	switch name {
	case "javac", "jar", "jlink", "jdeps", "jshell", "jmod", "sbt", "ant", "lein", "leiningen", "android-sdk", "R", "r-cran-rjava", "ghidra":
		return true
	}
	m := ecosystem.Of(name)
	return m != nil && m.Language == ecosystem.LanguageJava
}

// compilers are the packages with compilers that sc installs and leaves; removed says that it removes packages, and
// perhaps that there may be compilers among them.
func compilers(sc *shell.Script) (words []shell.Word, removed, perhaps bool) {
	for _, call := range sc.Calls() {
		switch {
		case call.Action == shell.Install && ecosystem.Of(call.Manager).System:
			for _, pkg := range call.Packages {
				if compiler(pkg.Name) {
					words = append(words, pkg.Word)
				}
			}
		case call.Action == shell.Remove:
			words, removed = nil, true // they never get into a layer
			names := slices.DeleteFunc(call.Command.Operands(), func(w shell.Word) bool { return w == call.Verb })
			perhaps = perhaps || len(names) == 0 || slices.ContainsFunc(names, func(w shell.Word) bool {
				return !w.Literal || strings.ContainsAny(w.Text, "*?.") || compiler(w.Text)
			})
		}
	}
	return words, removed, perhaps
}

// builds is the first command in sc after the byte at off that builds, or installs what may have to be built; nil if
// there is none.
func builds(p *lint.Pass, sc *shell.Script, off int) *shell.Command {
	for _, c := range sc.Commands {
		switch c.Name {
		case "make", "cmake", "configure", "gcc", "g++":
			if c.Span.Start > off {
				return c
			}
		default:
			if called := install.Of(p).CalledScript(c); called != nil && c.Span.Start > off && called.Builds() {
				return c
			}
		}
	}
	for _, call := range sc.Calls() {
		if call.Action != shell.Install || call.Command.Span.Start <= off {
			continue
		}
		_, open := call.Command.Fields()
		if call.Manifest || open && ecosystem.Of(call.Manager).Language != "" {
			return call.Command
		}
	}
	return nil
}

// driver reports whether a package only runs compilers. Without one it is often there for other reasons.
func driver(pkg string) bool {
	switch pkg {
	case "make", "cmake", "autoconf", "automake", "libtool", "ninja-build":
		return true
	}
	return false
}

// compiler reports whether a distribution's package is a compiler or runs one.
func compiler(pkg string) bool {
	switch pkg {
	case "build-essential", "build-base", "gcc", "g++", "gcc-c++", "clang", "rustc", "default-jdk", "default-jdk-headless",
		"musl-dev",
		"linux-headers":
		return true
	}
	return driver(pkg) || slices.ContainsFunc(ecosystem.All(), func(m *ecosystem.Manager) bool {
		return m.Build != nil && m.Build.Kit != "" && m.Origin != nil && slices.Contains(m.Origin.Packages, pkg)
	})
}

// list joins names in a sentence, at most four of them.
func list(names []string) string {
	const most = 4
	last := len(names) - 1
	switch {
	case last == 0:
		return names[0]
	case last >= most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most-1], ", "), len(names)-most+1)
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
