package files

import (
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
)

// MisreadIgnorePattern reports lines of the ignore file that mean something else to BuildKit than what they look like: paths outside of
// the context, variables, braces, comments after a pattern, and signs of regular expressions. A line that matches something in the
// context is fine, except for one with `[!`.
var MisreadIgnorePattern = &lint.Rule{
	Name: "misread-ignore-pattern", Category: lint.Files,
	Summary:  "a line of `.dockerignore` does not do what it seems to",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		ctx := p.Context()
		if len(ctx.Patterns()) == 0 {
			return
		}
		src, ok := fromContext(p)
		if !ok {
			return
		}
		for _, line := range ctx.Patterns() {
			m := misread(line)
			if m.note == "" || !m.always && ctx.Match(line) {
				continue
			}
			p.Report(src.Word.Full(), "`%s` in line %d of `%s` %s", line, line.Line, ctx.Ignore, m.what).
				Because("%s", m.note).
				Advise("%s", m.help).
				RelateFile(ctx.Ignore, line.Line, "pattern `%s`", line)
		}
	}),
}

// misreading is what BuildKit makes of a pattern.
type misreading struct {
	what, note, help string
	always           bool // even if something matches
}

// Forms of patterns.
var (
	trailingComment = lazy.Regexp{Expr: `\s#`}
	variableIn      = lazy.Regexp{Expr: `\$\{[A-Za-z_]|^/?\$[A-Z_][A-Z0-9_]*(?:/|$)`} // $tf and $RECYCLE.BIN are directories
	alternatives    = lazy.Regexp{Expr: `^([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)$`}
)

// misread is how p is read if that is not how it looks; the zero misreading for any other pattern.
func misread(p *buildcontext.Pattern) misreading {
	nothing := "matches nothing"
	if p.Exception {
		nothing = "re-includes nothing"
	}
	switch glob := p.Glob; {
	case glob == "/" || glob == ".":
		help := "write `*` to exclude everything"
		if p.Exception {
			help = "write `!*`"
		}
		why := "Docker ignores this pattern"
		if glob == "/" {
			why = "patterns are compared with paths in the build context, and none of them is `/`"
		}
		return misreading{nothing, why, help, true}
	case glob == ".." || strings.HasPrefix(glob, "../"):
		return misreading{nothing, "patterns are relative to the root of the build context, and nothing above it is sent", "remove the line", true}
	case strings.HasPrefix(glob, "~/"):
		return misreading{nothing, "`~` is not expanded, and only files in the build context are sent", "remove the line", false}
	case trailingComment.Get().MatchString(p.Text):
		at := trailingComment.Get().FindStringIndex(p.Text)[0]
		return misreading{
			nothing, "`" + strings.TrimSpace(p.Text[at:]) + "` is part of the pattern, because a comment needs its own line",
			"write `" + strings.TrimSpace(p.Text[:at]) + "`", false,
		}
	case variableIn.Get().MatchString(glob):
		return misreading{nothing, "variables are not expanded in the ignore file", "write the path", false}
	case alternatives.Get().MatchString(glob):
		return misreading{nothing, "braces are ordinary characters", "write a line for each alternative (" + spread(p) + ")", false}
	case strings.Contains(glob, "[!"):
		verb := "excludes"
		if p.Exception {
			verb = "re-includes"
		}
		return misreading{
			verb + " the opposite of what it seems to", "`[!` does not negate, so it matches `!` and the characters after it",
			"write `" + strings.ReplaceAll(p.Text, "[!", "[^") + "`", true,
		}
	case strings.HasPrefix(glob, "^") || strings.HasSuffix(glob, "$") && len(glob) > 1:
		plain := strings.TrimSuffix(strings.TrimPrefix(glob, "^"), "$")
		if strings.HasPrefix(glob, "^") && !p.Literal() && strings.ContainsAny(plain, "*?[") && !strings.HasSuffix(glob, "$") {
			return misreading{} // BuildKit makes a regular expression of it, in which ^ stands for the beginning
		}
		help := "write `" + plain + "`"
		if strings.ContainsAny(plain, `\(|+`) || strings.Contains(plain, ".*") {
			help = "write a pattern with wildcards, such as `*.log`"
		}
		return misreading{nothing, "a pattern is not a regular expression", help, false}
	}
	return misreading{}
}

// spread is p without its braces, a line for each alternative.
func spread(p *buildcontext.Pattern) string {
	m := alternatives.Get().FindStringSubmatch(p.Glob)
	sign := ""
	if p.Exception {
		sign = "!"
	}
	var lines []string
	for _, part := range strings.Split(m[2], ",") {
		lines = append(lines, "`"+sign+m[1]+strings.TrimSpace(part)+m[3]+"`")
	}
	const most = 4
	if len(lines) > most {
		lines = append(lines[:most], "…")
	}
	return strings.Join(lines, ", ")
}
