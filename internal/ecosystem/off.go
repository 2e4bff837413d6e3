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
	Prompt      bool     // the flags also answer prompts, so that they say nothing about calls that only remove
	Code        string   // Checkov's code for a command, "" if it has none
	EnvCode     string   // Checkov's code for Env
}

// Offs are the ways to switch off the checks of m. The managers of a family share them. Sources: npm's and pip's
// configuration, https://docs.npmjs.com/cli/using-npm/config#strict-ssl,
// https://yarnpkg.com/configuration/yarnrc#enableStrictSsl, https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host,
// https://docs.astral.sh/uv/reference/environment/#uv_insecure_host, apt-get(8), apt-secure(8), apt-transport-https(1),
// apk(8), dnf.conf(5), zypper(8), https://docs.conda.io/projects/conda/en/latest/user-guide/configuration/,
// https://getcomposer.org/doc/06-config.md#disable-tls, https://maven.apache.org/wagon/wagon-providers/wagon-http/.
func (m *Manager) Offs() []Off {
	switch m.Family {
	case Node:
		return nodeOffs[:]
	case Pip, "uv":
		return pipOffs[:]
	case Apt:
		return aptOffs[:]
	case Apk:
		return apkOffs[:]
	case Yum, Dnf:
		return rpmOffs[:]
	case Zypper:
		return zypperOffs[:]
	case Conda:
		return condaOffs[:]
	case Composer:
		return composerOffs[:]
	case "maven":
		return mavenOffs[:]
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
		{
			Signature: true, Flags: []string{"--allow-unauthenticated"}, Key: "APT::Get::AllowUnauthenticated",
			Values: "true 1 yes", Code: "CKV2_DOCKER_8",
		},
		{Signature: true, Flags: []string{"--force-yes"}, Prompt: true, Code: "CKV2_DOCKER_11"},
		{
			Signature: true, Flags: []string{"--allow-insecure-repositories"}, Key: "Acquire::AllowInsecureRepositories",
			Values: "true 1 yes",
		},
	}
	apkOffs = [...]Off{
		{Flags: []string{"--no-check-certificate"}},
		{Signature: true, Flags: []string{"--allow-untrusted"}, Code: "CKV2_DOCKER_7"},
	}
	rpmOffs = [...]Off{
		{Key: "sslverify", Values: "false 0 no", Code: "CKV2_DOCKER_15"},
		{
			Signature: true, Flags: []string{"--nogpgcheck", "--no-gpgchecks"}, Key: "gpgcheck", Values: "0 false no",
			Code: "CKV2_DOCKER_9",
		},
	}
	zypperOffs = [...]Off{
		{Key: "ssl_verify", Values: "no"},
		{Signature: true, Flags: []string{"--no-gpg-checks", "--no-gpgcheck"}},
	}
	condaOffs    = [...]Off{{Key: "ssl_verify", Values: "false no"}}
	composerOffs = [...]Off{{Key: "disable-tls", Values: "true"}}
	mavenOffs    = [...]Off{{Key: "maven.wagon.http.ssl.insecure", Values: "true"}}
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

// SetBy reports whether the variable called name, with that value, switches the check off.
func (o *Off) SetBy(name, value string) bool {
	return value != "" && (o.Values == "" || Has(o.Values, strings.ToLower(value))) &&
		slices.ContainsFunc(o.Env, func(env string) bool { return strings.EqualFold(env, name) })
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
