package app

import (
	"path"
	"strings"
)

// Dependencies is how many packages a manifest of the given ecosystem asks for by itself; 0 where that is not known. For Cargo it counts
// those of a program alone: a library has no lock file of its own.
func (a *App) Dependencies(ecosystem, manifest string) int {
	text := strings.ReplaceAll("\n"+a.text(manifest), "\r\n", "\n")
	switch ecosystem {
	case "npm", "yarn", "pnpm", "bun":
		return len(keys(text, "dependencies")) + len(keys(text, "devDependencies")) + len(keys(text, "optionalDependencies"))
	case "composer":
		n := 0
		for _, name := range keys(text, "require") {
			if strings.Contains(name, "/") { // `php` and `ext-json` are of the platform
				n++
			}
		}
		return n
	case "bundler":
		n := 0
		for line := range strings.Lines(text) {
			if developments().gem.MatchString(line) {
				n++
			}
		}
		return n
	case "cargo":
		dir := path.Dir(manifest)
		if !a.ctx.Has(path.Join(dir, "src/main.rs")) && !strings.Contains(text, "\n[[bin]]") && len(a.ctx.Glob(path.Join(escape(dir), "src/bin/*.rs"))) == 0 {
			return 0
		}
		return len(tableKeys(tomlTable(text, "dependencies"))) + strings.Count(text, "\n[dependencies.")
	case "poetry":
		return len(tableKeys(tomlTable(text, "tool.poetry.dependencies"))) + len(array(tomlTable(text, "project"), "dependencies"))
	case "uv", "pdm":
		return len(array(tomlTable(text, "project"), "dependencies"))
	case "pipenv":
		return len(tableKeys(tomlTable(text, "packages")))
	}
	return 0
}

// array is the array of requirements called key in a section of TOML; a requirement may hold brackets itself.
func array(section, key string) []string {
	_, rest, ok := strings.Cut("\n"+section, "\n"+key+" = [")
	if !ok {
		return nil
	}
	var out []string
	for line := range strings.Lines(rest) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, m := range members().quoted.FindAllStringSubmatch(line, maxMembers) {
			out = append(out, m[1])
		}
		if strings.HasSuffix(line, "]") && !strings.HasSuffix(line, `",`) {
			break
		}
	}
	return out
}
