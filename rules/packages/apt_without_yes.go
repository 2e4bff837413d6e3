package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// AptWithoutYes reports a call of apt that prompts for confirmation. One that is answered by `-o`, by a configuration
// file that an earlier instruction writes or by a variable of known value is not a defect.
var AptWithoutYes = &lint.Rule{
	Name: "apt-without-yes", Summary: "`apt-get` runs without `-y` and stops at its prompt", Category: lint.Packages,
	Aliases:  []string{"DL3014", "DS-0021"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCalls(func(p *lint.Pass, call *shell.Call) {
		c := call.Command
		switch call.Action {
		case shell.Install, shell.Upgrade, shell.Remove:
		case shell.Unknown, shell.Refresh, shell.Clean:
			return
		}
		if assumesYes(texts(c)) || changesNothing(call) {
			return
		}
		theirs := parity.AptPrompt(call)
		why, sure := answered(c)
		if sure && !theirs {
			return
		}
		if why == "" && len(call.Packages) > 0 && !slices.ContainsFunc(call.Packages,
			func(pkg shell.Package) bool { return !pkg.Local }) {
			why = "the package file may not need any other packages"
		}
		if sure {
			why = parity.Regardless(why)
		}
		f := p.Report(call.Verb.Span, "`%s %s` may prompt for confirmation", call.Manager, call.Verb.Text).
			Because("a build has no terminal, so apt aborts if nothing answers its prompt").
			Advise("add `-y`").
			Doubting(why)
		if sure {
			f.Message, f.Note = "`"+call.Manager+" "+call.Verb.Text+"` runs without `-y`", ""
			f.Advise("if you also use hadolint, add `-y` anyway")
		}
		if theirs {
			f.Alias("DL3014")
		}
		if why == "" {
			insertAfter(f, call, "-y")
			if call.Action == shell.Install && provision.Fatal(c) && provision.Prompts(p, call) {
				f.Breaking(lint.BreaksBuild)
			}
		}
	}, ecosystem.In(ecosystem.Apt)),
}

// changesNothing reports whether the verb of call only changes packages that are named, and none is.
func changesNothing(call *shell.Call) bool {
	switch call.Verb.Text {
	case "install", "remove", "purge":
		return len(call.Command.Operands()) <= 1 // the verb
	}
	return false
}

// answered says what, apart from the words of c, answers the prompt, "" if nothing does; sure is false if it only may.
func answered(c *shell.Command) (why string, sure bool) {
	const key = "APT::Get::Assume-Yes"
	fields, _ := c.Fields()
	configured := aptConfigured(c.Script.Step, key)
	switch {
	case simulates(fields):
		return "the command only simulates the change", true
	case assumesYes(fields):
		return "a variable answers the prompt", true
	case truth(aptOption(fields, key)):
		return "`-o` answers the prompt", true
	case truth(configured):
		return "apt's configuration answers the prompt", true
	case configured == "?":
		return "a copied file may configure apt to answer the prompt", false
	case flagVariable(c):
		return "a variable may answer the prompt", false
	case c.PipeFrom != nil:
		return "a pipe may answer the prompt", false
	}
	return "", false
}

// assumesYes reports whether the arguments of apt let it go on without a prompt.
func assumesYes(args []string) bool {
	quiet := 0
	for _, a := range args {
		switch name, value, _ := strings.Cut(a, "="); name {
		case "--yes", "--assume-yes", "--force-yes":
			return !falsehood(value)
		case "--quiet", "-q":
			quiet++
			if value > "1" {
				quiet = 2
			}
		default:
			if !strings.HasPrefix(a, "-") || strings.HasPrefix(a, "--") {
				continue
			}
		short:
			for _, flag := range a[1:] {
				switch flag {
				case 'y':
					return true
				case 'q':
					quiet++
				case 'o', 't', 'c', 'a':
					break short // the rest is its value
				}
			}
		}
	}
	return quiet > 1 // apt-get(8): a quiet level of 2 implies --yes
}

// simulates reports whether the arguments of apt make it change nothing.
func simulates(args []string) bool {
	for _, a := range args {
		switch a {
		case "-s", "--simulate", "--just-print", "--dry-run", "--recon", "--no-act", "--print-uris", "--assume-no", "-h",
			"--help":
			return true
		}
	}
	return false
}
