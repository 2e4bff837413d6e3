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
		if pipefail || slices.Contains([]string{"SC3003", "SC3012", "SC3013"}, f.Code) { // POSIX has these since its edition of 2024
			message = "not every `sh` supports %s"
		}
		dash := "dash"
		if pipefail {
			dash = "dash before Debian 13 and Ubuntu 25.04"
		}
		finding := p.Report(f.Span, message, f.Text)
		switch instead := equivalent(f); {
		case pipefail:
			finding.Advise("select bash with `SHELL` if the image has it")
		case f.Code == "SC3036" || f.Code == "SC3037":
			finding.Advise("use `printf`")
		default:
			finding.Advise("%s, or select bash with `SHELL` if the image has it", instead)
		}
		if f.Effect == "" {
			return finding
		}
		switch sh := at.sh(); {
		case pipefail && sh == "dash" && dashHasPipefail(at):
			finding.Doubting("dash supports it in this release")
		case sh == "dash", sh == "ash" && (f.Code == "SC3009" || f.Code == "SC3030"):
			finding.Because("`sh` is %s here, which %s", shName(sh), f.Effect)
			if f.Fatal && f.Doubt == "" && !at.Step.OnBuild && at.Step.Stage.Reached {
				finding.Breaking(lint.BreaksBuild)
			}
		case sh == "":
			finding.Because("%s, which is `sh` on Debian and Ubuntu, %s", dash, f.Effect).Doubting("%s", unknownSh(at))
		default:
			finding.Because("%s, which is `sh` on Debian and Ubuntu, %s", dash, f.Effect).
				Doubting("the base image's `sh` is %s, which may support it", shName(sh))
		}
		if other := rejected(at); other != "" && !f.Fatal && finding.Note != "" {
			finding.Note = strings.Replace(finding.Note, ", "+f.Effect, ", rejects the whole script with a syntax error, because of "+other, 1)
			finding.Note = strings.Replace(finding.Note, "which "+f.Effect, "which rejects the whole script with a syntax error, because of "+other, 1)
		}
		return finding
	}),
}

// rejected is what makes dash reject at's script before it runs any of it, "" if nothing does. dash reads a heredoc command by command, so
// there it runs the lines above.
func rejected(at *site) string {
	if len(at.Step.Instruction.Heredocs) > 0 {
		return ""
	}
	for _, f := range fault.Of(at.Script) {
		if f.Kind == fault.Bashism && f.Fatal && f.Doubt == "" {
			return f.Text
		}
	}
	return ""
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

// equivalent says what to write in a POSIX shell instead of f.
func equivalent(f *fault.Fault) string {
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
	case "`+=`":
		return "write the assignment out, as in `a=\"$a…\"`"
	case "`&>`":
		return "write `> FILE 2>&1`"
	case "`|&`":
		return "write `2>&1 |`"
	case "`<<<`":
		return "use a heredoc or a pipe"
	case "the keyword `function`":
		return "write `NAME() { …; }`"
	case "brace expansion":
		return "write the words out"
	case "`$'…'`":
		return "use `printf`"
	}
	return "use a POSIX equivalent"
}
