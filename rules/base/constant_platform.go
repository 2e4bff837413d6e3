package base

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// ConstantPlatform reports a FROM that is bound to one platform whatever the build asks for. A stage whose name says which
// platform it is for is left alone, and so is one that only hands files over for another system: such an image may exist for
// that platform alone.
var ConstantPlatform = &lint.Rule{
	Name: "constant-platform", Summary: "FROM is bound to one platform", Category: lint.Base,
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
		f := p.Report(s.Platform.Full(), "platform `%s` is fixed", s.Platform.String).
			Because("a build for another platform still gets this one; on other machines it runs emulated, or not at all").
			Advise("leave the flag out, or write `$BUILDPLATFORM` for a stage that cross-compiles")
		if !follows {
			f.Alias("DL3029")
		}
		system, arch := platform(p.Plan.Env.Expand(value).Text)
		named := strings.Contains(s.Name, system) || strings.Contains(s.Name, arch)
		if !variable && system != "" && !named {
			f.Alias("FromPlatformFlagConstDisallowed")
		}
		switch {
		case variable:
			f.Message = "platform `" + s.Platform.String + "` does not follow the build's"
			f.Doubting("the variable may hold the build's platform")
		case system == "":
			f.Doubting("it is no platform that dockvet knows")
		case named:
			f.Doubting("the stage's name says its platform")
		case s.Base.Stage != nil:
			f.Doubting("a stage keeps the platform that it was built for: the flag has no effect here")
		case !s.Base.External():
			f.Doubting("what the stage starts from is not known")
		case system != "linux":
			f.Doubting("images for `%s` are made for few platforms", system)
		}
	}),
}

// platform is the system and the architecture that text means, as BuildKit calls them; both are "" if it means none.
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
		// Alone it is a system or an architecture; the other half is that of the machine.
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
