package security

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// secretFile is a kind of file that keeps a secret.
type secretFile struct {
	what string // with its article: "a private key"
	// holds reports whether the content has one; nil: the name alone says it.
	holds func(text string) bool
	// plain says that a file of this name has hardly any other purpose, so that no look at it is needed.
	plain bool
	doubt string // what would make it no secret
}

// fileOfSecret says what kind of secret a file keeps by its path in the build context, nil for all that are none: samples, tests,
// what packages bring, and public certificates.
func fileOfSecret(name string) *secretFile {
	name = strings.TrimPrefix(path.Clean("/"+strings.ToLower(name)), "/")
	kind := kindOfSecret(name)
	if kind == nil || sample(name) {
		return nil
	}
	return kind
}

// kindOfSecret judges a path in lower case without a look for samples.
func kindOfSecret(name string) *secretFile {
	base := path.Base(name)
	switch {
	case base == ".env" || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env") && !strings.Contains(base, "public"):
		return &secretFile{what: "secrets", holds: settings}
	case slices.Contains([]string{"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"}, base):
		return &secretFile{what: "a private key", holds: privateKey, plain: true}
	}
	switch path.Ext(base) {
	case ".pem", ".key", ".ppk":
		if base == "master.key" || strings.Contains(name, "config/credentials/") {
			return &secretFile{what: "the master key of Rails", holds: railsKey().MatchString}
		}
		return &secretFile{what: "a private key", holds: privateKey}
	case ".p12", ".pfx":
		return &secretFile{what: "a private key", doubt: "it may hold certificates only"}
	case ".jks", ".keystore":
		if strings.Contains(base, "trust") || strings.Contains(base, "cacerts") || strings.Contains(base, "debug") {
			return nil
		}
		return &secretFile{what: "private keys", doubt: "it may hold certificates only"}
	case ".kdbx":
		return &secretFile{what: "passwords", plain: true}
	case ".tfvars":
		return &secretFile{what: "secrets", holds: settings}
	}
	switch base {
	case ".npmrc":
		return &secretFile{what: "a token for a registry", holds: value(npmToken)}
	case ".yarnrc.yml":
		return &secretFile{what: "a token for a registry", holds: value(yarnToken)}
	case ".pypirc":
		return &secretFile{what: "a password for a package index", holds: value(iniPassword), plain: true}
	case "pip.conf", "pip.ini":
		return &secretFile{what: "a password for a package index", holds: hasLogin}
	case ".netrc", "_netrc":
		return &secretFile{what: "passwords", holds: value(netrcPassword), plain: true}
	case ".git-credentials":
		return &secretFile{what: "passwords for git", holds: hasLogin, plain: true}
	case ".pgpass":
		return &secretFile{what: "passwords for a database", holds: value(pgPassword), plain: true}
	case "nuget.config":
		return &secretFile{what: "a password for a package feed", holds: value(nugetPassword)}
	case "settings.xml":
		return &secretFile{what: "a password for a repository", holds: value(mavenPassword)}
	case "auth.json":
		return &secretFile{what: "a token for Composer", holds: value(jsonToken)}
	case ".dockercfg", ".dockerconfigjson":
		return &secretFile{what: "a password for a registry", holds: value(dockerAuth)}
	case ".vault-token":
		return &secretFile{what: "a token for Vault", plain: true}
	case ".s3cfg", ".boto":
		return &secretFile{what: "a key for a cloud", holds: value(cloudKey)}
	case "kubeconfig":
		return &secretFile{what: "the login to a cluster", holds: value(kubeKey)}
	case "terraform.tfstate", "terraform.tfstate.backup":
		return &secretFile{what: "the state of Terraform, with all passwords it knows", holds: func(text string) bool { return stateful().MatchString(text) }}
	}
	switch {
	case strings.HasSuffix(name, ".docker/config.json"):
		return &secretFile{what: "a password for a registry", holds: value(dockerAuth)}
	case strings.HasSuffix(name, ".aws/credentials"):
		return &secretFile{what: "a key for a cloud", holds: value(cloudKey), plain: true}
	case strings.HasSuffix(name, ".kube/config"):
		return &secretFile{what: "the login to a cluster", holds: value(kubeKey), plain: true}
	case strings.HasSuffix(base, ".json") && (strings.Contains(base, "service") && strings.Contains(base, "account") || strings.Contains(base, "credential")):
		return &secretFile{what: "the private key of a service account", holds: func(text string) bool { return strings.Contains(text, `"private_key"`) && privateKey(text) }}
	}
	return nil
}

