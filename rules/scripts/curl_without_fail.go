package scripts

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// CurlWithoutFail reports a curl that hands on what it downloads, into a file or a pipe, and takes the page of an error for it. It is
// silent where the status is asked for, where a checksum or signature is verified behind it, and where its flags are not all known.
var CurlWithoutFail = &lint.Rule{
	Name: "curl-without-fail", Summary: "curl takes an error page for the download", Category: lint.Scripts,
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		if c.Stmt == nil || !saves(c) || verified(c) {
			return
		}
		f := p.Report(c.Words[0].Span, "`curl` succeeds where the server answers with an error").
			Because("a page that says 404 is taken for the file, and what reads it may not notice").
			Advise("add `-f`")
		if c.Plain(c.Words[0]) {
			at := c.Words[0].Span.End
			f.Offer(lint.Unsafe, "add `-f`", lint.Edit{Span: parser.Span{Start: at, End: at}, Text: " -f"})
		}
	}, "curl"),
}

// saves reports whether c, a call of curl, downloads over HTTP and hands the answer on, whatever its status.
func saves(c *shell.Command) bool {
	fields, open := c.Fields()
	if open || !slices.ContainsFunc(fields, func(s string) bool { return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") }) {
		return false
	}
	kept := c.PipeTo != nil
	for _, s := range fields {
		name, _, _ := strings.Cut(s, "=")
		switch name {
		case "--fail", "--fail-with-body", "--write-out", "--head", "--include", "--dump-header", "--config", "--upload-file":
			return false
		case "--output", "--remote-name", "--remote-name-all":
			kept = true
		}
		if len(s) < 2 || s[0] != '-' || s[1] == '-' {
			continue
		}
		for _, letter := range s[1:] {
			if strings.ContainsRune("fwIiDKTV", letter) {
				return false
			}
			kept = kept || letter == 'o' || letter == 'O'
			if strings.ContainsRune(valuedLetters, letter) {
				break // the rest is its value
			}
		}
	}
	return kept
}

// valuedLetters are the short flags of curl that take a value: https://curl.se/docs/manpage.html.
const valuedLetters = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"

// verified reports whether a command that compares checksums or signatures follows c.
func verified(c *shell.Command) bool {
	for _, other := range c.Script.Commands {
		if other.Span.Start < c.Span.Start {
			continue
		}
		switch other.Name {
		case "md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum", "shasum", "gpg", "gpgv", "cosign", "minisign":
			return true
		}
	}
	return false
}
