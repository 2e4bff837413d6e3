package shell_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/shell"
)

func TestTails(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"#!/bin/sh\nset -e\n\"$@\"\n", []string{"$@"}},
		{"a && b c\n", []string{"b"}},
		{"a || b\n", nil},
		{"a | b\n", nil},
		{"a &\nb\n", nil},
		{"! a\n", nil},
		{"f() { a; }\nf\n", []string{"f"}},
		{"trap 'kill 1' TERM\na\n", nil},
		{"if x; then exec y; fi\na\n", nil},
		{"exec >log\na\n", []string{"a"}},
		{"if x; then gosu u a; elif y; then b; else { c; d; }; fi\n", []string{"a", "b", "d"}},
		{"case $1 in x) a ;; *) b & ;; esac\n", nil},
		{"case $1 in x) a ;; *) b ;; esac\n", []string{"a", "b"}},
		{"#!/usr/bin/env python3\nprint()\n", nil},
		{"if\n", nil},
		{"", nil},
	} {
		var got []string
		for _, tail := range shell.ReadFile(c.text, "").Tails() {
			got = append(got, tail.Words[0].Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %s", c.text, cmp.Diff(c.want, got))
		}
	}
}

func TestShebang(t *testing.T) {
	for text, want := range map[string][]string{
		"#!/bin/sh\nset": {"/bin/sh"}, "#! /usr/bin/env bash\r\n": {"/usr/bin/env", "bash"},
		"# a\n": nil, "#!\n": nil, "": nil, " #!/bin/sh\n": nil,
	} {
		if got, ok := shell.Shebang(text); !slices.Equal(got, want) || ok != (want != nil) {
			t.Errorf("%q: %q, %t", text, got, ok)
		}
	}
}
