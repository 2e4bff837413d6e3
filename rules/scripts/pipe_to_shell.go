package scripts

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// PipeToShell reports a download that an interpreter runs as it comes: through a pipe, as `bash <(curl …)`, or as
// `sh -c "$(curl …)"`. It is doubtful where HTTPS vouches for the server.
var PipeToShell = &lint.Rule{
	Name: "pipe-to-shell", Summary: "a downloaded script is run unchecked", Category: lint.Scripts,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		for i, runner := range s.Commands {
			if c := piped(runner); c != nil {
				unchecked(p, runner, c)
			} else if c := substituted(runner, s.Commands[i+1:]); c != nil {
				unchecked(p, runner, c)
			}
		}
	}),
}

// unchecked reports that runner runs what c downloads.
func unchecked(p *lint.Pass, runner, c *shell.Command) {
	f := p.Report(runner.Words[0].Span, "`%s` runs what `%s` downloads, unchecked", runner.Name, c.Name).
		Because("the server decides at each build what runs, and nothing here holds it to what was tested").
		Advise("download to a file, verify its checksum with `sha256sum -c`, then run it").
		Relate(c.Span, "downloaded here")
	switch {
	case slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return strings.HasPrefix(w.Text, "http://") }):
		f.Because("it comes over plain HTTP: anyone on the way can change what runs")
	case c.Has("--insecure", "--no-check-certificate") || c.Name == "curl" && c.Has("-k"):
		f.Because("the server need not prove who it is: anyone on the way can change what runs")
	default:
		f.Doubting("HTTPS vouches for the server, and its makers may tell people to install it so")
	}
}

// downloads reports whether c prints what it fetches, as far as its name tells.
func downloads(c *shell.Command) bool { return c.Name == "curl" || c.Name == "wget" }

// maxPipe is how far up a pipe a download is looked for. Real pipes are shorter; it bounds the work on hostile ones.
const maxPipe = 16

// piped is the download at the head of the pipe that runner takes its program from, or nil.
func piped(runner *shell.Command) *shell.Command {
	if runner.PipeFrom == nil || !fromInput(runner) {
		return nil
	}
	from := runner.PipeFrom
	for range maxPipe {
		if from == nil || downloads(from) {
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
			return false // a script of its own
		}
	}
	return true
}

// substituted is the download in a substitution that is the program of runner: an interpreter, source or eval. The commands in
// its words are the next ones.
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
		if downloads(c) && slices.ContainsFunc(runner.Args(), func(w shell.Word) bool { return w.Span.Contains(c.Span) && whole(w.Node) }) {
			return c
		}
	}
	return nil
}

// whole reports whether w is one substitution and nothing else.
func whole(w *syntax.Word) bool {
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
