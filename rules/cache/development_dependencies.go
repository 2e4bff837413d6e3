package cache

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// DevelopmentDependencies reports an installation whose result ships and that takes what the manifest lists for development. It is
// silent where a later step removes it, where a step or the container's command may need it, and in images for development.
var DevelopmentDependencies = &lint.Rule{
	Name: "development-dependencies", Summary: "packages for development are installed into the image", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached || p.Context() == nil || p.Plan.Target == nil || p.Plan.ForDevelopment() {
			return
		}
		told := map[string]bool{}
		p.Scripts(s)(func(sc *shell.Script) bool {
			if sc.Step.OnBuild {
				return true
			}
			for _, call := range sc.Calls() {
				in := settingOf(p, call)
				if in == nil || told[in.manifest] {
					continue
				}
				way := production(p, in, call)
				if way == nil {
					continue
				}
				packages := app.Of(p).Development(in.row.Name, in.manifest)
				if len(packages) == 0 || !ships(p, in, s) || removed(p, call) {
					continue
				}
				if tooled(p, in, call, packages) || app.Of(p).Loads(in.dir, packages) {
					continue
				}
				told[in.manifest] = true
				developing(p, in, call, way, packages)
			}
			return true
		})
	}),
}

// leave is how a call installs what production needs alone.
type leave struct {
	write string // what to write
	flag  string // to write behind the verb, if that is all
}

// production says how call leaves out what is for development; nil if it does, or may.
func production(p *lint.Pass, in *setting, call *shell.Call) *leave {
	c := call.Command
	fields, open := c.Fields()
	if open || c.Has("--package", "--all-packages", "--workspace", "--workspaces", "--filter", "-w", "-F") {
		return nil // another manifest may count
	}
	has := func(flags ...string) bool {
		return slices.ContainsFunc(fields, func(have string) bool {
			return slices.ContainsFunc(flags, func(f string) bool { return have == f || strings.HasPrefix(have, f+"=") })
		})
	}
	// A variable decides if it is there at all, whatever it holds, for its value may come from elsewhere.
	set := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return c.Script.Step.Env.Lookup(name) != nil || assigned(c.Script, name) })
	}
	verb := call.Verb.Text
	switch in.row.Name {
	case "npm":
		if has("--omit", "--production", "--only", "--include", "--prod", "--package-lock-only") || set("NODE_ENV", "npm_config_omit", "NPM_CONFIG_OMIT", "npm_config_production", "NPM_CONFIG_PRODUCTION") || configured(p, in) {
			return nil
		}
		return &leave{"npm " + verb + " --omit=dev", "--omit=dev"}
	case "yarn":
		if has("--production", "--prod") || set("NODE_ENV", "YARN_PRODUCTION") || verb != "" && verb != "install" || in.lock == "" || berry(p, in) {
			return nil
		}
		return &leave{"yarn install --production", "--production"}
	case "pnpm":
		if has("--prod", "--production", "-P", "--dev", "-D", "--lockfile-only") || set("NODE_ENV") || verb == "fetch" || configured(p, in) {
			return nil
		}
		return &leave{"pnpm install --prod", "--prod"}
	case "bun":
		if has("--production", "-p", "--omit") || set("NODE_ENV") {
			return nil
		}
		return &leave{"bun install --production", "--production"}
	case "composer":
		if has("--no-dev", "--dev") || set("COMPOSER_NO_DEV") {
			return nil
		}
		return &leave{"composer install --no-dev", "--no-dev"}
	case "bundler":
		if has("--without", "--with") || set("BUNDLE_WITHOUT", "BUNDLE_ONLY") || p.Context().Has(path.Join(in.dir, ".bundle/config")) {
			return nil
		}
		for _, name := range [...]string{"RAILS_ENV", "RACK_ENV"} {
			v := c.Script.Step.Stage.End.Env.Lookup(name)
			if v != nil && (v.Arg || strings.Contains(v.Pair.Value.String, "$") || !v.Value().Known || v.Value().Text != "production") {
				return nil // an ARG makes images for several uses
			}
		}
		return &leave{"ENV BUNDLE_WITHOUT=development:test", ""}
	case "poetry":
		if has("--only", "--without", "--with", "--no-dev", "--only-root") || set("POETRY_INSTALL_ARGS") {
			return nil
		}
		return &leave{"poetry " + verb + " --only main", "--only main"}
	case "uv":
		if has("--no-dev", "--only-group", "--no-group", "--no-default-groups", "--group", "--only-dev", "--all-groups", "--dev") || set("UV_NO_DEV", "UV_NO_GROUP", "UV_NO_DEFAULT_GROUPS") {
			return nil
		}
		return &leave{"uv sync --no-dev", "--no-dev"}
	case "pdm":
		if has("--prod", "--production", "--no-dev", "--without", "-G", "--group", "-d", "--dev") {
			return nil
		}
		return &leave{"pdm " + verb + " --prod", "--prod"}
	case "pipenv":
		if !has("--dev", "-d") {
			return nil
		}
		return &leave{"pipenv " + verb + "` without `--dev", ""}
	}
	return nil
}

