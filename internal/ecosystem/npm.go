package ecosystem

// npm comes with Node.js. Sources: https://docs.npmjs.com/cli/commands/npm-ci,
// https://docs.npmjs.com/cli/commands/npm-install, https://docs.npmjs.com/cli/using-npm/config.
func npm() *Manager {
	m := node("npm")
	m.Verbs = Verbs{
		Install: "install i add", Sync: "ci clean-install", Upgrade: "update", Remove: "uninstall",
		Clean: "cache",
	}
	m.DirFlags, m.InDir = []string{"--prefix", "-C"}, []string{"--prefix", "-C"}
	m.FromManifest = unnamed
	m.Project.Beside = []string{".npmrc", "patches/"}
	m.Lock.Files = []string{"package-lock.json", "npm-shrinkwrap.json"}
	m.Lock.Needed = "ci clean-install"
	m.Strict = &Strict{
		Verbs: "install i add",
		Why: "`npm install` rewrites the lock file if it does not match `package.json`, so the image gets untested versions; " +
			"`npm ci` fails instead",
		Write: "npm ci", Verb: "ci",
		Loose:      []string{"--package-lock-only", "--no-package-lock", "--legacy-peer-deps", "--force", "-f"},
		LooseDoubt: "its flags allow versions that the manifest does not",
	}
	m.Production = &Production{
		Flags: []string{"--omit", "--production", "--only", "--include", "--prod", "--package-lock-only"},
		Env: []string{
			"NODE_ENV", "npm_config_omit", "NPM_CONFIG_OMIT", "npm_config_production", "NPM_CONFIG_PRODUCTION",
		},
		Settings: ".npmrc", SettingsWords: []string{"omit", "production"},
		Write: "npm {verb} --omit=dev", Flag: "--omit=dev",
		Undone: []string{"prune", "--omit", "--prod", "--only", "rm -rf node_modules", "rm -rf ./node_modules"},
	}
	m.Caches = []*Cache{{
		Title: "npm", Dirs: []string{"~/.npm"}, Env: []string{"npm_config_cache", "NPM_CONFIG_CACHE"},
		Flags: []string{"--cache"},
	}}
	m.Runner.Programs = []string{"npx"}
	m.Runner.Configures = true
	m.Origin = &Origin{Images: []string{"node"}, Packages: []string{"npm"}}
	return m
}
