package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestAction runs the last step of action.yml as a runner does: inputs in the environment, outputs in a file.
func TestAction(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("the step is for bash")
	}
	src, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]struct {
			Description, Default string
		}
		Outputs map[string]struct{ Description, Value string }
		Runs    struct {
			Using string
			Steps []struct {
				Uses, Shell, Run string
				Env              map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(src, &action); err != nil {
		t.Fatal(err)
	}
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
