package cache

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// UnlockedInstall reports an installation that would change the lock file that it finds, instead of failing where it does not fit
// the manifest. It is sure of npm, Yarn 1, Cargo and Composer, and doubtful where the manager keeps to the lock by default or the
// manifest's own versions leave little room.
var UnlockedInstall = &lint.Rule{
	Name: "unlocked-install", Summary: "the installation may go past the lock file that it finds", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCall(func(p *lint.Pass, call *shell.Call) {
		step := call.Command.Script.Step
		if !step.Stage.Reached {
			return
		}
		l := lenient(p, call)
		if l == nil {
			return
		}
		at := call.Command.Words[0].Span
		if call.Verb.Text != "" {
			at.End = call.Verb.Span.End
			at.Start = call.Verb.Span.Start
		}
		f := p.Report(at, "`%s` does not hold to `%s`", install(call), path.Base(l.lock)).
			Because("%s", l.why).
			Advise("write `%s`", l.write).
			Doubting(l.doubt)
		l.fix(f, call)
	}),
}

// laxity is how a call may go past its lock.
type laxity struct {
	lock, why, write, doubt string
	verb                    string // to write instead of the verb, or
	flag                    string // to write behind it
}

func (l *laxity) fix(f *lint.Finding, call *shell.Call) {
	c := call.Command
	switch {
	case l.verb != "" && c.Plain(call.Verb):
		f.Offer(lint.Unsafe, "use `"+l.write+"`", lint.Edit{Span: call.Verb.Span, Text: l.verb})
	case l.flag != "" && call.Verb.Text != "" && c.Plain(call.Verb):
		at := call.Verb.Span.End
		f.Offer(lint.Unsafe, "add `"+l.flag+"`", lint.Edit{Span: parser.Span{Start: at, End: at}, Text: " " + l.flag})
	case l.flag != "" && call.Verb.Text == "" && c.Plain(c.Words[0]):
		at := c.Words[0].Span.End
		f.Offer(lint.Unsafe, "add `install "+l.flag+"`", lint.Edit{Span: parser.Span{Start: at, End: at}, Text: " install " + l.flag})
	}
}

