package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
	"github.com/dockvet/dockvet/shell"
)

// run lints src with the given rules and the engine's own, and returns `rule@line message` lines.
func run(settings lint.Settings, src string, extra ...*lint.Rule) []string {
	list := append([]*lint.Rule{}, extra...)
	for _, r := range rules.All() {
		switch r.Name {
		case lint.RuleBug, lint.UnknownIgnore, lint.UnusedIgnore, lint.MissingReason:
			list = append(list, r)
		}
	}
	f := parser.Parse("Dockerfile", []byte(src))
	var out []string
	for _, x := range lint.New(list, settings).Lint(lint.Build{Plan: plan.New(f, plan.Options{})}) {
		line := x.Rule.Name + "@" + string(rune('0'+f.Lines.Line(x.Span.Start)))
		if x.Preview {
			line += " preview"
		}
		out = append(out, line+" "+x.Severity.String()+" "+x.Message)
	}
	return out
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func user(profile lint.Profile, scope lint.Scope, aliases ...string) *lint.Rule {
	return &lint.Rule{
		Name: "any-user", Category: lint.Security, Severity: lint.Warning, Profile: profile, Scope: scope, Since: "2026.2", Aliases: aliases,
		Check: lint.OnInstruction("USER", func(p *lint.Pass, s *plan.Step, c *instructions.UserCommand) {
			f := p.Report(s.Instruction.Args[0].Full(), "user %s", c.User).Alias(aliases...)
			if c.User == "maybe" {
				f.Doubting("it may be another")
			}
		}),
	}
}

const stages = "FROM a AS base\nUSER one\nFROM x AS other\nUSER two\nFROM base\nUSER three\nONBUILD USER four\n"

func TestScope(t *testing.T) {
	all := lint.Settings{Profile: lint.Strict}
	expect(t, run(all, stages, user(lint.Strict, lint.AnyStage)),
		"any-user@2 warning user one", "any-user@4 warning user two", "any-user@6 warning user three")
	expect(t, run(all, stages, user(lint.Strict, lint.ShippedStage)), "any-user@2 warning user one", "any-user@6 warning user three")
	expect(t, run(all, stages, user(lint.Strict, lint.FinalStage)), "any-user@6 warning user three")
}

func TestProfilesAndSettings(t *testing.T) {
	src := "FROM a\nUSER one\nUSER maybe\n"
	rule := user(lint.Recommended, lint.AnyStage)
	expect(t, run(lint.Settings{Profile: lint.Minimal}, src, rule))
	expect(t, run(lint.Settings{Profile: lint.Recommended}, src, rule), "any-user@2 warning user one")
	expect(t, run(lint.Settings{Profile: lint.Strict}, src, rule), "any-user@2 warning user one", "any-user@3 warning user maybe")
	severity := lint.Error
	on := map[string]lint.Setting{"any-user": {On: true, Severity: &severity}}
	expect(t, run(lint.Settings{Profile: lint.Minimal, Rules: on}, src, rule), "any-user@2 error user one", "any-user@3 error user maybe")
	chosen := map[string]lint.Setting{"any-user": {On: true}} // as --select does
	expect(t, run(lint.Settings{Profile: lint.Minimal, Rules: chosen}, src, rule), "any-user@2 warning user one")
	off := map[string]lint.Setting{"any-user": {Off: true}}
	expect(t, run(lint.Settings{Profile: lint.Strict, Rules: off}, src, rule))
}

func TestOptionalRuleRunsOnlyByName(t *testing.T) {
	rule := user(lint.Recommended, lint.AnyStage)
	rule.Optional = true
	expect(t, run(lint.Settings{Profile: lint.Strict}, "FROM a\nUSER b\n", rule))
	on := map[string]lint.Setting{"any-user": {On: true}}
	expect(t, run(lint.Settings{Profile: lint.Minimal, Rules: on}, "FROM a\nUSER b\n", rule), "any-user@2 warning user b")
}

func TestEditionMakesNewerRulesPreviews(t *testing.T) {
	rule := user(lint.Recommended, lint.AnyStage)
	expect(t, run(lint.Settings{Profile: lint.Recommended, Edition: "2026.1"}, "FROM a\nUSER b\n", rule), "any-user@2 preview warning user b")
	expect(t, run(lint.Settings{Profile: lint.Recommended, Edition: "2026.10"}, "FROM a\nUSER b\n", rule), "any-user@2 warning user b")
}

func TestPanicIsOneFinding(t *testing.T) {
	broken := &lint.Rule{Name: "broken", Severity: lint.Info, Profile: lint.Recommended, Check: lint.OnStage(func(*lint.Pass, *plan.Stage) { panic("oops") })}
	got := run(lint.Settings{Profile: lint.Recommended}, stages, broken, user(lint.Recommended, lint.FinalStage))
	expect(t, got, "rule-bug@1 error bug in rule broken: oops", "any-user@6 warning user three")
}

// TestOverflow checks that one finding stands for all beyond the limit, has no doubt if one of them has none, and that no
// comment is called unused for a rule whose findings are not all there.
func TestOverflow(t *testing.T) {
	rule := user(lint.Recommended, lint.AnyStage)
	count := func(profile lint.Profile, src string) (n int, last string) {
		got := run(lint.Settings{Profile: profile}, src, rule)
		_, last, _ = strings.Cut(got[len(got)-1], " ")
		return len(got), last
	}
	for _, c := range []struct {
		name, src string
		n         int
		last      string
	}{
		{"as many as fit", "FROM a\n" + strings.Repeat("USER b\n", 1000), 1000, "warning user b"},
		{"one more", "FROM a\n" + strings.Repeat("USER b\n", 1001), 1001, "warning user b"},
		{"more", "FROM a\n" + strings.Repeat("USER b\n", 1500), 1001, "warning 500 more findings of this rule are not listed"},
		{"more, and the last is sure", "FROM a\n" + strings.Repeat("USER b\n", 1000) + "USER maybe\nUSER b\n", 1001, "warning 2 more findings of this rule are not listed"},
		{"more, all of them uncertain", "FROM a\n" + strings.Repeat("USER b\n", 1000) + "USER maybe\nUSER maybe\n", 1000, "warning user b"},
		{
			"with a comment that ignores one of them", "FROM a\n" + strings.Repeat("USER b\n", 1500) + "# dockvet ignore=any-user x\nUSER b\n", 1001,
			"warning 501 more findings of this rule are not listed",
		},
		{
			"a rule of the engine", "FROM a\n# dockvet ignore=" + strings.Repeat("nothing,", 1500) + "x\nRUN a\n", 1001,
			"warning 501 more findings of this rule are not listed",
		},
	} {
		if n, last := count(lint.Recommended, c.src); n != c.n || last != c.last {
			t.Errorf("%s: %d findings, the last is %s", c.name, n, last)
		}
	}
}

func TestComments(t *testing.T) {
	rule := user(lint.Recommended, lint.AnyStage, "DL9001", "UserSet")
	rule.Aliases = append(rule.Aliases, "DL9002") // a code of findings that are not made here
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"by name", "FROM a\n# dockvet ignore=any-user why\nUSER b\nUSER c\n", []string{"any-user@4 warning user c"}},
		{"by alias, behind another comment and a blank line", "FROM a\n# dockvet ignore=DL9001\n# more\n\nUSER b\n", nil},
		{"names with blanks", "FROM a\n# dockvet ignore = DL9001 , UserSet because\nUSER b\n", nil},
		{"inside the instruction", "FROM a\nUSER \\\n# dockvet ignore=any-user\nb\n", nil},
		{"whole file", "# dockvet ignore-file=any-user\nFROM a\nUSER b\nUSER c\n", nil},
		{"hadolint", "FROM a\n# hadolint ignore=DL9001\nUSER b\n", nil},
		{"hadolint, whole file", "FROM a\nUSER b\n# hadolint global ignore=DL9001\nUSER c\n", nil},
		{"hadolint, stage", "# hadolint stage ignore=DL9001\nFROM a\nUSER b\nFROM c\nUSER d\n", []string{"any-user@5 warning user d"}},
		{"BuildKit", "FROM a\n# check=skip=UserSet // the base needs it\nUSER b\nUSER c\n", []string{"any-user@4 warning user c"}},
		{"BuildKit, whole file", "# check=skip=UserSet\nFROM a\nUSER b\n", nil},
		{"BuildKit, in any case", "FROM a\n#Check = skip=Other,UserSet\n\n# more\nUSER b\n", nil},
		{"BuildKit, cut off", "FROM a\n# check=skip=UserSet\n# \nUSER b\n", []string{"any-user@4 warning user b"}},
		{"BuildKit, not cut off", "FROM a\n# check=skip=UserSet\n  #\nUSER b\n", nil},
		{"BuildKit, the second", "FROM a\n# check=skip=Other\n# check=skip=UserSet\nUSER b\n", []string{"any-user@4 warning user b"}},
		{"BuildKit, the first after a cut", "FROM a\n# check=skip=Other\n#\n# check=skip=UserSet\nUSER b\n", nil},
		{"BuildKit, indented", "FROM a\n # check=skip=UserSet\nUSER b\n", []string{"any-user@3 warning user b"}},
		{"BuildKit, inside the instruction", "FROM a\nUSER \\\n# check=skip=UserSet\nb\n", []string{"any-user@4 warning user b"}},
		{"BuildKit, with an option that is not valid", "FROM a\n# check=skip=UserSet;pedantic=true\nUSER b\n", []string{"any-user@3 warning user b"}},
		{"BuildKit, all", "# check=skip=all\nFROM a\nUSER b\n", nil},
		{"BuildKit, errors", "# check=error=true\nFROM a\nUSER b\n", []string{"any-user@3 error user b"}},
		{"comments of others are not judged", "FROM a\n# hadolint ignore=DL9001\nRUN b\n", nil},
		{"a code means the findings that carry it", "FROM a\n# hadolint ignore=DL9002\nUSER b\n", []string{"any-user@3 warning user b"}},
		{"a rule that is not there", "FROM a\n# dockvet ignore=any-usr\nRUN b\n", []string{"unknown-ignore@2 warning no rule is called `any-usr`"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, run(lint.Settings{Profile: lint.Recommended}, c.src, rule), c.want...)
		})
	}
	expect(t, run(lint.Settings{Profile: lint.Recommended, NoComments: true}, "FROM a\n# dockvet ignore=any-user\nUSER b\n", rule), "any-user@3 warning user b")
	off := lint.Settings{Profile: lint.Recommended, Rules: map[string]lint.Setting{"any-user": {Off: true}}}
	expect(t, run(off, "FROM a\n# dockvet ignore=any-user\nUSER b\n", rule)) // did not run: nobody knows whether it is unused
	strict := run(lint.Settings{Profile: lint.Strict}, "FROM a\n# hadolint ignore=DL9001\nRUN b\n", rule)
	expect(t, strict, "unused-ignore@2 warning `DL9001` has nothing to ignore here")
	strict = run(lint.Settings{Profile: lint.Strict}, "FROM a\n# check=skip\nRUN b\n", rule)
	expect(t, strict, "unknown-ignore@2 warning BuildKit ignores this comment")
}

