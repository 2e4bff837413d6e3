package security

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// TLSVerificationOff reports commands and variables that stop programs from verifying the certificate of a server. It
// is silent about servers on the machine itself, and has a doubt if a checksum or signature is verified later in the
// same script, or if the server is on a private network. It says the same about a script only once.
var TLSVerificationOff = &lint.Rule{
	Name: "tls-verification-off", Category: lint.Security,
	Summary: "a program is told not to verify the server's certificate",
	Aliases: []string{
		"CKV2_DOCKER_2", "CKV2_DOCKER_3", "CKV2_DOCKER_4", "CKV2_DOCKER_5", "CKV2_DOCKER_6", "CKV2_DOCKER_12",
		"CKV2_DOCKER_13", "CKV2_DOCKER_14", "CKV2_DOCKER_15", "CKV2_DOCKER_16", "S4830",
	},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnTrigger("ENV", func(p *lint.Pass, s *plan.Step, _ *instructions.EnvCommand) { checkTLSPairs(p, s) }),
		lint.OnTrigger("ARG", func(p *lint.Pass, s *plan.Step, _ *instructions.ArgCommand) { checkTLSPairs(p, s) }),
		lint.OnRun(checkTLSScript),
	),
}

// trusting is a place that switches verification off.
type trusting struct {
	span   parser.Span
	what   string // as the message shows it
	code   string // Checkov's, or ""
	doubt  string
	remedy string // "" for the usual one
}

func checkTLSPairs(p *lint.Pass, s *plan.Step) {
	for _, pair := range s.Instruction.Pairs {
		if !isTLSName(pair.Key.Value) {
			continue // to expand every value takes longer
		}
		value := s.Env.Expand(pair.Value.Value)
		if t := tlsVariable(pair.Key.Value, value.Text); t != nil && pair.HasValue && value.Known {
			t.span = pair.Span
			if f := reportTLS(p, t); s.Instruction.Name == "ENV" {
				f.Because("anyone on the network path can pose as the server, in the build and when the container runs")
			}
		}
	}
}

// reportTLS reports t.
func reportTLS(p *lint.Pass, t *trusting) *lint.Finding {
	f := p.Report(t.span, "`%s` turns off certificate verification", t.what).
		Because("anyone on the network path can pose as the server and replace the download")
	if t.remedy != "" {
		f.Advise("%s", t.remedy)
	} else {
		f.Advise("remove the setting; if the server has a private CA, add the CA's certificate to the image")
	}
	if t.code != "" {
		f.Alias(t.code)
	}
	if t.doubt != "" {
		f.Doubting("%s", t.doubt)
	}
	return f
}

func checkTLSScript(p *lint.Pass, s *shell.Script) {
	said := map[string]bool{}
	say := func(t *trusting) {
		if t != nil && !said[t.what] {
			said[t.what] = true
			reportTLS(p, t)
		}
	}
	for _, c := range s.Commands {
		for _, a := range c.Assigns {
			if t := tlsVariable(a.Name, a.Value.Text); t != nil && a.Value.Literal {
				t.span = a.Span
				say(t)
			}
		}
		say(tlsDownload(c))
		say(tlsSetting(c))
	}
	for _, call := range s.Calls() {
		t := tlsCall(call)
		if t != nil && formerIndex(call) && !said[t.what] {
			said[t.what] = true
			p.Report(t.span, "`%s` has no effect", t.what).
				Because("pip no longer downloads from this server, but from `pypi.org` and `files.pythonhosted.org`, whose certificates it still verifies").
				Advise("remove the option").
				Alias(t.code)
			continue
		}
		say(t)
	}
}

// formerIndex reports whether call, of pip, trusts nothing but the former address of PyPI, and nothing makes it download from there.
func formerIndex(call *shell.Call) bool {
	const former = "pypi.python.org"
	args := call.Command.Args()
	found := false
	for i, w := range args {
		host, ok := strings.CutPrefix(w.Text, "--trusted-host=")
		if w.Text == "--trusted-host" && i+1 < len(args) {
			host, ok = args[i+1].Text, true
		}
		if ok && host != former || !ok && (strings.Contains(w.Text, "/"+former) || strings.Contains(w.Text, "index-url") || w.Text == "-i") {
			return false
		}
		found = found || ok
	}
	return found && call.Command.Script.Step.Env.Lookup("PIP_INDEX_URL") == nil
}

// isTLSName reports whether a variable can switch verification off.
func isTLSName(name string) bool {
	switch name {
	case "NODE_TLS_REJECT_UNAUTHORIZED", "PYTHONHTTPSVERIFY", "GIT_SSL_NO_VERIFY":
		return true
	}
	return len(ecosystem.OffsBy(name)) > 0
}

