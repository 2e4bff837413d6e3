package house

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// walk is the work of one rule on one build.
type walk struct {
	pass  *lint.Pass
	meter *meter
}

// lesser is the least certain of truths.
func lesser(list ...truth) truth { return slices.Min(list) }

// steps are the instructions of s, with those that ONBUILD stores.
func (w *walk) steps(s *plan.Stage, f func(*plan.Step) bool) {
	for _, step := range s.Steps {
		for ; step != nil; step = step.Trigger {
			if !w.meter.spend(1) || step.Instruction.Cmd != nil && !f(step) {
				return
			}
		}
	}
}

func (x *Image) words() []string { return []string{"image", "registry", "name", "tag", "digest"} }

func (x *Image) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	look := func(i *plan.Image, in string) bool {
		if i == nil || i.Stage != nil || i.Scratch || i.Named || len(x.In) > 0 && !slices.Contains(x.In, in) {
			return true
		}
		registry, name, tag, digest := subject{open: true}, subject{open: true}, subject{open: true}, subject{open: true}
		value := map[string]string{"image": i.Word.String}
		switch ref := i.Ref; {
		case ref != nil:
			registry, name, tag, digest = fixed(ref.Registry), fixed(ref.Name()), maybe(ref.Tag), maybe(ref.Digest)
			value = map[string]string{"image": i.Value.Text, "registry": ref.Registry, "name": ref.Name(), "tag": ref.Tag, "digest": ref.Digest}
		case i.Literal != nil:
			// The name has a registry in front that is not known.
			tag, digest = maybe(i.Literal.Ref.Tag), maybe(i.Literal.Ref.Digest)
		case i.Value.Known:
			return true // it is not valid
		}
		t := lesser(x.Registry.of(registry, w.meter), x.Name.of(name, w.meter), x.Tag.of(tag, w.meter), x.Digest.of(digest, w.meter))
		return yield(t, hit{i.Origin, func(word string) string { return value[word] }})
	}
	if !look(s.Base, "FROM") {
		return
	}
	w.steps(s, func(step *plan.Step) bool {
		if step.Copy != nil && !look(step.Copy.From, "COPY") {
			return false
		}
		for _, m := range step.Mounts {
			if !look(m.From, "RUN") {
				return false
			}
		}
		return true
	})
}

// pairs yields the pairs of all instructions of s with that name.
func (w *walk) pairs(s *plan.Stage, instruction string, key, value *Pattern, yield func(truth, hit) bool) {
	w.steps(s, func(step *plan.Step) bool {
		return step.Instruction.Name != instruction || w.stepPairs(step, key, value, yield)
	})
}

func (w *walk) stepPairs(step *plan.Step, key, value *Pattern, yield func(truth, hit) bool) bool {
	for _, pair := range step.Instruction.Pairs {
		k := step.Env.Expand(pair.Key.Value)
		var v subject
		if pair.HasValue {
			v = one(step.Env.Expand(pair.Value.Value))
		}
		span := pair.Span
		switch {
		case value == nil:
			span = pair.Key.Full()
		case pair.HasValue && pair.Value.Full().Len() > 0:
			span = pair.Value.Full()
		}
		if span.Len() == 0 {
			span = step.Instruction.Head()
		}
		t := lesser(key.of(one(k), w.meter), value.of(v, w.meter))
		if !yield(t, hit{span, func(word string) string {
			if word == "value" {
				if len(v.values) == 0 {
					return ""
				}
				return v.values[0].Text
			}
			return k.Text
		}}) {
			return false
		}
	}
	return true
}

func (x *Label) words() []string { return []string{"key", "value"} }

func (x *Label) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	w.pairs(s, "LABEL", x.Key, x.Value, yield)
}

type envMatcher Variable

func (x *envMatcher) words() []string { return []string{"name", "value"} }

func (x *envMatcher) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	w.pairs(s, "ENV", x.Name, x.Value, yield)
}

type argMatcher Variable

func (x *argMatcher) words() []string { return []string{"name", "value"} }

func (x *argMatcher) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	if s != nil {
		w.pairs(s, "ARG", x.Name, x.Value, yield)
		return
	}
	for _, step := range w.pass.Plan.Globals {
		if step.Instruction.Name == "ARG" && step.Instruction.Cmd != nil && !w.stepPairs(step, x.Name, x.Value, yield) {
			return
		}
	}
}

