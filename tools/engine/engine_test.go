// Package engine_test compares dockvet with a real BuildKit: what it considers an equal build, and what it expects a
// COPY to copy.
//
// BuildKit is built from the module in go.mod and needs Linux and root. For RUN it also needs runc and a static
// busybox. The environment variable ENGINE turns the test on: `build`, or the directory of an existing buildkitd and
// buildctl.
package engine_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const buildkit = "github.com/moby/buildkit"

// TestEngine starts one BuildKit for all comparisons.
func TestEngine(t *testing.T) {
	how := os.Getenv("ENGINE")
	if how == "" {
		t.Skip("NO REAL BUILDKIT: ENGINE is not set (see `make engine`)")
	}
	if reason := impossible(); reason != "" {
		t.Skipf("skipped: no real BuildKit: %s", reason)
	}
	e := start(t, how)
	t.Run("fixes", func(t *testing.T) { testFixes(t, e) })
	t.Run("context", func(t *testing.T) { testContext(t, e) })
	t.Run("replay", func(t *testing.T) { testReplay(t, e) })
	t.Run("orders", func(t *testing.T) { testOrders(t, e) })
	t.Run("breaks", func(t *testing.T) { testBreaks(t, e) })
}

// impossible says why BuildKit cannot run here, "" if it can.
func impossible() string {
	if runtime.GOOS != "linux" {
		return "it needs Linux"
	}
	if os.Getuid() != 0 {
		return "it needs root"
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err.Error()
	}
	const sysAdmin = 21 // CAP_SYS_ADMIN, linux/capability.h
	if m := effective.FindSubmatch(status); m != nil {
		if caps, err := strconv.ParseUint(string(m[1]), 16, 64); err == nil && caps>>sysAdmin&1 == 0 {
			return "it needs CAP_SYS_ADMIN to mount"
		}
	}
	return ""
}

var effective = regexp.MustCompile(`(?m)^CapEff:\s*([0-9a-f]+)$`)

// engine is a BuildKit that runs until the test ends.
type engine struct {
	buildctl, address string
	busybox           string // a static one; "" if there is none
	noRun             string // why it cannot execute RUN; "" if it can
}

