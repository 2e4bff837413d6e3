package engine_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// baseName is the base image of the Dockerfiles in the cases. Its contents differ from build to build.
const baseName = "example/base:1"

// bases are the possible images baseName: one with only a shell, and one with everything that a Dockerfile can inherit.
var bases = []struct{ name, dockerfile string }{
	{"bare", "FROM scratch\nADD rootfs.tar /\nENV PATH=/bin\n"},
	{"full", `FROM scratch
ADD rootfs.tar /
ENV PATH=/bin:/opt/bin HOME=/tmp VERSION=9 A="a b" ROOT=/srv
WORKDIR /some/where
USER 1000:1000
LABEL team=theirs
EXPOSE 9/UDP
ENTRYPOINT ["/bin/busybox"]
CMD ["true"]
ONBUILD ENV FROM_BASE=yes
ONBUILD WORKDIR sub
`},
}

// fixCase is a Dockerfile with safe fixes, before and after `dockvet check --fix`.
type fixCase struct {
	name, dir     string // dir is its build context
	before, after string
	fixed         []string // the rules whose fixes were applied
}

// fixCases fixes the Dockerfiles in testdata/*.txtar as a user would.
func fixCases(t *testing.T) []fixCase {
	t.Helper()
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	dockvet := filepath.Join(t.TempDir(), "dockvet")
	build := exec.Command("go", "build", "-o", dockvet, "./cmd/dockvet")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	var out []fixCase
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := fixCase{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), dir: t.TempDir()}
		for _, f := range archive.Files {
			if f.Name == "Dockerfile" && strings.Contains(c.name, "crlf") {
				f.Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
			}
			writeFile(t, filepath.Join(c.dir, f.Name), string(f.Data))
		}
		c.fix(t, dockvet)
		out = append(out, c)
	}
	return out
}

// fix runs dockvet on the Dockerfile of c. All its fixes must be safe and proven.
func (c *fixCase) fix(t *testing.T, dockvet string) {
	t.Helper()
	file := filepath.Join(c.dir, "Dockerfile")
	read := func() string {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	run := func(more ...string) (stdout, stderr string) {
		cmd := exec.Command(dockvet, append([]string{"check", "--profile=strict", "--no-config", "--fail-on=never", file}, more...)...)
		var out, err bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &err
		if failed := cmd.Run(); failed != nil {
			t.Fatalf("%s: %v\n%s", c.name, failed, &err)
		}
		return out.String(), err.String()
	}
	fixable := func() (rules []string) {
		stdout, _ := run("--format=json")
		var report struct {
			Findings []struct {
				Rule  string
				Fixes []struct{ Safety string }
			}
		}
		if err := json.Unmarshal([]byte(stdout), &report); err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			if len(f.Fixes) > 0 && f.Fixes[0].Safety == lint.Safe.String() {
				rules = append(rules, f.Rule)
			}
		}
		return rules
	}
	c.fixed = fixable()
	c.before = read()
	if _, said := run("--fix"); !strings.Contains(said, "build unchanged") {
		t.Errorf("%s: dockvet says %q", c.name, said)
	}
	c.after = read()
	if left := fixable(); len(left) > 0 {
		t.Errorf("%s: not fixed: %q\n%s", c.name, left, c.after)
	}
}

// TestFixCases checks that the cases use the safe fix of every rule that has one. It does not need BuildKit.
func TestFixCases(t *testing.T) {
	unused := map[string]bool{}
	for _, r := range rules.All() {
		if r.Fix == lint.Safe {
			unused[r.Name] = true
		}
	}
	for _, c := range fixCases(t) {
		if len(c.fixed) == 0 || c.before == c.after {
			t.Errorf("%s: nothing to fix", c.name)
		}
		for _, name := range c.fixed {
			delete(unused, name)
		}
	}
	for name := range unused {
		t.Errorf("no case in testdata has the safe fix of %s: no real BuildKit proves it", name)
	}
}

