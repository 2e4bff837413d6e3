package scripts

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// PipeWithoutPipefail reports a pipe whose left side can fail unnoticed, once per RUN, because the shell only looks at
// the last command. It is sure about a download or an installation whose failure the last command does not notice. Any
// other pipe gets a doubt: an `echo` rarely fails, `tar` notices a broken download itself, and with `head` and `yes`
// pipefail fails although nothing is wrong.
var PipeWithoutPipefail = &lint.Rule{
	Name: "pipe-without-pipefail", Category: lint.Scripts, Aliases: []string{"DL4006"},
	Summary:  "a failure on the left side of a pipe goes unnoticed",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnRun(func(p *lint.Pass, root *shell.Script) {
		for sc := range root.All() {
			if len(sc.Pipelines) > 0 && sc.Dialect != shell.Other {
				checkPipes(p, sc)
			}
		}
	}),
}

// checkPipes reports one pipe of sc.
func checkPipes(p *lint.Pass, sc *shell.Script) {
	line, doubt := worstPipe(p, sc)
	seen := parity.UncheckedPipe(sc)
	if doubt != "" && !seen {
		return
	}
	at, name := line.Pipe, "the left side of this pipe"
	if lost := unnoticed(line); lost != nil {
		at, name = lost.Words[0].Span, "`"+lost.Name+"`"
	}
	f := p.Report(at, "a failure of %s goes unnoticed", name).
		Because("without `pipefail` the exit status of a pipe is that of its last command").
		Advise("%s", remedy(p, sc))
	switch {
	case line.Pipefail:
		f.Message, f.Note = "no `SHELL` in this stage sets `pipefail`", ""
		f.Advise("if you also use hadolint, turn on `pipefail` with `SHELL`")
	case doubt != "":
		f.Message = "the exit status of " + name + " is lost"
		switch {
		case line.Lost:
			f.Advise("assign the output of the pipe to a variable first, and turn on `pipefail`")
		case doubt == wantsCut:
			f.Advise("")
		case cutsOff(line) != "":
			f.Advise("write the output to a file first, and run `%s` on the file", cutsOff(line))
		}
	}
	f.Doubt = doubt
	if lost := unnoticed(line); doubt == "" && fetches(lost) && strings.Contains(f.Help, "`SHELL") && cutOffIn.Of(p)[sc.Step.Stage] {
		f.Advise("save the download to a file, and run the file after `&&`")
	}
	if doubt == "" {
		offerPipefail(p, sc, f)
	}
	if seen {
		f.Alias("DL4006")
	}
}

// worstPipe is the pipe of sc to report, and the doubt about it: the first one without a doubt, else the first one
// without pipefail, else the first one.
func worstPipe(p *lint.Pass, sc *shell.Script) (*shell.Pipeline, string) {
	var found *shell.Pipeline
	doubt := ""
	for _, line := range sc.Pipelines {
		d := doubtOf(p, line)
		if d == "" {
			return line, ""
		}
		if found == nil || found.Pipefail && !line.Pipefail {
			found, doubt = line, d
		}
	}
	return found, doubt
}

// wantsCut is the doubt of a pipe from yes.
const wantsCut = "`yes` is meant to be cut off, which `pipefail` would treat as a failure"