// sample reports whether a path is one of tests, samples, packages or version control.
func sample(name string) bool {
	parts := strings.Split(name, "/")
	for _, dir := range parts[:len(parts)-1] {
		switch dir {
		case "test", "tests", "testing", "testdata", "test-data", "test_data", "__tests__", "spec", "specs", "fixture", "fixtures", "example", "examples",
			"sample", "samples", "mock", "mocks", "demo", "demos", "doc", "docs", "e2e", "node_modules", "vendor", "third_party", "site-packages", ".git", "venv", ".venv":
			return true
		}
		if strings.HasPrefix(dir, "test") || strings.HasSuffix(dir, "test") || strings.HasSuffix(dir, "tests") {
			return true
		}
	}
	base := parts[len(parts)-1]
	for _, part := range [...]string{
		"example", "sample", "template", "dist", "tmpl", "tpl", "test", "dummy", "fake", "mock", "snakeoil", "localhost", "default", "schema", "vault.env", "env.vault",
		"defaults", "skeleton", ".pub", "selfsigned", "self-signed", ".env.ci", "docs",
	} {
		if strings.Contains(base, part) {
			return true
		}
	}
	return false
}

func privateKey(text string) bool {
	return privateHeader().MatchString(text) && !strings.Contains(text, "EXAMPLE")
}

// A body follows the header: a header alone stands in documentation and code.
var privateHeader = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----(\\n|\s)[\s\S]{0,300}?[A-Za-z0-9+/=]{40}|^PuTTY-User-Key-File-\d:`)
})

var railsKey = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{32}\s*$`) })

var stateful = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"resources":\s*\[\s*\{`) })

// value makes a test for a literal value in the first group of a pattern: no variable, no placeholder, not empty.
func value(pattern func() *regexp.Regexp) func(string) bool {
	return func(text string) bool {
		for _, m := range pattern().FindAllStringSubmatch(text, 100) {
			if literalSecret(m[1]) {
				return true
			}
		}
		return false
	}
}

// literalSecret reports whether a value can be a secret at all: what a variable or an encryption holds is none, nor is a placeholder.
func literalSecret(v string) bool {
	v = strings.Trim(strings.TrimSpace(v), `"'`)
	return len(v) > 3 && !strings.ContainsAny(v, "$%{}<>* ") && !placeholder(v) && strings.Trim(v, v[:1]) != ""
}

var (
	npmToken = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?mi)^[^#;\n]*_(?:authToken|auth|password)\s*=\s*(\S+)`)
	})
	yarnToken     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^\s*npmAuth(?:Token|Ident):\s*(\S+)`) })
	iniPassword   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?mi)^\s*password\s*[=:]\s*(\S+)`) })
	netrcPassword = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)\bpassword\s+(\S+)`) })
	pgPassword    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^[^#:\n]+:[^:\n]*:[^:\n]*:[^:\n]*:(\S+)$`) })
	nugetPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)key="(?:ClearText)?Password"\s+value="([^"]*)"`)
	})
	mavenPassword = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<(?:password|passphrase)>([^<]*)</`) })
	jsonToken     = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`"(?:password|token|consumer-secret|github\.com|gitlab\.com)":\s*"([^"]*)"`)
	})
	dockerAuth = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"(?:auth|identitytoken)":\s*"([^"]*)"`) })
	cloudKey   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?mi)^\s*(?:aws_secret_access_key|secret_key|gs_secret_access_key)\s*=\s*(\S+)`)
	})
	kubeKey = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^\s*(?:client-key-data|token|password):\s*(\S+)`)
	})
)

// hasLogin reports whether text has an address with a password.
func hasLogin(text string) bool {
	for line := range strings.Lines(text) {
		if m := login(line); m != nil && literalSecret(m[1]) {
			return true
		}
	}
	return false
}

// settings reports whether one of the lines NAME=VALUE holds a secret: a value that its form gives away, or a name that ends as secrets'
// names do with a value that is neither weak nor a placeholder. Names that a bundler puts into pages are public by purpose.
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
		if strings.HasPrefix(lower, "next_public_") || strings.HasPrefix(lower, "vite_") || strings.HasPrefix(lower, "react_app_") || strings.HasPrefix(lower, "nuxt_public_") {
			continue
		}
		if keyed(v) {
			return true
		}
		if m := login(v); m != nil && strong(m[1]) && !strings.Contains(m[0], "@localhost") && !strings.Contains(m[0], "@127.") {
			return true
		}
		if secretName(lower) && harmless(lower, v) == "" && strong(v) {
			return true
		}
	}
	return false
}

// strong reports whether a value looks made, not typed in for a local run: 12 characters or more, of two kinds at least.
func strong(v string) bool {
	if len(v) < 12 || !literalSecret(v) {
		return false
	}
	digit := strings.ContainsAny(v, "0123456789")
	letter := strings.ContainsFunc(v, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
	for _, weak := range [...]string{"password", "secret", "local", "admin", "postgres", "root", "test", "dev", "insecure", "1234"} {
		if strings.Contains(strings.ToLower(v), weak) {
			return false
		}
	}
	return digit && letter
}
