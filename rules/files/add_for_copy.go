package files

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// AddForCopy reports an ADD of plain files or directories, where COPY is enough. ADD is for archives, URLs and git
// repositories; a source that may be one of them is left to the strict profile.
var AddForCopy = &lint.Rule{
	Name: "add-for-copy", Summary: "`ADD` is used where `COPY` is enough", Category: lint.Files,
	Aliases: []string{"DL3020", "DS-0005", "CKV_DOCKER_4"}, Severity: lint.Info, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnTrigger("ADD", func(p *lint.Pass, s *plan.Step, _ *instructions.AddCommand) {
		var plain, unsure *plan.Source
		alias := false
		for i := range s.Copy.Sources {
			src := &s.Copy.Sources[i]
			if src.Heredoc {
				continue
			}
			alias = alias || parity.PlainSource(src, archive)
			switch {
			case src.Remote, archive(src.Path.Text), !src.Path.Known, open(p.Context(), src.Path.Text), invisible(src.Path.Text):
				unsure = src
			case plain == nil:
				plain = src
			}
		}
		if plain == nil && !alias {
			return
		}
		f := p.Report(s.Instruction.Keyword.Full(), "`ADD` is used where `COPY` is enough").
			Because("`ADD` can also download and unpack files, so readers have to check whether that is intended").
			Advise("use `COPY`")
		if plain == nil {
			judge(f, s, unsure)
		}
		if alias && !s.OnBuild {
			f.Alias("DL3020", "DS-0005", "CKV_DOCKER_4")
		}
		if unsure == nil && copyable(s.Instruction) {
			name := "COPY"
			if s.Instruction.Keyword.String == "add" {
				name = "copy"
			}
			f.Offer(lint.Unsafe, "use `"+name+"`", lint.Replace(f.Span, name))
		}
	}),
}

// judge rewrites f, about an ADD of which no source is plain, for src, one of the sources of s.
func judge(f *lint.Finding, s *plan.Step, src *plan.Source) {
	word, unless := src.Word.Value, ""
	set, _ := s.Env.Uses(word)
	if slices.ContainsFunc(set, func(name string) bool { return s.Env.Lookup(name).Arg }) {
		unless = " unless the build sets another value"
	}
	var needed string // what ADD does that COPY does not
	switch {
	case src.Remote && len(set) > 0:
		needed = "is a URL" + unless + ", and `COPY` cannot download it"
	case src.Remote:
		needed = "is not in the build context, and `COPY` cannot download it"
	case src.Path.Known && archive(src.Path.Text):
		needed = "is an archive" + unless + ", and `COPY` cannot unpack it"
	default:
		f.Message = "`COPY` may be enough for `" + word + "`"
		f.Advise("use `COPY` unless something has to be downloaded or unpacked").
			Doubting("`%s` may be an archive, a URL or a git repository", word)
		if src.Path.Known && strings.ContainsAny(word, "*?[") {
			f.Advise("use `COPY` unless an archive has to be unpacked").Doubting("`%s` may match archives", word)
		}
		return
	}
	f.Message = "hadolint recommends `COPY` for the source `" + word + "`"
	f.Because("hadolint only looks at the text of the source").
		Advise("").
		Doubting("`%s` %s", word, needed)
}

// invisible reports whether name has a character that is not displayed, without which it may be a URL.
func invisible(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Cf, r) })
}

// copyable reports whether COPY accepts all flags of in, an ADD.
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

// open reports whether pattern may match an archive. It looks at the build context, or at the end of the pattern if
// nothing matches.
func open(c *buildcontext.Context, pattern string) bool {
	if c != nil && strings.ContainsAny(pattern, "*?[") {
		if names := c.Glob(path.Clean(strings.TrimPrefix(pattern, "/"))); len(names) > 0 {
			return slices.ContainsFunc(names, archive)
		}
	}
	return strings.HasSuffix(pattern, "*")
}

// archive reports whether ADD unpacks a file of this name, which is a tar archive, compressed or not. The builder
// looks at the content; these are the usual suffixes.
func archive(name string) bool {
	name = strings.ToLower(name)
	for _, suffix := range [...]string{
		".tar", ".tgz", ".tbz", ".tbz2", ".tb2", ".tz2", ".txz", ".tlz", ".tzst", ".tz", ".taz",
		".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lzma", ".tar.lz", ".tar.z",
		".gz", ".bz2", ".xz", ".lzma", ".zst", ".z",
	} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}
