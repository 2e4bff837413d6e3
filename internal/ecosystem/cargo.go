package ecosystem

import (
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// cargoMember matches what a manifest takes from the one of its workspace.
var cargoMember = lazy.Regexp{Expr: `(?m)^\s*[\w-]+(?:\.workspace\s*=\s*true|\s*=\s*\{[^}\n]*\bworkspace\s*=\s*true)`}

// cargo builds Rust programs. Sources: https://doc.rust-lang.org/cargo/commands/cargo-build.html,
// https://doc.rust-lang.org/cargo/guide/cargo-home.html, https://doc.rust-lang.org/cargo/reference/workspaces.html.
var cargo = Manager{
	Name: "cargo", Title: "Cargo", Family: Cargo, Language: LanguageRust,
	Command: Command{
		Verbs: Verbs{Sync: "build b fetch run test", Install: "install"},
		Valued: []string{
			"--version", "--vers", "--root", "--git", "--branch", "--tag", "--rev", "--features", "-F", "--target", "--bin",
			"-p",
			"-j", "--jobs", "--registry", "--index", "--color", "--config", "-Z", "--message-format", "--example",
			"--package", "--path", "--manifest-path", "--profile", "--target-dir",
		},
		Version: "@", DirFlags: []string{"--manifest-path"},
		FromManifest: func(c Call) bool {
			path, ok := c.Value("--path")
			return ok && path != ""
		},
	},
	Project: &Project{
		Name: "cargo", Manifests: []string{"Cargo.toml"},
		Beside:   []string{"rust-toolchain", "rust-toolchain.toml", ".cargo/config.toml"},
		Products: []string{"target"}, Roots: []Mark{{"Cargo.toml", "[workspace]"}},
		Read: func(f *Files) {
			if section := TOMLTable(f.Text("Cargo.toml"), "workspace"); section != "" {
				for _, pattern := range TOMLList(section, "members") {
					f.Member(pattern, "Cargo.toml")
				}
			}
		},
		// Only a program's: a library has no lock file of its own.
		Direct: func(m Manifest) int {
			if !m.Has("src/main.rs") && !strings.Contains(m.Text, "\n[[bin]]") && !m.Has("src/bin/*.rs") {
				return 0
			}
			return len(TOMLKeys(TOMLTable(m.Text, "dependencies"))) + strings.Count(m.Text, "\n[dependencies.")
		},
	},
	Lock: &Lock{
		Files: []string{"Cargo.lock"}, Write: "cargo generate-lockfile", Verbs: "build b fetch install",
		// A member of a workspace has no lock file of its own.
		Library: func(text string) bool {
			return !strings.Contains(text, "[workspace]") && cargoMember.Get().MatchString(text)
		},
		Needed: []Need{{Verbs: "build b fetch", Flags: []string{"--locked", "--frozen"}}}, // `install` only warns
	},
	Strict: &Strict{
		Verbs: "build b fetch", Flags: []string{"--locked", "--frozen", "--offline"},
		Env: []string{"CARGO_NET_OFFLINE"},
		Why: "without `--locked` Cargo updates `Cargo.lock` if it does not match `Cargo.toml`, " +
			"so the image may contain untested versions",
		Write: "cargo {verb} --locked", Flag: "--locked",
		Doubt: "Cargo follows the lock file as long as it matches the manifest",
		// https://doc.rust-lang.org/cargo/commands/cargo-install.html, on --locked
		Other: &Strict{
			Verbs: "install", Flags: []string{"--locked", "--frozen", "--offline"}, Env: []string{"CARGO_NET_OFFLINE"},
			Why: "`cargo install` does not read `Cargo.lock` unless `--locked` is given, " +
				"so the image contains whatever versions are newest that day",
			Ignores: true, Write: "cargo install --locked", Flag: "--locked",
		},
	},
	Build: &Build{
		Compiles: true, Needs: compilesApplication, Prepares: "chef", Rebuilds: true,
		CacheHelp: "--mount=type=cache,target=/usr/local/cargo/registry",
		Verbs:     "build b", Elsewhere: []string{"--target-dir", "--artifact-dir", "--out-dir"},
		ElsewhereEnv: []string{"CARGO_TARGET_DIR"},
		Starts:       "run", Watches: "watch", Linker: true, Kit: "the Rust toolchain", KitVerbs: "build install",
	},
	Outputs: []Output{{
		Name: "target", Beside: []string{"Cargo.toml"}, Ignored: true, Litter: true, Says: []string{"build", "install"},
	}},
	Caches: []*Cache{{
		Title: "Cargo", Image: "rust", Dirs: []string{"/usr/local/cargo/registry", "/usr/local/cargo/git"},
		Mistaken: []string{"~/.cargo/registry", "~/.cargo/git", "~/.cargo"}, Moves: []string{"CARGO_HOME"}, Store: true,
	}},
	Runtime: &Runtime{Fails: true, Why: "Cargo refuses to build the package with Rust {version}"},
	Origin:  &Origin{Images: []string{"rust"}, Packages: []string{"cargo"}, Commands: []string{"rustup"}},
}
