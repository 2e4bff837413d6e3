package tools_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestStranger builds and runs a program of another module, which fixes, checks with a rule of its own and prints SARIF.
func TestStranger(t *testing.T) {
	dir := t.TempDir()
	dockerfile := filepath.Join(dir, "Dockerfile")
	if err := os.WriteFile(dockerfile, []byte("FROM debian:13 as a\nRUN curl -f https://example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", ".", dir)
	cmd.Dir = "stranger"
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var log struct {
		Runs []struct{ Results []struct{ RuleID string } }
	}
	if err := json.Unmarshal(out, &log); err != nil {
		t.Fatal(err)
	}
	rules := map[string]int{}
	for _, r := range log.Runs[0].Results {
		rules[r.RuleID]++
	}
	if rules["no-curl"] != 1 || rules["mismatched-as-casing"] != 0 {
		t.Errorf("got %v, want one no-curl and nothing that is fixed", rules)
	}
	if fixed, err := os.ReadFile(dockerfile); err != nil || string(fixed) != "FROM debian:13 AS a\nRUN curl -f https://example.com\n" {
		t.Errorf("got %q, %v", fixed, err)
	}
}
