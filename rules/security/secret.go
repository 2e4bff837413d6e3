package security

import (
	"slices"
	"strings"
	"unicode"

	"github.com/dockvet/dockvet/internal/lazy"
)

// What a secret looks like, for the rules about secrets in instructions. What a file of secrets looks like is in
// secret_file.go.

// keyed reports whether value contains a key with a documented format that is not a placeholder.
func keyed(value string) bool { return len(keys(value)) > 0 }

// keys are the offsets of the keys with a documented format in text. The keys in documentation contain the word EXAMPLE.
func keys(text string) (out [][]int) {
	if !keyBeginnings.In(text) {
		return nil
	}
	for _, m := range key.Get().FindAllStringIndex(text, 10) {
		if value := text[m[0]:m[1]]; !strings.Contains(value, "EXAMPLE") && !placeholder(value) {
			out = append(out, m)
		}
	}
	return out
}

// keyBeginnings are texts that each key has one of, at its beginning or, for -us1, at its end. They are rare, so that the pattern is not
// even compiled for most files.
var keyBeginnings = lazy.Words{List: func() []string {
	return []string{
		"eyJ", "SG.", "hf_", "AKIA", "ASIA", "AIza", "AKCp", "EAAC", "GOCS", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpa", "gldt", "glrt", "glcb",
		"glpt", "glft", "glso", "glag", "gloa", "glim", "npm_", "sk_l", "rk_l", "xoxa", "xoxb", "xoxe", "xoxp", "xoxr", "xoxs",
		"dckr", "dop_", "hvs.", "key-", "shpa", "sq0a", "sq0c", "ya29",
		"-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9",
		"PRIVATE KEY", "PuTTY-User-Key", "github_pat_", "access_token$", "hooks.slack", "webhook.office", "rubygems_", "pypi-AgE", "AccountKey=",
	}
}}

// login finds a URL with a password in value, and the password.
func login(value string) []string {
	if !hasUser(value) {
		return nil
	}
	return address.Get().FindStringSubmatch(value)
}

// hasUser reports whether text contains a URL with an `@` before its path. That is rare, and the patterns are slow.
func hasUser(text string) bool {
	for {
		_, after, ok := strings.Cut(text, "://")
		if !ok {
			return false
		}
		if i := strings.IndexAny(after, "@/\"' \t\n\f\r"); i >= 0 && after[i] == '@' {
			return true
		}
		text = after
	}
}

// local reports whether a URL with a password is one of the machine itself.
func local(url string) bool {
	return strings.Contains(url, "@localhost") || strings.Contains(url, "@127.")
}

// key finds keys whose format their issuers have documented. Sources, as of November 2026: the token and key pages of AWS,
// GitHub, GitLab, Slack, Stripe, Google, npm, SendGrid, Square, Microsoft Teams, Azure Storage, Mailchimp, Mailgun, Meta,
// Braintree, JFrog, Docker Hub, DigitalOcean, Vault, Shopify, RubyGems, PyPI, Hugging Face and PuTTY.
var key = lazy.Regexp{Expr: `\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22,}` +
	`|\bgl(pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt)-[\w-]{20}|\bxox[abeprs]-[0-9A-Za-z-]{10,}` +
	`|\b[sr]k_live_[0-9A-Za-z]{16,}|\bAIza[\w-]{35}|\bnpm_[A-Za-z0-9]{36}` +
	`|-----BEGIN [A-Z ]*PRIVATE KEY|\bPuTTY-User-Key-File-\d|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+` +
	`|\bSG\.[\w-]{22}\.[\w-]{43}|\bsq0(atp|csp)-[\w-]{22,}|\bhooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{20,}` +
	`|\.webhook\.office\.com/webhookb2/[\w@-]{36,}/|\bGOCSPX-[\w-]{28}|\bya29\.[\w-]{20,}|\b[0-9a-f]{32}-us\d{1,2}\b` +
	`|\bkey-[0-9a-f]{32}\b|\bEAACEdEose0cBA\w+|\baccess_token\$production\$\w{16}\$[0-9a-f]{32}|\bAccountKey=[\w+/]{86}==` +
	`|\bAKCp[0-9A-Za-z]{69}|\bdckr_pat_[\w-]{27}|\bdop_v1_[0-9a-f]{64}|\bhvs\.[\w-]{24,}|\bshpat_[0-9a-f]{32}` +
	`|\brubygems_[0-9a-f]{48}|\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}|\bhf_[A-Za-z]{34}\b`}

// address finds a URL with a password.
var address = lazy.Regexp{Expr: `[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@"']*:([^/\s@"']+)@[^/:\s"']*`}

// secretWords end the last word of a name of a secret. It is not to be changed.
var secretWords = [...]string{"password", "passwd", "passphrase", "secret", "token", "apikey", "credentials"}

func hasAnySuffix(text string, suffixes []string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(text, s) })
}

// endsInSecret is false if secretName is.
func endsInSecret(lower string) bool {
	return hasAnySuffix(lower, secretWords[:]) || hasAnySuffix(lower, []string{"pwd", "pass", "key"})
}

