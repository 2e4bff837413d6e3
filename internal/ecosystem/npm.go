package ecosystem

// npm comes with Node.js. Sources: https://docs.npmjs.com/cli/commands/npm-ci,
// https://docs.npmjs.com/cli/commands/npm-install, https://docs.npmjs.com/cli/using-npm/config.
var npm = Manager{
	Name: "npm", Family: Node, Language: LanguageNode,
	Command: Command{
		Verbs: Verbs{
			Install: "install i add", Sync: "ci clean-install", Upgrade: "update", Remove: "uninstall", Clean: "cache",
		},
		Valued: nodeValued, Version: "@",
		DirFlags: []string{"--prefix", "-C"}, InDir: []string{"--prefix", "-C"}, FromManifest: unnamed,
	},
	Everywhere: &Everywhere{Flags: []string{"-g", "--global"}},
	Project: &Project{
		Name: "npm", Manifests: packageJSON, Beside: []string{".npmrc", "patches/"}, Products: nodeModules,
		Claims: func(text string) bool { return packageManager(text) == "npm" },
		Roots:  nodeRoots, Read: readPackageJSON, Direct: nodeDirect, Development: nodeDevelopment,
		Show: []string{"package*.json"},
	},
	Lock: &Lock{
		Files: []string{"package-lock.json", "npm-shrinkwrap.json"}, Write: "npm install", Needed: []Need{{Verbs: "ci clean-install"}},
		Shared: true, OffFlags: nodeUnlocked, Settings: ".npmrc",
	},
	Strict: &Strict{
		Verbs: "install i add",
		Why: "`npm install` rewrites the lock file if it does not match `package.json`, " +
			"so the image may contain untested versions; `npm ci` fails instead",
		Write: "npm ci", Verb: "ci",
		Loose:      []string{"--package-lock-only", "--no-package-lock", "--legacy-peer-deps", "--force", "-f"},
		LooseDoubt: "its flags may be meant to allow versions that the manifest does not",
	},
	Production: &Production{
		Flags: []string{"--omit", "--production", "--only", "--include", "--prod", "--package-lock-only"},
		Env: []string{
			"NODE_ENV", "npm_config_omit", "NPM_CONFIG_OMIT", "npm_config_production", "NPM_CONFIG_PRODUCTION",
		},
		Settings: ".npmrc", SettingsWords: []string{"omit", "production"}, ModeOmits: true, Marks: `"dev": true`,
		Write: "npm {verb} --omit=dev", Flag: "--omit=dev",
		Undone: []string{"prune", "--omit", "--prod", "--only", "rm -rf node_modules", "rm -rf ./node_modules"},
	},
	Build:    &Build{ApartHelp: beside},
	Installs: syncs,
	Outputs:  nodeOutputs,
	Caches: []*Cache{{
		Title: "npm", Dirs: []string{"~/.npm"}, Env: []string{"npm_config_cache", "NPM_CONFIG_CACHE"},
		Flags: []string{"--cache"},
	}},
	Runtime: &Runtime{Why: "npm only warns, and code that needs another version may fail at run time"},
	Runner: &Runner{
		Exec: nodeExec, ExecValued: nodeExecValued, RunValued: nodeRunValued, Dash: true,
		Programs: []string{"npx"}, ProgramValued: nodeProgramValued, Scripts: true, OnlyScripts: true, Start: true,
		Configures: true,
	},
	Origin: &Origin{Images: []string{"node"}, Packages: []string{"npm"}},
}
