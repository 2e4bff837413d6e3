package fix_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/fix"
)

// directory is a directory with files, whose Dockerfile is what a fix writes.
func directory(t *testing.T, files map[string]string) fix.Location {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return fix.Location{Dockerfile: filepath.Join(dir, "Dockerfile"), Dir: dir}
}

// holds compares the directory with what it must hold now.
func holds(t *testing.T, at fix.Location, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	entries, err := os.ReadDir(at.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(at.Dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("directory (-want +got)\n%s", diff)
	}
}

// writerEnv names the directory that the test binary writes in when it is started as a child of TestKill.
const writerEnv = "DOCKVET_TEST_WRITER"

// states are the two texts of the Dockerfile that the child writes in turn. Each is larger than what one write takes.
func states() (a, b []byte) {
	return []byte("FROM a\n" + strings.Repeat("RUN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 20_000)), []byte("FROM b\n" + strings.Repeat("RUN b\n", 100_000))
}

const ignored = "one\ntwo\nthree\n"

// TestWriter is not a test of its own: it is what TestKill kills.
func TestWriter(t *testing.T) {
	dir := os.Getenv(writerEnv)
	if dir == "" {
		return
	}
	name := filepath.Join(dir, "Dockerfile")
	a, b := states()
	if now, err := os.ReadFile(name); err == nil && bytes.Equal(now, b) {
		a, b = b, a
	}
	ready := false
	for {
		fixed := fix.Result{Source: b, Files: map[string]fix.File{".dockerignore": {After: ignored, Create: true}}}
		at := fix.Location{Dockerfile: name, Dir: dir}
		if _, err := fixed.Write(disk.New(dir), a, at, at); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, ".dockerignore")); err != nil {
			t.Fatal(err)
		}
		a, b = b, a
		if !ready {
			ready = true
			if _, err := os.Stdout.WriteString("ready\n"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestKill checks that a process that is killed while it writes leaves the old file or the new one, never a part.
func TestKill(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows removes no file that a dying process has open")
	}
	dir := t.TempDir()
	name, ignore := filepath.Join(dir, "Dockerfile"), filepath.Join(dir, ".dockerignore")
	a, b := states()
	if err := os.WriteFile(name, a, 0o644); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[bool]int{}
	half := 0 // kills that left a file which was being written
	for range 60 {
		child := exec.Command(os.Args[0], "-test.run=^TestWriter$")
		child.Env = append(os.Environ(), writerEnv+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 5)); err != nil {
			t.Fatalf("the child did not begin: %v", err)
		}
		time.Sleep(time.Duration(random.IntN(8_000)) * time.Microsecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it says that it was killed
		now, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		isA := bytes.Equal(now, a)
		if !isA && !bytes.Equal(now, b) {
			t.Fatalf("%d bytes that are neither the old file nor the new one", len(now))
		}
		seen[isA]++
		if text, err := os.ReadFile(ignore); err == nil {
			if string(text) != ignored {
				t.Fatalf(".dockerignore is %q", text)
			}
			if err := os.Remove(ignore); err != nil {
				t.Fatal(err)
			}
		}
		parts, err := filepath.Glob(filepath.Join(dir, ".dockvet-*"))
		if err != nil {
			t.Fatal(err)
		}
		half += min(1, len(parts))
		for _, part := range parts {
			if err := os.Remove(part); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("60 kills, %d while a file was written; left the one state %d times, the other %d times", half, seen[true], seen[false])
	if half == 0 || seen[true] == 0 || seen[false] == 0 {
		t.Error("no kill came while a file was being written: the test shows too little")
	}
}

// TestWriteOverwritesNothing checks that a file that was created in the meantime stays, and the Dockerfile with it.
func TestWriteOverwritesNothing(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM x\n", "b": "mine\n"}
	at := directory(t, files)
	for _, name := range []string{"b", "../outside", "no/such/directory"} {
		fixed := fix.Result{Source: []byte("FROM y\n"), Files: map[string]fix.File{"0": {Create: true}, name: {After: "theirs\n", Create: true}}}
		if _, err := fixed.Write(disk.New(at.Dir), []byte("FROM x\n"), at, at); err == nil || !strings.HasPrefix(err.Error(), "cannot create ") {
			t.Errorf("%s: error %v", name, err)
		}
		holds(t, at, files)
	}
	fixed := fix.Result{Source: []byte("FROM x\n"), Files: map[string]fix.File{"a": {Create: true}}}
	none := disk.New(at.Dir)
	at.Dir = ""
	if _, err := fixed.Write(none, []byte("FROM x\n"), at, at); err == nil {
		t.Error("created a file without a build context")
	}
}

// TestWriteAddsLines checks that a file of the build context gains lines, keeps its mode, and is as before if the
// Dockerfile cannot be written.
func TestWriteAddsLines(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM x\n", ".dockerignore": "a\n"}
	fixed := fix.Result{Source: []byte("FROM y\n"), Files: map[string]fix.File{".dockerignore": {Before: "a\n", After: "a\nb\n"}}}
	at := directory(t, files)
	if _, err := fixed.Write(disk.New(at.Dir), []byte("FROM other\n"), at, at); err == nil {
		t.Error("overwrote a Dockerfile that has changed")
	}
	holds(t, at, files)
	if _, err := fixed.Write(disk.New(at.Dir), []byte("FROM x\n"), at, at); err != nil {
		t.Error(err)
	}
	holds(t, at, map[string]string{"Dockerfile": "FROM y\n", ".dockerignore": "a\nb\n"})
	if info, err := os.Stat(filepath.Join(at.Dir, ".dockerignore")); err != nil || filepath.Separator == '/' && info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	outside := fix.Result{Source: []byte("FROM z\n"), Files: map[string]fix.File{"../x": {After: "b\n"}}}
	if _, err := outside.Write(disk.New(at.Dir), []byte("FROM y\n"), at, at); err == nil {
		t.Error("wrote outside of the build context")
	}
}
