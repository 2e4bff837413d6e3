package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/shell"
)

// Laxity is how a call may depart from its lock file.
type Laxity struct {
	Lock string // in the build context
	// Why says what the call does, and Doubt why that may not be a fault; "" if it certainly is. Write is the command to
	// use.
	Why, Write, Doubt string
	Ignores           bool   // it does not read the lock file at all
	Verb              string // to write instead of the verb, or
	Flag              string // to write after it
}

// Laxity says how call may depart from the lock file that it finds; nil if call follows it or finds none, or if that is
// unknown.
func (f *Facts) Laxity(call *shell.Call) *Laxity {
	return once(f, laxityOf{call}, func() *Laxity { return f.laxity(call) })
}

func (f *Facts) laxity(call *shell.Call) *Laxity {
	m := Manager(call)
	if m.Lock != nil && m.Lock.Rewrites != nil && ecosystem.Has(m.Lock.Rewrites.Verbs, call.Verb.Text) {
		if in := f.settingAt(call); in != nil && in.Locked {
			r := m.Lock.Rewrites
			return &Laxity{Lock: in.Lock, Why: r.Why, Write: r.Write, Verb: r.Verb}
		}
		return nil
	}
	in, strict := f.Setting(call), m.Strict
	if strict == nil {
		return nil
	}
	if m.Lock.PerProject {
		i := slices.IndexFunc(f.Projects(call), func(in *Setting) bool { return !f.inside(in, strict) })
		if i < 0 {
			return nil
		}
		in = f.Projects(call)[i]
	}
	if in == nil || !in.Locked {
		return nil
	}
	if strict.Modern != nil && f.Modern(in) {
		strict = strict.Modern
	}
	if strict.Other != nil && !of(strict.Verbs, call.Verb.Text) {
		strict = strict.Other
	}
	if f.held(in, call, strict) {
		return nil
	}
	out := &Laxity{
		Lock: in.Lock, Why: strict.Why, Write: fill(strict.Write, call), Doubt: strict.Doubt,
		Ignores: strict.Ignores, Verb: strict.Verb, Flag: strict.Flag,
	}
	if len(strict.Loose) > 0 {
		if fields, _ := call.Command.Fields(); has(fields, strict.Loose) {
			out.Doubt = strict.LooseDoubt
		}
	}
	if out.Doubt == "" {
		if script := f.relocks(m); script != "" {
			out.Verb, out.Flag = "", ""
			out.Doubt = "`" + script + "` builds the image before it updates the lock file in a container, which a strict install would prevent"
		}
	}
	return out
}

// held reports whether call is strict, is lenient on purpose, or may be either.
func (f *Facts) held(in *Setting, call *shell.Call, s *ecosystem.Strict) bool {
	verb, c := call.Verb.Text, call.Command
	fields, open := c.Fields()
	if open || !of(s.Verbs, verb) || ecosystem.Has(s.Not, verb) || has(fields, s.Flags) {
		return true
	}
	for _, name := range s.Env {
		if v := c.Script.Step.Env.Lookup(name); v != nil && v.Set {
			return true
		}
	}
	if mentions(strings.Join(fields, " "), s.Words) {
		return true
	}
	if s.Settings != "" && f.p.Context().Has(path.Join(in.Dir, s.Settings)) {
		return true
	}
	return len(s.Said) > 0 && said(c, s.Said)
}

// has reports whether one of flags is among fields, with a value or without.
func has(fields, flags []string) bool {
	return slices.ContainsFunc(fields, func(have string) bool {
		return slices.ContainsFunc(flags, func(flag string) bool { return have == flag || strings.HasPrefix(have, flag+"=") })
	})
}

// inside reports whether a project file, or one that all projects share, makes its lock file strict.
func (f *Facts) inside(in *Setting, s *ecosystem.Strict) bool {
	files := []string{in.Manifest}
	for _, name := range s.InsideOf {
		files = append(files, path.Join(in.Dir, name), name)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		src, err := f.p.Context().Read(file)
		return err == nil && strings.Contains(string(src), s.Inside)
	})
}

// said reports whether the step of c, or one before it, has one of words, ignoring case.
func said(c *shell.Command, words []string) bool {
	in := func(text string) bool { return mentions(strings.ToLower(text), words) }
	step := c.Script.Step
	if in(step.Instruction.Text.String) {
		return true
	}
	for s := range step.Before() {
		if in(s.Instruction.Text.String) {
			return true
		}
	}
	return false
}
