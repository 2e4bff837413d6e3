package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/parser"
)

// What BuildKit 0.34 makes of a `# check=` comment above an instruction: its linter takes the options of the comments
// that its parser has kept (linter.WithMergedConfigFromComments), and only some checks run with that linter.

// void says why BuildKit does not read comment, a `# check=` above or in the instruction numbered target, or after the
// last one; "" if it does.
func (c *comments) void(comment parser.Comment, target int) string {
	f := c.run.plan.File
	if target < 0 {
		return "no instruction follows"
	}
	lead := f.Instructions[target].Lead
	at, ok := slices.BinarySearchFunc(lead, comment.Span.Start, func(l parser.Comment, at int) int { return cmp.Compare(l.Span.Start, at) })
	if !ok {
		return "BuildKit does not read comments inside an instruction"
	}
	// Only those nearby are looked at: a file may have thousands of comments above one instruction.
	const near = 1000
	first := max(0, at-near)
	lead, at = lead[first:min(len(lead), at+near)], at-first
	// Of an indented comment BuildKit keeps the `#`, so that its text is neither empty nor an option.
	indented := func(l parser.Comment) bool {
		return f.Lines.Position(l.Span.Start).Column > 1 && l.Span.Start != bom(f)
	}
	if indented(comment) {
		return "BuildKit does not read an indented comment"
	}
	for _, l := range lead[at+1:] {
		if l.Text == "" && !indented(l) {
			return "BuildKit ignores comments above a line that is only `#`"
		}
	}
	for i := at - 1; i >= 0 && (lead[i].Text != "" || indented(lead[i])); i-- {
		if _, _, _, ok := pragma.CheckComment(lead[i].Text); ok && !indented(lead[i]) && !isDirective(f, lead[i]) {
			return "BuildKit only reads the first of several `# check=` comments"
		}
	}
	return ""
}

// bom is the offset of the first byte of a file that is not part of a byte order mark.
func bom(f *parser.File) int {
	const mark = "\xEF\xBB\xBF"
	if strings.HasPrefix(string(f.Bytes[:min(len(mark), len(f.Bytes))]), mark) {
		return len(mark)
	}
	return 0
}

// wholeFile reports whether BuildKit only skips a check for the whole file: it runs it without the comments of an
// instruction.
func wholeFile(check string) bool {
	switch check {
	case "ConsistentInstructionCasing", "DuplicateStageName", "InvalidBaseImagePlatform", "InvalidDefaultArgInFrom",
		"NoEmptyContinuation", "ReservedStageName":
		return true
	}
	return false
}

// multiple is the check that BuildKit runs at the later of two instructions, although it reports the earlier one.
const multiple = "MultipleInstructionsDisallowed"

// responsible is the number of the instruction whose comments BuildKit reads before it reports f; -1 if it reads none.
func (c *comments) responsible(f *Finding) int {
	at := f.Instruction.index
	switch {
	case slices.ContainsFunc(f.Aliases, wholeFile):
		return -1
	case slices.Contains(f.Aliases, multiple):
		for i := at + 1; i < len(c.run.stages) && c.run.stages[i] == c.run.stages[at]; i++ {
			if in := c.run.plan.File.Instructions[i]; in.Name == f.Instruction.Name && in.Cmd != nil {
				return i
			}
		}
	}
	return at
}

// explain says in f, on a name in g that has nothing to ignore, why BuildKit does not do what the comment asks for. It
// reports whether there is such a reason.
func (g *ignore) explain(f *Finding, name string) bool {
	switch {
	case g.tool != pragma.BuildKit || g.reach != pragma.Instruction:
		return false
	case g.void != "":
		f.Because("%s", g.void)
	case wholeFile(name):
		f.Because("BuildKit only skips this check for the whole file").
			Advise("write `# check=skip=%s` at the top of the file", name)
	case name == multiple:
		f.Because("BuildKit only reads the comment for this check above the later instruction").Advise("move the comment above the later instruction")
	default:
		return false
	}
	return true
}
