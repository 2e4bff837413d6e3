package rules_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/lint/linttest"
	"github.com/dockvet/dockvet/rules"
)

// TestPages holds that each rule has a page in our order, whose bad examples the rule reports and whose good ones it
// does not.
func TestPages(t *testing.T) {
	for _, rule := range rules.All() {
		t.Run(rule.Name, func(t *testing.T) {
			page := pageFile(t, rule)
			title := "# " + rule.Name
			if len(rule.Aliases) > 0 {
				title += " (" + strings.Join(rule.Aliases, ", ") + ")"
			}
			if first, _, _ := strings.Cut(page, "\n"); first != title {
				t.Fatalf("page begins with %q, want %q", first, title)
			}
			var heads []string
			for line := range strings.SplitSeq(page, "\n") {
				if h, ok := strings.CutPrefix(line, "## "); ok {
					heads = append(heads, h)
				}
			}
			order := []string{"Why", "Bad", "Good", "Fix", "Options", "Other tools", "References"}
			at := -1
			for _, h := range heads {
				i := slices.Index(order, h)
				if i <= at {
					t.Errorf("heading %q is unknown or out of the order %v", h, order)
				}
				at = i
			}
			if (rule.Options != nil) != slices.Contains(heads, "Options") {
				t.Error("the page has a section Options if and only if the rule has options")
			}
			if (rule.Fix > lint.Display) != slices.Contains(heads, "Fix") {
				t.Error("the page has a section Fix if and only if the rule has one that can be applied")
			}
			examples(t, rule, page)
		})
	}
}

var fence = regexp.MustCompile("(?ms)^```([a-z]*)(?: title=(\\S+))?\n(.*?)^```$")

// examples runs the code blocks of the sections Bad and Good. Each block called `dockerfile` is one Dockerfile;
// blocks with a title before it are files of its build context; one called .dockvet.yaml holds the rule's options
// or the builder instead, for all that follows in the section. A ␍ at the end of a line stands for a carriage return.
func examples(t *testing.T, rule *lint.Rule, page string) {
	t.Helper()
	if rule.Name == lint.RuleBug || rule.Name == lint.MissingReason || rule.Name == lint.ShellCheck {
		return // a Dockerfile by itself cannot show them
	}
	for _, section := range []string{"Bad", "Good"} {
		_, text, ok := strings.Cut(page, "\n## "+section+"\n")
		if !ok {
			t.Errorf("no section %s", section)
			continue
		}
		text, _, _ = strings.Cut(text, "\n## ")
		files := fstest.MapFS{}
		n := 0
		var c linttest.Config
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			if m[2] == ".dockvet.yaml" {
				c = optionsOf(t, rule, m[3])
				continue
			}
			if m[2] != "" {
				files[m[2]] = &fstest.MapFile{Data: []byte(m[3])}
				continue
			}
			if m[1] != "dockerfile" {
				continue
			}
			n++
			text := strings.ReplaceAll(m[3], "␍\n", "\r\n")
			got := suite().Lint(t, rule, linttest.Case{Dockerfile: []byte(text), Files: files, Config: c})
			if section == "Bad" && len(got) == 0 {
				t.Errorf("no finding in the bad example\n%s", m[3])
			}
			if section == "Good" && len(got) > 0 {
				t.Errorf("the good example has findings\n%s", linttest.Render(got))
			}
			files = fstest.MapFS{}
		}
		if n == 0 {
			t.Errorf("section %s has no example", section)
		}
	}
}

// optionsOf is the configuration of a case with the options in a page's .dockvet.yaml.
func optionsOf(t *testing.T, rule *lint.Rule, text string) linttest.Config {
	t.Helper()
	var file struct {
		Rules  map[string]yaml.Node `yaml:"rules"`
		Builds []struct {
			Builder, Format string
		} `yaml:"builds"`
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	c := linttest.Config{Options: file.Rules[rule.Name]}
	for _, b := range file.Builds {
		c.Builder, c.DockerFormat = b.Builder, b.Format == "docker"
	}
	return c
}

// pageFile is the text of a rule's page, "" if it has none.
func pageFile(t *testing.T, r *lint.Rule) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(r.Page()))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}
