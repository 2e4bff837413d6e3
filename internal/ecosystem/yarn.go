package ecosystem

import "slices"

// yarn has two editions: version 1, and from version 2 on what is called Berry. Sources:
// https://classic.yarnpkg.com/en/docs/cli/install, https://yarnpkg.com/cli/install,
// https://yarnpkg.com/getting-started/qa, https://yarnpkg.com/configuration/yarnrc.
func yarn() *Manager {
	m := node("yarn")
	m.Title = "Yarn"
	m.Verbs = Verbs{Sync: "install", Install: "add global", Upgrade: "upgrade", Clean: "cache"}
	m.Nested = map[string]Verbs{"global": {Install: "add"}}
	m.Bare = true
	m.DirFlags = []string{"--cwd"}
	m.Project.Beside = []string{
		".yarnrc", ".yarnrc.yml", ".npmrc", ".yarn/releases/", ".yarn/plugins/", ".yarn/patches/", "patches/",
	}
	m.Project.Products = []string{"node_modules", ".pnp.cjs", ".yarn/cache"}
	m.Lock.Files = []string{"yarn.lock"}
	m.Lock.Modern = []Mark{{File: ".yarnrc.yml"}, {"yarn.lock", "__metadata:"}}
	flags := []string{"--frozen-lockfile", "--immutable", "--pure-lockfile", "--immutable-cache"}
	env := []string{"YARN_ENABLE_IMMUTABLE_INSTALLS"}
	m.Strict = &Strict{
		Flags: flags, Env: env, Why: drift, Write: "yarn install --frozen-lockfile", Flag: "--frozen-lockfile",
		Modern: &Strict{
			Verbs: "- install", Flags: flags, Env: env, Why: drift, Write: "yarn install --immutable", Flag: "--immutable",
			Doubt: "Yarn defaults to `--immutable` if `CI` is set",
		},
	}
	m.Production = &Production{
		Verbs: "- install", Flags: []string{"--production", "--prod"}, Env: []string{"NODE_ENV", "YARN_PRODUCTION"},
		Locked: true,
		Write:  "yarn install --production", Flag: "--production",
	}
	m.Outputs = yarnInstalls(m.Outputs)
	m.Caches = []*Cache{{
		Title: "Yarn", Dirs: []string{"~/.cache/yarn"}, RootDirs: []string{"/usr/local/share/.cache/yarn"},
		ModernDirs: []string{"~/.yarn/berry/cache", "~/.yarn/berry"},
		Mistaken:   []string{"~/.yarn", "~/.yarn-cache", "/yarn-cache"},
		Env:        []string{"YARN_CACHE_FOLDER"}, Moves: []string{"YARN_GLOBAL_FOLDER", "XDG_CACHE_HOME"},
		Flags: []string{"--cache-folder"},
	}}
	m.Layer = &Layer{
		Dirs: []string{"/usr/local/share/.cache/yarn", "~/.cache/yarn", "~/.yarn/berry/cache"}, Cleanup: "cache clean",
		Cleaners: []string{"yarn"},
	}
	m.Runner.Direct = true
	m.Runner.Configures = true
	m.Origin = &Origin{Images: []string{"node"}, Packages: []string{"yarnpkg"}, Commands: []string{"corepack"}}
	m.Hadolint.Unseen = []string{"yarn"}
	return m
}

// yarnInstalls adds the forms in which Yarn installs without a verb, and `yarn workspaces focus`.
func yarnInstalls(outputs []Output) []Output {
	outputs = slices.Clone(outputs)
	for i := range outputs {
		if outputs[i].Installs != "" {
			outputs[i].Installs = "- install focus"
		}
	}
	return outputs
}
