package security

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// secretFile is a kind of file that contains a secret.
type secretFile struct {
	// names are base names, and ends of paths with a slash, separated by spaces; "" for a kind that kindOfSecret knows
	// by more than that.
	names string
	what  string // with its article: "a private key"
	// value finds, in its first group, a value of which a literal one is a secret, and holds reports whether the content
	// has a secret. Both are nil if the name says enough.
	value *lazy.Regexp
	holds func(text string) bool
	// plain says that a file of this name has hardly any other purpose, so that its content does not have to be read.
	plain bool
	doubt string // what would make it harmless
}

// secretFiles are the kinds that are known by their names.
var secretFiles = [...]secretFile{
	{names: "id_rsa id_dsa id_ecdsa id_ed25519", what: "a private key", holds: privateKey, plain: true},
	{names: ".npmrc", what: "a registry token", value: &npmToken},
	{names: ".yarnrc.yml", what: "a registry token", value: &yarnToken},
	{names: ".pypirc", what: "a package index password", value: &iniPassword, plain: true},
	{names: "pip.conf pip.ini", what: "a package index password", holds: hasLogin},
	{names: ".netrc _netrc", what: "passwords", value: &netrcPassword, plain: true},
	{names: ".git-credentials", what: "Git passwords", holds: hasLogin, plain: true},
	{names: ".pgpass", what: "database passwords", value: &pgPassword, plain: true},
	{names: "nuget.config", what: "a package feed password", value: &nugetPassword},
	{names: "settings.xml", what: "a repository password", value: &mavenPassword},
	{names: "auth.json", what: "a Composer token", value: &jsonToken},
	{names: ".dockercfg .dockerconfigjson .docker/config.json", what: "a registry password", value: &dockerAuth},
	{names: ".vault-token", what: "a Vault token", plain: true},
	{names: ".s3cfg .boto", what: "a cloud access key", value: &cloudKey},
	{names: ".aws/credentials", what: "a cloud access key", value: &cloudKey, plain: true},
	{names: "kubeconfig", what: "cluster credentials", value: &kubeKey},
	{names: ".kube/config", what: "cluster credentials", value: &kubeKey, plain: true},
	{
		names: "terraform.tfstate terraform.tfstate.backup", what: "Terraform's state, with every password in it",
		holds: func(text string) bool { return stateful.Get().MatchString(text) },
	},
}

// secretEnd is what the path of a file ends in.
type secretEnd struct {
	end  string
	file *secretFile
}

// secretEnds are the names of secretFiles by their base names, since a context may have 100,000 files.
var secretEnds = lazy.Value[map[string][]secretEnd]{Make: func() map[string][]secretEnd {
	out := map[string][]secretEnd{}
	for i := range secretFiles {
		for _, end := range strings.Fields(secretFiles[i].names) {
			base := path.Base(end)
			out[base] = append(out[base], secretEnd{end, &secretFiles[i]})
		}
	}
	return out
}}

// The kinds that kindOfSecret looks closer at.
var (
	secretSettings = secretFile{what: "secrets", holds: settings}
	railsMaster    = secretFile{
		what: "the Rails master key", holds: func(text string) bool { return railsKey.Get().MatchString(text) },
	}
	keyFile     = secretFile{what: "a private key", holds: privateKey}
	certificate = secretFile{what: "a private key", doubt: "the file may only contain certificates"}
	keyStore    = secretFile{what: "private keys", doubt: "the file may only contain certificates"}
	passwords   = secretFile{what: "passwords", plain: true}
	accountKey  = secretFile{what: "a service account's private key", holds: serviceAccount}
)

// contains reports whether text, the content of a file of the kind, has a secret.
func (s *secretFile) contains(text string) bool {
	if s.value == nil {
		return s.holds == nil || s.holds(text)
	}
	for _, m := range s.value.Get().FindAllStringSubmatch(text, 100) {
		if literalSecret(m[1]) {
			return true
		}
	}
	return false
}

