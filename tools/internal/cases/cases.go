// Package cases reads what the cases of rules want, for tables about the rules.
package cases

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"golang.org/x/tools/txtar"
)

// Case is one case of a rule.
type Case struct {
	Dockerfile []byte
	Findings   []Finding
}

// Finding is a finding that a case wants.
type Finding struct {
	Elsewhere bool // it is not in the Dockerfile
	Aliases   []string
	Breaks    lint.Breaks
	Doubt     bool // its confidence is low
}

// place begins each finding in the section want.
var place = regexp.MustCompile(`^(\S+:)?\d+:\d+-\d+:\d+ `)

// Of are the cases of a rule in the repository at root.
func Of(root string, r *lint.Rule) ([]Case, error) {
	names, err := filepath.Glob(filepath.Join(root, "testdata", "rules", r.Name, "*.txtar"))
	if err != nil {
		return nil, err
	}
	var out []Case
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
		var c Case
		for _, f := range a.Files {
			switch f.Name {
			case "Dockerfile":
				c.Dockerfile = f.Data
			case "want":
				c.Findings = findings(string(f.Data))
			}
		}
		out = append(out, c)
	}
	return out, nil
}

func findings(want string) []Finding {
	var out []Finding
	for l := range strings.Lines(want) {
		l = strings.TrimSuffix(l, "\n")
		if m := place.FindStringSubmatch(l); m != nil {
			out = append(out, Finding{Elsewhere: m[1] != ""})
			continue
		}
		if len(out) == 0 {
			continue
		}
		f := &out[len(out)-1]
		key, value, _ := strings.Cut(strings.TrimPrefix(l, "  "), " ")
		switch key {
		case "alias":
			f.Aliases = append(f.Aliases, value)
		case "breaks":
			f.Breaks = lint.Breaks(value)
		case "doubt":
			f.Doubt = true
		}
	}
	return out
}

// Profile is the quietest profile that runs a rule, for a table: followed by `in part` if some findings have low
// confidence, so that only strict prints them, or strict if all have. With a code only the findings with that code
// count.
func Profile(root string, r *lint.Rule, code string) (string, error) {
	all, err := Of(root, r)
	if err != nil || r.Profile == lint.Strict {
		return r.Profile.String(), err
	}
	certain, low := false, false
	for _, c := range all {
		for _, f := range c.Findings {
			certain = certain || !f.Doubt
			low = low || f.Doubt && (code == "" || slices.Contains(f.Aliases, code))
		}
	}
	switch {
	case low && !certain:
		return lint.Strict.String(), nil
	case low:
		return r.Profile.String() + ", in part", nil
	}
	return r.Profile.String(), nil
}