// TestShellCheckComments holds that comments of ShellCheck count where it judges, and only there.
func TestShellCheckComments(t *testing.T) {
	own := &lint.Rule{
		Name: "own", Aliases: []string{"SC2086"}, Profile: lint.Recommended, Since: "2026.1",
		Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) { p.Report(s.Text.Span(0, 1), "ours").Doubting("it may be right") }),
	}
	other := &lint.Rule{
		Name: "other", Aliases: []string{"DL9001", "SC2090"}, Profile: lint.Recommended, Since: "2026.1",
		Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) { p.Report(s.Text.Span(0, 1), "not ShellCheck's alone") }),
	}
	guest := &lint.Rule{Name: lint.ShellCheck, Profile: lint.Recommended, Since: "2026.2"}
	src := "FROM a\n# shellcheck disable=SC2086,SC2010\nRUN b\n# shellcheck disable=all\nRUN c\nRUN Dee\n"
	notes := func(p *plan.Plan) map[*plan.Step][]lint.ShellNote {
		out := map[*plan.Step][]lint.ShellNote{}
		for _, step := range p.Stages[0].Steps {
			s := shell.Read(step)
			if s.Text.String == "c" {
				continue
			}
			out[step] = []lint.ShellNote{
				{Code: "SC2086", Level: "info", Message: "A is wrong.", End: 1},
				{Code: "SC2010", Level: "error", Message: "It is wrong.", End: 1},
				{Code: "SC2011", Level: "style", Message: "Dee is ugly", End: len(s.Text.String)},
				{Code: "SC2090", Level: "style", Message: "theirs", End: 1},
			}
		}
		return out
	}
	lintWith := func(profile lint.Profile, notes func(*plan.Plan) map[*plan.Step][]lint.ShellNote) (out []string) {
		f := parser.Parse("Dockerfile", []byte(src))
		b := lint.Build{Plan: plan.New(f, plan.Options{})}
		if notes != nil {
			b.Outside.ShellCheck = notes(b.Plan)
		}
		settings := lint.Settings{Profile: profile, Edition: "2026.1"}
		for _, x := range lint.New([]*lint.Rule{own, other, guest}, settings).Lint(b) {
			out = append(out, fmt.Sprintf("%d %s %v %s %v %v", f.Lines.Line(x.Span.Start), x.Rule.Name, x.Aliases, x.Severity, x.Message, x.Preview))
		}
		return out
	}
	expect(t, lintWith(lint.Strict, nil),
		"3 other [] info not ShellCheck's alone false", "3 own [] info ours false", "5 other [] info not ShellCheck's alone false",
		"5 own [] info ours false", "6 other [] info not ShellCheck's alone false", "6 own [] info ours false")
	expect(t, lintWith(lint.Strict, notes),
		"3 other [] info not ShellCheck's alone false", "3 other [SC2090] info theirs false", "3 shellcheck [SC2011] info dee is ugly true",
		"5 other [] info not ShellCheck's alone false",
		"6 other [] info not ShellCheck's alone false", "6 other [SC2090] info theirs false", "6 own [SC2086] info ours false",
		"6 shellcheck [SC2010] error it is wrong true", "6 shellcheck [SC2011] info Dee is ugly true")
	expect(t, lintWith(lint.Recommended, notes),
		"3 other [] info not ShellCheck's alone false", "3 other [SC2090] info theirs false", "5 other [] info not ShellCheck's alone false",
		"6 other [] info not ShellCheck's alone false", "6 other [SC2090] info theirs false", "6 shellcheck [SC2010] error it is wrong true")
}

