package pragma

import "testing"

func TestWantsNewest(t *testing.T) {
	for text, want := range map[string]bool{
		"# always the latest release":            true,
		"# Keep it up to date\n# with upstream":  true,
		"# do not pin: security fixes":           true,
		"# \"newest\" wins":                      true,
		"# FROM node:latest":                     false,
		"# see https://example.org/latest/notes": false,
		"# TODO: pin it, this is the latest":     false,
		"# latest, which should be pinned":       false,
		"# this should be the newest":            true,
		"# do not use latest":                    false,
		"# the base image":                       false,
		"":                                       false,
	} {
		if got := WantsNewest(text); got != want {
			t.Errorf("WantsNewest(%q) = %v", text, got)
		}
	}
}
