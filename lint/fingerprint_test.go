package lint_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// everything reports the file, each instruction as a whole, each word of FROM, and the source of each COPY.
func everything() *lint.Rule {
	return &lint.Rule{Name: "everything", Severity: lint.Warning, Check: lint.OnFile(func(p *lint.Pass) {
		p.Report(parser.Span{}, "file")
		for _, in := range p.File.Instructions {
			p.Report(in.Span, "instruction")
			if in.Name == "FROM" {
				for i, word := range in.Args {
					if i != 1 { // AS
						p.Report(word.Full(), "word")
					}
				}
			}
			if flag := in.Flag("from"); flag != nil {
				p.Report(flag.Value.Full(), "source")
			}
		}
	})}
}

func fingerprints(src string) []string {
	l := lint.New([]*lint.Rule{everything()}, lint.Settings{Profile: lint.Strict})
	var out []string
	for _, f := range l.Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})}) {
		out = append(out, f.Fingerprint())
	}
	slices.Sort(out)
	return out
}

// TestFingerprintSurvives checks what a fingerprint does not depend on.
func TestFingerprintSurvives(t *testing.T) {
	before := `FROM alpine AS build
RUN apk add a && \
    apk add b
FROM build AS test
RUN --mount=type=bind,from=build,target=/x \
    make
FROM alpine AS final
COPY --from=build /a /b
COPY <<EOF /etc/x
  a
EOF
`
	for name, after := range map[string]string{
		"lines": "# syntax=docker/dockerfile:1\n\n\n" + before,
		"layout": `from alpine as build
  run apk add a && \
# why
		apk  add \

		b
FROM build AS test
RUN --mount=type=bind,from=build,target=/x make
FROM alpine AS final
COPY --from=build /a /b
COPY <<EOF /etc/x
a
EOF`,
		"names of stages": `FROM alpine AS compile
RUN apk add a && \
    apk add b
FROM compile AS check
RUN --mount=type=bind,from=compile,target=/x \
    make
FROM alpine AS image
COPY --from=0 /a /b
COPY <<EOF /etc/x
  a
EOF
`,
		"order": `FROM alpine AS build
RUN apk add a && \
    apk add b
FROM alpine AS final
COPY <<EOF /etc/x
  a
EOF
COPY --from=build /a /b
FROM build AS test
RUN --mount=type=bind,from=build,target=/x \
    make
`,
	} {
		if diff := cmp.Diff(fingerprints(before), fingerprints(after)); diff != "" {
			t.Errorf("%s (-before +after)\n%s", name, diff)
		}
	}
}

// TestFingerprintTells checks what it does depend on.
func TestFingerprintTells(t *testing.T) {
	for _, pair := range [][2]string{
		{"FROM alpine:3\n", "FROM alpine:4\n"},
		{"FROM a\nRUN x\n", "FROM a\nRUN y\n"},
		{"FROM a\nRUN x\n", "FROM a\nCMD x\n"},
		{"FROM a AS b\nFROM c\nCOPY --from=b x y\n", "FROM a AS b\nFROM c\nCOPY --from=d x y\n"},
	} {
		if cmp.Equal(fingerprints(pair[0]), fingerprints(pair[1])) {
			t.Errorf("%q and %q have the same fingerprints", pair[0], pair[1])
		}
	}
}
