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

func TestIgnoreFile(t *testing.T) {
	const first, last = "**/.git **/.gitignore ", " **/Dockerfile* **/.dockerignore"
	for _, c := range []struct{ name, files, dockerfile, want string }{
		{"nothing but the rest", "a.txt", "FROM a\nCOPY . .", first + "**/.env*" + last},
		{"what does not exist yet", "package.json", "FROM a\nCOPY . .\nRUN npm ci && npm run build", first + "**/.env* **/node_modules dist" + last},
		{"a framework's own directory", `package.json={"dependencies":{"next":"15"}}`, "FROM a\nCOPY . .\nRUN npm ci && npm run build", first + "**/.env* **/node_modules **/.next" + last},
		{"what nothing in the build makes", "package.json node_modules/a .gitignore=node_modules/\ndist/\n", "FROM node\nCOPY . .\nCMD node dist/x.js", first + "**/.env*" + last},
		{"Python", "a.py requirements.txt", "FROM a\nCOPY . .\nRUN pip install -r requirements.txt", first + "**/.env* **/.venv **/venv **/__pycache__" + last},
		{"one project of .NET", "A.csproj", "FROM a\nCOPY . .\nRUN dotnet publish -o /app", first + "**/.env* bin obj" + last},
		{"several projects of .NET", "a/A.csproj b/B.csproj", "FROM a\nCOPY . .\nRUN dotnet publish a -o /app", first + "**/.env* **/bin **/obj" + last},
		{"the same name elsewhere", "a/A.csproj b/B.csproj c/bin/x.js", "FROM a\nCOPY . .\nRUN dotnet publish a -o /app", first + "**/.env* a/bin b/bin **/obj" + last},
		{"what the build makes and mentions", "Cargo.toml", "FROM a\nCOPY . .\nRUN cargo build && cp target/debug/x /x", first + "**/.env* target" + last},
		{"what COPY names", "go.mod Dockerfile.tools .env.defaults", "FROM a\nCOPY . .\nCOPY Dockerfile.tools .env.defaults /x/", first + "**/.env **/.env.local **/.env.*.local **/.dockerignore"},
		{"what another stage copies on", "a", "FROM a AS b\nCOPY . /x\nFROM a\nCOPY --from=b /x/.env /", first + "**/Dockerfile* **/.dockerignore"},
		{"git runs", "a", "FROM a\nCOPY . .\nRUN git describe", "**/.env*" + last},
		{"an example", ".env.example .env", "FROM a\nCOPY . .", first + "**/.env* !**/.env.example" + last},
		{"settings that git keeps", ".gitignore=.env\n .env.production", "FROM a\nCOPY . .", first + "**/.env **/.env.local **/.env.*.local" + last},
		{"what git ignores", ".gitignore=#x\n/data/\n*.log\nweb/tmp\n!keep.log\nx\\y\n", "FROM a\nCOPY . .", first + "**/.env* data **/*.log web/tmp !**/keep.log" + last},
		{"what git ignores and the container runs", ".gitignore=*.jar\nserver\n", "FROM a\nCOPY . .\nCMD ./server -jar app.jar", first + "**/.env*" + last},
		{"what git ignores and another stage makes", ".gitignore=/api\n", "FROM a AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/api .\nFROM a\nCOPY --from=b /bin/api /\nCMD [\"/api\"]", first + "**/.env* api" + last},
		{"an output beside the sources", ".gitignore=api\n", "FROM a AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o api .\nFROM a\nCOPY --from=b /src/api /\nCMD [\"/api\"]", first + "**/.env* **/api" + last},
		{"what may be copied through", ".gitignore=/api\n", "FROM a AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o /x .\nFROM a\nCOPY --from=b /src/api /\nCMD [\"/api\"]", first + "**/.env*" + last},
		{"sources called as what a stage makes", ".gitignore=api\n cmd/api/main.go", "FROM a AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/api ./cmd/api\nFROM a\nCOPY --from=b /bin/api /", first + "**/.env*" + last},
		{"build output that a stage copies", "build.gradle.kts .gitignore=build/\n", "FROM a AS b\nWORKDIR /src\nCOPY . .\nRUN gradle buildFatJar\nFROM a\nCOPY --from=b /src/build/libs/*.jar /a.jar", first + "**/.env* **/build" + last},
		{"Rails", "config/credentials.yml.enc", "FROM a\nCOPY . .", first + "config/master.key config/credentials/*.key **/.env*" + last},
		{"compose files", "compose.yaml docker/docker-compose.prod.yml api.Dockerfile", "FROM a\nCOPY . .", first + "**/.env* **/Dockerfile* **/*.Dockerfile **/compose.* **/docker-compose* **/.dockerignore"},
		{"unknown", "a", "FROM a\nARG X\nCOPY . $X .", "?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name := range strings.SplitSeq(c.files, " ") {
				name, text, _ := strings.Cut(name, "=")
				fsys[name] = &fstest.MapFile{Data: []byte(text)}
			}
			ctx, err := buildcontext.New(fsys, "")
			if err != nil {
				t.Fatal(err)
			}
			p := plan.New(parser.Parse("Dockerfile", []byte(c.dockerfile)), plan.Options{})
			lines, known := app.IgnoreFile(ctx, p, func(s *plan.Step) *shell.Script {
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
