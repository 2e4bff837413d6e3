// Package ecosystem knows package managers: one file and one value for each. It is plain data, with a function where a
// manager truly has logic of its own, and imports nothing of dockvet that knows Dockerfiles, so that packages from
// shell up to the rules can read it.
//
// The values are variables of constants and functions, without calls, so that the linker lays them out and nothing
// runs at start-up. Managers share parts of them. Nobody may change them.
//
// To add a manager, write its file, add it to the list below, and add cases. Nothing outside this package compares with
// the name of a manager: it reads a field instead.
package ecosystem

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// All are the managers. The order decides which of several managers that share a manifest owns it: the first whose lock
// file is next to it, then the first that the manifest claims, then the last. The result must not be changed.
func All() []*Manager { return all[:] }

var all = [...]*Manager{
	&aptGet,
	&apt,
	&aptitude,
	&apk,
	&yum,
	&dnf,
	&microdnf,
	&tdnf,
	&zypper,
	&pacman,
	&pnpm,
	&yarn,
	&bun,
	&npm,
	&deno,
	&uv,
	&poetry,
	&pdm,
	&pipenv,
	&pip,
	&pipx,
	&conda,
	&pixi,
	&golang,
	&cargo,
	&mvn,
	&gradle,
	&dotnet,
	&gem,
	&bundle,
	&composer,
	&mix,
	&swift,
}

// ExtraIndex is how a manager is given indexes beside the main one, if it takes the newest version from any of them.
type ExtraIndex struct {
	Flag, Env string
	Hashes    []string // the flags by which it only accepts files with a known hash
}

// Manager is a package manager, or a part of one that has verbs of its own, such as `uv pip`.
type Manager struct {
	Name     string   // of its command, and so shell.Call.Manager: `apt-get`, `pip`, `uv pip`
	Aliases  []string // other commands that take the same words: `mvnw`
	Numbered bool     // a version may follow the name: `pip3`, `pip3.12`
	Title    string   // as prose writes it: `Yarn`; "" if as Name
	Family   Family
	Language Language // that it installs packages of; "" for a distribution's manager, or one of several languages
	System   bool     // it installs a distribution's packages for the whole system, which takes root

	Command
	Parts []*Manager // sub-commands that are managers of their own: Name is `uv pip`

	ExtraIndex *ExtraIndex // how it is given a second index of packages; nil if the order of several is fixed

	Project    *Project    // how an application lists its dependencies; nil for a manager that reads no such list
	Lock       *Lock       // nil for a manager without lock files
	Strict     *Strict     // how a call follows its lock file; nil where every call does, or none
	Production *Production // how a call leaves out what is for development; nil where that is not known
	Build      *Build      // how a call compiles the application; nil for one that only installs
	// Installs are the verbs that make those of Outputs that are Dependencies, separated by spaces, `-` for a call
	// without one.
	Installs string
	// Everywhere is how a call installs packages that it names for the whole image, without settings of the directory that it runs in; nil
	// if it does not.
	Everywhere *Everywhere
	Outputs    []Output // what it leaves in the application's directory
	Caches     []*Cache // where it keeps downloads
	Layer      *Layer   // what an installation leaves in its layer; nil where that is not known
	// NoRecommends is the flag that leaves out recommended packages, and Requires a command that lists what a package
	// depends on; "" for a manager without.
	NoRecommends, Requires string
	Interactive            bool // its command is meant for people at a terminal, and not for scripts
	// Opaque says that what its packages contain is not known by their names, so that any of them may provide any
	// program.
	Opaque   bool
	Prompt   *Prompt  // how it prompts for confirmation; nil if it does not
	Runner   *Runner  // how it runs programs and scripts; nil if it does not
	Runtime  *Runtime // what it does where the language has the wrong version; nil where that is not known
	Origin   *Origin  // what provides it
	Hadolint Hadolint // how hadolint sees it
}

// Family joins managers that read the same manifests, or install from the same archive. A manager that is like no other
// has its own name for a family.
type Family string