func start(t *testing.T, how string) *engine {
	t.Helper()
	began := time.Now()
	programs := how
	if how == "build" {
		programs = compile(t)
		t.Logf("built BuildKit in %.0f s", time.Since(began).Seconds())
	}
	e := &engine{buildctl: filepath.Join(programs, "buildctl")}
	runc, err := exec.LookPath("runc")
	if err != nil {
		// BuildKit does not start without one, but does not use it unless there is a RUN.
		if runc, err = exec.LookPath("true"); err != nil {
			t.Fatal(err)
		}
		e.noRun = "runc is not installed"
	}
	for _, name := range []string{"/bin/busybox", "/usr/bin/busybox"} {
		if out, err := exec.Command(name, "true").CombinedOutput(); err == nil && len(out) == 0 && static(name) {
			e.busybox = name
			break
		}
	}
	if e.busybox == "" {
		e.noRun = "no static busybox is installed"
	}

	dir := t.TempDir()
	config, log := filepath.Join(dir, "buildkitd.toml"), filepath.Join(dir, "log")
	writeFile(t, config, "")
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	e.address = "unix://" + filepath.Join(dir, "s")
	daemon := exec.Command(filepath.Join(programs, "buildkitd"), "--config", config, "--root", filepath.Join(dir, "root"), "--addr", e.address,
		"--containerd-worker=false", "--oci-worker=true", "--oci-worker-binary="+runc, "--oci-worker-net=host",
		"--oci-worker-gc=false") // it would drop what must stay cached if the disk is nearly full
	daemon.Stdout, daemon.Stderr = out, out
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	var status error
	ended := make(chan struct{})
	go func() {
		status = daemon.Wait()
		close(ended)
	}()
	t.Cleanup(func() { // before the removal of dir
		_ = daemon.Process.Signal(os.Interrupt) // it may have exited
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Error("buildkitd does not end: killed")
			_ = daemon.Process.Kill()
			<-ended
		}
		_ = out.Close()
		if text, err := os.ReadFile(log); t.Failed() && err == nil {
			t.Logf("buildkitd said\n%s", text[max(0, len(text)-10_000):])
		}
	})
	for range 300 {
		if exec.Command(e.buildctl, "--addr", e.address, "debug", "workers").Run() == nil {
			e.probe(t)
			return e
		}
		select {
		case <-ended:
			t.Fatalf("buildkitd ended: %v", status)
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatal("buildkitd is not ready after 30 s")
	return nil
}

// static reports whether a program does not need a shared library.
func static(name string) bool {
	data, err := os.ReadFile(name)
	return err == nil && !bytes.Contains(data, []byte("/ld-linux")) && !bytes.Contains(data, []byte("/ld-musl"))
}

// compile builds buildkitd and buildctl in the module cache, with the dependency versions of their own module.
func compile(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", buildkit).Output()
	if err != nil {
		t.Fatalf("download %s: %v", buildkit, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := limit(t)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-o", dir+"/", "./cmd/buildkitd", "./cmd/buildctl")
	build.Dir = module.Dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build BuildKit: %v\n%s", err, out)
	}
	return dir
}

// limit ends what a test started early enough to clean up before the test binary times out.
func limit(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	if d, ok := t.Deadline(); ok {
		return context.WithDeadline(t.Context(), d.Add(-30*time.Second))
	}
	return context.WithCancel(t.Context())
}

// probe finds out whether the engine can build at all, and whether it can execute RUN.
func (e *engine) probe(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	e.rootfs(t, filepath.Join(dir, "rootfs.tar"))
	if r := e.build(t, dir, "FROM scratch\nADD rootfs.tar /\n"); r.failure != "" {
		t.Fatalf("BuildKit cannot build: %s", r.failure)
	}
	if e.noRun == "" {
		e.noRun = e.build(t, dir, "FROM scratch\nADD rootfs.tar /\nRUN true\n").failure
	}
	if e.noRun != "" {
		t.Logf("skipped: all that has a RUN: %s", e.noRun)
	}
}

// rootfs writes a tar file with the smallest system that can execute a RUN.
func (e *engine) rootfs(t *testing.T, name string) {
	t.Helper()
	var shell []byte
	if e.busybox != "" {
		var err error
		if shell, err = os.ReadFile(e.busybox); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range []tar.Header{
		{Name: "bin/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777},
		{Name: "bin/busybox", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(shell))},
		{Name: "bin/sh", Typeflag: tar.TypeSymlink, Linkname: "busybox"},
		{Name: "bin/true", Typeflag: tar.TypeSymlink, Linkname: "busybox"},
		{Name: "bin/cat", Typeflag: tar.TypeSymlink, Linkname: "busybox"},
	} {
		h.ModTime = time.Unix(0, 0)
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write(shell); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, name, out.String())
}

// result is the result of a build.
type result struct {
	failure string // BuildKit's reason for a failure; "" for success
	steps   []step // in the order in which they are reported
}

// step is an instruction that was executed or came from the cache.
type step struct {
	name   string
	cached bool
}

// build builds dockerfile with dir as its context, unless more sets both. more are arguments for buildctl.
func (e *engine) build(t *testing.T, dir, dockerfile string, more ...string) result {
	t.Helper()
	where := t.TempDir()
	writeFile(t, filepath.Join(where, "Dockerfile"), dockerfile)
	return e.buildIn(t, dir, where, more...)
}

// buildIn builds the file Dockerfile in the directory where.
func (e *engine) buildIn(t *testing.T, dir, where string, more ...string) result {
	t.Helper()
	ctx, cancel := limit(t)
	defer cancel()
	args := append([]string{
		"--addr", e.address, "build", "--frontend", "dockerfile.v0", "--local", "context=" + dir, "--local", "dockerfile=" + where,
		"--progress=rawjson",
	}, more...)
	cmd := exec.CommandContext(ctx, e.buildctl, args...)
	var progress bytes.Buffer
	cmd.Stderr = &progress
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("the build does not end: %v", ctx.Err())
	}
	r, rest := readProgress(&progress)
	if err != nil {
		r.failure = strings.TrimSpace(rest)
		if r.failure == "" {
			r.failure = err.Error()
		}
	}
	return r
}

// readProgress reads the progress that buildctl prints during a build, and what it prints after that.
func readProgress(in io.Reader) (r result, rest string) {
	text, err := io.ReadAll(in)
	if err != nil {
		return r, err.Error()
	}
	var order []string
	last := map[string]step{}
	for line := range bytes.Lines(text) {
		var status struct {
			Vertexes []struct {
				Digest, Name string
				Cached       bool
			}
		}
		if json.Unmarshal(line, &status) != nil {
			if !bytes.Contains(line, []byte("level=warning")) {
				rest += string(line)
			}
			continue
		}
		for _, v := range status.Vertexes {
			if !instruction.MatchString(v.Name) {
				continue
			}
			if _, ok := last[v.Digest]; !ok {
				order = append(order, v.Digest)
			}
			last[v.Digest] = step{v.Name, v.Cached}
		}
	}
	for _, d := range order {
		r.steps = append(r.steps, last[d])
	}
	return r, rest
}

// instruction matches the name of a step that comes from the Dockerfile, as in `[build 2/3] RUN true`.
var instruction = regexp.MustCompile(`^\[([^\]]+ )?\d+/\d+\] `)

// executed are the steps that did not come from the cache.
func (r result) executed() []string {
	var out []string
	for _, s := range r.steps {
		if !s.cached {
			out = append(out, s.name)
		}
	}
	slices.Sort(out)
	return out
}

// image is the digest and configuration of the image in an OCI layout.
func image(t *testing.T, layout string) (digest string, config map[string]any) {
	t.Helper()
	var index, manifest struct {
		Manifests []struct{ Digest string }
		Config    struct{ Digest string }
	}
	readJSON(t, filepath.Join(layout, "index.json"), &index)
	if len(index.Manifests) != 1 {
		t.Fatalf("%d images in %s", len(index.Manifests), layout)
	}
	digest = index.Manifests[0].Digest
	readJSON(t, blob(layout, digest), &manifest)
	readJSON(t, blob(layout, manifest.Config.Digest), &config)
	return digest, config
}

func blob(layout, digest string) string {
	return filepath.Join(layout, "blobs", strings.Replace(digest, ":", "/", 1))
}

func readJSON(t *testing.T, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", name, err))
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
