package tools_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/dockvet/dockvet/lint"
)

// TestMultitool has Microsoft's validator judge the SARIF format, with what GitHub demands beyond the schema: no error and no warning.
func TestMultitool(t *testing.T) {
	npm, err := exec.LookPath("npm")
	if err != nil || runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: the validator is not run, which needs npm on Linux")
	}
	dir := t.TempDir()
	install := exec.CommandContext(t.Context(), npm, "install", "--no-save", "--no-audit", "--ignore-scripts", "--prefix", dir, "@microsoft/sarif-multitool-linux@5.7.0")
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: the validator cannot be installed: %v\n%s", err, out)
	}
	program := filepath.Join(dir, "node_modules", "@microsoft", "sarif-multitool-linux", "Sarif.Multitool")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	r := findings(t)
	r.Version = "v1.2.3"
	seen := map[*lint.Rule]bool{} // the validator takes a second for ten findings
	r.Findings = slices.DeleteFunc(r.Findings, func(f *lint.Finding) bool {
		again := seen[f.Rule]
		seen[f.Rule] = true
		return again
	})
	for i, f := range r.Findings {
		f.Suppressed = []lint.Suppression{"", lint.ByComment, lint.ByBaseline, lint.ByUnchanged}[i%4]
	}
	in, out := filepath.Join(dir, "in.sarif"), filepath.Join(dir, "out.sarif")
	if err := os.WriteFile(in, write(t, "sarif", r), 0o644); err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), program, "validate", in, "--rule-kind", "Sarif;Ghas", "-o", out, "--log", "ForceOverwrite")
	check.Env = append(os.Environ(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1")
	text, err := check.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct{ RuleID, Level string }
			Tool    struct{ Driver struct{ Name string } }
		}
	}
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name == "" {
		t.Fatalf("not a log of the validator:\n%.2000s", data)
	}
	if n := len(log.Runs[0].Results); n > 0 {
		t.Errorf("%d errors and warnings:\n%.4000s", n, text)
	}
}
