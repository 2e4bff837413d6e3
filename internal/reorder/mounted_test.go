package reorder_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/reorder"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// files is a build context with an application of Node.js and one of Go.
var files = fstest.MapFS{
	"package.json":           {Data: []byte(`{"name": "a", "dependencies": {"b": "1"}}`)},
	"package-lock.json":      {Data: []byte(`{"lockfileVersion": 3}`)},
	"client/a.js":            {Data: []byte("1")},
	"client/b.js":            {Data: []byte("1")},
	"node_modules/b/b.js":    {Data: []byte("1")},
	".babelrc":               {Data: []byte("{}")},
	"part/package.json":      {Data: []byte(`{"name": "part", "dependencies": {"b": "1"}}`)},
	"part/package-lock.json": {Data: []byte(`{"lockfileVersion": 3}`)},
	"go.mod":                 {Data: []byte("module a\n\ngo 1.26\n")},
	"go.sum":                 {},
	"yarn/.yarnrc":           {},
	"main.go":                {Data: []byte("package main\n")},
	"Gemfile":                {Data: []byte("source 'https://rubygems.org'\n")},
	"Gemfile.lock":           {},
	".dockerignore":          {Data: []byte("node_modules\n")},
}

// candidates are the Dockerfiles that rule makes of src, without what they have in common with it.
func candidates(t *testing.T, rule *lint.Rule, src string) string {
	t.Helper()
	c, err := buildcontext.New(files, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	p := plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})
	l := lint.New([]*lint.Rule{rule}, lint.Settings{Profile: lint.Strict, NoComments: true})
	var out []string
	for _, x := range reorder.Candidates(p, c, l.Lint(lint.Build{Plan: p, Context: c}), nil) {
		out = append(out, string(x.Source))
	}
	return strings.Join(out, "---\n")
}

