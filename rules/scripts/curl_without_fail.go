package scripts

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CurlWithoutFail reports a curl that writes its download to a file or a pipe, and would do the same with an error
// page. It is silent if the HTTP status is asked for, if a checksum or signature is verified later, and if not all
// flags are known. It has a doubt unless the download is run: what unpacks an archive or reads a key fails by itself.
var CurlWithoutFail = &lint.Rule{
	Name: "curl-without-fail", Category: lint.Scripts,
	Summary:  "`curl` without `-f` treats an error page as the download",
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		if c.Stmt == nil || !saves(c) || download.Verified(c) {
			return
		}
		f := p.Report(c.Words[0].Span, "`curl` succeeds even if the server returns an error").
			Because("`curl` then outputs the error page instead of the file").
			Advise("add `-f`")
		piped := c.PipeTo != nil && fromInput(c.PipeTo)
		if piped {
			f.Because("`%s` then gets the error page instead of the script", c.PipeTo.Name)
		}
		if piped = piped && !guarded(c); piped {
			f.Advise("download the script to a file with `-f`, and run the file after `&&`")
		}
		if c.Plain(c.Words[0]) && !piped {
			f.Offer(lint.Unsafe, "add `-f`", lint.Insert(c.Words[0].Span.End, " -f"))
		}
		if piped && missed(c) != nil {
			f.Doubting("`%s` after the pipe fails if nothing was installed", missed(c).Name)
		} else if name := optional(c); name != "" {
			f.Doubting("the download only runs in builds that enable it with `%s`", name)
		}
		if (c.PipeTo == nil || !fromInput(c.PipeTo)) && download.Of(c).Use() != download.Program {
			f.Doubting("the program that reads the file may itself reject an error page")
		}
		type alike struct {
			stage      *plan.Stage
			note, help string
		}
		p.Repeat(f, alike{c.Script.Step.Stage, f.Note, f.Help})
	}, "curl"),
}

// guarded reports whether a pipe fails if c, a part of it, does.
func guarded(c *shell.Command) bool {
	return slices.ContainsFunc(c.Script.Pipelines, func(l *shell.Pipeline) bool {
		return l.Pipefail && l.Span.Start <= c.Span.Start && c.Span.End <= l.Span.End
	})
}

// saves reports whether c, a call of curl, downloads over HTTP and writes the response to a file or a pipe, whatever
// its status.
func saves(c *shell.Command) bool {
	fields, open := c.Fields()
	if open || !slices.ContainsFunc(fields, isWebAddress) {
		return false
	}
	kept := c.PipeTo != nil
	for _, s := range fields {
		name, _, _ := strings.Cut(s, "=")
		switch name {
		case "--fail", "--fail-with-body", "--write-out", "--head", "--include", "--dump-header", "--config",
			"--upload-file":
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

func isWebAddress(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// valuedLetters are the short flags of curl that take a value: https://curl.se/docs/manpage.html.
const valuedLetters = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"
