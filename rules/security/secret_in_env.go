package security

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// SecretInEnv reports secrets that ENV and ARG leave in the image. It recognises them by the format of a value, by a
// password in a URL, and by a name that ends like the names of secrets. It never prints the value. Only the strict
// profile reports values that are switches, paths, placeholders or fingerprints, and names that merely contain such a
// word.
var SecretInEnv = &lint.Rule{
	Name: "secret-in-env", Summary: "`ENV` or `ARG` leaves a secret in the image", Category: lint.Security,
	Aliases: []string{"DL3064", "SecretsUsedInArgOrEnv", "DS-0031"}, Severity: lint.Warning, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnFile(func(p *lint.Pass) {
			for _, s := range p.Plan.Globals {
				if _, ok := s.Instruction.Cmd.(*instructions.ArgCommand); ok {
					checkPairs(p, s)
				}
			}
		}),
		lint.OnTrigger("ARG", func(p *lint.Pass, s *plan.Step, _ *instructions.ArgCommand) { checkPairs(p, s) }),
		lint.OnTrigger("ENV", func(p *lint.Pass, s *plan.Step, _ *instructions.EnvCommand) { checkPairs(p, s) }),
	),
}

func checkPairs(p *lint.Pass, s *plan.Step) {
	for _, pair := range s.Instruction.Pairs {
		f := checkPair(p, s, pair)
		if f == nil {
			continue
		}
		hadolint, buildKit := linters(s, pair)
		if hadolint {
			f.Alias("DL3064")
		}
		if buildKit {
			f.Alias("SecretsUsedInArgOrEnv")
		}
	}
}

// linters says which other linters report the name of pair, of s.
func linters(s *plan.Step, pair parser.Pair) (hadolint, buildKit bool) {
	lower := strings.ToLower(pair.Key.Value)
	return parity.SecretPart(lower), parity.Secret(s, lower)
}

// checkPair judges one pair.
func checkPair(p *lint.Pass, s *plan.Step, pair parser.Pair) *lint.Finding {
	name, arg := pair.Key.Value, s.Instruction.Name == "ARG"
	ships := s.Stage != nil && s.Stage.Shipped
	if keyed(pair.Value.Value) {
		f := p.Report(pair.Value.Full(), "the value of `%s` has the format of a key", name)
		f.Severity = lint.Error
		if ships {
			f.Because("the key is in this file and in the image, so consider it leaked")
		} else {
			f.Because("the key is in this file, so consider it leaked")
		}
		return f.Advise("revoke the key, and mount the new one with `RUN --mount=type=secret` or pass it when the container starts")
	}
	if m := login(pair.Value.Value); m != nil && !strings.ContainsAny(m[1], "$<{*") && !placeholder(m[1]) {
		f := p.Report(pair.Value.Full(), "the URL in `%s` contains a password", name).
			Because("anyone who can pull the image can read the password").
			Advise("pass the URL when the container starts, or mount it with `RUN --mount=type=secret`")
		if !ships {
			f.Because("anyone who can read this file can read the password").Advise("mount the URL with `RUN --mount=type=secret`")
		}
		if local(m[0]) || strings.Contains(pair.Value.Value, "dummy") {
			f.Doubting("the URL looks like a placeholder")
		}
		return f
	}
	lower := strings.ToLower(name)
	named := secretName(lower)
	if !named && !parity.SecretPart(lower) && !parity.SecretWord(lower) {
		return nil
	}
	if !named {
		doubt := "the name is not typical of a secret"
		if publicKey(lower) {
			doubt = "the application shows this key to every browser"
		}
		if value := s.Env.Expand(pair.Value.Value); pair.HasValue && value.Known && harmless(lower, strings.TrimSpace(value.Text)) != "" {
			doubt = harmless(lower, strings.TrimSpace(value.Text))
		}
		return reportAlike(p, s, pair, doubt)
	}
	value := s.Env.Expand(pair.Value.Value)
	text := strings.TrimSpace(value.Text)
	literal := value.Known && !strings.Contains(pair.Value.Value, "$")
	var f *lint.Finding
	switch {
	case arg && (!pair.HasValue || text == ""):
		f = p.Report(pair.Key.Full(), "secret `%s` is passed as a build argument", name).
			Because("build arguments stay in the image history, and in provenance attestations with `mode=max`").
			Advise("mount the secret where it is used, with `RUN --mount=type=secret,id=%s`", strings.ToLower(name))
		if !ships {
			f.Because("provenance attestations with `mode=max` contain build arguments")
		}
		switch {
		case s.Stage != nil:
		case declaredAgain(p.Plan, name):
			f.Doubting("an `ARG` above the first `FROM` only reaches the stages that declare it again")
		default:
			f.Advise("remove the argument").Doubting("no stage declares the argument again, so no step can read the secret")
		}
	case value.Known && harmless(lower, text) != "":
		return reportAlike(p, s, pair, harmless(lower, text))
	case !literal && argument(s, pair.Value.Value):
		f = p.Report(pair.Key.Full(), "secret `%s` is copied from a build argument into the image", name).
			Because("`ENV` values are stored in the image, so anyone who can pull the image can read this one").
			Advise("mount the secret where it is used, with `RUN --mount=type=secret,id=%s`", strings.ToLower(name))
		if !ships {
			f.Message = "secret `" + name + "` is copied from a build argument into a variable"
			f.Because("provenance attestations with `mode=max` contain build arguments")
		}
	case !literal:
		if f = reportAlike(p, s, pair, "the value comes from a variable, and may not be a secret"); f != nil {
			f.Advise("if the value is a secret, mount it with `RUN --mount=type=secret`, or pass it when the container starts")
		}
		return f
	default:
		f = p.Report(pair.Key.Full(), "secret `%s` is hard-coded", name).
			Because("anyone who can read this file can read the secret").
			Advise("mount the secret where it is used, with `RUN --mount=type=secret,id=%s`", strings.ToLower(name))
		if ships && !arg {
			f.Because("`ENV` values are stored in the image, so anyone who can pull the image can read this one").
				Advise("pass the secret when the container starts; if only a step needs it, mount it with `RUN --mount=type=secret`")
		}
	}
	return f
}

// reportAlike reports a name that only looks like that of a secret, if another linter does.
func reportAlike(p *lint.Pass, s *plan.Step, pair parser.Pair, doubt string) *lint.Finding {
	var who string
	switch hadolint, buildKit := linters(s, pair); {
	case hadolint && buildKit:
		who = "hadolint and BuildKit treat"
	case hadolint:
		who = "hadolint treats"
	case buildKit:
		who = "BuildKit treats"
	default:
		return nil
	}
	return p.Report(pair.Key.Full(), "%s `%s` as the name of a secret", who, pair.Key.Value).
		Because("BuildKit only looks at the name, not at the value").
		Doubting("%s", doubt)
}

// declaredAgain reports whether a stage declares the ARG name.
func declaredAgain(p *plan.Plan, name string) bool {
	return slices.ContainsFunc(p.Stages, func(s *plan.Stage) bool {
		return slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
			return step.Instruction.Name == "ARG" &&
				slices.ContainsFunc(step.Instruction.Pairs, func(pair parser.Pair) bool { return pair.Key.Value == name })
		})
	})
}

// argument reports whether value uses an ARG of the build.
func argument(s *plan.Step, value string) bool {
	for _, m := range variable.Get().FindAllStringSubmatch(value, -1) {
		if v := s.Env.Lookup(m[1]); v != nil && v.Arg {
			return true
		}
	}
	return false
}

var variable = lazy.Regexp{Expr: `\$\{?([A-Za-z_][A-Za-z0-9_]*)`}
