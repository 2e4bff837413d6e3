package rules_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/scanners"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

// TestScanners holds that the table of other scanners' ids names rules that exist, that each id is found in every
// spelling, and that the codes of our own rules are in it.
func TestScanners(t *testing.T) {
	index := lint.NewIndex(rules.All())
	seen := map[string]bool{}
	for _, id := range scanners.All() {
		if seen[id.Name] {
			t.Errorf("%s is there twice", id.Name)
		}
		seen[id.Name] = true
		for _, name := range id.Rules {
			if r := index[name]; r == nil || r.Name != name {
				t.Errorf("%s: no rule is called %s", id.Name, name)
			}
		}
		r := index.Find(id.Name)
		retired, isRetired := lint.FindRetired(nil, id.Name)
		switch {
		case len(id.Rules) > 0 && r == nil:
			t.Errorf("%s: no rule is found", id.Name)
		case len(id.Rules) == 0 && (id.Reason == "" || r == nil && (!isRetired || retired.What != id.Reason)):
			t.Errorf("%s: no reason is found", id.Name)
		}
	}
	for _, r := range rules.All() {
		for _, a := range r.Aliases {
			if strings.ContainsAny(a, "-_") && !seen[a] {
				t.Errorf("%s: %s is not in internal/scanners/ids.tsv", r.Name, a)
			}
		}
	}
}

// TestScannersComplete compares the table with a list of the checks of other scanners, which is not in the repository.
func TestScannersComplete(t *testing.T) {
	list, err := os.Open("../../shared/knowledge/security-rules.tsv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("SKIPPED: the list of the checks of other scanners is not there")
	} else if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = list.Close() }() // nothing was written
	r := csv.NewReader(list)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const many = 300
	if len(rows) < many {
		t.Fatalf("the list has only %d rows", len(rows))
	}
	for _, row := range rows[1:] {
		name, _, _ := strings.Cut(row[2], " ")
		if scanners.Find(name) == nil {
			t.Errorf("%s of %s is not in internal/scanners/ids.tsv", name, row[0])
		}
	}
}

var writeSecurity = flag.Bool("update-security", false, "rewrite the table in docs/security.md")

// TestSecurityTable holds that docs/security.md has the table of ids.
func TestSecurityTable(t *testing.T) {
	const name = "../docs/security.md"
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	begin := []byte("<!-- begin table -->\n")
	at := bytes.Index(page, begin)
	if at < 0 {
		t.Fatal("docs/security.md has no table")
	}
	index := lint.NewIndex(rules.All())
	var b bytes.Buffer
	b.Write(page[:at+len(begin)])
	b.WriteString("| tool | id | rules, or why none |\n|---|---|---|\n")
	for _, id := range scanners.All() {
		var cells []string
		for _, rule := range id.Rules {
			cells = append(cells, "["+rule+"](../rules/"+filepath.ToSlash(index[rule].Page())+")")
		}
		text := strings.Join(cells, ", ")
		if text == "" {
			text = "– " + id.Reason
		}
		b.WriteString("| " + id.Tool + " | " + id.Name + " | " + text + " |\n")
	}
	if *writeSecurity {
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil { //nolint:gosec // documentation is for everybody
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(b.Bytes(), page) {
		t.Error("docs/security.md is out of date; run: go test ./rules -run TestSecurityTable -update-security")
	}
}
