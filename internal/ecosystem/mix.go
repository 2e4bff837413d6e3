package ecosystem

// mix builds Elixir programs. Source: https://hexdocs.pm/mix/Mix.Tasks.Deps.Get.html.
var mix = Manager{
	Name: "mix", Family: "mix", Language: LanguageElixir,
	// Source: https://hexdocs.pm/mix/Mix.Tasks.Do.html.
	Command: Command{Verbs: Verbs{Sync: "deps.get deps.compile compile"}, Prefixes: []string{"do"}},
	Project: &Project{
		Name: "mix", Manifests: []string{"mix.exs"}, Products: []string{"deps", "_build"},
		Read: func(f *Files) { f.Member("apps/*", "mix.exs") },
	},
	Lock: &Lock{Files: []string{"mix.lock"}},
	Strict: &Strict{
		Verbs: "deps.get", Flags: []string{"--check-locked"}, Why: drift, Write: "mix deps.get --check-locked",
		Flag:  "--check-locked",
		Doubt: "the lock file may be up to date",
	},
	Build: &Build{
		Compiles: true, Fetches: "deps.get",
		Needs: func(c Call, _ bool, _ int) string {
			if c.Verb == "deps.get" {
				return ""
			}
			return "the dependencies are compiled with the application's configuration"
		},
		// Source: https://hexdocs.pm/elixir/Config.html#module-config-runtime-exs.
		Late: "config/runtime.exs", LateVerbs: "deps.get deps.compile",
		LateHelp: "copy only `config.exs` and the environment's file, such as `prod.exs`, and copy `runtime.exs` below `{call}`",
		Watches:  "watch",
	},
	Outputs: []Output{
		{Name: "_build", Beside: []string{"mix.exs"}, Ignored: true},
		{Name: "deps", Beside: []string{"mix.exs"}, Ignored: true},
		{Name: ".elixir_ls", Ignored: true, Junk: true},
		{Name: "erl_crash.dump", Ignored: true, Junk: true},
	},
	Runner: &Runner{Serves: "phx.server"},
	Origin: &Origin{Images: []string{"elixir"}, Packages: []string{"elixir"}},
}
