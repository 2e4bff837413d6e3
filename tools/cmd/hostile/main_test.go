package main

import (
	"bytes"
	"testing"
)

// TestSample runs some inputs of each surface. `make hostile` runs all, also those that come near a limit or are still over it, which would
// depend on the machine here: unknown rules in a configuration take 3.3 s, and the services of a compose file 3.1 s and 423 MB.
func TestSample(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: -short")
	}
	const some = "^(Dockerfile (ENV that doubles|WORKDIR chain|stage chain)$" +
		"|ignore file .dockerignore, 9,000 lines$|configuration diamonds$" +
		"|repository (Dockerfile|.dockerignore|.env) is a )"
	var out bytes.Buffer
	if err := start([]string{"-run", some}, &out, &out); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}

// TestShapes checks that there is enough of everything, and no input twice.
func TestShapes(t *testing.T) {
	count := map[string]int{}
	known := map[string]bool{}
	for _, s := range shapes() {
		count[s.surface]++
		if name := s.surface + " " + s.name; known[name] {
			t.Errorf("%s appears twice", name)
		} else {
			known[name] = true
		}
	}
	for surface, want := range map[string]int{"Dockerfile": 60, "repository": 40, "ignore file": 10, "configuration": 15, "description": 15} {
		if count[surface] < want {
			t.Errorf("%d inputs for the surface %s, want %d", count[surface], surface, want)
		}
	}
}
