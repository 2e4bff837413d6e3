// Package rules is the list of everything that dockvet can find.
package rules

import (
	"slices"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/base"
	"github.com/dockvet/dockvet/rules/broken"
	"github.com/dockvet/dockvet/rules/builders"
	"github.com/dockvet/dockvet/rules/builds"
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
	all := [...]*lint.Rule{ // not on the heap, where each pointer is written with a question to the garbage collector
		// base: the images that a build starts from
		base.AbandonedImage,
		base.ConstantPlatform,
		base.ExtendedSupport,
		base.FrozenTag,
		base.FullSizeImage,
		base.InvalidDefaultBase,
		base.LatestTag,
		base.MismatchedRuntime,
		base.PlatformArgDefault,
		base.RedundantTargetPlatform,
		base.RollingTag,
		base.SupportEndsSoon,
		base.UndeclaredArgInFrom,
		base.UnsupportedImage,
		base.UnsupportedRuntime,
		base.UntaggedImage,
		base.UntrustedRegistry,

		// broken: steps that fail because something has vanished
		broken.CommandNotInImage,
		broken.DeadEndpoint,
		broken.ExternallyManagedPython,
		broken.FailingStep,
		broken.IncompleteAddress,
		broken.InstallWithoutUpdate,
		broken.MissingBaseTag,
		broken.MissingScript,
		broken.MovedArchive,
		broken.OmittedDependency,
		broken.RemovedToolchainFeature,
		broken.VanishedPackage,

		// stages: what goes from stage to stage
		stages.BuildToolsInImage,
		stages.CopiedBuildTree,
		stages.CopyFromOwnStage,
		stages.CopyWholeFilesystem,
		stages.DistributionForBinary,
		stages.DuplicateStageName,
		stages.EditorInImage,
		stages.ForeignLibc,
		stages.HeadersInImage,
		stages.MismatchedRelease,
		stages.MissingStagePath,
		stages.NumberedCopySource,
		stages.ReservedStageName,
		stages.UnknownCopySource,
		stages.UnreachableStage,
		stages.UnusedPackage,
		stages.UppercaseStageName,

		// cache: what makes a build repeat work
		cache.BuildOutputInCacheMount,
		cache.CopyBeforeInstall,
		cache.CopyBeforePackages,
		cache.DeclaredProxyArg,
		cache.DevelopmentDependencies,
		cache.EarlyChangingArg,
		cache.LooseRequirement,
		cache.MissingLockFile,
		cache.UncopiedLockFile,
		cache.UncopiedSettings,
		cache.UnlockedInstall,
		cache.UnusedCacheMount,

		// files: COPY, ADD and the build context
		files.AddForCopy,
		files.ChownAfterCopy,
		files.CopiedArchive,
		files.CopiedLitter,
		files.CopyIgnoredFile,
		files.CopySeveralToFile,
		files.FlattenedDirectory,
		files.InaccessibleDirectory,
		files.IncompleteDockerignore,
		files.IneffectiveIgnorePattern,
		files.InvalidIgnorePattern,
		files.MiscasedIgnorePattern,
		files.MisreadIgnorePattern,
		files.MissingCopySource,
		files.MissingDockerignore,
		files.RelativeCopyDestination,
		files.RelativeWorkdir,
		files.RemovedInLaterLayer,
		files.ShallowIgnorePattern,
		files.UncommittedSource,
		files.UnreadIgnoreFile,

		// packages: package managers
		packages.ApkCacheKept,
		packages.AptInScript,
		packages.AptInstallRecommends,
		packages.AptListsKept,
		packages.AptUpdateAlone,
		packages.AptWithoutYes,
		packages.DebianFrontendInEnv,
		packages.DnfCacheInLayer,
		packages.DnfWithoutYes,
		packages.ExactApkRevision,
		packages.FixedArchitecture,
		packages.MovingDownload,
		packages.PipCacheKept,
		packages.RepositoryOfOtherRelease,
		packages.UncheckedRInstall,
		packages.UninstalledDependencies,
		packages.UnpinnedApkPackage,
		packages.UnpinnedAptPackage,
		packages.UnpinnedCargoPackage,
		packages.UnpinnedDnfPackage,
		packages.UnpinnedGem,
		packages.UnpinnedGoPackage,
		packages.UnpinnedNpmPackage,
		packages.UnpinnedPipPackage,
		packages.UnpinnedYumPackage,
		packages.UnpinnedZypperPackage,
		packages.UnsortedPackages,
		packages.UpgradedPackages,
		packages.YarnCacheInLayer,
		packages.YumCacheInLayer,
		packages.YumWithoutYes,
		packages.ZypperCacheInLayer,
		packages.ZypperDistUpgrade,
		packages.ZypperWithoutYes,

		// scripts: the shell code of RUN
		scripts.AndOrAsIfElse,
		scripts.BacktickSubstitution,
		scripts.Bashism,
		scripts.CdForWorkdir,
		scripts.ConsecutiveRuns,
		scripts.CRLFInHeredoc,
		scripts.CurlWithoutFail,
		scripts.DebugStep,
		scripts.DotWithArguments,
		scripts.EchoEscapes,
		scripts.FindToXargs,
		scripts.HostCommand,
		scripts.IgnoredFailure,
		scripts.InertNegation,
		scripts.LeadingGlob,
		scripts.MaskedExitStatus,
		scripts.OneTurnLoop,
		scripts.PipeToShell,
		scripts.PipeWithoutPipefail,
		scripts.ReplacedSh,
		scripts.ShellSyntaxError,
		scripts.ShellCheck,
		scripts.SingleQuotedExpansion,
		scripts.SudoInRun,
		scripts.UncheckedHeredoc,
		scripts.UnguardedCd,
		scripts.UnquotedCommandSubstitution,
		scripts.UnquotedVariable,
		scripts.UnusedShellVariable,
		scripts.UselessBackslash,
		scripts.UseraddLongUID,
		scripts.VariablePrintfFormat,
		scripts.VersionAsRedirection,
		scripts.WgetAndCurl,
		scripts.WgetProgress,

		// runtime: how the container runs
		runtime.BuildAtStart,
		runtime.BuildOnlyVariable,
		runtime.ChownAtStart,
		runtime.DevelopmentServer,
		runtime.EmptyVariable,
		runtime.ExposeProtocolCasing,
		runtime.FixedWait,
		runtime.InvalidExpose,
		runtime.LateBuildVariable,
		runtime.LoopbackListen,
		runtime.MissingCommand,
		runtime.MissingHealthcheck,
		runtime.MissingProgram,
		runtime.MissingStartFile,
		runtime.NamedUser,
		runtime.PackageManagerAsServer,
		runtime.PrivilegedPort,
		runtime.ScriptWithoutExec,
		runtime.SeveralCommands,
		runtime.ShellFormCommand,
		runtime.ShellSyntaxInArray,
		runtime.UnansweredHealthcheck,
		runtime.UnansweredPort,
		runtime.UncheckedEntryScript,
		runtime.UnexposedPort,
		runtime.UngeneratedLocale,
		runtime.UnknownUser,
		runtime.UnloggedProgram,
		runtime.UnreadJavaOptions,
		runtime.UnsetNodeEnv,
		runtime.UnsetScriptVariable,
		runtime.UnstartableArray,
		runtime.UnstartableScript,
		runtime.UnsupervisedProcess,
		runtime.UnusedExpose,
		runtime.UnwritableVolume,
		runtime.WriteAfterVolume,

		// security: who runs, and what leaks
		security.CopiedSecret,
		security.CredentialsInRun,
		security.DeprecatedAptKey,
		security.ExtraPackageIndex,
		security.MissingUser,
		security.OldTLSVersion,
		security.OwnedApplication,
		security.PackageSignaturesOff,
		security.PasswordlessSudo,
		security.RootUser,
		security.SecretInEnv,
		security.SetuidBit,
		security.SSHServer,
		security.TLSVerificationOff,
		security.UnverifiedDownload,
		security.WeakChecksum,
		security.WorldWritable,

		// metadata: labels and style
		metadata.DescriptionWithoutName,
		metadata.DuplicateLabel,
		metadata.InvalidLabel,
		metadata.InvalidLabelKey,
		metadata.LegacyKeyValue,
		metadata.MaintainerInstruction,
		metadata.MissingLabel,
		metadata.SpaceBeforeEquals,

		// syntax: what BuildKit or dockvet cannot read
		syntax.BlankContinuationLine,
		syntax.ForbiddenTrigger,
		syntax.ForeignFrontend,
		syntax.FrontendTooOld,
		syntax.IgnoreComment,
		syntax.IneffectiveArg,
		syntax.InstructionBeforeFrom,
		syntax.InvalidArgument,
		syntax.InvalidExpansion,
		syntax.InvalidFlagValue,
		syntax.InvalidMount,
		syntax.MismatchedAsCasing,
		syntax.MissingReason,
		syntax.MixedKeywordCasing,
		syntax.NoBreakSpace,
		syntax.OutOfScopeArg,
		syntax.RuleBug,
		syntax.SwallowedCode,
		syntax.SwallowedInstruction,
		syntax.SyntaxError,
		syntax.TrailingComment,
		syntax.UndefinedVariable,
		syntax.UnknownIgnore,
		syntax.UnusedIgnore,

		// builds: what describes builds, such as compose files
		builds.MissingBuildContext,
		builds.MissingBuildTarget,
		builds.MissingDockerfile,
		builds.UnusedBuildArgument,

		// builders: what other builders than BuildKit make of a Dockerfile
		builders.BuilderDifference,
		builders.IgnoredByBuilder,
		builders.RefusedByBuilder,
	}
	return slices.Clone(all[:])
}

