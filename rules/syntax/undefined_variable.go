package syntax

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/moby/buildkit/util/suggest"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// UndefinedVariable reports a variable that BuildKit itself expands and that nothing sets, so that it is empty. What
// a shell expands when RUN, CMD or ENTRYPOINT run is ignored. If the base image may set the variable, confidence is
// low, unless the file itself shows what went wrong.
var UndefinedVariable = &lint.Rule{
	Name:     "undefined-variable",
	Summary:  "a variable is used that is never set",
	Category: lint.Syntax,
	Aliases:  []string{"UndefinedVar", "DL3044"},
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		u := undefined{pass: p, sets: map[string][]*plan.Step{}}
		for _, stage := range p.Plan.Stages {
			for _, s := range stage.Steps {
				if s.Instruction.Name != "ENV" {
					continue
				}
				for _, pair := range s.Instruction.Pairs {
					u.sets[pair.Key.Value] = append(u.sets[pair.Key.Value], s)
				}
			}
		}
		for _, stage := range p.Plan.Stages {
			for _, s := range stage.Steps {
				if s.Instruction.Cmd != nil {
					u.look(s)
				}
			}
		}
	}),
}

// undefined checks the instructions of a file one by one.
type undefined struct {
	pass  *lint.Pass
	sets  map[string][]*plan.Step // the ENVs that set a name, in order
	step  *plan.Step
	pair  *parser.Pair    // the pair of ENV or LABEL being checked
	none  parser.Pair     // is pair elsewhere
	seen  map[string]bool // names that were reported for this instruction, or that this ARG sets
	calls int

	passing map[*plan.Stage]bool // what passesOn has found out
}

// look checks one instruction.
func (u *undefined) look(s *plan.Step) {
	in := s.Instruction
	u.step, u.pair, u.seen, u.calls = s, &u.none, nil, 0
	switch in.Name {
	case "ENV", "LABEL":
		for i := range in.Pairs {
			u.pair = &in.Pairs[i]
			u.word(&u.pair.Key)
			u.word(&u.pair.Value)
		}
	case "ARG":
		for i := range in.Pairs {
			pair := &in.Pairs[i]
			if pair.HasValue {
				u.word(&pair.Value)
			}
			if len(in.Pairs) > 1 {
				u.saw(pair.Key.Value)
			}
		}
	case "WORKDIR", "USER", "STOPSIGNAL", "VOLUME":
		u.words(in.Args)
	case "COPY", "ADD":
		u.flags("chown", "chmod", "checksum")
		u.words(in.Args)
		for _, h := range in.Heredocs {
			if h.Expand {
				u.references(s.Env.UndefinedIn(h.Body))
			}
		}
	case "RUN":
		u.flags("mount")
	}
}

// twin is the only variable of the file in scope that ends like name, after its last underscore; "" if there is none, or several.
func (u *undefined) twin(name string) (found string) {
	end := name[strings.LastIndexByte(name, '_')+1:]
	if end == "" || end == name {
		return ""
	}
	for v := range u.step.Env.Variables() {
		if v.Step() != nil && v.Step().Stage == u.step.Stage && strings.HasSuffix(v.Name, "_"+end) {
			if found != "" && found != v.Name {
				return ""
			}
			found = v.Name
		}
	}
	return found
}

func (u *undefined) saw(name string) {
	if u.seen == nil {
		u.seen = map[string]bool{}
	}
	u.seen[name] = true
}

func (u *undefined) flags(names ...string) {
	for i := range u.step.Instruction.Flags {
		if f := &u.step.Instruction.Flags[i]; slices.Contains(names, f.Name) {
			u.word(&f.Value)
		}
	}
}

func (u *undefined) words(words []parser.Word) {
	for i := range words {
		u.word(&words[i])
	}
}

func (u *undefined) word(w *parser.Word) {
	if strings.IndexByte(w.Value, '$') >= 0 {
		u.references(u.step.Env.Undefined(*w))
	}
}

func (u *undefined) references(refs []plan.Reference) {
	const enough = 200 // no real instruction has this many, and a hostile one must not take hours
	for _, r := range refs {
		if u.calls >= enough || u.seen[r.Name] || u.variant(r.Name) {
			continue
		}
		u.calls++
		if u.report(r) {
			u.saw(r.Name)
		}
	}
}