// secretName is our own test of a name: it ends in a word for a secret, and no word makes it a switch or public.
func secretName(lower string) bool {
	if lower == "secret_key_base" {
		return true
	}
	if publicKey(lower) {
		return false
	}
	if !endsInSecret(strings.TrimRight(lower, "_-.")) {
		return false // as most names
	}
	words := strings.FieldsFunc(lower, func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	if len(words) == 0 {
		return false
	}
	for _, w := range words {
		switch w {
		case "public", "pub", "publishable", "dummy", "fake", "allow", "enable", "disable", "require", "use", "no",
			"skip", "random",
			"reset", "generate", "validate", "verify", "show", "hide", "has", "is", "without", "with", "max", "min",
			"file", "next":
			return false
		}
	}
	last := words[len(words)-1]
	if hasAnySuffix(last, secretWords[:]) {
		return true
	}
	if len(words) < 2 {
		return false
	}
	switch last {
	case "pwd", "pass":
		return true
	case "key":
		return slices.Contains([]string{
			"access", "account", "api", "app", "auth", "client", "deploy", "encryption", "jwt", "master", "private",
			"secret", "signing",
			"ssh",
		}, words[len(words)-2])
	}
	return false
}

// publicKey reports whether name, in lower case, is that of a key which the application shows to every browser: Shopify's API key, beside
// which there is a secret, or a setting that a bundler writes into what ships.
func publicKey(name string) bool {
	if name == "shopify_api_key" {
		return true
	}
	return strings.HasSuffix(name, "_key") && (strings.HasPrefix(name, "vite_") || strings.HasPrefix(name, "react_app_") || strings.HasPrefix(name, "vue_app_"))
}

// harmless says why a value is most likely not a secret, "" if nothing says so.
func harmless(name, value string) string {
	switch strings.ToLower(value) {
	case "":
		return "the value is empty"
	case "0", "1", "true", "false", "yes", "no", "on", "off", "auto", "none", "null":
		return "the value only turns something on or off"
	}
	switch {
	case strings.Contains(value, "://"):
		return "the value is a URL without a password"
	case placeholder(value):
		return "the value looks like a placeholder"
	case isFilename(value) && !strings.Contains(value, "/"):
		return "the value is a file name"
	case strings.ContainsAny(value[:1], "/.~") || strings.HasPrefix(value[1:], `:\`) || isFilename(value):
		return "the value is a path"
	case isFingerprint(value) &&
		(strings.Contains(name, "gpg") || strings.Contains(name, "pgp") || strings.Contains(name, "signing")):
		return "the value is the fingerprint of a public key"
	}
	return ""
}

func isFilename(value string) bool {
	return strings.Contains(value, ".") && filename.Get().MatchString(value)
}

var filename = lazy.Regexp{Expr: `^[\w./-]+\.[a-z]{2,4}$`}

func isFingerprint(value string) bool {
	value = strings.TrimPrefix(value, "0x")
	return len(value) >= 8 && len(value) <= 100 && strings.Trim(value, "0123456789ABCDEFabcdef ") == ""
}

// placeholder reports whether value is a placeholder that somebody still has to replace.
func placeholder(value string) bool {
	lower := strings.ToLower(value)
	for _, part := range [...]string{
		"change", "example", "placeholder", "dummy", "replace", "your", "todo", "fixme", "xxx", "fake", "insert", "<", "**",
		"...", "not_used", "unused", "redacted", "not-a-real", "not_a_real", "undefined", "unset", "{{", "set-me", "set_me",
		"setme", "fill-me", "fill_me", "fillme", "build-time", "build_time", "buildtime", "precompile", "-here", "_here",
		"throwaway", "throw-away", "throw_away", "not-used", "for-build", "for_build", "only-for",
	} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	switch lower {
	case "tbd", "n/a", "na", "required", "build", "ci", "foo", "bar", "stub", "mock", "empty", "temp", "temporary":
		return true
	}
	return bracketed(value) || repeated(value) || namesItself(value)
}

// bracketed reports whether value is in brackets or between marks of a template, as in [password] or %PASSWORD%.
func bracketed(value string) bool {
	for _, marks := range [...][2]string{{"[", "]"}, {"{", "}"}, {"%", "%"}, {"__", "__"}, {"@", "@"}} {
		if len(value) > len(marks[0]+marks[1]) && strings.HasPrefix(value, marks[0]) && strings.HasSuffix(value, marks[1]) {
			return true
		}
	}
	return false
}

// repeated reports whether value is one character again and again, or has no letter and no digit.
func repeated(value string) bool {
	return value != "" && (strings.Trim(value, value[:1]) == "" ||
		!strings.ContainsFunc(value, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }))
}

// namesItself reports whether value is written like the name of a variable with a secret, as in MY_PASSWORD.
func namesItself(value string) bool {
	return strings.Contains(value, "_") && value == strings.ToUpper(value) && secretName(strings.ToLower(value))
}
