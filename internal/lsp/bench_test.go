package lsp

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// lines is a Dockerfile of about n lines, as people write them.
func lines(n int) string {
	var b strings.Builder
	b.WriteString("ARG TAG=24-slim\nFROM node:${TAG} AS base\nWORKDIR /app\nENV NODE_ENV=production \\\n    PORT=3000\n")
	for i := 0; strings.Count(b.String(), "\n") < n-8; i++ {
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "\n# step %d\nRUN apt-get update && \\\n    apt-get install -y --no-install-recommends curl=8.%d && \\\n    rm -rf /var/lib/apt/lists/*\n", i, i)
		case 1:
			fmt.Fprintf(&b, "COPY dir%d/ ./dir%d/\n", i%40, i)
		case 2:
			fmt.Fprintf(&b, "ENV KEY%d=$PORT\n", i)
		case 3:
			fmt.Fprintf(&b, "LABEL org.example.n%d=\"%d\"\n", i, i)
		default:
			fmt.Fprintf(&b, "RUN test -f dir%d/file && echo \"$KEY2\" | tee /tmp/x%d\n", i%40, i)
		}
	}
	b.WriteString("COPY package.json package-lock.json ./\nRUN npm ci --omit=dev\nCOPY . .\nUSER node\nEXPOSE 3000\nCMD [\"node\", \"server.js\"]\n")
	return b.String()
}

// app is a repository with a Dockerfile of n lines and a build context with that many further files.
func app(n, further int) map[string]string {
	files := map[string]string{
		"Dockerfile": lines(n), "package.json": `{"name":"x","dependencies":{"express":"5"}}`, "package-lock.json": "{}\n",
		"server.js": "require('express')().listen(3000)\n", ".dockerignore": ".git\nnode_modules\n",
	}
	for i := range further {
		files[fmt.Sprintf("dir%d/file%d.js", i%40, i)] = "x\n"
	}
	return files
}

// newWorker is a server that is called directly, without a stream, with the Dockerfile of app open.
func newWorker(tb testing.TB, dir string) (*server, *document) {
	tb.Helper()
	s := newServer(Options{Dir: dir, Now: today})
	s.utf8, s.pull, s.client.Workspace.DidChangeWatchedFiles.DynamicRegistration = true, true, true
	s.addRoot(workspaceFolder{URI: fileURI(dir)})
	data, err := os.ReadFile(filepath.Join(dir, "Dockerfile"))
	if err != nil {
		tb.Fatal(err)
	}
	var p didOpenParams
	p.TextDocument.URI, p.TextDocument.LanguageID, p.TextDocument.Text = fileURI(filepath.Join(dir, "Dockerfile")), "dockerfile", string(data)
	if err := s.didOpen(p); err != nil {
		tb.Fatal(err)
	}
	return s, s.docs[p.TextDocument.URI]
}

func writeAll(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// typeKey types one key in an instruction of the document, or takes it back, and asks for diagnostics.
func typeKey(tb testing.TB, s *server, d *document, i int) {
	tb.Helper()
	where := d.text.position(strings.Index(d.text.string, "curl=8.") + len("curl=8."))
	c := change{&span{where, position{where.Line, where.Character}}, "7"}
	if i%2 == 1 {
		c = change{&span{where, position{where.Line, where.Character + 1}}, ""}
	}
	if err := s.didChange(didChangeParams{documentID{URI: d.uri}, []change{c}}); err != nil {
		tb.Fatal(err)
	}
	if _, _, err := s.diagnose(tb.Context(), d); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkKeystroke(b *testing.B) {
	for _, x := range [][2]int{{60, 0}, {500, 0}, {60, 2_000}, {500, 2_000}} {
		b.Run(fmt.Sprintf("lines=%d/files=%d", x[0], x[1]), func(b *testing.B) {
			s, d := newWorker(b, writeAll(b, app(x[0], x[1])))
			typeKey(b, s, d, 0)
			typeKey(b, s, d, 1)
			i, before := 0, cpu()
			for b.Loop() {
				typeKey(b, s, d, i)
				i++
			}
			b.ReportMetric(float64((cpu()-before).Microseconds())/1000/float64(i), "cpu-ms/op")
		})
	}
}

// BenchmarkOpen is the time from a start to the first diagnostics, with a build context of 2,000 files.
func BenchmarkOpen(b *testing.B) {
	dir := writeAll(b, app(60, 2_000))
	i, before := 0, cpu()
	for b.Loop() {
		s, d := newWorker(b, dir)
		if _, _, err := s.diagnose(b.Context(), d); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64((cpu()-before).Microseconds())/1000/float64(i), "cpu-ms/op")
}

// TestHeap checks that edits leave nothing behind. DOCKVET_EDITS=100000 makes as many, and else there are 1,000.
func TestHeap(t *testing.T) {
	n := 1_000
	if text := os.Getenv("DOCKVET_EDITS"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(err)
		}
	}
	s, d := newWorker(t, writeAll(t, app(60, 0)))
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early uint64
	for i := range n {
		typeKey(t, s, d, i)
		if i == n/10 {
			early = heap()
		}
	}
	late := heap()
	t.Logf("heap after %d edits: %d kB; after %d: %d kB", n/10, early/1000, n, late/1000)
	const noise = 500_000 // tables that are built on first use
	if late > early+early/10+noise {
		t.Errorf("the heap grows from %d to %d bytes", early, late)
	}
}
