package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnusedCacheMount reports a cache mount that the commands of its RUN do not use: the tool keeps its cache elsewhere for the USER and
// environment in force, or is told to keep none, or what it would keep is deleted.
var UnusedCacheMount = &lint.Rule{
	Name: "unused-cache-mount", Summary: "a cache mount that the commands of its RUN do not use", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, sc *shell.Script) {
		if !sc.Step.Stage.Reached || sc.Err != nil {
			return
		}
		for _, m := range sc.Step.Mounts {
			if m.Type != "cache" || !m.Target.Known || m.From != nil {
				continue
			}
			if apt(p, sc, m) {
				continue
			}
			for _, k := range keepers() {
				if k.recognises(m.Target.Text) {
					k.check(p, sc, m)
					break
				}
			}
		}
	}),
}

// keeper is a tool with a cache of downloads.
type keeper struct {
	name     string
	managers []string // whose calls fill it
	dirs     []string // where it may be, "~" is the home; the first is the usual one
	strange  []string // where people think that it is
	env      []string // variables that place it
	off      []string // flags that switch it off
	offEnv   []string // variables that do
	flags    []string // flags that place it
	image    string   // the official image that places it in dirs, whoever the user is; without that image it is not known
}

// keepers is the table. Sources: the manuals of the managers, https://docs.docker.com/build/cache/optimize/,
// https://go.dev/ref/mod#module-cache, https://pkg.go.dev/cmd/go#hdr-Build_and_test_caching, https://doc.rust-lang.org/cargo/guide/cargo-home.html,
// https://bun.com/docs/install/cache, https://learn.microsoft.com/nuget/consume-packages/managing-the-global-packages-and-cache-folders,
// and for GOPATH and CARGO_HOME the Dockerfiles of https://github.com/docker-library/golang and https://github.com/rust-lang/docker-rust.
func keepers() []*keeper {
	return []*keeper{
		{
			name: "pip", managers: []string{"pip"}, dirs: []string{"~/.cache/pip"}, env: []string{"PIP_CACHE_DIR", "XDG_CACHE_HOME"},
			off: []string{"--no-cache-dir"}, offEnv: []string{"PIP_NO_CACHE_DIR"}, flags: []string{"--cache-dir"},
		},
		{
			name: "uv", managers: []string{"uv", "uv pip"}, dirs: []string{"~/.cache/uv"}, env: []string{"UV_CACHE_DIR", "XDG_CACHE_HOME"},
			off: []string{"--no-cache", "--no-cache-dir", "-n"}, offEnv: []string{"UV_NO_CACHE"}, flags: []string{"--cache-dir"},
		},
		{
			name: "npm", managers: []string{"npm"}, dirs: []string{"~/.npm"}, env: []string{"npm_config_cache", "NPM_CONFIG_CACHE"}, flags: []string{"--cache"},
		},
		{
			name: "Yarn", managers: []string{"yarn"}, dirs: []string{"/usr/local/share/.cache/yarn", "~/.cache/yarn", "~/.yarn/berry/cache", "~/.yarn/berry"},
			strange: []string{"~/.yarn", "~/.yarn-cache", "/yarn-cache"}, env: []string{"YARN_CACHE_FOLDER", "YARN_GLOBAL_FOLDER", "XDG_CACHE_HOME"}, flags: []string{"--cache-folder"},
		},
		{
			name: "Gradle", managers: []string{"gradle"}, dirs: []string{"~/.gradle", "~/.gradle/caches", "~/.gradle/wrapper"}, env: []string{"GRADLE_USER_HOME"},
			flags: []string{"-g", "--gradle-user-home"},
		},
		{
			name: "Maven", managers: []string{"mvn"}, dirs: []string{"~/.m2", "~/.m2/repository"}, env: []string{"MAVEN_OPTS", "MAVEN_CONFIG", "MAVEN_ARGS"},
		},
		{
			name: "Composer", managers: []string{"composer"}, dirs: []string{"~/.cache/composer", "~/.composer/cache", "/tmp/cache"},
			env: []string{"COMPOSER_CACHE_DIR", "COMPOSER_HOME", "XDG_CACHE_HOME"}, off: []string{"--no-cache"},
		},
		{
			name: "Go", managers: []string{"go", "go mod"}, image: "golang", dirs: []string{"/go/pkg/mod"}, strange: []string{"~/go/pkg/mod", "~/go/pkg"},
			env: []string{"GOMODCACHE", "GOPATH"},
		},
		{
			name: "`go build`", managers: []string{"go"}, dirs: []string{"~/.cache/go-build"}, env: []string{"GOCACHE", "XDG_CACHE_HOME"},
		},
		{
			name: "Cargo", managers: []string{"cargo"}, image: "rust", dirs: []string{"/usr/local/cargo/registry", "/usr/local/cargo/git"},
			strange: []string{"~/.cargo/registry", "~/.cargo/git", "~/.cargo"}, env: []string{"CARGO_HOME"},
		},
		{
			name: "Bun", managers: []string{"bun"}, dirs: []string{"~/.bun/install/cache"}, env: []string{"BUN_INSTALL_CACHE_DIR", "BUN_INSTALL", "XDG_CACHE_HOME"},
			off: []string{"--no-cache"}, flags: []string{"--cache-dir"},
		},
		{
			name: "NuGet", managers: []string{"dotnet"}, dirs: []string{"~/.nuget/packages", "~/.local/share/NuGet"}, strange: []string{"~/.nuget"},
			env: []string{"NUGET_PACKAGES"}, flags: []string{"--packages"},
		},
		{
			name: "apk", managers: []string{"apk"}, dirs: []string{"/var/cache/apk", "/etc/apk/cache"}, off: []string{"--no-cache"}, flags: []string{"--cache-dir"},
		},
	}
}