// configured reports whether npm's settings beside the manifest may leave packages out.
func configured(p *lint.Pass, in *setting) bool {
	src, err := p.Context().Read(path.Join(in.dir, ".npmrc"))
	return err == nil && (strings.Contains(string(src), "omit") || strings.Contains(string(src), "production"))
}

// ships reports whether what a call of s installs is in the image: the stage ships, or one that ships copies the folder from it.
func ships(p *lint.Pass, in *setting, s *plan.Stage) bool {
	if s.Shipped {
		return true
	}
	for _, other := range p.Plan.Stages {
		if !other.Shipped {
			continue
		}
		for _, step := range other.Steps {
			if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage != s {
				continue
			}
			for _, src := range step.Copy.Sources {
				name := path.Clean(src.Path.Text)
				if !path.IsAbs(name) {
					name = "/" + name
				}
				if name == "/usr/local/bundle" && in.row.Name == "bundler" { // where the official image keeps gems
					return true
				}
				if src.Path.Known && slices.ContainsFunc(in.row.Products, func(product string) bool { return name == path.Join(in.at, product) }) {
					return true
				}
			}
		}
	}
	return false
}

// removed reports whether a step behind call may take what is for development away again, or installs it anew.
func removed(p *lint.Pass, call *shell.Call) bool {
	own := call.Command.Script.Step
	for _, s := range p.Plan.Stages {
		if !s.Shipped && s != own.Stage {
			continue
		}
		for _, step := range s.Steps {
			if s == own.Stage && step.Index < own.Index || step.Instruction.Name != "RUN" {
				continue
			}
			texts := []string{step.Instruction.Text.String}
			for _, doc := range step.Instruction.Heredocs {
				texts = append(texts, doc.Body.String)
			}
			for _, text := range texts {
				for _, word := range [...]string{"prune", "--omit", "--prod", "--no-dev", "--only", "--without", "without", "rm -rf node_modules", "rm -rf ./node_modules", "bundle clean"} {
					if strings.Contains(text, word) {
						return true
					}
				}
			}
		}
	}
	return false
}

// tooled reports whether a step behind call, the start of the container or a service that runs it may need one of packages.
func tooled(p *lint.Pass, in *setting, call *shell.Call, packages []string) bool {
	own := call.Command.Script.Step
	node := family(in.row.Name) == "node"
	if inputs := app.Of(p).Inputs(in.row.Name, in.dir, nil); node && inputs != nil && inputs.Sources != "" {
		return true // the installation itself runs scripts
	}
	for _, script := range [...]string{"install", "prepare"} {
		if node && slices.ContainsFunc(app.Of(p).Runs(in.dir, script), func(line string) bool { return names(strings.Fields(line), packages) }) {
			return true
		}
	}
	needs := func(words []string) bool {
		if names(words, packages) {
			return true
		}
		if !node || len(words) == 0 {
			return false
		}
		if words[0] == "npx" || words[0] == "make" {
			return true
		}
		return runner(words[0]) && slices.ContainsFunc(words[1:], func(script string) bool {
			return slices.ContainsFunc(app.Of(p).Runs(in.dir, script), func(line string) bool { return names(strings.Fields(line), packages) })
		})
	}
	for _, s := range p.Plan.Stages {
		if s != own.Stage && !s.Shipped {
			continue
		}
		found := false
		p.Scripts(s)(func(sc *shell.Script) bool {
			if s == own.Stage && sc.Step.Index < own.Index {
				return true
			}
			found = found || sc.Err != nil
			for _, c := range sc.Commands {
				if s == own.Stage && sc.Step == own && c.Span.Start <= call.Command.Span.Start {
					continue
				}
				words := texts(c)
				found = found || needs(words) || node && len(words) > 0 && (strings.HasSuffix(words[0], ".sh") || runner(words[0]) && builds(words))
			}
			return true
		})
		if found {
			return true
		}
	}
	start := container.Of(p)
	if node && (start.Unread || start.OpenCmd && start.OpenEntrypoint && start.Cmd == nil && start.Entrypoint == nil) {
		return true // what runs may be anything
	}
	for _, c := range start.Commands {
		if needs(texts(c)) {
			return true
		}
	}
	return slices.ContainsFunc(p.Services(), func(s lint.Service) bool {
		return needs(s.Command) || needs(s.Entrypoint)
	})
}

func texts(c *shell.Command) []string {
	var out []string
	for _, w := range c.Words {
		out = append(out, w.Text)
	}
	return out
}

