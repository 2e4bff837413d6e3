package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// FixedArchitecture reports a curl or wget of a program for amd64, or a package source of apt for amd64 only, in a stage whose base image
// also exists for other architectures. It is silent if the step or the stage chooses an architecture, if the build is known to be for
// amd64 only, and if a comment says so. It has a doubt about a program that may only exist for amd64, unless the image is known to be
// built for other platforms.
var FixedArchitecture = &lint.Rule{
	Name: "fixed-architecture", Category: lint.Packages,
	Summary:  "a step downloads a program for amd64, whatever the build targets",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(lint.OnRun(fixedSource), lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		i := slices.IndexFunc(c.Words, func(w shell.Word) bool {
			return strings.Contains(w.Text, "://") && isForAMD64(w.Text) && !isForOtherSystem(w.Text)
		})
		if i < 0 || !c.Script.Step.Stage.Reached || p.Plan.ForDevelopment() {
			return
		}
		d := download.Of(c)
		if d == nil || d.Use() != download.Program && d.Use() != download.Archive || !severalArchitectures(c.Script.Step.Stage) || chooses(p, c) {
			return
		}
		what, fails := "program", "the program needs emulation or fails (`exec format error`)"
		if packageFile.Get().MatchString(c.Words[i].Text) {
			what, fails = "package", "the package cannot be installed"
		}
		why := "on another architecture, such as arm64, " + fails
		other := otherPlatform(p.Platforms())
		if other != "" {
			why = "the image is also built for `" + other + "`, where " + fails
		} else if len(p.Platforms()) > 0 {
			return
		}
		f := p.Report(c.Words[i].Span, "`%s` downloads a %s for amd64, whatever the build targets", c.Name, what).
			Because("%s", why).
			Advise("choose the file by `TARGETARCH`, which BuildKit sets once `ARG TARGETARCH` declares it")
		if other == "" && !ported(c.Words[i].Text) {
			f.Doubting("the %s may not exist for other architectures", what)
		}
		p.Repeat(f, f.Doubt) // a certain finding is not merged into one with a doubt
	}, "curl", "wget")),
}

// fixedSource reports a package source of apt for amd64 only.
func fixedSource(p *lint.Pass, sc *shell.Script) {
	text := sc.Text.String
	if !strings.Contains(text, "arch=amd64") || !sc.Step.Stage.Reached || p.Plan.ForDevelopment() {
		return
	}
	m := sourceFor.Get().FindStringSubmatchIndex(text)
	if m == nil || strings.Contains(text, "add-architecture") || !severalArchitectures(sc.Step.Stage) ||
		choosing.Get().MatchString(strings.ReplaceAll(text, "arch=amd64", "")) || saysAMD64(p, sc.Step.Instruction) {
		return
	}
	other := otherPlatform(p.Platforms())
	if other == "" && len(p.Platforms()) > 0 {
		return
	}
	where := "on another architecture, such as arm64,"
	if other != "" {
		where = "the image is also built for `" + other + "`, where"
	}
	f := p.Report(sc.Text.Span(m[2], m[3]), "the package source is only for amd64, whatever the build targets").
		Because("%s apt ignores the source, and does not find its packages", where).
		Advise("remove `arch=amd64`; by default apt uses the architecture of the image")
	if other == "" && !ported(text[m[4]:m[5]]) {
		f.Doubting("the repository may not have packages for other architectures")
	}
	p.Repeat(f, f.Doubt)
}

var (
	// sourceFor matches a package source of apt for amd64.
	sourceFor = lazy.Regexp{Expr: `\bdeb \[[^\]\n]*\b(arch=amd64)(?: [^\]\n]*)?\] +(https?://[^\s"']+)`}

	otherSystem = lazy.Regexp{Expr: `(?i)windows|[-_./]win(?:32|64)?[-_./]|darwin|macos|\.(?:exe|msi)\b|_all\.deb|noarch`}
	packageFile = lazy.Regexp{Expr: `\.(?:deb|rpm|apk)\b`}
	// choosing are signs in a script that it knows of architectures.
	choosing  = lazy.Regexp{Expr: `(?i)\barch\b|ARCH|uname|--print-arch|aarch64|arm64|armv[67]|armhf|\bTARGETPLATFORM\b`}
	onlyAMD64 = lazy.Regexp{Expr: `(?i)amd64|x86`}
)

