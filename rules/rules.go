// Package rules is the list of everything that dockvet can find.
package rules

import (
	"embed"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/base"
	"github.com/dockvet/dockvet/rules/cache"
	"github.com/dockvet/dockvet/rules/files"
	"github.com/dockvet/dockvet/rules/metadata"
	"github.com/dockvet/dockvet/rules/runtime"
	"github.com/dockvet/dockvet/rules/stages"
	"github.com/dockvet/dockvet/rules/syntax"
)

// All are the rules, by category. The list is new with each call; the rules are shared and never changed.
func All() []*lint.Rule {
	return []*lint.Rule{
		// base: the images that a build starts from
		base.ConstantPlatform,
		base.InvalidDefaultBase,
		base.LatestTag,
		base.RedundantTargetPlatform,
		base.RollingTag,
		base.UndeclaredArgInFrom,
		base.UntaggedImage,
		base.UntrustedRegistry,

		// stages: what goes from stage to stage
		stages.BuildToolsInImage,
		stages.CopyFromOwnStage,
		stages.CopyWholeFilesystem,
		stages.DuplicateStageName,
		stages.ReservedStageName,
		stages.UnknownCopySource,
		stages.UppercaseStageName,

		// cache: what makes a build repeat work
		cache.CopyBeforeInstall,

		// files: COPY, ADD and the build context
		files.CopyIgnoredFile,
		files.CopySeveralToFile,
		files.MissingDockerignore,
		files.RelativeCopyDestination,

		// packages: package managers

		// scripts: the shell code of RUN

		// runtime: how the container runs
		runtime.MissingHealthcheck,
		runtime.NamedUser,

		// security: who runs, and what leaks

		// metadata: labels and style
		metadata.DescriptionWithoutName,
		metadata.InvalidLabel,
		metadata.InvalidLabelKey,
		metadata.MissingLabel,

		// syntax: what BuildKit or dockvet cannot read
		syntax.BlankContinuationLine,
		syntax.ForbiddenTrigger,
		syntax.IgnoreComment,
		syntax.InstructionBeforeFrom,
		syntax.MismatchedAsCasing,
		syntax.MissingReason,
		syntax.MixedKeywordCasing,
		syntax.RuleBug,
		syntax.SyntaxError,
		syntax.UndefinedVariable,
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
