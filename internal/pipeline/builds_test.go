package pipeline

import (
	"reflect"
	"slices"
	"testing"

	"github.com/dockvet/dockvet/report"
)

// TestBuildsAreKept checks that builds come back as they were, and that what several have in common is kept once.
func TestBuildsAreKept(t *testing.T) {
	plain := report.Build{Builder: "buildkit", Kind: "directory", Reason: "no description"}
	var want []report.Build
	for _, change := range []func(*report.Build){
		func(*report.Build) {},
		func(b *report.Build) { b.Context = "b" },
		func(b *report.Build) { b.Target = "dev" },
		func(b *report.Build) { b.TargetOpen = true },
		func(b *report.Build) { b.Assumed = true },
		func(b *report.Build) { b.Kind, b.File, b.Line = "compose", "compose.yaml", 3 },
		func(b *report.Build) { b.Kind, b.File, b.Line = "compose", "compose.yaml", 7 },
		func(b *report.Build) { b.Args = map[string]string{"A": "1"} },
		func(b *report.Build) { b.Contexts = map[string]string{"a": "b"} },
		func(b *report.Build) { b.Platforms = []string{"linux/arm64"} },
		func(b *report.Build) { b.Services = []string{"web"} },
		func(b *report.Build) { b.Builder = "kaniko" },
		func(b *report.Build) { b.Reason = "" },
	} {
		for _, name := range []string{"a/Dockerfile", "b/Dockerfile"} {
			b := plain
			b.Dockerfile = name
			change(&b)
			want = append(want, b)
		}
	}
	var k builds
	k.add(want[:5])
	k.add(want[5:])
	if got := slices.Collect(k.all); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if n := 6 + 2*6; len(k.rests) != n { // what a file describes, and what has lists, is kept for each
		t.Errorf("%d are kept, want %d", len(k.rests), n)
	}
}