// report reports r if it is undefined.
func (u *undefined) report(r plan.Reference) bool {
	p, s := u.pass, u.step
	root := base(s.Stage)
	sets := no
	switch {
	case r.Name == "PATH":
		sets = yes // it has a default whatever the base image sets
	case s.Env.Open():
		sets = setBy(root, r.Name)
	}
	same := u.sameEnv(r.Name) && (sets != yes || !u.setBefore(r.Name))
	if sets == yes && !same {
		return false
	}
	const short = 4 // shorter names are all similar to each other
	f := p.Report(r.Span, "`%s` is not set", r.Name).
		Because("BuildKit replaces an unset variable with an empty string").
		Advise("%s", setAbove(r.Name))
	plain, global := f.Help, p.Plan.Env.Lookup(r.Name)
	if sets != yes {
		f.Alias("UndefinedVar")
	}
	used, _ := s.Env.Uses(s.Instruction.Text.String)
	if near, ok := nearest(r.Name, s.Env.Names()); ok && len(r.Name) >= short && u.pair.Key.Value != r.Name && !r.Guarded &&
		!slices.Contains(used, near) {
		f.Advise("did you mean `%s`?", near)
	} else if twin := u.twin(r.Name); twin != "" && s.Instruction.Name == "LABEL" && !r.Guarded && !confidential(r.Name) {
		f.Advise("did you mean `%s`?", twin)
	}
	switch {
	case same:
		f.Message = "`" + r.Name + "` is set in the same `ENV`"
		f.Because("`ENV` expands all its values before it sets any of them, so here `%s` is still empty", r.Name).
			Advise("set `%s` in a separate `ENV` above", r.Name)
		if sets == maybe {
			f.Because("`ENV` expands all its values before it sets any of them, so here `%s` is empty unless the base image sets it", r.Name)
		}
		if parity.SameEnv(u.setBefore(r.Name)) {
			f.Alias("DL3044")
		}
		if sets == yes {
			f.Message = "`" + r.Name + "` is used in the `ENV` that sets it"
			f.Because("`ENV` expands all its values before it sets any of them, so `$%s` is the previous value here", r.Name).
				Advise("").
				Doubting("the previous value may be intended")
			if u.pair.Key.Value == r.Name {
				f.Message = "this `ENV` sets `" + r.Name + "` more than once, and only the last value remains"
				f.Because("`ENV` expands all its values before it sets any of them, so they are not combined").
					Advise("set `%s` once, with all the parts", r.Name).Doubting("")
				for i := range s.Instruction.Pairs {
					if pair := &s.Instruction.Pairs[i]; pair.Key.Value == r.Name && pair != u.pair {
						f.Relate(pair.Key.Full(), "set here too")
					}
				}
			}
		}
	case r.Guarded:
		f.Because("").Advise("").Doubting("the expression also works without the variable")
	case predefined(r.Name):
		f.Because("BuildKit only provides `%s` in stages that declare it, so here `%s` is empty", r.Name, r.Name).
			Advise("add `ARG %s` above, in this stage", r.Name)
	default:
		u.explain(f, r.Name, sets, root)
	}
	if !same && (f.Help == plain || global != nil && !global.Set) && s.Instruction.Name == "ENV" && confidential(r.Name) {
		if s.Stage.Shipped {
			f.Advise("remove `%s` here, and set it when the container starts", u.pair.Key.Value)
		} else {
			f.Advise("remove `%s` here, and mount a secret in the `RUN` that needs it", u.pair.Key.Value)
		}
	}
	return true
}

