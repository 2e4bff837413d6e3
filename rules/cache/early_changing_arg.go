package cache

import (
	"slices"
	"sort"
	"strings"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// EarlyChangingArg reports an ARG above a RUN that installs something and does not use it, if its name says that it
// differs in each build: a commit, or a date. Each RUN below an ARG has it in its environment, which is part of the key
// of its layer in the cache.
var EarlyChangingArg = &lint.Rule{
	Name: "early-changing-arg", Category: lint.Cache,
	Summary:  "an ARG that changes with each build is declared before an install step",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		var settings []setting
		for _, step := range s.Steps {
			if step.Instruction.Name != "ARG" {
				continue
			}
			for _, pair := range step.Instruction.Pairs {
				switch {
				case (changing(pair.Key.Value) || linked(step, pair.Key.Value)) && !fixed(step, pair):
					early(p, step, pair)
				case bundled(pair.Key.Value) && !pair.HasValue:
					settings = append(settings, setting{step, pair.Key})
				}
			}
		}
		if len(settings) > 1 {
			earlySettings(p, settings)
		}
	}),
}

// setting is an ARG that only a bundler reads.
type setting struct {
	step *plan.Step
	name parser.Word
}

// earlySettings reports ARGs that only a bundler reads if an install below the first one needs none of them. A single one may be a path
// that no environment changes.
func earlySettings(p *lint.Pass, settings []setting) {
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.name.Value
	}
	for _, other := range settings[0].step.After() {
		sc := p.Script(other)
		if sc == nil {
			if other.Copy.Whole() {
				return // the install runs again with nearly every commit anyway
			}
			continue
		}
		above := sort.Search(len(settings), func(i int) bool { return settings[i].step.Index > other.Index })
		if mentions(other.Instruction, names) || above < 2 ||
			slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
				return slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return strings.Contains(w.Text, "build") })
			}) {
			return
		}
		for _, call := range sc.Calls() {
			if call.Action != shell.Install || !call.Manifest || install.Compiles(call) {
				continue
			}
			f := p.Report(settings[0].name.Full(), "`%s` and %d more are declared before `%s`, which does not use them",
				names[0], above-1, install.Command(call)).
				Because("only the bundler reads such settings, but each `RUN` below an `ARG` has its value in the environment, so "+
					"`%s` runs again for each environment with a different value", install.Command(call)).
				Relate(call.Command.Span, "this step runs again").
				Advise("move these `ARG` instructions, and each `ENV` that uses them, directly above the step that builds the application")
			quoteHistory(p, f, other)
			return
		}
	}
}

// changing reports whether an ARG of that name has another value for each commit, build or release. Other versions are
// left out, because they mostly are those of something else.
func changing(name string) bool {
	switch strings.ToUpper(name) {
	case "GIT_SHA", "GIT_SHA1", "GIT_COMMIT", "GIT_COMMIT_SHA", "GIT_COMMIT_HASH", "GIT_HASH", "GIT_REV", "GIT_REVISION",
		"GIT_DESCRIBE", "GITHUB_SHA", "COMMIT", "COMMIT_SHA", "COMMIT_HASH", "COMMIT_ID", "COMMITHASH", "COMMITSHA",
		"CI_COMMIT_SHA", "CI_COMMIT_SHORT_SHA", "SHORT_SHA",
		"REVISION", "VCS_REF", "VCS_REVISION", "BUILD_SHA", "BUILD_COMMIT", "BUILD_REVISION", "BUILD_VCS_REF",
		"BUILD_DATE", "BUILD_TIME", "BUILD_TIMESTAMP", "BUILDDATE", "BUILDTIME", "BUILD_AT", "CREATED",
		"COMMIT_DATE", "GIT_COMMIT_DATE", "GIT_DATE",
		"BUILD_NUMBER", "BUILD_ID", "BUILDNUMBER", "BUILD_NUM", "CI_PIPELINE_ID", "CACHEBUST", "CACHE_BUST", "CACHE_BUSTER",
		"APP_VERSION", "APP_VER", "BUILD_VERSION", "RELEASE_VERSION":
		return true
	}
	return false
}