func TestCommandsAndCalls(t *testing.T) {
	rule := &lint.Rule{Name: "calls", Profile: lint.Recommended, Severity: lint.Info, Check: lint.Checks(
		lint.OnCommand(func(p *lint.Pass, c *shell.Command) { p.Report(c.Span, "command %s", c.Name) }, "curl"),
		lint.OnCall(func(p *lint.Pass, c *shell.Call) { p.Report(c.Command.Span, "call of %s", c.Manager) }, "apk"),
		lint.OnRun(func(p *lint.Pass, s *shell.Script) { p.Report(s.Text.Full(), "script") }),
	)}
	got := run(lint.Settings{Profile: lint.Recommended}, "FROM a\nRUN apk add b && \\\n  curl c\nONBUILD RUN curl d\n", rule)
	expect(t, got, "calls@2 info call of apk", "calls@2 info script", "calls@3 info command curl", "calls@4 info command curl", "calls@4 info script")
}

func TestTool(t *testing.T) {
	for alias, want := range map[string]string{
		"DL3008": "hadolint", "SC2086": "shellcheck", "FromAsCasing": "buildkit", "JSONArgsRecommended": "buildkit", "CKV_DOCKER_2": "",
		"DS-0002": "", "DL300": "", "latest-tag": "",
	} {
		if got := lint.Tool(alias); got != want {
			t.Errorf("Tool(%q) = %q, want %q", alias, got, want)
		}
	}
}

func TestStrictHearsEachToolAlone(t *testing.T) {
	rule := user(lint.Recommended, lint.AnyStage, "DL9001", "UserSet")
	src := "FROM a\n# hadolint ignore=DL9001\nUSER b\n# check=skip=UserSet\nUSER c\n# dockvet ignore=DL9001\nUSER d\n"
	expect(t, run(lint.Settings{Profile: lint.Recommended}, src, rule))
	expect(t, run(lint.Settings{Profile: lint.Strict}, src, rule), "any-user@3 warning user b", "any-user@5 warning user c")
}
