package install

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Development are the dev dependencies that a call installs into the image, where nothing needs them.
type Development struct {
	*Setting
	Packages []string
	Write    string // what installs only what production needs
	Flag     string // to write after the verb, if that is all
}

// Development is nil where call leaves dev dependencies out or a later step removes them, where the image does not get what call
// installs, where something may need them, and where that is unknown.
func (f *Facts) Development(call *shell.Call) *Development {
	return once(f, developmentOf{call}, func() *Development { return f.development(call) })
}

func (f *Facts) development(call *shell.Call) *Development {
	in := f.Call(call)
	if in == nil || f.p.Plan.Target == nil {
		return nil
	}
	out := f.production(in, call)
	if out == nil {
		return nil
	}
	out.Setting, out.Packages = in, app.Of(f.p).Development(in.Row.Name, in.Manifest)
	if len(out.Packages) == 0 || !f.ships(in, call.Command.Script.Step.Stage) || f.removed(call) ||
		f.tooled(in, call, out.Packages) || app.Of(f.p).Loads(in.Dir, out.Packages) {
		return nil
	}
	return out
}

// production says how call leaves out what is for development; nil if it does, or may.
func (f *Facts) production(in *Setting, call *shell.Call) *Development {
	c := call.Command
	fields, open := c.Fields()
	if open || c.Has("--package", "--all-packages", "--workspace", "--workspaces", "--filter", "-w", "-F") {
		return nil // another manifest may count
	}
	has := func(flags ...string) bool {
		return slices.ContainsFunc(fields, func(have string) bool {
			return slices.ContainsFunc(flags, func(flag string) bool { return have == flag || strings.HasPrefix(have, flag+"=") })
		})
	}
	// A variable decides if it is there at all, whatever it holds, for its value may come from elsewhere.
	set := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return c.Script.Step.Env.Lookup(name) != nil || Assigned(c.Script, name) })
	}
	verb := call.Verb.Text
	switch in.Row.Name {
	case "npm":
		if has("--omit", "--production", "--only", "--include", "--prod", "--package-lock-only") || set("NODE_ENV", "npm_config_omit", "NPM_CONFIG_OMIT", "npm_config_production", "NPM_CONFIG_PRODUCTION") || f.configured(in) {
			return nil
		}
		return &Development{Write: "npm " + verb + " --omit=dev", Flag: "--omit=dev"}
	case "yarn":
		if has("--production", "--prod") || set("NODE_ENV", "YARN_PRODUCTION") || verb != "" && verb != "install" || in.Lock == "" || f.Berry(in) {
			return nil
		}
		return &Development{Write: "yarn install --production", Flag: "--production"}
	case "pnpm":
		if has("--prod", "--production", "-P", "--dev", "-D", "--lockfile-only") || set("NODE_ENV") || verb == "fetch" || f.configured(in) {
			return nil
		}
		return &Development{Write: "pnpm install --prod", Flag: "--prod"}
	case "bun":
		if has("--production", "-p", "--omit") || set("NODE_ENV") {
			return nil
		}
		return &Development{Write: "bun install --production", Flag: "--production"}
	case "composer":
		if has("--no-dev", "--dev") || set("COMPOSER_NO_DEV") {
			return nil
		}
		return &Development{Write: "composer install --no-dev", Flag: "--no-dev"}
	case "bundler":
		if has("--without", "--with") || set("BUNDLE_WITHOUT", "BUNDLE_ONLY") || f.p.Context().Has(path.Join(in.Dir, ".bundle/config")) {
			return nil
		}
		for _, name := range [...]string{"RAILS_ENV", "RACK_ENV"} {
			v := c.Script.Step.Stage.End.Env.Lookup(name)
			if v != nil && (v.Arg || strings.Contains(v.Pair.Value.String, "$") || !v.Value().Known || v.Value().Text != "production") {
				return nil // an ARG makes images for several uses
			}
		}
		return &Development{Write: "ENV BUNDLE_WITHOUT=development:test"}
	case "poetry":
		if has("--only", "--without", "--with", "--no-dev", "--only-root") || set("POETRY_INSTALL_ARGS") {
			return nil
		}
		return &Development{Write: "poetry " + verb + " --only main", Flag: "--only main"}
	case "uv":
		if has("--no-dev", "--only-group", "--no-group", "--no-default-groups", "--group", "--only-dev", "--all-groups", "--dev") || set("UV_NO_DEV", "UV_NO_GROUP", "UV_NO_DEFAULT_GROUPS") {
			return nil
		}
		return &Development{Write: "uv sync --no-dev", Flag: "--no-dev"}
	case "pdm":
		if has("--prod", "--production", "--no-dev", "--without", "-G", "--group", "-d", "--dev") {
			return nil
		}
		return &Development{Write: "pdm " + verb + " --prod", Flag: "--prod"}
	case "pipenv":
		if !has("--dev", "-d") {
			return nil
		}
		return &Development{Write: "pipenv " + verb + "` without `--dev"}
	}
	return nil
}

