package ecosystem

// yarn has two editions: version 1, and from version 2 on what is called Berry. Sources:
// https://classic.yarnpkg.com/en/docs/cli/install, https://yarnpkg.com/cli/install,
// https://yarnpkg.com/getting-started/qa, https://yarnpkg.com/configuration/yarnrc.
var yarn = Manager{
	Name: "yarn", Title: "Yarn", Family: Node, Language: LanguageNode,
	Command: Command{
		Verbs:  Verbs{Sync: "install", Install: "add global", Upgrade: "upgrade", Clean: "cache"},
		Nested: []Nested{{"global", Verbs{Install: "add"}}, {"workspaces", Verbs{Sync: "focus"}}}, Bare: true,
		Valued: nodeValued, Version: "@", DirFlags: []string{"--cwd"},
	},
	Everywhere: &Everywhere{Verb: "global", Settings: []string{".yarnrc", ".yarnrc.yml", ".npmrc", ".yarn"}},
	Project: &Project{
		Name: "yarn", Manifests: packageJSON,
		Beside: []string{
			".yarnrc", ".yarnrc.yml", ".npmrc", ".yarn/releases/", ".yarn/plugins/", ".yarn/patches/", "patches/",
		},
		Products: []string{"node_modules", ".pnp.cjs", ".yarn/cache"},
		Claims:   func(text string) bool { return packageManager(text) == "yarn" },
		Roots:    nodeRoots, Read: readPackageJSON, Direct: nodeDirect, Development: nodeDevelopment,
	},
	Lock: &Lock{
		Files: []string{"yarn.lock"}, Write: "yarn install", Shared: true, OffFlags: nodeUnlocked, Settings: ".npmrc",
		Modern: []Mark{{File: ".yarnrc.yml"}, {"yarn.lock", "__metadata:"}},
	},
	Strict: &Strict{
		Not: "focus", Flags: yarnStrict, Env: yarnStrictEnv, Why: drift, Write: "yarn install --frozen-lockfile",
		Flag: "--frozen-lockfile",
		Modern: &Strict{
			Verbs: "- install", Flags: yarnStrict, Env: []string{"YARN_ENABLE_IMMUTABLE_INSTALLS", "CI"}, Why: drift, Write: "yarn install --immutable",
			Flag: "--immutable",
		},
	},
	Production: &Production{
		Verbs: "- install", Flags: []string{"--production", "--prod"}, Env: []string{"NODE_ENV", "YARN_PRODUCTION"},
		Locked: true, ModeOmits: true,
		Write: "yarn install --production", Flag: "--production",
	},
	Build:    &Build{ApartHelp: beside},
	Installs: "- install focus", // `yarn workspaces focus`
	Outputs:  nodeOutputs,
	Caches: []*Cache{{
		Title: "Yarn", Dirs: []string{"~/.cache/yarn"}, RootDirs: []string{"/usr/local/share/.cache/yarn"},
		ModernDirs: []string{"~/.yarn/berry/cache", "~/.yarn/berry"},
		Mistaken:   []string{"~/.yarn", "~/.yarn-cache", "/yarn-cache"},
		Env:        []string{"YARN_CACHE_FOLDER"}, Moves: []string{"YARN_GLOBAL_FOLDER", "XDG_CACHE_HOME"},
		Flags: []string{"--cache-folder"},
	}},
	Layer: &Layer{
		Dirs: []string{"/usr/local/share/.cache/yarn", "~/.cache/yarn", "~/.yarn/berry/cache"}, Cleanup: "cache clean",
		Cleaners: []string{"yarn"},
	},
	Runtime: &Runtime{Why: "Yarn 1 refuses to install; with later versions of Yarn, code that needs another version of Node.js may fail at run time"},
	Runner: &Runner{
		Exec: nodeExec, ExecValued: nodeExecValued, RunValued: nodeRunValued, Dash: true,
		ProgramValued: nodeProgramValued, Scripts: true, Direct: true, Start: true, Configures: true,
	},
	Origin:   &Origin{Images: []string{"node"}, Packages: []string{"yarnpkg"}, Commands: []string{"corepack"}},
	Hadolint: Hadolint{Unseen: []string{"yarn"}},
}

var (
	yarnStrict    = []string{"--frozen-lockfile", "--immutable", "--pure-lockfile", "--immutable-cache"}
	yarnStrictEnv = []string{"YARN_ENABLE_IMMUTABLE_INSTALLS"}
)
