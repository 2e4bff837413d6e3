package ecosystem

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// pip installs Python packages. Source: https://pip.pypa.io/en/stable/cli/pip_install/.
func pip() *Manager {
	return &Manager{
		Name: "pip", Numbered: true, Family: Pip, Language: LanguagePython,
		Command: Command{
			Verbs:         Verbs{Install: "install download wheel", Remove: "uninstall"},
			Valued:        pipValued(),
			Version:       "=<>!~@",
			ManifestFlags: []string{"-r", "--requirement"},
			FromManifest:  pipManifest,
		},
		Project: requirementsTxt(),
		Build:   &Build{Needs: pipNeeds, ApartHelp: beside, Itself: []string{"pyproject.toml"}},
		Outputs: virtualenv(),
		Caches: []*Cache{{
			Title: "pip", Dirs: []string{"~/.cache/pip"}, Env: []string{"PIP_CACHE_DIR"}, Moves: []string{"XDG_CACHE_HOME"},
			Off: []string{"--no-cache-dir"}, OffEnv: []string{"PIP_NO_CACHE_DIR"}, Flags: []string{"--cache-dir"},
		}},
		Runner: &Runner{Configures: true},
	}
}

// requirementsTxt is how an application lists packages for pip.
func requirementsTxt() *Project {
	return &Project{
		Name: "pip", Manifests: []string{"requirements.txt"}, Requirements: true, Default: []string{"pyproject.toml"},
		Also: func(name, dir string) bool {
			return name == "setup.py" || name == "setup.cfg" ||
				path.Ext(name) == ".txt" && (strings.HasPrefix(name, "requirements") || dir == "requirements")
		},
		RootFiles: []string{"setup.py", "setup.cfg"},
		Read:      requirements,
	}
}

// pipValued are the flags of pip and of uv, which takes most of them too.
func pipValued() []string {
	return []string{
		"-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-t", "--target", "-i", "--index-url",
		"--extra-index-url", "-f",
		"--find-links", "--prefix", "--root", "--src", "--trusted-host", "--platform", "--python-version",
		"--implementation", "--abi",
		"--no-binary", "--only-binary", "--progress-bar", "--timeout", "--retries", "--cache-dir", "--upgrade-strategy",
		"--proxy",
		"--config-settings", "-C", "--global-option", "--log", "--python", "-p", "--cert", "--default-timeout",
	}
}

// pipManifest reports whether an installation reads lists of requirements, or installs the application itself.
func pipManifest(c Call) bool {
	if len(c.Files) > 0 || slices.ContainsFunc(c.Packages, func(p string) bool {
		return p == "." || strings.HasPrefix(p,
			".[")
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

// virtualenv is where Python's managers install for an application. They share it, and it is not to be changed.
var virtualenv = sync.OnceValue(func() []Output {
	out := pythonOutputs()
	for _, name := range [...]string{".venv", "venv", "env", ".env", "virtualenv"} {
		out = append(out, Output{
			Name: name, Inside: []string{"pyvenv.cfg"}, Litter: true, Dependencies: true,
			Installs: "install ci i clean-install sync", Others: []string{"python", "python3"},
		})
	}
	return out
})

// pythonOutputs are what a `.dockerignore` has for Python.
func pythonOutputs() []Output {
	out := append([]Output{{Name: ".venv", Ignored: true}, {Name: "venv", Ignored: true}}, junk(
		"__pycache__", "*.pyc", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", "htmlcov", ".coverage",
		".ipynb_checkpoints")...)
	return append(out, Output{
		Name: "*.egg-info", Beside: []string{"pyproject.toml", "setup.py", "setup.cfg"},
		Ignored: true, Junk: true,
	})
}

// requirements follows the lines of a list that name other lists.
func requirements(f *Files) {
	todo := slices.Clone(f.Manifests)
	for n := 0; n < len(todo) && n < maxMembers; n++ {
		for line := range strings.Lines(f.Content(todo[n])) {
			line = strings.TrimSpace(line)
			if m := pipPatterns().include.FindStringSubmatch(line); m != nil {
				if name := path.Join(path.Dir(todo[n]), m[1]); !slices.Contains(todo, name) && f.Include(name) {
					todo = append(todo, name)
				}
			} else if pipPatterns().local.MatchString(line) {
				f.Sources = "`" + todo[n] + "` lists a directory"
			}
		}
	}
}

var pipPatterns = sync.OnceValue(func() (p struct{ include, local *regexp.Regexp }) {
	p.include = regexp.MustCompile(`^(?:-r|--requirement|-c|--constraint)[ =]?\s*([^\s#]+)`)
	p.local = regexp.MustCompile(`^(?:(?:-e|--editable)[ =]\s*)?(?:\.|file:)|@ file:`)
	return p
})