// fileOfSecret is the kind of secret that a file contains, by its path in the build context; nil for all other files,
// and for samples, tests, files of installed packages, and public certificates.
func fileOfSecret(name string) *secretFile {
	name = strings.ToLower(name)
	if path.Clean(name) != name || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "..") {
		name = strings.TrimPrefix(path.Clean("/"+name), "/")
	}
	kind := kindOfSecret(name)
	if kind == nil || sample(name) {
		return nil
	}
	return kind
}

// kindOfSecret judges a path in lower case. It does not look for samples.
func kindOfSecret(name string) *secretFile {
	base := path.Base(name)
	if base == ".env" || strings.HasPrefix(base, ".env.") ||
		strings.HasSuffix(base, ".env") && !strings.Contains(base, "public") {
		return &secretSettings
	}
	switch path.Ext(base) {
	case ".pem", ".key", ".ppk":
		if base == "master.key" || strings.Contains(name, "config/credentials/") {
			return &railsMaster
		}
		return &keyFile
	case ".p12", ".pfx":
		return &certificate
	case ".jks", ".keystore":
		if strings.Contains(base, "trust") || strings.Contains(base, "cacerts") || strings.Contains(base, "debug") {
			return nil
		}
		return &keyStore
	case ".kdbx":
		return &passwords
	case ".tfvars":
		return &secretSettings
	}
	for _, known := range secretEnds.Get()[base] {
		if strings.HasSuffix(name, known.end) {
			return known.file
		}
	}
	if strings.HasSuffix(base, ".json") &&
		(strings.Contains(base, "service") && strings.Contains(base, "account") || strings.Contains(base, "credential")) {
		return &accountKey
	}
	return nil
}

func serviceAccount(text string) bool {
	return strings.Contains(text, `"private_key"`) && privateKey(text)
}

// sample reports whether a path belongs to tests, samples, packages or version control.
func sample(name string) bool {
	parts := strings.Split(name, "/")
	for _, dir := range parts[:len(parts)-1] {
		switch dir {
		case "test", "tests", "testing", "testdata", "test-data", "test_data", "__tests__", "spec", "specs",
			"fixture", "fixtures",
			"example", "examples", "sample", "samples", "mock", "mocks", "demo", "demos", "doc", "docs", "e2e",
			"node_modules", "vendor", "third_party", "site-packages", ".git", "venv", ".venv":
			return true
		}
		if strings.HasPrefix(dir, "test") || strings.HasSuffix(dir, "test") || strings.HasSuffix(dir, "tests") {
			return true
		}
	}
	base := parts[len(parts)-1]
	for _, part := range [...]string{
		"example", "sample", "template", "dist", "tmpl", "tpl", "test", "dummy", "fake", "mock", "snakeoil",
		"localhost", "default",
		"schema", "vault.env", "env.vault",
		"defaults", "skeleton", ".pub", "selfsigned", "self-signed", ".env.ci", "docs",
	} {
		if strings.Contains(base, part) {
			return true
		}
	}
	return false
}

func privateKey(text string) bool {
	return privateHeader.Get().MatchString(text) && !strings.Contains(text, "EXAMPLE")
}

// A key follows the header, because documentation and code contain headers without one.
var privateHeader = lazy.Regexp{Expr: `(?m)-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----(\\n|\s)[\s\S]{0,300}?[A-Za-z0-9+/=]{40}|^PuTTY-User-Key-File-\d:`}

var railsKey = lazy.Regexp{Expr: `^[0-9a-f]{32}\s*$`}

var stateful = lazy.Regexp{Expr: `"resources":\s*\[\s*\{`}

// literalSecret reports whether a value can be a secret at all. A variable, an encrypted value and a placeholder are
// not secrets.
func literalSecret(v string) bool {
	v = strings.Trim(strings.TrimSpace(v), `"'`)
	return len(v) > 3 && !strings.ContainsAny(v, "$%{}<>* ") && !placeholder(v) && strings.Trim(v, v[:1]) != ""
}