func TestLater(t *testing.T) {
	const from, ship = "FROM node:24 AS a\nWORKDIR /app\n", "RUN npm run build\nFROM nginx\nCOPY --from=a /app/dist /www\n"
	for _, c := range []struct {
		name, src string
		want      string // "" for none
	}{
		{
			"a directory that the installation does not read",
			from + "# sources\nCOPY client ./client\nCOPY package*.json ./\nRUN npm cache clean --force\nRUN npm ci\n" + ship,
			from + "COPY package*.json ./\nRUN npm cache clean --force\nRUN npm ci\n# sources\nCOPY client ./client\n" + ship,
		},
		{
			"the lock file of the project that the directory is a part of",
			from + "COPY package.json package-lock.json ./\nCOPY client ./client\nCOPY part/package*.json part/\nRUN cd part && npm install\n" + ship,
			from + "COPY package.json package-lock.json ./\nCOPY part/package*.json part/\nRUN cd part && npm install\nCOPY client ./client\n" + ship,
		},
		{
			"tools for the whole image",
			from + "COPY client client\nRUN yarn global add turbo\n" + ship,
			from + "RUN yarn global add turbo\nCOPY client client\n" + ship,
		},
		{"a tool after settings of the manager", from + "COPY part part\nCOPY yarn client\nRUN yarn global add turbo\n" + ship, ""},
		{"a tool of the application", from + "COPY client client\nRUN yarn add turbo\n" + ship, ""},
		{
			"everything, with a cache mount",
			from + "COPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n" + ship,
			from + "COPY package.json package-lock.json ./\nRUN --mount=type=cache,target=/root/.npm npm ci\nCOPY . .\n" + ship,
		},
		{
			"everything, before what is more than an installation",
			from + "COPY . .\n# why\nRUN --mount=type=cache,target=/root/.npm A=1 npm ci && \\\n  npm run build\nFROM nginx\nCOPY --from=a /app/dist /www\n",
			from + "COPY package.json package-lock.json ./\n# why\nRUN --mount=type=cache,target=/root/.npm A=1 npm ci\nCOPY . .\n" +
				"RUN --mount=type=cache,target=/root/.npm npm run build\nFROM nginx\nCOPY --from=a /app/dist /www\n",
		},
		{
			"a directory with a part of the project",
			from + "COPY part .\nRUN npm ci\n" + ship,
			from + "COPY part/package.json part/package-lock.json ./\nRUN npm ci\nCOPY part .\n" + ship,
		},
		{"what the rest removes", from + "COPY . .\nRUN npm ci && npm run build && rm -rf src\n" + ship, ""},
		{"what is only done if it fails", from + "COPY . .\nRUN npm ci && npm run build || true\n" + ship, ""},
		{"what leaves the shell in another state", from + "COPY . .\nRUN export A=1 && npm ci && npm run build\n" + ship, ""},
		{
			"an installation of another language",
			from + "COPY Gemfile* ./\nRUN bundle install\nCOPY package*.json ./\nRUN npm ci\n" + ship,
			from + "COPY package*.json ./\nRUN npm ci\nCOPY Gemfile* ./\nRUN bundle install\n" + ship,
		},
		{
			"one that may read the manifest",
			from + "COPY Gemfile* ./\nRUN bundle install && ./prepare\nCOPY package*.json ./\nRUN npm ci\n" + ship, "",
		},
		{"a command that may read it", from + "COPY client ./client\nCOPY package*.json ./\nRUN ./prepare && npm ci\n" + ship, ""},
		{"one between", from + "COPY client ./client\nCOPY package*.json ./\nRUN ./prepare\nRUN npm ci\n" + ship, ""},
		{"only manifests", from + "COPY package*.json ./\nRUN npm ci\n" + ship, ""},
		{"a file that is copied over", from + "COPY client ./\nCOPY package*.json ./\nRUN npm ci\n" + ship, ""},
		{"another directory then", from + "COPY client ./client\nCOPY package*.json ./\nWORKDIR /app\nRUN npm ci\n" + ship, ""},
		{"from another stage", "FROM b AS z\n" + from + "COPY --from=z /client ./client\nCOPY package*.json ./\nRUN npm ci\n" + ship, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := candidates(t, reorder.Later, c.src); got != c.want {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

func TestMounted(t *testing.T) {
	const ship = "FROM nginx\nCOPY --from=a /app/dist /www\n"
	const golang = "FROM golang:1.26 AS a\nWORKDIR /app\nCOPY go.mod go.sum ./\n"
	for _, c := range []struct {
		name, src string
		want      string // "" for none
	}{
		{
			"downloads of a stage that is not the image",
			"FROM node:24 AS a\nWORKDIR /app\nCOPY . .\nRUN  npm ci && npm run build\n" + ship,
			"FROM node:24 AS a\nWORKDIR /app\nCOPY . .\nRUN  --mount=type=cache,target=/root/.npm npm ci && npm run build\n" + ship,
		},
		{
			"what Go needs again",
			golang + "RUN go mod download\nCOPY . .\nRUN --network=none go build -o dist/a\n" + ship,
			golang + "RUN --mount=type=cache,target=/go/pkg/mod go mod download\nCOPY . .\n" +
				"RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build --network=none go build -o dist/a\n" + ship,
		},
		{
			"what another command may need",
			golang + "RUN go mod download\nCOPY . .\nRUN make generate\nRUN go build -o dist/a\n" + ship,
			golang + "RUN go mod download\nCOPY . .\nRUN make generate\n" +
				"RUN --mount=type=cache,target=/root/.cache/go-build go build -o dist/a\n" + ship,
		},
		{"the image itself", "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", ""},
		{"a stage whose cache is copied", "FROM node:24 AS a\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM nginx\nCOPY --from=a /root /root\n", ""},
		{"another user", "FROM node:24 AS a\nUSER node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n" + ship, ""},
		{"one that is there", "FROM node:24 AS a\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n" + ship, ""},
		{"one that is emptied", "FROM node:24 AS a\nCOPY . .\nRUN npm ci && npm cache clean --force\n" + ship, ""},
		{"one that is switched off", "FROM python:3.14 AS a\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\n" + ship, ""},
		{"packages of the distribution", "FROM debian:13 AS a\nRUN apt-get update && apt-get install -y curl\n" + ship, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := candidates(t, reorder.Mounted, c.src); got != c.want {
				t.Errorf("got\n%s", got)
			}
		})
	}
}
