package files_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/files"
)

// A case has its Dockerfile at the root of the build context, so the places below it are tested here.
func TestIgnoreFileBesideDockerfile(t *testing.T) {
	for _, test := range []struct {
		name, copied, ignore string
		chosen               bool
		want, root, help     string
	}{
		{
			"the context is known", "COPY . /app", "docker/.dockerignore", true, "the build does not read `docker/.dockerignore`", "README.md",
			"rename the file to `docker/Dockerfile.dockerignore`, and write `docker/` before its patterns, since they are relative to the build context",
		},
		{
			"another file counts", "COPY . /app", "docker/.dockerignore", true, "the build does not read `docker/.dockerignore`", ".dockerignore",
			"move its patterns to `.dockerignore`, with `docker/` before each",
		},
		{"a COPY shows what the context is", "COPY docker/start.sh app /app/", "docker/.dockerignore", false, "the build does not read `docker/.dockerignore`", "README.md", ""},
		{"the context is a guess", "COPY . /app", "docker/.dockerignore", false, "the build does not read `docker/.dockerignore` (doubt)", "README.md", ""},
		{"another directory", "COPY . /app", "web/.dockerignore", true, "", "README.md", ""},
		{"the file that counts", "COPY . /app", "docker/Dockerfile.dockerignore", true, "", "README.md", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			src := []byte("FROM scratch\n" + test.copied + "\n")
			fsys := fstest.MapFS{"docker/Dockerfile": {Data: src}, "docker/start.sh": {}, "app/main": {}, test.ignore: {Data: []byte(".env\n")}, test.root: {}}
			ctx, err := buildcontext.New(fsys, "docker/Dockerfile")
			if err != nil {
				t.Fatal(err)
			}
			ctx.Chosen = test.chosen
			p := plan.New(parser.Parse("docker/Dockerfile", src), plan.Options{})
			var got []string
			for _, f := range lint.New([]*lint.Rule{files.UnreadIgnoreFile}, lint.Settings{Profile: lint.Strict}).Lint(lint.Build{Plan: p, Context: ctx}) {
				message := f.Message
				if test.help != "" && f.Help != test.help {
					t.Errorf("help %q, want %q", f.Help, test.help)
				}
				if f.Doubt != "" {
					message += " (doubt)"
				}
				got = append(got, message)
			}
			if s := strings.Join(got, "; "); s != test.want {
				t.Errorf("got %q, want %q", s, test.want)
			}
		})
	}
}
