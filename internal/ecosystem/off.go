package ecosystem

import (
	"slices"
	"strings"
)

// Off is one way to switch off a check of what a manager downloads: a flag, a setting, an environment variable, or
// several of these with the same meaning.
type Off struct {
	Signature bool     // the check is that of signatures; false for that of the server's certificate
	Flags     []string // with or without a value
	// Key is a setting, which a command line gives as a word of its own or before `=`, and which a configuration file may
	// give as well. Values are the values that switch the check off, separated by spaces; "" for all.
	Key, Values string
	Env         []string // variables, in upper case. Values is theirs too
	Host        bool     // the value names the servers whose check is off
	Code        string   // Checkov's code for a command, "" if it has none
	EnvCode     string   // Checkov's code for Env
	Instead     string   // what to do instead, of signatures
	Keyed       string   // in the address of a repository whose keys every image has; "" if there is none
	// Bootstrap are flags with which the first package, the one that has the repository's keys, is fetched.
	Bootstrap []string
}

// Offs are the ways to switch off the checks of m. The managers of a family share them. Sources: npm's and pip's
// configuration, https://docs.npmjs.com/cli/using-npm/config#strict-ssl,
// https://yarnpkg.com/configuration/yarnrc#enableStrictSsl, https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host,
// https://docs.astral.sh/uv/reference/environment/#uv_insecure_host, apt-get(8), apt-secure(8), apt-transport-https(1),
// sources.list(5), apk(8), dnf.conf(5), zypper(8),
// pacman.conf(5), https://docs.conda.io/projects/conda/en/latest/user-guide/configuration/,
// https://getcomposer.org/doc/06-config.md#disable-tls, https://maven.apache.org/wagon/wagon-providers/wagon-http/.
func (m *Manager) Offs() []Off {
	switch string(m.Family) {
	case string(Node):
		return nodeOffs[:]
	case string(Pip), "uv":
		return pipOffs[:]
	case string(Apt):
		return aptOffs[:]
	case string(Apk):
		return apkOffs[:]
	case string(Yum), string(Dnf):
		return rpmOffs[:]
	case string(Zypper):
		return zypperOffs[:]
	case string(Conda):
		return condaOffs[:]
	case string(Composer):
		return composerOffs[:]
	case "maven":
		return mavenOffs[:]
	case "pacman":
		return pacmanOffs[:]
	default:
		return nil
	}
}

// The tables are never changed.
var (
	nodeOffs = [...]Off{
		{
			Flags: []string{"--no-strict-ssl"}, Key: "strict-ssl", Values: "false", Env: []string{"NPM_CONFIG_STRICT_SSL"},
			Code: "CKV2_DOCKER_13", EnvCode: "CKV2_DOCKER_12",
		},
		{Key: "enableStrictSsl", Values: "false", Env: []string{"YARN_ENABLE_STRICT_SSL"}},
	}
	pipOffs = [...]Off{
		{
			Host: true, Flags: []string{"--trusted-host"}, Key: "trusted-host", Env: []string{"PIP_TRUSTED_HOST"},
			Code: "CKV2_DOCKER_4", EnvCode: "CKV2_DOCKER_16",
		},
		{Host: true, Flags: []string{"--allow-insecure-host"}, Env: []string{"UV_INSECURE_HOST"}},
	}
	aptOffs = [...]Off{
		{Key: "Acquire::https::Verify-Peer", Values: "false"},
		{Key: "Acquire::https::Verify-Host", Values: "false"},
		{Signature: true, Flags: []string{"--allow-unauthenticated"}, Code: "CKV2_DOCKER_8", Instead: signedBy},
		{Signature: true, Flags: []string{"--force-yes"}, Code: "CKV2_DOCKER_11", Instead: signedBy},
		{Signature: true, Flags: []string{"--allow-insecure-repositories"}, Instead: signedBy},
		{Signature: true, Key: "APT::Get::AllowUnauthenticated", Values: "true 1 yes", Instead: signedBy},
		{Signature: true, Key: "Acquire::AllowInsecureRepositories", Values: "true 1 yes", Instead: signedBy},
		{Signature: true, Key: "trusted", Values: "yes", Code: "CIS-DI-0011", Instead: signedBy},
		{Signature: true, Key: "Trusted", Values: "yes", Code: "CIS-DI-0011", Instead: signedBy},
	}
	apkOffs = [...]Off{
		{Flags: []string{"--no-check-certificate"}},
		{
			Signature: true, Flags: []string{"--allow-untrusted"}, Code: "CKV2_DOCKER_7",
			Instead: "remove it, and add the repository's key to `/etc/apk/keys`", Keyed: "alpinelinux.org/",
		},
	}
	rpmOffs = [...]Off{
		{Key: "sslverify", Values: "false 0 no", Code: "CKV2_DOCKER_15"},
		{
			Signature: true, Flags: []string{"--nogpgcheck"}, Code: "CKV2_DOCKER_9", Instead: gpgKey,
			Bootstrap: []string{"--repofrompath"},
		},
		{Signature: true, Flags: []string{"--no-gpgchecks"}, Key: "gpgcheck", Values: "0 false no", Instead: gpgKey},
	}
	zypperOffs = [...]Off{
		{Key: "ssl_verify", Values: "no"},
		{
			Signature: true, Flags: []string{"--no-gpg-checks", "--no-gpgcheck"},
			Instead: "remove it, and import the repository's key with `rpm --import`",
		},
	}
	pacmanOffs = [...]Off{
		{Signature: true, Key: "SigLevel", Values: "never", Instead: "remove it, and add the repository's key with `pacman-key`"},
	}
	condaOffs    = [...]Off{{Key: "ssl_verify", Values: "false no"}}
	composerOffs = [...]Off{{Key: "disable-tls", Values: "true"}}
	mavenOffs    = [...]Off{{Key: "maven.wagon.http.ssl.insecure", Values: "true"}}
)

const (
	signedBy = "remove it; if the key of a repository is missing, provide it with `signed-by`"
	gpgKey   = "remove it; if the key of a repository is missing, provide it with `gpgkey=`"
)

// Index is the index of the first of words, the arguments of a call, that switches the check off, -1 if none does.
func (o *Off) Index(words []string) int {
	for i, word := range words {
		flag, _, _ := strings.Cut(word, "=")
		if slices.Contains(o.Flags, flag) {
			return i
		}
		if o.Key == "" {
			continue
		}
		if o.Sets(word) || i+1 < len(words) && strings.HasSuffix(word, o.Key) && o.Sets(word+" "+words[i+1]) {
			return i
		}
	}
	return -1
}

// Sets reports whether text, a word or the text of a configuration file, sets Key so that the check is off.
func (o *Off) Sets(text string) bool {
	for o.Key != "" {
		i := strings.Index(text, o.Key)
		if i < 0 {
			return false
		}
		before, after := text[:i], text[i+len(o.Key):]
		text = after
		value := strings.TrimLeft(after, " \t=:\"'")
		if value == after || before != "" && isNameByte(before[len(before)-1]) && !strings.HasSuffix(before, "-D") &&
			!strings.HasSuffix(before, "--") {
			continue
		}
		end := strings.IndexFunc(value, func(r rune) bool { return r > 127 || !isNameByte(byte(r)) })
		if end < 0 {
			end = len(value)
		}
		if o.Values == "" && value != "" || end > 0 && Has(o.Values, strings.ToLower(value[:end])) {
			return true
		}
	}
	return false
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// Written is the setting as a configuration file may have it.
func (o *Off) Written() string {
	value, _, _ := strings.Cut(o.Values, " ")
	return o.Key + "=" + value
}
