package distro

import (
	"strings"
	"testing"
	"time"
)

// TestSources checks that each row of the tables has a day and a source, its own or that of its section.
func TestSources(t *testing.T) {
	dated := func(line, day, source string) {
		if _, err := time.Parse(time.DateOnly, day); err != nil || strings.TrimSpace(source) == "" {
			t.Errorf("no day or source: %s", line)
		}
	}
	for line := range strings.Lines(archivesText) {
		if f := strings.SplitN(strings.TrimSpace(line), " ", 5); !strings.HasPrefix(line, "#") {
			if len(f) < 5 {
				t.Errorf("not five columns: %s", line)
				continue
			}
			dated(line, f[2], f[4])
		}
	}
	for name, text := range map[string]string{"packages": packagesText, "brings": bringsText} {
		section := false
		for line := range strings.Lines(text) {
			switch {
			case strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "":
			case strings.HasPrefix(line, "= "):
				section = true
				if f := strings.SplitN(strings.TrimSpace(line), " ", 4); len(f) == 4 {
					dated(line, f[2], f[3])
				} else {
					t.Errorf("%s: no day or source: %s", name, line)
				}
			case !section:
				t.Errorf("%s: a row before the first section: %s", name, line)
			}
		}
	}
	if !strings.Contains(repositoriesText, "# Source: ") || !strings.Contains(repositoriesText, "Read 20") {
		t.Error("repositories.txt does not say where it was read, and when")
	}
}

func TestRepository(t *testing.T) {
	for text, want := range map[string]string{
		"deb https://mirrors.example.org/nodesource/node_12.x focal main": " nodejs ",
		"deb https://packages.example.com/ stable main":                   AnyPackage,
	} {
		if got := Repository(text); got != want {
			t.Errorf("%s brings %q, want %q", text, got, want)
		}
	}
	if _, program, ok := Script("https://rpm.nodesource.com/setup_12.x"); !ok || program == "" {
		t.Error("NodeSource's script is not known")
	}
	if words, program, ok := Script("https://sh.rustup.rs"); !ok || words != "" || program != "" {
		t.Error("rustup's script adds a source")
	}
	if _, _, ok := Script("https://example.com/setup.sh"); ok {
		t.Error("any script is known")
	}
}
