package ecosystem

import (
	"encoding/json"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// deno is a runtime for JavaScript with a package manager. Sources:
// https://docs.deno.com/runtime/reference/cli/install/, https://docs.deno.com/runtime/reference/cli/ci/,
// https://docs.deno.com/examples/dependency_lockfile_tutorial/,
// https://docs.deno.com/runtime/fundamentals/configuration/, https://github.com/denoland/deno_docker.
var deno = Manager{
	Name: "deno", Title: "Deno", Family: "deno",
	Command: Command{
		Verbs:  Verbs{Install: "install i add", Sync: "ci", Remove: "remove uninstall", Clean: "clean"},
		Valued: []string{"-c", "--config", "--lock", "--root", "-n", "--name", "--import-map", "--cert"},
		// With entry points it installs what they import.
		FromManifest: func(c Call) bool {
			return c.Verb != "add" && len(c.Packages) == 0 && !c.Has("-g", "--global")
		},
		Version: "@",
	},
	Project: &Project{
		Name: "deno", Manifests: []string{"deno.json", "deno.jsonc"}, Beside: []string{"package.json", ".npmrc"},
		Products: []string{"node_modules"}, Roots: []Mark{{"deno.json", `"workspace"`}, {"deno.jsonc", `"workspace"`}},
		Read: func(f *Files) {
			var p struct{ Workspace []string }
			if json.Unmarshal([]byte(f.Text("deno.json")), &p) != nil {
				return
			}
			for _, pattern := range p.Workspace {
				f.Member(pattern, "deno.json")
			}
		},
		// Only what is fetched: an import may map to a file of the application too.
		Direct: func(m Manifest) int {
			var p struct{ Imports map[string]string }
			if json.Unmarshal([]byte(m.Text), &p) != nil {
				return 0
			}
			n := 0
			for _, to := range p.Imports {
				if strings.HasPrefix(to, "npm:") || strings.HasPrefix(to, "jsr:") || strings.HasPrefix(to, "https:") {
					n++
				}
			}
			return n
		},
	},
	Lock: &Lock{
		Files: []string{"deno.lock"}, Write: "deno install", OffFlags: []string{"--no-lock"},
		Needed:  []Need{{Verbs: "ci"}, {Flags: []string{"--frozen"}}},
		Library: func(text string) bool { return denoUnlocked.Get().MatchString(text) },
	},
	Strict: &Strict{
		Verbs: "install i", Flags: []string{"--frozen", "--no-lock", "--cached-only"},
		Why: drift, Write: "deno install --frozen", Flag: "--frozen", Doubt: "`deno.json` may set `frozen`",
	},
	Outputs: []Output{{Name: "node_modules", Ignored: true}},
	Caches: []*Cache{{
		Title: "Deno", Dirs: []string{"~/.cache/deno"}, Env: []string{"DENO_DIR"}, Moves: []string{"XDG_CACHE_HOME"}, Store: true,
	}},
	Origin: &Origin{Images: []string{"docker.io/denoland/deno"}, Packages: []string{"deno"}},
}

// denoUnlocked finds the setting that switches the lock file off.
var denoUnlocked = lazy.Regexp{Expr: `"lock"\s*:\s*false`}
