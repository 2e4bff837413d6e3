package app

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// Runtime is a language whose version an application can ask for.
type Runtime string

// The runtimes.
const (
	Python Runtime = "Python"
	Node   Runtime = "Node.js"
	Go     Runtime = "Go"
	Ruby   Runtime = "Ruby"
	Rust   Runtime = "Rust"
	Java   Runtime = "Java"
	Dotnet Runtime = ".NET"
	PHP    Runtime = "PHP"
)

// Requirement is the version of a runtime that a file of the application asks for.
type Requirement struct {
	Runtime Runtime
	Text    string // as written: `>=3.11`, `net10.0`
	Key     string // what holds it: requires-python, engines.node
	File    string // in the build context
	Line    int    // from 1
	// Pin says that only version managers read the file, such as .nvmrc, so it has no effect in an image without one.
	Pin   bool
	above bool // a plain number is the oldest version, not the only one
	loose bool // `~1.2` allows everything below 2, not below 1.3
}

// Sources: https://packaging.python.org/en/latest/specifications/version-specifiers/,
// https://docs.npmjs.com/cli/configuring-npm/package-json, https://go.dev/doc/toolchain,
// https://bundler.io/guides/gemfile_ruby.html, https://doc.rust-lang.org/cargo/reference/rust-version.html,
// https://getcomposer.org/doc/articles/versions.md, https://python-poetry.org/docs/dependency-specification/.

// RuntimeFiles are the names of the files that ask for a version of r, first the one that its own tools read. A name
// may be a pattern, as path.Match takes it.
func RuntimeFiles(r Runtime) []string {
	switch r {
	case Python:
		return []string{"pyproject.toml", ".python-version"}
	case Node:
		return []string{"package.json", ".nvmrc", ".node-version"}
	case Go:
		return []string{"go.mod"}
	case Ruby:
		return []string{"Gemfile", ".ruby-version"}
	case Rust:
		return []string{"rust-toolchain.toml", "rust-toolchain", "Cargo.toml"}
	case Java:
		return []string{"pom.xml"}
	case Dotnet:
		return []string{"*.csproj"}
	case PHP:
		return []string{"composer.json"}
	}
	return nil
}

// Requirement is what the file called name in the build context asks for; false if it asks for nothing, or in a form
// that is not understood.
func (a *App) Requirement(name string) (Requirement, bool) {
	r := Requirement{File: name}
	t := runtimes.Get()
	text := a.text(name)
	at := -1 // of what Text is cut from
	take := func(pattern *regexp.Regexp) bool {
		m := pattern.FindStringSubmatchIndex(text)
		if m != nil {
			at = m[2]
			r.Text = strings.TrimSpace(text[m[2]:m[3]])
		}
		return m != nil
	}
	switch base := path.Base(name); base {
	case "pyproject.toml":
		r.Runtime, r.Key = Python, "requires-python"
		if !take(t.requiresPython) {
			section := strings.Index(text, "[tool.poetry.dependencies]")
			if section < 0 {
				return r, false
			}
			head := text[:section]
			text, _, _ = strings.Cut(text[section:], "\n[")
			r.Key = "python"
			if !take(t.poetryPython) {
				return r, false
			}
			text, at = head+text, at+len(head)
		}
	case ".python-version", ".nvmrc", ".node-version", ".ruby-version":
		r.Runtime = map[string]Runtime{".python-version": Python, ".ruby-version": Ruby}[base]
		if r.Runtime == "" {
			r.Runtime = Node
		}
		r.Pin, r.Key = true, "version"
		r.Text = strings.TrimPrefix(strings.TrimSpace(text), "ruby-")
		at = 0
	case "package.json":
		var p struct{ Engines struct{ Node string } }
		if json.Unmarshal([]byte(text), &p) != nil {
			return r, false
		}
		r.Runtime, r.Key, r.Text = Node, "engines.node", p.Engines.Node
		at = after(text, `"engines"`, `"node"`)
	case "composer.json":
		var p struct {
			Require map[string]string
			Config  struct{ Platform map[string]any }
		}
		if json.Unmarshal([]byte(text), &p) != nil || p.Config.Platform["php"] != nil {
			return r, false
		}
		r.Runtime, r.Key, r.Text, r.loose = PHP, "require.php", p.Require["php"], true
		at = after(text, `"require"`, `"php"`)
	case "go.mod":
		r.Runtime, r.Key, r.above = Go, "go", true
		take(t.goLine)
	case "Gemfile":
		if t.gemRubyFile.MatchString(text) {
			r, ok := a.Requirement(path.Join(path.Dir(name), ".ruby-version"))
			r.Pin = false // Bundler reads it
			return r, ok
		}
		r.Runtime, r.Key = Ruby, "ruby"
		if take(t.gemRuby) {
			r.Text = strings.NewReplacer(`"`, "", "'", "").Replace(r.Text)
		}
	case "rust-toolchain.toml", "rust-toolchain":
		r.Runtime, r.Key = Rust, "channel"
		if !take(t.channel) && base == "rust-toolchain" {
			r.Text, at = strings.TrimSpace(text), 0
		}
	case "Cargo.toml":
		r.Runtime, r.Key, r.above = Rust, "rust-version", true
		take(t.rustVersion)
	case "pom.xml":
		r.Runtime, r.above = Java, true
		for _, key := range [...]string{"maven.compiler.release", "java.version", "maven.compiler.target"} {
			// Only Spring Boot's parent reads java.version on its own.
			if key == "java.version" && !strings.Contains(text, "spring-boot-starter-parent") && !strings.Contains(text, "${java.version}") {
				continue
			}
			if r.Key = key; take(t.mavenProperty[key]) {
				break
			}
		}
	default:
		if path.Ext(base) != ".csproj" {
			return r, false
		}
		r.Runtime, r.Key, r.above = Dotnet, "TargetFramework", true
		take(t.targetFramework)
	}
	if at < 0 || r.Text == "" || strings.Contains(r.Text, "\n") {
		return r, false
	}
	r.Line = 1 + strings.Count(text[:at], "\n")
	return r, true
}

