package tools_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/dialect"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/lint/linttest"
	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"

	"github.com/dockvet/dockvet/tools/internal/oracle"
)

// buildah runs an installed buildah with a store of its own.
type buildah struct {
	version []int
	dir     string
	flags   []string // of every command
}

// base is the name of the image from which cases are built: busybox, and nothing else.
const base = "localhost/base"

// newBuildah is the installed buildah. The test is skipped where there is none, or where it cannot run a command.
func newBuildah(t *testing.T) *buildah {
	t.Helper()
	out, err := exec.Command("buildah", "--version").Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("buildah is not installed: what the rules say about it is not compared with it")
	}
	version := regexp.MustCompile(`\d+(?:\.\d+)+`).Find(out)
	if err != nil || version == nil {
		t.Fatalf("buildah --version: %v\n%s", err, out)
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("busybox is not installed: there is nothing to build from")
	}
	b := &buildah{version: numbers(string(version)), dir: t.TempDir()}
	b.flags = []string{"--root", filepath.Join(b.dir, "root"), "--runroot", filepath.Join(b.dir, "run"), "--storage-driver", "vfs"}
	b.write(t, "policy.json", `{"default":[{"type":"insecureAcceptAnything"}]}`)
	b.write(t, "containers.conf", "[network]\nnetwork_backend = \"netavark\"\n[engine]\nhelper_binaries_dir = [\""+b.dir+"\"]\n")
	b.write(t, "netavark", "") // which it looks for, but does not run with the network of the host
	if err := os.Chmod(filepath.Join(b.dir, "netavark"), 0o755); err != nil {
		t.Fatal(err)
	}
	context := filepath.Join(b.dir, "base")
	if err := os.Mkdir(context, 0o755); err != nil {
		t.Fatal(err)
	}
	b.write(t, "base/root.tar", rootfs(t, busybox))
	b.write(t, "base/Dockerfile", "FROM scratch\nADD root.tar /\nENV PATH=/bin\n")
	if _, stderr, err := b.build(t, context, "-t", base); err != nil {
		t.Skipf("buildah does not build here: %v\n%s", err, stderr)
	}
	b.write(t, "base/Dockerfile", "FROM "+base+"\nRUN true\n")
	if _, stderr, err := b.build(t, context); err != nil {
		t.Skipf("buildah does not run commands here: %v\n%s", err, stderr)
	}
	return b
}

func numbers(version string) []int {
	var out []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part)
		out = append(out, n)
	}
	return out
}

