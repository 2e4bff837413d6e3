package security

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// WeakChecksum reports that a file is compared with an MD5 or SHA-1 checksum. It is silent about checksums that are only
// computed, and if the same script also compares with a stronger one or verifies a signature.
var WeakChecksum = &lint.Rule{
	Name: "weak-checksum", Category: lint.Security,
	Summary: "a download is verified with MD5 or SHA-1",
	Aliases: []string{"S4790"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		var weak *shell.Command
		for _, c := range s.Commands {
			switch {
			case strings.HasPrefix(c.Name, "sha") && !weakSum(c) && compares(c), c.Name == "b2sum" && compares(c), c.Name == "gpg" && verifies(c),
				c.Name == "gpgv", c.Name == "cosign", c.Name == "minisign":
				return
			case weak == nil && weakSum(c) && compares(c):
				weak = c
			}
		}
		if weak != nil {
			p.Report(weak.Words[0].Span, "`%s` uses %s, which is no longer collision-resistant", weak.Name, weakName(weak)).
				Because("whoever makes the file can prepare a second one with the same checksum").
				Advise("compare with a SHA-256 checksum, as in `echo \"$SHA256  file\" | sha256sum -c`")
		}
	}),
}

// compares reports whether c compares files with checksums.
func compares(c *shell.Command) bool {
	return slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
		short := len(w.Text) > 1 && w.Text[0] == '-' && w.Text[1] != '-'
		return w.Text == "--check" || short && strings.Contains(w.Text, "c")
	})
}

// weakSum reports whether c computes MD5 or SHA-1 checksums.
func weakSum(c *shell.Command) bool {
	if c.Name == "shasum" {
		bits, given := c.FlagValue("-a", "--algorithm")
		return !given || bits.Text == "1"
	}
	return c.Name == "md5sum" || c.Name == "sha1sum"
}

func weakName(c *shell.Command) string {
	if c.Name == "md5sum" {
		return "MD5"
	}
	return "SHA-1"
}
