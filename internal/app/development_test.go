package app_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDevelopment(t *testing.T) {
	tests := []struct {
		name, ecosystem, file, text string
		want                        []string
	}{
		{"npm sorts them", "npm", "package.json", `{"devDependencies": {"mocha": "11", "eslint": "9"}, "dependencies": {"express": "5"}}`, []string{"eslint", "mocha"}},
		{"broken JSON says nothing", "npm", "package.json", `{"devDependencies": {"mocha": `, nil},
		{"composer", "composer", "composer.json", `{"require-dev": {"phpunit/phpunit": "^11"}}`, []string{"phpunit/phpunit"}},
		{"a group that production has too stays", "bundler", "Gemfile", "group :development, :production do\n  gem 'a'\nend\ngroup :test do\n  gem 'b'\nend\ngem 'c', groups: [:development, :test]\ngem 'd'\n", []string{"b", "c"}},
		{"blocks in a group", "bundler", "Gemfile", "group :test do\n  platforms :mri do\n    gem 'a'\n  end\n  gem 'b'\nend\ngem 'c'\n", []string{"a", "b"}},
		{"an unclosed group", "bundler", "Gemfile", "end\nend\ngroup :test do\n  gem 'a'\n", []string{"a"}},
		{"poetry leaves optional groups out", "poetry", "pyproject.toml", "[tool.poetry.group.dev.dependencies]\r\npytest = \"^8\"\r\n[tool.poetry.group.docs]\r\noptional = true\r\n[tool.poetry.group.docs.dependencies]\r\nsphinx = \"^8\"\r\n", []string{"pytest"}},
		{"brackets in a requirement", "uv", "pyproject.toml", "[dependency-groups]\ndev = [\n  \"coverage[toml]>=7\", # all\n  \"ruff\",\n]\ndocs = [\"sphinx\"]\n", []string{"coverage", "ruff"}},
		{"other groups by default", "uv", "pyproject.toml", "[dependency-groups]\ndev = [\"ruff\"]\n[tool.uv]\ndefault-groups = []\n", nil},
		{"pipenv", "pipenv", "Pipfile", "[packages]\nflask = \"*\"\n[dev-packages]\npytest = \"*\"\n", []string{"pytest"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := open(t, "-- "+test.file+" --\n"+test.text)
			if diff := cmp.Diff(test.want, a.Development(test.ecosystem, test.file)); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
		})
	}
}

func TestRuns(t *testing.T) {
	text := `{"scripts": {"start": "npm run serve", "prestart": "npm run build", "build": "tsc && npm run start", "serve": "node dist"}}`
	got := strings.Join(open(t, "-- package.json --\n"+text).Runs(".", "start"), "; ")
	if want := "npm run build; npm run serve; tsc && npm run start; node dist"; got != want {
		t.Errorf("Runs = %q, want %q", got, want)
	}
}
