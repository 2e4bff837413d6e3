package lint

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/scanners"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Names of the rules whose findings the engine itself makes. They are listed and documented like all others; their
// Check is empty.
const (
	RuleBug       = "rule-bug"       // a rule panicked
	UnknownIgnore = "unknown-ignore" // a comment does not name a rule
	UnusedIgnore  = "unused-ignore"  // a comment suppresses nothing
	MissingReason = "missing-reason" // a comment says not why
)

// Settings choose what a Linter says.
type Settings struct {
	Profile Profile
	Rules   map[string]Setting // by rule name; what is absent follows Profile
	Edition string             // "" is the newest
	// RequireReason makes an ignore comment without a reason a finding.
	RequireReason bool
	// NoComments leaves ignore comments without effect.
	NoComments bool
	// Retired are codes that an ignore comment may name though no rule has them.
	Retired []Retired
	Now     time.Time
}

// options are those of rule: of the settings, or else its defaults.
func (s *Settings) options(rule *Rule) any {
	if rule == nil {
		return nil
	}
	if o := s.Rules[rule.Name].Options; o != nil {
		return o
	}
	return rule.Options
}

// Setting is what a configuration says of one rule.
type Setting struct {
	Off      bool
	On       bool      // whatever the profile
	Severity *Severity // nil: the rule's own
	Options  any       // of the type of Rule.Options; nil: its defaults
}

// Retired is a code without a rule that comments and configurations may name all the same: its own tool has given it
// up, or it waits for something that dockvet cannot do yet.
type Retired struct {
	Code  string
	What  string // what it was about, a clause that follows "it forbade"; or what it waits for
	Since string // the version of its tool without it; "" if it waits
}

// String says what became of the code.
func (r Retired) String() string {
	if r.Since == "" {
		return "`" + r.Code + "` does not have a rule yet, because " + r.What
	}
	return "`" + r.Code + "` is retired: " + r.Since + " removed this rule, which forbade " + r.What
}

// FindRetired is the retired code called code: one of list, or an id of another scanner that has no rule.
func FindRetired(list []Retired, code string) (Retired, bool) {
	i := slices.IndexFunc(list, func(r Retired) bool { return r.Code == code })
	if i >= 0 {
		return list[i], true
	}
	if id := scanners.Find(code); id != nil && id.Reason != "" {
		return Retired{Code: code, What: id.Reason}, true
	}
	return Retired{}, false
}

// Linter runs a set of rules. It may be used by several goroutines at once.
type Linter struct {
	settings Settings
	rules    []*Rule        // the enabled ones
	options  []any          // of each of rules
	index    func() Index   // of all rules, which most builds do without
	newer    map[*Rule]bool // those that a later edition than the one of the settings has brought
	checks   checks
	passes   sync.Pool // of *[]Pass, one for each of rules; no rule keeps its pass
	walks    sync.Pool // of *walk
}

// Index finds rules by name or alias.
type Index map[string]*Rule

// NewIndex indexes rules.
func NewIndex(rules []*Rule) Index {
	x := make(Index, 3*len(rules))
	for _, r := range rules {
		x[r.Name] = r
		for _, a := range r.Aliases {
			if x[a] == nil {
				x[a] = r
			}
		}
	}
	return x
}

// With is an index that also knows rules, which have no aliases.
func (x Index) With(rules []*Rule) Index {
	out := maps.Clone(x)
	for _, r := range rules {
		out[r.Name] = r
	}
	return out
}

// Find is the rule called name, or the first one that reports what another scanner reports under that id, in any of its
// spellings; nil if there is none.
func (x Index) Find(name string) *Rule {
	if r := x[name]; r != nil {
		return r
	}
	if r := x[scanners.Canonical(name)]; r != nil {
		return r
	}
	if id := scanners.Find(name); id != nil {
		for _, rule := range id.Rules {
			if r := x[rule]; r != nil {
				return r
			}
		}
	}
	return nil
}