// confidential reports whether name seems to hold a credential, or an address that may contain one. What a bundler writes into code
// for browsers is public.
func confidential(name string) bool {
	name = strings.ToUpper(name)
	if strings.Contains(name, "PUBLIC") || strings.HasPrefix(name, "VITE_") || strings.HasPrefix(name, "REACT_APP_") ||
		strings.HasPrefix(name, "VUE_APP_") || strings.HasPrefix(name, "GATSBY_") {
		return false
	}
	for _, part := range [...]string{"PASSWORD", "PASSWD", "TOKEN", "SECRET", "CREDENTIAL"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	for _, end := range [...]string{"_URL", "_URI", "_DSN", "_KEY", "APIKEY", "_PASS", "_PWD"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// setAbove is the help of a finding about name if the file says nothing else.
func setAbove(name string) string { return "set `" + name + "` above with `ENV` or `ARG`" }

// explain adds what the file says about the name, and a doubt if that leaves one.
func (u *undefined) explain(f *lint.Finding, name string, sets answer, root *plan.Ref) {
	p, s := u.pass, u.step
	if global := p.Plan.Env.Lookup(name); global != nil {
		f.Relate(global.Step().Instruction.Head(), "this `ARG` is only visible to `FROM`").
			Because("an `ARG` above the first `FROM` is not set inside stages, so here `%s` is empty", name).
			Advise("add `ARG %s` above, in this stage", name)
		set, missing := p.Plan.Env.Uses(baseWord(s.Stage))
		if sets == maybe && (slices.Contains(set, name) || slices.Contains(missing, name)) {
			f.Message = "`" + name + "` may not be set"
			f.Because("an `ARG` above the first `FROM` is not set inside stages, so here `%s` is empty unless the base image sets it", name).
				Doubting("the base image that this `ARG` selects may set it, too")
		}
		return
	}
	if later := u.setAfter(name); later != nil {
		f.Relate(later.Instruction.Head(), "the variable is set here").
			Because("the instruction that sets the variable comes later").
			Advise("move the instruction that sets `%s` above this one", name)
	}
	if name == "HOME" {
		f.Because("`HOME` is set when a container runs, not when BuildKit reads the file, so it is empty here unless the image sets it").
			Advise("write the home directory's path instead of `$HOME`")
	}
	if s.Instruction.Name == "ENV" && u.pair.Key.Value == name {
		if name != "LD_LIBRARY_PATH" && name != "PYTHONPATH" || u.only(name) {
			doubt := "the only effect may be a stray separator in the value"
			switch {
			case u.only(name) && u.passesOn():
				doubt = ""
				f.Because("this `ENV` passes on a build argument as others do, but no `ARG` declares it, so BuildKit replaces it with an empty string").
					Advise("add `ARG %s` above", name)
			case u.only(name):
				doubt = "the empty value may do no harm"
			case f.Help != setAbove(name):
			case sets == maybe:
				f.Advise("remove `$%s` if the base image does not set it", name)
			default:
				text := p.File.Text(f.Span)
				if element, _, ok := u.element(f, name); ok {
					text = element
				}
				f.Advise("remove `%s` from the value", text)
			}
			f.Doubting("%s", doubt)
		} else if element, instead, ok := u.element(f, name); ok {
			f.Because("without a value for `$%s`, the list has an empty element, which means the current directory", name).
				Advise("write `%s` instead of `%s`", instead, element)
			if sets == no {
				f.Advise("remove `%s`", element)
			}
		}
	}
	if sets == maybe && !slip(name, s.Env.Names()) {
		f.Message = "`" + name + "` may not be set"
		f.Doubting("the base image may set it")
		if root != nil {
			f.Doubting("the base image `%s` may set it", root.Name())
		}
	}
}

// passesOn reports whether another ENV of the stage passes on a build argument that has an ARG, under the same name.
func (u *undefined) passesOn() bool {
	stage := u.step.Stage
	passes, known := u.passing[stage]
	if !known {
		if passes = u.anyPasses(); u.passing == nil {
			u.passing = map[*plan.Stage]bool{}
		}
		u.passing[stage] = passes
	}
	return passes
}

func (u *undefined) anyPasses() bool {
	for _, s := range u.step.Stage.Steps {
		if s.Instruction.Name != "ENV" {
			continue
		}
		for _, pair := range s.Instruction.Pairs {
			text := strings.Trim(pair.Value.Value, `"'`)
			if v := s.Env.Lookup(pair.Key.Value); v != nil && v.Arg && (text == "$"+pair.Key.Value || text == "${"+pair.Key.Value+"}") {
				return true
			}
		}
	}
	return false
}

// only reports whether the value of the pair is nothing but the variable.
func (u *undefined) only(name string) bool {
	text := strings.Trim(u.pair.Value.Value, `"'`)
	return text == "$"+name || text == "${"+name+"}"
}

// element is the text of the reference that f is about with the colon before or after it, and what to write instead, so that an unset
// variable leaves no empty element in the list; ok is false without a colon.
func (u *undefined) element(f *lint.Finding, name string) (text, instead string, ok bool) {
	file := u.pass.File
	from, to := f.Span.Start, f.Span.End
	switch text = file.Text(f.Span); {
	case from > 0 && file.Bytes[from-1] == ':':
		return ":" + text, "${" + name + ":+:$" + name + "}", true
	case to < len(file.Bytes) && file.Bytes[to] == ':':
		return text + ":", "${" + name + ":+$" + name + ":}", true
	}
	return "", "", false
}

// variant reports whether the platform selects the stage that this one is built from, as in `FROM base-$TARGETARCH`,
// and one of the stages it may select sets name.
func (u *undefined) variant(name string) bool {
	s := u.step.Stage
	for _, root := range s.Lineage() {
		s = root
	}
	if s.Base == nil || s.Base.Value.Known {
		return false
	}
	set, missing := u.pass.Plan.Env.Uses(s.Base.Word.String)
	if len(missing) > 0 || slices.ContainsFunc(set, func(name string) bool { return !predefined(name) }) {
		return false
	}
	head, _, ok := strings.Cut(strings.ToLower(s.Base.Word.String), "$")
	const far = 50 // such stages are close above
	return ok && head != "" &&
		slices.ContainsFunc(u.pass.Plan.Stages[max(0, s.Index-far):s.Index], func(other *plan.Stage) bool {
			return strings.HasPrefix(other.Name, head) && other.End.Env.Lookup(name) != nil
		})
}

// sameEnv reports whether another pair of this ENV sets name.
func (u *undefined) sameEnv(name string) bool {
	if u.step.Instruction.Name != "ENV" {
		return false
	}
	return slices.ContainsFunc(u.step.Instruction.Pairs, func(p parser.Pair) bool {
		return p.Key.Value == name && p.Span != u.pair.Span
	})
}

// setBefore reports whether an ENV above sets name, in any stage.
func (u *undefined) setBefore(name string) bool {
	steps := u.sets[name]
	return len(steps) > 0 && order(steps[0], u.step) < 0
}

// setAfter is the first ENV below in the same stage that sets name, or nil.
func (u *undefined) setAfter(name string) *plan.Step {
	steps := u.sets[name]
	i := sort.Search(len(steps), func(i int) bool { return order(steps[i], u.step) > 0 })
	if i < len(steps) && steps[i].Stage == u.step.Stage {
		return steps[i]
	}
	return nil
}

// order compares the positions of two steps.
func order(a, b *plan.Step) int {
	return cmp.Or(cmp.Compare(a.Stage.Index, b.Stage.Index), cmp.Compare(a.Index, b.Index))
}

// nearest is the name that the author may have meant.
func nearest(name string, names []string) (string, bool) {
	const many = 300 // comparing with more names takes longer than it is worth
	if len(names) > many {
		return "", false
	}
	similar := make([]string, 0, 16)
	for _, n := range names {
		if d := utf8.RuneCountInString(n) - utf8.RuneCountInString(name); -3 < d && d < 3 { // else more letters differ than Search allows
			similar = append(similar, n)
		}
	}
	return suggest.Search(name, similar, true)
}

// predefined reports whether name is an ARG that BuildKit sets in stages that declare it.
func predefined(name string) bool {
	switch name {
	case "BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT", "TARGETPLATFORM", "TARGETOS",
		"TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE":
		return true
	}
	return false
}

// slip reports whether name is one letter away from one of names, because a letter is missing, added or different. A
// digit does not count, since A1 and A2 are different things.
func slip(name string, names []string) bool {
	const short = 5
	return len(name) >= short && slices.ContainsFunc(names, func(other string) bool {
		long, brief := other, name
		if len(long) < len(brief) {
			long, brief = brief, long
		}
		if len(long)-len(brief) > 1 {
			return false
		}
		i := 0
		for i < len(brief) && brief[i] == long[i] {
			i++
		}
		if i >= len(long) || long[i] >= '0' && long[i] <= '9' || i < len(brief) && brief[i] >= '0' && brief[i] <= '9' {
			return false
		}
		if len(long) == len(brief) {
			return brief[i+1:] == long[i+1:]
		}
		return brief[i:] == long[i+1:]
	})
}

// base is the image that s is built from in the end, nil if it is unknown.
func base(s *plan.Stage) *plan.Ref {
	if i := s.Image(); i != nil {
		return i.Ref
	}
	return nil
}

// baseWord is the image as the FROM at the root of s names it.
func baseWord(s *plan.Stage) string {
	for s.Base != nil && s.Base.Stage != nil {
		s = s.Base.Stage
	}
	if s.Base == nil {
		return ""
	}
	return s.Base.Word.String
}

type answer int

const (
	maybe answer = iota
	no
	yes
)

// setBy says whether an image sets a variable, as far as that is known.
func setBy(ref *plan.Ref, name string) answer {
	if ref == nil {
		return maybe
	}
	switch sets, known := image.Of(*ref).Sets(name); {
	case sets:
		return yes
	case known:
		return no
	}
	return maybe
}
