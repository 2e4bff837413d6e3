// Package house makes rules out of what a configuration says: the rules that a project or an organisation has for its own
// Dockerfiles. It reads nothing but the nodes it is given.
package house

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Rules are the house rules of a configuration file by name. The tags make the JSON Schema.
type Rules map[string]Rule

// Rule is one house rule: what to look for, and what to say about it.
type Rule struct {
	Say      *Message `yaml:"say" required:"true" doc:"What is wrong, in one sentence. A word in braces stands for a part of what was found, as in {image}."`
	Because  *Message `yaml:"because" doc:"Why it is wrong."`
	Help     *Message `yaml:"help" doc:"What to do."`
	URL      string   `yaml:"url" doc:"A page about the rule."`
	Severity string   `yaml:"severity" enum:"error,warning,info" doc:"Default: warning."`
	Profile  string   `yaml:"profile" enum:"minimal,recommended,strict" doc:"The least strict profile that runs the rule. Default: minimal, so that every profile runs it."`
	Scope    string   `yaml:"scope" enum:"any,shipped,final" doc:"In which stages to look: any, shipped (the final stage and those it is built FROM) or final. Default: any."`

	From        *Image       `yaml:"from" doc:"Images that the build takes files from: in FROM, COPY --from and RUN --mount=from. Stages, scratch and named contexts are left out."`
	Label       *Label       `yaml:"label" doc:"Labels that LABEL sets."`
	Env         *Variable    `yaml:"env" doc:"Variables that ENV sets."`
	Arg         *Variable    `yaml:"arg" doc:"Build arguments that ARG declares, also before the first FROM; value is the default."`
	User        *User        `yaml:"user" doc:"The user that a stage has in the end."`
	Expose      *Expose      `yaml:"expose" doc:"Ports that EXPOSE names."`
	Run         *Run         `yaml:"run" doc:"Commands in RUN, also those in sh -c and after sudo, env or xargs."`
	Copy        *Copy        `yaml:"copy" doc:"Sources of COPY and ADD."`
	Instruction *Instruction `yaml:"instruction" doc:"Instructions of any kind."`
	Not         *Condition   `yaml:"not" doc:"What a stage must have, itself or through the stages that it is built FROM. It is reported at FROM if nothing matches."`
	Any         []Condition  `yaml:"any" doc:"Several things to look for; each is reported."`
}

// Condition is what to look for.
type Condition struct {
	From        *Image       `yaml:"from" doc:"Images that the build takes files from."`
	Label       *Label       `yaml:"label" doc:"Labels that LABEL sets."`
	Env         *Variable    `yaml:"env" doc:"Variables that ENV sets."`
	Arg         *Variable    `yaml:"arg" doc:"Build arguments that ARG declares."`
	User        *User        `yaml:"user" doc:"The user that a stage has in the end."`
	Expose      *Expose      `yaml:"expose" doc:"Ports that EXPOSE names."`
	Run         *Run         `yaml:"run" doc:"Commands in RUN."`
	Copy        *Copy        `yaml:"copy" doc:"Sources of COPY and ADD."`
	Instruction *Instruction `yaml:"instruction" doc:"Instructions of any kind."`
}

// Image is what images are looked at for.
type Image struct {
	Registry *Pattern `yaml:"registry" doc:"The registry; Docker Hub is docker.io."`
	Name     *Pattern `yaml:"name" doc:"The name as people write it, without tag and digest: python, bitnami/redis, ghcr.io/astral-sh/uv."`
	Tag      *Pattern `yaml:"tag" doc:"The tag; unset if none is written."`
	Digest   *Pattern `yaml:"digest" doc:"The digest, with its algorithm; unset if none is written."`
	In       []string `yaml:"in" enum:"FROM,COPY,RUN" doc:"The instructions to look at. Default: all."`
}

