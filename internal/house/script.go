package house

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/dockvet/dockvet/internal/facts"
	"github.com/dockvet/dockvet/internal/nearest"
	_ "github.com/dockvet/dockvet/internal/quiet" // before starlark
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// The bounds of a script, besides maxSteps for each of its rules and builds.
const (
	MaxScript   = 64 << 10 // bytes
	maxScripted = 50       // rules of one file
)

// Mistake is what is wrong with a script, and where. Line and column count from 1 and are 0 if they are not known.
type Mistake struct {
	Line, Column int
	Message      string
}

// Scripted is a rule that a script defines.
type Scripted struct {
	*lint.Rule
	Line int
}

// Load reads the rules that the script src defines. file is its name in messages. Nothing but src is read, and the script
// can read nothing either.
func Load(file string, src []byte) ([]Scripted, *Mistake) {
	s, mistake := compile(file, src)
	if mistake != nil {
		return nil, mistake
	}
	defined, err := s.run(&engine{}, loadSteps)
	if err != nil {
		return nil, s.mistake(err)
	}
	var out []Scripted
	for i, d := range defined {
		if mistake := d.check(); mistake != "" {
			return nil, &Mistake{d.line, 0, mistake}
		}
		for _, other := range defined[:i] {
			if other.name == d.name {
				return nil, &Mistake{d.line, 0, fmt.Sprintf("`%s` is already defined on line %d", d.name, other.line)}
			}
		}
		out = append(out, Scripted{s.rule(i, d), d.line})
	}
	if len(out) == 0 {
		return nil, &Mistake{1, 0, "the script does not define a rule; call rule(name = …, summary = …, check = …)"}
	}
	return out, nil
}

// script is a compiled script.
type script struct {
	file    string
	program *starlark.Program
}

func compile(file string, src []byte) (*script, *Mistake) {
	if len(src) > MaxScript {
		return nil, &Mistake{1, 0, fmt.Sprintf("the script has more than %d bytes", MaxScript)}
	}
	s := &script{file: file}
	f, err := (&syntax.FileOptions{}).Parse(file, src, 0)
	if err != nil {
		return nil, s.mistake(err)
	}
	if err := guard(f); err != nil {
		return nil, s.mistake(err)
	}
	names := predeclared(nil)
	if s.program, err = starlark.FileProgram(f, names.Has); err != nil {
		return nil, s.mistake(err)
	}
	return s, nil
}

// mistake is err with its place in the script.
func (s *script) mistake(err error) *Mistake {
	var evaluation *starlark.EvalError
	var parsing syntax.Error
	switch {
	case errors.As(err, &parsing):
		return &Mistake{int(parsing.Pos.Line), int(parsing.Pos.Col), parsing.Msg}
	case errors.As(err, &evaluation):
		for i := range evaluation.CallStack {
			if at := evaluation.CallStack.At(i).Pos; at.Filename() == s.file {
				return &Mistake{int(at.Line), int(at.Col), strings.TrimPrefix(evaluation.Msg, "Starlark computation cancelled: ")}
			}
		}
	}
	text := err.Error() // the resolver's errors have their place in front
	if rest, ok := strings.CutPrefix(text, s.file+":"); ok {
		place, message, _ := strings.Cut(rest, ": ")
		line, column, _ := strings.Cut(place, ":")
		m := Mistake{Message: message}
		var noLine, noColumn error
		m.Line, noLine = strconv.Atoi(line)
		if m.Column, noColumn = strconv.Atoi(column); noLine == nil && noColumn == nil {
			return &m
		}
	}
	return &Mistake{Message: text}
}

// definition is one call of rule.
type definition struct {
	name, summary, because, help, url, severity, profile string
	function                                             *starlark.Function
	line                                                 int
}

