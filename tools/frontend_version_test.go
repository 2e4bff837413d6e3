package tools_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/frontend"
)

// TestFrontendVersions compares the releases from which a flag can be used with the tables of Docker's reference, both ways, and the
// others with what the reference says in its text.
func TestFrontendVersions(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/moby/buildkit").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "frontend", "dockerfile", "docs", "reference.md"))
	if err != nil {
		t.Fatal(err)
	}
	reference := string(data)
	documented := map[string]int{}
	row := regexp.MustCompile("^\\| \\[`--([a-z-]+)`\\]\\(#[a-z-]+\\) +\\| +1\\.(\\d+) +\\|")
	section := ""
	for line := range strings.SplitSeq(reference, "\n") {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			section = name
		}
		if m := row.FindStringSubmatch(line); m != nil {
			if documented[section+" --"+m[1]], err = strconv.Atoi(m[2]); err != nil {
				t.Fatal(err)
			}
		}
	}
	// What the reference says outside of its tables, and what only the release notes say.
	text := map[string]string{
		"RUN --mount=type=secret,env=": "(since Dockerfile v1.10.0)",
		"--chmod with letters":         "(added in Dockerfile version 1.14)",
		"ONBUILD with from":            "As of Dockerfile syntax 1.11",
	}
	notes := map[string]int{"HEALTHCHECK --start-interval": 6, "heredoc": 4, "${V-x}": 6, "${V#x}": 7}
	seen := map[string]bool{}
	for _, f := range frontend.Features() {
		seen[f.Name] = true
		switch want, ok := documented[f.Name]; {
		case ok && want != f.Minor:
			t.Errorf("%s: 1.%d, the reference says 1.%d", f.Name, f.Minor, want)
		case ok:
		case text[f.Name] != "":
			if !strings.Contains(reference, text[f.Name]) || !strings.Contains(text[f.Name], "1."+strconv.Itoa(f.Minor)) {
				t.Errorf("%s: 1.%d, but the reference does not say %q", f.Name, f.Minor, text[f.Name])
			}
		case notes[f.Name] != f.Minor:
			t.Errorf("%s: 1.%d is not documented", f.Name, f.Minor)
		}
	}
	for name, minor := range documented {
		if !seen[name] {
			t.Errorf("the reference says that %s needs 1.%d, and the table lacks it", name, minor)
		}
	}
	if len(documented) < 10 {
		t.Errorf("found %d flags in the reference", len(documented))
	}
	page, err := os.ReadFile("../rules/syntax/frontend_too_old.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frontend.Features() {
		if f.Minor > 1 && !strings.Contains(string(page), "| 1."+strconv.Itoa(f.Minor)+" |") {
			t.Errorf("the page does not mention release 1.%d of %s", f.Minor, f.Name)
		}
	}
}