// Label is what labels are looked at for.
type Label struct {
	Key   *Pattern `yaml:"key" doc:"The key."`
	Value *Pattern `yaml:"value" doc:"The value."`
}

// Variable is what variables are looked at for.
type Variable struct {
	Name  *Pattern `yaml:"name" doc:"The name."`
	Value *Pattern `yaml:"value" doc:"The value. There is none for an ARG without a default."`
}

// User is what users are looked at for.
type User struct {
	Name  *Pattern `yaml:"name" doc:"The name or number of the user. There is none if no USER sets it."`
	Group *Pattern `yaml:"group" doc:"The name or number of the group, after the colon."`
}

// Expose is what ports are looked at for.
type Expose struct {
	Port     *Pattern `yaml:"port" doc:"The port or range, without the protocol."`
	Protocol *Pattern `yaml:"protocol" doc:"The protocol; tcp where none is written."`
}

// Run is what commands are looked at for.
type Run struct {
	Command    *Pattern           `yaml:"command" doc:"The name of the program, without its directory."`
	Arguments  *Pattern           `yaml:"arguments" doc:"The arguments, of which one must match: with not, none may. An option such as -y is also found in -qy, and --option in --option=value."`
	Pipes      *Pattern           `yaml:"pipes" doc:"The names of the commands that get the output through pipes."`
	Host       *Pattern           `yaml:"host" doc:"The host of a URL among the arguments; each URL is looked at by itself."`
	WithoutEnv []string           `yaml:"without-env" doc:"Variables of which none is set, by the Dockerfile, the script or the command itself. What a base image sets does not count."`
	Env        map[string]Pattern `yaml:"env" doc:"Variables, by name, with the value that they must have."`
}

// Copy is what COPY and ADD are looked at for.
type Copy struct {
	Instruction *Pattern           `yaml:"instruction" doc:"COPY or ADD."`
	Source      *Pattern           `yaml:"source" doc:"A source; each is looked at by itself. Heredocs are left out."`
	Destination *Pattern           `yaml:"destination" doc:"The destination, as it is written."`
	From        *Pattern           `yaml:"from" doc:"The value of --from; there is none for a copy from the build context."`
	Host        *Pattern           `yaml:"host" doc:"The host of a source that is a URL; other sources are left out."`
	Flags       map[string]Pattern `yaml:"flags" doc:"Options, by name without dashes, with their value."`
}

// Instruction is what instructions are looked at for.
type Instruction struct {
	Name  *Pattern           `yaml:"name" doc:"The name in capitals, such as HEALTHCHECK."`
	Text  *Pattern           `yaml:"text" doc:"What follows the name and the options, with continued lines joined."`
	Flags map[string]Pattern `yaml:"flags" doc:"Options, by name without dashes, with their value."`
}

// condition is what all rules look for, of whatever kind.
func (r *Rule) condition() Condition {
	return Condition{
		From: r.From, Label: r.Label, Env: r.Env, Arg: r.Arg, User: r.User, Expose: r.Expose, Run: r.Run, Copy: r.Copy, Instruction: r.Instruction,
	}
}

// matcher finds what a condition means in a stage.
type matcher interface {
	// each calls yield with each candidate until that returns false.
	each(w *walk, s *plan.Stage, yield func(truth, hit) bool)
	// words are the placeholders that its hits have.
	words() []string
}

// hit is something that a matcher has looked at.
type hit struct {
	span  parser.Span
	value func(word string) string
}

// kinds are the conditions of c that are set, with their keys.
func (c Condition) kinds() (found []matcher, keys []string) {
	add := func(key string, set bool, m matcher) {
		if set {
			found, keys = append(found, m), append(keys, key)
		}
	}
	add("from", c.From != nil, c.From)
	add("label", c.Label != nil, c.Label)
	add("env", c.Env != nil, (*envMatcher)(c.Env))
	add("arg", c.Arg != nil, (*argMatcher)(c.Arg))
	add("user", c.User != nil, c.User)
	add("expose", c.Expose != nil, c.Expose)
	add("run", c.Run != nil, c.Run)
	add("copy", c.Copy != nil, c.Copy)
	add("instruction", c.Instruction != nil, c.Instruction)
	return found, keys
}