// Retired are the codes of other tools that mean nothing any more, or nothing yet. Configuration and ignore comments may name
// them.
func Retired() []lint.Retired {
	return []lint.Retired{
		{Code: "DL3005", What: "`apt-get dist-upgrade`", Since: "hadolint 2.13.0"},
		{Code: "DL3017", What: "`apk upgrade`", Since: "hadolint 2.7.0"},
		{Code: "DL3031", What: "`yum update`", Since: "hadolint 2.7.0"},
		{Code: "DL3039", What: "`dnf update`", Since: "hadolint 2.7.0"},
		{Code: "InvalidBaseImagePlatform", What: "only a registry knows which platforms an image has, and dockvet does not query one"},
	}
}

// Page is the rule's page in Markdown, "" if it has none (a test holds that each has one).
func Page(r *lint.Rule) string {
	if r.Doc != "" {
		return r.Doc
	}
	return page(r.Page())
}

// own are dockvet's own rules, which have pages.
var own = lazy.Value[[]*lint.Rule]{Make: All}

// URL is the address of the rule's page on the web, "" for a rule that has none.
func URL(r *lint.Rule) string {
	if r.URL != "" {
		return r.URL
	}
	if !slices.Contains(own.Get(), r) {
		return ""
	}
	return "https://github.com/dockvet/dockvet/blob/main/rules/" + r.Page()
}
