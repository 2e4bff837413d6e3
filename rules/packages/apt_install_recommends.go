package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/distro"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// AptInstallRecommends reports an installation by apt that includes recommended packages. Where apt's configuration
// switches them off it is not a defect. Confidence is low in a stage that does not ship and where the same RUN removes
// packages again, or the packages are not known to recommend much. The fix is not offered if they are, since what the image
// uses of so many packages is not known.
var AptInstallRecommends = &lint.Rule{
	Name: "apt-install-recommends", Summary: "apt also installs recommended packages", Category: lint.Packages,
	Aliases:  []string{"DL3015", "DS-0029"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCalls(func(p *lint.Pass, call *shell.Call) {
		c := call.Command
		words := texts(c)
		if call.Verb.Text != "install" || withoutRecommends(words) {
			return
		}
		theirs := parity.AptRecommends(call)
		why, sure := declined(call)
		if sure && !theirs {
			return
		}
		if sure {
			why = parity.Regardless(why)
		}
		f := p.Report(call.Verb.Span, "`%s install` also installs recommended packages", call.Manager).
			Because("by default apt installs whatever a package recommends, whether the image needs it or not").
			Advise("add `%s`, and list any recommended packages that you do need", ecosystem.Of(call.Manager).NoRecommends).
			Doubting(why)
		if sure {
			f.Message = "`" + call.Manager + " install` runs without `" + ecosystem.Of(call.Manager).NoRecommends + "`"
			f.Note = ""
			if strings.HasPrefix(why, "the command requests") {
				f.Advise("use `%s` instead, and list the recommended packages that you need", ecosystem.Of(call.Manager).NoRecommends)
			} else {
				f.Advise("if you also use hadolint, add `%s` anyway", ecosystem.Of(call.Manager).NoRecommends)
			}
		} else if strings.Contains(why, "may turn off") {
			f.Message = "`" + call.Manager + " install` may also install recommended packages"
		}
		if theirs {
			f.Alias("DL3015")
		}
		if why != "" {
			return
		}
		if pkg, megabytes := heaviest(call); megabytes > 0 && bare(c.Script.Step.Stage) && !p.Plan.ForDevelopment() {
			where := ""
			if image.Of(*c.Script.Step.Stage.Image().Ref).Release(p.Now).Title() != "Debian 12" {
				where = " (measured on Debian 12)"
			}
			f.Because("the packages that `%s` recommends take about %d MB%s", pkg, megabytes, where)
		} else if i := slices.Index(words, "--no-install-suggests"); i >= 0 {
			f.Message = "`--no-install-suggests` does not keep recommended packages out"
			f.Because("by default apt installs recommended packages but not suggested ones, so the option has no effect").
				Advise("use `%s` instead", ecosystem.Of(call.Manager).NoRecommends)
		} else {
			f.Doubting("the recommended packages may be few, and the image may need them")
			insertAfter(f, call, ecosystem.Of(call.Manager).NoRecommends)
		}
	}, ecosystem.In(ecosystem.Apt)),
}

// bare reports whether what packages recommend is not in the base image of s yet: it is neither unknown, nor one with
// compilers.
func bare(s *plan.Stage) bool {
	base := s.Image()
	if base == nil {
		return false
	}
	i := image.Of(*base.Ref)
	slim, full := i.Slim()
	return i.Known() && i.Kit() == "" && (!full || slim.JRE)
}

// heaviest is the package of call that recommends most, apart from a compiler that the RUN installs anyway.
func heaviest(call *shell.Call) (pkg string, megabytes int) {
	compiler := slices.ContainsFunc(call.Command.Script.Calls(), func(other *shell.Call) bool {
		return other.Action == shell.Install && slices.ContainsFunc(other.Packages, func(w shell.Package) bool {
			return w.Name == "build-essential" || w.Name == "g++" || w.Name == "gcc" || w.Name == "r-base-dev"
		})
	})
	for _, w := range call.Packages {
		if compiler && (w.Name == "python3-pip" || w.Name == "npm" || w.Name == "python3-dev") {
			continue
		}
		if mb := distro.Recommended(w.Name); mb > megabytes {
			pkg, megabytes = w.Name, mb
		}
	}
	return pkg, megabytes
}

const recommends = "APT::Install-Recommends"

// declined says what, apart from the words of call, keeps recommended packages out of the image, "" if nothing does;
// sure is false if it only may.
func declined(call *shell.Call) (why string, sure bool) {
	c := call.Command
	fields, _ := c.Fields()
	configured := aptConfigured(c.Script.Step, recommends)
	switch {
	case simulates(fields):
		return "the command only simulates the installation", true
	case withoutRecommends(fields):
		return "a variable turns off recommended packages", true
	case slices.Contains(fields, "--install-recommends") || truth(aptOption(fields, recommends)):
		return "the command requests recommended packages", true
	case falsehood(configured):
		return "apt's configuration turns off recommended packages", true
	case configured == "?":
		return "a copied file may turn off recommended packages", false
	case flagVariable(c):
		return "a variable may turn off recommended packages", false
	case !c.Script.Step.Stage.Shipped:
		return off, false
	case slices.ContainsFunc(after(c), removes):
		return "the same `RUN` removes packages afterwards", false
	}
	return "", false
}

func withoutRecommends(args []string) bool {
	return slices.Contains(args, "--no-install-recommends") || slices.Contains(args, "--no-install-recommends=true") ||
		slices.Contains(args, "--without-recommends") || falsehood(aptOption(args, recommends))
}

// removes reports whether c is apt and removes packages that it names, perhaps with those that they recommend.
func removes(c *shell.Command) bool {
	return runs(c, ecosystem.Apt) && c.Has("remove", "purge")
}
