package scripts

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// PipeWithoutPipefail reports a pipe whose left side can fail unnoticed, once for a RUN: the shell looks at the last command
// alone. It is sure of a download or an installation whose loss the last command does not notice. All else is doubtful: an
// `echo` hardly fails, `tar` notices a broken download itself, and `head` and `yes` make pipefail fail where nothing is wrong.
var PipeWithoutPipefail = &lint.Rule{
	Name: "pipe-without-pipefail", Summary: "a failure on the left side of a pipe goes unnoticed", Category: lint.Scripts,
	Aliases: []string{"DL4006"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnRun(func(p *lint.Pass, sc *shell.Script) {
		if len(sc.Pipelines) == 0 || sc.Dialect == shell.Other {
			return
		}
		line, doubt := worst(sc)
		seen := parity.UncheckedPipe(sc)
		if doubt != "" && !seen {
			return
		}
		at, name := line.Pipe, "the left side of this pipe"
		if lost := loser(line); lost != nil {
			at, name = lost.Words[0].Span, "`"+lost.Name+"`"
		}
		f := p.Report(at, "a failure of %s goes unnoticed", name).
			Because("without pipefail the status of a pipe is that of its last command alone").
			Advise("%s", remedy(sc))
		f.Doubt = doubt
		if doubt == "" {
			setPipefail(p, sc, f)
		}
		if seen {
			f.Alias("DL4006")
		}
	}),
}

// worst is the pipe of sc to speak of: the first one without doubt, else the first one whose failures are lost, else the first.
func worst(sc *shell.Script) (*shell.Pipeline, string) {
	var found *shell.Pipeline
	doubt := ""
	for _, line := range sc.Pipelines {
		d := doubtful(line)
		if d == "" {
			return line, ""
		}
		if found == nil || found.Pipefail && !line.Pipefail {
			found, doubt = line, d
		}
	}
	return found, doubt
}

// doubtful says why the failure of what is left in line may be of no matter, "" if it is.
func doubtful(line *shell.Pipeline) string {
	last := line.Parts[len(line.Parts)-1]
	lost := loser(line)
	switch {
	case line.Pipefail:
		return "pipefail is set for it in another way than by SHELL in this stage"
	case line.Lost:
		return "the shell does not look at the status of a substitution in the arguments of a command"
	case line.Tested:
		return "the script asks whether the pipe failed"
	case lost == nil:
		return "whether a failure matters there is not for a linter to say"
	case lost.Name == "yes":
		return "it is meant to be cut off, which pipefail would take for a failure"
	case cutsOff(line):
		return "a command that stops reading early makes pipefail fail where nothing is wrong"
	case len(last) == 0:
		return "the loop behind the pipe may notice it"
	}
	end := last[len(last)-1].Name
	switch {
	case fetches(lost) && !notices(end), installs(lost) && end == "tee":
		return ""
	case fetches(lost):
		return "`" + end + "` fails on a broken download, too"
	}
	return "whether a failure of `" + lost.Name + "` matters is not for a linter to say"
}

// loser is the command whose failure is lost: a download or an installation if there is one, else the first of the pipe.
func loser(line *shell.Pipeline) *shell.Command {
	var first *shell.Command
	for _, part := range line.Parts[:len(line.Parts)-1] {
		for _, c := range part {
			switch {
			case fetches(c) || installs(c):
				return c
			case first == nil && c.Name != "":
				first = c
			}
		}
	}
	return first
}

func fetches(c *shell.Command) bool { return c.Name == "curl" || c.Name == "wget" }

func installs(c *shell.Command) bool {
	if c.Name == "make" || c.Name == "ninja" {
		return true
	}
	for _, call := range c.Script.Calls() {
		if call.Command == c {
			return call.Action == shell.Install
		}
	}
	return false
}

// notices reports whether a command fails when its input is empty or ends early.
func notices(name string) bool {
	switch name {
	case "tar", "bsdtar", "unzip", "gpg", "apt-key", "gzip", "gunzip", "zcat", "xz", "unxz", "xzcat", "bzip2", "bunzip2", "bzcat", "zstd", "cpio",
		"rpm2cpio", "patch", "sha1sum", "sha256sum", "sha384sum", "sha512sum", "md5sum", "shasum", "openssl":
		return true
	}
	return false
}

// cutsOff reports whether a command in line stops before the end of its input.
func cutsOff(line *shell.Pipeline) bool {
	for _, part := range line.Parts[1:] {
		for _, c := range part {
			if c.Name == "head" || strings.HasSuffix(c.Name, "grep") && c.Has("-q", "-m", "--quiet", "--max-count") {
				return true
			}
		}
	}
	return false
}

// remedy is the advice for the base image.
func remedy(sc *shell.Script) string {
	base := sc.Step.Stage.Image()
	at := sc.Step.Shell
	switch {
	case at.Step != nil && path.Base(at.Words[0]) == sc.Shell:
		return "add `-o pipefail` to the `SHELL` in force, before `-c`"
	case sc.Dialect == shell.Bash || sc.Dialect == shell.Zsh:
		return "begin the script with `set -o pipefail`"
	case base != nil && strings.Contains(base.Ref.Repository+base.Ref.Tag, "alpine"):
		return "put `SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]` above, or begin the script with `set -o pipefail`"
	}
	return "put `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` above, if the image has bash"
}

// setPipefail offers what switches pipefail on in the shell that runs sc: an option of the SHELL in force, `set` at the beginning
// of the script, or, for the dash of Debian and Ubuntu, which had no pipefail before 0.5.13, a SHELL that names their bash.
func setPipefail(p *lint.Pass, sc *shell.Script, f *lint.Finding) {
	if sc.Exec || sc.Step.OnBuild {
		return
	}
	name := shellOf(p, sc)
	at := sc.Step.Shell.Step
	switch {
	case at != nil && shell.Pipefail(sc.Step.Shell.Words):
		return // the script switches it off
	case at != nil && slices.Contains([]string{"bash", "zsh", "ksh", "ash"}, sc.Shell):
		for _, word := range at.Instruction.Args[1:] {
			if strings.HasPrefix(word.Value, "-") && strings.HasSuffix(word.Value, "c") && word.Whole() {
				start := word.Full().Start
				f.Offer(lint.Unsafe, "add `-o pipefail` to `SHELL`", lint.Edit{Span: parser.Span{Start: start, End: start}, Text: `"-o", "pipefail", `})
				return
			}
		}
	case name == "bash" || name == "ash" || name == "zsh":
		start := sc.Text.Offset(0)
		code, end := "set -o pipefail && ", " "
		if docs := sc.Step.Instruction.Heredocs; len(docs) > 0 {
			if sc.Text.String != docs[0].Body.String || strings.HasPrefix(sc.Text.String, "#!") {
				return
			}
			code, end = "set -o pipefail"+p.File.Newline(), ""
		}
		f.Offer(lint.Unsafe, "begin with `set -o pipefail`", lint.Edit{Span: parser.Span{Start: start, End: start}, Text: strings.TrimRight(code, " ") + end})
	case name == "dash" && at == nil:
		// Above the first RUN with a pipe, so that one SHELL serves all of them.
		for _, step := range sc.Step.Stage.Steps {
			other := p.Script(step)
			if other == nil || len(other.Pipelines) == 0 {
				continue
			}
			start := p.File.Above(step.Instruction)
			f.Offer(lint.Unsafe, "let bash run the stage, with pipefail", lint.Edit{
				Span: parser.Span{Start: start, End: start}, Text: `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` + p.File.Newline(),
			})
			return
		}
	}
}
