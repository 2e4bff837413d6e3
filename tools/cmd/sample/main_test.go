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
}
