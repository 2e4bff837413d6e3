package lint

import (
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// checks are those of a Linter's rules, by what they look at.
type checks struct {
	files    []bound[func(*Pass)]
	images   []bound[func(*Pass, *plan.Image, *plan.Stage)]
	stages   []bound[func(*Pass, *plan.Stage)]
	steps    table[stepCheck]
	scripts  []bound[func(*Pass, *shell.Script)]
	commands table[func(*Pass, *shell.Command)]
	calls    table[func(*Pass, *shell.Call)]
	declared []bound[func(*Pass, *Declaration)]
}

// bound is a check with the number of its rule in Linter.rules.
type bound[F any] struct {
	rule  int
	check F
}

type stepCheck struct {
	do       func(*Pass, *plan.Step)
	triggers bool
}

// table has the checks for what has a name, in a list for each name; "" is for all names.
type table[F any] struct {
	at    map[string]int // the number of the list
	all   int            // the number of the list for all names, plus 1
	lists [][]bound[F]
}

func (c *checks) bind(rule int, x Check) {
	if x.check == nil {
		return
	}
	switch {
	case x.file != nil:
		c.files = append(c.files, bound[func(*Pass)]{rule, x.file})
	case x.stage != nil:
		c.stages = append(c.stages, bound[func(*Pass, *plan.Stage)]{rule, x.stage})
	case x.step != nil:
		c.steps.bind(x.keywords, rule, stepCheck{x.step, x.triggers})
	case x.script != nil:
		c.scripts = append(c.scripts, bound[func(*Pass, *shell.Script)]{rule, x.script})
	case x.command != nil:
		c.commands.bind(x.names, rule, x.command)
	case x.call != nil:
		c.calls.bind(x.managers(), rule, x.call)
	case x.image != nil:
		c.images = append(c.images, bound[func(*Pass, *plan.Image, *plan.Stage)]{rule, x.image})
	case x.declared != nil:
		c.declared = append(c.declared, bound[func(*Pass, *Declaration)]{rule, x.declared})
	}
	for _, m := range x.more {
		c.bind(rule, m)
	}
}

func (t *table[F]) bind(names []string, rule int, check F) {
	if len(names) == 0 {
		names = []string{""}
	}
	if t.at == nil {
		const about = 56 // names
		t.at, t.lists = make(map[string]int, about), make([][]bound[F], 0, about)
	}
	for _, n := range names {
		i, ok := t.at[n]
		if !ok {
			i = len(t.lists)
			t.at[n] = i
			t.lists = append(t.lists, nil)
			if n == "" {
				t.all = i + 1
			}
		}
		t.lists[i] = append(t.lists[i], bound[F]{rule, check})
	}
}

// seen is something that checks look at.
type seen[T any] struct {
	run  *run
	in   scopeSet
	what T
}

// scopeSet is the scopes that something is in.
type scopeSet [FinalStage + 1]bool

// scopes are the scopes that stage s is in; all of them for no stage.
func (r *run) scopes(s *plan.Stage) (in scopeSet) {
	in[AnyStage] = true
	in[ShippedStage] = s == nil || s.Shipped
	in[FinalStage] = s == nil || s == r.plan.Target
	return in
}

// walk is what there is to look at in some builds. It is kept for the next ones, so that its lists need not grow again.
type walk struct {
	files    []seen[struct{}]
	images   []seen[imageAt]
	stages   []seen[*plan.Stage]
	steps    named[*plan.Step]
	scripts  []seen[*shell.Script]
	commands named[*shell.Command]
	calls    named[*shell.Call]
}

func (c *checks) newWalk() *walk {
	return &walk{
		steps:    make(named[*plan.Step], len(c.steps.lists)),
		commands: make(named[*shell.Command], len(c.commands.lists)),
		calls:    make(named[*shell.Call], len(c.calls.lists)),
	}
}

type imageAt struct {
	image *plan.Image
	stage *plan.Stage
}

// named is what there is to look at for each list of a table.
type named[T any] [][]seen[T]

func collect[F, T any](n named[T], t *table[F], name string, x seen[T]) {
	if i, ok := t.at[name]; ok {
		n[i] = append(n[i], x)
	}
	if t.all > 0 && name != "" {
		n[t.all-1] = append(n[t.all-1], x)
	}
}

// walk has each check look at all that is there for it in the builds of runs before the next one does.
func (l *Linter) walk(runs []*run) {
	w, ok := l.walks.Get().(*walk)
	if !ok {
		w = l.checks.newWalk()
	}
	c := &l.checks
	for _, r := range runs {
		w.add(c, r)
	}
	each(c.files, w.files, func(check func(*Pass), p *Pass, _ struct{}) { check(p) })
	each(c.images, w.images, func(check func(*Pass, *plan.Image, *plan.Stage), p *Pass, x imageAt) { check(p, x.image, x.stage) })
	each(c.stages, w.stages, call)
	for i, list := range c.steps.lists {
		each(list, w.steps[i], func(check stepCheck, p *Pass, step *plan.Step) {
			if !step.OnBuild || check.triggers {
				check.do(p, step)
			}
		})
	}
	for _, r := range runs {
		w.read(c, r)
	}
	w.checkScripts(c)
	w.clear()
	l.walks.Put(w)
}

// add adds what there is to look at in the build of r, except for its shell code.
func (w *walk) add(c *checks, r *run) {
	w.files = append(w.files, seen[struct{}]{run: r, in: r.scopes(nil)})
	if len(c.images) > 0 {
		for i, at := range r.plan.Images() {
			w.images = append(w.images, seen[imageAt]{r, r.scopes(at.Stage), imageAt{i, at.Stage}})
		}
	}
	for _, s := range r.plan.Stages {
		in := r.scopes(s)
		w.stages = append(w.stages, seen[*plan.Stage]{r, in, s})
		for _, step := range s.Steps {
			if step.Instruction.Cmd != nil {
				collect(w.steps, &c.steps, step.Instruction.Name, seen[*plan.Step]{r, in, step})
			}
			if t := step.Trigger; t != nil && t.Instruction.Cmd != nil {
				if i, ok := c.steps.at[t.Instruction.Name]; ok {
					w.steps[i] = append(w.steps[i], seen[*plan.Step]{r, in, t})
				}
			}
		}
	}
}

// read adds the shell code in the build of r. What ShellCheck has judged is checked at once.
func (w *walk) read(c *checks, r *run) {
	judged := r.build.Outside.ShellCheck != nil
	if len(c.scripts)+len(c.commands.lists)+len(c.calls.lists) == 0 && !judged {
		return
	}
	for _, s := range r.plan.Stages {
		in := r.scopes(s)
		for _, step := range s.Steps {
			for ; step != nil; step = step.Trigger {
				sc := r.script(step)
				if sc == nil {
					continue
				}
				if !judged {
					w.code(c, r, in, sc)
					continue
				}
				one, first := c.newWalk(), len(r.findings)
				one.code(c, r, in, sc)
				one.checkScripts(c)
				r.shellcheck(sc, first)
			}
		}
	}
}

func (w *walk) code(c *checks, r *run, in scopeSet, sc *shell.Script) {
	w.scripts = append(w.scripts, seen[*shell.Script]{r, in, sc})
	for _, x := range sc.Commands {
		collect(w.commands, &c.commands, x.Name, seen[*shell.Command]{r, in, x})
	}
	if len(c.calls.lists) == 0 {
		return
	}
	for _, x := range sc.Calls() {
		collect(w.calls, &c.calls, x.Manager, seen[*shell.Call]{r, in, x})
	}
}

func (w *walk) checkScripts(c *checks) {
	each(c.scripts, w.scripts, call)
	for i, list := range w.commands {
		each(c.commands.lists[i], list, call)
	}
	for i, list := range w.calls {
		each(c.calls.lists[i], list, call)
	}
}

func (w *walk) clear() {
	w.files, w.images, w.stages, w.scripts = none(w.files), none(w.images), none(w.stages), none(w.scripts)
	for i := range w.steps {
		w.steps[i] = none(w.steps[i])
	}
	for i := range w.commands {
		w.commands[i] = none(w.commands[i])
	}
	for i := range w.calls {
		w.calls[i] = none(w.calls[i])
	}
}

func none[T any](list []T) []T {
	clear(list)
	return list[:0]
}

func call[T any](check func(*Pass, T), p *Pass, x T) { check(p, x) }

// each runs the checks in list on what is seen, except those of rules that are not for its stage or have already failed on its file.
func each[F, T any](list []bound[F], all []seen[T], check func(F, *Pass, T)) {
	for i := range list {
		for left := all; len(left) > 0; {
			left = some(&list[i], left, check)
		}
	}
}

// some runs a check on what is seen, up to where it panics. It returns what is after that.
func some[F, T any](b *bound[F], all []seen[T], check func(F, *Pass, T)) (left []seen[T]) {
	i := 0
	defer func() {
		if what := recover(); what != nil {
			r := all[i].run
			r.broken[b.rule] = true
			name := r.passes[b.rule].rule
			r.findings = append(r.findings, r.l.Bug(r.source, name, "bug in rule %s: %v", name.Name, what))
			left = all[i+1:]
		}
	}()
	for ; i < len(all); i++ {
		x := &all[i]
		if r := x.run; !r.broken[b.rule] {
			if p := &r.passes[b.rule]; x.in[p.rule.Scope] {
				p.see(r)
				check(b.check, p, x.what)
			}
		}
	}
	return nil
}
