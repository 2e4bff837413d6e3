package syntax

import (
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// OutOfScopeArg reports a variable in the shell code of a RUN that is empty because its ARG is above the first FROM, in
// another stage or below, or because it is one that BuildKit only provides to stages that declare it. It is silent if the
// script may set the variable, if it reads a file with settings, if it handles an empty value, and if the base image
// sets the variable.
var OutOfScopeArg = &lint.Rule{
	Name: "out-of-scope-arg", Category: lint.Syntax,
	Summary:  "a script uses an `ARG` that is not declared in its stage",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		args := declared(p.Plan)
		reported := make([]map[string]bool, len(p.Plan.Stages)) // an ARG also holds in the stages built from its own
		for i, stage := range p.Plan.Stages {
			reported[i] = map[string]bool{}
			if stage.Base != nil && stage.Base.Stage != nil {
				maps.Copy(reported[i], reported[stage.Base.Stage.Index])
			}
			for _, s := range p.Scripts(stage) {
				checkScope(p, s, args, reported[i])
			}
		}
	}),
}

// declared are the steps that declare each ARG, those above the first FROM first.
func declared(p *plan.Plan) map[string][]*plan.Step {
	out := map[string][]*plan.Step{}
	add := func(step *plan.Step) {
		if step.Instruction.Name != "ARG" {
			return
		}
		for _, pair := range step.Instruction.Pairs {
			out[pair.Key.Value] = append(out[pair.Key.Value], step)
		}
	}
	for _, step := range p.Globals {
		add(step)
	}
	for _, stage := range p.Stages {
		for _, step := range stage.Steps {
			add(step)
		}
	}
	return out
}

// checkScope reports what is out of scope in root, a script, and adds its name to reported.
func checkScope(p *lint.Pass, root *shell.Script, args map[string][]*plan.Step, reported map[string]bool) {
	step := root.Step
	outside := func(name string) bool {
		return (args[name] != nil || predefined(name)) && !reported[name] && step.Env.Lookup(name) == nil
	}
	if step.OnBuild || !usesAny(root.Text.String, outside) {
		return
	}
	for s := range root.All() {
		if s.File == nil || s.Mixed {
			continue // in code that is mixed, a variable may be one of the shell around it, where it is looked at
		}
		syntax.Walk(s.File, func(n syntax.Node) bool {
			x, ok := n.(*syntax.ParamExp)
			if !ok || x.Param == nil {
				return true
			}
			name := x.Param.Value
			if !outside(name) || !bare(x) || setElsewhere(root, name) {
				return true
			}
			reported[name] = true
			reportScope(p, s, x, args[name])
			return true
		})
	}
}

// usesAny reports whether text may use a variable whose name is such.
func usesAny(text string, such func(name string) bool) bool {
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			return false
		}
		text = text[i+1:]
		if strings.HasPrefix(text, "{") {
			text = strings.TrimLeft(text, "{#!%+=~^")
			if strings.HasPrefix(text, "(") {
				return true // flags of zsh, as in ${(f)NAME}
			}
		}
		if strings.HasPrefix(text, "\\") {
			return true // a continuation
		}
		n := 0
		for n < len(text) && (text[n] == '_' || text[n]|0x20 >= 'a' && text[n]|0x20 <= 'z' || n > 0 && text[n] >= '0' && text[n] <= '9') {
			n++
		}
		if such(text[:n]) {
			return true
		}
	}
}

// bare reports whether x is `$NAME`, `${NAME}` or its length or a part of it, so that it says nothing about an empty value.
func bare(x *syntax.ParamExp) bool {
	if x.Exp == nil {
		return true
	}
	op := x.Exp.Op
	return op == syntax.RemSmallSuffix || op == syntax.RemLargeSuffix || op == syntax.RemSmallPrefix ||
		op == syntax.RemLargePrefix
}

