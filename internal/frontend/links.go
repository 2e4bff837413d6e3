package frontend

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// link is a COPY --from or a mount that names a stage.
type link struct {
	step *plan.Step
	to   *plan.Stage
	at   parser.Span
	kind Kind
}

// links checks what COPY --from and mounts name, also in stages that the target does not need (toCommand, detectRunMount,
// validateCircularDependency), and that it comes before them.
func (c *compiler) links() {
	var links []link
	states := len(c.plan.Stages) // BuildKit counts the images that COPY and mounts name as stages, and an index can mean them
	for _, s := range c.plan.Stages {
		for _, step := range s.Steps {
			if step.Trigger == nil && len(step.Instruction.Flags) == 0 {
				continue
			}
			c.step, c.breaks = step, true
			if step.Trigger != nil {
				c.trigger(step.Trigger, states)
				continue
			}
			switch cmd := step.Instruction.Cmd.(type) {
			case *instructions.CopyCommand:
				if cmd.From == "" {
					continue
				}
				l, image := c.copyFrom(step, cmd.From, states)
				if image {
					states++
				}
				if l.to != nil {
					links = append(links, l)
				}
			case *instructions.RunCommand:
				if step.Instruction.Flag("mount") == nil {
					continue // a plain RUN has no state of mounts
				}
				flags := mounts(step.Instruction)
				for i, m := range instructions.GetMounts(cmd) {
					if i == len(flags) {
						break
					}
					f := flags[i]
					l, image := c.mountFrom(step, f, m.From)
					if image {
						states++
					}
					if l.to != nil {
						links = append(links, l)
					}
				}
			}
		}
	}
	if len(links) == 0 {
		return
	}
	cyclic := cycles(links)
	for _, l := range links {
		c.step, c.breaks = l.step, true
		own := l.step.Stage
		verb := "copies"
		if l.kind == Mount {
			verb = "mounts"
		}
		switch {
		case l.to == own:
			c.refuse(l.kind, l.at, fmt.Sprintf("stage `%s` %s from itself", name(own), verb), "name another stage")
		case cyclic(own, l.to):
			c.refuse(l.kind, l.at, fmt.Sprintf("stages `%s` and `%s` depend on each other", name(own), name(l.to)),
				"remove one of the two dependencies")
		case l.to.Index > own.Index:
			c.breaks = own.Reached
			c.refuse(l.kind, l.at, fmt.Sprintf("stage `%s` is defined after this one", name(l.to)), "move the stage up")
		}
	}
}

// mounts are the flags of in that are called mount.
func mounts(in *parser.Instruction) []*parser.Flag {
	var out []*parser.Flag
	for i := range in.Flags {
		if f := &in.Flags[i]; f.Name == "mount" {
			out = append(out, f)
		}
	}
	return out
}

// trigger checks the COPY --from or the mounts of a trigger that this file runs (initOnBuildTriggers).
func (c *compiler) trigger(step *plan.Step, states int) {
	c.step = step
	if c.breaks = Triggered(c.plan, step.Stage); !c.breaks {
		return
	}
	var l link
	switch cmd := step.Instruction.Cmd.(type) {
	case *instructions.CopyCommand:
		if cmd.From == "" {
			return
		}
		l, _ = c.copyFrom(step, cmd.From, states)
	case *instructions.RunCommand:
		flags := mounts(step.Instruction)
		if len(flags) == 0 {
			return
		}
		for i, m := range instructions.GetMounts(cmd) {
			if i < len(flags) && l.to == nil {
				l, _ = c.mountFrom(step, flags[i], m.From)
			}
		}
	}
	if l.to == nil {
		return
	}
	for _, child := range c.plan.Stages {
		if child.Reached && child.Base != nil && child.Base.Stage == step.Stage && l.to.Index > child.Index {
			c.refuse(l.kind, l.at, fmt.Sprintf("stage `%s` runs this, and `%s` is not defined above it", name(child), name(l.to)),
				"move the stage up")
			return
		}
	}
}

func name(s *plan.Stage) string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.Itoa(s.Index)
}

// copyFrom checks the value of --from. image says that it counts as one more stage.
func (c *compiler) copyFrom(step *plan.Step, from string, states int) (l link, image bool) {
	f := step.Instruction.Flag("from")
	if f == nil {
		return l, false
	}
	if strings.ContainsAny(from, "$\"'") || strings.IndexByte(from, c.plan.File.Escape) >= 0 {
		if text, _, err := shell.NewLex(rune(c.plan.File.Escape)).ProcessWord(from, none{}); err != nil || text != from {

			c.refuse(CopyFrom, f.Value.Full(), fmt.Sprintf("`--from=%s` contains a variable or a quote", f.Value.String),
				"add a stage `FROM … AS …` above, and copy from that")
			return l, false
		}
	}
	if n, err := strconv.Atoi(from); err == nil {
		switch {
		case n < 0 || n >= states:
			c.refuse(CopyFrom, f.Value.Full(), fmt.Sprintf("there is no stage with index %s", from),
				"use the name of the stage")
		case n < len(c.plan.Stages):
			return link{step, c.plan.Stages[n], f.Value.Full(), CopyFrom}, false
		}
		return l, false
	}
	if step.Copy != nil && step.Copy.From != nil && step.Copy.From.Ref != nil {
		return l, true
	}
	return c.named(step, from, f.Value.Full(), CopyFrom)
}

// mountFrom checks `from` of a mount. Without one BuildKit makes up a stage, too.
func (c *compiler) mountFrom(step *plan.Step, f *parser.Flag, from string) (l link, image bool) {
	if from == "" {
		return l, true
	}
	at := f.Value.Full()
	if i := strings.LastIndex(f.Value.String, from); i >= 0 {
		at = f.Value.Span(i, i+len(from))
	}
	return c.named(step, from, at, Mount)
}

func (c *compiler) named(step *plan.Step, from string, at parser.Span, kind Kind) (l link, image bool) {
	for i := len(c.plan.Stages) - 1; i >= 0; i-- {
		s := c.plan.Stages[i]
		if s.Name != "" && strings.EqualFold(s.Name, from) {
			return link{step, s, at, kind}, false
		}
	}
	if from == "scratch" {
		return l, true
	}
	if _, err := plan.ParseRef(from); err != nil && !c.plan.NamedContext(from) {
		c.refuse(kind, at, fmt.Sprintf("`%s` is neither a stage nor a valid image reference", from),
			"use the name of an earlier stage")
	}
	return l, true
}

// cycles reports whether two stages need each other.
func cycles(links []link) func(a, b *plan.Stage) bool {
	if !slices.ContainsFunc(links, func(l link) bool { return l.to.Index > l.step.Stage.Index }) {
		return func(_, _ *plan.Stage) bool { return false } // a circle needs one link to a later stage
	}
	needs := map[*plan.Stage][]*plan.Stage{}
	for _, l := range links {
		if own := l.step.Stage; !slices.Contains(needs[own], l.to) {
			needs[own] = append(needs[own], l.to)
		}
	}
	reaches := func(from, to *plan.Stage) bool {
		seen := map[*plan.Stage]bool{}
		todo := []*plan.Stage{from}
		for len(todo) > 0 {
			s := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if s == to {
				return true
			}
			if !seen[s] {
				seen[s] = true
				todo = append(todo, needs[s]...)
			}
		}
		return false
	}
	return func(a, b *plan.Stage) bool { return reaches(b, a) }
}

type none struct{}

func (none) Get(string) (string, bool) { return "", false }
func (none) Keys() []string            { return nil }
