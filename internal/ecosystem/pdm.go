package ecosystem

// pdm installs an application's Python packages. Sources: https://pdm-project.org/en/stable/reference/cli/,
// https://pdm-project.org/en/stable/usage/dependency/.
var pdm = Manager{
	Name: "pdm", Title: "PDM", Family: "pdm", Language: LanguagePython,
	Command: Command{
		Verbs: Verbs{Sync: "install sync", Install: "add"}, Valued: []string{"-G", "--group", "-p", "--project"},
		DirFlags: []string{"-p", "--project"},
	},
	Project: &Project{
		Name: "pdm", Manifests: []string{"pyproject.toml"}, Beside: []string{"pdm.toml"},
		Products: []string{".venv", "__pypackages__"},
		Claims:   func(text string) bool { return hasTable(text, "tool.pdm") },
		Read: func(f *Files) {
			pyproject(f)
			f.Package = true
		},
		Direct: func(m Manifest) int { return len(TOMLArray(TOMLTable(m.Text, "project"), "dependencies")) },
		Development: func(text string) []string {
			text = unixLines("\n" + text)
			out := requirementNames(TOMLArray(TOMLTable(text, "dependency-groups"), "dev"))
			return append(out, requirementNames(TOMLArray(TOMLTable(text, "tool.pdm.dev-dependencies"), "dev"))...)
		},
	},
	Lock: &Lock{Files: []string{"pdm.lock"}, Write: "pdm lock"},
	Production: &Production{
		Flags: []string{"--prod", "--production", "--no-dev", "--without", "-G", "--group", "-d", "--dev"},
		Write: "pdm {verb} --prod", Flag: "--prod",
	},
	Build: &Build{
		Needs:     installsItself,
		ApartHelp: "run `{call}` with `--no-self`", Then: asIs,
	},
	Installs: syncs,
	Outputs:  pythonOutputs,
	Runner:   &pythonRunner,
	Origin:   &Origin{Packages: []string{"pdm"}},
}
