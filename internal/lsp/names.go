package lsp

import (
	"cmp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// mark is a place that names a stage or a variable.
type mark struct {
	span  parser.Span
	write bool // it gives the name
	// step is where a variable is asked for, nil for FROM. node is the scope of a variable: its stage, or nil before the first FROM.
	step *plan.Step
	node *plan.Stage
}

// named is a stage or a variable with all places that name it, in the order of the file.
type named struct {
	name  string
	stage *plan.Stage // nil for a variable
	at    mark        // the place that was asked about
	marks []mark
}

// lookup is what the byte at offset names; nil if it is neither a stage nor a variable.
func lookup(p *plan.Plan, offset int) *named {
	if n := stageAt(p, offset); n != nil {
		return n
	}
	return variableAt(p, offset)
}

func covers(s parser.Span, offset int) bool { return s.Start <= offset && offset <= s.End }

// stageAt is the stage that the byte at offset names, by name or by number.
func stageAt(p *plan.Plan, offset int) *named {
	var found *named
	of := map[*plan.Stage][]mark{}
	add := func(s *plan.Stage, m mark) {
		of[s] = append(of[s], m)
		if covers(m.span, offset) {
			found = &named{name: s.Name, stage: s, at: m}
		}
	}
	for _, s := range p.Stages {
		if s.Name != "" {
			add(s, mark{span: s.NameWord.Full(), write: true})
		}
	}
	for i := range p.Images() {
		if i.Stage != nil && i.Origin.Len() > 0 {
			add(i.Stage, mark{span: i.Origin})
		}
	}
	if found == nil {
		return nil
	}
	found.marks = of[found.stage]
	found.marks = tidy(found.marks)
	return found
}

// tidy sorts marks and drops repeats.
func tidy(marks []mark) []mark {
	order.By(marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.span.Start, b.span.Start), cmp.Compare(a.span.End, b.span.End))
	})
	return slices.CompactFunc(marks, func(a, b mark) bool { return a.span == b.span })
}

// variableAt is the variable that the byte at offset names.
func variableAt(p *plan.Plan, offset int) *named {
	all := variables(p)
	for name, marks := range all {
		for _, m := range marks {
			if covers(m.span, offset) {
				return &named{name: name, at: m, marks: tidy(connected(p, name, marks, m.node))}
			}
		}
	}
	return nil
}

