package ecosystem

import (
	"encoding/json"
	"strings"
)

// composer installs an application's PHP packages. Sources: https://getcomposer.org/doc/03-cli.md,
// https://getcomposer.org/doc/04-schema.md#require-dev.
var composer = Manager{
	Name: "composer", Aliases: []string{"composer.phar"}, Title: "Composer", Family: Composer, Language: LanguagePHP,
	Command: Command{
		Verbs:    Verbs{Sync: "install i require", Install: "global", Upgrade: "update"},
		Nested:   []Nested{{"global", Verbs{Install: "require"}}},
		Valued:   []string{"-d", "--working-dir", "--prefer-install", "--ignore-platform-req", "--apcu-autoloader-prefix"},
		DirFlags: []string{"-d", "--working-dir"},
	},
	Project: &Project{
		Name: "composer", Manifests: []string{"composer.json"}, Beside: []string{"symfony.lock"},
		Products: []string{"vendor"},
		Read:     readComposer,
		Direct: func(m Manifest) int {
			n := 0
			for _, name := range jsonKeys(m.Text, "require") {
				if strings.Contains(name, "/") { // `php` and `ext-json` are of the platform
					n++
				}
			}
			return n
		},
		Development: func(text string) []string { return jsonKeys(text, "require-dev") },
	},
	Lock: &Lock{
		Files: []string{"composer.lock"}, Write: "composer update",
		Rewrites: &Rewrites{
			Verbs: "update", Why: "`composer update` resolves every version again and rewrites the lock file",
			Write: "composer install", Verb: "install",
		},
	},
	Production: &Production{
		Flags: []string{"--no-dev", "--dev"}, Env: []string{"COMPOSER_NO_DEV"}, Write: "composer install --no-dev",
		Flag:   "--no-dev",
		Undone: []string{"--no-dev"},
	},
	Build: &Build{
		Needs: func(c Call, _ bool, _ int) string {
			if c.Has("-o", "--optimize-autoloader", "-a", "--classmap-authoritative") && !c.Has("--no-autoloader") {
				return "the autoloader lists the application's own classes"
			}
			return ""
		},
		ApartHelp: "run `composer install` with `--no-scripts --no-autoloader`", Then: " and run `composer dump-autoload`",
	},
	Outputs: []Output{
		{Name: "vendor", Beside: []string{"composer.json"}, Ignored: true},
		{Name: ".phpunit.cache", Ignored: true, Junk: true},
		{Name: ".phpunit.result.cache", Ignored: true, Junk: true},
	},
	Caches: []*Cache{{
		Title: "Composer", Dirs: []string{"~/.cache/composer", "~/.composer/cache", "/tmp/cache"}, AnyUser: true,
		Env: []string{"COMPOSER_CACHE_DIR"}, Moves: []string{"COMPOSER_HOME", "XDG_CACHE_HOME"}, Off: []string{"--no-cache"},
	}},
	Runtime: &Runtime{Fails: true, Why: "Composer refuses to install on PHP {version}"},
	Origin:  &Origin{Images: []string{"composer"}, Packages: []string{"composer"}},
}

func readComposer(f *Files) {
	var p struct {
		Scripts      map[string]any
		Autoload     map[string]any
		Repositories any
	}
	if json.Unmarshal([]byte(f.Text("composer.json")), &p) != nil {
		f.Sources = "`composer.json` cannot be read"
		return
	}
	for name := range p.Scripts {
		if strings.HasPrefix(name, "pre-") || strings.HasPrefix(name, "post-") {
			f.Sources = "Composer's scripts run the application's code"
		}
	}
	for _, kind := range [...]string{"files", "classmap"} {
		if p.Autoload[kind] != nil {
			f.Sources = "the autoloader lists the application's own files"
		}
	}
	if raw, err := json.Marshal(p.Repositories); err == nil && strings.Contains(string(raw), `"path"`) {
		f.Sources = "a package comes from a directory"
	}
}
