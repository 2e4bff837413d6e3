package ecosystem

// pnpm sources: https://pnpm.io/cli/install, https://pnpm.io/docker, https://pnpm.io/pnpm-workspace_yaml.
func pnpm() *Manager {
	m := node("pnpm")
	m.Verbs = Verbs{Install: "install i add", Sync: "fetch", Upgrade: "update", Clean: "store"}
	m.DirFlags, m.InDir = []string{"-C", "--dir"}, []string{"-C"}
	m.FromManifest = unnamed
	m.Project.Beside = []string{"pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs", "patches/"}
	m.Project.Roots = append(m.Project.Roots, Mark{File: "pnpm-workspace.yaml"})
	m.Project.Read = func(f *Files) {
		workspaces(f, func() []string { return yamlList(f.Text("pnpm-workspace.yaml"), "packages") })
	}
	m.Lock.Files = []string{"pnpm-lock.yaml"}
	m.Strict = &Strict{
		Not: "fetch", Flags: []string{"--frozen-lockfile", "--no-frozen-lockfile", "--offline"},
		Why: drift, Write: "pnpm install --frozen-lockfile", Flag: "--frozen-lockfile",
		Doubt: "pnpm defaults to `--frozen-lockfile` if `CI` is set",
	}
	m.Production = &Production{
		Not: "fetch", Flags: []string{"--prod", "--production", "-P", "--dev", "-D", "--lockfile-only"},
		Env:      []string{"NODE_ENV"},
		Settings: ".npmrc", SettingsWords: []string{"omit", "production"},
		Write: "pnpm install --prod", Flag: "--prod", Undone: []string{"prune", "--prod"},
	}
	m.Runner.Programs = []string{"pnpx"}
	m.Runner.Direct = true
	m.Origin = &Origin{Packages: []string{"pnpm"}, Commands: []string{"corepack"}}
	m.Hadolint.Unseen = []string{"pnpm"}
	return m
}
