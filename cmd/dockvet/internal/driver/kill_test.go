package driver

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dockvet/dockvet/internal/fix"
)

// writerEnv names the folder that the test binary writes in when it is started as a child of TestKill.
const writerEnv = "DOCKVET_TEST_WRITER"

// The two states of the Dockerfile that the child writes in turn. Each is larger than what one write takes.
func states() (a, b []byte) {
	return []byte("FROM a\n" + strings.Repeat("RUN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 20_000)), []byte("FROM b\n" + strings.Repeat("RUN b\n", 100_000))
}

const ignored = "one\ntwo\nthree\n"

// TestWriter is no test of its own: it is what TestKill kills.
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
		if err := write(name, a, &fixed, dir); err != nil {
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

// TestKill holds that a process which is killed while it writes leaves the old file or the new one, and never a part.
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
		t.Error("no kill came while a file was written: the test says too little")
	}
}

// TestTwoAtOnce holds that two runs over the same folder do no harm to one another: each file ends fixed, once.
func TestTwoAtOnce(t *testing.T) {
	for range 20 {
		files := map[string]string{}
		want := map[string]string{".dockerignore": ".git\n"}
		for _, name := range []string{"a.Dockerfile", "b.Dockerfile", "c.Dockerfile", "d.Dockerfile"} {
			files[name], want[name] = "FROM x\nENV a b\nUSER c\n", "FROM x\nENV a=b\nUSER d\n"
		}
		c := fixing(t, FixOptions{Unsafe: true, Write: true}, files)
		var runs sync.WaitGroup
		for range 2 {
			runs.Go(func() { c.run(func() {}) })
		}
		runs.Wait()
		// What one run found taken by the other it leaves; the next one finds nothing wrong with it.
		c.run(func() {})
		c.holds(t, want)
	}
}

// TestFixThroughLink holds that a link stays one, and what it points to is fixed.
func TestFixThroughLink(t *testing.T) {
	c := fixing(t, FixOptions{Write: true}, map[string]string{"real": "FROM x\nENV a b\n", ".dockerignore": "x\n", "Dockerfile": ""})
	if err := os.Remove(c.jobs[0].Name); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", c.jobs[0].Name); err != nil {
		t.Skip("no links here:", err)
	}
	if r := c.run(func() {})[0]; len(r.Errs) > 0 {
		t.Error(r.Errs)
	}
	c.holds(t, map[string]string{"real": "FROM x\nENV a=b\n", "Dockerfile": "FROM x\nENV a=b\n", ".dockerignore": "x\n"})
	if info, err := os.Lstat(c.jobs[0].Name); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("mode %v, error %v: it is no link any more", info.Mode(), err)
	}
}

// TestFixAddsLines holds that a file of the build context gains lines, keeps its mode, and is as before if the Dockerfile cannot be
// written.
func TestFixAddsLines(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM x\n", ".dockerignore": "a\n"}
	fixed := fix.Result{Source: []byte("FROM y\n"), Files: map[string]fix.File{".dockerignore": {Before: "a\n", After: "a\nb\n"}}}
	c := fixing(t, FixOptions{}, files)
	if err := write(c.jobs[0].Name, []byte("FROM other\n"), &fixed, c.dir); err == nil {
		t.Error("overwrote a Dockerfile that has changed")
	}
	c.holds(t, files)
	if err := write(c.jobs[0].Name, []byte("FROM x\n"), &fixed, c.dir); err != nil {
		t.Error(err)
	}
	c.holds(t, map[string]string{"Dockerfile": "FROM y\n", ".dockerignore": "a\nb\n"})
	if info, err := os.Stat(filepath.Join(c.dir, ".dockerignore")); err != nil || filepath.Separator == '/' && info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	outside := fix.Result{Source: []byte("FROM z\n"), Files: map[string]fix.File{"../x": {After: "b\n"}}}
	if err := write(c.jobs[0].Name, []byte("FROM y\n"), &outside, c.dir); err == nil {
		t.Error("wrote outside of the build context")
	}
}
