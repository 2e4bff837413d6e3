package app

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// maxMembers bounds how many parts of an application are looked at.
const maxMembers = 200

// members adds the manifests of the parts that in's own manifests name, and says what makes the installation read sources.
func (a *App) members(in *Inputs) {
	at := func(name string) string { return path.Join(in.Dir, name) }
	switch in.Name {
	case "pip":
		a.requirements(in)
	case "npm", "yarn", "pnpm", "bun":
		a.workspaces(in)
	case "uv", "poetry", "pdm":
		text := a.text(at("pyproject.toml"))
		if section := tomlTable(text, "tool.uv.workspace"); section != "" {
			for _, pattern := range list(section, "members") {
				a.member(in, pattern, "pyproject.toml")
			}
		}
		switch in.Name {
		case "uv":
			in.Package = !members().virtual.MatchString(text) && (strings.Contains(text, "[build-system]") || members().packaged.MatchString(text))
		case "poetry":
			in.Package = !members().virtual.MatchString(text)
		case "pdm":
			in.Package = true
		}
		if members().localPath.MatchString(text) {
			in.Sources = "a dependency comes from a folder"
		}
	case "go":
		for _, m := range members().use.FindAllStringSubmatch(a.text(at("go.work")), maxMembers) {
			for dir := range strings.FieldsSeq(m[1]) {
				a.member(in, strings.Trim(dir, `"`), "go.mod")
				a.member(in, strings.Trim(dir, `"`), "go.sum")
			}
		}
		if members().replace.MatchString(a.text(at("go.mod"))) {
			in.Sources = "a `replace` in `go.mod` names a folder"
		}
	case "cargo":
		if section := tomlTable(a.text(at("Cargo.toml")), "workspace"); section != "" {
			for _, pattern := range list(section, "members") {
				a.member(in, pattern, "Cargo.toml")
			}
		}
	case "bundler":
		text := a.text(at("Gemfile"))
		if members().gemspec.MatchString(text) || slices.ContainsFunc(in.Beside, func(n string) bool { return strings.HasSuffix(n, ".gemspec") }) {
			in.Sources = "the gemspec reads the gem's own files"
		} else if members().gemPath.MatchString(text) {
			in.Sources = "a gem comes from a folder"
		}
	case "composer":
		a.composer(in)
	case "maven":
		for _, m := range members().module.FindAllStringSubmatch(a.text(at("pom.xml")), maxMembers) {
			a.member(in, m[1], "pom.xml")
		}
	case "gradle":
		a.below(in, "build.gradle", "build.gradle.kts")
	case "dotnet":
		a.below(in, "*.csproj", "*.fsproj", "*.vbproj", "packages.lock.json")
	case "mix":
		a.member(in, "apps/*", "mix.exs")
	}
}

func (a *App) text(name string) string {
	src, err := a.ctx.Read(name)
	if err != nil {
		return ""
	}
	return string(src)
}

// member adds the manifests called name in the folders that match pattern, below in.Dir.
func (a *App) member(in *Inputs, pattern, name string) {
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
	if before, _, deep := strings.Cut(pattern, "**"); deep {
		for _, m := range a.Manifests() {
			if path.Base(m.Path) == name && strings.HasPrefix(m.Path, path.Join(in.Dir, before)) {
				in.add(m.Path)
			}
		}
		return
	}
	for _, found := range a.ctx.Glob(path.Join(escape(in.Dir), pattern, name)) {
		if !strings.Contains(found, "node_modules/") {
			in.add(found)
		}
	}
}

// below adds the files in all folders below in.Dir whose names match one of patterns.
func (a *App) below(in *Inputs, patterns ...string) {
	for _, m := range a.Manifests() {
		if in.Dir != "." && !strings.HasPrefix(m.Path, in.Dir+"/") || path.Dir(m.Path) == in.Dir {
			continue
		}
		if slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path.Base(m.Path)) }) {
			in.add(m.Path)
			if lock := path.Join(path.Dir(m.Path), "packages.lock.json"); in.Name == "dotnet" && a.ctx.Has(lock) {
				in.add(lock)
			}
		}
	}
}

func (in *Inputs) add(name string) {
	if len(in.Members) < maxMembers && !slices.Contains(in.Manifests, name) && !slices.Contains(in.Members, name) {
		in.Members = append(in.Members, name)
	}
}

// requirements follows the -r and -c lines.
func (a *App) requirements(in *Inputs) {
	todo := slices.Clone(in.Manifests)
	for n := 0; n < len(todo) && n < maxMembers; n++ {
		for line := range strings.Lines(a.text(todo[n])) {
			line = strings.TrimSpace(line)
			if m := members().include.FindStringSubmatch(line); m != nil {
				name := path.Join(path.Dir(todo[n]), m[1])
				if a.ctx.Has(name) && !slices.Contains(todo, name) {
					todo = append(todo, name)
					in.add(name)
				}
			} else if members().localLine.MatchString(line) {
				in.Sources = "`" + todo[n] + "` lists a folder"
			}
		}
	}
}

