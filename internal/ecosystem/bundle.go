package ecosystem

import (
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// bundle is Bundler, which installs an application's gems. Sources: https://bundler.io/man/bundle-install.1.html,
// https://bundler.io/man/bundle-config.1.html, https://bundler.io/guides/groups.html.
var bundle = Manager{
	Name: "bundle", Aliases: []string{"bundler"}, Title: "Bundler", Family: "bundler", Language: LanguageRuby,
	Command: Command{
		Verbs: Verbs{Sync: "install", Upgrade: "update"}, Bare: true,
		Valued:   []string{"--jobs", "-j", "--retry", "--path", "--without", "--with", "--gemfile"},
		DirFlags: []string{"--gemfile"},
	},
	Project: &Project{
		Name: "bundler", Manifests: []string{"Gemfile"}, Beside: []string{".ruby-version", ".tool-versions", "*.gemspec"},
		Products: []string{"vendor/bundle", ".bundle"}, RootFiles: []string{"*.gemspec"},
		Read: func(f *Files) {
			text := f.Text("Gemfile")
			spec := gemSpec.Get().MatchString(text)
			for _, name := range f.Beside {
				spec = spec || strings.HasSuffix(name, ".gemspec")
			}
			switch {
			case spec:
				f.Sources = "the gemspec reads the gem's own files"
			case gemLocal.Get().MatchString(text):
				f.Sources = "a gem comes from a directory"
			}
		},
		Direct: func(m Manifest) int {
			n := 0
			for line := range strings.Lines(m.Text) {
				if gemName.Get().MatchString(line) {
					n++
				}
			}
			return n
		},
		Development: developmentGems,
	},
	Lock: &Lock{
		Files: []string{"Gemfile.lock"}, Write: "bundle lock",
		Needed: []Need{{Flags: []string{"--deployment", "--frozen"}, Env: []string{"BUNDLE_DEPLOYMENT", "BUNDLE_FROZEN"}}},
		Library: func(text string) bool {
			for line := range strings.Lines(text) {
				if strings.HasPrefix(strings.TrimSpace(line), "gemspec") {
					return true
				}
			}
			return false
		},
	},
	Strict: &Strict{
		Not: "update", Flags: []string{"--deployment", "--frozen"}, Env: []string{"BUNDLE_DEPLOYMENT", "BUNDLE_FROZEN"},
		Settings: ".bundle/config", Said: []string{"frozen", "deployment"},
		Why: drift, Write: "BUNDLE_FROZEN=1 bundle install",
	},
	Production: &Production{
		Flags: []string{"--without", "--with"}, Env: []string{"BUNDLE_WITHOUT", "BUNDLE_ONLY"}, Settings: ".bundle/config",
		Modes: []string{"RAILS_ENV", "RACK_ENV"}, ModeValue: "production",
		Write: "ENV BUNDLE_WITHOUT=development:test", Above: "ENV BUNDLE_WITHOUT=development:test",
		AboveNo: "ENV RAILS_ENV=production BUNDLE_WITHOUT=development:test",
		Undone:  []string{"--without", "without", "bundle clean"},
		Kept:    []string{"/usr/local/bundle"}, // where the official image keeps gems
	},
	Build: &Build{ApartHelp: beside},
	Outputs: []Output{
		{Name: "log", Beside: []string{"Gemfile"}, Ignored: true, Junk: true},
		{Name: "tmp", Beside: []string{"Gemfile"}, Ignored: true, Junk: true},
		{Name: ".bundle", Beside: []string{"Gemfile"}, Ignored: true},
	},
	Runner:  &pythonRunner,
	Runtime: &Runtime{Fails: true, Why: "Bundler refuses to install on Ruby {version}"},
	Origin:  &Origin{Images: []string{"ruby"}, Packages: []string{"bundler", "ruby-bundler"}},
}

// The lines of a Gemfile.
var (
	gemGroup  = lazy.Regexp{Expr: `^\s*group[\s(]+(.*?)\)?\s+do\b`}
	gemEnd    = lazy.Regexp{Expr: `^\s*end\b`}
	gemOpens  = lazy.Regexp{Expr: `\bdo\s*(?:\|[^|]*\|)?\s*$|^\s*(?:if|unless|case)\b`}
	gemName   = lazy.Regexp{Expr: `^\s*gem[\s(]+["']([^"']+)["']`}
	gemInline = lazy.Regexp{Expr: `\bgroups?(?::|["']?\s*=>)\s*(\[[^\]]*\]|:\w+)`}
	gemSpec   = lazy.Regexp{Expr: `(?m)^\s*gemspec\b`}
	gemLocal  = lazy.Regexp{Expr: `\bpath(?::|\s*=>|\s+["'])`}
)

// developmentGems are the gems of a Gemfile that are only in the groups for development and tests.
func developmentGems(text string) []string {
	var out []string
	depth, inside := 0, 0 // inside is the depth of the group's own lines
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimRight(line, " \t\r\n")
		group := gemGroup.Get().FindStringSubmatch(line)
		switch {
		case group != nil || gemOpens.Get().MatchString(line):
			depth++
			if group != nil && inside == 0 && onlyDevelopment(group[1]) {
				inside = depth
			}
		case gemEnd.Get().MatchString(line):
			if depth == inside {
				inside = 0
			}
			depth = max(0, depth-1)
		default:
			m := gemName.Get().FindStringSubmatch(line)
			if m == nil {
				continue
			}
			in := gemInline.Get().FindStringSubmatch(line)
			if inside > 0 || in != nil && onlyDevelopment(strings.Trim(in[1], "[]")) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// onlyDevelopment reports whether list, of symbols separated by commas, has only groups that are never for production.
func onlyDevelopment(list string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if !Has("development test", strings.Trim(strings.TrimSpace(part), `:"'`)) {
			return false
		}
	}
	return true
}