// ToolVersion is what the `.tool-versions` called name asks for of r, a language that version managers switch; false if it says
// nothing of it.
func (a *App) ToolVersion(name string, r Runtime) (Requirement, bool) {
	tools := map[Runtime][]string{Node: {"nodejs", "node"}, Python: {"python"}, Ruby: {"ruby"}}[r]
	number := 0
	for line := range strings.Lines(a.text(name)) {
		number++
		fields := strings.Fields(line)
		if len(fields) < 2 || !slices.Contains(tools, fields[0]) {
			continue
		}
		_, known := series(fields[1])
		return Requirement{Runtime: r, Text: fields[1], Key: fields[0], File: name, Line: number, Pin: true}, known
	}
	return Requirement{}, false
}

// Outgrows reports whether r asks for a later line of releases than version is of: a major version of Node.js, a minor one of other
// languages.
func (r Requirement) Outgrows(version string) bool {
	have, ok := series(version)
	want, known := series(strings.TrimPrefix(r.Text, "v"))
	if !ok || !known {
		return false
	}
	if have.low[0] != want.low[0] || r.Runtime == Node {
		return have.low[0] < want.low[0]
	}
	return have.high[0] == have.low[0] && have.low[1] < want.low[1]
}

// Wanted is Text without what .NET and Java put before a number: 10.0 for `net10.0`, 8 for `1.8`.
func (r Requirement) Wanted() string {
	if r.Runtime == Dotnet {
		return strings.TrimPrefix(strings.TrimPrefix(r.Text, "net"), "coreapp")
	}
	if r.Runtime == Java {
		return strings.TrimPrefix(r.Text, "1.")
	}
	return r.Text
}

// after is the offset of second after first in text, -1 if it is not there.
func after(text, first, second string) int {
	i := strings.Index(text, first)
	if i < 0 {
		return -1
	}
	k := strings.Index(text[i:], second)
	if k < 0 {
		return -1
	}
	return i + k
}

// Excludes reports whether no release of version satisfies r, where `3.9` means all of its patches. What cannot be read
// excludes nothing. A version library does not help: its versions are complete, and each ecosystem gives `~` and `>` a
// meaning of its own. Where they differ, the wider meaning is used.
func (r Requirement) Excludes(version string) bool {
	have, ok := series(version)
	if !ok {
		return false
	}
	for _, alternative := range strings.Split(strings.ReplaceAll(r.Wanted(), "||", "|"), "|") {
		want, ok := r.span(alternative)
		if !ok || have.low.before(want.high) && want.low.before(have.high) {
			return false
		}
	}
	return true
}

