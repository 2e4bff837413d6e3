package security

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// secretFile is a kind of file that contains a secret.
type secretFile struct {
	what string // with its article: "a private key"
	// holds reports whether the content has one; nil if the name says enough.
	holds func(text string) bool
	// plain says that a file of this name has hardly any other purpose, so that its content does not have to be read.
	plain bool
	doubt string // what would make it harmless
}

// fileOfSecret is the kind of secret that a file contains, by its path in the build context; nil for all other files,
// and for samples, tests, files of installed packages, and public certificates.
func fileOfSecret(name string) *secretFile {
	name = strings.TrimPrefix(path.Clean("/"+strings.ToLower(name)), "/")
	kind := kindOfSecret(name)
	if kind == nil || sample(name) {
		return nil
	}
	return kind
}

// kindOfSecret judges a path in lower case. It does not look for samples.
func kindOfSecret(name string) *secretFile {
	base := path.Base(name)
	switch {
	case base == ".env", strings.HasPrefix(base, ".env."),
		strings.HasSuffix(base, ".env") && !strings.Contains(base, "public"):
		return &secretFile{what: "secrets", holds: settings}
	case slices.Contains([]string{"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"}, base):
		return &secretFile{what: "a private key", holds: privateKey, plain: true}
	}
	switch path.Ext(base) {
	case ".pem", ".key", ".ppk":
		if base == "master.key" || strings.Contains(name, "config/credentials/") {
			return &secretFile{what: "the Rails master key", holds: railsKey().MatchString}
		}
		return &secretFile{what: "a private key", holds: privateKey}
	case ".p12", ".pfx":
		return &secretFile{what: "a private key", doubt: "it may only contain certificates"}
	case ".jks", ".keystore":
		if strings.Contains(base, "trust") || strings.Contains(base, "cacerts") || strings.Contains(base, "debug") {
			return nil
		}
		return &secretFile{what: "private keys", doubt: "it may only contain certificates"}
	case ".kdbx":
		return &secretFile{what: "passwords", plain: true}
	case ".tfvars":
		return &secretFile{what: "secrets", holds: settings}
	}
	switch base {
	case ".npmrc":
		return &secretFile{what: "a registry token", holds: value(npmToken)}
	case ".yarnrc.yml":
		return &secretFile{what: "a registry token", holds: value(yarnToken)}
	case ".pypirc":
		return &secretFile{what: "a package index password", holds: value(iniPassword), plain: true}
	case "pip.conf", "pip.ini":
		return &secretFile{what: "a package index password", holds: hasLogin}
	case ".netrc", "_netrc":
		return &secretFile{what: "passwords", holds: value(netrcPassword), plain: true}
	case ".git-credentials":
		return &secretFile{what: "Git passwords", holds: hasLogin, plain: true}
	case ".pgpass":
		return &secretFile{what: "database passwords", holds: value(pgPassword), plain: true}
	case "nuget.config":
		return &secretFile{what: "a package feed password", holds: value(nugetPassword)}
	case "settings.xml":
		return &secretFile{what: "a repository password", holds: value(mavenPassword)}
	case "auth.json":
		return &secretFile{what: "a Composer token", holds: value(jsonToken)}
	case ".dockercfg", ".dockerconfigjson":
		return &secretFile{what: "a registry password", holds: value(dockerAuth)}
	case ".vault-token":
		return &secretFile{what: "a Vault token", plain: true}
	case ".s3cfg", ".boto":
		return &secretFile{what: "a cloud access key", holds: value(cloudKey)}
	case "kubeconfig":
		return &secretFile{what: "cluster credentials", holds: value(kubeKey)}
	case "terraform.tfstate", "terraform.tfstate.backup":
		return &secretFile{what: "Terraform's state, with every password in it", holds: stateful().MatchString}
	}
	switch {
	case strings.HasSuffix(name, ".docker/config.json"):
		return &secretFile{what: "a registry password", holds: value(dockerAuth)}
	case strings.HasSuffix(name, ".aws/credentials"):
		return &secretFile{what: "a cloud access key", holds: value(cloudKey), plain: true}
	case strings.HasSuffix(name, ".kube/config"):
		return &secretFile{what: "cluster credentials", holds: value(kubeKey), plain: true}
	case strings.HasSuffix(base, ".json") &&
		(strings.Contains(base, "service") && strings.Contains(base, "account") || strings.Contains(base, "credential")):
		return &secretFile{what: "a service account's private key", holds: serviceAccount}
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
	return privateHeader().MatchString(text) && !strings.Contains(text, "EXAMPLE")
}

// A key follows the header, because documentation and code contain headers without one.
var privateHeader = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`(?m)-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----(\\n|\s)[\s\S]{0,300}?[A-Za-z0-9+/=]{40}|^PuTTY-User-Key-File-\d:`)
})

var railsKey = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{32}\s*$`) })

var stateful = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"resources":\s*\[\s*\{`) })

// value makes a test for a literal value in the first group of a pattern, one that is neither a variable nor a
// placeholder nor empty.
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

// literalSecret reports whether a value can be a secret at all. A variable, an encrypted value and a placeholder are
// not secrets.
func literalSecret(v string) bool {
	v = strings.Trim(strings.TrimSpace(v), `"'`)
	return len(v) > 3 && !strings.ContainsAny(v, "$%{}<>* ") && !placeholder(v) && strings.Trim(v, v[:1]) != ""
}

var (
	npmToken = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?mi)^[^#;\n]*_(?:authToken|auth|password)\s*=\s*(\S+)`)
	})
	yarnToken = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^\s*npmAuth(?:Token|Ident):\s*(\S+)`)
	})
	iniPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?mi)^\s*password\s*[=:]\s*(\S+)`)
	})
	netrcPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)\bpassword\s+(\S+)`)
	})
	pgPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^[^#:\n]+:[^:\n]*:[^:\n]*:[^:\n]*:(\S+)$`)
	})
	nugetPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)key="(?:ClearText)?Password"\s+value="([^"]*)"`)
	})
	mavenPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`<(?:password|passphrase)>([^<]*)</`)
	})
	jsonToken = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`"(?:password|token|consumer-secret|github\.com|gitlab\.com)":\s*"([^"]*)"`)
	})
	dockerAuth = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`"(?:auth|identitytoken)":\s*"([^"]*)"`)
	})
	cloudKey = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?mi)^\s*(?:aws_secret_access_key|secret_key|gs_secret_access_key)\s*=\s*(\S+)`)
	})
	kubeKey = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^\s*(?:client-key-data|token|password):\s*(\S+)`)
	})
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
		if secretName(lower) && harmless(lower, v) == "" && strong(v) {
			return true
		}
	}
	return false
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
