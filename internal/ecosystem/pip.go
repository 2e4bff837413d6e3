package ecosystem

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// pip installs Python packages. Source: https://pip.pypa.io/en/stable/cli/pip_install/.
var pip = Manager{
	Name: "pip", Numbered: true, Family: Pip, Language: LanguagePython,
	Command: Command{
		Verbs:         Verbs{Install: "install download wheel", Remove: "uninstall"},
		Valued:        pipValued,
		Version:       "=<>!~@",
		ManifestFlags: []string{"-r", "--requirement"},
		FromManifest:  pipManifest,
	},
	ExtraIndex: &ExtraIndex{
		Flag: "--extra-index-url", Env: "PIP_EXTRA_INDEX_URL", Hashes: []string{"--require-hashes", "--no-deps"},
	},
	Project:  &requirementsTxt,
	Build:    &Build{Needs: pipNeeds, ApartHelp: beside, Itself: []string{"pyproject.toml"}},
	Installs: syncs, Everywhere: &Everywhere{Unless: []string{"--no-index", "-f", "--find-links"}},
	Outputs: pythonOutputs,
	Caches: []*Cache{{
		Title: "pip", Dirs: []string{"~/.cache/pip"}, Env: []string{"PIP_CACHE_DIR"}, Moves: []string{"XDG_CACHE_HOME"},
		Off: []string{"--no-cache-dir"}, OffEnv: []string{"PIP_NO_CACHE_DIR"}, Flags: []string{"--cache-dir"},
	}},
	Runner: &Runner{Configures: true},
}

// requirementsTxt is how an application lists packages for pip.
var requirementsTxt = Project{
	Name: "pip", Manifests: []string{"requirements.txt"}, Requirements: true, Default: []string{"pyproject.toml"},
	Also: func(name, dir string) bool {
		return name == "setup.py" || name == "setup.cfg" ||
			path.Ext(name) == ".txt" && (strings.HasPrefix(name, "requirements") || dir == "requirements")
	},
	RootFiles: []string{"setup.py", "setup.cfg"},
	Read:      requirements,
}

// pipValued are the flags of pip and of uv, which takes most of them too.
var pipValued = []string{
	"-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-t", "--target", "-i", "--index-url",
	"--extra-index-url", "-f",
	"--find-links", "--prefix", "--root", "--src", "--trusted-host", "--platform", "--python-version",
	"--implementation", "--abi",
	"--no-binary", "--only-binary", "--progress-bar", "--timeout", "--retries", "--cache-dir", "--upgrade-strategy",
	"--proxy",
	"--config-settings", "-C", "--global-option", "--build-option", "--install-option", "--log", "--python", "-p",
	"--cert", "--client-cert", "--default-timeout", "--report", "--use-feature", "--use-deprecated", "--exists-action",
	"--keyring-provider", "--resume-retries", "--root-user-action", "--group", "--build-constraint",
	// uv
	"--index", "--default-index", "--index-strategy", "--extra", "--with", "--constraints", "--overrides",
	"--build-constraints", "--python-platform", "--resolution", "--prerelease", "--link-mode", "--exclude-newer",
	"--project", "--directory", "--config-file", "--allow-insecure-host", "--torch-backend",
}

// pipManifest reports whether an installation reads lists of requirements, or installs the application itself.
func pipManifest(c Call) bool {
	if len(c.Files) > 0 || slices.ContainsFunc(c.Packages, func(p string) bool {
		return p == "." || strings.HasPrefix(p, ".[")
	}) {
		return true
	}
	e, ok := c.Value("-e", "--editable")
	return ok && strings.HasPrefix(e, ".")
}

func pipNeeds(c Call, _ bool, _ int) string {
	if len(c.Files) == 0 || c.Has("-e", "--editable") {
		return "the command installs the application itself"
	}
	return ""
}

// pythonOutputs are what Python's managers share.
var pythonOutputs = []Output{
	{Name: ".venv", Ignored: true},
	{Name: "venv", Ignored: true},
	{Name: "__pycache__", Ignored: true, Junk: true},
	{Name: "*.pyc", Ignored: true, Junk: true},
	{Name: ".pytest_cache", Ignored: true, Junk: true},
	{Name: ".mypy_cache", Ignored: true, Junk: true},
	{Name: ".ruff_cache", Ignored: true, Junk: true},
	{Name: ".tox", Ignored: true, Junk: true},
	{Name: ".nox", Ignored: true, Junk: true},
	{Name: "htmlcov", Ignored: true, Junk: true},
	{Name: ".coverage", Ignored: true, Junk: true},
	{Name: ".ipynb_checkpoints", Ignored: true, Junk: true},
	{Name: "*.egg-info", Beside: []string{"pyproject.toml", "setup.py", "setup.cfg"}, Ignored: true, Junk: true},
	{Name: ".venv", Inside: pyvenv, Litter: true, Dependencies: true, Others: pythons},
	{Name: "venv", Inside: pyvenv, Litter: true, Dependencies: true, Others: pythons},
	{Name: "env", Inside: pyvenv, Litter: true, Dependencies: true, Others: pythons},
	{Name: ".env", Inside: pyvenv, Litter: true, Dependencies: true, Others: pythons},
	{Name: "virtualenv", Inside: pyvenv, Litter: true, Dependencies: true, Others: pythons},
}

var (
	pyvenv  = []string{"pyvenv.cfg"} // lies in a virtual environment
	pythons = []string{"python", "python3"}
)

// requirements follows the lines of a list that name other lists.
func requirements(f *Files) {
	todo := slices.Clone(f.Manifests)
	for n := 0; n < len(todo) && n < maxMembers; n++ {
		for line := range strings.Lines(f.Content(todo[n])) {
			line = strings.TrimSpace(line)
			if m := pipInclude.Get().FindStringSubmatch(line); m != nil {
				if name := path.Join(path.Dir(todo[n]), m[1]); !slices.Contains(todo, name) && f.Include(name) {
					todo = append(todo, name)
				}
			} else if pipLocal.Get().MatchString(line) {
				f.Sources = "`" + todo[n] + "` lists a directory"
			}
		}
	}
}

// The lines of a list of requirements.
var (
	pipInclude = lazy.Regexp{Expr: `^(?:-r|--requirement|-c|--constraint)[ =]?\s*([^\s#]+)`}
	pipLocal   = lazy.Regexp{Expr: `^(?:(?:-e|--editable)[ =]\s*)?(?:\.|file:)|@ file:`}
)