// linked reports whether an ARG is the application's version: a RUN below it writes the value into a Go program, and nothing else uses it.
func linked(step *plan.Step, name string) bool {
	if !release.Get().MatchString(name) {
		return false // such as an address, which stays the same
	}
	for _, other := range step.After() {
		in := other.Instruction
		if !strings.Contains(in.Text.String, name) {
			continue
		}
		if in.Name == "RUN" && strings.Contains(in.Text.String, "-X") && (name == "VERSION" && mentions(in, []string{name}) || linkedIn(in.Text.String, name)) {
			return true
		}
		if name != "VERSION" && mentions(in, []string{name}) {
			return false // it may be the version of something else
		}
	}
	return false
}

// release matches names of what differs in each release.
var release = lazy.Regexp{Expr: `(?i)version|tag$|commit|sha|rev|date|time|build|hash`}

// linkedIn reports whether each use of the variable called name in text is a value that a linker writes into a program, as in
// `-X main.tag=$TAG`.
func linkedIn(text, name string) bool {
	found := false
	for _, use := range [...]string{"$" + name, "${" + name + "}"} {
		for rest := text; ; {
			before, after, ok := strings.Cut(rest, use)
			if !ok {
				break
			}
			rest = after
			if after != "" && use[1] != '{' && word(after[0]) {
				continue // of a longer name
			}
			flag := before[strings.LastIndex(before, "-X")+1:]
			if !strings.HasPrefix(flag, "X") || !strings.HasSuffix(strings.TrimRight(flag, `"'`), "=") || strings.ContainsAny(strings.Trim(flag[1:], ` ='"`), " \t\n;|&") {
				return false
			}
			found = true
		}
	}
	return found
}

