package engine_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// testBreaks checks that a finding that breaks the build does, and that its near miss builds. None of them can be seen before a step
// runs, so the frontend accepts them all.
func testBreaks(t *testing.T, e *engine) {
	t.Helper()
	dir := t.TempDir()
	e.rootfs(t, filepath.Join(dir, "rootfs.tar"))
	writeFile(t, filepath.Join(dir, "a"), "a")
	writeFile(t, filepath.Join(dir, "b"), "b")
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Recommended})
	for _, c := range []struct {
		rule   string // of the finding that breaks the build
		breaks string
		builds string
	}{
		{"swallowed-instruction", "RUN true && \\\n\nCMD [\"a\"]", "RUN true || \\\n\nCMD [\"a\"]"},
		{"swallowed-code", "RUN true && # a \\\n  true", "RUN true # a \\\n  && false"},
		{"trailing-comment", "USER 1000 # a\nRUN true", "USER 1000 # a\nUSER 1000\nRUN true"},
		{"trailing-comment", "COPY a b # all of it", "COPY a b #c"},
		{"trailing-comment", "RUN [\"true\"] # a", "RUN true # a"},
		{"no-break-space", "RUN true\u00a0a", "RUN true a\u00a0b"},
		{"unstartable-array", "RUN [\"true a\"]", "RUN [\"true\", \"a\"]"},
		{"unstartable-array", "RUN [\"/bin/sh -c\", \"true\"]", "RUN [\"/bin/sh\", \"-c\", \"true\"]"},
		{"unstartable-array", "RUN [\"export\", \"A=1\"]", "RUN [\"sh\", \"-c\", \"export A=1\"]"},
		{"unstartable-array", "RUN [\"$A/true\"]", "RUN [\"sh\", \"-c\", \"$A/bin/true\"]"},
		{"unstartable-array", "RUN [\"\"]", "RUN [\"true\", \"\"]"},
		{"unstartable-array", "RUN ['true', 'a']", "RUN [ -n a, ]"},
	} {
		for _, body := range []string{c.breaks, c.builds} {
			if e.noRun != "" && strings.Contains(body, "RUN") {
				continue
			}
			src := "FROM scratch\nADD rootfs.tar /\n" + body + "\n"
			var found []string
			for _, f := range linter.Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})}) {
				if f.Breaks == lint.BreaksBuild {
					found = append(found, f.Rule.Name)
				}
			}
			if breaks := body == c.breaks; breaks != slices.Contains(found, c.rule) {
				t.Errorf("%q: %s breaks the build: got %v", body, c.rule, found)
			}
			if r := e.build(t, dir, src); (r.failure != "") != (body == c.breaks) {
				t.Errorf("%q: BuildKit says %q", body, r.failure)
			}
		}
	}
}
