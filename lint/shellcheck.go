package lint

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// ShellCheck is the rule for those findings of ShellCheck whose code is not an alias of another rule. Its Check is
// empty, like those of the engine's rules.
const ShellCheck = "shellcheck"

// ShellCheckOptions are the options of the rule ShellCheck.
type ShellCheckOptions struct {
	Exclude []string `yaml:"exclude" doc:"Codes that are not reported, as in [SC2012]."`
}

// ShellNote is one thing that ShellCheck says about a script.
type ShellNote struct {
	Code       string // such as SC2086
	Level      string // error, warning, info or style
	Message    string // in ShellCheck's words
	Start, End int    // in the script's text
}

// shellcheck replaces what the rules on the shell language have found in s, the findings from number first on, with
// what ShellCheck says. Where both see the same, our finding stays: it knows the base image, and so how sure it is.
func (r *run) shellcheck(s *shell.Script, first int) {
	notes, judged := r.build.Outside.ShellCheck[s.Step]
	if !judged {
		return
	}
	var ours []*Finding
	r.findings = append(r.findings[:first], slices.DeleteFunc(slices.Clone(r.findings[first:]), func(f *Finding) bool {
		replaced := shellRule(f.Rule)
		if replaced {
			ours = append(ours, f)
		}
		return replaced
	})...)
	taken := make([]bool, len(ours))
	options, _ := r.l.settings.options(r.l.index()[ShellCheck]).(*ShellCheckOptions)
	for _, n := range notes {
		rule := r.rule(n.Code)
		if rule == nil || !r.ran(rule) || options != nil && slices.Contains(options.Exclude, n.Code) {
			continue
		}
		f := &Finding{Rule: rule, Severity: rule.Severity, Source: r.plan.File.Source}
		f.Span = s.Text.Span(n.Start, n.End)
		f.Message = reworded(n.Message, s.Text.String[n.Start:n.End])
		f.Advise("see https://www.shellcheck.net/wiki/%s", n.Code)
		for i, o := range ours {
			if o.Rule != rule {
				continue
			}
			f.Doubt = o.Doubt // most are about the whole script: which shell runs it
			if !taken[i] && overlap(o.Span, f.Span) {
				f, taken[i] = o, true
				break
			}
		}
		f.Aliases = []string{n.Code}
		if rule.Name == ShellCheck {
			f.Severity = severityOf(n.Level)
			if f.Severity == Info && r.l.settings.Profile != Strict && !r.l.settings.Rules[ShellCheck].On {
				continue
			}
		}
		r.findings = append(r.findings, f)
	}
}

// rule is the rule called name. ShellCheck codes that no rule has belong to the rule ShellCheck.
func (r *run) rule(name string) *Rule {
	if rule := r.l.index().Find(name); rule != nil || Tool(name) != "shellcheck" {
		return rule
	}
	return r.l.index()[ShellCheck]
}

// ran reports whether rule is on and could report something, all of which is there.
func (r *run) ran(rule *Rule) bool {
	i := slices.Index(r.l.rules, rule)
	return i >= 0 && r.overflow(rule).first == nil && (rule.Name != ShellCheck || r.build.Outside.ShellCheck != nil)
}

// shellRule reports whether ShellCheck covers all that r reports.
func shellRule(r *Rule) bool {
	return len(r.Aliases) > 0 && !slices.ContainsFunc(r.Aliases, func(a string) bool { return Tool(a) != "shellcheck" })
}

// NoShellRule says what to do about a ShellCheck code that is not an alias of a rule.
func NoShellRule(code string) string {
	return "`" + code + "` is not covered by one of dockvet's own rules; the rule `" + ShellCheck +
		"` reports it if ShellCheck is enabled, and you can list the code in its option `exclude`"
}

func overlap(a, b parser.Span) bool { return a.Start < b.End && b.Start < a.End }

func severityOf(level string) Severity {
	switch level {
	case "error":
		return Error
	case "warning":
		return Warning
	}
	return Info
}

// reworded is a sentence about code in the form of our messages: it begins in lower case and has no full stop. A first
// word that appears in the code is a name.
func reworded(message, code string) string {
	message = strings.TrimRight(strings.TrimSpace(message), ". ")
	first, _, _ := strings.Cut(message, " ")
	capital := len(first) > 1 && first[0] >= 'A' && first[0] <= 'Z' && first[1] >= 'a' && first[1] <= 'z'
	if capital && !strings.Contains(code, first) {
		message = string(message[0]+'a'-'A') + message[1:]
	}
	return message
}
