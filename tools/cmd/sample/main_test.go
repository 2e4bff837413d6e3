package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.Dockerfile", i)), []byte("FROM debian:latest\nCOPPY a b\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sample := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(append([]string{"-corpus", dir, "-now", "2026-11-23"}, args...), &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	one := sample("-seed", "0f3a", "-n", "12")
	if one != sample("-seed", "0f3a", "-n", "12") {
		t.Error("the same seed draws another sample")
	}
	if one == sample("-seed", "0f3b", "-n", "12") {
		t.Error("another seed draws the same sample")
	}
	if !strings.HasPrefix(one, "40 findings in 20 files: 2.00 a file\n    20 latest-tag\n    20 syntax-error\n\n#1 of 12\n") {
		t.Errorf("got\n%s", one)
	}
	if n := strings.Count(sample("-most", "3"), "#"); n != 6 {
		t.Errorf("3 of a rule make %d", n)
	}
	if all := sample("-rule", "DL3007"); strings.Count(all, "#") != 8 || strings.Contains(all, "error[") {
		t.Errorf("another rule was drawn\n%s", all)
	}
	for _, args := range [][]string{{"-profile", "x"}, {"-now", "x"}, {"-rule", "x", "-corpus", dir}, {"-corpus", filepath.Join(dir, "none")}} {
		if err := run(args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}

	// Files are linted under their paths, which say here that one is archived.
	manifest := "name\trepo\tcommit\tpath\n"
	for i := range 20 {
		manifest += fmt.Sprintf("%02d.Dockerfile\texample/app\tc0ffee\t%d/Dockerfile\n", i, i)
	}
	corpus := filepath.Join(dir, "dockerfiles")
	if err := os.Mkdir(corpus, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"manifest.tsv":               strings.Replace(manifest, "\t1/", "\t_archived/", 1),
		"dockerfiles/00.Dockerfile":  "FROM debian:latest\nCOPPY a b\n",
		"dockerfiles/01.Dockerfile":  "FROM debian:latest\nCOPPY a b\n",
		"dockerfiles/new.Dockerfile": "FROM debian:latest\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	named := sample("-corpus", corpus)
	if !strings.HasPrefix(named, "4 findings in 3 files: 1.33 a file\n     2 latest-tag\n     2 syntax-error\n") ||
		!strings.Contains(named, ", 00.Dockerfile of example/app\n") || !strings.Contains(named, " 0/Dockerfile:1") || !strings.Contains(named, " new.Dockerfile:1") {
		t.Errorf("got\n%s", named)
	}
}