// recognises reports whether a mount on target is meant for the tool's cache.
func (k *keeper) recognises(target string) bool {
	return slices.ContainsFunc(slices.Concat(k.dirs, k.strange), func(dir string) bool {
		rest, home := strings.CutPrefix(dir, "~")
		if !home {
			return target == dir || strings.HasPrefix(target, dir+"/")
		}
		return strings.HasSuffix(target, rest) || strings.Contains(target, rest+"/")
	})
}

// check reports mount m if none of the tool's calls in sc uses it. It is silent where the script runs something else that may.
func (k *keeper) check(p *lint.Pass, sc *shell.Script, m plan.Mount) {
	target := path.Clean(m.Target.Text)
	var call *shell.Call
	for _, c := range sc.Calls() {
		if !slices.Contains(k.managers, c.Manager) {
			continue
		}
		if call != nil {
			return // one of several may use it
		}
		call = c
	}
	if call == nil || call.Action != shell.Install {
		return
	}
	c := call.Command
	if len(k.off) > 0 {
		if w := c.Flag(k.off...); w != nil {
			p.Report(w.Span, "`%s` keeps %s from using the cache mount", w.Text, k.name).
				Because("the mount on `%s` stays empty, and each build downloads everything again", target).
				Advise("remove `%s`: what a cache mount holds is in no layer", w.Text)
			return
		}
	}
	for _, name := range k.offEnv {
		v := sc.Step.Env.Lookup(name)
		if v == nil || !v.Set || !v.Value().Known || v.Step() == nil || install.Assigned(sc, name) {
			continue
		}
		switch strings.ToLower(v.Value().Text) {
		case "", "0", "false", "off", "no":
			continue
		}
		p.Report(m.Text.Full(), "`%s` keeps %s from using this cache mount", name, k.name).
			Because("the mount stays empty, and each build downloads everything again").
			Relate(v.Pair.Key.Full(), "set here").
			Advise("remove `%s`: what a cache mount holds is in no layer", name)
		return
	}
	if c.Has(k.flags...) || slices.ContainsFunc(k.env, func(name string) bool { return install.Assigned(sc, name) }) || install.Assigned(sc, "HOME") {
		return
	}
	dirs, why := k.places(sc.Step)
	if k.name == "Yarn" && len(dirs) > 1 {
		dirs = yarnDirs(p, call, dirs)
	}
	if image := sc.Step.Stage.Image(); k.name == "Gradle" && image != nil && image.Ref.Official() == "gradle" {
		return // it links the homes of its users
	}
	if len(dirs) == 0 || slices.ContainsFunc(dirs, func(dir string) bool { return plan.Within(dir, target) || plan.Within(target, dir) }) {
		return
	}
	f := p.Report(m.Text.Full(), "%s keeps its cache in `%s`, not in `%s`", k.name, dirs[0], target).
		Because("%s: the mount stays empty, and each build downloads everything again", why)
	if slices.ContainsFunc(sc.Step.Mounts, func(o plan.Mount) bool { return o.Type == "cache" && plan.Within(dirs[0], path.Clean(o.Target.Text)) }) {
		f.Advise("remove it: another mount is on `%s`", dirs[0])
		return
	}
	f.Advise("mount the cache on `%s`", dirs[0])
}

// places are the folders in which the tool keeps its cache at step, none where that is not known, and why.
func (k *keeper) places(step *plan.Step) (dirs []string, why string) {
	for _, name := range k.env {
		v := step.Env.Lookup(name)
		if v == nil {
			continue
		}
		if !v.Set || !v.Value().Known || !path.IsAbs(v.Value().Text) || slices.Contains([]string{"XDG_CACHE_HOME", "GOPATH", "CARGO_HOME", "BUN_INSTALL"}, name) || strings.HasPrefix(name, "MAVEN") || strings.HasSuffix(name, "_FOLDER") && name != "YARN_CACHE_FOLDER" || name == "COMPOSER_HOME" {
			return nil, ""
		}
		return []string{path.Clean(v.Value().Text)}, "`" + name + "` says so"
	}
	if k.image != "" {
		if image := step.Stage.Image(); image == nil || image.Ref.Official() != k.image {
			return nil, ""
		}
		return k.dirs, "the image `" + k.image + "` says so"
	}
	home, why := homeOf(step)
	if home == "" {
		return nil, ""
	}
	for _, dir := range k.dirs {
		rest, ok := strings.CutPrefix(dir, "~")
		switch {
		case ok:
			dirs = append(dirs, home+rest)
		case k.name == "Composer" || home == "/root":
			dirs = append(dirs, dir)
		}
	}
	return dirs, why
}

