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
	"github.com/dockvet/dockvet/rules/packages"
	"github.com/dockvet/dockvet/rules/runtime"
	"github.com/dockvet/dockvet/rules/scripts"
	"github.com/dockvet/dockvet/rules/security"
	"github.com/dockvet/dockvet/rules/stages"
	"github.com/dockvet/dockvet/rules/syntax"
)

// All are the rules, by category. The list is new with each call; the rules are shared and never changed.
func All() []*lint.Rule {
	return []*lint.Rule{
		// base: the images that a build starts from
		base.FullSizeImage,
		base.LatestTag,
		base.RollingTag,
		base.UntaggedImage,

		// stages: what goes from stage to stage
		stages.BuildToolsInImage,

		// cache: what makes a build repeat work
		cache.CopyBeforeInstall,

		// files: COPY, ADD and the build context
		files.AddForCopy,
		files.MissingDockerignore,
		files.RelativeWorkdir,

		// packages: package managers
		packages.ApkCacheKept,
		packages.AptInstallRecommends,
		packages.AptListsKept,
		packages.AptUpdateAlone,
		packages.AptWithoutYes,
		packages.PipCacheKept,

		// scripts: the shell code of RUN
		scripts.CdForWorkdir,
		scripts.PipeToShell,
		scripts.SudoInRun,

		// runtime: how the container runs
		runtime.DevelopmentServer,
		runtime.ExposeProtocolCasing,
		runtime.InvalidExpose,
		runtime.LoopbackListen,
		runtime.SeveralCommands,
		runtime.ShellFormCommand,
		runtime.UnexposedPort,
		runtime.UnusedExpose,

		// security: who runs, and what leaks
		security.MissingUser,
		security.RootUser,
		security.SecretInEnv,

		// metadata: labels and style
		metadata.LegacyKeyValue,
		metadata.MaintainerInstruction,

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