// number is a version.
type number [3]int

func (v number) before(w number) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}

// versions are those from low up to, but not including, high.
type versions struct{ low, high number }

const most = 1 << 30

// series is the range of releases that a version of one to three parts means.
func series(text string) (versions, bool) {
	parts := strings.Split(text, ".")
	if len(parts) > 3 {
		return versions{}, false
	}
	var v versions
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || n >= most {
			return versions{}, false
		}
		v.low[i] = n
	}
	v.high = v.low.next(len(parts) - 1)
	return v, true
}

// next is v with part i increased by one, and zeros after it.
func (v number) next(i int) number {
	v[i]++
	for i++; i < len(v); i++ {
		v[i] = 0
	}
	return v
}

// span is the range that a list of conditions leaves, all of which must hold; false if they are not understood.
func (r Requirement) span(text string) (versions, bool) {
	out := versions{high: number{most}}
	t := runtimes.Get()
	if strings.TrimSpace(t.condition.ReplaceAllString(text, "")) != "" {
		return out, false
	}
	for _, m := range t.condition.FindAllStringSubmatch(text, maxMembers) {
		if m[2] == "" {
			continue // any version
		}
		v, ok := series(m[2])
		if !ok {
			return out, false
		}
		parts := strings.Count(m[2], ".") + 1
		low, high := v.low, v.high
		switch m[1] {
		case "", "=", "==", "===":
			if m[1] == "" && r.above {
				high = number{most}
			}
		case ">=", ">":
			high = number{most}
		case "<":
			low, high = number{}, v.low
		case "<=":
			low = number{}
		case "!=":
			continue
		case "^":
			first := 0
			for first < parts-1 && v.low[first] == 0 {
				first++
			}
			high = v.low.next(first)
		case "~":
			if high = v.low.next(min(1, parts-1)); r.loose {
				high = v.low.next(max(0, parts-2))
			}
		case "~>", "~=":
			high = v.low.next(max(0, parts-2))
		}
		if out.low.before(low) {
			out.low = low
		}
		if high.before(out.high) {
			out.high = high
		}
	}
	return out, true
}

type runtimePatterns struct {
	requiresPython, poetryPython, goLine, gemRuby, gemRubyFile, channel, rustVersion, targetFramework, condition *regexp.Regexp
	mavenProperty                                                                                                map[string]*regexp.Regexp
}

var runtimes = lazy.Value[runtimePatterns]{Make: func() runtimePatterns {
	property := func(name string) *regexp.Regexp {
		return regexp.MustCompile(`<` + regexp.QuoteMeta(name) + `>\s*((?:1\.)?\d+)\s*</`)
	}
	return runtimePatterns{
		requiresPython:  regexp.MustCompile(`(?m)^requires-python\s*=\s*["']([^"'\n]+)["']`),
		poetryPython:    regexp.MustCompile(`(?m)^python\s*=\s*["']([^"'\n]+)["']`),
		goLine:          regexp.MustCompile(`(?m)^go\s+(\d+(?:\.\d+)*)\s*(?://.*)?$`),
		gemRuby:         regexp.MustCompile(`(?m)^ruby[ (]\s*(["'][^"'\n]*["'](?:\s*,\s*["'][^"'\n]*["'])*)\s*\)?\s*(?:#.*)?$`),
		gemRubyFile:     regexp.MustCompile(`(?m)^ruby[ (]\s*file:\s*["']\.ruby-version["']`),
		channel:         regexp.MustCompile(`(?m)^channel\s*=\s*["']([^"'\n]+)["']`),
		rustVersion:     regexp.MustCompile(`(?m)^rust-version\s*=\s*["'](\d+(?:\.\d+)*)["']`),
		targetFramework: regexp.MustCompile(`<TargetFramework>\s*(net(?:coreapp)?\d+\.\d+)\s*</`),
		condition:       regexp.MustCompile(`\s*(>=|<=|===|==|!=|~>|~=|[<>=^~])?\s*v?(?:(\d+(?:\.\d+){0,3})(?:\.[*xX]){0,2}|[*xX])(?:\s*,\s*|\s+|$)`),
		mavenProperty: map[string]*regexp.Regexp{
			"maven.compiler.release": property("maven.compiler.release"), "maven.compiler.target": property("maven.compiler.target"),
			"java.version": property("java.version"),
		},
	}
}}