// lenient says how call goes past the lock that it finds; nil if it holds to it, finds none, or that is not known.
func lenient(p *lint.Pass, call *shell.Call) *laxity {
	c := call.Command
	if call.Manager == "composer" && call.Verb.Text == "update" {
		whole := *call
		whole.Action, whole.Manifest = shell.Install, true
		if in := settingOf(p, &whole); in != nil && in.locked {
			return &laxity{lock: in.lock, why: "`composer update` resolves all versions again and writes the lock anew", write: "composer install", verb: "install"}
		}
		return nil
	}
	in := settingOf(p, call)
	if call.Manager == "dotnet" {
		projects := slices.DeleteFunc(projectsOf(p, call), func(in *setting) bool { return strict(p, in) })
		if len(projects) == 0 {
			return nil
		}
		in = projects[0]
	}
	if in == nil || !in.locked || c.Script.Step.Env.Lookup("CI") != nil {
		return nil
	}
	env := c.Script.Step.Env
	set := func(name string) bool { v := env.Lookup(name); return v != nil && v.Set }
	fields, open := c.Fields()
	if open {
		return nil
	}
	has := func(flags ...string) bool {
		for _, f := range flags {
			for _, have := range fields {
				if have == f || strings.HasPrefix(have, f+"=") {
					return true
				}
			}
		}
		return false
	}
	l := &laxity{lock: in.lock}
	const drift = "where the two do not fit, it resolves versions anew and goes on, so that the image is not what was tested"
	switch in.row.Name {
	case "npm":
		if v := call.Verb.Text; v != "install" && v != "i" && v != "add" {
			return nil
		}
		if has("--package-lock-only", "--no-package-lock", "--legacy-peer-deps", "--force", "-f") {
			l.doubt = "its flags ask for versions that the manifest does not allow"
		}
		l.why = "`npm install` rewrites the lock where `package.json` does not fit it, and the image gets versions that nobody tested; `npm ci` fails"
		l.write, l.verb = "npm ci", "ci"
	case "yarn":
		if has("--frozen-lockfile", "--immutable", "--pure-lockfile", "--immutable-cache") || set("YARN_ENABLE_IMMUTABLE_INSTALLS") {
			return nil
		}
		l.why = drift
		if berry(p, in) {
			if call.Verb.Text != "" && call.Verb.Text != "install" {
				return nil
			}
			l.flag, l.doubt = "--immutable", "Yarn takes `--immutable` for given where `CI` is set"
		} else {
			l.flag = "--frozen-lockfile"
		}
		l.write = "yarn install " + l.flag
	case "pnpm":
		if has("--frozen-lockfile", "--no-frozen-lockfile", "--offline") || call.Verb.Text == "fetch" {
			return nil
		}
		l.why, l.flag, l.doubt = drift, "--frozen-lockfile", "pnpm takes `--frozen-lockfile` for given where `CI` is set"
		l.write = "pnpm install --frozen-lockfile"
	case "bun":
		if has("--frozen-lockfile", "--no-save") {
			return nil
		}
		l.why, l.flag, l.doubt = drift, "--frozen-lockfile", "`bunfig.toml` may say so"
		l.write = "bun install --frozen-lockfile"
	case "cargo":
		if has("--locked", "--frozen", "--offline") || has("--path") || set("CARGO_NET_OFFLINE") {
			return nil
		}
		if v := call.Verb.Text; v != "build" && v != "b" && v != "fetch" {
			return nil
		}
		l.why = "without `--locked` Cargo updates `Cargo.lock` where it does not fit `Cargo.toml`, and the image gets versions that nobody tested"
		l.write, l.flag = "cargo "+call.Verb.Text+" --locked", "--locked"
	case "uv":
		if has("--locked", "--frozen") || set("UV_LOCKED") || set("UV_FROZEN") {
			return nil
		}
		l.why, l.flag, l.doubt = drift, "--locked", "uv keeps the versions of the lock that still fit"
		l.write = "uv sync --locked"
	case "pipenv":
		if call.Verb.Text != "install" || has("--deploy", "--ignore-pipfile") {
			return nil
		}
		l.why, l.flag, l.doubt = drift, "--deploy", "the lock may fit"
		l.write = "pipenv install --deploy"
	case "bundler":
		if call.Verb.Text == "update" || has("--deployment", "--frozen") || set("BUNDLE_DEPLOYMENT") || set("BUNDLE_FROZEN") || bundleConfigured(p, c) {
			return nil
		}
		l.why, l.doubt = drift, "a configuration of Bundler may freeze it"
		l.write = "BUNDLE_FROZEN=1 bundle install"
	case "dotnet":
		if call.Verb.Text != "restore" || has("--locked-mode", "--force-evaluate") || strings.Contains(strings.Join(fields, " "), "RestoreLockedMode") {
			return nil
		}
		l.why, l.flag = "where the lock does not fit the project, `dotnet restore` writes it anew and goes on, so that the image is not what was tested", "--locked-mode"
		l.write = "dotnet restore --locked-mode"
	case "mix":
		if call.Verb.Text != "deps.get" || has("--check-locked") {
			return nil
		}
		l.why, l.flag, l.doubt = drift, "--check-locked", "the lock may fit"
		l.write = "mix deps.get --check-locked"
	case "swift":
		if has("--force-resolved-versions", "--only-use-versions-from-resolved-file", "--disable-automatic-resolution") {
			return nil
		}
		l.why, l.flag, l.doubt = drift, "--only-use-versions-from-resolved-file", "the file may fit"
		l.write = install(call) + " --only-use-versions-from-resolved-file"
	default:
		return nil
	}
	return l
}

// strict reports whether a project of .NET, or what all of them share, says that its lock holds.
func strict(p *lint.Pass, in *setting) bool {
	return slices.ContainsFunc([]string{in.manifest, path.Join(in.dir, "Directory.Build.props"), "Directory.Build.props"}, func(file string) bool {
		src, err := p.Context().Read(file)
		return err == nil && strings.Contains(string(src), "RestoreLockedMode")
	})
}

// berry reports whether the lock, or what lies beside it, is that of Yarn 2 or newer.
func berry(p *lint.Pass, in *setting) bool {
	if p.Context().Has(path.Join(path.Dir(in.lock), ".yarnrc.yml")) {
		return true
	}
	src, err := p.Context().Read(in.lock)
	return err != nil || strings.Contains(string(src), "__metadata:")
}

// bundleConfigured reports whether a step up to c says something on frozen or deployment to Bundler.
func bundleConfigured(p *lint.Pass, c *shell.Command) bool {
	if p.Context().Has(".bundle/config") {
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
