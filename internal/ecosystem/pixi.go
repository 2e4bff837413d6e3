package ecosystem

// pixi installs packages of Conda and PyPI into environments of a workspace. Sources:
// https://pixi.prefix.dev/latest/reference/cli/pixi/install/, https://pixi.prefix.dev/latest/reference/pixi_manifest/,
// https://pixi.prefix.dev/latest/workspace/lockfile/, https://pixi.prefix.dev/latest/reference/environment_variables/.
var pixi = Manager{
	Name: "pixi", Family: "pixi",
	Command: Command{
		Verbs: Verbs{
			Sync: "install i", Install: "add a", Refresh: "lock", Upgrade: "update upgrade", Remove: "remove rm",
			Clean: "clean",
		},
		Nested: []Nested{
			{"global", Verbs{Install: "install i add", Upgrade: "update", Remove: "uninstall remove"}},
		},
		Valued: []string{
			"-e", "--environment", "-m", "--manifest-path", "-f", "--feature", "-p", "--platform", "-c", "--channel",
			"--skip", "--only",
			"--auth-file", "--concurrent-downloads", "--concurrent-solves", "--pinning-strategy", "--pypi-keyring-provider",
		},
		DirFlags: []string{"-m", "--manifest-path"}, Version: "=<>~!",
	},
	Project: &Project{
		Name: "pixi", Manifests: []string{"pixi.toml", "pyproject.toml"}, Products: []string{".pixi"},
		Claims: func(text string) bool { return hasTable(text, "tool.pixi") },
		Read: func(f *Files) {
			if localDependency.Get().MatchString(f.Text("pixi.toml")) || localDependency.Get().MatchString(f.Text("pyproject.toml")) {
				f.Sources = "a dependency comes from a directory"
			}
		},
		Direct: func(m Manifest) int {
			n := 0
			for _, name := range [...]string{
				"dependencies", "pypi-dependencies", "tool.pixi.dependencies", "tool.pixi.pypi-dependencies",
			} {
				n += len(TOMLKeys(TOMLTable(m.Text, name)))
			}
			return n
		},
	},
	Lock: &Lock{Files: []string{"pixi.lock"}, Write: "pixi lock"},
	Strict: &Strict{
		Verbs: "install i", Flags: []string{"--locked", "--frozen"}, Env: []string{"PIXI_LOCKED", "PIXI_FROZEN"},
		Why: drift, Write: "pixi install --locked", Flag: "--locked", Doubt: "the lock file may be up to date",
	},
	Installs: "install i",
	Outputs: []Output{{
		Name: ".pixi", Ignored: true, Litter: true, Dependencies: true, Inside: []string{"envs"},
	}},
	Caches: []*Cache{{
		Title: "pixi", Dirs: []string{"~/.cache/rattler/cache", "~/.cache/rattler"},
		Env: []string{"PIXI_CACHE_DIR", "RATTLER_CACHE_DIR"}, Moves: []string{"XDG_CACHE_HOME"},
	}},
	Origin: &Origin{Images: []string{"ghcr.io/prefix-dev/pixi"}, Packages: []string{"pixi"}},
}
