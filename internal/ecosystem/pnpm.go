package ecosystem

// pnpm sources: https://pnpm.io/cli/install, https://pnpm.io/docker, https://pnpm.io/pnpm-workspace_yaml,
// https://pnpm.io/settings.
var pnpm = Manager{
	Name: "pnpm", Family: Node, Language: LanguageNode,
	Command: Command{
		Verbs:  Verbs{Install: "install i add", Sync: "fetch", Upgrade: "update", Clean: "store"},
		Valued: nodeValued, Version: "@",
		DirFlags: []string{"-C", "--dir"}, InDir: []string{"-C"}, FromManifest: unnamed,
	},
	Project: &Project{
		Name: "pnpm", Manifests: packageJSON, Products: nodeModules,
		Beside: []string{"pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs", "patches/"},
		Claims: func(text string) bool { return packageManager(text) == "pnpm" },
		Roots: []Mark{
			{"package.json", `"workspaces"`},
			{File: "lerna.json"},
			{File: "nx.json"},
			{File: "turbo.json"},
			{File: "rush.json"},
			{File: "pnpm-workspace.yaml"},
		},
		Read: func(f *Files) {
			workspaces(f, yamlList(f.Text("pnpm-workspace.yaml"), "packages"))
		},
		Direct: nodeDirect, Development: nodeDevelopment,
	},
	Lock: &Lock{
		Files: []string{"pnpm-lock.yaml"}, Write: "pnpm install", Fetch: "pnpm fetch", Shared: true, OffFlags: nodeUnlocked, Settings: ".npmrc",
		Needed: []Need{{Flags: []string{"--frozen-lockfile"}}},
	},
	Strict: &Strict{
		Not: "fetch", Flags: []string{"--frozen-lockfile", "--no-frozen-lockfile", "--offline"},
		Env: []string{"CI"}, Why: drift, Write: "pnpm install --frozen-lockfile", Flag: "--frozen-lockfile",
	},
	Production: &Production{
		Not: "fetch", Flags: []string{"--prod", "--production", "-P", "--dev", "-D", "--lockfile-only"},
		Env:      []string{"NODE_ENV"},
		Settings: ".npmrc", SettingsWords: []string{"omit", "production"}, OwnPrograms: true,
		Write: "pnpm install --prod", Flag: "--prod", Undone: []string{"prune", "--prod"},
	},
	Build:    &Build{ApartHelp: beside},
	Installs: syncs,
	Outputs:  nodeOutputs,
	Caches: []*Cache{{
		Title: "pnpm", Dirs: []string{"~/.local/share/pnpm/store"}, Flags: []string{"--store-dir"}, Store: true,
		Moves: []string{"PNPM_HOME", "XDG_DATA_HOME", "NPM_CONFIG_STORE_DIR", "npm_config_store_dir", "pnpm_config_store_dir"},
	}},
	Runtime: &Runtime{Why: "pnpm only warns, and code that needs another version may fail at run time"},
	Runner: &Runner{
		Exec: nodeExec, ExecValued: nodeExecValued, RunValued: nodeRunValued, Dash: true,
		Programs: []string{"pnpx"}, ProgramValued: nodeProgramValued, Scripts: true, OnlyScripts: true, Direct: true,
		Start: true,
	},
	Origin:   &Origin{Packages: []string{"pnpm"}, Commands: []string{"corepack"}},
	Hadolint: Hadolint{Unseen: []string{"pnpm"}},
}
