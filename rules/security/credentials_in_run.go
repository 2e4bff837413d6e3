package security

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CredentialsInRun reports passwords and tokens that an instruction contains: keys with a documented format, passwords
// in URLs, in the options of a download and in front of chpasswd, and tokens of npm. It is silent about variables and
// placeholders, and never prints the secret. ENV and ARG are for secret-in-env.
var CredentialsInRun = &lint.Rule{
	Name: "credentials-in-run", Category: lint.Security,
	Summary: "a password or token is hard-coded in an instruction",
	Aliases: []string{"CKV2_DOCKER_17", "S6437", "DKL-LI-0001"}, Severity: lint.Warning, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			leaks := &leaks{pass: p, step: s}
			leaks.scan(s.Instruction.Text)
			for _, doc := range s.Instruction.Heredocs {
				leaks.scan(doc.Body)
			}
		}, "LABEL", "ADD", "COPY", "CMD", "ENTRYPOINT", "HEALTHCHECK"),
		lint.OnRun(func(p *lint.Pass, s *shell.Script) {
			leaks := &leaks{pass: p, step: s.Step}
			leaks.scan(s.Text)
			for _, c := range s.Commands {
				leaks.command(c)
			}
		}),
	),
}

// leaks reports the secrets of one instruction, each part of it once.
type leaks struct {
	pass *lint.Pass
	step *plan.Step
	said []parser.Span
}

// report adds a finding, nil if the place has one.
func (l *leaks) report(span parser.Span, message string, args ...any) *lint.Finding {
	if slices.ContainsFunc(l.said, func(s parser.Span) bool { return s.Start < span.End && span.Start < s.End }) {
		return nil
	}
	l.said = append(l.said, span)
	f := l.pass.Report(span, message, args...).
		Because("the secret is in this file, so consider it leaked")
	if l.step.Stage != nil && l.step.Stage.Shipped {
		f.Because("the secret is in this file and in the image, so consider it leaked")
	}
	switch l.step.Instruction.Name {
	case "RUN":
		f.Advise("revoke it, and mount a new one with `RUN --mount=type=secret` if only this step needs it; otherwise pass it when the container starts")
	case "ADD", "COPY":
		f.Advise("revoke it, and download the file in a `RUN` that mounts a new one with `--mount=type=secret`")
	case "LABEL":
		f.Advise("revoke it, and remove it from the label")
	default:
		f.Advise("revoke it, and pass a new one when the container starts")
	}
	return f
}

// scan looks for secrets that their format shows, anywhere in text.
func (l *leaks) scan(text parser.Text) {
	for _, m := range keys(text.String) {
		if f := l.report(text.Span(m[0], m[1]), "a key or token is hard-coded"); f != nil {
			f.Severity = lint.Error
		}
	}
	if hasUser(text.String) {
		for _, m := range address.Get().FindAllStringSubmatchIndex(text.String, 100) {
			l.url(text, m[0], m[1], text.String[m[2]:m[3]])
		}
		for _, m := range userToken.Get().FindAllStringSubmatchIndex(text.String, 10) {
			l.report(text.Span(m[0], m[1]), "the URL contains a token")
		}
	}
	if strings.Contains(text.String, ":_") {
		for _, m := range registryToken.Get().FindAllStringSubmatchIndex(text.String, 10) {
			if value := text.String[m[2]:m[3]]; strong(value) {
				l.report(text.Span(m[0], m[1]), "a token for a package registry is hard-coded")
			}
		}
	}
}

// url reports a URL with a password, at the given offsets of text.
func (l *leaks) url(text parser.Text, start, end int, password string) {
	url := text.String[start:end]
	user, _, _ := strings.Cut(url[strings.Index(url, "://")+3:], ":")
	host := download.Host(url)
	if !literalSecret(password) || strings.ContainsAny(password, "`(\\") || strings.ContainsAny(host, "$<{*(") ||
		download.Own(url) || strings.Contains(host, "example") {
		return
	}
	if password == "x-oauth-basic" && !literalSecret(user) {
		return
	}
	scheme, _, _ := strings.Cut(url, "://")
	f := l.report(text.Span(start, end), "the URL for `%s` contains a password", host)
	if f == nil {
		return
	}
	switch web := strings.HasPrefix(scheme, "http") || strings.HasPrefix(scheme, "git+") || scheme == "ftp"; {
	case commonPassword(password) || password == user:
		f.Doubting("the password looks like a placeholder")
	case !web && (!strong(password) || download.Private(host)):
		f.Doubting("the command may not connect to this address")
	}
}

