package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// InvalidDefaultBase reports a FROM that is not a valid image reference unless the build passes arguments: an ARG has
// no default, or the text is malformed. An ARG that must be passed is often intended, so that finding is uncertain.
// Variables that are not declared belong to undeclared-arg-in-from.
var InvalidDefaultBase = &lint.Rule{
	Name: "invalid-default-base", Summary: "without build arguments, FROM does not name a valid image",
	Category: lint.Base,
	Aliases:  []string{"InvalidDefaultArgInFrom"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s.Base == nil {
			return
		}
		word := s.From.Args[0]
		if len(p.Plan.Env.Undefined(word)) > 0 {
			return
		}
		value := p.Plan.Env.Expand(word.Value)
		required := unset(p.Plan.Env, word.Value, 0)
		if !value.Known && len(required) == 0 && !frontend.OnWord(p, word, word.Full()) {
			return // the platform decides
		}
		if _, err := plan.ParseRef(value.Text); err == nil {
			return
		}
		f := p.Report(s.Base.Origin, "`%s` is not a valid image reference", value.Text).
			Because("`docker build` fails at the `FROM` that uses this default, unless `--build-arg` provides another value").
			Advise("change the defaults so that they give a valid reference, such as `debian:13.1`").
			Alias("InvalidDefaultArgInFrom")
		if !strings.Contains(word.Value, "$") {
			f.Because("BuildKit rejects the Dockerfile").Advise("use a valid reference instead, such as `debian:13.1`")
		}
		lower := strings.ToLower(value.Text)
		if _, err := plan.ParseRef(lower); err == nil && lower != value.Text {
			f.Because("the name of an image must be lower case, so %s", f.Note)
			switch placeholder := value.Text == strings.ToUpper(value.Text); {
			case placeholder:
			case strings.Contains(word.Value, "$"):
				f.Advise("change the defaults so that they give `%s`", lower)
			default:
				f.Advise("write `%s`", lower)
			}
		}
		if tag := value.Text[strings.LastIndexByte(value.Text, '/')+1:]; strings.Count(tag, ":") > 1 && !strings.Contains(tag, "@") {
			f.Advise("remove all colons but one after the last slash, because a tag cannot contain any")
			if _, err := plan.ParseRef(oneColon(value.Text)); err != nil {
				f.Advise("write only one colon after the last slash, and set the variables that are empty")
			}
		}
		if slices.ContainsFunc(p.Plan.Stages[:s.Index],
			func(other *plan.Stage) bool { return other.Name != "" && other.Name == lower }) {
			f.Advise("use the lower-case name `%s`, because FROM only finds the stage by that name", lower)
		}
		switch {
		case !value.Known && len(required) == 0:
			f.Message = "`" + word.String + "` is not a valid image reference on any platform"
		case value.Text == "":
			f.Message = "the image reference is empty"
		}
		if len(required) > 0 {
			f.Span = s.Base.Span
			what := "incomplete"
			if value.Text == "" {
				what = "empty"
			}
			names, have := decisive(p.Plan.Env, word.Value, required), "` has no default"
			missing := "`" + names[len(names)-1]
			if len(names) > 1 {
				missing, have = "`"+strings.Join(names[:len(names)-1], "`, `")+"` and "+missing, "` have no defaults"
			}
			f.Message = "the image reference is " + what + ", because " + missing + have
			f.Because("`docker build` fails at this `FROM`, unless `--build-arg` completes the reference").Advise("set defaults for %s`", missing)
			if len(names) == 1 {
				f.Advise("give `ARG %s` a default", names[0])
			}
			if !p.Plan.AllArgs() {
				f.Doubting("every build may pass %s` with `--build-arg`", missing)
			}
		}
		if placeholder.Get().MatchString(value.Text) {
			f.Because("%s", frontend.AsItIs).Advise("replace `%s` with the name of an image", value.Text).Doubting("%s", frontend.FilledIn)
		}
		if f.Doubt == "" && frontend.OnWord(p, word, s.Base.Origin) {
			frontend.Claim(p, f, true)
		}
		if s.Base.Named {
			f.Doubting("a named build context replaces this image")
		}
	}),
}

// decisive are those of the ARGs without a value that word needs to be a reference with text between all hyphens, even if all others have a
// value; or the first if any of them is enough. The others, such as the prefix of a registry, may stay empty.
func decisive(scope *plan.Env, word string, required []string) (names []string) {
	without := func(unset func(name string) bool) bool { // whether the reference is a whole one then
		var values []string
		for _, name := range required {
			if !unset(name) {
				values = append(values, "${"+name+"}", "1", "$"+name, "1")
			}
		}
		text := scope.Expand(strings.NewReplacer(values...).Replace(word)).Text
		_, err := plan.ParseRef(text)
		return err == nil && !strings.HasSuffix(text, "-") && !strings.Contains(text, "--")
	}
	for _, name := range required {
		if !slices.Contains(names, name) && !without(func(other string) bool { return other == name }) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return required[:1]
	}
	// One of the others may be needed as well, whichever it is.
	for _, name := range required {
		if !slices.Contains(names, name) && !without(func(other string) bool { return !slices.Contains(names, other) }) &&
			without(func(other string) bool { return other != name && !slices.Contains(names, other) }) {
			names = append(names, name)
		}
	}
	order.By(names, func(a, b string) int { return strings.Index(word, a) - strings.Index(word, b) })
	return names
}

// oneColon is ref with only the first of the colons after its last slash.
func oneColon(ref string) string {
	at := strings.LastIndexByte(ref, '/') + 1
	name, tag, _ := strings.Cut(ref[at:], ":")
	return ref[:at] + name + ":" + strings.ReplaceAll(tag, ":", "")
}

// placeholder matches what stands for an image in a template.
var placeholder = lazy.Regexp{Expr: `(?i)^(replace[-_]?(me|this)|to[-_]be[-_]replaced|change[-_]?me|placeholder)$`}

// unset lists the ARGs without a value that word depends on, directly or through the defaults of other ARGs.
func unset(scope *plan.Env, word string, depth int) []string {
	const enough = 8
	set, missing := scope.Uses(word)
	missing = slices.DeleteFunc(missing, func(name string) bool { return scope.Lookup(name) == nil })
	if depth >= enough {
		return missing
	}
	for _, name := range set {
		if v := scope.Lookup(name); v.Pair.HasValue {
			missing = append(missing, unset(scope, v.Pair.Value.Value, depth+1)...)
		}
	}
	return missing
}