// rootfs is a tar archive of busybox with the commands that cases use.
func rootfs(t *testing.T, busybox string) string {
	t.Helper()
	data, err := os.ReadFile(busybox)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	add := func(h *tar.Header, text []byte) {
		h.Size = int64(len(text))
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	add(&tar.Header{Name: "bin/busybox", Mode: 0o755, Typeflag: tar.TypeReg}, data)
	for _, name := range []string{"sh", "true", "false", "cat", "ls", "touch", "echo", "stat"} {
		add(&tar.Header{Name: "bin/" + name, Mode: 0o777, Typeflag: tar.TypeSymlink, Linkname: "busybox"}, nil)
	}
	add(&tar.Header{Name: "etc/passwd", Mode: 0o644, Typeflag: tar.TypeReg}, []byte("root:x:0:0::/:/bin/sh\n"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (b *buildah) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// command is what runs buildah.
func (b *buildah) command(args ...string) *exec.Cmd {
	cmd := exec.Command("buildah", append(slices.Clip(b.flags), args...)...)
	cmd.Env = append(os.Environ(), "CONTAINERS_CONF="+filepath.Join(b.dir, "containers.conf"), "TMPDIR="+b.dir, "BUILDAH_FORMAT=")
	return cmd
}

// build builds the Dockerfile in the directory context. Limits are low, since it cannot raise them without privileges.
func (b *buildah) build(t *testing.T, context string, flags ...string) (stdout, stderr string, err error) {
	t.Helper()
	args := append([]string{
		"bud", "--isolation", "chroot", "--network", "host", "--pull-never", "--signature-policy", filepath.Join(b.dir, "policy.json"),
		"--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "-t", "localhost/case", "-f", filepath.Join(context, "Dockerfile"),
	}, flags...)
	cmd := b.command(append(args, context)...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// does reports whether the installed version is one of those that r is about.
func (b *buildah) does(r *dialect.Row) bool {
	return (r.Since == "" || slices.Compare(b.version, numbers(r.Since)) >= 0) &&
		(r.Before == "" || slices.Compare(b.version, numbers(r.Before)) < 0)
}

// probes show what a row of the effect Differs does: instructions at the end of its case, and what they print in buildah.
func probes() map[string]struct{ instructions, prints string } {
	return map[string]struct{ instructions, prints string }{
		"argument-over-variable":       {"RUN echo \"[$A]\"\n", "[1]"},
		"argument-of-same-instruction": {"RUN echo \"[$B]\"\n", "[x]"},
		"required-variable":            {"RUN echo \"[$A]\"\n", "[message]"},
		"stage-argument":               {"RUN echo \"[$TARGETSTAGE]\"\n", "[]"},
		"port-range":                   {"", `"8000-8002/tcp"`}, // in the image
		"late-escape":                  {"", ""},                // the build fails
	}
}

var exactBase = regexp.MustCompile(`(?m)^FROM alpine:3\.22`)

// TestBuildah builds each case about buildah with the installed one: it must refuse exactly what refused-by-builder reports,
// warn about what ignored-by-builder reports, and do what a probe of builder-difference shows.
func TestBuildah(t *testing.T) {
	b := newBuildah(t)
	t.Logf("buildah %v", b.version)
	shown := map[string]bool{}
	for _, rule := range []string{"refused-by-builder", "ignored-by-builder", "builder-difference"} {
		for _, c := range linttest.Read(t, filepath.Join("..", "testdata", "rules", rule)) {
			if c.Config.Builder == string(lint.Buildah) {
				t.Run(rule+"/"+c.Name, func(t *testing.T) { b.compare(t, c, shown) })
			}
		}
	}
	for _, r := range dialect.Rows() {
		if r.Builder == lint.Buildah && !shown[r.Name] {
			t.Errorf("no case shows %s", r.Name)
		}
	}
}

// TestBuildersDiffer checks that BuildKit's frontend accepts the cases of the rules about other builders, so that what they
// report is a difference, and that each row has a case. What it does with a build is in the documentation.
func TestBuildersDiffer(t *testing.T) {
	shown := map[string]bool{}
	for _, rule := range []string{"refused-by-builder", "ignored-by-builder", "builder-difference"} {
		for _, c := range linttest.Read(t, filepath.Join("..", "testdata", "rules", rule)) {
			p := plan.New(dockerfile.Parse("Dockerfile", c.Dockerfile), plan.Options{})
			stops := false // where buildah goes on
			for _, d := range dialect.Find(p, lint.Builder(c.Config.Builder), c.Config.DockerFormat) {
				shown[d.Name] = true
				stops = stops || d.Name == "required-variable"
			}
			if refusal, ok := oracle.Refuses(c.Dockerfile, oracle.Build{}); ok != stops {
				t.Errorf("%s/%s: BuildKit refuses it: %v, want %v: %s", rule, c.Name, ok, stops, refusal.Message)
			}
		}
	}
	for _, r := range dialect.Rows() {
		if !shown[r.Name] {
			t.Errorf("no case shows %s", r.Name)
		}
		if r.Source == "" {
			t.Errorf("%s does not say how it is known", r.Name)
		}
	}
}

// compare builds c and notes the rows that it is about in shown.
func (b *buildah) compare(t *testing.T, c linttest.Case, shown map[string]bool) {
	t.Helper()
	var refused, prints []string
	src := string(c.Dockerfile)
	failing := false
	p := plan.New(dockerfile.Parse("Dockerfile", c.Dockerfile), plan.Options{})
	ignored := map[string]bool{}
	for _, d := range dialect.Find(p, lint.Buildah, c.Config.DockerFormat) {
		shown[d.Name] = true
		if !b.does(d.Row) || !d.Certain {
			continue
		}
		switch d.Effect {
		case dialect.Refused:
			refused = append(refused, d.Name)
		case dialect.Ignored:
			ignored[d.Text] = true
		case dialect.Differs:
			probe, ok := probes()[d.Name]
			if !ok {
				t.Fatalf("nothing shows %s", d.Name)
			}
			src += probe.instructions
			prints = append(prints, probe.prints)
			failing = failing || probe.prints == ""
		}
	}
	context := t.TempDir()
	for name, f := range c.Files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(context, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(context, name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	src = exactBase.ReplaceAllString(src, "FROM "+base)
	if err := os.WriteFile(filepath.Join(context, "Dockerfile"), []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	format := "oci"
	if c.Config.DockerFormat {
		format = "docker"
	}
	stdout, stderr, err := b.build(t, context, "--format", format)
	if want := len(refused) > 0 || failing; (err != nil) != want {
		t.Fatalf("buildah fails: %v, want %v because of %v\n%s%s", err, want, refused, stdout, stderr)
	}
	for _, name := range []string{"HEALTHCHECK", "SHELL", "ONBUILD"} {
		warns := strings.Contains(stderr, name+" is not supported for OCI image format")
		if none := strings.Contains(src, "HEALTHCHECK NONE"); warns != ignored[name] && !none {
			t.Errorf("buildah warns about %s: %v, we report it: %v\n%s", name, warns, ignored[name], stderr)
		}
	}
	if len(prints) == 0 || failing {
		return
	}
	image, err := b.command("inspect", "--type", "image", "localhost/case").Output()
	if err != nil || !json.Valid(image) {
		t.Fatalf("inspect: %v\n%s", err, image)
	}
	for _, text := range prints {
		if !strings.Contains(stdout+string(image), text) {
			t.Errorf("buildah does not show %s\n%s%s", text, stdout, stderr)
		}
	}
}
