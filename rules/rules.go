// Package rules is the list of everything that dockvet can find.
package rules

import (
	"embed"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/base"
	"github.com/dockvet/dockvet/rules/cache"
	"github.com/dockvet/dockvet/rules/files"
	"github.com/dockvet/dockvet/rules/scripts"
	"github.com/dockvet/dockvet/rules/stages"
	"github.com/dockvet/dockvet/rules/syntax"
)

// All are the rules, by category. The list is new with each call; the rules are shared and never changed.
func All() []*lint.Rule {
	return []*lint.Rule{
		// base: the images that a build starts from
		base.LatestTag,
		base.RollingTag,
		base.UntaggedImage,

		// stages: what goes from stage to stage
		stages.BuildToolsInImage,

		// cache: what makes a build repeat work
		cache.CopyBeforeInstall,

		// files: COPY, ADD and the build context
		files.MissingDockerignore,

		// packages: package managers

		// scripts: the shell code of RUN
		scripts.AndOrAsIfElse,
		scripts.BacktickSubstitution,
		scripts.Bashism,
		scripts.DotWithArguments,
		scripts.EchoEscapes,
		scripts.FindToXargs,
		scripts.InertNegation,
		scripts.LeadingGlob,
		scripts.MaskedExitStatus,
		scripts.OneTurnLoop,
		scripts.SingleQuotedExpansion,
		scripts.UnguardedCd,
		scripts.UnquotedCommandSubstitution,
		scripts.UnquotedVariable,
		scripts.UnusedShellVariable,
		scripts.UselessBackslash,
		scripts.VariablePrintfFormat,

		// runtime: how the container runs

		// security: who runs, and what leaks

		// metadata: labels and style

		// syntax: what BuildKit or dockvet cannot read
		syntax.MissingReason,
		syntax.RuleBug,
		syntax.SyntaxError,
		syntax.UnknownIgnore,
		syntax.UnusedIgnore,
	}
}

//go:embed */*.md
var pages embed.FS

// Page is the rule's page in Markdown, "" if it has none (a test holds that each has one).
func Page(r *lint.Rule) string {
	text, err := pages.ReadFile(string(r.Category) + "/" + strings.ReplaceAll(r.Name, "-", "_") + ".md")
	if err != nil {
		return ""
	}
	return string(text)
}
