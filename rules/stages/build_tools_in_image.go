// Package stages has the rules on what goes from stage to stage.
package stages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// BuildToolsInImage reports an image that builds its application and ships the tools that it built it with: the compiler that
// its base image is made for, or a tool chain that a package manager brought in. It speaks only where the image plainly is an
// application: it has a command that is no shell, and a step that builds. Tools that the same RUN removes again are no fault.
var BuildToolsInImage = &lint.Rule{
	Name: "build-tools-in-image", Summary: "the final image carries the tools that built it", Category: lint.Stages,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !application(s) || p.Plan.ForDevelopment() || feeds(p.Plan, s) {
			return
		}
		if kit, build := toolkit(p, s); build != nil {
			p.Report(rootBase(s).Origin, "the image ships %s", kit).
				Relate(build.Span, "the build happens here").
				Because("only the build needs it; in the image it is weight, and more to patch").
				Advise("build in a stage of its own, and `COPY --from` it into a smaller image")
			return
		}
		tools(p, s)
	}),
}

// feeds reports whether a stage below copies from s: people build the target s to work with its tools.
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

func rootBase(s *plan.Stage) *plan.Image {
	for s.Base != nil && s.Base.Stage != nil {
		s = s.Base.Stage
	}
	return s.Base
}

// toolkit names the tool chain that the base image of s is made for, if a step of s builds with it.
func toolkit(p *lint.Pass, s *plan.Stage) (string, *shell.Command) {
	image := s.Image()
	if image == nil {
		return "", nil
	}
	var kit string
	var builds func(*shell.Command) bool
	verb := func(name string, verbs ...string) func(*shell.Command) bool {
		return func(c *shell.Command) bool {
			return c.Name == name && slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return slices.Contains(verbs, w.Text) })
		}
	}
	switch name := image.Ref.Official(); {
	case name == "golang":
		kit, builds = "the Go tool chain", func(c *shell.Command) bool {
			// `go install path@version` brings a tool, not the application.
			return verb("go", "build", "install")(c) && !slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return strings.Contains(w.Text, "@") })
		}
	case name == "rust":
		kit, builds = "the Rust tool chain", verb("cargo", "build", "install")
	case name == "maven":
		kit, builds = "Maven and a JDK", verb("mvn", "package", "install", "verify")
	case name == "gradle":
		kit, builds = "Gradle and a JDK", func(c *shell.Command) bool { return c.Name == "gradle" || c.Name == "gradlew" }
	case name == "gcc":
		kit, builds = "the GCC tool chain", func(c *shell.Command) bool {
			return c.Name == "gcc" || c.Name == "g++" || c.Name == "make" || c.Name == "cmake"
		}
	case name == "swift" && !strings.Contains(image.Ref.Tag, "slim"):
		kit, builds = "the Swift tool chain", verb("swift", "build")
	case image.Ref.Registry == "mcr.microsoft.com" && strings.HasPrefix(image.Ref.Repository, "dotnet/") && strings.HasSuffix(image.Ref.Repository, "sdk"):
		kit, builds = "the .NET SDK", verb("dotnet", "build", "publish")
	default:
		return "", nil
	}
	var found *shell.Command
	for s := range s.Lineage() {
		for sc := range p.Scripts(s) {
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
	var line []*plan.Stage
	for s := range s.Lineage() {
		line = append(line, s)
	}
	var words []shell.Word // the compilers that the first such step leaves
	var build *shell.Command
	removes := false
	for _, stage := range slices.Backward(line) {
		p.Scripts(stage)(func(sc *shell.Script) bool {
			var mine []shell.Word
			for _, call := range sc.Calls() {
				switch {
				case call.Action == shell.Install && system(call.Manager):
					for _, pkg := range call.Packages {
						if compiler(pkg.Name) {
							mine = append(mine, pkg.Word)
						}
					}
				case call.Action == shell.Remove:
					mine = nil // in the layer that brought them: gone
					removes = true
				}
			}
			if words == nil && slices.ContainsFunc(mine, func(w shell.Word) bool { return !driver(w.Text) }) {
				words = mine
			}
			if words != nil && build == nil {
				build = builds(sc, words[0].Span.Start)
			}
			return true
		})
	}
	if build == nil {
		return
	}
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = "`" + w.Text + "`"
	}
	if len(names) > 4 {
		names = append(names[:3], "…")
	}
	f := p.Report(words[0].Span, "the image ships the build tools %s", strings.Join(names, ", "))
	if len(words) == 1 {
		f.Message = "the image ships the build tool " + names[0]
	}
	f.Relate(build.Span, "the build happens here").
		Because("only the build needs them; in the image they are weight, and of use to an intruder").
		Advise("install them and build in a stage of its own, and `COPY --from` the result")
	if removes {
		f.Doubting("a step removes packages")
	}
}

// builds is the first command in sc behind the byte at off that builds, or installs what may have to be built; nil if there is
// none.
func builds(sc *shell.Script, off int) *shell.Command {
	for _, c := range sc.Commands {
		switch c.Name {
		case "make", "cmake", "configure", "gcc", "g++":
			if c.Span.Start > off {
				return c
			}
		}
	}
	for _, call := range sc.Calls() {
		if call.Action == shell.Install && call.Manifest && call.Command.Span.Start > off {
			return call.Command
		}
	}
	return nil
}

func system(manager string) bool {
	switch manager {
	case "apt-get", "apt", "aptitude", "apk", "yum", "dnf", "microdnf", "tdnf", "zypper":
		return true
	}
	return false
}

// driver reports whether a package only drives compilers: alone it is often there for other reasons.
func driver(pkg string) bool {
	switch pkg {
	case "make", "cmake", "autoconf", "automake", "libtool", "ninja-build":
		return true
	}
	return false
}

// compiler reports whether a distribution's package is a compiler or drives one.
func compiler(pkg string) bool {
	switch pkg {
	case "build-essential", "build-base", "gcc", "g++", "gcc-c++", "make", "cmake", "clang", "autoconf", "automake", "libtool", "ninja-build",
		"golang", "golang-go", "cargo", "rustc", "maven", "gradle", "default-jdk", "default-jdk-headless", "musl-dev", "linux-headers":
		return true
	}
	return false
}