// doubtOf says why a failure on the left side of line may not matter, "" if it does.
func doubtOf(p *lint.Pass, line *shell.Pipeline) string {
	last := line.Parts[len(line.Parts)-1]
	lost := unnoticed(line)
	switch {
	case line.Pipefail:
		return parity.Regardless("`pipefail` is on for this pipe")
	case line.Lost:
		return "`pipefail` by itself has no effect in the arguments of another command"
	case line.Tested:
		return "the pipe is a condition, so perhaps only the result of its last command matters"
	case strings.Contains(p.File.Text(line.Span), "|| echo") || strings.Contains(p.File.Text(line.Span), "|| true"):
		return "a part of the pipe ignores failures on purpose"
	case lost == nil:
		return "a failure may not matter here"
	case lost.Name == "yes":
		return wantsCut
	case cutsOff(line) != "":
		return "`" + cutsOff(line) + "` may stop reading early, and with `pipefail` the step would then fail although nothing is wrong"
	case len(last) == 0:
		return "the loop after the pipe may notice the failure"
	}
	end := last[len(last)-1].Name
	switch {
	case fetches(lost) && fillsKeyring(p, line, lost.Script):
		return "apt rejects the source if the key is missing"
	case fetches(lost) && missed(lost) != nil:
		return "`" + missed(lost).Name + "` after the pipe fails if nothing was installed"
	case fetches(lost) && !notices(end) && p.Plan.ForDevelopment():
		return "the image seems to be for development, where a missing tool is soon noticed"
	case fetches(lost) && !notices(end) && optional(lost) != "":
		return "the pipe only runs in builds that enable it with `" + optional(lost) + "`"
	case fetches(lost) && !notices(end), installs(lost) && end == "tee":
		return ""
	case fetches(lost):
		return "`" + end + "` itself fails if the download is incomplete"
	}
	if lost.Name == "echo" || lost.Name == "printf" {
		return "`" + lost.Name + "` hardly ever fails"
	}
	return "a failure of `" + lost.Name + "` may not matter here"
}

// fillsKeyring reports whether line, a pipe of sc, writes the key of a package source that its RUN names with `signed-by`, and apt
// updates its lists afterwards. An incomplete key makes that fail.
func fillsKeyring(p *lint.Pass, line *shell.Pipeline, sc *shell.Script) bool {
	root := sc.Root()
	if !slices.ContainsFunc(root.Commands, func(c *shell.Command) bool {
		m := ecosystem.Of(c.Name)
		return c.Span.Start > line.Span.End && m != nil && m.Family == ecosystem.Apt && c.Has("update")
	}) || !pragma.Contains(root.Text.String, "signed-by") {
		return false
	}
	written := p.File.Text(line.Span)
	if signedBy.Get().MatchString(written) {
		return false // it is the source and not the key
	}
	names := signedBy.Get().FindAllStringSubmatch(root.Text.String, -1)
	return slices.ContainsFunc(names, func(found []string) bool { return strings.Contains(written, found[1]) })
}

var signedBy = lazy.Regexp{Expr: `(?i)signed-by(?:=|:\s*)([^\s\],"'\\]+)`}

// unnoticed is the command whose failure is lost: a download or an installation if there is one, else the first command
// of the pipe.
func unnoticed(line *shell.Pipeline) *shell.Command {
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

// fetches reports whether c is a command that downloads.
func fetches(c *shell.Command) bool { return c.Name == "curl" || c.Name == "wget" }

// installs reports whether c builds or installs something.
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
	case "tar", "bsdtar", "unzip", "gpg", "apt-key", "gzip", "gunzip", "zcat", "xz", "unxz", "xzcat", "bzip2", "bunzip2",
		"bzcat", "zstd", "cpio", "rpm2cpio", "patch", "sha1sum", "sha256sum", "sha384sum", "sha512sum", "md5sum",
		"shasum", "openssl", "grep", "egrep", "fgrep":
		return true
	}
	return false
}

// cutsOff reports whether a command in line stops before the end of its input.
func cutsOff(line *shell.Pipeline) string {
	for _, part := range line.Parts[1:] {
		for _, c := range part {
			if c.Name == "head" || strings.HasSuffix(c.Name, "grep") && (c.Has("-q", "-m", "--quiet", "--max-count") || lines(c)) {
				return c.Name
			}
		}
	}
	return ""
}

// lines reports whether c, a grep, has a number of lines attached to -m.
func lines(c *shell.Command) bool {
	return slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return len(w.Text) > 2 && strings.HasPrefix(w.Text, "-m") })
}

