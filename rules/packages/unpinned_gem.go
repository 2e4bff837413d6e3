package packages

import (
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedGem reports gems that are installed without a version.
var UnpinnedGem = &lint.Rule{
	Name: "unpinned-gem", Summary: "gem installs gems without a version", Category: lint.Packages,
	Aliases: []string{"DL3028"}, Severity: lint.Warning, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3028", family: ecosystem.Gem, verbs: "install i", noun: "gem",
		form:  "NAME:VERSION",
		judge: gemVersion,
	}).check(),
}

func gemVersion(c *shell.Call, pkg shell.Package) version {
	t := pkg.Word.Text
	after, swallowed := false, false
	for i, w := range c.Command.Words {
		switch {
		case w.Text == "-v" || strings.HasPrefix(w.Text, "-v") && len(w.Text) > 2 && w.Text[2] >= '0' && w.Text[2] <= '9' ||
			w.Text == "--version" || strings.HasPrefix(w.Text, "--version=") || strings.HasPrefix(w.Text, "-v="):
			return held
		case w.Text == "--" && w.Span.Start < pkg.Word.Span.Start:
			after = true // for the compiler of the gem's extension
		case w.Span == pkg.Word.Span && i > 0:
			swallowed = strings.HasPrefix(c.Command.Words[i-1].Text, "-")
		}
	}
	switch {
	case after || strings.Contains(t, ":") || strings.Contains(t, "/") || strings.HasSuffix(t, ".gem"):
		return held
	case !pkg.Word.Literal:
		return unless(swallowed, held, variable)
	}
	// hadolint treats the word after any switch as its value.
	return unless(swallowed, unseen, loose)
}
