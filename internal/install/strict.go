package install

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/shell"
)

// Laxity is how a call may go past its lock.
type Laxity struct {
	Lock, Why, Write, Doubt string
	Verb                    string // to write instead of the verb, or
	Flag                    string // to write after it
}

// Laxity says how call may go past the lock that it finds; nil if it follows it, finds none, or that is unknown.
func (f *Facts) Laxity(call *shell.Call) *Laxity {
	return once(f, laxityOf{call}, func() *Laxity { return f.laxity(call) })
}

func (f *Facts) laxity(call *shell.Call) *Laxity {
	c := call.Command
	if call.Manager == "composer" && call.Verb.Text == "update" {
		if in := f.setting(call); in != nil && in.Locked {
			return &Laxity{Lock: in.Lock, Why: "`composer update` resolves all versions again and writes the lock anew", Write: "composer install", Verb: "install"}
		}
		return nil
	}
	in := f.Call(call)
	if call.Manager == "dotnet" {
		projects := slices.DeleteFunc(slices.Clone(f.Projects(call)), func(in *Setting) bool { return f.strict(in) })
		if len(projects) == 0 {
			return nil
		}
		in = projects[0]
	}
	if in == nil || !in.Locked || c.Script.Step.Env.Lookup("CI") != nil {
		return nil
	}
	env := c.Script.Step.Env
	set := func(name string) bool { v := env.Lookup(name); return v != nil && v.Set }
	fields, open := c.Fields()
	if open {
		return nil
	}
	has := func(flags ...string) bool {
		for _, flag := range flags {
			for _, have := range fields {
				if have == flag || strings.HasPrefix(have, flag+"=") {
					return true
				}
			}
		}
		return false
	}
	l := &Laxity{Lock: in.Lock}
	const drift = "where the two do not fit, it resolves versions anew and goes on, so that the image is not what was tested"
	switch in.Row.Name {
	case "npm":
		if v := call.Verb.Text; v != "install" && v != "i" && v != "add" {
			return nil
		}
		if has("--package-lock-only", "--no-package-lock", "--legacy-peer-deps", "--force", "-f") {
			l.Doubt = "its flags ask for versions that the manifest does not allow"
		}
		l.Why = "`npm install` rewrites the lock where `package.json` does not fit it, and the image gets versions that nobody tested; `npm ci` fails"
		l.Write, l.Verb = "npm ci", "ci"
	case "yarn":
		if has("--frozen-lockfile", "--immutable", "--pure-lockfile", "--immutable-cache") || set("YARN_ENABLE_IMMUTABLE_INSTALLS") {
			return nil
		}
		l.Why = drift
		if f.Berry(in) {
			if call.Verb.Text != "" && call.Verb.Text != "install" {
				return nil
			}
			l.Flag, l.Doubt = "--immutable", "Yarn takes `--immutable` for given where `CI` is set"
		} else {
			l.Flag = "--frozen-lockfile"
		}
		l.Write = "yarn install " + l.Flag
	case "pnpm":
		if has("--frozen-lockfile", "--no-frozen-lockfile", "--offline") || call.Verb.Text == "fetch" {
			return nil
		}
		l.Why, l.Flag, l.Doubt = drift, "--frozen-lockfile", "pnpm takes `--frozen-lockfile` for given where `CI` is set"
		l.Write = "pnpm install --frozen-lockfile"
	case "bun":
		if has("--frozen-lockfile", "--no-save") {
			return nil
		}
		l.Why, l.Flag, l.Doubt = drift, "--frozen-lockfile", "`bunfig.toml` may say so"
		l.Write = "bun install --frozen-lockfile"
	case "cargo":
		if has("--locked", "--frozen", "--offline") || has("--path") || set("CARGO_NET_OFFLINE") {
			return nil
		}
		if v := call.Verb.Text; v != "build" && v != "b" && v != "fetch" {
			return nil
		}
		l.Why = "without `--locked` Cargo updates `Cargo.lock` where it does not fit `Cargo.toml`, and the image gets versions that nobody tested"
		l.Write, l.Flag = "cargo "+call.Verb.Text+" --locked", "--locked"
	case "uv":
		if has("--locked", "--frozen") || set("UV_LOCKED") || set("UV_FROZEN") {
			return nil
		}
		l.Why, l.Flag, l.Doubt = drift, "--locked", "uv keeps the versions of the lock that still fit"
		l.Write = "uv sync --locked"
	case "pipenv":
		if call.Verb.Text != "install" || has("--deploy", "--ignore-pipfile") {
			return nil
		}
		l.Why, l.Flag, l.Doubt = drift, "--deploy", "the lock may fit"
		l.Write = "pipenv install --deploy"
	case "bundler":
		if call.Verb.Text == "update" || has("--deployment", "--frozen") || set("BUNDLE_DEPLOYMENT") || set("BUNDLE_FROZEN") || f.bundleConfigured(c) {
			return nil
		}
		l.Why, l.Doubt = drift, "a configuration of Bundler may freeze it"
		l.Write = "BUNDLE_FROZEN=1 bundle install"
	case "dotnet":
		if call.Verb.Text != "restore" || has("--locked-mode", "--force-evaluate") || strings.Contains(strings.Join(fields, " "), "RestoreLockedMode") {
			return nil
		}
		l.Why, l.Flag = "where the lock does not fit the project, `dotnet restore` writes it anew and goes on, so that the image is not what was tested", "--locked-mode"
		l.Write = "dotnet restore --locked-mode"
	case "mix":
		if call.Verb.Text != "deps.get" || has("--check-locked") {
			return nil
		}
		l.Why, l.Flag, l.Doubt = drift, "--check-locked", "the lock may fit"
		l.Write = "mix deps.get --check-locked"
	case "swift":
		if has("--force-resolved-versions", "--only-use-versions-from-resolved-file", "--disable-automatic-resolution") {
			return nil
		}
		l.Why, l.Flag, l.Doubt = drift, "--only-use-versions-from-resolved-file", "the file may fit"
		l.Write = Command(call) + " --only-use-versions-from-resolved-file"
	default:
		return nil
	}
	return l
}

// strict reports whether a project of .NET, or what all of them share, says that its lock holds.
func (f *Facts) strict(in *Setting) bool {
	return slices.ContainsFunc([]string{in.Manifest, path.Join(in.Dir, "Directory.Build.props"), "Directory.Build.props"}, func(file string) bool {
		src, err := f.p.Context().Read(file)
		return err == nil && strings.Contains(string(src), "RestoreLockedMode")
	})
}

// Berry reports whether the lock, or what lies beside it, is that of Yarn 2 or newer.
func (f *Facts) Berry(in *Setting) bool {
	if f.p.Context().Has(path.Join(path.Dir(in.Lock), ".yarnrc.yml")) {
		return true
	}
	src, err := f.p.Context().Read(in.Lock)
	return err != nil || strings.Contains(string(src), "__metadata:")
}

// bundleConfigured reports whether a step up to c says something on frozen or deployment to Bundler.
func (f *Facts) bundleConfigured(c *shell.Command) bool {
	if f.p.Context().Has(".bundle/config") {
		return true
	}
	step := c.Script.Step
	found := frozenWord().MatchString(step.Instruction.Text.String)
	for s := range step.Before() {
		found = found || frozenWord().MatchString(s.Instruction.Text.String)
		if found {
			break
		}
	}
	return found
}

var frozenWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)frozen|deployment`) })
