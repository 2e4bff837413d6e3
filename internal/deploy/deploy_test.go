package deploy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/plan"
)

// short is b on one line: line, base, context, Dockerfile, target; what is not known is ?.
func short(b described.Build) string {
	show := func(v plan.Value) string {
		if !v.Known {
			return "?"
		}
		return v.Text
	}
	out := fmt.Sprintf("%d in %s: %s %s", b.Source.Line, b.Bases[0], show(b.Context), show(b.Dockerfile))
	if !b.Target.Known || b.Target.Text != "" {
		out += " " + show(b.Target)
	}
	if b.Builder != described.BuildKit {
		out += " " + string(b.Builder)
	}
	var args []string
	for name, v := range b.Args {
		args = append(args, name+"="+show(v))
	}
	slices.Sort(args)
	if b.Elsewhere != "" {
		out += " elsewhere"
	}
	return strings.TrimSpace(out + " " + strings.Join(args, " "))
}

func TestFile(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a/skaffold.yaml", `
build:
  artifacts:
  - image: x
  - image: y
    context: web
    docker: {dockerfile: d/Dockerfile, target: dev, buildArgs: {A: "1", B: "{{.B}}"}}
  - image: z
    ko: {}
profiles:
- name: p
  build:
    artifacts: [{image: k, context: ../k, kaniko: {}}]
`, "4 in a: . Dockerfile, 5 in a: web web/d/Dockerfile dev A=1 B=?, 13 in a: ../k ../k/Dockerfile kaniko"},
		{
			".devcontainer/devcontainer.json", "{\n\t// a comment\n\t\"build\": {\n\t\t\"dockerfile\": \"Dockerfile\", /* and\n one */ \"context\": \"..\",\n\t\t\"args\": {\"V\": \"${localEnv:V}\", \"U\": \"http://x\"},\n\t},\n}",
			"4 in .devcontainer: .. Dockerfile U=http://x V=?",
		},
		{".devcontainer/x/devcontainer.json", `{"dockerFile": "D"}`, "1 in .devcontainer/x: . D"},
		{".devcontainer.json", `{"image": "x"}`, ""},
		{
			"sub/fly.toml", "app = 'x'\n[build]\n  dockerfile = \"docker/Dockerfile\" # here\n  build-target = 'web'\n[build.args]\n  A = \"1\"\n[env]\nB='2'\n",
			"3 in sub: . docker/Dockerfile web A=1",
		},
		{"fly.toml", "app = 'x'\n", "0 in .: . Dockerfile"},
		{"fly.toml", "[build]\nimage = 'x'\n", ""},
		{"render.yaml", `
services:
- {type: web, runtime: docker, dockerfilePath: ./web/Dockerfile, dockerContext: ./web}
- {type: web, env: docker, rootDir: api}
- {type: web, runtime: node}
`, "3 in .: web web/Dockerfile, 4 in .: api api/Dockerfile"},
		{
			"heroku.yml", "build:\n  docker:\n    web: web/Dockerfile\n    worker: {dockerfile: Dockerfile, target: w}\n  config: {A: b}\n",
			"3 in .: web web/Dockerfile A=b, 4 in .: . Dockerfile w A=b",
		},
		{
			".goreleaser.yaml", "dockers:\n- image_templates: [x]\n- dockerfile: docker/{{.Os}}\n- {dockerfile: D, use: podman}\n",
			"2 in .: ? Dockerfile elsewhere, 3 in .: ? ? elsewhere, 4 in .: ? D buildah elsewhere",
		},
	} {
		var got []string
		for _, b := range File(c.name, []byte(c.text)) {
			got = append(got, short(b))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, s, c.want)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add("skaffold.yaml", "build: {artifacts: [{image: x, docker: {dockerfile: y}}]}")
	f.Add(".devcontainer.json", `{"build": {"dockerfile": "x", // y
	"context": "\"/*"}} /**/`)
	f.Add("fly.toml", "[build]\ndockerfile = \"x\\\"\"")
	f.Add("heroku.yml", "build: {docker: {web: x, y: {dockerfile: z}}}")
	f.Fuzz(func(t *testing.T, name, text string) {
		for _, b := range File(name, []byte(text)) {
			if b.Source.File != name || len(b.Bases) == 0 {
				t.Errorf("%+v", b)
			}
		}
	})
}
