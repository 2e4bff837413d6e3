package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

type action struct {
	Inputs map[string]struct {
		Description, Default string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, Uses, Shell, Run string
	Env                  map[string]string
}

func readAction(t *testing.T) (a action) {
	t.Helper()
	src, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(src, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAction runs the last step of action.yml as a runner does: inputs in the environment, outputs in a file.
func TestAction(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("the step is for bash")
	}
	action := readAction(t)
	for name, in := range action.Inputs {
		if in.Description == "" {
			t.Errorf("input %s has no description", name)
		}
	}
	step := action.Runs.Steps[len(action.Runs.Steps)-1]
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM debian:latest\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a b.Dockerfile"), []byte("FROM scratch\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test's own binary is dockvet under that name: see TestMain.
	if err := os.MkdirAll(filepath.Join(dir, "tmp", "dockvet"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(dir, "tmp", "dockvet", "dockvet")); err != nil {
		t.Skip(err)
	}
	run := func(inputs map[string]string) (outputs string, code int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), bash, "-e", "-o", "pipefail", "-c", step.Run)
		cmd.Dir = dir
		file := filepath.Join(dir, "outputs")
		cmd.Env = append(os.Environ(), "RUNNER_TEMP="+filepath.Join(dir, "tmp"), "GITHUB_OUTPUT="+file)
		for name, value := range step.Env {
			input := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
			def, ok := action.Inputs[input]
			if !ok {
				t.Errorf("step reads input %s, which does not exist", input)
			}
			if given, ok := inputs[input]; ok {
				def.Default = given
			}
			cmd.Env = append(cmd.Env, name+"="+def.Default)
		}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		t.Logf("%s", out)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(file) // the next run writes it again
		return string(text), cmd.ProcessState.ExitCode()
	}
	outputs, code := run(nil)
	if want := "exit-code=1\noutput=dockvet.sarif\n"; outputs != want || code != 1 {
		t.Errorf("exit code %d, outputs %q", code, outputs)
	}
	sarif, err := os.ReadFile(filepath.Join(dir, "dockvet.sarif"))
	if err != nil || !strings.Contains(string(sarif), "latest-tag") {
		t.Errorf("report: %v\n%s", err, sarif)
	}
	outputs, code = run(map[string]string{"fail-on": "never", "output": "", "format": "github"})
	if want := "exit-code=0\noutput=\n"; outputs != want || code != 0 {
		t.Errorf("exit code %d, outputs %q", code, outputs)
	}
	if _, code = run(map[string]string{"path": "a b.Dockerfile\n", "args": "--select\nlatest-tag\n"}); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, code = run(map[string]string{"path": "$(exit 3)"}); code != 2 {
		t.Errorf("exit code %d", code)
	}
}

// TestActionDownload runs the step that downloads a release, with a curl that copies from a directory.
func TestActionDownload(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("the step is tried on Linux only")
	}
	a := readAction(t)
	i := slices.IndexFunc(a.Runs.Steps, func(s actionStep) bool { return s.ID == "download" })
	const script = `#!/bin/sh
while [ $# -gt 1 ]; do
	case $1 in --output) to=$2; shift ;; esac
	shift
done
cp "$RELEASE/${1##*/}" "$to"
`
	const archive = "dockvet_1.2.3_linux_amd64.tar.gz"
	for _, c := range []struct {
		name, ref, checksum string
		found, fails        bool
	}{
		{name: "released", ref: "v1.2.3", checksum: "right", found: true},
		{name: "changed", ref: "v1.2.3", checksum: strings.Repeat("0", 64), fails: true},
		{name: "no checksum", ref: "v1.2.3", fails: true},
		{name: "not released", ref: "v9.9.9", checksum: "right"},
		{name: "commit", ref: "0123456789", checksum: "right"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, text string, mode os.FileMode) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range []string{"bin", "release", "tmp"} {
				if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			write("bin/curl", script, 0o755)
			write("dockvet", "program", 0o755)
			if out, err := exec.CommandContext(t.Context(), "tar", "-czf", filepath.Join(dir, "release", archive), "-C", dir, "dockvet").CombinedOutput(); err != nil {
				t.Skipf("tar: %v %s", err, out)
			}
			sum := c.checksum
			if sum == "right" {
				text, err := os.ReadFile(filepath.Join(dir, "release", archive))
				if err != nil {
					t.Fatal(err)
				}
				sum = fmt.Sprintf("%x", sha256.Sum256(text))
			}
			sums := strings.Repeat("1", 64) + "  another.tar.gz\n"
			if sum != "" {
				sums += sum + "  " + archive + "\n"
			}
			write("release/checksums.txt", sums, 0o644)
			cmd := exec.CommandContext(t.Context(), bash, "-e", "-o", "pipefail", "-c", a.Runs.Steps[i].Run)
			outputs := filepath.Join(dir, "outputs")
			cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "RELEASE="+filepath.Join(dir, "release"),
				"REF="+c.ref, "RELEASES=https://example.com", "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "RUNNER_TEMP="+filepath.Join(dir, "tmp"),
				"GITHUB_OUTPUT="+outputs)
			out, err := cmd.CombinedOutput()
			text, _ := os.ReadFile(outputs)
			if (err != nil) != c.fails || strings.Contains(string(text), "found=true") != c.found {
				t.Errorf("%v, outputs %q\n%s", err, text, out)
			}
			if _, err := os.Stat(filepath.Join(dir, "tmp", "dockvet", "dockvet")); (err == nil) != c.found {
				t.Errorf("program: %v", err)
			}
		})
	}
}