func (x *User) words() []string { return []string{"user", "group"} }

func (x *User) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	var user, group subject
	end := s.End.User
	name, after, colon := strings.Cut(end.Text, ":")
	span := parser.Span{}
	if s.From != nil {
		span = s.From.Head()
	}
	switch step := s.End.UserStep; {
	case step != nil:
		user = one(plan.Value{Text: name, Known: end.Known})
		if colon || !end.Known {
			group = one(plan.Value{Text: after, Known: end.Known})
		}
		if step.Stage == s {
			span = step.Instruction.Args[0].Full()
		}
	case s.From == nil:
		return
	default:
		user.open, group.open = !end.Known, !end.Known // the base image decides
	}
	t := lesser(x.Name.of(user, w.meter), x.Group.of(group, w.meter))
	yield(t, hit{span, func(word string) string {
		if word == "group" {
			return after
		}
		return name
	}})
}

func (x *Expose) words() []string { return []string{"port", "protocol"} }

func (x *Expose) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	w.steps(s, func(step *plan.Step) bool {
		if step.Instruction.Name != "EXPOSE" {
			return true
		}
		for _, word := range step.Instruction.Args {
			v := step.Env.Expand(word.Value)
			port, protocol, ok := strings.Cut(v.Text, "/")
			if !ok {
				protocol = "tcp"
			}
			protocol = strings.ToLower(protocol)
			t := lesser(x.Port.of(one(plan.Value{Text: port, Known: v.Known}), w.meter),
				x.Protocol.of(one(plan.Value{Text: protocol, Known: v.Known}), w.meter))
			if !yield(t, hit{word.Full(), func(word string) string {
				if word == "protocol" {
					return protocol
				}
				return port
			}}) {
				return false
			}
		}
		return true
	})
}

func (x *Run) words() []string { return []string{"command", "host", "url"} }

func (x *Run) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	w.steps(s, func(step *plan.Step) bool {
		script := w.pass.Script(step)
		if script == nil {
			return true
		}
		for _, c := range script.Commands {
			if w.meter.spend(1) && len(c.Words) > 0 && !x.command(w, c, yield) || !w.meter.ok() {
				return false
			}
		}
		return true
	})
}

func (x *Run) command(w *walk, c *shell.Command, yield func(truth, hit) bool) bool {
	t := x.Command.of(one(plan.Value{Text: c.Name, Known: c.Name != ""}), w.meter)
	if t > no && x.Arguments != nil {
		arguments := subject{flags: c}
		for _, word := range c.Args() {
			arguments.values = append(arguments.values, expand(c, word))
		}
		t = lesser(t, x.Arguments.of(arguments, w.meter))
	}
	if t > no && x.Pipes != nil {
		var pipes subject
		for next := c.PipeTo; next != nil && w.meter.spend(1); next = next.PipeTo {
			pipes.values = append(pipes.values, plan.Value{Text: next.Name, Known: next.Name != ""})
		}
		t = lesser(t, x.Pipes.of(pipes, w.meter))
	}
	for _, name := range x.WithoutEnv {
		if t > no && len(variable(w, c, name).values) > 0 {
			t = no
		}
	}
	for name, p := range x.Env {
		if t > no {
			t = lesser(t, p.of(variable(w, c, name), w.meter))
		}
	}
	if t == no {
		return yield(no, hit{})
	}
	if x.Host == nil {
		return yield(t, hit{c.Span, func(word string) string {
			if word == "command" {
				return c.Name
			}
			return ""
		}})
	}
	for _, u := range download.URLs(c) {
		if !yield(lesser(t, x.Host.of(one(u.Host), w.meter)), hit{u.Span, func(word string) string {
			switch word {
			case "host":
				return u.Host.Text
			case "url":
				return u.Text
			}
			return c.Name
		}}) {
			return false
		}
	}
	return true
}

// expand is the text of a word with the variables that the Dockerfile sets.
func expand(c *shell.Command, word shell.Word) plan.Value {
	if word.Literal {
		return plan.Value{Text: word.Text, Known: true}
	}
	v := c.Script.Step.Env.Expand(word.Text)
	if !v.Known {
		v.Text = word.Text
	}
	return v
}

