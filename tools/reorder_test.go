package tools_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/reorder"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/cache"
	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/tools/internal/oracle"
	"github.com/dockvet/dockvet/tools/internal/tree"
)

// TestCandidatesKeepTheBuild has BuildKit compile each order of steps that a replay may propose for a real Dockerfile, and checks that it
// runs the same commands in the same environment, apart from cache mounts and build arguments that a step does not use, and makes the same
// image. It takes
// each fifth Dockerfile, and with CANDIDATES=all each.
func TestCandidatesKeepTheBuild(t *testing.T) {
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	names, err := tree.Files(tree.CorpusDir(root, ""))
	if err != nil || len(names) == 0 {
		t.Skipf("NO CORPUS at %s: proposals are not held against BuildKit", tree.CorpusDir(root, ""))
	}
	linter := lint.New([]*lint.Rule{cache.CopyBeforeInstall, cache.EarlyChangingArg, reorder.Mounted}, lint.Settings{Profile: lint.Strict})
	tried, files := 0, 0
	for i, name := range names {
		if i%5 != 0 && os.Getenv("CANDIDATES") != "all" {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p := plan.New(parser.Parse(name, src), plan.Options{})
		var changing []string
		for _, in := range p.File.Instructions {
			if in.Name == "ARG" && len(in.Pairs) == 1 {
				changing = append(changing, in.Pairs[0].Key.Value)
			}
		}
		candidates := reorder.Candidates(p, nil, linter.Lint(lint.Build{Plan: p}), changing)
		if len(candidates) == 0 {
			continue
		}
		if _, ok := oracle.Builds(src); !ok {
			continue
		}
		files++
		for _, c := range candidates {
			tried++
			if _, ok := oracle.Builds(c.Source); !ok {
				t.Errorf("%s: BuildKit refuses what %q makes", name, c.Title)
			}
			after := plan.New(parser.Parse(name, c.Source), plan.Options{})
			if diff := cmp.Diff(steps(p, changing), steps(after, changing)); diff != "" {
				t.Errorf("%s: %q changes more than the order (-before +after)\n%s", name, c.Title, diff)
			}
		}
	}
	if tried == 0 {
		t.Error("nothing was proposed")
	}
	t.Logf("%d orders of %d Dockerfiles", tried, files)
}

// steps are what the steps of each stage do, sorted, without the build arguments called changing, and the image. A COPY of manifests that
// was not there before copies files that are copied again, so it is left out.
func steps(p *plan.Plan, changing []string) (out []string) {
	for _, s := range p.Stages {
		var list []string
		for _, step := range s.Steps {
			switch step.Instruction.Name {
			case "RUN":
				var env []string
				for _, name := range step.Env.Names() {
					if v := step.Env.Lookup(name); v.Set && !slices.Contains(changing, name) {
						env = append(env, name+"="+v.Value().Text)
					}
				}
				slices.Sort(env)
				for command := range strings.SplitSeq(step.Instruction.Rest.String, "&&") { // one RUN may become two
					command = strings.Join(strings.Fields(strings.ReplaceAll(command, "\\\n", " ")), " ")
					list = append(list, command+" as "+step.User.Text+" in "+step.Workdir.Text+" with "+strings.Join(env, " "))
				}
			case "COPY", "ADD", "ARG":
			default:
				list = append(list, step.Instruction.Name+" "+step.Instruction.Text.String)
			}
		}
		slices.Sort(list)
		out = append(out, list...)
	}
	return out
}