// tlsVariable says that a variable with that value switches verification off, nil if it does not.
func tlsVariable(name, value string) *trusting {
	t := trusting{}
	switch {
	case value == "" || !isTLSName(name):
		return nil
	case name == "NODE_TLS_REJECT_UNAUTHORIZED" && value == "0":
		t.code = "CKV2_DOCKER_6"
		t.remedy = "remove the variable; if the server has a private CA, set `NODE_EXTRA_CA_CERTS` to the CA's certificate"
	case name == "PYTHONHTTPSVERIFY" && value == "0":
		t.code = "CKV2_DOCKER_5"
	case name == "GIT_SSL_NO_VERIFY": // Git only looks whether it is set
		t.code = "CKV2_DOCKER_14"
		t.remedy = "remove the variable; if the server has a private CA, set `GIT_SSL_CAINFO` to the CA's certificate"
	default:
		offs := ecosystem.OffsBy(name)
		i := slices.IndexFunc(offs, func(o *ecosystem.Off) bool { return !o.Signature && o.With(value) })
		if i < 0 {
			return nil
		}
		off := offs[i]
		t.code = off.EnvCode
		if off.Host && t.about(strings.Fields(value)) == nil {
			return nil
		}
	}
	t.what = name + "=" + value
	return &t
}

// tlsDownload says that c downloads without verification, nil if it does not.
func tlsDownload(c *shell.Command) *trusting {
	d := download.Of(c)
	if d == nil || d.Insecure == nil || len(d.URLs) == 0 {
		return nil
	}
	t := &trusting{span: d.Insecure.Span, what: c.Name + " -k", code: "CKV2_DOCKER_2"}
	if strings.HasPrefix(d.Insecure.Text, "--") {
		t.what = c.Name + " " + d.Insecure.Text
	}
	t.remedy = "remove the option; if the verification then fails, install `ca-certificates`, or add the server's own CA"
	if c.Name != "curl" {
		t.code = "CKV2_DOCKER_3"
	}
	if download.Verified(c) {
		t.doubt = "the script verifies a checksum or signature later"
	}
	return t.about(d.URLs)
}

// about adds what the servers in hosts say about t, nil if all of them are the machine itself.
func (t *trusting) about(hosts []string) *trusting {
	own, private := 0, 0
	for _, host := range hosts {
		switch {
		case strings.HasPrefix(host, "$"):
		case download.Own(host):
			own++
		case download.Private(download.Host(host)):
			private++
		}
	}
	switch {
	case own > 0 && own == len(hosts):
		return nil
	case private > 0 && own+private == len(hosts) && t.doubt == "":
		t.doubt = "the server is on a private network"
	}
	return t
}

// tlsSetting says that c, a command that is not a package manager, switches verification off, nil if it does not.
func tlsSetting(c *shell.Command) *trusting {
	args := c.Args()
	switch c.Name {
	case "git":
		for i, w := range args {
			name, value, inline := strings.Cut(w.Text, "=")
			if !inline && i+1 < len(args) {
				value = args[i+1].Text
			}
			name, value = strings.ToLower(name), strings.ToLower(value)
			if strings.HasPrefix(name, "http.") && strings.HasSuffix(name, ".sslverify") &&
				slices.Contains([]string{"false", "0", "no", "off"}, value) {
				t := &trusting{span: w.Span, what: w.Text, code: "CKV2_DOCKER_14"}
				if !inline {
					t.what, t.span.End = w.Text+" "+args[i+1].Text, args[i+1].Span.End
				}
				t.remedy = "remove the setting; if the server has a private CA, set `http.sslCAInfo` to the CA's certificate"
				if url := strings.TrimSuffix(strings.TrimPrefix(name, "http."), ".sslverify"); strings.Contains(url, "://") {
					return t.about([]string{url})
				}
				return t
			}
		}
	case "aria2c":
		for _, w := range args {
			if w.Text == "--check-certificate=false" {
				return &trusting{span: w.Span, what: w.Text}
			}
		}
	}
	for _, text := range written(c) {
		if what := tlsText(text.text); what != "" {
			return &trusting{span: text.span, what: what}
		}
	}
	return nil
}

// tlsText is the setting in text, that of a configuration file, which switches verification off, or "".
func tlsText(text string) string {
	if !offKeys.In(text) {
		return ""
	}
	wget := ecosystem.Off{Key: "check_certificate", Values: "off no"}
	if wget.Sets(text) {
		return wget.Written()
	}
	for _, m := range ecosystem.Each() {
		for _, off := range m.Offs() {
			if !off.Signature && off.Key != "" && off.Values != "" && off.Sets(text) {
				return off.Written()
			}
		}
	}
	return ""
}

// tlsCall says that a call of a package manager switches verification off, nil if it does not.
func tlsCall(call *shell.Call) *trusting {
	args := call.Command.Args()
	words := make([]string, len(args))
	for i, w := range args {
		words[i] = w.Text
	}
	for _, off := range ecosystem.Of(call.Manager).Offs() {
		if off.Signature {
			continue
		}
		i := off.Index(words)
		if i < 0 {
			continue
		}
		t := &trusting{span: args[i].Span, what: args[i].Text, code: off.Code}
		_, value, inline := strings.Cut(words[i], "=")
		if !inline && i+1 < len(words) && (off.Host || off.Values != "") && !off.Sets(words[i]) {
			value = words[i+1]
			t.what, t.span.End = t.what+" "+value, args[i+1].Span.End
		}
		if off.Host {
			return t.about([]string{value})
		}
		return t
	}
	return nil
}
