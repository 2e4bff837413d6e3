package security

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// SecretInEnv reports secrets that ENV and ARG leave in the image: by the form of a value, by a password in an address, and by a
// name that ends as secrets' names do. The value is never printed. Values that are switches, paths, placeholders or
// fingerprints, and names that only hold such a word, are left to the strict profile.
var SecretInEnv = &lint.Rule{
	Name: "secret-in-env", Summary: "`ENV` or `ARG` leaves a secret in the image", Category: lint.Security,
	Aliases: []string{"DL3064", "SecretsUsedInArgOrEnv", "DS-0031"}, Severity: lint.Warning, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnFile(func(p *lint.Pass) {
			for _, s := range p.Plan.Globals {
				if _, ok := s.Instruction.Cmd.(*instructions.ArgCommand); ok {
					secrets(p, s)
				}
			}
		}),
		lint.OnTrigger("ARG", func(p *lint.Pass, s *plan.Step, _ *instructions.ArgCommand) { secrets(p, s) }),
		lint.OnTrigger("ENV", func(p *lint.Pass, s *plan.Step, _ *instructions.EnvCommand) { secrets(p, s) }),
	),
}

func secrets(p *lint.Pass, s *plan.Step) {
	for _, pair := range s.Instruction.Pairs {
		f := secret(p, s, pair)
		if f == nil {
			continue
		}
		lower := strings.ToLower(pair.Key.Value)
		if alarming(lower) {
			f.Alias("DL3064")
		}
		if s.Stage != nil && !s.OnBuild && worded(lower) {
			f.Alias("SecretsUsedInArgOrEnv")
		}
	}
}

// secret judges one pair.
func secret(p *lint.Pass, s *plan.Step, pair parser.Pair) *lint.Finding {
	name, arg := pair.Key.Value, s.Instruction.Name == "ARG"
	if keyed(pair.Value.Value) {
		f := p.Report(pair.Value.Full(), "the value of `%s` has the form of a key", name)
		f.Severity = lint.Error
		return f.Because("it stands in this file and in the image: treat it as known to others").
			Advise("revoke the key, and mount the next one with `RUN --mount=type=secret` or pass it when the container starts")
	}
	if m := login(pair.Value.Value); m != nil && !strings.ContainsAny(m[1], "$<{*") && !placeholder(m[1]) {
		f := p.Report(pair.Value.Full(), "the address in `%s` holds a password", name).
			Because("whoever can pull the image can read it").
			Advise("pass the address when the container starts, or mount it with `RUN --mount=type=secret`")
		if strings.Contains(m[0], "@localhost") || strings.Contains(m[0], "@127.") || strings.Contains(pair.Value.Value, "dummy") {
			f.Doubting("the address reads like a placeholder")
		}
		return f
	}
	lower := strings.ToLower(name)
	named := secretName(lower)
	if !named && !alarming(lower) && !worded(lower) {
		return nil
	}
	if !named {
		return alike(p, pair, "the name holds such a word, but does not end as the names of secrets do")
	}
	value := s.Env.Expand(pair.Value.Value)
	text := strings.TrimSpace(value.Text)
	literal := value.Known && !strings.Contains(pair.Value.Value, "$")
	var f *lint.Finding
	switch {
	case arg && (!pair.HasValue || text == ""):
		f = p.Report(pair.Key.Full(), "secret `%s` comes in as a build argument", name).
			Because("build arguments stay in the history of the image, and in the provenance that is pushed with it").
			Advise("mount it where it is used: `RUN --mount=type=secret,id=%s`", strings.ToLower(name))
		if s.Stage == nil {
			f.Doubting("before the first `FROM` it reaches no image, unless a stage declares it again")
		}
	case value.Known && harmless(lower, text) != "":
		return alike(p, pair, harmless(lower, text))
	case !literal && argument(s, pair.Value.Value):
		f = p.Report(pair.Key.Full(), "secret `%s` goes from a build argument into the image", name).
			Because("`ENV` is part of the image: whoever can pull it can read the value").
			Advise("mount it where it is used: `RUN --mount=type=secret,id=%s`", strings.ToLower(name))
	case !literal:
		return alike(p, pair, "the value comes from elsewhere")
	default:
		f = p.Report(pair.Key.Full(), "secret `%s` is written down here", name).
			Because("`%s` is part of the image: whoever can pull it can read the value", s.Instruction.Name).
			Advise("pass it when the container starts, or mount it with `RUN --mount=type=secret`")
	}
	return f
}

// alike reports a name that only looks like a secret's.
func alike(p *lint.Pass, pair parser.Pair, doubt string) *lint.Finding {
	return p.Report(pair.Key.Full(), "`%s` is named like a secret", pair.Key.Value).Doubting("%s", doubt)
}

