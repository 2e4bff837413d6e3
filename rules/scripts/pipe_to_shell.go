package scripts

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/publisher"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// PipeToShell reports a download that an interpreter runs without verification: through a pipe, as in `bash <(curl …)`,
// or as in `sh -c "$(curl …)"`. It has a doubt if HTTPS authenticates the server.
var PipeToShell = &lint.Rule{
	Name: "pipe-to-shell", Category: lint.Scripts,
	Summary:  "a downloaded script runs without verification",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		for i, runner := range s.Commands {
			c := piped(runner)
			if c == nil {
				c = substituted(runner, s.Commands[i+1:])
			}
			if c != nil {
				reportUnchecked(p, runner, c)
			}
		}
	}),
}

// reportUnchecked reports that runner runs what c downloads.
func reportUnchecked(p *lint.Pass, runner, c *shell.Command) {
	f := p.Report(runner.Words[0].Span, "`%s` runs an unverified script that `%s` downloads", runner.Name, c.Name).
		Because("each build runs whatever the server sends, which may not be what you tested").
		Advise("%s", verification(c)).
		Relate(c.Span, "the script is downloaded here")
	switch {
	case slices.ContainsFunc(c.Args(), isPlainHTTP):
		f.Because("the script comes over plain HTTP, so anyone on the network path can change what runs")
	case c.Has("--insecure", "--no-check-certificate") || c.Name == "curl" && c.Has("-k"):
		f.Because("the server does not have to prove its identity, so anyone on the network path can change what runs")
	case p.Plan.ForDevelopment():
		f.Doubting("HTTPS authenticates the server, and the image seems to be for development")
		p.Repeat(f, runner.Script.Step.Stage)
	default:
		if d := download.Of(c); d != nil && slices.ContainsFunc(d.URLs, func(url string) bool { return strings.Contains(url, "://aka.ms/getvsdbg") }) {
			f.Advise(copied).
				Doubting("the script has no versions, and no package contains the debugger that it installs")
		}
		if d := download.Of(c); d != nil && slices.ContainsFunc(d.URLs, func(url string) bool { return publisher.Serves(p, url) }) {
			f.Doubting("HTTPS authenticates the server, and the script has the same publisher as the image")
		}
		p.Repeat(f, runner.Script.Step.Stage)
	}
}

// copied is the advice on a script that may have no versions.
const copied = "run a copy of the script from the build context"

// verification is how to run what c downloads verified. A script without a version in its address changes at any time, so its
// checksum would soon fail the build.
func verification(c *shell.Command) string {
	d := download.Of(c)
	if d != nil && slices.ContainsFunc(d.URLs, func(url string) bool { return strings.Contains(url, ".nodesource.com/setup_") }) {
		return "add NodeSource's repository and its key without the script"
	}
	if d == nil || len(d.URLs) != 1 || d.Released() || !strings.Contains(d.URLs[0], "://") {
		return "download the script to a file, verify the checksum with `sha256sum -c`, and then run the file"
	}
	url := d.URLs[0]
	if strings.Contains(url, "://getcomposer.org/installer") {
		return "copy `/usr/bin/composer` from a `composer` image"
	}
	if strings.Contains(url, "://sh.rustup.rs") {
		return "download a fixed version of `rustup-init`, and verify it with its `.sha256` file"
	}
	if strings.Contains(url, "://get.docker.com") {
		return "install the packages from Docker's apt or dnf repository"
	}
	for _, branch := range [...]string{"master", "main", "HEAD"} {
		if strings.Contains(url, "/"+branch+"/") {
			return "download the script from a release tag or a commit instead of `" + branch + "`, and verify its checksum"
		}
	}
	return copied
}

func isPlainHTTP(w shell.Word) bool { return strings.HasPrefix(w.Text, "http://") }

// maxPipe is how far up a pipe to look for a download. Real pipes are shorter; it bounds the work on hostile ones.
const maxPipe = 16

// piped is the download at the head of the pipe that runner reads its program from, or nil.
func piped(runner *shell.Command) *shell.Command {
	if runner.PipeFrom == nil || !fromInput(runner) {
		return nil
	}
	from := runner.PipeFrom
	for range maxPipe {
		if from == nil || fetches(from) {
			return from
		}
		from = from.PipeFrom
	}
	return nil
}

// fromInput reports whether c is an interpreter that reads its program from standard input.
func fromInput(c *shell.Command) bool {
	program := "c"
	switch c.Name {
	case "sh", "bash", "dash", "ash", "zsh", "ksh":
	case "python", "python2", "python3":
		if c.Has("-m") {
			return false
		}
	case "perl", "ruby", "node":
		program = "e"
	case "php":
		program = "r"
	default:
		return false
	}
	args := c.Args()
	for i := 0; i < len(args); i++ {
		switch t := args[i].Text; {
		case t == "-" || t == "-s" || t == "--" || t == "/dev/stdin":
			return true
		case strings.HasPrefix(t, "--"):
		case strings.HasPrefix(t, "-"):
			if strings.Contains(t, program) {
				return false
			}
			if strings.HasSuffix(t, "o") {
				i++ // the option's name, as in -euo pipefail
			}
		default:
			return false // a script file
		}
	}
	return true
}

// substituted is the download in a substitution that is the program of runner (an interpreter, source or eval), or nil.
// next are the commands after runner, which begin with those in its words.
func substituted(runner *shell.Command, next []*shell.Command) *shell.Command {
	switch runner.Name {
	case "sh", "bash", "dash", "ash", "zsh", "ksh", "python", "python3", "perl", "ruby", "eval", "source", ".":
	default:
		return nil
	}
	for _, c := range next {
		if !runner.Span.Contains(c.Span) {
			return nil
		}
		if fetches(c) && slices.ContainsFunc(runner.Args(), func(w shell.Word) bool {
			return w.Span.Contains(c.Span) && isSubstitution(w.Node)
		}) {
			return c
		}
	}
	return nil
}

// isSubstitution reports whether w is a single substitution and nothing else.
func isSubstitution(w *syntax.Word) bool {
	if w == nil || len(w.Parts) != 1 {
		return false
	}
	part := w.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
		part = q.Parts[0]
	}
	switch part.(type) {
	case *syntax.CmdSubst, *syntax.ProcSubst:
		return true
	}
	return false
}