// check is what is wrong with d, "" if nothing is.
func (d *definition) check() string {
	profiles, severities := lint.Profiles(), []string{"error", "warning", "info"}
	one := func(what, value string, values []string) string {
		if slices.Contains(values, value) {
			return ""
		}
		if near, ok := nearest.Name(value, values); ok {
			return fmt.Sprintf("unknown %s `%s`; the nearest is `%s`", what, value, near)
		}
		return fmt.Sprintf("unknown %s `%s`; it must be one of %s", what, value, strings.Join(values, ", "))
	}
	switch {
	case !Name(d.name):
		return fmt.Sprintf("`%s` cannot be the name of a house rule; it has two parts, as in `acme/foreign-registry`", d.name)
	case strings.TrimSpace(d.summary) == "" || len(d.summary) > maxMessage:
		return fmt.Sprintf("`%s` needs a summary of at most %d bytes", d.name, maxMessage)
	case d.function.NumParams() != 1:
		return fmt.Sprintf("the check of `%s` must have one parameter, the build", d.name)
	}
	if m := one("severity", d.severity, severities); m != "" {
		return m
	}
	return one("profile", d.profile, profiles)
}

// run executes the script, which defines its rules.
func (s *script) run(e *engine, steps uint64) (defined []*definition, err error) {
	thread := e.newThread()
	thread.Steps = maxSteps - steps
	e.defined = &defined
	_, err = s.program.Init(thread, predeclared(e))
	e.defined = nil
	return defined, err
}

func (s *script) rule(number int, d *definition) *lint.Rule {
	severity, _ := lint.ParseSeverity(d.severity)
	profile, _ := lint.ParseProfile(d.profile)
	r := &lint.Rule{
		Name: d.name, Summary: oneLine(d.summary), Category: lint.House, Severity: severity, Profile: profile, Fix: lint.NoFix, URL: d.url,
		Check: lint.OnFile(func(p *lint.Pass) {
			if p.Plan != nil {
				s.check(p, number, d)
			}
		}),
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n", r.Name, sentence(r.Summary))
	for _, text := range []string{d.because, d.help} {
		if text != "" {
			fmt.Fprintf(&b, "\n%s.\n", sentence(oneLine(text)))
		}
	}
	if d.url != "" {
		fmt.Fprintf(&b, "\nMore: <%s>\n", d.url)
	}
	fmt.Fprintf(&b, "\nThis is a house rule. `%s:%d` defines it.\n", s.file, d.line)
	r.Doc = b.String()
	return r
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// described are the facts of a build for all scripts.
var described = lint.NewFact(func(p *lint.Pass) *facts.Build {
	b := facts.Of(p.Plan, p.Script)
	p.Mask(func(mask func(string) string) { facts.Mask(&b, mask) })
	return &b
})

// check runs the rule with that number over the build of p. The script runs from its beginning, so that nothing is left of other builds.
func (s *script) check(p *lint.Pass, number int, d *definition) {
	m := meters.Of(p)
	build := described.Of(p)
	fail := func(m *Mistake) {
		p.Fail("house rule `%s` (%s:%d:%d) failed: %s", d.name, s.file, m.Line, m.Column, shown(m.Message))
	}
	switch {
	case !m.ok():
		p.Fail("house rule `%s` (%s:%d) is stopped: the house rules take too long for this file", d.name, s.file, d.line)
		return
	case !build.Complete:
		fail(&Mistake{d.line, 0, "the file has too many instructions and commands for a script"})
		return
	}
	e := &engine{}
	defined, err := s.run(e, maxSteps)
	if err == nil && number < len(defined) {
		e.report = func(span parser.Span, say, because, help string) {
			if !m.spend(findingWork) {
				return
			}
			f := p.Report(span, "%s", say)
			if because != "" {
				f.Because("%s", because)
			}
			if help != "" {
				f.Advise("%s", help)
			}
		}
		e.defaults = defined[number]
		_, err = starlark.Call(e.thread, defined[number].function, starlark.Tuple{newObject(build)}, nil)
	}
	m.spend(int(e.thread.Steps) * stepWork) //nolint:gosec // at most maxSteps
	if err != nil {
		fail(s.mistake(err))
	}
}
