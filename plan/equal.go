package plan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Equal reports whether a and b make the same build: the same steps with the same sources, environments and mounts,
// and the same image configuration, for every target stage, whatever their base images hold and whatever build
// arguments are given. The history, times and digest of the image may differ. A no may be wrong, a yes never is: a
// test holds both against BuildKit.
func Equal(a, b *Plan) bool { return len(Diff(a, b)) == 0 }

// Diff says how the builds of a and b differ, one sentence for each difference: lower-case, no full stop. It is empty
// if and only if they are equal. A build that cannot be compared, because its file holds control characters or its
// variables grow without end, differs from each, itself included. After maxDifferences it ends.
func Diff(a, b *Plan) []string {
	for _, p := range []*Plan{a, b} {
		// NUL would be something else in a word that goes through BuildKit's lexer: see scannable.Text.
		if bytes.ContainsAny(p.File.Bytes, symbolStart+symbolEnd+"\x00") {
			return []string{"the file holds control characters, so that builds cannot be compared"}
		}
	}
	x, y := a.form(), b.form()
	if x.large || y.large {
		return []string{"what the file builds is too large to be compared"}
	}
	d := differ{}
	if was, is := refusals(a), refusals(b); was != is {
		d.say("what BuildKit refuses changes from `%s` to `%s`", short(was), short(is))
	}
	if x.syntax != y.syntax {
		d.say("the frontend changes from `%s` to `%s`", x.syntax, y.syntax)
	}
	if len(x.stages) != len(y.stages) {
		d.say("the number of stages changes from %d to %d", len(x.stages), len(y.stages))
		return d.out
	}
	for i := range x.stages {
		if len(d.out) >= maxDifferences {
			break
		}
		if len(x.stages) > 1 {
			d.prefix = fmt.Sprintf("stage %d: ", i)
			if name := y.stages[i].name; name != "" {
				d.prefix = fmt.Sprintf("stage %s: ", name)
			}
		}
		d.stage(&x.stages[i], &y.stages[i])
	}
	return d.out
}

// refusals are the errors of p's file. Those outside of instructions, such as a repeated directive, show
// nowhere else. Adjacent lines with unknown instructions are one error, so that each line is named instead.
func refusals(p *Plan) string {
	var all []string
	for _, e := range p.File.Errors {
		if !strings.HasPrefix(e.Message, "unknown instruction ") {
			all = append(all, e.Message)
		}
	}
	for _, in := range p.File.Instructions {
		if in.Cmd == nil {
			all = append(all, in.Name)
		}
	}
	return strings.Join(all, "; ")
}

// maxDifferences is how many differences are worth a sentence.
const maxDifferences = 100

type differ struct {
	prefix string
	out    []string
	same   [2]*property // the last two environments that were found equal
}

func (d *differ) say(format string, args ...any) {
	d.out = append(d.out, d.prefix+readable(fmt.Sprintf(format, args...)))
}

// readable writes symbols as people would.
func readable(s string) string {
	return strings.NewReplacer(symbolStart, "‹", symbolEnd, "›").Replace(s)
}

func (d *differ) stage(x, y *canonicalStage) {
	if x.name != y.name {
		d.say("its name changes from `%s` to `%s`", x.name, y.name)
	}
	if x.base != y.base {
		d.say("its base changes from `%s` to `%s`", x.base, y.base)
	}
	if x.platform != y.platform {
		d.say("its platform changes from `%s` to `%s`", x.platform, y.platform)
	}
	if x.choice != y.choice {
		d.say("a stage that `%s` may name hands something else on", y.base)
	}
	d.steps(x.steps, y.steps)
	d.properties("image: ", x.config, y.config)
}

// steps compares two lists of steps: those at both ends that are the same are left out, the rest is paired by keyword.
func (d *differ) steps(x, y []canonicalStep) {
	for len(x) > 0 && len(y) > 0 && d.equal(&x[0], &y[0]) {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && d.equal(&x[len(x)-1], &y[len(y)-1]) {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	for i := range max(len(x), len(y)) {
		switch {
		case len(d.out) >= maxDifferences:
			return
		case i >= len(x):
			d.say("step %d %s is new", y[i].number, y[i].keyword)
		case i >= len(y):
			d.say("step %d %s is gone", x[i].number, x[i].keyword)
		case x[i].keyword != y[i].keyword:
			d.say("step %d %s becomes step %d %s", x[i].number, x[i].keyword, y[i].number, y[i].keyword)
		case !d.equal(&x[i], &y[i]):
			d.properties(fmt.Sprintf("step %d %s: ", y[i].number, y[i].keyword), x[i].properties(), y[i].properties())
		}
	}
}

// equal reports whether two steps are. Most share their environment with the step before, so it is compared once.
func (d *differ) equal(x, y *canonicalStep) bool {
	if x.keyword != y.keyword || len(x.env) != len(y.env) || !slices.Equal(x.fields, y.fields) {
		return false
	}
	if len(x.env) == 0 || d.same == [2]*property{&x.env[0], &y.env[0]} {
		return true
	}
	if !slices.Equal(x.env, y.env) {
		return false
	}
	d.same = [2]*property{&x.env[0], &y.env[0]}
	return true
}

// properties are everything that the result of s depends on.
func (s *canonicalStep) properties() []property {
	out := slices.Clone(s.fields)
	for _, v := range s.env {
		out = append(out, property{"environment " + v.name, v.value})
	}
	return out
}

// properties compares two ordered lists; a name may appear in them more than once.
func (d *differ) properties(where string, x, y []property) {
	if slices.Equal(x, y) {
		return
	}
	before := len(d.out)
	old := map[string][]string{}
	for _, p := range x {
		old[p.name] = append(old[p.name], p.value)
	}
	for _, p := range y {
		values := old[p.name]
		switch {
		case len(values) == 0:
			d.say("%s%s", where, gained(p.name, p.value))
		case values[0] != p.value:
			d.say("%s%s changes from `%s` to `%s`", where, p.name, short(values[0]), short(p.value))
			old[p.name] = values[1:]
		default:
			old[p.name] = values[1:]
		}
	}
	for _, p := range x {
		if values := old[p.name]; len(values) > 0 {
			old[p.name] = values[1:]
			kind, name, ok := strings.Cut(p.name, " ")
			if ok {
				d.say("%s%s loses %s", where, kind, name)
			} else {
				d.say("%s%s is gone", where, p.name)
			}
		}
	}
	if len(d.out) == before {
		d.say("%sthe order changes", where)
	}
}

func gained(name, value string) string {
	if kind, rest, ok := strings.Cut(name, " "); ok {
		return fmt.Sprintf("%s gains %s", kind, rest)
	}
	return fmt.Sprintf("%s becomes `%s`", name, short(value))
}

// short cuts a long value for a sentence.
func short(s string) string {
	const most = 60 // bytes, about what fits beside the rest of the sentence
	s = strings.ReplaceAll(s, "\n", "⏎")
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