// bundled reports whether an ARG of that name is a setting that a bundler writes into code for browsers. Nothing but the step that
// bundles reads it, and each environment has its own.
func bundled(name string) bool {
	for _, prefix := range [...]string{"NEXT_PUBLIC_", "VITE_", "REACT_APP_", "NUXT_PUBLIC_", "VUE_APP_", "GATSBY_", "EXPO_PUBLIC_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// fixed reports whether the default of an ARG is itself a commit or a version. The file then pins what is built, and
// the value changes with the file. An ARG that is there to break the cache does so on purpose.
func fixed(step *plan.Step, pair parser.Pair) bool {
	if strings.HasPrefix(strings.ToUpper(pair.Key.Value), "CACHE") {
		return true
	}
	v := step.Stage.End.Env.Lookup(pair.Key.Value)
	if v == nil || !v.Set || !v.Value().Known {
		return false
	}
	switch strings.TrimPrefix(separators.Get().ReplaceAllString(strings.ToLower(v.Value().Text), ""), "v") {
	case "", "unknown", "none", "dev", "n/a", "na", "null", "undefined", "local", "head", "unset", "nocommit", "0.0.0", "0.0.1", "1.0.0", "latest",
		"main", "master", "0", "development", "notset", "dirty", "unspecified", "notprovided", "notavailable", "missing", "default", "localbuild", "0.0.0dev":
		return false
	}
	return true
}

// separators are what people write between the words of a placeholder.
var separators = lazy.Regexp{Expr: `[ _-]`}

// early reports pair of step if an installation below it does not need it.
func early(p *lint.Pass, step *plan.Step, pair parser.Pair) {
	name := pair.Key.Value
	steps := step.After()
	names := []string{name}
	var costly *shell.Call
	needed := len(steps) // the first step that uses it
	passed := false      // by an ENV above
	for i, other := range steps {
		if mentions(other.Instruction, names) {
			if other.Instruction.Name == "ENV" && passesOn(other.Instruction, names) {
				passed = true
				for _, made := range other.Instruction.Pairs {
					if uses(made.Value.String, names) && !slices.Contains(names, made.Key.Value) {
						names = append(names, made.Key.Value)
					}
				}
				continue // the variable that it sets changes as well
			}
			needed = i
			break
		}
		sc := p.Script(other)
		if sc == nil {
			continue
		}
		for _, call := range sc.Calls() {
			if call.Action == shell.Install && !install.Compiles(call) {
				if costly == nil {
					costly = call
				}
				break
			}
		}
	}
	if costly == nil {
		return
	}
	if needed < len(steps) && staysAbove(step, costly, steps[needed].Instruction, name) {
		return
	}
	f := p.Report(pair.Key.Full(), "`%s` is declared before `%s`, which does not use it", name, install.Command(costly)).
		Because("each `RUN` below the `ARG` has the value in its environment, so a new value makes `%s` and every later `RUN` run again",
			install.Command(costly)).
		Relate(costly.Command.Span, "this step runs again")
	quoteHistory(p, f, costly.Command.Script.Step)
	for _, before := range costly.Command.Script.Step.Stage.Steps[:costly.Command.Script.Step.Index] {
		if before.Copy.Whole() {
			f.Doubting("the whole build context is copied before `%s`, so that step runs again with nearly every commit anyway",
				install.Command(costly))
		}
	}
	if needed < len(steps) {
		user := steps[needed].Instruction
		f.Advise("move `ARG %s` down to the `%s` that uses it", name, user.Name)
		if passed {
			f.Advise("move `ARG %s` and the `ENV` that uses it down to the `%s` that needs it", name, user.Name)
		}
		moveArg(p, f, step, steps[needed], passed)
		return
	}
	if passed {
		f.Advise("move `ARG %s` and the `ENV` that uses it to the end of the stage", name)
		return
	}
	f.Message = strings.Replace(f.Message, "does not use it", "does not mention it", 1)
	f.Advise("move `ARG %s` to just above the step that uses it, or remove it if none does", name).
		Doubting("no instruction in this stage refers to `%s`, but a command may read it from its environment", name)
}

// staysAbove reports whether another ARG above costly, without a value of its own or with a placeholder, also gets a value for each release,
// and user needs both, so that moving one of them saves nothing.
func staysAbove(step *plan.Step, costly *shell.Call, user *parser.Instruction, name string) bool {
	if user.Name != "LABEL" {
		return false
	}
	for _, other := range step.Stage.Steps[:costly.Command.Script.Step.Index] {
		if other.Instruction.Name != "ARG" {
			continue
		}
		for _, pair := range other.Instruction.Pairs {
			key := strings.ToUpper(pair.Key.Value)
			if pair.Key.Value != name && strings.Contains(key, "VERSION") && !changing(key) && mentions(user, []string{pair.Key.Value}) && !fixed(other, pair) {
				return true
			}
		}
	}
	return false
}

// moveArg offers to move the ARG of step directly above user.
func moveArg(p *lint.Pass, f *lint.Finding, step, user *plan.Step, made bool) {
	in := step.Instruction
	if made || len(in.Pairs) != 1 || len(in.Inner) > 0 {
		return
	}
	start, end := lead(p.File, in), in.Span.End
	text := string(p.File.Bytes[start:end])
	nl := p.File.Newline()
	if !strings.HasPrefix(string(p.File.Bytes[end:]), nl) {
		return
	}
	at := lead(p.File, user.Instruction)
	f.Offer(lint.Unsafe, "move `ARG "+in.Pairs[0].Key.Value+"` down",
		lint.Delete(parser.Span{Start: start, End: end + len(nl)}), lint.Insert(at, text+nl))
}

// passesOn reports whether each value of an ENV that has one of names begins with a variable, so that it passes on what the build was
// given.
func passesOn(in *parser.Instruction, names []string) bool {
	return !slices.ContainsFunc(in.Pairs, func(pair parser.Pair) bool {
		return uses(pair.Value.String, names) && !strings.HasPrefix(strings.Trim(pair.Value.String, `"`), "$")
	})
}

// mentions reports whether in has one of names in its words, flags or here-documents.
func mentions(in *parser.Instruction, names []string) bool {
	if uses(in.Text.String, names) {
		return true
	}
	for _, doc := range in.Heredocs {
		if uses(doc.Body.String, names) {
			return true
		}
	}
	return false
}

// uses reports whether text has one of names as a word.
func uses(text string, names []string) bool {
	for _, name := range names {
		for rest := text; ; {
			i := strings.Index(rest, name)
			if i < 0 {
				break
			}
			end := i + len(name)
			if (i == 0 || !word(rest[i-1])) && (end == len(rest) || !word(rest[end])) {
				return true
			}
			rest = rest[end:]
		}
	}
	return false
}

func word(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