// Keys are the keys of what a rule can look for.
func Keys() []string {
	return []string{"from", "label", "env", "arg", "user", "expose", "run", "copy", "instruction", "not", "any"}
}

var validName = lazy.Regexp{Expr: `^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$`}

// Name reports whether name can be the name of a house rule: two parts of small letters, digits and hyphens, the first
// of which says whose rule it is. Rules of dockvet never have a slash in their name.
func Name(name string) bool { return len(name) <= 100 && validName.Get().MatchString(name) }

// Source is where a rule is defined.
type Source struct {
	File string // as messages print it
	Key  *yaml.Node
	Node *yaml.Node // the definition
	Text string     // both, as they are written; empty if that is too long for a page
}

func (s Source) String() string { return fmt.Sprintf("%s:%d", s.File, s.Key.Line) }

// Make makes the rule that def defines. If fail is called, the rule is of no use.
func Make(name string, def *Rule, at Source, fail Fail) *lint.Rule {
	matchers, keys := def.condition().kinds()
	if def.Not != nil {
		keys = append(keys, "not")
	}
	if def.Any != nil {
		keys = append(keys, "any")
	}
	switch {
	case len(keys) == 0:
		fail(at.Key, "`%s` does not say what to look for; it needs one of %s", name, strings.Join(Keys(), ", "))
		return nil
	case len(keys) > 1:
		fail(at.Key, "`%s` has both `%s` and `%s`; several things to look for are a list below `any`", name, keys[0], keys[1])
		return nil
	}
	absent := def.Not != nil
	if absent {
		var names []string
		if matchers, names = def.Not.kinds(); len(names) == 0 {
			fail(at.Key, "`not` of `%s` does not say what to look for", name)
			return nil
		}
	}
	for i, c := range def.Any {
		found, names := c.kinds()
		if len(names) != 1 {
			fail(at.Key, "item %d of `any` of `%s` must say one thing to look for", i+1, name)
			return nil
		}
		matchers = append(matchers, found...)
	}
	if len(matchers) == 0 {
		fail(at.Key, "`any` of `%s` is empty", name)
		return nil
	}
	words := []string{"stage"}
	if !absent {
		words = append(words, matchers[0].words()...)
		for _, m := range matchers[1:] {
			words = slices.DeleteFunc(words, func(word string) bool { return word != "stage" && !slices.Contains(m.words(), word) })
		}
	}
	for _, m := range []*Message{def.Say, def.Because, def.Help} {
		if m != nil && m.node != nil {
			m.check(words, fail)
		}
	}
	h := &houseRule{name: name, def: def, matchers: matchers, absent: absent, from: at.String()}
	severity := lint.Warning
	if s, ok := lint.ParseSeverity(def.Severity); ok {
		severity = s
	}
	profile, _ := lint.ParseProfile(def.Profile) // without one the least strict
	rule := &lint.Rule{
		Name: name, Category: lint.House, Severity: severity, Profile: profile, Fix: lint.NoFix, Check: h.check(),
		Summary: def.Say.expand(func(string) string { return "…" }),
		URL:     def.URL,
	}
	switch def.Scope {
	case "shipped":
		rule.Scope = lint.ShippedStage
	case "final":
		rule.Scope = lint.FinalStage
	}
	rule.Doc = page(rule, def, at)
	return rule
}