// The families that others ask for.
const (
	Apt      Family = "apt"
	Apk      Family = "apk"
	Yum      Family = "yum"
	Dnf      Family = "dnf"
	Zypper   Family = "zypper"
	Pacman   Family = "pacman"
	Node     Family = "node"
	Pip      Family = "pip"
	Gem      Family = "gem"
	Go       Family = "go"
	Cargo    Family = "cargo"
	Conda    Family = "conda"
	Composer Family = "composer"
	Swift    Family = "swift"
)

// Language is a programming language whose packages a manager installs.
type Language string

// The languages, called as Docker's official image for each.
const (
	LanguageNode   Language = "node"
	LanguagePython Language = "python"
	LanguageGo     Language = "golang"
	LanguageRuby   Language = "ruby"
	LanguageRust   Language = "rust"
	LanguageJava   Language = "java"
	LanguageDotnet Language = "dotnet"
	LanguagePHP    Language = "php"
	LanguageElixir Language = "elixir"
	LanguageSwift  Language = "swift"
)

// Action is what a call does. The values are those of shell.Action.
type Action int

// The actions.
const (
	Unknown Action = iota
	Install
	Refresh // fetches package lists
	Upgrade
	Remove
	Clean
)

// Command is how a manager reads its command line. Sources: each manager's own manual.
type Command struct {
	Verbs    Verbs
	Nested   []Nested
	Prefixes []string // words that may come before a verb and leave its meaning: `group` of `dnf group install`
	// Bare says that a call without a verb installs what the manifest lists.
	Bare   bool
	Valued []string // flags whose next word is their value
	// Global are more of them, which are something else after the verb.
	Global []string
	// Clusters says that single letters may share a dash, as in `-yt VALUE`.
	Clusters bool
	// ManifestFlags name a manifest: `-r`. DirFlags name the application's directory, or a manifest in it: `--project`.
	// InDir are those of DirFlags that always name a directory, whatever its name looks like.
	ManifestFlags, DirFlags, InDir []string
	// Version are the characters that begin a version in a package's word, such as `@`; "" if there is no such
	// notation.
	Version string
	// DashVersion says that a version follows a dash: `curl-8.9-1.el9`.
	DashVersion bool
	// FromManifest reports whether an Install that may name packages takes what the application's manifest lists; nil
	// if only the verbs in Verbs.Sync do.
	FromManifest func(Call) bool
}

// TakesNext reports whether the value of flag, a word without `=` that begins with a dash, is the next word. global says
// that no verb has been seen.
func (c *Command) TakesNext(flag string, global bool) bool {
	takes := func(flag string) bool {
		return slices.Contains(c.Valued, flag) || global && slices.Contains(c.Global, flag)
	}
	if takes(flag) || !c.Clusters || strings.HasPrefix(flag, "--") {
		return takes(flag)
	}
	for i := 1; i < len(flag); i++ {
		if takes("-" + flag[i:i+1]) {
			return i == len(flag)-1 // or else what follows it in the word is its value
		}
	}
	return false
}

// Verbs are the sub-commands, separated by spaces, by what they do.
type Verbs struct {
	Install                         string // may name packages
	Sync                            string // an Install of what the application's manifest lists
	Refresh, Upgrade, Remove, Clean string
}

// Nested are verbs that follow another word: `global` of `yarn global add`.
type Nested struct {
	Word  string
	Verbs Verbs
}

// Action is what verb does; sync is true for one that always installs what the manifest lists.
func (v *Verbs) Action(verb string) (a Action, sync bool) {
	switch {
	case Has(v.Sync, verb):
		return Install, true
	case Has(v.Install, verb):
		return Install, false
	case Has(v.Refresh, verb):
		return Refresh, false
	case Has(v.Upgrade, verb):
		return Upgrade, false
	case Has(v.Remove, verb):
		return Remove, false
	case Has(v.Clean, verb):
		return Clean, false
	}
	return Unknown, false
}

