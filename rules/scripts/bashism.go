package scripts

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// Bashism reports what bash supports and POSIX does not require of sh. It is sure if the base image's sh is dash, which
// lacks the feature. It has a doubt if sh is bash or BusyBox, or is not known, and if dash has the feature as well.
var Bashism = &lint.Rule{
	Name: "bashism", Category: lint.Scripts,
	Summary: "bash-only syntax in a script run by `sh`",
	Aliases: []string{
		"SC2039", "SC2112", "SC2113", "SC3001", "SC3002", "SC3003", "SC3004", "SC3005", "SC3006", "SC3007", "SC3008",
		"SC3009", "SC3010", "SC3011", "SC3012", "SC3013", "SC3014", "SC3015", "SC3016", "SC3018", "SC3019", "SC3020",
		"SC3021", "SC3022", "SC3023", "SC3024", "SC3025", "SC3028", "SC3029", "SC3030", "SC3032", "SC3033", "SC3034",
		"SC3036", "SC3037", "SC3038", "SC3039", "SC3040", "SC3041", "SC3043", "SC3044", "SC3045", "SC3046", "SC3047",
		"SC3050", "SC3053", "SC3054", "SC3055", "SC3056", "SC3057", "SC3058", "SC3059", "SC3060",
	},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.Bashism, func(p *lint.Pass, at *site, f *fault.Fault) *lint.Finding {
		message := "%s is not part of POSIX `sh`"
		pipefail := f.Text == "`set -o pipefail`"
		if pipefail || slices.Contains([]string{"SC3003", "SC3012", "SC3013"}, f.Code) || strings.HasPrefix(f.Text, "`ulimit ") ||
			strings.HasPrefix(f.Text, "`read -d") { // POSIX has these since its edition of 2024
			message = "not every `sh` supports %s"
		}
		sh := at.sh()
		finding := p.Report(f.Span, message, f.Text).Advise("%s", instead(at, f, sh))
		if f.Effect == "" {
			if strings.HasPrefix(message, "not every") {
				finding.Because("POSIX only requires it since its edition of 2024")
			}
			return finding
		}
		effect := f.Effect
		if pipefail && sh != "dash" {
			effect = "does not support it before Debian 13 and Ubuntu 25.04"
		}
		if other := rejected(at); other != nil && !f.Fatal && effect == f.Effect {
			effect = "rejects the whole script"
			stop := other.Span
			if strings.HasPrefix(p.File.Text(stop), "(") {
				stop.End = stop.Start + len("(") // dash reads no further
			}
			finding.Relate(stop, "dash fails with a syntax error here")
		}
		switch {
		case pipefail && sh == "dash" && dashHasPipefail(at):
			finding.Doubting("dash supports it since Debian 13 and Ubuntu 25.04")
		case sh == "dash", sh == "ash" && (f.Code == "SC3009" || f.Code == "SC3030"):
			finding.Because("`sh` is %s here, which %s", shName(sh), effect)
			if f.Fatal && f.Doubt == "" && !at.Step.OnBuild && at.Step.Stage.Reached {
				finding.Breaking(lint.BreaksBuild)
			}
		case sh == "":
			finding.Because("dash, which is `sh` on Debian and Ubuntu, %s", effect).Doubting("%s", unknownSh(at))
			if strings.HasSuffix(finding.Doubt, " BusyBox ash") {
				finding.Doubt += ", which " + supports(pipefail)
			}
		case sh == "bash" && f.Code != "SC3001": // before 5.1 bash has no process substitution as sh
			finding.Because("dash, which is `sh` on Debian and Ubuntu, %s", effect).
				Doubting("the base image's `sh` is bash, which supports it")
		default:
			finding.Because("dash, which is `sh` on Debian and Ubuntu, %s", effect).
				Doubting("the base image's `sh` is %s, which %s", shName(sh), supports(pipefail && sh == "ash"))
		}
		return finding
	}),
}

// supports says whether a shell knows the feature, if that is sure.
func supports(sure bool) string {
	if sure {
		return "supports it"
	}
	return "may support it"
}

