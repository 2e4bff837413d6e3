package ecosystem

import (
	"encoding/json"
	"path"
	"strings"
)

// What the managers of JavaScript's packages share. Source: https://docs.npmjs.com/cli/configuring-npm/package-json.
var (
	packageJSON = []string{"package.json"}
	nodeModules = []string{"node_modules"}
	nodeValued  = []string{
		"--prefix", "--registry", "--loglevel", "-w", "--workspace", "-C", "--dir", "--filter", "-F", "--cwd", "--cache",
		"--network-timeout", "--mutex", "--modules-folder", "--cache-folder", "--omit", "--only", "--include", "--tag",
		"--userconfig", "--globalconfig", "--fetch-retries", "--fetch-timeout", "--fetch-retry-mintimeout",
		"--fetch-retry-maxtimeout", "--maxsockets", "--cpu", "--os", "--libc", "--install-strategy", "--before", "--proxy",
		"--https-proxy", "--noproxy", "--cafile", "--scope", "--reporter", "--network-concurrency",
		"--child-concurrency", "--store-dir", "--virtual-store-dir", "--lockfile-dir", "--use-yarnrc",
		"--preferred-cache-folder", "--backend",
	}
	nodeRoots = []Mark{
		{"package.json", `"workspaces"`},
		{File: "lerna.json"},
		{File: "nx.json"},
		{File: "turbo.json"},
		{File: "rush.json"},
	}
	nodeUnlocked      = []string{"--no-package-lock", "--no-lockfile", "--no-save", "--global", "-g"}
	nodeExecValued    = []string{"--prefix", "-C", "--dir", "--cwd", "--filter", "-F", "-w", "--workspace"}
	nodeRunValued     = []string{"-p", "--package"}
	nodeProgramValued = []string{"-p", "--package", "-c", "--call"}
)

const nodeExec = "exec dlx x"

var nodeOutputs = []Output{
	{Name: "node_modules", Ignored: true},
	{Name: "npm-debug.log*", Ignored: true, Junk: true},
	{Name: "yarn-error.log", Ignored: true, Junk: true},
	{Name: ".pnpm-store", Ignored: true, Junk: true},
	{Name: ".turbo", Ignored: true, Junk: true},
	{Name: ".nyc_output", Ignored: true, Junk: true},
	{Name: "coverage", Beside: packageJSON, Ignored: true, Junk: true},
	{Name: "node_modules", Beside: bowerJSON, Litter: true, Dependencies: true, Others: []string{"bower"}},
	{Name: "bower_components", Beside: bowerJSON, Litter: true, Dependencies: true, Others: []string{"bower"}},
	{Name: ".next", Ignored: true, Script: true, Of: "next"},
	{Name: ".nuxt", Ignored: true, Script: true, Of: "nuxt"},
	{Name: ".svelte-kit", Ignored: true, Script: true, Of: "@sveltejs/kit"},
	{Name: "build", Beside: packageJSON, Ignored: true, Script: true, Of: "react-scripts"},
	{Name: "dist", Beside: packageJSON, Ignored: true, Script: true},
	{Name: ".next", Beside: packageJSON, Litter: true, Script: true, Says: nodeSays, Others: nodeOthers},
	{Name: ".nuxt", Beside: packageJSON, Litter: true, Script: true, Says: nodeSays, Others: nodeOthers},
	{Name: ".output", Beside: packageJSON, Litter: true, Script: true, Says: nodeSays, Others: nodeOthers},
	{Name: ".svelte-kit", Beside: packageJSON, Litter: true, Script: true, Says: nodeSays, Others: nodeOthers},
	{Name: ".angular", Beside: packageJSON, Litter: true, Script: true, Says: nodeSays, Others: nodeOthers},
	{Name: ".docusaurus", Beside: packageJSON, Litter: true, Script: true, Says: nodeSays, Others: nodeOthers},
	{Name: ".turbo", Beside: packageJSON, Litter: true, Script: true, Says: nodeSays, Others: nodeOthers},
	{Name: ".parcel-cache", Beside: packageJSON, Litter: true, Script: true, Says: nodeSays, Others: nodeOthers},
	{
		Name: "dist", Litter: true, Script: true, Says: nodeSays, Others: nodeOthers,
		Beside: []string{
			"vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts", "angular.json", "vue.config.js",
			"nest-cli.json",
		},
	},
}

var (
	bowerJSON  = []string{"package.json", "bower.json"}
	nodeSays   = []string{"build"}
	nodeOthers = []string{"npx", "next", "nx", "turbo", "vite", "ng"}
)

func nodeDirect(m Manifest) int {
	return len(jsonKeys(m.Text, "dependencies")) + len(jsonKeys(m.Text, "devDependencies")) +
		len(jsonKeys(m.Text, "optionalDependencies"))
}

func nodeDevelopment(text string) []string { return jsonKeys(text, "devDependencies") }

func readPackageJSON(f *Files) { workspaces(f, packageWorkspaces(f.Text("package.json"))) }

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
func workspaces(f *Files, patterns []string) {
	for _, pattern := range patterns {
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
				f.Sources = "`" + script + "` in `" + name + "` runs `" + command + "`"
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
			f.Sources = "the install generates the Prisma client from the schema"
			return
		}
	}
}

// harmless reports whether a script of package.json works without the application's sources.
func harmless(command string) bool {
	for part := range strings.FieldsFuncSeq(command, func(r rune) bool { return r == '&' || r == '|' || r == ';' }) {
		part = strings.TrimSpace(part)
		if strings.HasPrefix(part, "echo ") && !strings.ContainsAny(part, "$`<>") {
			continue
		}
		switch part {
		case "", "husky", "husky install", "is-ci", "true", "exit 0", "patch-package", "npx only-allow pnpm",
			"npx only-allow npm", "npx only-allow yarn", "lefthook install":
		default:
			return false
		}
	}
	return true
}

// WithNode reports whether name is a command that Node.js images had before Node.js 25 and no longer have: Corepack and
// what it starts.
func WithNode(name string) bool { return name == "corepack" || name == yarn.Name }