// command looks for secrets among the arguments of c.
func (l *leaks) command(c *shell.Command) {
	if d := download.Of(c); d != nil && d.Login != nil && d.Login.Literal {
		user, password, ok := strings.Cut(d.Login.Text, ":")
		if strings.HasPrefix(c.Name, "w") {
			user, password, ok = "", d.Login.Text, true
		}
		if ok && literalSecret(password) && user != "anonymous" && !slices.ContainsFunc(d.URLs, download.Own) {
			f := l.report(d.Login.Span, "`%s` is given a password on its command line", c.Name)
			if f != nil && (commonPassword(password) || password == user) {
				f.Doubting("the password looks like a placeholder")
			}
		}
	}
	switch c.Name {
	case "chpasswd":
		if !c.Has("-e", "--encrypted") {
			l.passwords(c)
		}
	case "passwd":
		if w := c.Flag("-d", "--delete"); w != nil {
			f := l.pass.Report(w.Span, "`passwd %s` removes the password of an account", w.Text).
				Because("anyone who reaches a login prompt can log in without a password").
				Advise("lock the account with `passwd -l`").Alias("DKL-LI-0001")
			f.Doubting("this only matters if users can log in to the container")
		}
		if c.Has("--stdin") {
			l.passwords(c)
		}
	}
	for _, a := range c.Assigns {
		lower := strings.ToLower(a.Name)
		if a.Value.Literal && secretName(lower) && strong(a.Value.Text) && harmless(lower, a.Value.Text) == "" {
			if f := l.report(a.Span, "secret `%s` is hard-coded", a.Name); f != nil {
				f.Doubting("the command may only need a dummy value")
			}
		}
	}
}

// passwords reports the passwords of accounts that c, chpasswd or passwd, reads from echo, printf or a here-document.
func (l *leaks) passwords(c *shell.Command) {
	var texts []passage
	if from := c.PipeFrom; from != nil && (from.Name == "echo" || from.Name == "printf") {
		for _, w := range from.Args() {
			if w.Literal {
				texts = append(texts, passage{w.Text, w.Span})
			}
		}
	}
	if c.Stmt != nil {
		for _, r := range c.Stmt.Redirs {
			switch {
			case r.Hdoc != nil:
				texts = append(texts, passage{c.Script.Text.String[r.Hdoc.Pos().Offset():r.Hdoc.End().Offset()], c.Script.Span(r.Hdoc)})
			case r.Op.String() == "<<<" && r.Word != nil:
				text := c.Script.Text.String[r.Word.Pos().Offset():r.Word.End().Offset()]
				texts = append(texts, passage{strings.Trim(text, `"'`), c.Script.Span(r.Word)})
			}
		}
	}
	for _, text := range texts {
		user, password, ok := strings.Cut(strings.TrimSpace(text.text), ":")
		if c.Name == "passwd" {
			user, password, ok = "", user, !strings.HasPrefix(user, "-")
		}
		password = strings.TrimRight(strings.TrimSuffix(password, `\n`), "\r\n")
		if !ok || password == "" || strings.ContainsAny(user+password, "$<{`") {
			continue
		}
		f := l.report(text.span, "`%s` sets a hard-coded password", c.Name)
		if f == nil {
			continue
		}
		f.Advise("do not set a password, or read it from a secret, as in `RUN --mount=type=secret,id=passwords chpasswd < /run/secrets/passwords`")
		if c.Name == "chpasswd" {
			f.Alias("CKV2_DOCKER_17")
		}
		switch {
		case placeholder(password):
			f.Doubting("the password looks like a placeholder")
		case user == "root" && password == "Docker!":
			f.Because("the password is well known, so it does not protect an SSH port that others can reach").
				Advise("unless the container runs in Azure App Service, do not set a password").
				Doubting("the password is required by Azure App Service, which does not make the SSH port public")
		}
		if l.pass.Plan.ForDevelopment() {
			f.Doubting("the image is for development")
		}
	}
}

// commonPassword reports whether a password is one that examples use.
func commonPassword(password string) bool {
	switch strings.ToLower(strings.Trim(password, "_-")) {
	case "password", "passwd", "pass", "pw", "pwd", "secret", "token", "user", "username", "test", "admin", "root", "postgres",
		"foo", "bar", "guest", "mysql", "access_token", "api_key", "apikey", "credentials", "1234", "12345", "123456":
		return true
	}
	return false
}

// userToken finds a URL whose user is an access token in the format that GitHub used until 2021.
var userToken = lazy.Regexp{Expr: `https?://[0-9a-f]{40}@[^/:\s"']*`}

// registryToken finds a token for a registry of npm's packages, and its value.
var registryToken = lazy.Regexp{Expr: `:_(?:authToken|auth|password)(?:\s*=\s*|["']?\s+)["']?([^\s"']+)`}
