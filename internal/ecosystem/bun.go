package ecosystem

// bun is a runtime for JavaScript with a package manager. Sources: https://bun.com/docs/cli/install,
// https://bun.com/docs/install/cache.
func bun() *Manager {
	m := node("bun")
	m.Title = "Bun"
	m.Verbs = Verbs{Install: "install i add", Upgrade: "update"}
	m.DirFlags = []string{"--cwd"}
	m.FromManifest = unnamed
	m.Project.Beside = []string{"bunfig.toml", ".npmrc", "patches/"}
	m.Lock.Files = []string{"bun.lock", "bun.lockb"}
	m.Strict = &Strict{
		Flags: []string{"--frozen-lockfile", "--no-save"}, Why: drift, Write: "bun install --frozen-lockfile",
		Flag:  "--frozen-lockfile",
		Doubt: "`bunfig.toml` may set it",
	}
	m.Production = &Production{
		Flags: []string{"--production", "-p", "--omit"}, Env: []string{"NODE_ENV"}, Write: "bun install --production",
		Flag: "--production",
	}
	m.Caches = []*Cache{{
		Title: "Bun", Dirs: []string{"~/.bun/install/cache"}, Env: []string{"BUN_INSTALL_CACHE_DIR"},
		Moves: []string{"BUN_INSTALL", "XDG_CACHE_HOME"}, Off: []string{"--no-cache"}, Flags: []string{"--cache-dir"},
	}}
	m.Runner.Programs = []string{"bunx"}
	m.Runner.Start = false // `bun start` is not documented to run the script
	m.Runner.Interpreter = true
	m.Origin = &Origin{Images: []string{"docker.io/oven/bun"}}
	m.Hadolint.Unseen = []string{"bun"}
	return m
}