// rejected is what makes dash reject at's script before it runs any of it, nil if nothing does. dash reads a heredoc command by command, so
// there it runs the lines above.
func rejected(at *site) *fault.Fault {
	if len(at.Step.Instruction.Heredocs) > 0 {
		return nil
	}
	for _, f := range fault.Of(at.Script) {
		if f.Kind == fault.Bashism && f.Fatal && f.Doubt == "" {
			return &f
		}
	}
	return nil
}

// dashHasPipefail reports whether dash knows pipefail, or may do so, in the release of at's base image: it does since 0.5.12-7, whose changelog
// names Debian bug 1071238.
func dashHasPipefail(at *site) bool {
	base := at.Step.Stage.Image()
	if base == nil {
		return true
	}
	r := image.Of(*base.Ref).Release(at.pass.Now)
	return r.Name == "" || r.From("debian", "13") || r.From("ubuntu", "25.04")
}

// instead is the advice on f in code that sh runs.
func instead(at *site, f *fault.Fault, sh string) string {
	if f.Code == "SC3036" || f.Code == "SC3037" {
		return printfFor(at, f)
	}
	if f.Text == "`set -o pipefail`" && (sh == "ash" || sh == "" && strings.HasSuffix(unknownSh(at), " BusyBox ash")) {
		return "use `SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]` instead"
	}
	bash := "select bash with `SHELL`"
	if sh == "ash" || sh == "" && !strings.HasSuffix(unknownSh(at), " bash") {
		bash += " if the image has it"
	}
	if name, _, ok := strings.Cut(at.pass.File.Text(f.Span), "+="); ok && f.Text == "`+=`" {
		return "write `" + name + "=\"$" + name + "…\"`, or " + bash
	}
	if f.Text == "brace expansion" && strings.Contains(at.pass.File.Text(f.Span), "dpkg") {
		if c := commandAt(at, f); c != nil && c.Name == "rm" {
			return "remove `/var/lib/apt/lists/*` instead, because `/var/lib/dpkg` is the list of installed packages, which dpkg needs"
		}
	}
	if to := equivalent(f); to != "" {
		return to + ", or " + bash
	}
	return bash
}

// printfFor says how to print with printf what an echo with the options of f prints.
func printfFor(at *site, f *fault.Fault) string {
	c := commandAt(at, f)
	if c == nil {
		return "use `printf`"
	}
	flags, format := at.pass.File.Text(f.Span), "%s"
	if strings.Contains(flags, "e") {
		format = "%b"
	}
	if !strings.Contains(flags, "n") {
		format += `\n`
	}
	if len(c.Args()) > 2 { // the flag and several texts
		return "pass the text as one argument to `printf '" + format + "'`"
	}
	return "use `printf '" + format + "'`"
}

// equivalent says what to write in a POSIX shell instead of f, "" if nothing is as short.
func equivalent(f *fault.Fault) string {
	switch f.Code {
	case "SC3015":
		return "use `case` or `grep -E`"
	case "SC3016":
		return "use `[ -n \"${NAME+x}\" ]`"
	case "SC3053":
		return "use `eval`"
	case "SC3057":
		return "use `cut -c`"
	case "SC3059":
		return "use `tr`"
	case "SC3060":
		return "use `sed`"
	}
	switch f.Text {
	case "`[[`":
		return "use `[` or `case`"
	case "`==`":
		return "use `=`"
	case "`source`":
		return "use `.`"
	case "`((…))`":
		return "use `[` or `$((…))`"
	case "`let`", "`$[…]`":
		return "use `$((…))`"
	case "`++`", "`--`":
		return "write the assignment out, as in `i=$((i + 1))`"
	case "`&>`":
		return "write `> FILE 2>&1`"
	case "`|&`":
		return "write `2>&1 |`"
	case "`<<<`":
		return "use a pipe"
	case "the keyword `function`":
		return "write `NAME() { …; }`"
	case "brace expansion":
		return "write the words out"
	case "`$'…'`":
		return "use `printf`"
	case "`pushd`", "`popd`":
		return "use `cd`"
	case "`$UID`", "`$EUID`":
		return "use `$(id -u)`"
	case "`$HOSTNAME`":
		return "use `$(hostname)`"
	}
	return ""
}
