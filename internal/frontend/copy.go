package frontend

import (
	// A checksum is only valid if the program holds its algorithm.
	_ "crypto/sha256"
	_ "crypto/sha512"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	buildkit "github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/tonistiigi/dchapes-mode"

	"github.com/dockvet/dockvet/parser"
)

// maxMode is the largest mode that chmod takes as a number.
const maxMode = 0o7777

// copy checks COPY and ADD (dispatchCopy).
func (c *compiler) copy(args instructions.SourcesAndDest, link bool) {
	in := c.step.Instruction
	if f := in.Flag("chown"); f != nil && !link {
		c.check(f.Value)
	} else if f != nil {
		if value, ok := c.expand(f.Value); ok && link && named(value) {
			c.refuse(Flag, f.Value.Full(), fmt.Sprintf("`--link` cannot look up the user or group in `%s`", value),
				"use numbers, or remove `--link`")
		}
	}
	if f := in.Flag("chmod"); f != nil && !plainMode(f.Value.Value) {
		if value, ok := c.expand(f.Value); ok && value != "" && !validMode(value) {
			c.refuse(Flag, f.Value.Full(), fmt.Sprintf("`%s` is not a file mode", value),
				"write an octal number up to 7777, or changes such as `u=rwX,go=rX`")
		}
	}
	s := sources{compiler: c, add: in.Name == "ADD"}
	s.checksum = in.Flag("checksum")
	if s.checksum != nil {
		s.sum, s.sumKnown = c.expand(s.checksum.Value)
	}
	if f := in.Flag("keep-git-dir"); f != nil {
		keep := !strings.EqualFold(f.Value.Value, "false")
		s.keep = &keep
	}
	words := in.Args[:max(0, len(in.Args)-1)]
	if len(in.Heredocs) > 0 {
		words = slices.DeleteFunc(slices.Clone(words), func(w parser.Word) bool {
			return strings.Contains(w.Value, "<<") && buildkit.MustParseHeredoc(w.Value) != nil
		})
	}
	if n := len(in.Args); n > 0 {
		c.check(in.Args[n-1])
	}
	if s.sumKnown && s.sum != "" && len(words) != 1 {
		c.refuse(Flag, s.checksum.Value.Full(), "`--checksum` needs exactly one source", "use one ADD for each source")
		s.sum = ""
	}
	for i, w := range words {
		s.source(w, i == 0)
	}
	for _, content := range args.SourceContents {
		if content.Expand {
			c.body(content)
		}
	}
}

// body checks a here-document.
func (c *compiler) body(content instructions.SourceContent) {
	try := func(text string) error { return c.expander().ExpandBody(c.env, text) }
	err := try(content.Data)
	if err == nil {
		return
	}
	for _, doc := range c.step.Instruction.Heredocs {
		if doc.Name == content.Path {
			c.reject(parser.Word{Text: doc.Body, Value: content.Data}, content.Data, err, try)
			return
		}
	}
}

// sources checks the sources of one COPY or ADD.
type sources struct {
	*compiler
	add      bool
	checksum *parser.Flag
	sum      string
	sumKnown bool
	keep     *bool // --keep-git-dir, or that of a source
}

func (s *sources) source(w parser.Word, first bool) {
	if s.checksum == nil && localFile(w.Value) && sound(w.Value) {
		return
	}
	refuse := func(format string, args ...any) { s.refuse(Argument, w.Full(), fmt.Sprintf(format, args...), "") }
	src, ok := s.expand(w)
	if !ok {
		// Whatever the variables are, it is not a local file.
		if !s.add && (strings.HasPrefix(w.Value, "http://") || strings.HasPrefix(w.Value, "https://")) {
			s.refuse(Argument, w.Full(), "COPY cannot download", "use ADD")
		}
		return
	}
	git, isGit, err := parseGit(src)
	web := !isGit && (strings.HasPrefix(src, "http://") || strings.HasPrefix(src, "https://"))
	if first && s.add && s.sumKnown && s.sum != "" && !web && !isGit {
		s.refuse(Flag, s.checksum.Value.Full(), "`--checksum` needs a source that is a URL or a git repository",
			"remove the flag")
		return
	}
	switch {
	case isGit && err != nil:
		refuse("%s", err)
	case isGit && !git.local:
		if !s.add {
			s.refuse(Argument, w.Full(), "COPY cannot clone a git repository", "use ADD")
			return
		}
		if s.keep != nil && git.keep != nil && *s.keep != *git.keep {
			refuse("`keep-git-dir` contradicts the flag `--keep-git-dir`")
		}
		if git.keep != nil {
			s.keep = git.keep
		}
		if s.sum != "" && git.checksum != "" && s.sum != git.checksum {
			refuse("the checksum contradicts `%s`", s.sum)
		}
		if git.checksum != "" {
			s.sum, s.sumKnown = git.checksum, true
		}
	case web && !s.add:
		s.refuse(Argument, w.Full(), "COPY cannot download", "use ADD")
	case web && s.sumKnown && s.sum != "":
		if !isDigest(s.sum) {
			at := w.Full()
			if s.checksum != nil {
				at = s.checksum.Value.Full()
			}
			s.refuse(Flag, at, fmt.Sprintf("`%s` is not a digest", s.sum), "write `sha256:` and 64 hexadecimal digits")
		}
	}
}

// isDigest reports whether BuildKit takes text for a digest.
func isDigest(text string) bool {
	algorithm, digits, _ := strings.Cut(text, ":")
	length := map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}[algorithm]
	return length > 0 && len(digits) == length && strings.Trim(digits, "0123456789abcdef") == ""
}

// localFile reports whether word names a file of a stage or of the build context, whatever its variables are.
func localFile(word string) bool {
	end := strings.IndexAny(word, "$\"'\\`")
	if end < 0 {
		end = len(word)
	}
	literal := word[:end]
	return (end == len(word) || strings.ContainsAny(literal, "/.")) && !strings.ContainsAny(literal, ":@") && !strings.HasPrefix(literal, "github.com")
}

// plainMode reports whether text is three or four octal digits.
func plainMode(text string) bool {
	return (len(text) == 3 || len(text) == 4 && text[0] == '0') && strings.Trim(text, "01234567") == ""
}

// named reports whether the owner has a name that is not a number (chownByName).
func named(owner string) bool {
	user, group, _ := strings.Cut(owner, ":")
	isName := func(s string) bool {
		_, err := strconv.ParseInt(s, 10, 32)
		return s != "" && s != "root" && err != nil
	}
	return isName(user) || isName(group)
}

func validMode(text string) bool {
	if n, err := strconv.ParseUint(text, 8, 32); err == nil {
		return n <= maxMode
	}
	_, err := mode.ParseWithUmask(text, 0) // Parse asks the process for its umask
	return err == nil
}

func isInteger(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}
