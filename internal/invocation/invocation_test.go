package invocation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/plan"
)

// short is b on one line: line, context, Dockerfile, target; what is not known is ?.
func short(b described.Build) string {
	show := func(v plan.Value) string {
		if !v.Known {
			return "?"
		}
		return strings.Replace(v.Text, described.Root, "ROOT", 1)
	}
	out := fmt.Sprintf("%d %s %s", b.Source.Line, show(b.Context), show(b.Dockerfile))
	if !b.Target.Known || b.Target.Text != "" {
		out += " " + show(b.Target)
	}
	if b.Builder != described.BuildKit {
		out += " " + string(b.Builder)
	}
	if b.Elsewhere != "" {
		out += " (" + b.Elsewhere + ")"
	}
	return out
}

func TestFile(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"x.sh", "docker build -t x .", "1 . Dockerfile"},
		{"x.sh", "set -e\ndocker build \\\n  -f docker/Dockerfile \\\n  .\n", "2 . docker/Dockerfile"},
		{"x.sh", "docker buildx build --push --platform linux/amd64 -f a/Dockerfile --target prod a", "1 a a/Dockerfile prod"},
		{"x.sh", "cd sub && docker build -qt x ..", "1 . Dockerfile"},
		{"x.sh", "(cd sub; docker build .); docker build .", "1 sub sub/Dockerfile, 1 . Dockerfile"},
		{"hack/x.sh", "cd \"$(dirname \"$0\")/..\"\ndocker build .", "2 ROOT ROOT/Dockerfile"},
		{
			"hack/x.sh", "DIR=$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\ndocker build -f \"$DIR/Dockerfile\" \"${DIR}/..\"",
			"2 ROOT ROOT/hack/Dockerfile",
		},
		{"x.sh", "ROOT=$(git rev-parse --show-toplevel)\npodman build -f $ROOT/c/Containerfile $ROOT", "2 ROOT ROOT/c/Containerfile buildah"},
		{"x.sh", "buildah bud -t x", "1 . Dockerfile buildah"},
		{"x.sh", "for i in a b; do docker build -f $i/Dockerfile $i; done", "1 a a/Dockerfile, 1 b b/Dockerfile"},
		{"x.sh", "docker build $EXTRA -t x .", "1 . ?"},
		{"x.sh", "docker build \"$@\" -f x .", "1 . x"},
		{"x.sh", "docker build -f x $CTX", "1 ? x"},
		{"x.sh", "docker build -f x \"$CTX\"", "1 ? x"},
		{"x.sh", "CTX=${CTX:-.}; docker build -f x \"$CTX\"", "1 . x"},
		{"x.sh", "if a; then C=x; else C=y; fi; docker build -f z $C", "1 ? z"},
		{"x.sh", "cd \"$1\"; docker build .", "1 ? ?"},
		{"x.sh", "docker build - < Dockerfile", "1 ? ? (the context is standard input)"},
		{"x.sh", "docker build https://github.com/a/b.git", "1 ? ? (the context is https://github.com/a/b.git)"},
		{"x.sh", "B='buildah --storage-driver x'\nA=$B C=${B} $B build -f y z", "2 z y buildah"},
		{"x.sh", "F=\"-f a\"; podman --log-level debug build $F \"$F\"", "1 ? a buildah"},
		{"x.sh", "docker build --check .; docker buildx build --call outline .; docker build --call=build a", "1 a a/Dockerfile"},
		{"x.sh", "echo docker build .", ""},
		{"x.sh", "docker builder prune; docker compose build; go build docker", ""},
		{"x.sh", "sudo docker -H x build --build-arg A=1 --unknown a b", "1 ? ?"},
		{"Makefile", "DOCKER ?= docker\nF := build/Dockerfile\nimage:\n\t@$(DOCKER) build $(FLAGS) -t x:$(shell date) \\\n\t\t-f $(F) .\n", "4 . build/Dockerfile"},
		{"Makefile", "a:\n\tcd b && docker build -t $@ .\n\tdocker build -f $*/Dockerfile .\n", "2 b b/Dockerfile, 3 . ?"},
		{"Makefile", "a:\n\tdocker build -f $(D)/Dockerfile $(FLAGS) .\n", "2 . ?"},
		{"Makefile", "a:\n\tpodman build $(FLAGS) -f a $(CONTEXT)\n\tpodman build $(FLAGS) -f a .", "2 ? a buildah, 3 . a buildah"},
		{"Makefile", "X = a\nX = b\na:\n\tdocker build $(X) -f c\n", "4 ? c"},
		{"Makefile", "a:\n\tfor i in $$LIST; do docker build $$i; done\n", "2 ? ?"},
		{
			"justfile", "tag := \"x\"\nbuild:\n    docker build -t {{tag}} -f {{tag}}/Dockerfile .\nother:\n    #!/bin/bash\n    cd x\n    docker build .\n",
			"3 . x/Dockerfile, 7 x x/Dockerfile",
		},
		{
			"Taskfile.yml", "vars: {D: img}\ntasks:\n  a:\n    dir: sub\n    cmds:\n      - docker build -f {{.D}}/Dockerfile .\n      - cmd: |\n          true\n          docker build {{.X}}\n",
			"6 sub sub/img/Dockerfile, 9 ? ?",
		},
		{"package.json", "{\"scripts\": {\n\"image\": \"docker build -t x -f Dockerfile.prod ..\"}}", "2 .. Dockerfile.prod"},
	} {
		var got []string
		for _, b := range File(c.name, []byte(c.text)) {
			got = append(got, short(b))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\n%s\n got %s\nwant %s", c.name, c.text, s, c.want)
		}
	}
}

func FuzzFile(f *testing.F) {
	for _, name := range []string{"x.sh", "Makefile", "justfile", "Taskfile.yml", "package.json"} {
		f.Add(name, "docker build -f $(X) \"${A:-b}\" .\n\tdocker build {{x}}")
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		for _, b := range File(name, []byte(text)) {
			if b.Source.File != name || b.Context.Known && b.Context.Text == "" {
				t.Errorf("%+v", b)
			}
		}
	})
}
