package workspace

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/compose"
)

// TestHook compares the file names of the pre-commit hooks with those of a search: the hooks match what a search accepts
// by its name only, and what stands for Dockerfiles if it is named.
func TestHook(t *testing.T) {
	src, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct{ Files, Exclude string }
	if err := yaml.Unmarshal(src, &hooks); err != nil {
		t.Fatal(err)
	}
	// Go has no (?x): what that would ignore is removed here.
	verbose := regexp.MustCompile(`\s+`)
	if len(hooks) != 2 || hooks[0] != hooks[1] {
		t.Fatal("there are not two hooks for the same files")
	}
	files := regexp.MustCompile(strings.Replace(verbose.ReplaceAllString(hooks[0].Files, ""), "(?ix)", "(?i)", 1))
	exclude := regexp.MustCompile(strings.Replace(verbose.ReplaceAllString(hooks[0].Exclude, ""), "(?ix)", "(?i)", 1))
	names := []string{
		"Dockerfile", "dockerfile", "Containerfile", "Dockerfile.prod", "Dockerfile-dev", "dockerfile_x", "Dockerfile2",
		"api.Dockerfile",
		"api.containerfile", "Dockerfile.alpine3.22", "Dockerfiles", "DockerfileDev", "my-Dockerfile", "Dockerfile~",
		".Dockerfile.swp", "Dockerfile.d",
		"compose.yaml", ".dockerignore", "api.Dockerfile.dockerignore", "Dockerfile.alpine.j2", "go.mod", "Dockerfile#",
		".dockerfile", "a.b.dockerfile",
		"docker-compose.yml", "compose.override.yaml", "docker-bake.hcl", "package.json", "requirements.txt",
		"pyproject.toml", "main.go", "README.md", "tsconfig.json", "mix.exs", "pom.xml", "build.gradle.kts", "go.work", "settings.gradle",
		".containerignore", "docker-compose.prod.yml", "Compose.test.yaml", "my-compose.yml", "compose.json", "deno.json", "deno.jsonc", "Pipfile",
		"environment.yml", "environment.yaml", "pixi.toml", "pubspec.yaml", "rebar.config", "build.sbt", "stack.yaml", "project.clj", "deps.edn",
		"x.cabal", "Package.swift", "x.csproj", "x.fsproj", "x.vbproj", "x.sln", "x.slnx", "Directory.Packages.props", "global.json", "setup.py",
		"setup.cfg", "x.gemspec", "Gemfile", "Cargo.toml", "composer.json", "package-lock.json", "yarn.lock", "go.sum", "requirements-dev.txt",
		"Dockerfile.c", "Dockerfile.node", "Dockerfile.in.x", "dockerfilelint.js",
	}
	for ext := range strings.FieldsSeq(`dockerignore containerignore j2 jinja jinja2 tmpl tpl template erb in mustache hbs ejs gotmpl liquid m4
		envsubst twig epp mako md markdown rst adoc html pdf png svg swp swo swx bak orig rej tmp diff patch json yaml yml toml xml lock log
		sha256 sum asc sig gz zip txt go py js ts rs rb java php sh rego c cc cpp h cs kt lua vim ps1 mjs cjs tsx jsx scala swift hs ex exs pl
		el css scss tf hcl nix cue map old dev prod ci test arm64`) {
		names = append(names, "Dockerfile."+ext)
	}
	for _, name := range names {
		for _, path := range []string{name, "a/b/" + name, strings.ToUpper(name)} {
			got := files.MatchString(path) && !exclude.MatchString(path)
			base := strings.ToLower(name) // the hooks do not look at the case
			if want := judgeName(base) == yes || belongs(name) || compose.Named(base); got != want {
				t.Errorf("%s: the hook accepts it: %v, a search accepts it by name: %v", path, got, want)
			}
		}
	}
}
