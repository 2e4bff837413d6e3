package tools_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/dialect"
	"github.com/dockvet/dockvet/lint"
)

// kanikoCases are what kaniko 1.24 makes of a few lines after a stage called base, which has busybox: what its log has, or the configuration
// of the image. A case without either is refused. The names are those of the rows, and a ! before one means that this version
// does what BuildKit does.
func kanikoCases() map[string]struct{ text, prints, config string } {
	return map[string]struct{ text, prints, config string }{
		"kaniko-sctp":               {text: "EXPOSE 90/sctp\n"},
		"kaniko-symbolic-chmod":     {text: "COPY --chmod=u+x a /a\n"},
		"kaniko-heredoc":            {text: "RUN <<'EOF'\nfalse\nEOF\nRUN echo [next]\n", prints: "\n[next]\n"},
		"kaniko-plain-heredoc":      {text: "RUN <<EOF\nfalse\nEOF\nRUN echo [next]\n", prints: "\n[next]\n"},
		"kaniko-copied-heredoc":     {text: "COPY <<EOF /x\nx\nEOF\n"},
		"kaniko-interpreter":        {text: "RUN <<EOF\n#!/bin/sh -e\nfalse\nEOF\nRUN echo [next]\n", prints: "\n[next]\n"},
		"kaniko-platform-argument":  {text: "FROM base AS b-amd64\nFROM b-$TARGETARCH\n"},
		"kaniko-mount":              {text: "RUN --mount=type=bind,source=a,target=/m test ! -e /m && echo [none]\n", prints: "\n[none]\n"},
		"kaniko-network":            {text: "RUN --network=none echo [ran]\n", prints: "\n[ran]\n"},
		"kaniko-security":           {text: "RUN --security=insecure true\n"},
		"kaniko-device":             {text: "RUN --device=a.example/b=0 echo [ran]\n", prints: "\n[ran]\n"},
		"kaniko-exclude":            {text: "COPY --exclude=*.md a /b/\n"},
		"kaniko-parents":            {text: "COPY --parents a /b/\n"},
		"kaniko-checksum":           {text: "ADD --checksum=sha256:" + strings.Repeat("0", 64) + " a /a\nRUN cat /a\n", prints: "\n[a]\n"},
		"kaniko-unpack":             {text: "ADD --unpack=false a /b/\n"},
		"kaniko-start-interval":     {text: "HEALTHCHECK --start-interval=1s --interval=5s CMD true\n", config: `"Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":5000000000}`},
		"!kaniko-inherited-command": {text: "CMD [\"a\"]\nFROM base\nENTRYPOINT [\"b\"]\n", config: `{"Entrypoint":["b"],"Env":["PATH=/bin"]}`},
		"kaniko-copied-variable":    {text: "ENV A=1\nCOPY <<EOF /x\n$A\nEOF\n"},
		"!kaniko-quoted-label":      {text: "ENV A=1\nLABEL a='x $A'\n", config: `"Labels":{"a":"x $A"}`},
		"kaniko-port-range":         {text: "EXPOSE 8000-8002\n", config: `"ExposedPorts":{"8000-8002/tcp":{}}`},
	}
}

// TestKaniko runs kaniko for each of its rows. It unpacks images over its own root, so it gets one of its own. KANIKO names the program:
// `go build ./cmd/executor` in the module github.com/GoogleContainerTools/kaniko at v1.24.0, with CGO_ENABLED=0.
func TestKaniko(t *testing.T) {
	cases := kanikoCases()
	for _, r := range dialect.Rows() {
		if _, ok := cases[r.Name]; r.Builder == lint.Kaniko && !ok && cases["!"+r.Name].text == "" {
			t.Errorf("%s has no case", r.Name)
		}
	}
	program := os.Getenv("KANIKO")
	busybox, err := exec.LookPath("busybox")
	if program == "" || err != nil || os.Getuid() != 0 {
		t.Skip("KANIKO NOT RUN: KANIKO does not name it, or there is no busybox, or this is not root")
	}
	for name, c := range cases {
		t.Run(strings.TrimPrefix(name, "!"), func(t *testing.T) {
			log, config, err := runKaniko(t, program, busybox, c.text)
			switch {
			case c.prints == "" && c.config == "":
				if err == nil {
					t.Errorf("it builds\n%s", log)
				}
			case err != nil || !strings.Contains(log, c.prints) || !strings.Contains(config, c.config):
				t.Errorf("%v\n%s\n%s", err, log, config)
			}
		})
	}
}

// runKaniko builds text after a stage called base. The configuration is that of the image as JSON.
func runKaniko(t *testing.T, program, busybox, text string) (log, config string, err error) {
	t.Helper()
	root := t.TempDir()
	write := func(name string, data []byte) {
		full := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	copied := func(name, from string) {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(name, data)
	}
	copied("kaniko/executor", program)
	copied("kaniko/busybox", busybox)
	copied("workspace/busybox", busybox)
	write("kaniko/.docker/config.json", []byte("{}"))
	write("workspace/a", []byte("[a]\n"))
	write("workspace/Dockerfile", []byte("FROM scratch AS base\nCOPY busybox /bin/busybox\n"+
		"RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\nENV PATH=/bin\n"+text))
	for _, dir := range []string{"proc", "dev", "tmp", "etc"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const script = "b=/kaniko/busybox; $b mount -t proc proc /proc && $b mount -t tmpfs tmpfs /dev && $b mknod -m 666 /dev/null c 1 3 && " +
		"exec /kaniko/executor --force --no-push --log-timestamp=false --context dir:///workspace --tar-path /kaniko/out.tar --destination local/image:1"
	out, err := exec.CommandContext(t.Context(), "unshare", "-m", "-p", "-f", "chroot", root, "/kaniko/busybox", "sh", "-c", script).CombinedOutput()
	if err != nil {
		return string(out), "", err
	}
	return string(out), imageConfig(t, filepath.Join(root, "kaniko/out.tar")), nil
}

// imageConfig is the configuration of the container in an archive as `docker save` writes it.
func imageConfig(t *testing.T, archive string) string {
	t.Helper()
	data, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	var manifest []struct{ Config string }
	var image struct {
		Config json.RawMessage `json:"config"`
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(manifest, func(m struct{ Config string }) bool { return files[m.Config] != nil })
	if i < 0 {
		t.Fatal("the archive has no configuration")
	}
	if err := json.Unmarshal(files[manifest[i].Config], &image); err != nil {
		t.Fatal(err)
	}
	return string(image.Config)
}