// setElsewhere reports whether the RUN of root may set the variable, or shows that it knows of its being empty.
func setElsewhere(root *shell.Script, name string) bool {
	switch name {
	case "HOME", "PATH", "PWD", "OLDPWD", "USER", "HOSTNAME", "SHLVL", "UID", "EUID", "RANDOM", "IFS":
		return true
	}
	if lower := strings.ToLower(name); strings.HasSuffix(lower, "_proxy") {
		return true // BuildKit passes on those of the client
	}
	for _, f := range root.Step.Instruction.Flags {
		if f.Name == "mount" && strings.Contains(f.Value.Value, "env=") {
			return true // a secret may be in the environment
		}
	}
	for _, c := range root.Commands {
		switch c.Name {
		case ".", "source", "eval":
			return true
		case "[", "[[", "test":
			if slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return strings.Contains(w.Text, name) }) {
				return true
			}
		}
	}
	return mentions(root.Text.String, name)
}

// mentions reports whether text has name, as a word of its own, where it is not expanded without a default: where it is
// assigned, read or the variable of a loop, for instance.
func mentions(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		before, after := text[:at+i], text[at+i+len(name):]
		at += i + len(name)
		if before != "" && isNameByte(before[len(before)-1]) || after != "" && isNameByte(after[0]) {
			continue
		}
		open := strings.HasSuffix(before, "${")
		if !open && !strings.HasSuffix(before, "$") || open && after != "" && strings.ContainsAny(after[:1], ":-=+?") ||
			strings.HasSuffix(before, `\$`) || strings.HasSuffix(before, `\${`) {
			return true
		}
	}
}

func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// inChosenStage reports whether one of args is in a stage that a variable in the FROM of stage may choose, such as
// `base-amd64` for `base-$TARGETARCH`.
func inChosenStage(stage *plan.Stage, args []*plan.Step) bool {
	prefix, _, variable := strings.Cut(baseWord(stage), "$")
	return variable && prefix != "" && slices.ContainsFunc(args, func(a *plan.Step) bool {
		return a.Stage != nil && a.Stage.Index < stage.Index && strings.HasPrefix(strings.ToLower(a.Stage.Name), strings.ToLower(prefix))
	})
}

// reportScope reports x, which is empty in s because of where args, if any, are. It does nothing if the base image sets
// the variable.
func reportScope(p *lint.Pass, s *shell.Script, x *syntax.ParamExp, args []*plan.Step) {
	name, stage := x.Param.Value, s.Step.Stage
	root := base(stage)
	sets := no
	if s.Step.Env.Open() {
		sets = setBy(root, name)
	}
	if sets == yes || inChosenStage(stage, args) {
		return
	}
	f := p.Report(s.Span(x), "`%s` is not set in this stage", name).Advise("add `ARG %s` above, in this stage", name)
	empty := "so here `" + name + "` is empty"
	if sets == maybe {
		set, missing := p.Plan.Env.Uses(baseWord(stage))
		first, _, _ := strings.Cut(strings.ToLower(name), "_")
		if slices.Contains(set, name) || slices.Contains(missing, name) ||
			root == nil || strings.Contains(strings.ToLower(root.Name()), first) {
			f.Message, empty = "`"+name+"` may not be set in this stage", "so here `"+name+"` is empty unless the base image sets it"
			f.Doubting("the base image may set it")
		}
	}
	own := slices.IndexFunc(args, func(a *plan.Step) bool { return a.Stage == stage })
	switch {
	case own >= 0:
		if f.Doubt == "" {
			f.Message = "`" + name + "` is not set yet"
		}
		f.Because("an `ARG` is only set after the instruction that declares it, %s", empty).
			Advise("move the `ARG` above this `RUN`").
			Relate(args[own].Instruction.Head(), "the argument is declared here")
		return
	case predefined(name):
		f.Because("BuildKit only provides `%s` in stages that declare it, %s", name, empty)
	case args[0].Stage == nil:
		f.Because("an `ARG` above the first `FROM` is not set inside stages, %s", empty).
			Relate(args[0].Instruction.Head(), "this `ARG` is only visible to `FROM`")
	default:
		f.Because("an `ARG` is only set in its stage and in stages that are built from it, %s", empty).
			Relate(args[0].Instruction.Head(), "the argument is declared here, in another stage")
		if slices.ContainsFunc(args[0].Instruction.Pairs, func(pair parser.Pair) bool { return pair.Key.Value == name && pair.HasValue }) {
			f.Advise("add an `ARG %s` with the same default above, in this stage", name)
		}
		return
	}
	f.Offer(lint.Unsafe, "declare `"+name+"` in this stage", lint.Insert(p.File.Above(s.Step.Instruction), "ARG "+name+p.File.Newline()))
}