// testFixes builds each stage of each case before and after its safe fixes, on each of the bases. The second time
// everything must come from the cache, and the image must be the same.
func testFixes(t *testing.T, e *engine) {
	t.Helper()
	layouts := map[string][]string{}
	for _, b := range bases {
		dir, layout := t.TempDir(), t.TempDir()
		e.rootfs(t, filepath.Join(dir, "rootfs.tar"))
		if r := e.build(t, dir, b.dockerfile, "--output", "type=oci,tar=false,dest="+layout); r.failure != "" {
			t.Fatalf("no base image %s: %s", b.name, r.failure)
		}
		digest, _ := image(t, layout)
		layouts[b.name] = []string{"--oci-layout", "base=" + layout, "--opt", "context:" + baseName + "=oci-layout://base@" + digest}
	}
	// Test the comparison itself, which must detect what does change a build.
	t.Run("change", func(t *testing.T) {
		dir := t.TempDir()
		one, diff := e.compare(t, dir, "FROM "+baseName+" AS a\nCOPY <<EOF /x\n1\nEOF\nCMD [\"a\"]\n", "FROM "+baseName+" AS a\nCOPY <<EOF /x\n2\nEOF\nCMD [\"a\"]\n", "a", layouts["bare"])
		if len(one.executed()) != 1 || diff == "" {
			t.Errorf("another file: %v, image: %q", one.steps, diff)
		}
		one, diff = e.compare(t, dir, "FROM "+baseName+" AS a\nCOPY <<EOF /x\n1\nEOF\nCMD [\"a\"]\n", "FROM "+baseName+" AS a\nCOPY <<EOF /x\n1\nEOF\nCMD a\n", "a", layouts["bare"])
		if len(one.executed()) != 0 || diff == "" {
			t.Errorf("another command: %v, image: %q", one.steps, diff)
		}
	})
	count := map[string]int{}
	for _, c := range fixCases(t) {
		t.Run(c.name, func(t *testing.T) {
			f := parser.Parse("Dockerfile", []byte(c.before))
			if e.noRun != "" && slices.ContainsFunc(f.Instructions, func(in *parser.Instruction) bool { return in.Name == "RUN" }) {
				t.Skipf("skipped: %s", e.noRun)
			}
			for _, in := range f.Instructions {
				if in.Name != "FROM" {
					continue
				}
				target := strings.ToLower(in.Args[len(in.Args)-1].Value) // every stage has a name
				for _, b := range bases {
					second, diff := e.compare(t, c.dir, c.before, c.after, target, layouts[b.name])
					if list := second.executed(); len(list) > 0 {
						// A step without inputs, such as the first in a stage from scratch, is executed every time;
						// so it was before.
						control, _ := e.compare(t, c.dir, c.before, c.before, target, layouts[b.name])
						if was := control.executed(); !slices.Equal(places(list), places(was)) {
							t.Errorf("stage %s on the %s base: executed again: %q, without the fix %q", target, b.name, list, was)
						}
						count["always executed"] += len(list)
					}
					if diff != "" {
						t.Errorf("stage %s on the %s base: another image (-before +after)\n%s", target, b.name, diff)
					}
					count["builds"]++
					count["steps"] += len(second.steps)
				}
			}
			if t.Failed() {
				t.Log(cmp.Diff(strings.Split(c.before, "\n"), strings.Split(c.after, "\n")))
			}
		})
	}
	t.Logf("%d builds compared, %d steps, %d of them executed each time", count["builds"], count["steps"], count["always executed"])
}

// places are the stages and numbers of steps, without their instructions.
func places(steps []string) []string {
	var out []string
	for _, s := range steps {
		place, _, _ := strings.Cut(s, "] ")
		out = append(out, place)
	}
	return out
}

// compare builds one stage of two Dockerfiles, one after the other. It returns the result of the second, and how the
// images differ, except for history and date.
func (e *engine) compare(t *testing.T, dir, before, after, target string, more []string) (second result, diff string) {
	t.Helper()
	var configs []map[string]any
	for _, src := range []string{before, after} {
		layout := t.TempDir()
		second = e.build(t, dir, src, append([]string{"--opt", "target=" + target, "--output", "type=oci,tar=false,dest=" + layout}, more...)...)
		if second.failure != "" {
			t.Fatalf("stage %s: %s\n%s", target, second.failure, src)
		}
		_, config := image(t, layout)
		delete(config, "history")
		delete(config, "created")
		configs = append(configs, config)
	}
	return second, cmp.Diff(configs[0], configs[1])
}