// configured reports whether npm's settings beside the manifest may leave packages out.
func (f *Facts) configured(in *Setting) bool {
	src, err := f.p.Context().Read(path.Join(in.Dir, ".npmrc"))
	return err == nil && (strings.Contains(string(src), "omit") || strings.Contains(string(src), "production"))
}

// ships reports whether what a call of s installs is in the image: the stage ships, or one that ships copies the folder from it.
func (f *Facts) ships(in *Setting, s *plan.Stage) bool {
	if s.Shipped {
		return true
	}
	for _, other := range f.p.Plan.Stages {
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
				if name == "/usr/local/bundle" && in.Row.Name == "bundler" { // where the official image keeps gems
					return true
				}
				if src.Path.Known && slices.ContainsFunc(in.Row.Products, func(product string) bool { return name == path.Join(in.At, product) }) {
					return true
				}
			}
		}
	}
	return false
}

// removed reports whether a step behind call may take what is for development away again, or installs it anew.
func (f *Facts) removed(call *shell.Call) bool {
	own := call.Command.Script.Step
	for _, s := range f.p.Plan.Stages {
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
func (f *Facts) tooled(in *Setting, call *shell.Call, packages []string) bool {
	own := call.Command.Script.Step
	node := Family(in.Row.Name) == "node"
	if inputs := f.directory(in.Row.Name, in.Dir, nil); node && inputs != nil && inputs.Sources != "" {
		return true // the installation itself runs scripts
	}
	for _, script := range [...]string{"install", "prepare"} {
		if node && slices.ContainsFunc(app.Of(f.p).Runs(in.Dir, script), func(line string) bool { return names(strings.Fields(line), packages) }) {
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
			return slices.ContainsFunc(app.Of(f.p).Runs(in.Dir, script), func(line string) bool { return names(strings.Fields(line), packages) })
		})
	}
	for _, s := range f.p.Plan.Stages {
		if s != own.Stage && !s.Shipped {
			continue
		}
		for sc := range f.p.Scripts(s) {
			if s == own.Stage && sc.Step.Index < own.Index {
				continue
			}
			if sc.Err != nil {
				return true
			}
			for _, c := range sc.Commands {
				if sc.Step == own && c.Span.Start <= call.Command.Span.Start {
					continue
				}
				words := texts(c)
				script := node && len(words) > 0 && (strings.HasSuffix(words[0], ".sh") || runner(words[0]) && builds(words))
				if script || needs(words) {
					return true
				}
			}
		}
	}
	start := container.Of(f.p)
	if node && (start.Unread || start.OpenCmd && start.OpenEntrypoint && start.Cmd == nil && start.Entrypoint == nil) {
		return true // what runs may be anything
	}
	for _, c := range start.Commands {
		if needs(texts(c)) {
			return true
		}
	}
	return slices.ContainsFunc(f.p.Services(), func(s lint.Service) bool {
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

// Assigned reports whether the script itself sets a variable.
func Assigned(sc *shell.Script, name string) bool {
	return slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
		return slices.ContainsFunc(c.Assigns, func(a shell.Assign) bool { return a.Name == name }) ||
			(c.Name == "export" || c.Name == "npm" || c.Name == "yarn" || c.Name == "pip") && slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
				return strings.HasPrefix(w.Text, name) || w.Text == "config"
			})
	})
}
