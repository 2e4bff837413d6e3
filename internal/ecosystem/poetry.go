package ecosystem

import (
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// poetry installs an application's Python packages. Sources: https://python-poetry.org/docs/cli/,
// https://python-poetry.org/docs/managing-dependencies/.
var poetry = Manager{
	Name: "poetry", Title: "Poetry", Family: "poetry", Language: LanguagePython,
	Command: Command{
		Verbs: Verbs{Sync: "install sync", Install: "add", Upgrade: "update"},
		Valued: []string{
			"--only", "--with", "--without", "-G", "--group", "--source", "--python", "--platform", "--markers", "-E",
			"--extras", "-C", "--directory", "-P", "--project",
		},
		Version: "@=^~<>", DirFlags: []string{"-C", "--directory", "-P", "--project"}, InDir: []string{"-C"},
	},
	Project: &Project{
		Name: "poetry", Manifests: []string{"pyproject.toml"}, Beside: []string{"poetry.toml"}, Products: []string{".venv"},
		Claims: func(text string) bool { return hasTable(text, "tool.poetry") },
		Read:   func(f *Files) { f.Package = !virtualProject.Get().MatchString(pyproject(f)) },
		Direct: func(m Manifest) int {
			return len(TOMLKeys(TOMLTable(m.Text, "tool.poetry.dependencies"))) +
				len(TOMLArray(TOMLTable(m.Text, "project"), "dependencies"))
		},
		Development: func(text string) []string {
			text = unixLines("\n" + text)
			out := TOMLKeys(TOMLTable(text, "tool.poetry.dev-dependencies"))
			for _, m := range poetryGroup.Get().FindAllStringSubmatch(text, maxMembers) {
				group := "tool.poetry.group." + m[1]
				if forDevelopment(m[1]) && !strings.Contains(TOMLTable(text, group), "optional = true") {
					out = append(out, TOMLKeys(TOMLTable(text, group+".dependencies"))...)
				}
			}
			return out
		},
	},
	Lock: &Lock{Files: []string{"poetry.lock"}, Write: "poetry lock"},
	Production: &Production{
		Flags: []string{"--only", "--without", "--with", "--no-dev", "--only-root"}, Env: []string{"POETRY_INSTALL_ARGS"},
		Write: "poetry {verb} --only main", Flag: "--only main",
	},
	Build: &Build{
		Needs:     installsItself,
		ApartHelp: "run `{call}` with `--no-root`", Then: asIs,
	},
	Installs: syncs,
	Outputs:  pythonOutputs,
	Runner:   &pythonRunner,
	Runtime:  &Runtime{Fails: true, Why: "Poetry refuses to install on Python {version}"},
	Origin:   &Origin{Packages: []string{"poetry"}},
}

var poetryGroup = lazy.Regexp{Expr: `(?m)^\[tool\.poetry\.group\.([\w-]+)\.dependencies\]`}

// forDevelopment reports whether a group of that name is for work on the application.
func forDevelopment(group string) bool {
	return Has("dev develop development test tests testing lint linting docs typing types quality", group)
}
