package files

import (
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// RelativeWorkdir reports a WORKDIR that is relative to the base image's working directory. After an absolute WORKDIR
// in the same file the directory is known, so confidence is low; the same holds if a variable of the base image may
// make the path absolute.
var RelativeWorkdir = &lint.Rule{
	Name: "relative-workdir", Summary: "a `WORKDIR` depends on the base image's working directory", Category: lint.Files,
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
		if parity.RelativeWorkdir(bare) {
			f.Alias("DL3000", "DS-0009", "CKV_DOCKER_10")
		}
		if first {
			f.Alias("WorkdirRelativePath")
		}
		f.Advise("use an absolute path")
		switch {
		case windows:
			f.Message = "`WORKDIR " + word.String + "` is not absolute on Linux"
			f.Because("BuildKit reports this path if it runs on Linux").
				Advise("").
				Doubting("in an image for Windows the path is absolute")
		case !dir.Known || strings.Contains(bare, "$") && dir.Text == "":
			f.Message = "`WORKDIR " + word.String + "` may be relative"
			f.Advise("make sure that `%s` is an absolute path", bare).
				Doubting("%s may set `%s` to an absolute path", setter(s, bare), bare)
		case s.Workdir.Known:
			f.Because(
				"the path resolves to `%s`, and changes with any `WORKDIR` above it",
				path.Join(s.Workdir.Text, dir.Text),
			).
				Doubting("the result does not depend on the base image")
			if whole := path.Join(s.Workdir.Text, dir.Text); word.Whole() && fixed(s, word.Value) && fixed(nil, whole) {
				f.Offer(lint.Safe, "write `"+whole+"`", lint.Replace(word.Full(), whole))
			}
		case !first:
			f.Because("the path is relative to the previous `WORKDIR`, which contains a variable").Doubting("the result does not depend on the base image")
			if !path.IsAbs(s.WorkdirStep.Env.Expand(s.WorkdirStep.Instruction.Args[0].Value).Text) {
				f.Because("the path is relative to the previous `WORKDIR`, which is not absolute either").
					Doubting("if the previous `WORKDIR` becomes absolute, this path no longer depends on the base image")
			}
		}
		if first && f.Doubt == "" {
			f.Because("the path is relative to the base image's working directory, which may change in that image's next release")
			if whole := path.Join("/", dir.Text); word.Whole() && fixed(nil, word.Value) && fixed(nil, whole) &&
				whole != "/" {
				f.Offer(lint.Unsafe, "write `"+whole+"`", lint.Replace(word.Full(), whole))
			}
		} else if !first {
			f.Relate(s.WorkdirStep.Instruction.Span, "previous `WORKDIR`")
		}
	}),
}

// setter is what may give the variables in word, of s, their values.
func setter(s *plan.Step, word string) string {
	set, missing := s.Env.Uses(word)
	args := 0
	for _, name := range missing {
		if s.Env.Lookup(name) != nil {
			args++
		}
	}
	switch {
	case args == len(missing):
		return "a build argument"
	case args+len(set) == 0:
		return "the base image"
	}
	return "the base image or a build argument"
}

// drive reports whether a path begins with a Windows drive letter.
func drive(dir string) bool {
	return len(dir) > 1 && dir[1] == ':' && (dir[0]|0x20 >= 'a' && dir[0]|0x20 <= 'z')
}

// fixed reports whether the path written as word is the same in every build, that is whether nothing in it, or in the
// WORKDIRs above s that it depends on, is quoted, escaped or a variable.
func fixed(s *plan.Step, word string) bool {
	const most = 100 // bounds the WORKDIRs to look at; no real file has more, and a hostile one cannot cost more
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