// page is the page of a rule, in Markdown.
func page(r *lint.Rule, def *Rule, at Source) string {
	var b strings.Builder
	name := func(string) string { return "…" }
	fmt.Fprintf(&b, "# %s\n\n%s.\n", r.Name, sentence(r.Summary))
	for _, m := range []*Message{def.Because, def.Help} {
		if text := m.expand(name); text != "" {
			fmt.Fprintf(&b, "\n%s.\n", sentence(text))
		}
	}
	if def.URL != "" {
		fmt.Fprintf(&b, "\nMore: <%s>\n", def.URL)
	}
	fmt.Fprintf(&b, "\n## Definition\n\nThis is a house rule. `%s` defines it:\n\n", at)
	for line := range strings.Lines(at.Text) {
		b.WriteString("    " + line)
	}
	return b.String()
}

// sentence is text with a capital and without the full stop at its end.
func sentence(text string) string {
	text = strings.TrimRight(text, ".")
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// houseRule is a rule at work.
type houseRule struct {
	name     string
	def      *Rule
	matchers []matcher
	absent   bool // it reports stages in which nothing matches
	from     string
}

func (h *houseRule) check() lint.Check {
	check := lint.OnStage(h.stage)
	globals := slices.ContainsFunc(h.matchers, func(m matcher) bool { _, ok := m.(*argMatcher); return ok })
	if globals && !h.absent {
		return lint.Checks(check, lint.OnFile(func(p *lint.Pass) {
			if p.Plan != nil {
				h.look(p, nil)
			}
		}))
	}
	return check
}

func (h *houseRule) stage(p *lint.Pass, s *plan.Stage) {
	if !h.absent {
		h.look(p, s)
		return
	}
	if s.From == nil {
		return // a fragment: what it is put after may have all that is missing
	}
	w := &walk{p, meters.Of(p)}
	found := no
	for _, at := range s.Lineage() {
		for _, m := range h.matchers {
			m.each(w, at, func(t truth, _ hit) bool {
				found = max(found, t)
				return found < yes && w.meter.ok()
			})
		}
		if found == yes {
			return
		}
	}
	if !w.meter.ok() {
		h.stop(p)
		return
	}
	if found == no {
		if h.report(p, s, hit{span: s.From.Head()}); !w.meter.ok() {
			h.stop(p)
		}
	}
}

// look reports what matches in s, or before the first stage if s is nil.
func (h *houseRule) look(p *lint.Pass, s *plan.Stage) {
	w := &walk{p, meters.Of(p)}
	for _, m := range h.matchers {
		m.each(w, s, func(t truth, x hit) bool {
			if t == yes && w.meter.ok() {
				h.report(p, s, x)
			}
			return w.meter.ok()
		})
	}
	if !w.meter.ok() {
		h.stop(p)
	}
}

func (h *houseRule) stop(p *lint.Pass) {
	p.Fail("house rule `%s` (%s) is stopped: the house rules take too long for this file", h.name, h.from)
}

func (h *houseRule) report(p *lint.Pass, s *plan.Stage, x hit) {
	if !meters.Of(p).spend(findingWork) {
		return // stop says so
	}
	value := func(word string) string {
		if word == "stage" {
			if s == nil {
				return ""
			}
			return cmp.Or(s.Name, fmt.Sprint(s.Index))
		}
		return shown(x.value(word))
	}
	f := p.Report(x.span, "%s", h.def.Say.expand(value))
	if text := h.def.Because.expand(value); text != "" {
		f.Because("%s", text)
	}
	if text := h.def.Help.expand(value); text != "" {
		f.Advise("%s", text)
	}
}

// meters bound what all house rules may do with one build.
var meters = lint.NewFact(func(*lint.Pass) *meter { return &meter{left: maxWork} })

// maxWork is how many steps the house rules may take for one build: a comparison is one, a regular expression as many as
// it has states for each byte, and a finding is reported for findingWork.
const (
	maxWork     = 80_000_000
	findingWork = 20_000
)

type meter struct{ left int }

// spend reports whether n more steps may be taken.
func (m *meter) spend(n int) bool {
	m.left -= n
	return m.left >= 0
}

func (m *meter) ok() bool { return m.left >= 0 }
