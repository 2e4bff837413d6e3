package packages

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// AptInstallRecommends reports an installation by apt that takes recommended packages along. Where they are switched off by
// apt's configuration it is no defect; in a stage that does not ship, and where the same RUN removes packages again, it is
// doubtful. It is strict: to leave recommended packages out can break what worked.
var AptInstallRecommends = &lint.Rule{
	Name: "apt-install-recommends", Summary: "apt installs recommended packages that nobody asked for", Category: lint.Packages,
	Aliases:  []string{"DL3015", "DS-0029"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCall(func(p *lint.Pass, call *shell.Call) {
		c := call.Command
		words := texts(c)
		if call.Verb.Text != "install" || withoutRecommends(words) {
			return
		}
		theirs := bare(c) && call.Manager == "apt-get"
		why, sure := declined(call)
		if sure && !theirs {
			return
		}
		f := p.Report(call.Verb.Span, "`%s install` takes recommended packages along", call.Manager).
			Because("apt installs what a package recommends as if it were needed").
			Advise("add `--no-install-recommends`, and name what is really needed").
			Doubting(why)
		if theirs {
			f.Alias("DL3015")
		}
		switch {
		case why != "":
		case call.Manager == "aptitude":
			insertBehind(f, call, "--without-recommends")
		default:
			insertBehind(f, call, "--no-install-recommends")
		}
	}, "apt-get", "apt", "aptitude"),
}

const recommends = "APT::Install-Recommends"

// declined says what keeps recommended packages from the image beside the words of call, "" if nothing does; sure is false if
// it only may.
func declined(call *shell.Call) (why string, sure bool) {
	c := call.Command
	fields, _ := c.Fields()
	configured := aptConfigured(c.Script.Step, recommends)
	switch {
	case withoutRecommends(fields):
		return "a variable switches them off", true
	case slices.Contains(fields, "--install-recommends") || truth(aptOption(fields, recommends)):
		return "the call asks for them", true
	case falsehood(configured):
		return "apt's configuration switches them off", true
	case configured == "?":
		return "a copied file may switch them off", false
	case flagVariable(c):
		return "a variable may switch them off", false
	case !c.Script.Step.Stage.Shipped:
		return off, false
	case slices.ContainsFunc(after(c), removes):
		return "the same `RUN` removes packages again", false
	}
	return "", false
}

func withoutRecommends(args []string) bool {
	return slices.Contains(args, "--no-install-recommends") || slices.Contains(args, "--no-install-recommends=true") ||
		slices.Contains(args, "--without-recommends") || falsehood(aptOption(args, recommends))
}

// removes reports whether c is apt and removes packages.
func removes(c *shell.Command) bool {
	switch c.Name {
	case "apt-get", "apt", "aptitude":
		return c.Has("remove", "purge", "autoremove", "autopurge", "--auto-remove", "--autoremove")
	}
	return false
}
