package files

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// AddForCopy reports an ADD of plain files or folders, for which COPY is enough. Archives, URLs and git repositories are what ADD
// is for; a source that may be one is left to the strict profile.
var AddForCopy = &lint.Rule{
	Name: "add-for-copy", Summary: "`ADD` is used where `COPY` is enough", Category: lint.Files,
	Aliases: []string{"DL3020", "DS-0005", "CKV_DOCKER_4"}, Severity: lint.Info, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnTrigger("ADD", func(p *lint.Pass, s *plan.Step, _ *instructions.AddCommand) {
		var plain, doubtful *plan.Source
		alias := false
		for i := range s.Copy.Sources {
			src := &s.Copy.Sources[i]
			if src.Heredoc {
				continue
			}
			written := strings.Trim(src.Word.Value, `"'`)
			alias = alias || !archive(written) && !strings.HasPrefix(written, "http://") && !strings.HasPrefix(written, "https://")
			switch {
			case src.Remote, archive(src.Path.Text), !src.Path.Known, open(p.Context(), src.Path.Text):
				doubtful = src
			case plain == nil:
				plain = src
			}
		}
		if plain == nil && !alias {
			return
		}
		f := p.Report(s.Instruction.Keyword.Full(), "`ADD` does what `COPY` does here").
			Because("`ADD` also downloads and unpacks, so that a reader has to find out which of it is meant").
			Advise("write `COPY`")
		if plain == nil {
			f.Doubting("`%s` may be an archive, a URL or a repository", doubtful.Word.Value)
		}
		if alias && !s.OnBuild {
			f.Alias("DL3020", "DS-0005", "CKV_DOCKER_4")
		}
		if doubtful == nil && copyable(s.Instruction) {
			name := "COPY"
			if s.Instruction.Keyword.String == "add" {
				name = "copy"
			}
			f.Offer(lint.Unsafe, "use "+name, lint.Edit{Span: f.Span, Text: name})
		}
	}),
}

// copyable reports whether COPY takes the flags of in, an ADD.
func copyable(in *parser.Instruction) bool {
	for _, f := range in.Flags {
		switch f.Name {
		case "chown", "chmod", "link", "exclude":
		default:
			return false
		}
	}
	return in.Keyword.Whole()
}

// open reports whether pattern may match an archive: by what is in the build context, else by its end.
func open(c *buildcontext.Context, pattern string) bool {
	if c != nil && strings.ContainsAny(pattern, "*?[") {
		if names := c.Glob(path.Clean(strings.TrimPrefix(pattern, "/"))); len(names) > 0 {
			return slices.ContainsFunc(names, archive)
		}
	}
	return strings.HasSuffix(pattern, "*")
}

// archive reports whether ADD unpacks a file of this name: a tar archive, also a compressed one. The builder looks at the content;
// these are the suffixes in use.
func archive(name string) bool {
	name = strings.ToLower(name)
	for _, suffix := range [...]string{
		".tar", ".tgz", ".tbz", ".tbz2", ".tb2", ".tz2", ".txz", ".tlz", ".tzst", ".tz", ".taz",
		".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lzma", ".tar.lz", ".tar.z", ".gz", ".bz2", ".xz", ".lzma", ".zst", ".z",
	} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}
