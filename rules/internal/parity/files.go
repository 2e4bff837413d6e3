package parity

import (
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/plan"
)

// PlainSource reports whether hadolint prints DL3020 for a source of ADD. It only looks at the text, so a variable
// and a git repository are plain files to it. archive says whether the text ends like an archive.
func PlainSource(src *plan.Source, archive func(string) bool) bool {
	text := strings.Trim(src.Word.Value, `"'`)
	return !src.Heredoc && !archive(text) && !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://")
}

// CopiedArchive reports whether hadolint prints DL3010. It only looks at the last stage, and does not follow an
// archive that COPY renames.
func CopiedArchive(p *plan.Plan, s *plan.Stage, renamed bool) bool {
	return !renamed && s == p.Stages[len(p.Stages)-1]
}

// Destination reports whether hadolint prints DL3021 and DL3045 for the destination of c. It does not check ADD.
func Destination(c *plan.Transfer) bool { return !c.Add }

// IgnoredSource reports whether BuildKit prints CopyIgnoredFile. It only matches the text of a source, and does
// nothing if the ignore file has a `!` line.
func IgnoredSource(ctx *buildcontext.Context, source string) bool {
	return ctx.Ignored(source) && !ctx.Exceptions()
}

// RelativeWorkdir reports whether hadolint prints DL3000 for the argument of WORKDIR, without its quotes. To it a
// path that begins with a variable or a drive letter is absolute.
func RelativeWorkdir(dir string) bool {
	drive := len(dir) > 1 && dir[1] == ':' && (dir[0]|0x20 >= 'a' && dir[0]|0x20 <= 'z')
	return !strings.HasPrefix(dir, "$") && !strings.HasPrefix(dir, "/") && !drive
}
