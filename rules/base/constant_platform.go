package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// ConstantPlatform reports a FROM with a fixed platform, whatever the build asks for. It is uncertain of a stage whose
// name says which platform it is for, and of a system other than Linux, since such an image may only exist for that
// platform.
var ConstantPlatform = &lint.Rule{
	Name: "constant-platform", Summary: "`FROM --platform` is fixed to one platform", Category: lint.Base,
	Aliases:  []string{"FromPlatformFlagConstDisallowed", "DL3029"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		value := s.Platform.Value
		if value == "" || s.Base == nil {
			return
		}
		set, missing := p.Plan.Env.Uses(value)
		variable := len(set)+len(missing) > 0
		follows := strings.Contains(value, "BUILDPLATFORM") || strings.Contains(value, "TARGETPLATFORM")
		if variable && follows {
			return
		}
		f := p.Report(s.Platform.Full(), "the platform is fixed to `%s`", s.Platform.String).
			Because("the stage uses this platform even if the build is for another one, and machines with another architecture can only run it under emulation").
			Advise("remove the flag, or use `$BUILDPLATFORM` if the stage cross-compiles or its output runs on any platform")
		system, arch := platform(p.Plan.Env.Expand(value).Text)
		named := strings.Contains(s.Name, system) || strings.Contains(s.Name, arch)
		f.Alias(parity.ConstantPlatform(follows, variable, system, named)...)
		switch {
		case s.Base.Stage != nil:
			f.Message = "platform `" + s.Platform.String + "` has no effect here"
			f.Because("`FROM` refers to a stage, which keeps its own platform").Advise("remove the flag").
				Doubting("the flag is harmless")
		case mayBeStage(p, s.Base):
			f.Message = "platform `" + s.Platform.String + "` probably has no effect here"
			f.Because("`%s` seems to be one of the stages above, which keep their own platforms", s.Base.Word.String).
				Advise("remove the flag").Doubting("the flag is harmless")
		case variable:
			f.Message = "platform `" + s.Platform.String + "` may differ from the target platform"
			f.Because("a variable sets the stage's platform, so it may differ from the target platform").
				Doubting("the variable may be set to the target platform")
		case system == "":
			f.Doubting("dockvet does not know this platform")
		case named:
			f.Advise("remove the flag if other platforms need the stage, too").Doubting("the stage's name contains the platform")
		case !s.Base.External(), system != "linux":
			f.Because("the stage uses this platform even if the build is for another one").
				Advise("remove the flag if the image exists for other platforms").
				Doubting("the image may only exist for this platform")
		case crossCompiles(p.Plan, s):
			f.Doubting("the stage cross-compiles, with tools that may only exist for this platform")
		}
	}),
}

// crossCompiles reports whether a step of s, or of a stage that is built from it, names compilers for other architectures.
func crossCompiles(p *plan.Plan, s *plan.Stage) bool {
	return slices.ContainsFunc(p.Stages, func(other *plan.Stage) bool {
		return slices.Contains(other.Lineage(), s) &&
			slices.ContainsFunc(other.Steps, func(step *plan.Step) bool { return crossCompiler.Get().MatchString(step.Instruction.Text.String) })
	})
}

var crossCompiler = lazy.Regexp{Expr: `crossbuild-essential-|-linux-(gnu|musl)[a-z]*-(gcc|g\+\+|ld)\b|(gcc|g\+\+)-[a-z0-9-]+-linux-gnu`}

// platform is the system and the architecture that text stands for, by BuildKit's names; both are "" if it is not a
// platform.
func platform(text string) (system, arch string) {
	parts := strings.Split(strings.ToLower(text), "/")
	for _, part := range parts {
		name, _, _ := strings.Cut(part, "(") // `windows(10.0.17763)` has a version
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != "" {
			return "", ""
		}
	}
	system, _, _ = strings.Cut(parts[0], "(")
	if system == "macos" {
		system = "darwin"
	}
	switch len(parts) {
	case 1:
		// A single word is a system or an architecture; the other half is the machine's.
		switch system {
		case "linux", "windows", "darwin", "freebsd":
			return system, "amd64"
		}
		return "linux", architecture(system)
	case 2, 3:
		return system, architecture(parts[1])
	}
	return "", ""
}

func architecture(name string) string {
	switch name {
	case "x86_64", "x86-64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "i386":
		return "386"
	case "armhf", "armel":
		return "arm"
	}
	return name
}