// isForAMD64 reports whether a part of url names the architecture, as in `-x86_64.zip`.
func isForAMD64(url string) bool {
	for at := 0; ; {
		n := strings.Index(url[at:], "64")
		if n < 0 {
			return false
		}
		if at += n + len("64"); at < len(url) && strings.IndexByte(`-_./"'`, url[at]) < 0 {
			continue
		}
		for _, name := range [...]string{"amd64", "x86_64", "x86-64", "x64", "linux64"} {
			start := at - len(name)
			if start < 0 || !strings.EqualFold(url[start:at], name) {
				continue
			}
			if start == 0 || strings.IndexByte("-_./", url[start-1]) >= 0 || start >= len("linux") && strings.EqualFold(url[start-len("linux"):start], "linux") {
				return true
			}
		}
	}
}

func isForOtherSystem(url string) bool {
	return slices.ContainsFunc([]string{"win", "macos", ".exe", ".msi", "_all.deb", "noarch"}, func(mark string) bool { return pragma.Contains(url, mark) }) &&
		otherSystem.Get().MatchString(url)
}

// chooses reports whether the script of c, or a comment on its instruction, knows of several architectures, or of amd64
// as the only one.
func chooses(p *lint.Pass, c *shell.Command) bool {
	in := c.Script.Step.Instruction
	if choosing.Get().MatchString(in.Text.String) || slices.ContainsFunc(in.Heredocs, func(doc parser.Heredoc) bool {
		return choosing.Get().MatchString(doc.Body.String)
	}) {
		return true
	}
	return saysAMD64(p, in)
}

// saysAMD64 reports whether a comment on the instruction mentions amd64.
func saysAMD64(p *lint.Pass, in *parser.Instruction) bool {
	for _, comment := range p.File.Comments {
		if comment.Span.Start >= p.File.Above(in) && comment.Span.Start < in.Span.End && onlyAMD64.Get().MatchString(comment.Text) {
			return true
		}
	}
	return false
}

// severalArchitectures reports whether the stage is built from an image that certainly exists for several architectures, and
// does not choose one.
func severalArchitectures(stage *plan.Stage) bool {
	for _, s := range stage.Lineage() {
		if s.Platform.Value != "" {
			return false
		}
	}
	base := stage.Image()
	if base == nil || base.Ref == nil || onlyAMD64.Get().MatchString(base.Value.Text) {
		return false
	}
	if base.Ref.Official() == "" {
		return image.Of(*base.Ref).Known() && image.Of(*base.Ref).Published()
	}
	return !image.Of(*base.Ref).WithoutARM()
}

// ported reports whether what is at url most likely also exists for arm64: the server belongs to a publisher who builds for both.
func ported(url string) bool {
	switch download.Host(url) {
	case "packages.microsoft.com":
		return !strings.Contains(url, "/repos/edge") // only for amd64
	case "dl.google.com":
		return !strings.Contains(url, "/linux/chrome/") // likewise
	case "apt.releases.hashicorp.com", "cli.github.com", "apt.postgresql.org":
		return true
	case "releases.hashicorp.com":
		return !strings.Contains(url, "/vagrant") // only for amd64
	case "storage.googleapis.com":
		return strings.Contains(url, "/golang/") // where go.dev used to have its archives
	case "download.docker.com", "awscli.amazonaws.com", "dl.k8s.io",
		"nodejs.org", "go.dev", "golang.org", "get.helm.sh", "dl.min.io", "static.rust-lang.org", "mirror.openshift.com",
		"download.oracle.com", "download.java.net", "aka.ms", "builds.dotnet.microsoft.com":
		return true
	}
	return false
}

// otherPlatform is the first of platforms that is not amd64, "" if there is none.
func otherPlatform(platforms []string) string {
	for _, name := range platforms {
		if !strings.Contains(name, "amd64") {
			return name
		}
	}
	return ""
}
