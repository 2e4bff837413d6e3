package lint_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// TestLintWritesNothing puts bytes that text/scanner complains of everywhere into a Dockerfile and into ignore files. The scanners
// of BuildKit's libraries write their complaints to the process's standard error.
func TestLintWritesNothing(t *testing.T) {
	const dockerfile = `# escape=\
ARG V=${W:-3.22}
FROM --platform=$BUILDPLATFORM alpine:$V AS base
ARG A="$V" B
ENV P=a${A}b Q="c $P"
LABEL a.b="$A"
WORKDIR /srv/$A
ADD --checksum=sha256:$A https://example.com/$A.tgz /tmp/
COPY --from=base --chown=$A:$B --exclude=*.$A --parents ./a*$B/./[c]? **/*$B.x /d/
COPY <<EOF /etc/$A
$B ${A#x}
EOF
RUN --mount=type=cache,target=/c/$A sh -c "echo $A" && cat <<"EOF" > x
$A
EOF
SHELL ["/bin/sh", "-c"]
HEALTHCHECK --interval=1s CMD curl $A
ONBUILD COPY $A*.c /
VOLUME ["/v/$A"]
EXPOSE $A/tcp
STOPSIGNAL $A
USER $A
CMD ["a", "$A"]
`
	said, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = said.Close() }) // it is only read
	stderr := os.Stderr
	t.Cleanup(func() { os.Stderr = stderr })
	os.Stderr = said

	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict})
	check := func(where string, files fstest.MapFS) {
		t.Helper()
		ctx, err := buildcontext.New(files, "Dockerfile")
		if err != nil {
			ctx = nil
		}
		linter.Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", files["Dockerfile"].Data), plan.Options{}), Context: ctx})
		if info, err := said.Stat(); err != nil || info.Size() > 0 {
			text, _ := os.ReadFile(said.Name())
			t.Fatalf("%s: %v, standard error got %q", where, err, text)
		}
	}
	for _, bad := range []string{"\xff", "\x00"} {
		for i := range dockerfile {
			check("Dockerfile: "+dockerfile[:i], fstest.MapFS{"Dockerfile": {Data: []byte(dockerfile[:i] + bad + dockerfile[i:])}, "a/a": {}})
		}
		const patterns = "a\n*.x\n!a/b?\n**/c\n/d/**\n[e]f\n"
		for i := range patterns {
			for _, name := range []string{".dockerignore", ".gitignore"} {
				check(name+": "+patterns[:i], fstest.MapFS{
					"Dockerfile": {Data: []byte("FROM alpine:3.22\nCOPY a* /\nCOPY . /d/\n")}, "a/b": {}, "x.x": {}, "d/e/f": {},
					name: {Data: []byte(patterns[:i] + bad + patterns[i:])},
				})
			}
		}
	}
}
