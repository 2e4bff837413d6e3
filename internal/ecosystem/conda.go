package ecosystem

// conda installs packages of any language into environments. Source:
// https://docs.conda.io/projects/conda/en/stable/commands/.
var conda = Manager{
	Name: "conda", Aliases: []string{"mamba", "micromamba"}, Family: Conda, Opaque: true,
	Command: Command{
		Verbs:  Verbs{Install: "install create", Upgrade: "update", Remove: "remove", Clean: "clean"},
		Nested: []Nested{{"env", Verbs{Sync: "create update"}}},
		Valued: []string{
			"-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--solver", "--subdir", "--platform",
			"--repodata-fn", "--clone", "--revision", "--root-prefix", "--rc-file",
		},
		Version:       "=<>",
		ManifestFlags: []string{"-f", "--file"},
		FromManifest:  pipManifest,
	},
	Project: &Project{Name: "conda", Manifests: []string{"environment.yml", "environment.yaml"}},
	Lock:    &Lock{Files: []string{"conda-lock.yml"}},
	Build:   &Build{Needs: func(Call, bool, int) string { return "the environment may list directories" }},
	Outputs: []Output{{Name: ".venv", Ignored: true}, {Name: "venv", Ignored: true}},
	Runtime: &Runtime{Language: LanguagePython, Brings: true, Always: true, Package: "python"},
}