// connected are the marks in scopes that share the variable called name with the scope node: stages that are built from each other,
// and those that declare the same build argument.
func connected(p *plan.Plan, name string, marks []mark, node *plan.Stage) []mark {
	declares := map[*plan.Stage]bool{} // as a build argument
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			declares[s] = declares[s] || declared(step.Instruction, name)
		}
	}
	for _, step := range p.Globals {
		declares[nil] = declares[nil] || declared(step.Instruction, name)
	}
	in := map[*plan.Stage]bool{node: true}
	for changed := true; changed; {
		changed = false
		join := func(a, b *plan.Stage) {
			if in[a] != in[b] {
				in[a], in[b], changed = true, true, true
			}
		}
		for _, s := range p.Stages {
			if s.Base != nil && s.Base.Stage != nil {
				join(s, s.Base.Stage)
			}
			for other := range declares {
				if declares[s] && declares[other] {
					join(s, other)
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(marks), func(m mark) bool { return !in[m.node] })
}

func declared(in *parser.Instruction, name string) bool {
	return in.Name == "ARG" && slices.ContainsFunc(in.Pairs, func(p parser.Pair) bool { return p.Key.Value == name })
}

// variables are all places that name a variable, by its name.
func variables(p *plan.Plan) map[string][]mark {
	out := map[string][]mark{}
	visit := func(step *plan.Step, node *plan.Stage) {
		in := step.Instruction
		add := func(name string, m mark) {
			m.step, m.node = step, node
			out[name] = append(out[name], m)
		}
		switch in.Name {
		case "ENV", "ARG":
			for _, pair := range in.Pairs {
				if pair.Key.Value == pair.Key.String && isName(pair.Key.Value) {
					add(pair.Key.Value, mark{span: pair.Key.Full(), write: true})
				}
			}
			expanded(in, p.File.Escape, add)
		case "ADD", "COPY", "EXPOSE", "FROM", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR":
			expanded(in, p.File.Escape, add)
		case "RUN":
			for _, f := range in.Flags {
				references(f.Text, p.File.Escape, true, add)
			}
			scripts(shell.Read(step), add, func(*plan.Variable) bool { return true })
		case "CMD", "ENTRYPOINT", "HEALTHCHECK":
			scripts(shell.ReadCommand(step), add, func(v *plan.Variable) bool { return !v.Arg })
		}
	}
	for _, step := range p.Globals {
		visit(step, nil)
	}
	for _, s := range p.Stages {
		if s.From != nil {
			visit(&plan.Step{State: plan.State{Env: p.Env}, Instruction: s.From, Stage: s}, nil)
		}
		for _, step := range s.Steps {
			visit(step, s)
			if step.Trigger != nil {
				visit(step.Trigger, s)
			}
		}
	}
	return out
}

// expanded finds the variables in an instruction in which BuildKit expands them.
func expanded(in *parser.Instruction, escape byte, add func(string, mark)) {
	for _, f := range in.Flags {
		references(f.Text, escape, true, add)
	}
	references(in.Rest, escape, true, add)
	for _, h := range in.Heredocs {
		if h.Expand {
			references(h.Body, '\\', false, add)
		}
	}
}

// references finds `$NAME` and `${NAME…}` in text. quotes says that single quotes keep it from being expanded.
func references(text parser.Text, escape byte, quotes bool, add func(string, mark)) {
	t := text.String
	single, double := false, false
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case single:
			single = c != '\''
		case c == escape:
			i++
		case quotes && c == '"':
			double = !double
		case quotes && c == '\'' && !double:
			single = true
		case c == '$':
			start := i + 1
			if start < len(t) && t[start] == '{' {
				start++
			}
			end := start
			for end < len(t) && isNameByte(t[end], end == start) {
				end++
			}
			if end > start {
				add(t[start:end], mark{span: text.Span(start, end)})
				i = end - 1
			}
		}
	}
}

func isNameByte(c byte, first bool) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || !first && c >= '0' && c <= '9'
}

func isName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i], i == 0) {
			return false
		}
	}
	return s != ""
}

// scripts finds the variables of the Dockerfile that shell code asks for. Those that the code sets itself are its own.
func scripts(sc *shell.Script, add func(string, mark), visible func(*plan.Variable) bool) {
	if sc == nil {
		return
	}
	own := map[string]bool{}
	type use struct {
		name string
		span parser.Span
	}
	var uses []use
	for one := range sc.All() {
		if one.File == nil {
			continue
		}
		syntax.Walk(one.File, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.Assign:
				if n.Name != nil {
					own[n.Name.Value] = true
				}
			case *syntax.WordIter:
				own[n.Name.Value] = true
			case *syntax.CallExpr:
				if len(n.Args) > 1 && n.Args[0].Lit() == "read" {
					for _, w := range n.Args[1:] {
						own[w.Lit()] = true
					}
				}
			case *syntax.ParamExp:
				if n.Param != nil && isName(n.Param.Value) {
					uses = append(uses, use{n.Param.Value, one.Span(n.Param)})
				}
			}
			return true
		})
	}
	for _, u := range uses {
		if v := sc.Step.Env.Lookup(u.name); v != nil && !own[u.name] && visible(v) {
			add(u.name, mark{span: u.span})
		}
	}
}

// definitions are where the variable or stage that n is about gets its name and value: the one that is in force there.
func (n *named) definitions() []mark {
	var all []mark
	for _, m := range n.marks {
		if m.write {
			all = append(all, m)
		}
	}
	if n.stage != nil || n.at.write || n.at.step == nil {
		return all
	}
	v := n.at.step.Env.Lookup(n.name)
	if v == nil || v.Step() == nil {
		return all
	}
	in := []mark{{span: v.Pair.Key.Full()}}
	if v.Arg && !v.Pair.HasValue { // the default is above the first FROM
		for _, m := range all {
			if m.node == nil {
				in = append(in, m)
			}
		}
	}
	return in
}

// written reports whether span has the name itself, and not a number or a part of something else.
func written(file *parser.File, span parser.Span, name string) bool {
	return strings.EqualFold(strings.Trim(file.Text(span), `"'`), name)
}
