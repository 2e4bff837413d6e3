package lsp

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// hovered is what the client shows at a place, "" for nothing.
func (c *client) hovered(p position) string {
	c.t.Helper()
	var h *hover
	c.must("textDocument/hover", here(c, p), &h)
	if h == nil {
		return ""
	}
	return h.Contents.Value
}

func TestHover(t *testing.T) {
	files := map[string]string{
		".dockerignore": "**/*.log\nsecret\n", "package.json": "{}\n", "package-lock.json": "{}\n", "src/a.js": strings.Repeat("x", 2_000),
		"src/b.js": "b\n", "src/c.log": "c\n", "secret": "s\n",
	}
	src, at := cursors(`ARG VERSION=24
FR~OM --plat~form=linux/amd64 node:${VER~SION}-slim AS ba~se
ARG VERSION
ENV DI~R=/srv KIND=$VER~SION-x
WORKDIR $D~IR
COPY package*.json ./
RUN npm ~ci
# dockvet ignore=latest-t~ag why
COPY sr~c ./src
COPY secr~et no~thing ./
CO~PY . .
ONBUILD R~UN true
RUN echo $DI~R
FROM b~ase
USER $U~NKNOWN
`)
	files["Dockerfile"] = src
	c := start(t, files)
	c.hello(actor)
	c.open("Dockerfile", src)
	for i, want := range []string{
		`(?s)FROM \[--platform=PLATFORM\].*Begins a stage.*reference/dockerfile/#from`,
		`The platform of the image`,
		"^`VERSION` = `24`\n\nBuild argument of line 1\\.$",
		"(?s)^Stage `base`, line 2.*The target is built from it",
		"^`DIR` = `/srv`\n\nEnvironment variable of line 4\\.$",
		"^`VERSION` = `24`\n\nBuild argument of line 3, whose default is in line 1\\.$",
		"^`DIR` = `/srv`",
		"(?s)^`npm ci` installs packages\\.\n\n- It reads `package.json` \\(`package.json` of the build context\\)\\.\n- Versions are locked by `package-lock.json`",
		"(?s)^# latest-tag .*## Why",
		"^`src` copies 2 files, 2\\.002kB\\. The largest is `src/a.js`, 2kB\\. `.dockerignore` leaves out the rest\\.$",
		"^`secret` is ignored by `.dockerignore`\\.$",
		"^`nothing` does not exist in the build context\\.$",
		"(?s)Copies files.*- `\\.` copies \\d+ files",
		"Runs a command",
		"^`DIR` = `/srv`",
		"^Stage `base`",
		"^`UNKNOWN`\n\nNothing in this file sets it\\. The base image may\\.$",
	} {
		if got := c.hovered(at[i]); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("cursor %d at %+v: %q does not match %s", i, at[i], got, want)
		}
	}
	if got := c.hovered(position{6, 0}); !strings.Contains(got, "Runs a command") {
		t.Errorf("a keyword: %q", got)
	}
}

// TestHoverImage checks what is said about images, and that nothing is invented.
func TestHoverImage(t *testing.T) {
	src, at := cursors("FROM pyth~on:3.9\nFROM exam~ple.com/unknown:1\nFROM scr~atch\nCOPY --from=ngi~nx:1.29 /x /y\n")
	c := start(t, map[string]string{"Dockerfile": src})
	c.hello(`{"textDocument":{"hover":{"contentFormat":["plaintext"]}}}`)
	c.open("Dockerfile", src)
	for i, want := range []string{
		`(?s)^python:3.9, a Docker official image\n\n- Python 3.9 has had no fixes since 2025-10-31, for .*Smaller: python:3.9-slim.*Dates as of 20`,
		`^example.com/unknown:1\n\ndockvet does not know this image\.$`, `^scratch is an empty image\.$`, `^nginx:1.29, a Docker official image`,
	} {
		if got := c.hovered(at[i]); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("cursor %d: %q does not match %s", i, got, want)
		}
	}
}

// TestReference checks that there is a description of each instruction.
func TestReference(t *testing.T) {
	for _, e := range entries {
		keyword, _, _ := strings.Cut(e.name, " ")
		if !strings.HasPrefix(e.form, keyword) && !strings.HasPrefix(e.form, "--") {
			t.Errorf("%s is written as %s", e.name, e.form)
		}
		if !strings.HasSuffix(e.text, ".") {
			t.Errorf("%s: %s", e.name, e.text)
		}
	}
	const all = "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR"
	for keyword := range strings.FieldsSeq(all) {
		if describe(keyword) == nil {
			t.Errorf("%s has no description", keyword)
		}
	}
	if describe("FOO") != nil {
		t.Error("FOO has a description")
	}
}

// TestHoverOverProjects asks about every byte of the sample Dockerfiles, which must not fail.
func TestHoverOverProjects(t *testing.T) {
	said := 0
	for _, project := range names(t)[:6] {
		c := copyProject(t, project)
		c.hello(actor)
		data, err := os.ReadFile(c.path("Dockerfile"))
		if err != nil {
			continue
		}
		c.open("Dockerfile", string(data))
		text := newText(string(data), true)
		for i := range data {
			if c.hovered(text.position(i)) != "" {
				said++
			}
		}
		for _, log := range c.logs {
			if strings.Contains(log, "bug") {
				t.Error(log)
			}
		}
	}
	if said < 500 {
		t.Errorf("something is said about %d bytes only", said)
	}
}
