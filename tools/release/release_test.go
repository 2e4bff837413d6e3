// Package release tests what GoReleaser built: `make snapshot`.
package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/rules"
)

// dist is the directory that GoReleaser wrote; the test is skipped without one.
func dist(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("DIST")
	if dir == "" {
		t.Skip("DIST is not set: run `make snapshot`")
	}
	return dir
}

type artifact struct {
	Name, Path, Type, Goos, Goarch string
}

func artifacts(t *testing.T) (all []artifact, version string) {
	t.Helper()
	var meta struct{ Version string }
	for name, v := range map[string]any{"artifacts.json": &all, "metadata.json": &meta} {
		text, err := os.ReadFile(filepath.Join(dist(t), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, v); err != nil {
			t.Fatal(err)
		}
	}
	for i := range all {
		all[i].Path = filepath.Join(filepath.Dir(dist(t)), all[i].Path)
	}
	return all, meta.Version
}

// here is the binary of this machine.
func here(t *testing.T) artifact {
	t.Helper()
	all, _ := artifacts(t)
	i := slices.IndexFunc(all, func(a artifact) bool {
		return a.Type == "Binary" && a.Goos == runtime.GOOS && a.Goarch == runtime.GOARCH
	})
	if i < 0 {
		t.Skip("no binary for this platform")
	}
	return all[i]
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// check runs a dockvet on a Dockerfile with one finding.
func check(t *testing.T, name string, args ...string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM debian:latest\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(name, append(args, "check", dir)...).CombinedOutput()
	if code := new(exec.ExitError); !errors.As(err, &code) || code.ExitCode() != 1 || !bytes.Contains(out, []byte("latest-tag")) {
		t.Errorf("%s check: %v\n%s", name, err, out)
	}
}

func TestPlatforms(t *testing.T) {
	all, _ := artifacts(t)
	count := map[string]int{}
	var platforms []string
	for _, a := range all {
		count[a.Type]++
		if a.Type == "Binary" {
			platforms = append(platforms, a.Goos+"/"+a.Goarch)
		}
	}
	slices.Sort(platforms)
	want := []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}
	if !slices.Equal(platforms, want) {
		t.Errorf("binaries for %v, want %v", platforms, want)
	}
	// A deb, an rpm and an apk for each processor of Linux; an archive and an SBOM for each platform.
	for kind, n := range map[string]int{"Archive": 6, "Linux Package": 6, "SBOM": 6, "Checksum": 1, "Homebrew Formula": 1} {
		if count[kind] != n {
			t.Errorf("%d of kind %s, want %d (there are %v)", count[kind], kind, n, count)
		}
	}
}

// TestReproducible builds the binary of this machine once more, from the same commit, with the flags that `make build` reads from
// GoReleaser's settings.
func TestReproducible(t *testing.T) {
	a := here(t)
	root := filepath.Dir(dist(t))
	cmd := exec.Command("make", "build")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOFLAGS=-buildvcs=true")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	again := filepath.Join(root, "bin", "dockvet")
	if sum(t, a.Path) != sum(t, again) {
		t.Error("a second build of the same commit differs")
	}
}

func sum(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}

func TestChecksums(t *testing.T) {
	all, _ := artifacts(t)
	text, err := os.ReadFile(filepath.Join(dist(t), "checksums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 2 {
			sums[f[1]] = f[0]
		}
	}
	for _, a := range all {
		if a.Type != "Archive" && a.Type != "Linux Package" && a.Type != "SBOM" {
			continue
		}
		if sums[a.Name] != sum(t, a.Path) {
			t.Errorf("%s: the checksum is %q", a.Name, sums[a.Name])
		}
	}
}

func TestSBOM(t *testing.T) {
	all, _ := artifacts(t)
	for _, a := range all {
		if a.Type != "SBOM" {
			continue
		}
		text, err := os.ReadFile(a.Path)
		if err != nil {
			t.Fatal(err)
		}
		var bom struct {
			BomFormat  string
			Components []struct{ Purl string }
		}
		if err := json.Unmarshal(text, &bom); err != nil {
			t.Fatalf("%s: %v", a.Name, err)
		}
		if bom.BomFormat != "CycloneDX" || !bytes.Contains(text, []byte("pkg:golang/github.com/moby/buildkit@")) {
			t.Errorf("%s: %d components in %s, without BuildKit", a.Name, len(bom.Components), bom.BomFormat)
		}
	}
}

func TestBinary(t *testing.T) { check(t, here(t).Path) }

// TestPages reads the pages of all rules, which a release has in compressed form.
func TestPages(t *testing.T) {
	name := here(t).Path
	for _, r := range rules.All() {
		if out := run(t, t.TempDir(), name, "explain", r.Name); !strings.HasPrefix(out, rules.Page(r)) {
			t.Errorf("explain %s prints\n%s", r.Name, out)
		}
	}
}

// TestDeb installs the Debian package into a root of its own.
func TestDeb(t *testing.T) {
	dpkg, err := exec.LookPath("dpkg-deb")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("there is no dpkg-deb")
	}
	all, _ := artifacts(t)
	for _, a := range all {
		if a.Type != "Linux Package" || a.Goarch != runtime.GOARCH || filepath.Ext(a.Name) != ".deb" {
			continue
		}
		root := t.TempDir()
		run(t, root, dpkg, "--extract", a.Path, root)
		check(t, filepath.Join(root, "usr", "bin", "dockvet"))
		if info := run(t, root, dpkg, "--field", a.Path, "Package", "Maintainer"); !strings.Contains(info, "Package: dockvet") {
			t.Errorf("fields of the package:\n%s", info)
		}
		return
	}
	t.Error("there is no Debian package for this processor")
}

// TestNpx installs the packed npm packages and runs the program as users do.
func TestNpx(t *testing.T) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("there is no npm")
	}
	_, version := artifacts(t)
	work := t.TempDir()
	cpu := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if cpu == "" {
		cpu = runtime.GOARCH
	}
	var tarballs []string
	for _, name := range []string{"dockvet", runtime.GOOS + "-" + cpu} {
		out := run(t, work, npm, "pack", "--silent", filepath.Join(dist(t), "npm", name))
		tarballs = append(tarballs, "./"+strings.TrimSpace(out))
	}
	// The packages of the other platforms are not published, and npm goes on without an optional dependency that it cannot get.
	run(t, work, npm, append([]string{"install", "--silent", "--no-audit", "--no-fund"}, tarballs...)...)
	if out := run(t, work, "npx", "--no-install", "dockvet", "version"); !strings.HasPrefix(out, "dockvet ") {
		t.Errorf("npx dockvet version: %s", out)
	}
	check(t, filepath.Join(work, "node_modules", ".bin", "dockvet"))
	text, err := os.ReadFile(filepath.Join(work, "node_modules", "dockvet", "package.json"))
	if err != nil || !bytes.Contains(text, []byte(`"version": "`+version+`"`)) {
		t.Errorf("the package does not have version %s: %v", version, err)
	}
}
