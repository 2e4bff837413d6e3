package security

import (
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// OldTLSVersion reports that a download, or OpenSSL's configuration, allows SSL or a TLS version before 1.2, or a low security level.
// Confidence is low for the server of a private network. An option that only sets a newer minimum is not reported.
var OldTLSVersion = &lint.Rule{
	Name: "old-tls-version", Category: lint.Security,
	Summary: "SSL or a TLS version before 1.2 is allowed",
	Aliases: []string{"S4423"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		configured := strings.Contains(s.Text.String, "openssl")
		for _, c := range s.Commands {
			if d := download.Of(c); d != nil {
				oldDownload(p, c, d)
				continue
			}
			if !configured {
				continue
			}
			for _, text := range written(c) {
				if what := oldSetting.Get().FindString(text.text); what != "" {
					f := reportOldTLS(p, text.span, strings.TrimSpace(what)).
						Advise("leave the file unchanged, and set `OPENSSL_CONF` to a changed copy for the one program that needs it")
					if len(s.Commands) == 1 ||
						purpose.Get().MatchString(p.File.Text(parser.Span{Start: p.File.Above(s.Step.Instruction), End: s.Step.Instruction.Span.Start})) {
						f.Doubting("the setting seems to be intended")
					}
					if strings.Contains(what, "SECLEVEL") {
						f.Message = "`" + strings.TrimSpace(what) + "` lowers the security level of TLS"
						f.Because("below level 2 OpenSSL accepts shorter keys and, depending on the release, SHA-1 signatures or TLS 1.0")
					}
				}
			}
		}
	}),
}

// oldDownload reports the options of c, a download.
func oldDownload(p *lint.Pass, c *shell.Command, d *download.Download) {
	for i, w := range c.Args() {
		_, value, _ := strings.Cut(w.Text, "=")
		if value == "" && i+1 < len(c.Args()) {
			value = c.Args()[i+1].Text
		}
		old := false
		switch name, _, _ := strings.Cut(w.Text, "="); name {
		case "--tlsv1.0", "--tlsv1.1", "--sslv2", "--sslv3":
			old = c.Name == "curl"
		case "--tls-max":
			old = c.Name == "curl" && (value == "1.0" || value == "1.1")
		case "--secure-protocol":
			old = c.Name == "wget" && (value == "SSLv2" || value == "SSLv3" || value == "TLSv1" || value == "TLSv1_1")
		}
		if !old {
			continue
		}
		f := reportOldTLS(p, w.Span, w.Text).Advise("remove the option, because current releases use TLS 1.2 or newer by default")
		for _, url := range d.URLs {
			if download.Private(download.Host(url)) {
				f.Doubting("the server is on a private network")
			}
		}
		return
	}
}

func reportOldTLS(p *lint.Pass, span parser.Span, what string) *lint.Finding {
	return p.Report(span, "`%s` allows an outdated version of TLS", what).
		Because("RFC 8996 forbids TLS 1.0 and 1.1, because they depend on MD5 and SHA-1 and can be attacked by anyone on the network path")
}

// purpose matches a comment about TLS.
var purpose = lazy.Regexp{Expr: `(?i)#.*(\b(tls|ssl|openssl|ciphers?|seclevel)\b|legacy)`}

// oldSetting finds settings of OpenSSL for old versions, or for a security level below 2, which some releases require for TLS 1.0. In
// an expression for sed it is the replacement.
var oldSetting = lazy.Regexp{Expr: `(?:^|/|\n)\s*MinProtocol\s*=\s*(?:SSLv3|TLSv1(?:\.[01])?|None)(?:\s|/|\\|$)|` +
	`(?:/|^|@)(?:[^/]*@)?SECLEVEL=[01]\b(?:/|\s|$)`}
