package pragma

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseIgnore(t *testing.T) {
	for text, want := range map[string]*Ignore{
		"dockvet ignore=a":                     {Tool: Dockvet, Names: []Name{{"a", 15}}},
		"dockvet: ignore = a , b because":      {Tool: Dockvet, Names: []Name{{"a", 18}, {"b", 22}}, Reason: "because"},
		"dockvet ignore-file=a,,b # why":       {Tool: Dockvet, Reach: File, Names: []Name{{"a", 20}, {"b", 23}}, Reason: "why"},
		"hadolint ignore=DL3006":               {Tool: Hadolint, Names: []Name{{"DL3006", 16}}},
		"hadolint global ignore=DL3006":        {Tool: Hadolint, Reach: File, Names: []Name{{"DL3006", 23}}},
		"hadolint stage  ignore=DL3006":        {Tool: Hadolint, Reach: Stage, Names: []Name{{"DL3006", 23}}},
		"check=skip=A,all;error=true // why":   {Tool: BuildKit, Names: []Name{{"A", 11}, {"all", 13}}, Reason: "why"},
		"check=error=true;skip=A":              {Tool: BuildKit, Names: []Name{{"A", 22}}},
		"CHECK = skip=A":                       {Tool: BuildKit, Names: []Name{{"A", 13}}},
		"check skip=A":                         nil,
		"check: skip=A":                        nil,
		"check=skip=A;pedantic=true":           nil,
		"check=skip=A;error=perhaps":           nil,
		"check=experimental=all":               nil,
		"shellcheck disable=SC2086,all # why":  {Tool: ShellCheck, Names: []Name{{"SC2086", 19}, {"all", 26}}, Reason: "why"},
		"shellcheck shell=bash":                nil,
		"hadolint shell=bash":                  nil,
		"dockvet ignore":                       nil,
		"dockvet ignore=":                      nil,
		"the port is in ignore=DL3006, see it": nil,
	} {
		got, ok := ParseIgnore(text)
		if want == nil {
			if ok {
				t.Errorf("%s: got %+v, want none", text, got)
			}
			continue
		}
		if diff := cmp.Diff(*want, got); !ok || diff != "" {
			t.Errorf("%s: ok is %v (-want +got)\n%s", text, ok, diff)
		}
		for _, n := range got.Names {
			if text[n.Offset:n.Offset+len(n.Text)] != n.Text {
				t.Errorf("%s: %s is not at offset %d", text, n.Text, n.Offset)
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	for text, want := range map[string]bool{
		"dockvet ignore": true, "dockvet: ignore=": true, "dockvet skip=a": true, "dockvet ignore=a": false, "dockvet is a linter": false,
		"hadolint ignore=": false,
	} {
		if got := Malformed(text); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestParseCheck(t *testing.T) {
	want := Check{Error: true, Skip: []Name{{"A", 5}, {"B", 7}}, Experimental: []Name{{"C", 35}}, Reason: "why"}
	if diff := cmp.Diff(want, ParseCheck("skip=A,B;error=true;experimental= // why")); diff == "" {
		t.Error("an empty option has names")
	}
	if diff := cmp.Diff(want, ParseCheck("skip=A,B;error=true;;;experimental=C // why")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestShell(t *testing.T) {
	if diff := cmp.Diff([]string{"bash", "-e"}, Shell("hadolint shell=bash -e")); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"hadolint shell=", "hadolint ignore=a", "shellcheck shell=bash"} {
		if got := Shell(text); len(got) > 0 {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestAddressed(t *testing.T) {
	for text, want := range map[string]bool{"check=skip=A": true, "Check = skip": true, "dockvet ignore=a": true, "hadolint shell=bash": true, "checks it": false, "": false} {
		if got := Addressed(text); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}
