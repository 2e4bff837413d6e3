package ecosystem

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// maxMembers bounds how many parts of an application, or lines of one kind in a manifest, are looked at.
const maxMembers = 200

func unixLines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// TOMLTable is the table called name of a TOML file, up to the next header; "" without one.
func TOMLTable(text, name string) string {
	_, rest, _ := strings.Cut("\n"+unixLines(text), "\n["+name+"]")
	rest, _, _ = strings.Cut(rest, "\n[")
	return rest
}

// hasTable reports whether a TOML file has a table whose name begins with name.
func hasTable(text, name string) bool {
	return strings.HasPrefix(text, "["+name) || strings.Contains(text, "\n["+name)
}

// TOMLList is the array of strings called key in a section of TOML.
func TOMLList(section, key string) []string {
	for rest := section; ; {
		_, after, ok := strings.Cut(rest, key)
		if !ok {
			return nil
		}
		if value, ok := strings.CutPrefix(strings.TrimSpace(after), "="); ok {
			body, _, _ := strings.Cut(value, "]")
			return quotedStrings(body)
		}
		rest = after
	}
}

// TOMLArray is the array of requirements called key in a section of TOML; a requirement may hold brackets itself.
func TOMLArray(section, key string) []string {
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
		out = append(out, quotedStrings(line)...)
		if strings.HasSuffix(line, "]") && !strings.HasSuffix(line, `",`) {
			break
		}
	}
	return out
}

// TOMLKeys are the keys of a table of dependencies, without Python itself and without what belongs to one dependency.
func TOMLKeys(section string) []string {
	var out []string
	for _, m := range tomlKey.Get().FindAllStringSubmatch(section, maxMembers) {
		if !Has("python version extras optional markers path git branch", m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

func quotedStrings(text string) []string {
	var out []string
	for _, m := range quotedString.Get().FindAllStringSubmatch(text, maxMembers) {
		out = append(out, m[1])
	}
	return out
}

var (
	tomlKey      = lazy.Regexp{Expr: `(?m)^\s*["']?([A-Za-z0-9][\w.-]*)["']?\s*=`}
	quotedString = lazy.Regexp{Expr: `["']([^"'\n]+)["']`}
)

// jsonKeys are the names in the object called field at the top of a JSON file, sorted.
func jsonKeys(text, field string) []string {
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
