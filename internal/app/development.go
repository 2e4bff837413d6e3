package app

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Development are the packages that a manifest of the given ecosystem lists for work on the application alone and that its manager
// installs unless it is told not to; none where that is not known. Sources: the manuals of the managers, such as
// https://docs.npmjs.com/cli/configuring-npm/package-json#devdependencies, https://getcomposer.org/doc/04-schema.md#require-dev,
// https://python-poetry.org/docs/managing-dependencies/, https://docs.astral.sh/uv/concepts/projects/dependencies/#development-dependencies,
// https://bundler.io/guides/groups.html.
func (a *App) Development(ecosystem, manifest string) []string {
	text := a.text(manifest)
	switch ecosystem {
	case "npm", "yarn", "pnpm", "bun":
		return keys(text, "devDependencies")
	case "composer":
		return keys(text, "require-dev")
	case "bundler":
		return gems(text)
	case "poetry", "uv", "pdm":
		return groups(ecosystem, text)
	case "pipenv":
		return tableKeys(tomlTable(text, "dev-packages"))
	}
	return nil
}

// keys are the names in the object called field at the top of a JSON file, sorted.
func keys(text, field string) []string {
	var all map[string]json.RawMessage
	var inner map[string]any
	if json.Unmarshal([]byte(text), &all) != nil || json.Unmarshal(all[field], &inner) != nil {
		return nil
	}
	out := make([]string, 0, len(inner))
	for name := range inner {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

type developmentPatterns struct{ group, end, opens, gem, inline, poetry, key *regexp.Regexp }

var developments = sync.OnceValue(func() developmentPatterns {
	r := regexp.MustCompile
	return developmentPatterns{
		group:  r(`^\s*group[\s(]+(.*?)\)?\s+do\b`),
		end:    r(`^\s*end\b`),
		opens:  r(`\bdo\s*(?:\|[^|]*\|)?\s*$|^\s*(?:if|unless|case)\b`),
		gem:    r(`^\s*gem[\s(]+["']([^"']+)["']`),
		inline: r(`\bgroups?(?::|["']?\s*=>)\s*(\[[^\]]*\]|:\w+)`),
		poetry: r(`(?m)^\[tool\.poetry\.group\.([\w-]+)\.dependencies\]`),
		key:    r(`(?m)^\s*["']?([A-Za-z0-9][\w.-]*)["']?\s*=`),
	}
})

// gems are those of a Gemfile that are in the groups for development and tests alone.
func gems(text string) []string {
	var out []string
	depth, inside := 0, 0 // inside is the depth of the group's own lines
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimRight(line, " \t\r\n")
		group := developments().group.FindStringSubmatch(line)
		switch {
		case group != nil || developments().opens.MatchString(line):
			depth++
			if group != nil && inside == 0 && onlyDevelopment(group[1]) {
				inside = depth
			}
		case developments().end.MatchString(line):
			if depth == inside {
				inside = 0
			}
			depth = max(0, depth-1)
		default:
			m := developments().gem.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			in := developments().inline.FindStringSubmatch(line)
			if inside > 0 || in != nil && onlyDevelopment(strings.Trim(in[1], "[]")) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// onlyDevelopment reports whether list, of symbols with commas between, has no group but those that are never for production.
func onlyDevelopment(list string) bool {
	for part := range strings.SplitSeq(list, ",") {
		switch strings.Trim(strings.TrimSpace(part), `:"'`) {
		case "development", "test":
		default:
			return false
		}
	}
	return true
}

// groups are the packages in those groups of a pyproject.toml that are installed by default.
func groups(ecosystem, text string) []string {
	text = strings.ReplaceAll("\n"+text, "\r\n", "\n")
	var out []string
	switch ecosystem {
	case "poetry":
		out = tableKeys(tomlTable(text, "tool.poetry.dev-dependencies"))
		for _, m := range developments().poetry.FindAllStringSubmatch(text, maxMembers) {
			if forDevelopment(m[1]) && !strings.Contains(tomlTable(text, "tool.poetry.group."+m[1]), "optional = true") {
				out = append(out, tableKeys(tomlTable(text, "tool.poetry.group."+m[1]+".dependencies"))...)
			}
		}
	case "uv":
		if strings.Contains(text, "\ndefault-groups") {
			return nil
		}
		out = names(array(tomlTable(text, "dependency-groups"), "dev"))
		out = append(out, names(array(tomlTable(text, "tool.uv"), "dev-dependencies"))...)
	case "pdm":
		out = names(array(tomlTable(text, "dependency-groups"), "dev"))
		out = append(out, names(array(tomlTable(text, "tool.pdm.dev-dependencies"), "dev"))...)
	}
	return out
}

// forDevelopment reports whether a group of that name is for work on the application.
func forDevelopment(group string) bool {
	switch group {
	case "dev", "develop", "development", "test", "tests", "testing", "lint", "linting", "docs", "typing", "types", "quality":
		return true
	}
	return false
}

// tableKeys are the keys of a table of TOML, without Python itself.
func tableKeys(section string) []string {
	var out []string
	for _, m := range developments().key.FindAllStringSubmatch(section, maxMembers) {
		if m[1] != "python" && !slices.Contains([]string{"version", "extras", "optional", "markers", "path", "git", "branch"}, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// names are the packages of requirements such as `pytest>=8`.
func names(requirements []string) []string {
	var out []string
	for _, r := range requirements {
		if i := strings.IndexAny(r, " [<>=!~;@"); i > 0 {
			r = r[:i]
		}
		out = append(out, r)
	}
	return out
}

// Runs are the commands that the script called name of the package in folder dir leads to, each as it stands: that of the script, what
// npm runs before and after it, and the scripts that these run in turn.
func (a *App) Runs(dir, name string) []string {
	scripts := a.packageJSON(path.Join(dir, "package.json")).Scripts
	var out []string
	todo := []string{name}
	for n := 0; n < len(todo) && n < maxMembers; n++ {
		for _, full := range [...]string{"pre" + todo[n], todo[n], "post" + todo[n]} {
			command, ok := scripts[full]
			if !ok {
				continue
			}
			out = append(out, command)
			for word := range strings.FieldsSeq(command) {
				if _, ok := scripts[word]; ok && !slices.Contains(todo, word) {
					todo = append(todo, word)
				}
			}
		}
	}
	return out
}

// Loads reports whether a source of the application that is no test names one of packages where it loads others: then it needs it to
// run, wherever the manifest lists it.
func (a *App) Loads(dir string, packages []string) bool {
	a.walk()
	for _, name := range a.sources {
		if dir != "." && !strings.HasPrefix(name, dir+"/") {
			continue
		}
		text := a.text(name)
		for _, pkg := range packages {
			switch path.Ext(name) {
			case ".py":
				module := strings.ReplaceAll(pkg, "-", "_")
				if strings.Contains(text, "import "+module) || strings.Contains(text, "from "+module) {
					return true
				}
			case ".rb":
				if strings.Contains(text, "require '"+pkg) || strings.Contains(text, `require "`+pkg) {
					return true
				}
			default:
				if strings.Contains(text, "'"+pkg+"'") || strings.Contains(text, `"`+pkg+`"`) {
					return true
				}
			}
		}
	}
	return false
}