// remedy is the advice that suits the shell and the base image.
func remedy(p *lint.Pass, sc *shell.Script) string {
	base := sc.Step.Stage.Image()
	at := sc.Step.Shell
	const bash = "add `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` above"
	likely := stageSh(p, sc.Step.Stage)
	switch name := shOf(p, sc); {
	case sc.Outer == nil && at.Step != nil && path.Base(at.Words[0]) == sc.Shell:
		return "add `-o pipefail` to the current `SHELL`, before `-c`"
	case sc.Dialect == shell.Bash || sc.Dialect == shell.Zsh || sc.Outer != nil:
		return "start " + whole(sc) + " with `set -o pipefail`"
	case base != nil && strings.Contains(base.Ref.Repository+base.Ref.Tag, "alpine") || likely == "ash":
		return "add `SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]` above, or start " + whole(sc) +
			" with `set -o pipefail`"
	case name == "bash":
		return bash + ", or start " + whole(sc) + " with `set -o pipefail`"
	case likely == "dash" || likely == "bash" || slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool { return c.Name == "bash" }):
		return bash
	}
	return bash + ", if the image has bash"
}

// whole is what a reader calls the code of sc.
func whole(sc *shell.Script) string {
	switch {
	case sc.Outer != nil:
		return "the script"
	case sc.Heredoc:
		return "the heredoc"
	}
	return "the `RUN`"
}

// offerPipefail offers to switch pipefail on in the shell that runs sc: by an option of the SHELL in force, by `set` at
// the start of the script, or by a SHELL that starts bash. The last one is for Debian and Ubuntu, whose dash has
// no pipefail before Debian 13 and Ubuntu 25.04.
func offerPipefail(p *lint.Pass, sc *shell.Script, f *lint.Finding) {
	if sc.Exec || sc.Step.OnBuild {
		return
	}
	name := shOf(p, sc)
	at := sc.Step.Shell.Step
	switch {
	case sc.Outer == nil && name == "dash" && cutOffIn.Of(p)[sc.Step.Stage]:
		return // SHELL would make that pipe fail
	case sc.Outer != nil:
		if name == "bash" || name == "ash" || name == "zsh" {
			offerSet(p, sc, f)
		}
	case at != nil && shell.Pipefail(sc.Step.Shell.Words):
		return // the script switches it off
	case at != nil && slices.Contains([]string{"bash", "zsh", "ksh", "ash"}, sc.Shell):
		for _, word := range at.Instruction.Args[1:] {
			if strings.HasPrefix(word.Value, "-") && strings.HasSuffix(word.Value, "c") && word.Whole() {
				f.Offer(lint.Unsafe, "add `-o pipefail` to `SHELL`", lint.Insert(word.Full().Start, `"-o", "pipefail", `))
				return
			}
		}
	case name == "bash" || name == "ash" || name == "zsh":
		offerSet(p, sc, f)
	case name == "dash" && at == nil:
		// The SHELL goes before the first RUN with a pipe, so that it serves all of them.
		for _, other := range p.Scripts(sc.Step.Stage) {
			if len(other.Pipelines) == 0 {
				continue
			}
			f.Offer(lint.Unsafe, "run the rest of the stage with bash and `pipefail`",
				lint.InsertAbove(p.File, other.Step.Instruction, `SHELL ["/bin/bash", "-o", "pipefail", "-c"]`))
			return
		}
	}
}

// cutOffIn has the stages in which some pipe fails with pipefail although nothing is wrong.
var cutOffIn = lint.NewFact(func(p *lint.Pass) map[*plan.Stage]bool {
	out := map[*plan.Stage]bool{}
	for _, s := range p.Plan.Stages {
		for _, root := range p.Scripts(s) {
			for sc := range root.All() {
				out[s] = out[s] || slices.ContainsFunc(sc.Pipelines, func(line *shell.Pipeline) bool {
					lost := unnoticed(line)
					return lost != nil && (lost.Name == "yes" || cutsOff(line) != "")
				})
			}
		}
	}
	return out
})

// offerSet offers to start sc with `set -o pipefail`.
func offerSet(p *lint.Pass, sc *shell.Script, f *lint.Finding) {
	set := "set -o pipefail && "
	if docs := sc.Step.Instruction.Heredocs; len(docs) > 0 && sc.Outer == nil {
		if !sc.Heredoc || strings.HasPrefix(sc.Text.String, "#!") {
			return
		}
		set = "set -o pipefail" + p.File.Newline()
	}
	f.Offer(lint.Unsafe, "start "+whole(sc)+" with `set -o pipefail`", lint.Insert(sc.Text.Offset(0), set))
}
