package ecosystem

import (
	"encoding/json"
	"path"
	"strings"
	"sync"
)

// node is what the managers of JavaScript's packages share. Source:
// https://docs.npmjs.com/cli/configuring-npm/package-json.
func node(name string) *Manager {
	return &Manager{
		Name: name, Family: Node, Language: LanguageNode,
		Command: Command{
			Valued: []string{
				"--prefix", "--registry", "--loglevel", "-w", "--workspace", "-C", "--dir", "--filter", "-F", "--cwd", "--cache",
				"--network-timeout", "--mutex", "--modules-folder", "--cache-folder", "--omit", "--only", "--include",
				"--unsafe-perm",
			},
			Version: "@",
		},
		Project: &Project{
			Name: name, Manifests: []string{"package.json"}, Products: []string{"node_modules"},
			Claims: func(text string) bool { return packageManager(text) == name },
			Roots: []Mark{
				{"package.json", `"workspaces"`},
				{File: "lerna.json"},
				{File: "nx.json"},
				{File: "turbo.json"},
				{File: "rush.json"},
			},
			Read: func(f *Files) {
				workspaces(f, func() []string { return packageWorkspaces(f.Text("package.json")) })
			},
			Direct: func(m Manifest) int {
				return len(jsonKeys(m.Text, "dependencies")) + len(jsonKeys(m.Text, "devDependencies")) +
					len(jsonKeys(m.Text, "optionalDependencies"))
			},
			Development: func(text string) []string { return jsonKeys(text, "devDependencies") },
		},
		Lock: &Lock{
			Shared: true, Write: name + " install", Settings: ".npmrc",
			OffFlags: []string{"--no-package-lock", "--no-lockfile", "--no-save", "--global", "-g"},
		},
		Build:   &Build{ApartHelp: beside},
		Outputs: nodeOutputs(),
		Runner: &Runner{
			Exec:       "exec dlx x",
			ExecValued: []string{"--prefix", "-C", "--dir", "--cwd", "--filter", "-F", "-w", "--workspace"},
			RunValued:  []string{"-p", "--package"}, Dash: true, ProgramValued: []string{"-p", "--package", "-c", "--call"},
			Scripts: true, Start: true,
		},
	}
}

// nodeOutputs are shared by the managers, and not to be changed.
var nodeOutputs = sync.OnceValue(func() []Output {
	beside := []string{"package.json"}
	others := []string{"npx", "next", "nx", "turbo", "vite", "ng"}
	says := []string{"build"}
	const installs = "install ci i clean-install sync"
	out := append([]Output{{Name: "node_modules", Ignored: true}}, junk("npm-debug.log*", "yarn-error.log", ".pnpm-store",
		".turbo", ".nyc_output")...)
	out = append(out, Output{Name: "coverage", Beside: beside, Ignored: true, Junk: true})
	for _, name := range [...]string{"node_modules", "bower_components"} {
		out = append(out, Output{
			Name: name, Beside: []string{"package.json", "bower.json"}, Litter: true, Dependencies: true, Installs: installs,
			Others: []string{"bower"},
		})
	}
	for _, name := range [...]string{".next", ".nuxt", ".svelte-kit"} {
		out = append(out, Output{Name: name, Ignored: true, Script: true})
	}
	out = append(out, Output{Name: "dist", Beside: beside, Ignored: true, Script: true})
	for _, name := range [...]string{
		".next", ".nuxt", ".output", ".svelte-kit", ".angular", ".docusaurus", ".turbo",
		".parcel-cache",
	} {
		out = append(out, Output{Name: name, Beside: beside, Litter: true, Script: true, Says: says, Others: others})
	}
	return append(out, Output{
		Name: "dist", Litter: true, Script: true, Says: says, Others: others,
		Beside: []string{
			"vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts", "angular.json", "vue.config.js",
			"nest-cli.json",
		},
	})
})

// junk are things that are only of use to the machine that wrote them.
func junk(names ...string) []Output {
	var out []Output
	for _, name := range names {
		out = append(out, Output{Name: name, Ignored: true, Junk: true})
	}
	return out
}

// packageManager is the manager that the field packageManager of a package.json names, "" without one.
func packageManager(text string) string {
	var p struct{ PackageManager string }
	if json.Unmarshal([]byte(text), &p) != nil {
		return ""
	}
	name, _, _ := strings.Cut(p.PackageManager, "@")
	return name
}

// packageWorkspaces are the patterns in the field workspaces of a package.json.
func packageWorkspaces(text string) []string {
	var plain struct{ Workspaces []string }
	var object struct{ Workspaces struct{ Packages []string } }
	switch {
	case json.Unmarshal([]byte(text), &plain) == nil:
		return plain.Workspaces
	case json.Unmarshal([]byte(text), &object) == nil:
		return object.Workspaces.Packages
	}
	return nil
}

// workspaces adds the package.json of each workspace, and looks for scripts that an installation runs.
func workspaces(f *Files, patterns func() []string) {
	for _, pattern := range patterns() {
		if out, ok := strings.CutPrefix(pattern, "!"); ok {
			f.Exclude(out)
			continue
		}
		f.Member(pattern, "package.json")
	}
	root := path.Join(f.Dir, "package.json")
	for _, name := range append([]string{root}, f.Members()...) {
		text := f.Content(name)
		var p struct{ Scripts map[string]string }
		if json.Unmarshal([]byte(text), &p) != nil {
			continue
		}
		for _, script := range [...]string{"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"} {
			if command := p.Scripts[script]; command != "" && !harmless(command) {
				f.Sources = "the script `" + script + "` of `" + name + "` runs `" + command + "`"
				return
			}
		}
		for _, protocol := range [...]string{`"file:`, `"link:`, `"portal:`} {
			if strings.Contains(text, protocol) {
				f.Sources = "a dependency of `" + name + "` comes from a directory"
				return
			}
		}
		if strings.Contains(text, `"@prisma/client"`) {
			f.Sources = "the Prisma client is generated from the schema during the installation"
			return
		}
	}
}

// harmless reports whether a script of package.json works without the application's sources.
func harmless(command string) bool {
	for part := range strings.FieldsFuncSeq(command, func(r rune) bool { return r == '&' || r == '|' || r == ';' }) {
		switch strings.TrimSpace(part) {
		case "", "husky", "husky install", "is-ci", "true", "exit 0", "patch-package", "npx only-allow pnpm",
			"npx only-allow npm",
			"npx only-allow yarn", "lefthook install":
		default:
			return false
		}
	}
	return true
}