// Has reports whether word is one of the words of list, which spaces separate.
func Has(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// Call is a call of a manager, in plain values.
type Call struct {
	Verb     string   // "" where there is none
	Words    []string // the arguments, without the command
	Packages []string // what is named, of an Install
	Files    []string // the values of ManifestFlags
	// Has reports whether one of the flags is among the words; Value is the value of the first of them.
	Has   func(flags ...string) bool
	Value func(flags ...string) (string, bool)
}

// Project is how an application lists its dependencies. Sources: each manager's own manual, such as
// https://docs.npmjs.com/cli/configuring-npm/package-lock-json, https://pnpm.io/docker,
// https://yarnpkg.com/getting-started/qa, https://docs.astral.sh/uv/concepts/projects/layout/, https://go.dev/ref/mod,
// https://doc.rust-lang.org/cargo/reference/manifest.html,
// https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files.
type Project struct {
	Name      string   // as the context page shows it: `maven`
	Manifests []string // the usual one first; names, or patterns as path.Match takes them
	// Also reports whether a file of that name in a directory of that name is a manifest too, beside Manifests; nil if
	// none is.
	Also     func(name, dir string) bool
	Solution []string // those of Manifests that list projects, not dependencies
	Show     []string // what messages name instead of Manifests[0] and the lock; nil for those
	Beside   []string // settings that an installation reads if they are there; a directory ends in a slash
	Products []string // the directories that an installation makes
	// Claims reports whether text, that of a manifest that several managers read, names this one; nil if none does.
	Claims func(text string) bool
	// Default are manifests that others share and that are this manager's where no lock file and no claim says
	// otherwise.
	Default []string
	// Roots are the marks of a directory that holds several packages which are installed together.
	Roots []Mark
	// RootFiles are names and `*.ext` patterns, beside those of Manifests, of files that lie where a build context
	// begins.
	RootFiles []string
	// Read adds to f what a manifest tells of the installation: members, and why it needs sources; nil if there is
	// nothing to read.
	Read func(f *Files)
	// Requirements says that a manifest is a list of requirements in pip's format.
	Requirements bool
	// Direct counts the packages that a manifest asks for itself, 0 where that is not known; nil if it never is.
	Direct func(m Manifest) int
	// Development lists the packages of a manifest that are only for work on the application and that the manager
	// installs unless told not to; nil if that is not known.
	Development func(text string) []string
}

// Mark is a file by its name and, unless Text is "", a text that it holds.
type Mark struct{ File, Text string }

// Manifest is a manifest with its directory.
type Manifest struct {
	Text string
	// Has reports whether a file whose name below the manifest's directory matches pattern exists.
	Has func(pattern string) bool
}

// Files is what Project.Read looks at and fills in: one directory of a build context.
type Files struct {
	Manifests []string // the manifests of the directory, as paths in the build context
	Beside    []string // those of Project.Beside that exist, likewise
	Dir       string   // of the manifests, in the build context
	// Text is the text of a file by its path below the directory, Content by its path in the build context; "" without
	// it.
	Text, Content func(name string) string
	// Member adds the files called name in the directories that match pattern. Below adds those of the manifests below
	// the directory whose names match one of patterns, and what is next to each under one of the names in with.
	// Include adds a file by its path in the build context if it exists, and reports whether it did. Exclude takes out
	// the members in directories that match pattern. Members lists what has been added.
	Member  func(pattern, name string)
	Below   func(patterns []string, with ...string)
	Include func(name string) bool
	Exclude func(pattern string)
	Members func() []string

	Package bool   // the application is a package itself, which is installed with its dependencies
	Sources string // why the installation needs more than manifests; "" if nothing tells so
}

// Lock is a manager's lock file.
type Lock struct {
	Files []string // any one of them holds the versions; the usual one first
	// Write is the command that writes the lock of an application that has none; "" where applications need none.
	Write string
	// Verbs are those of which a missing lock is a fault, separated by spaces; "" for all.
	Verbs string
	// Needed are the calls that fail without the lock.
	Needed []Need
	// MadeBy are parts of commands and settings that make the lock during the build.
	MadeBy []string
	// Missing says what happens to an installation without the lock, if it is something of its own.
	Missing string
	// Fetch is the command that downloads what the lock file lists without a manifest, also in a workspace; "" for none.
	Fetch string
	// Shared says that the lock files of the whole family stand in for each other: applications are moved from one to
	// another.
	Shared bool
	// OffFlags say that no lock is wanted. Where a file called Settings holds the word `lock`, that is on purpose too.
	OffFlags []string
	Settings string
	// Library reports whether text, that of a manifest, is of a library or a member of a workspace, which has no lock; nil if no text tells.
	Library func(text string) bool
	// PerProject says that each project below the directory has a lock of its own.
	PerProject bool
	Rewrites   *Rewrites // nil if only Refresh does
	// Modern tells the lock of the manager's newer edition, which Strict.Modern is for: a file beside the lock, or a
	// text in it. nil if there is one edition.
	Modern []Mark
}

// Need is a kind of call that fails without the lock.
type Need struct {
	Verbs string // separated by spaces; "" for Lock.Verbs
	// Flags are options and Env variables, set to `1` or `true`, that make such a call fail. Without any it always does.
	Flags, Env []string
}

// Strict is how a call is made to follow its lock file. The texts are for messages.
type Strict struct {
	Verbs string // of which it holds, separated by spaces, `-` for none; "" for all
	Not   string // verbs of which it does not
	// Flags and Env make the call strict, or say that it is lenient on purpose: variables that are set, flags that are
	// there. Words do so anywhere in the arguments.
	Flags, Env, Words []string
	// Settings is a file beside the manifest that may do so; Said are words, in any case, in this step or one before it
	// that may. Inside is a text in the manifest or one of InsideOf that does.
	Settings string
	Said     []string
	Inside   string
	InsideOf []string

	Why     string // what a lenient call does
	Ignores bool   // it does not read the lock file at all
	Write   string // what to write; `{verb}` is the verb of the call
	Verb    string // the verb to write instead, or
	Flag    string // the flag to add
	Doubt   string // why it may be no fault; "" if it surely is
	// Loose are flags that ask for what the manifest does not allow, and LooseDoubt says so.
	Loose      []string
	LooseDoubt string
	// Modern replaces the rest for the manager's newer edition, and Other for verbs that are not among Verbs.
	Modern, Other *Strict
}

// Rewrites are verbs, not of an Install, that rewrite the lock file, and what to write to follow it. The texts are
// for messages.
type Rewrites struct{ Verbs, Why, Write, Verb string }

// Production is how a call leaves out what is for development. Sources: the manuals of the managers, such as
// https://docs.npmjs.com/cli/commands/npm-install#omit, https://getcomposer.org/doc/03-cli.md#install-i.
type Production struct {
	Verbs string // of which it holds, separated by spaces, `-` for none; "" for all
	Not   string // verbs of which it does not
	// Only are flags without one of which a call leaves it out anyway.
	Only []string
	// Flags and Env, whatever their values, say what is installed.
	Flags, Env []string
	// Settings is a file beside the manifest that says so, if it holds one of SettingsWords, or at all without such
	// words.
	Settings      string
	SettingsWords []string
	// ModeOmits says that a call leaves it out where NODE_ENV is `production`.
	ModeOmits bool
	// Marks is what the lock file has in the entry of a package that is only there for development, "" if it does not tell.
	// OwnPrograms says that only the programs of packages that the manifest lists are installed.
	Marks       string
	OwnPrograms bool
	// Locked says that the edition is known only by the lock file, and that only the older edition has the switch.
	Locked bool
	// Modes are variables that, where they are set in the final environment, have to hold ModeValue for the finding to
	// be sure.
	Modes     []string
	ModeValue string

	Write   string // what to write; `{verb}` is the verb of the call
	Flag    string // the flag to add, "" if that is not all
	Above   string // the instruction to write above the call instead, if it is one
	AboveNo string // the same where none of Modes is set
	// Again is a command that would install it again when the container starts, unless it has one of AgainFlags;
	// AgainWrite is what to write then.
	Again      bool
	AgainFlags []string
	AgainWrite string
	// Undone are texts in a later step which show that it may remove dev dependencies, or install again without them.
	Undone []string
	// Kept are directories of an official image, beside Project.Products, that hold what is installed.
	Kept []string
}

// Build is how a call compiles the application.
type Build struct {
	// Compiles says that a call with Manifest compiles the application, unless its verb is one of Fetches.
	Compiles bool
	Fetches  string
	// Needs says why a call needs the application's sources, "" if it does not. members is how many parts the
	// application has; pkg says that the application is a package itself.
	Needs func(c Call, pkg bool, members int) string
	// Itself are the manifests that a call reads which names none with a flag: it installs the application itself. nil
	// for a manager without such flags.
	Itself []string
	// ApartHelp says how to leave the application itself out, and Then what is left to do afterwards. `{call}` is the call in short.
	ApartHelp string
	Then      string
	// Prefetch is the command that only gets the dependencies: `{command}` is the command as the call writes it. ""
	// without one. Wrapper are the script in the application that may stand for the command, and what it needs.
	Prefetch string
	Wrapper  []string
	// Prepares are verbs that build the dependencies and not the application: `chef`.
	Prepares string
	// Rebuilds says that dependencies are compiled from source with the application, so that a cache for downloads
	// helps little.
	Rebuilds bool
	// Late is a file in a directory of settings that only the running application reads, while LateVerbs, which handle the dependencies,
	// read others there. LateHelp says what to copy for them.
	Late, LateVerbs, LateHelp string
	// CacheHelp is the cache mount that helps a call that rebuilds.
	CacheHelp string
	// Verbs compile the program into Outputs, separated by spaces.
	Verbs string
	// Elsewhere are flags and ElsewhereEnv variables that put the output elsewhere. ElsewhereFlag names the program to
	// write.
	Elsewhere, ElsewhereEnv []string
	ElsewhereFlag           string
	// Vendored shows that the dependencies are next to the sources: a flag's value, a variable that may hold
	// it, and a file.
	VendorFlag, VendorValue, VendorEnv, VendorFile string
	// Starts are the verbs that compile and run the application in one, each time the container starts; StartsUnless
	// are flags that keep it from compiling. Watches are those that watch the sources.
	Starts       string
	StartsUnless []string
	Watches      string
	// Linker says that it calls the C compiler of the system to link.
	Linker bool
	// Kit is the toolchain, in prose, that the official images in Origin.Images hold and that only a build needs;
	// KitVerbs are the verbs that build with it, "" for any call.
	Kit, KitVerbs string
	// Tool says that a word with this text in it brings a tool and builds no application: `@` of `go install
	// path@version`.
	Tool string
}

// Output is something that a manager leaves in the application's directory, and that the build creates again.
type Output struct {
	Name string // the base name, or a pattern for one
	// Junk says that nothing needs it: the build does not have to create it again.
	Junk bool
	// Beside are patterns of files one of which is next to it, and Inside one that is in it: without them the name
	// says too little. nil for a name that says enough.
	Beside, Inside []string
	// Ignored is for `.dockerignore` and Litter for a directory that COPY should not take: a name may be common enough
	// for one and not for the other.
	Ignored, Litter bool
	// Dependencies says that it holds what was installed, and nothing that was built.
	Dependencies bool
	// Script says that a build script makes it, and an installation does not.
	Script bool
	// Of is the package that makes it if the manifest lists it, "" for any.
	Of string
	// Says are parts of words: a call with one of them among its arguments makes it.
	Says []string
	// Others are commands of no manager that make it under the same conditions.
	Others []string
}

// Cache is where a manager keeps its downloads. Sources: the manuals of the managers,
// https://docs.docker.com/build/cache/optimize/, https://go.dev/ref/mod#module-cache,
// https://pkg.go.dev/cmd/go#hdr-Build_and_test_caching, https://doc.rust-lang.org/cargo/guide/cargo-home.html,
// https://bun.com/docs/install/cache,
// https://learn.microsoft.com/nuget/consume-packages/managing-the-global-packages-and-cache-folders, and for GOPATH and
// CARGO_HOME the Dockerfiles of https://github.com/docker-library/golang and https://github.com/rust-lang/docker-rust.
type Cache struct {
	Title string   // in prose
	Dirs  []string // where it is, `~` being the home; the usual one first
	// RootDirs replace Dirs for root. ModernDirs are those of the manager's newer edition.
	RootDirs, ModernDirs []string
	// AnyUser says that Dirs without `~` hold for each user; else only for root.
	AnyUser  bool
	Mistaken []string // where people think that it is
	Env      []string // variables that hold the directory
	Moves    []string // variables that move it in another way
	Flags    []string // flags that move it
	Off      []string // flags that switch it off
	OffEnv   []string // variables that do
	// Image is the official image that sets Dirs whoever the user is; without that image they are not known. Linked is
	// one that links the homes of its users, so that any of them does.
	Image, Linked string
	// Lists is where the package lists are, if that is another directory. EmptiedBy is the file by which some images
	// delete each download once it is installed (see image.CleansApt), and Settings are texts that show that a step
	// changes such settings.
	Lists, EmptiedBy string
	Settings         []string
	// Store says that the packages are used from there, so that each command that needs them has to find them.
	Store bool
	// Compiled says that it holds what the manager compiles, and not what it downloads.
	Compiled bool
}

// Everywhere is how a call installs for the whole image.
type Everywhere struct {
	Flags  []string // one of these is needed; none for a manager that does so anyway
	Verb   string   // the word before the verb that takes the place of a flag; "" for none
	Unless []string // with one of these it reads files
	// Settings are the files of the directory that it reads anyway; a manifest counts if it names the manager.
	Settings []string
}

// Layer is what an installation leaves in its layer that nothing in the image needs.
type Layer struct {
	Dirs     []string // that hold it; `~` is any home
	Cleanup  string   // the arguments by which the manager empties it
	Cleaners []string // the managers whose clean-up empties it
}

// Prompt is how a manager prompts for confirmation.
type Prompt struct {
	Verbs    string   // that prompt, separated by spaces
	Switches []string // that answer
	Flag     string   // the switch to add
	First    bool     // Flag goes before the verb
	Doubt    string   // why a call may not prompt at all; "" if it does
}

// Runner is how a manager runs programs and scripts of the application.
type Runner struct {
	// Exec are the verbs that run the program after them: `exec`. ExecValued are flags with values before the verb,
	// and RunValued those after it.
	Exec                  string
	ExecValued, RunValued []string
	// Dash says that `--` may come between the verb and the program.
	Dash bool
	// Programs are commands that come with it and run the program after them: `npx`. ProgramValued are their flags
	// with values.
	Programs, ProgramValued []string
	// Scripts says that it runs scripts of a package.json: by `run NAME` and, with Direct, by their bare names. Start
	// says that `start` is a verb of its own for the script of that name.
	Scripts, Direct, Start bool
	// OnlyScripts says that `run` runs nothing else, such as the programs of packages.
	OnlyScripts bool
	// Interpreter says that it runs a source file itself, as node does.
	Interpreter bool
	// Ending is how the name of a compiled program ends that it runs: `.dll`. Serves is the verb that starts the
	// application's server.
	Ending, Serves string
	// Syncs is the verb that installs what the environment lacks before it runs a program, unless one of Stays is among its
	// flags, or the variable StaysEnv is set; "" if none does.
	Syncs, StaysEnv string
	Stays           []string
	// Configures says that its `config` verb, or an assignment among its arguments, may change where it keeps things.
	Configures bool
}

// Runtime is what a manager does with a language of another version than the application asks for.
type Runtime struct {
	Language Language // if it is not the manager's
	Fails    bool     // the build fails
	Why      string   // the note; `{version}` is that of the image, `{wanted}` what the application asks for
	// Brings says that it may bring a language of its own: by one of Flags or Verbs, or with a package of the
	// language's name.
	Brings  bool
	Flags   []string
	Verbs   string
	Package string
	Always  bool // it always brings its own
	Pinned  bool // it reads a file that only pins the version, such as `.python-version`
}

// Origin is what provides a manager.
type Origin struct {
	Images   []string // official images, and others by their full names, that have it
	Packages []string // of distributions
	Commands []string // that install it: `corepack enable`
}

// Hadolint is how hadolint, and Trivy for its checks of the same kind, see a manager.
type Hadolint struct {
	Unseen    []string // commands of the manager that its rules for the family do not know
	TrivySkip bool     // Trivy's check of a lone update does not know it
}

// names finds managers by every name.
type names struct {
	managers map[string]*Manager
	lengths  [256]uint64 // of the names by their slot, a bit for each: most commands are not managers, and this is faster than a map
}

func (n *names) add(name string, m *Manager) {
	n.managers[name] = m
	n.lengths[slot(name)] |= 1 << min(len(name), 63)
}

// slot is made of the first and the last byte of name.
func slot(name string) byte { return name[0]*7 + name[len(name)-1] }

var lookup = lazy.Value[*names]{Make: func() *names {
	out := &names{managers: map[string]*Manager{}}
	for _, m := range All() {
		out.add(m.Name, m)
		for _, alias := range m.Aliases {
			out.add(alias, m)
		}
		for _, part := range m.Parts {
			out.add(part.Name, part)
		}
	}
	return out
}}

func find(name string) *Manager {
	if name == "" {
		return nil
	}
	n := lookup.Get()
	if n.lengths[slot(name)]&(1<<min(len(name), 63)) == 0 {
		return nil
	}
	return n.managers[name]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// OffsBy are the checks that the variable called name can switch off.
func OffsBy(name string) []*Off {
	if len(name) > 30 || !strings.Contains(name, "_") {
		return nil
	}
	return offsByEnv.Get()[strings.ToUpper(name)]
}

// With reports whether that value of a variable switches the check off.
func (o *Off) With(value string) bool {
	return value != "" && (o.Values == "" || Has(o.Values, strings.ToLower(value)))
}

// offsByEnv are those that a variable sets, by its name in upper case.
var offsByEnv = lazy.Value[map[string][]*Off]{Make: func() map[string][]*Off {
	out := map[string][]*Off{}
	for _, m := range Each() {
		offs := m.Offs()
		for i := range offs {
			for _, name := range offs[i].Env {
				if !slices.Contains(out[name], &offs[i]) {
					out[name] = append(out[name], &offs[i])
				}
			}
		}
	}
	return out
}}

// Of is the manager, or the part of one, that is called name: shell.Call.Manager, the name of a command, or an alias;
// nil for others.
func Of(name string) *Manager {
	if m := find(name); m != nil {
		return m
	}
	base := name
	for base != "" && (base[len(base)-1] == '.' || isDigit(base[len(base)-1])) {
		base = base[:len(base)-1]
	}
	if len(base) < len(name) && isDigit(name[len(base)]) && !strings.ContainsAny(base, "0123456789") {
		if m := find(base); m != nil && m.Numbered {
			return m
		}
	}
	return nil
}

// Names gives, when it is called, the names of the managers and parts that is holds for, as lint.OnCalls takes them:
// rules are made before anyone needs the managers.
func Names(is func(*Manager) bool) func() []string {
	return func() []string {
		var out []string
		for _, m := range Each() {
			if is(m) {
				out = append(out, m.Name)
			}
		}
		return out
	}
}

// In is Names by family.
func In(families ...Family) func() []string {
	return Names(func(m *Manager) bool { return slices.Contains(families, m.Family) })
}

// Is reports whether a manager is of family.
func Is(family Family) func(*Manager) bool {
	return func(m *Manager) bool { return m.Family == family }
}

// Each are the managers with their parts.
func Each() []*Manager { return each.Get() }

var each = lazy.Value[[]*Manager]{Make: func() []*Manager {
	var out []*Manager
	for _, m := range All() {
		out = append(append(out, m), m.Parts...)
	}
	return out
}}

// Prose is the manager's name for a sentence.
func (m *Manager) Prose() string {
	if m.Title != "" {
		return m.Title
	}
	return "`" + m.Name + "`"
}

// Keeps reports whether the manager has its cache in dir, written as in Cache.Dirs.
func (m *Manager) Keeps(dir string) bool {
	return slices.ContainsFunc(m.Caches, func(c *Cache) bool { return slices.Contains(c.Dirs, dir) })
}

// Locks are the names of the manager's lock files.
func (m *Manager) Locks() []string {
	if m.Lock == nil {
		return nil
	}
	return m.Lock.Files
}

// Readers are the managers with a Project that lists a manifest called name, in the order of All.
func Readers(name string) []*Manager {
	all := readers.Get()
	if found := all[name]; found != nil {
		return found
	}
	return all["*"+path.Ext(name)]
}

var readers = lazy.Value[map[string][]*Manager]{Make: func() map[string][]*Manager {
	out := map[string][]*Manager{}
	for _, m := range All() {
		if m.Project == nil {
			continue
		}
		for _, name := range m.Project.Manifests {
			out[name] = append(out[name], m)
		}
	}
	return out
}}
