package ecosystem

// pipenv installs an application's Python packages. Source: https://pipenv.pypa.io/en/latest/cli.html.
var pipenv = Manager{
	Name: "pipenv", Family: "pipenv", Language: LanguagePython,
	Command: Command{Verbs: Verbs{Install: "install", Sync: "sync", Upgrade: "update"}, FromManifest: unnamed},
	Project: &Project{
		Name: "pipenv", Manifests: []string{"Pipfile"}, Products: []string{".venv"},
		Direct:      func(m Manifest) int { return len(TOMLKeys(TOMLTable(m.Text, "packages"))) },
		Development: func(text string) []string { return TOMLKeys(TOMLTable(text, "dev-packages")) },
	},
	Lock: &Lock{Files: []string{"Pipfile.lock"}, Write: "pipenv lock"},
	Strict: &Strict{
		Verbs: "install", Flags: []string{"--deploy", "--ignore-pipfile"},
		Why: drift, Write: "pipenv install --deploy", Flag: "--deploy",
	},
	Production: &Production{Only: []string{"--dev", "-d"}, Write: "pipenv {verb}` without `--dev"},
	Installs:   syncs,
	Outputs:    pythonOutputs,
	Runner:     &pythonRunner,
	Origin:     &Origin{Packages: []string{"pipenv"}},
}

// unnamed is Command.FromManifest of a manager that installs what the manifest lists if the call does not name a
// package.
func unnamed(c Call) bool { return len(c.Packages) == 0 && !c.Has("-g", "--global") }
