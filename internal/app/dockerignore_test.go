package app_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

func TestDockerignore(t *testing.T) {
	for _, c := range []struct{ name, files, dockerfile, want string }{
		{"by ecosystem", "package.json node_modules/a web/node_modules/b dist/x coverage/y src/coverage/z", "FROM a\nCOPY . .\nRUN npm ci && npm run build", "**/node_modules coverage dist"},
		{"nothing builds", "package.json dist/x .next/y", "FROM a\nCOPY . .\nRUN npm ci", ""},
		{"a name alone", "target/x build/y bin/z vendor/v deps/d", "FROM a\nCOPY . .\nRUN cargo build && mvn package", ""},
		{"beside its manifest", "svc/Cargo.toml svc/target/x target/y", "FROM a\nCOPY . .\nRUN cargo build --release", "svc/target"},
		{".NET", "App/App.csproj App/bin/x App/obj/y Lib/bin/z", "FROM a\nCOPY . .\nRUN dotnet publish App", "App/bin App/obj"},
		{"what COPY names", "package.json web/node_modules/a api/node_modules/b", "FROM a\nCOPY . .\nCOPY web/node_modules/a /x\nRUN npm ci", "api/node_modules"},
		{"what a mount reads", ".env .git/HEAD", "FROM a\nCOPY . .\nRUN --mount=type=bind,source=.git,target=/g true", ".env"},
		{"already ignored", ".dockerignore=.git .git/HEAD .env", "FROM a\nCOPY . .", ".env"},
		{"a name that has to be escaped", "x*y/composer.json x*y/vendor/z", "FROM a\nCOPY . .\nRUN composer install", `x\*y/vendor`},
		{"unknown", ".git/HEAD", "FROM a\nARG X\nCOPY . $X .", "?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name := range strings.FieldsSeq(c.files) {
				name, text, _ := strings.Cut(name, "=")
				fsys[name] = &fstest.MapFile{Data: []byte(text)}
			}
			ctx, err := buildcontext.New(fsys, "")
			if err != nil {
				t.Fatal(err)
			}
			p := plan.New(parser.Parse("Dockerfile", []byte(c.dockerfile)), plan.Options{})
			lines, known := app.Dockerignore(ctx, p, func(s *plan.Step) *shell.Script {
				if s.Instruction.Name != "RUN" {
					return nil
				}
				return shell.Read(s)
			})
			got := strings.Join(lines, " ")
			if !known {
				got = "?"
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
