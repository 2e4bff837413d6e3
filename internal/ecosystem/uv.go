package ecosystem

import (
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// uv installs Python packages and Python itself. Sources: https://docs.astral.sh/uv/reference/cli/,
// https://docs.astral.sh/uv/concepts/projects/sync/,
// https://docs.astral.sh/uv/concepts/projects/dependencies/#development-dependencies.
var uv = Manager{
	Name: "uv", Family: "uv", Language: LanguagePython,
	Command: Command{
		Verbs: Verbs{Sync: "sync", Install: "add", Refresh: "lock"}, Valued: pipValued, Version: "=<>!~@",
		DirFlags: []string{"--project", "--directory"},
	},
	Parts: []*Manager{{
		Name: "uv pip", Family: Pip, Language: LanguagePython,
		Command: Command{
			Verbs: Verbs{Install: "install", Sync: "sync", Remove: "uninstall"}, Valued: pipValued, Version: "=<>!~@",
			ManifestFlags: []string{"-r", "--requirement"}, FromManifest: pipManifest,
		},
		Project:  &requirementsTxt,
		Build:    &Build{Needs: pipNeeds, ApartHelp: beside, Itself: []string{"pyproject.toml"}},
		Caches:   []*Cache{&uvCache},
		Hadolint: Hadolint{Unseen: []string{"uv"}},
	}},
	Project: &Project{
		Name: "uv", Manifests: []string{"pyproject.toml"}, Beside: []string{"uv.toml", ".python-version"},
		Products: []string{".venv"},
		Claims:   func(text string) bool { return hasTable(text, "tool.uv") },
		Roots:    []Mark{{"pyproject.toml", "[tool.uv.workspace]"}},
		Read: func(f *Files) {
			text := pyproject(f)
			f.Package = !virtualProject.Get().MatchString(text) && (strings.Contains(text, "[build-system]") ||
				packagedProject.Get().MatchString(text))
		},
		Direct: func(m Manifest) int { return len(TOMLArray(TOMLTable(m.Text, "project"), "dependencies")) },
		Development: func(text string) []string {
			text = unixLines("\n" + text)
			if strings.Contains(text, "\ndefault-groups") {
				return nil
			}
			out := requirementNames(TOMLArray(TOMLTable(text, "dependency-groups"), "dev"))
			return append(out, requirementNames(TOMLArray(TOMLTable(text, "tool.uv"), "dev-dependencies"))...)
		},
	},
	// https://docs.astral.sh/uv/reference/cli/#uv-sync, on --frozen and --locked
	Lock: &Lock{Files: []string{"uv.lock"}, Write: "uv lock", Needed: []Need{{Flags: []string{"--locked", "--frozen"}}}},
	Strict: &Strict{
		Flags: []string{"--locked", "--frozen"}, Env: []string{"UV_LOCKED", "UV_FROZEN"},
		Why: drift, Write: "uv sync --locked", Flag: "--locked",
	},
	Production: &Production{
		Flags: []string{
			"--no-dev", "--only-group", "--no-group", "--no-default-groups", "--group", "--only-dev", "--all-groups", "--dev",
		},
		Env:   []string{"UV_NO_DEV", "UV_NO_GROUP", "UV_NO_DEFAULT_GROUPS"},
		Write: "uv sync --no-dev", Flag: "--no-dev",
		Again: true, AgainFlags: []string{"--no-dev", "--no-sync"},
		AgainWrite: "use `uv sync --no-dev`, and start the program with `uv run --no-dev`, because `uv run` would install them again",
	},
	Build: &Build{
		Needs:     installsItself,
		ApartHelp: "run `uv sync` with `--no-install-project`", Then: asIs,
	},
	Installs: syncs,
	Outputs:  pythonOutputs,
	Caches:   []*Cache{&uvCache},
	Runner: &Runner{
		Exec: pythonRunner.Exec, ExecValued: pythonRunner.ExecValued, RunValued: pythonRunner.RunValued, Dash: pythonRunner.Dash,
		Syncs: "run", Stays: []string{"--no-sync", "--no-project", "--script"}, StaysEnv: "UV_NO_SYNC",
	},
	Runtime: &Runtime{
		Why:    "uv downloads another Python and does not use the one in the image",
		Brings: true, Flags: []string{"--python", "-p"}, Verbs: "python", Pinned: true,
	},
	Origin: &Origin{Images: []string{"ghcr.io/astral-sh/uv"}, Packages: []string{"uv"}},
}

// uvCache is the same for `uv` and `uv pip`.
var uvCache = Cache{
	Title: "uv", Dirs: []string{"~/.cache/uv"}, Env: []string{"UV_CACHE_DIR"}, Moves: []string{"XDG_CACHE_HOME"},
	Off: []string{"--no-cache", "--no-cache-dir", "-n"}, OffEnv: []string{"UV_NO_CACHE"}, Flags: []string{"--cache-dir"},
}

// drift, asIs and beside are texts that several managers share.
const (
	drift = "if the lock file does not match the manifest, the versions are resolved again, " +
		"so the image may contain untested versions"
	asIs   = " and run `{call}` unchanged"
	beside = "with everything else the install reads ({why}), then install"

	syncs = "install ci i clean-install sync" // Manager.Installs of several
)

// installsItself is Build.Needs of a manager that installs an application which is a package.
func installsItself(c Call, pkg bool, _ int) string {
	if pkg && !c.Has("--no-install-project", "--no-install-workspace", "--no-install-local", "--no-root", "--no-self") {
		return "`{call}` installs the application itself"
	}
	return ""
}

// pythonRunner is how uv, Poetry and the like run programs in the application's environment.
var pythonRunner = Runner{
	Exec: "run exec", ExecValued: []string{"--env-file", "--with", "--directory", "--project", "-C"},
	RunValued: []string{"--env-file", "--with", "--package", "--group", "--extra"},
}

// pyproject reads what all managers read in a pyproject.toml, and is its text.
func pyproject(f *Files) string {
	text := f.Text("pyproject.toml")
	if section := TOMLTable(text, "tool.uv.workspace"); section != "" {
		for _, pattern := range TOMLList(section, "members") {
			f.Member(pattern, "pyproject.toml")
		}
	}
	if localDependency.Get().MatchString(text) {
		f.Sources = "a dependency comes from a directory"
	}
	return text
}

var (
	virtualProject  = lazy.Regexp{Expr: `(?m)^package(?:-mode)?\s*=\s*false`}
	packagedProject = lazy.Regexp{Expr: `(?m)^package\s*=\s*true`}
	localDependency = lazy.Regexp{Expr: `\bpath\s*=\s*["']|@ file:`}
)

// requirementNames are the packages of requirements such as `pytest>=8`.
func requirementNames(requirements []string) []string {
	var out []string
	for _, r := range requirements {
		if i := strings.IndexAny(r, " [<>=!~;@"); i > 0 {
			r = r[:i]
		}
		out = append(out, r)
	}
	return out
}