// runner reports whether program runs the scripts of a package.json.
func runner(program string) bool {
	switch path.Base(program) {
	case "npm", "yarn", "pnpm", "bun", "npx", "node":
		return true
	}
	return false
}

// builds reports whether a call of a runner runs a script of the application.
func builds(words []string) bool {
	for _, w := range words[1:] {
		switch w {
		case "run", "test", "build", "exec", "dlx", "x", "run-script", "t":
			return true
		}
	}
	return false
}

// names reports whether one of words is a program of one of packages: it has the package's name, or one that is known.
func names(words, packages []string) bool {
	for _, word := range words {
		word = path.Base(strings.Trim(word, `"';&|()`))
		for _, pkg := range packages {
			if word == path.Base(pkg) || slices.Contains(programs()[pkg], word) {
				return true
			}
		}
	}
	return false
}

// programs are those of packages for development that are not called as the package is. Source: `bin` in the package.json of each, or
// its entry points.
var programs = sync.OnceValue(func() map[string][]string {
	return map[string][]string{
		"typescript": {"tsc", "tsserver"}, "@angular/cli": {"ng"}, "@nestjs/cli": {"nest"}, "@vue/cli-service": {"vue-cli-service"},
		"@babel/cli": {"babel"}, "@babel/node": {"babel-node"}, "@tailwindcss/cli": {"tailwindcss"}, "ts-node": {"ts-node-esm", "ts-script"},
		"webpack-cli": {"webpack"}, "webpack-dev-server": {"webpack"}, "gulp-cli": {"gulp"}, "grunt-cli": {"grunt"}, "postcss-cli": {"postcss"},
		"@playwright/test": {"playwright"}, "@biomejs/biome": {"biome"}, "@swc/cli": {"swc"}, "@remix-run/dev": {"remix"}, "@react-router/dev": {"react-router"},
		"@sveltejs/kit": {"svelte-kit"}, "rspec-rails": {"rspec"}, "pytest-django": {"pytest"}, "pytest-cov": {"pytest"}, "pytest-asyncio": {"pytest"},
		"phpunit/phpunit": {"phpunit"}, "pestphp/pest": {"pest"},
	}
})

// developing reports call.
func developing(p *lint.Pass, in *setting, call *shell.Call, way *leave, packages []string) {
	c := call.Command
	at := c.Words[0].Span
	if call.Verb.Text != "" {
		at.End = call.Verb.Span.End
	}
	shown := quoted(packages[:min(2, len(packages))])
	why := fmt.Sprintf("`%s` lists %s for development: it and all that it needs is in the image, where nothing runs it", in.manifest, shown)
	if n := len(packages); n > 1 {
		if n > 2 {
			shown = fmt.Sprintf("%d packages for development, such as %s", n, shown)
		} else {
			shown += " for development"
		}
		why = fmt.Sprintf("`%s` lists %s: they and all that they need are in the image, where nothing runs them", in.manifest, shown)
	}
	f := p.Report(at, "`%s` installs the packages for development as well", install(call)).Because("%s", why)
	f.Advise("write `%s`", way.write)
	if in.row.Name == "uv" && slices.ContainsFunc(container.Of(p).Commands, func(c *shell.Command) bool { return c.Name == "uv" && !c.Has("--no-dev", "--no-sync") }) {
		f.Advise("write `uv sync --no-dev`, and start with `uv run --no-dev`, which would install them again")
	}
	if in.row.Name == "bundler" {
		f.Advise("write `%s` above it", way.write)
	}
	if in.row.Name == "bundler" && c.Script.Step.Stage.End.Env.Lookup("RAILS_ENV") == nil && c.Script.Step.Stage.End.Env.Lookup("RACK_ENV") == nil {
		f.Advise("write `ENV RAILS_ENV=production BUNDLE_WITHOUT=development:test` above it")
	}
	switch {
	case way.flag == "":
	case call.Verb.Text != "" && c.Plain(call.Verb):
		end := call.Verb.Span.End
		f.Offer(lint.Unsafe, "add `"+way.flag+"`", lint.Edit{Span: parser.Span{Start: end, End: end}, Text: " " + way.flag})
	case call.Verb.Text == "" && c.Plain(c.Words[0]):
		end := c.Words[0].Span.End
		f.Offer(lint.Unsafe, "add `install "+way.flag+"`", lint.Edit{Span: parser.Span{Start: end, End: end}, Text: " install " + way.flag})
	}
	for _, s := range p.Services() {
		if slices.ContainsFunc(s.Volumes, func(v lint.Volume) bool { return v.Bind && v.Source == in.dir }) {
			f.Doubting("the service `%s` mounts the sources: the image may be for development", s.Name)
			return
		}
	}
}
