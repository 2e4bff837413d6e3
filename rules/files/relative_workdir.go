package files

import (
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// RelativeWorkdir reports a WORKDIR that is relative to what only the base image knows. Below an absolute WORKDIR of the same
// file the folder is known, and the finding is doubtful; so it is where a variable of the base image may make it absolute.
var RelativeWorkdir = &lint.Rule{
	Name: "relative-workdir", Summary: "a `WORKDIR` depends on the working directory of the base image", Category: lint.Files,
	Aliases:  []string{"DL3000", "WorkdirRelativePath", "DS-0009", "CKV_DOCKER_10"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Safe,
	Check: lint.OnInstruction("WORKDIR", func(p *lint.Pass, s *plan.Step, _ *instructions.WorkdirCommand) {
		word := s.Instruction.Args[0]
		dir := s.Env.Expand(word.Value)
		bare := strings.Trim(word.Value, `"'`)
		windows := drive(dir.Text) || strings.HasPrefix(dir.Text, `\`) || drive(bare)
		if path.IsAbs(dir.Text) {
			return
		}
		first := s.WorkdirStep == nil
		if windows && !first {
			return
		}
		f := p.Report(word.Full(), "`WORKDIR %s` is relative", word.String)
		if !strings.HasPrefix(bare, "$") && !drive(bare) && !strings.HasPrefix(bare, "/") {
			f.Alias("DL3000", "DS-0009", "CKV_DOCKER_10")
		}
		if first {
			f.Alias("WorkdirRelativePath")
		}
		f.Advise("write the whole path")
		switch {
		case windows:
			f.Doubting("the path is absolute on Windows")
		case !dir.Known || strings.Contains(bare, "$") && dir.Text == "":
			f.Doubting("the base image or a build argument may set `%s` to an absolute path", bare)
		case s.Workdir.Known:
			f.Because("it means `%s`, and moves when what is before it changes", path.Join(s.Workdir.Text, dir.Text)).
				Doubting("the folder is known, since it does not depend on the base image")
			if whole := path.Join(s.Workdir.Text, dir.Text); word.Whole() && fixed(s, word.Value) && fixed(nil, whole) {
				f.Offer(lint.Safe, "write `"+whole+"`", lint.Edit{Span: word.Full(), Text: whole})
			}
		case !first:
			f.Because("the `WORKDIR` before it is not known either").Doubting("the `WORKDIR` above it decides")
		}
		if first && f.Doubt == "" {
			f.Because("the folder depends on the working directory of the base image, which another release can change")
			if whole := path.Join("/", dir.Text); word.Whole() && fixed(nil, word.Value) && fixed(nil, whole) && whole != "/" {
				f.Offer(lint.Unsafe, "write `"+whole+"`", lint.Edit{Span: word.Full(), Text: whole})
			}
		} else if !first {
			f.Relate(s.WorkdirStep.Instruction.Span, "it is relative to this")
		}
	}),
}

// drive reports whether a path begins with a drive letter.
func drive(dir string) bool {
	return len(dir) > 1 && dir[1] == ':' && (dir[0]|0x20 >= 'a' && dir[0]|0x20 <= 'z')
}

// fixed reports whether the path written as word is the same in every build: nothing in it, nor in the WORKDIRs above s that it
// hangs on, is quoted, escaped or a variable.
func fixed(s *plan.Step, word string) bool {
	const most = 100 // WORKDIRs to look at: no real file has more, and a hostile one costs no more
	for range most {
		if strings.ContainsAny(word, "$\"'\\` \t") {
			return false
		}
		if path.IsAbs(word) || s == nil || s.WorkdirStep == nil {
			return true
		}
		s = s.WorkdirStep
		word = s.Instruction.Args[0].Value
	}
	return false
}