var (
	npmToken      = lazy.Regexp{Expr: `(?mi)^[^#;\n]*_(?:authToken|auth|password)\s*=\s*(\S+)`}
	yarnToken     = lazy.Regexp{Expr: `(?m)^\s*npmAuth(?:Token|Ident):\s*(\S+)`}
	iniPassword   = lazy.Regexp{Expr: `(?mi)^\s*password\s*[=:]\s*(\S+)`}
	netrcPassword = lazy.Regexp{Expr: `(?m)\bpassword\s+(\S+)`}
	pgPassword    = lazy.Regexp{Expr: `(?m)^[^#:\n]+:[^:\n]*:[^:\n]*:[^:\n]*:(\S+)$`}
	nugetPassword = lazy.Regexp{Expr: `(?i)key="(?:ClearText)?Password"\s+value="([^"]*)"`}
	mavenPassword = lazy.Regexp{Expr: `<(?:password|passphrase)>([^<]*)</`}
	jsonToken     = lazy.Regexp{Expr: `"(?:password|token|consumer-secret|github\.com|gitlab\.com)":\s*"([^"]*)"`}
	dockerAuth    = lazy.Regexp{Expr: `"(?:auth|identitytoken)":\s*"([^"]*)"`}
	cloudKey      = lazy.Regexp{Expr: `(?mi)^\s*(?:aws_secret_access_key|secret_key|gs_secret_access_key)\s*=\s*(\S+)`}
	kubeKey       = lazy.Regexp{Expr: `(?m)^\s*(?:client-key-data|token|password):\s*(\S+)`}
)

// hasLogin reports whether text contains a URL with a password.
func hasLogin(text string) bool {
	for line := range strings.Lines(text) {
		if m := login(line); m != nil && literalSecret(m[1]) {
			return true
		}
	}
	return false
}

// settings reports whether one of the lines NAME=VALUE contains a secret: the format of its value shows it, or its name
// ends like the names of secrets and its value is neither weak nor a placeholder. Names that a bundler puts into pages
// are meant to be public.
func settings(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, v, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		v, _, _ = strings.Cut(strings.TrimSpace(v), " #")
		v = strings.Trim(strings.TrimSpace(v), `"'`)
		lower := strings.ToLower(strings.TrimSpace(name))
		if slices.ContainsFunc([]string{"next_public_", "vite_", "react_app_", "nuxt_public_"}, func(prefix string) bool {
			return strings.HasPrefix(lower, prefix)
		}) {
			continue
		}
		if keyed(v) {
			return true
		}
		if m := login(v); m != nil && strong(m[1]) && !local(m[0]) {
			return true
		}
		if secretName(lower) && (harmless(lower, v) == "" && strong(v) || generated(v)) {
			return true
		}
	}
	return false
}

// generated reports whether v looks like a key that Django generates: 50 characters, with punctuation that otherwise makes a
// variable or a placeholder of a value.
// Source: https://github.com/django/django/blob/main/django/core/management/utils.py
func generated(v string) bool {
	const letters, digits, signs = "abcdefghijklmnopqrstuvwxyz", "0123456789", "!@#$%^&*(-_=+)"
	if len(v) < 40 || len(v) > 60 || strings.Trim(v, letters+digits+signs) != "" || strings.Contains(v, "insecure") {
		return false
	}
	few := func(set string) bool {
		n := 0
		for _, r := range v {
			if strings.ContainsRune(set, r) {
				n++
			}
		}
		return n < 4
	}
	return !few(letters) && !few(digits) && !few(signs)
}

// strong reports whether a value looks generated and not typed in for a local run: it has at least 12 characters, with
// letters and digits.
func strong(v string) bool {
	if len(v) < 12 || !literalSecret(v) {
		return false
	}
	digit := strings.ContainsAny(v, "0123456789")
	letter := strings.ContainsFunc(v, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
	for _, weak := range [...]string{
		"password", "secret", "local", "admin", "postgres", "root", "test", "dev", "insecure", "1234",
	} {
		if strings.Contains(strings.ToLower(v), weak) {
			return false
		}
	}
	return digit && letter
}