// Names are all names and aliases, sorted.
func (x Index) Names() []string {
	names := make([]string, 0, len(x))
	for name := range x {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// New prepares the rules that settings switch on.
func New(rules []*Rule, settings Settings) *Linter {
	l := &Linter{
		settings: settings,
		index:    sync.OnceValue(func() Index { return NewIndex(rules) }),
		newer:    map[*Rule]bool{},
		rules:    make([]*Rule, 0, len(rules)),
		options:  make([]any, 0, len(rules)),
	}
	for _, r := range rules {
		if settings.Edition != "" && Newer(r.Since, settings.Edition) {
			l.newer[r] = true
		}
		if l.enabled(r) {
			l.rules = append(l.rules, r)
			l.options = append(l.options, settings.options(r))
			l.checks.bind(len(l.rules)-1, r.Check)
		}
	}
	return l
}

// Rules are the rules that run, in the order of New. The list must not be changed.
func (l *Linter) Rules() []*Rule { return l.rules }

func (l *Linter) enabled(r *Rule) bool {
	s := l.settings.Rules[r.Name]
	return !s.Off && (s.On || r.Profile <= l.settings.Profile && !r.Optional || r.Name == RuleBug)
}

// run is the work on one build.
type run struct {
	l        *Linter
	build    Build
	plan     *plan.Plan     // nil for a description without a Dockerfile
	source   *parser.Source // what is linted
	passes   []Pass         // one for each of Linter.rules; runs that are walked at once share them
	broken   []bool         // rules that panicked
	scripts  *shell.Scripts
	facts    []known
	trails   map[trailOf]trail
	findings []*Finding
	// overflows has those of the rules that have reported something. They are few, so that a list is faster than a map.
	overflows []overflow
	joints    []joint
	repeats   []repeat
	stages    []*plan.Stage     // by instruction; nil before the first FROM
	byStage   [][]*shell.Script // what stageScripts has found
	windows   map[*parser.Instruction]*shell.Script
	named     map[*parser.Instruction][]stageWord

	suppressed []*Finding // by comments
	upkeep     func() *upkeep
}

// Lint runs the rules over b and returns their findings, ordered by place and then by rule. It does not panic for
// what a rule does: that becomes a finding of RuleBug.
func (l *Linter) Lint(b Build) []*Finding {
	found, _ := l.LintAll(b)
	return found
}

// LintAll is Lint, and what ignore comments suppressed, in the same order.
func (l *Linter) LintAll(b Build) (found, suppressed []*Finding) {
	l.LintEach([]Build{b}, func(_ int, f, s []*Finding) { found, suppressed = f, s })
	return found, suppressed
}

// LintEach is LintAll for several builds, whose numbers tell gets, in their order. It is faster than one after the other: each check looks
// at all of them before the next one does, so that its code need not be fetched again for each.
func (l *Linter) LintEach(builds []Build, tell func(i int, found, suppressed []*Finding)) {
	passes := l.takePasses()
	defer l.release(passes)
	runs := make([]*run, len(builds))
	for i, b := range builds {
		runs[i] = l.newRun(b, b.Plan.File.Source, passes)
	}
	l.walk(runs)
	for i, r := range runs {
		found, suppressed := r.finish()
		tell(i, found, suppressed)
	}
}

// finish is what is left of the findings of r, and what comments suppressed.
func (r *run) finish() (found, suppressed []*Finding) {
	for i := range r.overflows {
		r.overflows[i].tell()
	}
	old := oldest(r.findings)
	for _, f := range r.findings {
		r.settle(f)
		old.settle(f)
	}
	r.suppress()
	r.join()
	return r.tellOnce(r.order(r.findings)), r.order(r.suppressed)
}

// newRun is a run over b whose own findings are in source.
func (l *Linter) newRun(b Build, source *parser.Source, passes []Pass) *run {
	if b.Scripts == nil {
		b.Scripts = new(shell.Scripts)
	}
	r := &run{l: l, source: source, build: b, passes: passes, broken: make([]bool, len(l.rules)), scripts: b.Scripts}
	r.plan = b.Plan
	if b.Plan == nil {
		return r
	}
	r.upkeep = sync.OnceValue(func() *upkeep {
		u := upkeepOf(b.Plan, b.Accounts)
		return &u
	})
	r.stages = make([]*plan.Stage, len(b.Plan.File.Instructions))
	for _, s := range r.plan.Stages {
		if s.From != nil {
			r.stages[s.From.Index] = s
		}
		for _, step := range s.Steps {
			r.stages[step.Instruction.Index] = s
		}
	}
	return r
}

// takePasses are passes for runs, which are about none of them yet.
func (l *Linter) takePasses() []Pass {
	if passes, ok := l.passes.Get().(*[]Pass); ok {
		return *passes
	}
	passes := make([]Pass, len(l.rules))
	for i, rule := range l.rules {
		passes[i] = Pass{Now: l.settings.Now, Options: l.options[i], rule: rule}
	}
	return passes
}

// release keeps passes for the next runs, without what they are about.
func (l *Linter) release(passes []Pass) {
	for i := range passes {
		p := &passes[i]
		p.File, p.Plan, p.run = nil, nil, nil
	}
	l.passes.Put(&passes)
}

// see makes p one of the build of r.
func (p *Pass) see(r *run) {
	if p.run == r {
		return
	}
	p.run, p.Plan, p.File = r, r.plan, nil
	if r.plan != nil {
		p.File = r.plan.File
	}
}

func (r *run) script(step *plan.Step) *shell.Script {
	sc := r.scripts.Of(step)
	if sc != nil && sc.ForWindows() {
		if r.windows == nil {
			r.windows = map[*parser.Instruction]*shell.Script{}
		}
		r.windows[step.Stage.Steps[step.Index].Instruction] = sc
	}
	return sc
}

// stageScripts are the scripts of each RUN of a stage of the build.
//
//go:noinline
func (r *run) stageScripts(s *plan.Stage) []*shell.Script {
	own := r.plan != nil && s.Index < len(r.plan.Stages) && r.plan.Stages[s.Index] == s // and not a copy
	if own && r.byStage != nil && r.byStage[s.Index] != nil {
		return r.byStage[s.Index]
	}
	n := 0
	for _, step := range s.Steps {
		if step.Instruction.Name == "RUN" {
			n++
		}
	}
	out := make([]*shell.Script, 0, n)
	for _, step := range s.Steps {
		if sc := r.script(step); sc != nil {
			out = append(out, sc)
		}
	}
	if own {
		if r.byStage == nil {
			r.byStage = make([][]*shell.Script, len(r.plan.Stages))
		}
		r.byStage[s.Index] = out
	}
	return out
}

// Bug is a finding of RuleBug: rule failed on the file source.
func (l *Linter) Bug(source *parser.Source, rule *Rule, format string, args ...any) *Finding {
	f := &Finding{Rule: l.index()[RuleBug], Severity: Error, Source: source, Message: sprintf(format, args)}
	return f.Advise("please report it with this file; `--ignore %s` skips the rule", rule.Name)
}

// settle adds to f what follows from its place and the settings.
func (r *run) settle(f *Finding) {
	if s := r.l.settings.Rules[f.Rule.Name].Severity; s != nil {
		f.Severity = *s
	}
	f.Preview = r.l.newer[f.Rule]
	if r.plan == nil || f.Source != r.plan.File.Source {
		return
	}
	if f.Doubt == "" {
		if f.Doubt = r.upkeep().doubt(f); f.Doubt != "" {
			f.Breaks = ""
		}
	}
	ins := r.plan.File.Instructions
	i, found := slices.BinarySearchFunc(ins, f.Span.Start, func(in *parser.Instruction, off int) int {
		switch {
		case in.Span.End <= off && (in.Span.End < off || f.Span.Len() > 0):
			return -1
		case in.Span.Start > off:
			return 1
		}
		return 0
	})
	if !found {
		return
	}
	f.Instruction = Instruction{ins[i].Name, ins[i].Span, i}
	if sc := r.windows[ins[i]]; sc != nil && f.Doubt == "" {
		f.Doubt = "`" + sc.Shell + "` runs this step, and dockvet only knows part of its syntax"
	}
	if s := r.stages[i]; s != nil && s.From != nil {
		f.stages = r.stageWords(s, ins[i])
		if f.Stage = s.Name; f.Stage == "" {
			f.Stage = strconv.Itoa(s.Index)
		}
	}
}

// Newer reports whether edition a, such as 2026.1, came after b.
func Newer(a, b string) bool {
	if a == b {
		return false
	}
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	return slices.CompareFunc(x, y, func(m, n string) int {
		i, _ := strconv.Atoi(m) // anything but a number counts as 0
		j, _ := strconv.Atoi(n)
		return cmp.Compare(i, j)
	}) > 0
}

// order sorts findings and drops duplicates, and those with a doubt unless the settings ask for them.
func (r *run) order(findings []*Finding) []*Finding {
	s := &r.l.settings
	findings = slices.DeleteFunc(findings, func(f *Finding) bool {
		return f.Doubt != "" && s.Profile != Strict && s.Rules[f.Rule.Name].Severity == nil
	})
	order.By(findings, compare)
	return slices.CompactFunc(findings, func(a, b *Finding) bool {
		return compare(a, b) == 0 && a.Message == b.Message
	})
}

// Merge joins what Lint says of several builds of one Dockerfile. Identical findings become one: the first of them,
// or the first that is sure.
func Merge(builds ...[]*Finding) []*Finding {
	if len(builds) == 1 {
		return builds[0]
	}
	all := slices.Concat(builds...)
	order.By(all, func(a, b *Finding) int {
		return cmp.Or(compare(a, b), cmp.Compare(min(len(a.Doubt), 1), min(len(b.Doubt), 1)), -cmp.Compare(min(len(a.alone), 1), min(len(b.alone), 1)))
	})
	var out []*Finding
	for i := 0; i < len(all); {
		n := i + 1
		for n < len(all) && compare(all[i], all[n]) == 0 {
			n++
		}
		if !all[i].Rule.AllBuilds || n-i >= len(builds) {
			out = append(out, all[i])
		}
		i = n
	}
	return out
}

func compare(a, b *Finding) int {
	return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), strings.Compare(a.Rule.Name, b.Rule.Name),
		cmp.Compare(a.Span.End, b.Span.End), strings.Compare(cmp.Or(a.alone, a.Message), cmp.Or(b.alone, b.Message)))
}
