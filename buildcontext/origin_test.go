package buildcontext_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestTrail(t *testing.T) {
	const build = "FROM debian AS build\nCOPY other /other\nWORKDIR /src\nCOPY . .\nRUN one\n"
	for _, c := range []struct {
		name, src, file string
		origin          string   // of the context; "" for none
		steps, copies   []string // the first word after the keyword of each, and for copies the name
	}{
		{"of a folder", build, "/src/bin/run", "bin/run", []string{"one", "."}, []string{". /src/bin/run"}},
		{
			"through stages", build + "FROM alpine AS base\nCOPY --from=build /src/bin /x\nRUN two\nFROM base\nRUN three\n", "/x/run", "bin/run",
			[]string{"three", "two", "/src/bin", "one", "."},
			[]string{"/src/bin /x/run", ". /src/bin/run"},
		},
		{"overwritten by a here-document", build + "COPY <<EOF /src/bin/run\nx\nEOF\n", "/src/bin/run", "", nil, nil},
		{"not there", build, "/bin/run", "", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, err := buildcontext.New(files("bin/run", "other"), "")
			if err != nil {
				t.Fatal(err)
			}
			p := plan.New(parser.Parse("Dockerfile", []byte(c.src)), plan.Options{})
			got, ok := ctx.Trail(p.Target, c.file)
			if ok != (c.origin != "") || got.File != c.origin {
				t.Errorf("file %q, %t", got.File, ok)
			}
			first := func(s *plan.Step) string { return strings.Fields(s.Instruction.Rest.String)[0] }
			var steps, copies []string
			for _, s := range got.Steps {
				steps = append(steps, first(s))
			}
			for _, s := range got.Copies {
				copies = append(copies, first(s.Step)+" "+s.Name)
			}
			if diff := cmp.Diff(c.steps, steps); diff != "" {
				t.Errorf("steps (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(c.copies, copies); diff != "" {
				t.Errorf("copies (-want +got)\n%s", diff)
			}
		})
	}
}
