package lint

import (
	"slices"
	"strconv"
)

// repeat says that a finding is the same fault as others of its rule in the same group.
type repeat struct {
	finding *Finding
	group   any
}

// Repeat makes f one of a group of findings that are told as one, because whoever repairs one repairs all: of those that
// ignore comments and settings leave, the first one stays, and points to the places of the others. Its fix is that of all that have one.
// Findings with a doubt and those without are told apart. group is comparable, and only known to the rule of f.
func (p *Pass) Repeat(f *Finding, group any) {
	if f != p.run.overflow(p.rule).last {
		p.run.repeats = append(p.run.repeats, repeat{f, group})
	}
}

// maxPlaces bounds the places to which a finding points that stands for several.
const maxPlaces = 8

// tellOnce leaves of all, in their order, one finding of each group, and of those that say the same of one RUN.
func (r *run) tellOnce(all []*Finding) []*Finding {
	type key struct {
		rule  *Rule
		sure  bool
		group any
		// Without a group:
		instruction         int
		message, note, help string
	}
	if len(all) < 2 {
		return all
	}
	groups := make(map[*Finding]any, len(r.repeats))
	for _, x := range r.repeats {
		groups[x.finding] = x.group
	}
	first, more := map[key]*Finding{}, map[*Finding]int{}
	left := slices.DeleteFunc(all, func(f *Finding) bool {
		if r.build.Outside.ShellCheck == nil && r.alone(f.Rule) {
			return false
		}
		k := key{rule: f.Rule, sure: f.Doubt == ""}
		if group, ok := groups[f]; ok {
			k.group = group
		} else if f.Instruction.Name == "RUN" {
			k.instruction, k.message, k.note, k.help = f.Instruction.index, f.Message, f.Note, f.Help
		} else {
			return false
		}
		one := first[k]
		if one == nil {
			first[k] = f
			return false
		}
		more[one]++
		if more[one] <= maxPlaces {
			one.Relate(f.Span, "here too")
		}
		one.Aliases = append(one.Aliases, slices.DeleteFunc(slices.Clone(f.Aliases), func(code string) bool {
			return slices.Contains(one.Aliases, code)
		})...)
		one.repair(f)
		if one.Breaks == "" {
			one.Breaks = f.Breaks
		}
		return true
	})
	for f, n := range more {
		if n > maxPlaces {
			f.Related[len(f.Related)-1].Message += ", and " + strconv.Itoa(n-maxPlaces) + " more"
		}
	}
	return left
}

// repair adds the edits of other's first fix to those of f's, if they are as safe.
func (f *Finding) repair(other *Finding) {
	switch {
	case len(other.Fixes) == 0:
	case len(f.Fixes) == 0:
		f.Fixes = other.Fixes
	case f.Fixes[0].Safety == other.Fixes[0].Safety:
		f.Fixes[0].Edits = append(f.Fixes[0].Edits, other.Fixes[0].Edits...)
	}
}