// argument reports whether value takes up an ARG of the build.
func argument(s *plan.Step, value string) bool {
	for _, m := range variable().FindAllStringSubmatch(value, -1) {
		if v := s.Env.Lookup(m[1]); v != nil && v.Arg {
			return true
		}
	}
	return false
}

var variable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`) })

// keyed reports whether value holds a key that its form gives away. Documentation has such keys with EXAMPLE in them.
func keyed(value string) bool {
	for _, part := range [...]string{
		"AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk_live_", "AIza", "npm_", "PRIVATE KEY", "eyJ",
	} {
		if strings.Contains(value, part) { // seldom: the pattern is not compiled for most files
			return key().MatchString(value) && !strings.Contains(value, "EXAMPLE")
		}
	}
	return false
}

// login finds an address with a password, and the password, in value.
func login(value string) []string {
	if !strings.Contains(value, "://") || !strings.Contains(value, "@") {
		return nil
	}
	return address().FindStringSubmatch(value)
}

// key finds keys whose form their issuers have documented, for just this purpose.
var key = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22,}|\bglpat-[\w-]{20}` +
		`|\bxox[abprs]-[0-9A-Za-z-]{10,}|\bsk_live_[0-9A-Za-z]{16,}|\bAIza[\w-]{35}|\bnpm_[A-Za-z0-9]{36}` +
		`|-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+`)
})

// address finds a URL with a password.
var address = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@"']*:([^/\s@"']+)@[^/:\s"']*`)
})

// alarming is hadolint's measure of a name: it holds one of some words, anywhere.
func alarming(lower string) bool {
	for _, part := range [...]string{"api_key", "client_key", "password", "private", "secret", "token", "username"} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return false
}

// worded is BuildKit's measure of a name: one of its words, between underscores, is one of some, and none calls it off.
func worded(lower string) bool {
	found := false
	for word := range strings.SplitSeq(lower, "_") {
		switch word {
		case "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token":
			found = true
		case "public", "file", "version":
			return false
		}
	}
	return found
}

// secretName is our measure: the name ends in a word for a secret, and no word makes it a switch or public.
func secretName(lower string) bool {
	if lower == "secret_key_base" {
		return true
	}
	words := strings.FieldsFunc(lower, func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	if len(words) == 0 {
		return false
	}
	for _, w := range words {
		switch w {
		case "public", "pub", "publishable", "dummy", "fake", "allow", "enable", "disable", "require", "use", "no", "skip", "random",
			"reset", "generate", "validate", "verify", "show", "hide", "has", "is", "without", "with", "max", "min", "file", "next":
			return false
		}
	}
	last := words[len(words)-1]
	for _, suffix := range [...]string{"password", "passwd", "passphrase", "secret", "token", "apikey", "credentials"} {
		if strings.HasSuffix(last, suffix) {
			return true
		}
	}
	if len(words) < 2 {
		return false
	}
	switch last {
	case "pwd", "pass":
		return true
	case "key":
		return slices.Contains([]string{
			"access", "account", "api", "app", "auth", "client", "deploy", "encryption", "jwt", "master", "private", "secret", "signing", "ssh",
		}, words[len(words)-2])
	}
	return false
}

// harmless says why a value is most likely no secret, "" if nothing speaks for it.
func harmless(name, value string) string {
	switch strings.ToLower(value) {
	case "":
		return "the value is empty"
	case "0", "1", "true", "false", "yes", "no", "on", "off", "auto", "none", "null":
		return "the value is a switch"
	}
	switch {
	case strings.Contains(value, "://"):
		return "the value is an address without a password"
	case placeholder(value):
		return "the value reads like a placeholder"
	case strings.ContainsAny(value[:1], "/.~") || strings.HasPrefix(value[1:], `:\`) || filename().MatchString(value):
		return "the value is a path"
	case fingerprint().MatchString(value) && (strings.Contains(name, "gpg") || strings.Contains(name, "pgp") || strings.Contains(name, "signing")):
		return "the value is the fingerprint of a public key"
	}
	return ""
}

var filename = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w./-]+\.[a-z]{2,4}$`) })

var fingerprint = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(0x)?[0-9A-Fa-f ]{8,100}$`) })

// placeholder reports whether value stands for one that somebody has still to fill in.
func placeholder(value string) bool {
	lower := strings.ToLower(value)
	for _, part := range [...]string{
		"change", "example", "placeholder", "dummy", "replace", "your", "todo", "xxx", "fake", "insert", "<", "***", "not_used", "unused",
	} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return false
}