// variable is the value that a variable has for c: none if nothing in the Dockerfile sets it.
func variable(w *walk, c *shell.Command, name string) subject {
	for at := c; at != nil; at = at.Outer {
		for _, a := range at.Assigns {
			if a.Name == name {
				return one(expand(c, a.Value))
			}
		}
		if at.Name == "env" { // its words end with those of the command that it runs
			for _, word := range at.Args() {
				if key, value, ok := strings.Cut(word.Text, "="); ok && key == name {
					word.Text = value
					return one(expand(c, word))
				}
			}
		}
	}
	for _, other := range c.Script.Root().Commands {
		if other.Span.Start >= c.Span.Start || !w.meter.spend(1) {
			break
		}
		if other.Name == "export" {
			for _, word := range other.Args() {
				if key, _, _ := strings.Cut(word.Text, "="); key == name {
					return one(plan.Value{}) // where it holds depends on the script
				}
			}
		}
	}
	if v := c.Script.Step.Env.Lookup(name); v != nil && v.Set {
		return one(v.Value())
	}
	return subject{}
}

func (x *Copy) words() []string {
	return []string{"instruction", "source", "destination", "from", "host"}
}

func (x *Copy) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	w.steps(s, func(step *plan.Step) bool {
		t := step.Copy
		if t == nil {
			return true
		}
		from := subject{}
		if f := step.Instruction.Flag("from"); f != nil {
			from = fixed(f.Value.Value)
		}
		common := lesser(x.Instruction.of(fixed(step.Instruction.Name), w.meter), x.Destination.of(one(t.To), w.meter),
			x.From.of(from, w.meter), flags(w, step, x.Flags))
		at := func(span parser.Span, source plan.Value, host string) hit {
			return hit{span, func(word string) string {
				switch word {
				case "instruction":
					return step.Instruction.Name
				case "source":
					return source.Text
				case "destination":
					return t.To.Text
				case "from":
					if len(from.values) > 0 {
						return from.values[0].Text
					}
				case "host":
					return host
				}
				return ""
			}}
		}
		if x.Source == nil && x.Host == nil {
			first := plan.Value{}
			if len(t.Sources) > 0 {
				first = t.Sources[0].Path
			}
			return yield(common, at(step.Instruction.Head(), first, ""))
		}
		for _, src := range t.Sources {
			if src.Heredoc || x.Host != nil && !src.Remote {
				continue
			}
			host := ""
			result := lesser(common, x.Source.of(one(src.Path), w.meter))
			if x.Host != nil {
				host = download.Host(src.Path.Text)
				result = lesser(result, x.Host.of(one(plan.Value{Text: host, Known: !strings.ContainsAny(host, "$")}), w.meter))
			}
			if !yield(result, at(src.Word.Full(), src.Path, host)) {
				return false
			}
		}
		return true
	})
}

// flags compares the options of an instruction.
func flags(w *walk, step *plan.Step, want map[string]Pattern) truth {
	t := yes
	for name, p := range want {
		var s subject
		for i := range step.Instruction.Flags {
			if f := &step.Instruction.Flags[i]; f.Name == name {
				s.values = append(s.values, step.Env.Expand(f.Value.Value))
			}
		}
		t = lesser(t, p.of(s, w.meter))
	}
	return t
}

func (x *Instruction) words() []string { return []string{"instruction", "text"} }

func (x *Instruction) each(w *walk, s *plan.Stage, yield func(truth, hit) bool) {
	look := func(step *plan.Step) bool {
		in := step.Instruction
		t := x.Name.of(fixed(in.Name), w.meter)
		if t == yes {
			t = lesser(t, x.Text.of(fixed(strings.TrimSpace(in.Rest.String)), w.meter), flags(w, step, x.Flags))
		}
		return yield(t, hit{in.Head(), func(word string) string {
			if word == "text" {
				return in.Rest.String
			}
			return in.Name
		}})
	}
	if s.From != nil && !look(&plan.Step{Instruction: s.From, State: plan.State{Env: w.pass.Plan.Env}}) {
		return
	}
	w.steps(s, look)
}