// yarnDirs leaves of dirs those of the Yarn that call runs: version 1 has a place of its own for root, and later ones another.
func yarnDirs(p *lint.Pass, call *shell.Call, dirs []string) []string {
	in := install.Of(p).Call(call)
	return slices.DeleteFunc(dirs, func(dir string) bool {
		newer := strings.Contains(dir, "/.yarn/berry")
		return in != nil && in.Lock != "" && install.Of(p).Berry(in) != newer || dir == "/root/.cache/yarn"
	})
}

// apt reports a mount on the folders of apt whose content apt itself, or the script, deletes. It says whether m is such a mount.
func apt(p *lint.Pass, sc *shell.Script, m plan.Mount) bool {
	target := path.Clean(m.Target.Text)
	archives, lists := plan.Within("/var/cache/apt/archives", target), plan.Within("/var/lib/apt/lists", target)
	if !archives && !lists || target == "/" || target == "/var" {
		return false
	}
	installs := false
	for _, call := range sc.Calls() {
		if call.Manager != "apt-get" && call.Manager != "apt" {
			continue
		}
		installs = installs || call.Action == shell.Install
		if archives && call.Action == shell.Clean {
			p.Report(call.Command.Span, "`%s` empties the cache mount on `%s`", install.Command(call), target).
				Because("the next build downloads every package again").
				Advise("remove it: what a cache mount holds is in no layer")
			return true
		}
	}
	for _, c := range sc.Commands {
		if c.Deletes("/var/lib/apt/lists") && lists || c.Deletes("/var/cache/apt") && archives {
			p.Report(c.Span, "`%s` empties the cache mount on `%s`", c.Name, target).
				Because("the next build downloads it again").
				Advise("remove it: what a cache mount holds is in no layer")
			return true
		}
	}
	if archives && installs && cleaned(sc.Step) {
		p.Report(m.Text.Full(), "apt deletes each package after its installation, so this cache mount stays empty").
			Because("the images of Debian and Ubuntu hold `/etc/apt/apt.conf.d/docker-clean`, which says so").
			Advise("write `RUN rm -f /etc/apt/apt.conf.d/docker-clean` before it")
	}
	return true
}

// cleaned reports whether the base image of step tells apt to keep nothing, and no step up to this one says otherwise.
func cleaned(step *plan.Step) bool {
	image := step.Stage.Image()
	if image == nil {
		return false
	}
	switch image.Ref.Official() {
	case "debian", "ubuntu", "buildpack-deps", "python", "node", "golang", "rust", "ruby", "php":
	default:
		return false
	}
	kept := keeps(step)
	for s := range step.Before() {
		kept = kept || keeps(s)
		if kept {
			break
		}
	}
	return !kept
}

// keeps reports whether step may change what apt keeps: it speaks of the settings, or copies some, or runs a script.
func keeps(step *plan.Step) bool {
	texts := []string{step.Instruction.Text.String}
	for _, doc := range step.Instruction.Heredocs {
		texts = append(texts, doc.Body.String)
	}
	for _, text := range texts {
		for _, part := range [...]string{"docker-clean", "Keep-Downloaded", "apt.conf", "APT::", "DPkg::"} {
			if strings.Contains(text, part) {
				return true
			}
		}
	}
	return step.Copy != nil && (strings.HasPrefix(path.Clean(step.Copy.To.Text), "/etc") || path.Clean(step.Copy.To.Text) == "/")
}

// homeOf is the home of the user of step, "" where it is not known. The Dockerfile has to say who that is: the users of a base image,
// and their homes, are its own matter.
func homeOf(step *plan.Step) (home, why string) {
	if v := step.Env.Lookup("HOME"); v != nil {
		if !v.Set || !v.Value().Known || !path.IsAbs(v.Value().Text) {
			return "", ""
		}
		return path.Clean(v.Value().Text), "`HOME` says so"
	}
	if !step.User.Known {
		if step.UserStep != nil || !rootImage(step.Stage) {
			return "", ""
		}
		return "/root", "the user is root"
	}
	user, _, _ := strings.Cut(step.User.Text, ":")
	switch user {
	case "root", "0":
		return "/root", "the user is root"
	case "node":
		return "/home/node", "the user is `node`"
	}
	return "", ""
}

// rootImage reports whether the image that stage is built from is one of Docker's own that run as root.
func rootImage(stage *plan.Stage) bool {
	base := stage.Image()
	if base == nil {
		return false
	}
	if base.Ref.Registry == "mcr.microsoft.com" && base.Ref.Repository == "dotnet/sdk" {
		return true
	}
	switch base.Ref.Official() {
	case "node", "python", "golang", "rust", "ruby", "php", "debian", "ubuntu", "alpine", "maven", "eclipse-temurin":
		return true
	}
	return false
}
