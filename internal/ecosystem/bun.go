package ecosystem

// bun is a runtime for JavaScript with a package manager. Sources: https://bun.com/docs/cli/install,
// https://bun.com/docs/install/cache.
var bun = Manager{
	Name: "bun", Title: "Bun", Family: Node, Language: LanguageNode,
	Command: Command{
		Verbs:  Verbs{Install: "install i add", Upgrade: "update"},
		Valued: nodeValued, Version: "@", DirFlags: []string{"--cwd"}, FromManifest: unnamed,
	},
	Project: &Project{
		Name: "bun", Manifests: packageJSON, Beside: []string{"bunfig.toml", ".npmrc", "patches/"}, Products: nodeModules,
		Claims: func(text string) bool { return packageManager(text) == "bun" },
		Roots:  nodeRoots, Read: readPackageJSON, Direct: nodeDirect, Development: nodeDevelopment,
	},
	Lock: &Lock{
		Files: []string{"bun.lock", "bun.lockb"}, Write: "bun install", Shared: true, OffFlags: nodeUnlocked,
		Settings: ".npmrc",
	},
	Strict: &Strict{
		Flags: []string{"--frozen-lockfile", "--no-save"}, Why: drift, Write: "bun install --frozen-lockfile",
		Flag:  "--frozen-lockfile",
		Doubt: "`bunfig.toml` may freeze the lock file",
	},
	Production: &Production{
		Flags: []string{"--production", "-p", "--omit"}, Env: []string{"NODE_ENV"}, Write: "bun install --production",
		Flag: "--production",
	},
	Build:    &Build{ApartHelp: beside},
	Installs: syncs,
	Outputs:  nodeOutputs,
	Caches: []*Cache{{
		Title: "Bun", Dirs: []string{"~/.bun/install/cache"}, Env: []string{"BUN_INSTALL_CACHE_DIR"},
		Moves: []string{"BUN_INSTALL", "XDG_CACHE_HOME"}, Off: []string{"--no-cache"}, Flags: []string{"--cache-dir"},
	}},
	// `bun start` is not documented to run the script.
	Runner: &Runner{
		Exec: nodeExec, ExecValued: nodeExecValued, RunValued: nodeRunValued, Dash: true,
		Programs: []string{"bunx"}, ProgramValued: nodeProgramValued, Scripts: true, Interpreter: true,
	},
	Origin:   &Origin{Images: []string{"docker.io/oven/bun"}},
	Hadolint: Hadolint{Unseen: []string{"bun"}},
}