// workspaces adds the package.json of each workspace, and looks for scripts that an installation runs.
func (a *App) workspaces(in *Inputs) {
	root := path.Join(in.Dir, "package.json")
	text := a.text(root)
	var patterns []string
	var plain struct{ Workspaces []string }
	var object struct{ Workspaces struct{ Packages []string } }
	switch {
	case in.Name == "pnpm":
		patterns = yamlList(a.text(path.Join(in.Dir, "pnpm-workspace.yaml")), "packages")
	case json.Unmarshal([]byte(text), &plain) == nil:
		patterns = plain.Workspaces
	case json.Unmarshal([]byte(text), &object) == nil:
		patterns = object.Workspaces.Packages
	}
	for _, pattern := range patterns {
		if out, ok := strings.CutPrefix(pattern, "!"); ok {
			in.Members = slices.DeleteFunc(in.Members, func(m string) bool { return matches(path.Join(in.Dir, out), path.Dir(m)) })
			continue
		}
		a.member(in, pattern, "package.json")
	}
	for _, name := range append([]string{root}, in.Members...) {
		p := a.packageJSON(name)
		for _, script := range [...]string{"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"} {
			if command := p.Scripts[script]; command != "" && !harmless(command) {
				in.Sources = "the script `" + script + "` of `" + name + "` runs `" + command + "`"
				return
			}
		}
		for _, protocol := range [...]string{`"file:`, `"link:`, `"portal:`} {
			if strings.Contains(p.text, protocol) {
				in.Sources = "a dependency of `" + name + "` comes from a folder"
				return
			}
		}
		if strings.Contains(p.text, `"@prisma/client"`) {
			in.Sources = "the Prisma client is generated from the schema when it is installed"
			return
		}
	}
}

// harmless reports whether a script of package.json works without the application's sources.
func harmless(command string) bool {
	for part := range strings.FieldsFuncSeq(command, func(r rune) bool { return r == '&' || r == '|' || r == ';' }) {
		switch strings.TrimSpace(part) {
		case "", "husky", "husky install", "is-ci", "true", "exit 0", "patch-package", "npx only-allow pnpm", "npx only-allow npm", "npx only-allow yarn", "lefthook install":
		default:
			return false
		}
	}
	return true
}

func (a *App) composer(in *Inputs) {
	var p struct {
		Scripts      map[string]any
		Autoload     map[string]any
		Repositories any
	}
	if json.Unmarshal([]byte(a.text(path.Join(in.Dir, "composer.json"))), &p) != nil {
		in.Sources = "`composer.json` cannot be read"
		return
	}
	for name := range p.Scripts {
		if strings.HasPrefix(name, "pre-") || strings.HasPrefix(name, "post-") {
			in.Sources = "composer's scripts run code of the application"
		}
	}
	for _, kind := range [...]string{"files", "classmap"} {
		if p.Autoload[kind] != nil {
			in.Sources = "the autoloader lists the application's own files"
		}
	}
	if raw, err := json.Marshal(p.Repositories); err == nil && strings.Contains(string(raw), `"path"`) {
		in.Sources = "a package comes from a folder"
	}
}

type memberPatterns struct {
	use, replace, module, include, localLine, localPath, gemspec, gemPath, quoted, virtual, packaged *regexp.Regexp
}

var members = sync.OnceValue(func() memberPatterns {
	return memberPatterns{
		use:       regexp.MustCompile(`(?m)^use\s+\(?([^()\n]+(?:\n[^()]*)?)`),
		replace:   regexp.MustCompile(`=>\s+\.{1,2}/`),
		module:    regexp.MustCompile(`<module>\s*([^<>\s]+)\s*</module>`),
		include:   regexp.MustCompile(`^(?:-r|--requirement|-c|--constraint)[ =]?\s*([^\s#]+)`),
		localLine: regexp.MustCompile(`^(?:(?:-e|--editable)[ =]\s*)?(?:\.|file:)|@ file:`),
		localPath: regexp.MustCompile(`\bpath\s*=\s*["']|@ file:`),
		gemspec:   regexp.MustCompile(`(?m)^\s*gemspec\b`),
		gemPath:   regexp.MustCompile(`\bpath(?::|\s*=>|\s+["'])`),
		virtual:   regexp.MustCompile(`(?m)^package(?:-mode)?\s*=\s*false`),
		packaged:  regexp.MustCompile(`(?m)^package\s*=\s*true`),
		quoted:    regexp.MustCompile(`["']([^"'\n]+)["']`),
	}
})

// tomlTable is the table called name of a TOML file, up to the next header; "" without one.
func tomlTable(text, name string) string {
	_, rest, _ := strings.Cut("\n"+strings.ReplaceAll(text, "\r\n", "\n"), "\n["+name+"]")
	rest, _, _ = strings.Cut(rest, "\n[")
	return rest
}

// list is the array of strings called key in a section of TOML.
func list(section, key string) []string {
	for rest := section; ; {
		_, after, ok := strings.Cut(rest, key)
		if !ok {
			return nil
		}
		if value, ok := strings.CutPrefix(strings.TrimSpace(after), "="); ok {
			body, _, _ := strings.Cut(value, "]")
			var out []string
			for _, m := range members().quoted.FindAllStringSubmatch(body, maxMembers) {
				out = append(out, m[1])
			}
			return out
		}
		rest = after
	}
}

// yamlList is the block list called key at the root of a YAML file.
func yamlList(text, key string) []string {
	var out []string
	inside := false
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		switch {
		case bare == "" || bare[0] == '#':
		case inside && bare[0] == '-':
			item, _, _ := strings.Cut(bare[1:], " #")
			out = append(out, strings.Trim(strings.TrimSpace(item), `"'`))
		default:
			inside = bare == key+":"
		}
	}
	return out
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
