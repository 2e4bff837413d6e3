package tools_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"

	"github.com/dockvet/dockvet/tools/internal/oracle"
	"github.com/dockvet/dockvet/tools/internal/tree"
)

// mutations are edits of a Dockerfile, as people or fixes make them. Some change the build, some do not, and for most
// it depends.
var mutations = []struct {
	name string
	edit func(*rand.Rand, []string) []string
}{
	{"lower a keyword", onLine(func(_ *rand.Rand, s string) string {
		word, rest, ok := strings.Cut(s, " ")
		if !ok {
			return s
		}
		return strings.ToLower(word) + " " + rest
	})},
	{"legacy to equals", onLine(func(_ *rand.Rand, s string) string { return legacy.ReplaceAllString(s, "$1 $2=$3") })},
	{"legacy to quoted equals", onLine(func(_ *rand.Rand, s string) string { return legacy.ReplaceAllString(s, `$1 $2="$3"`) })},
	{"braces", onLine(func(_ *rand.Rand, s string) string { return variable.ReplaceAllString(s, "$${$1}") })},
	{"default", onLine(func(_ *rand.Rand, s string) string { return variable.ReplaceAllString(s, "$${$1:-}") })},
	{"alternative", onLine(func(_ *rand.Rand, s string) string { return variable.ReplaceAllString(s, "$${$1:+x}") })},
	{"another digit", onLine(func(r *rand.Rand, s string) string {
		i := strings.IndexAny(s, "0123456789")
		if i < 0 {
			return s
		}
		return s[:i] + strconv.Itoa(r.IntN(10)) + s[i+1:]
	})},
	{"latest", onLine(func(_ *rand.Rand, s string) string { return bare.ReplaceAllString(s, "$1:latest$2") })},
	{"blank at the end", onLine(func(_ *rand.Rand, s string) string { return s + " " })},
	{"two blanks", onLine(func(_ *rand.Rand, s string) string { return strings.Replace(s, " ", "  ", 1) })},
	{"double quotes", onLine(func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, `'`, `"`) })},
	{"no quotes", onLine(func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, `"`, "") })},
	{"slash at the end", onLine(func(_ *rand.Rand, s string) string {
		if !strings.HasPrefix(strings.ToUpper(s), "WORKDIR") && !strings.HasPrefix(strings.ToUpper(s), "COPY") {
			return s
		}
		return s + "/"
	})},
	{"add for copy", onLine(func(_ *rand.Rand, s string) string { return strings.Replace(s, "COPY", "ADD", 1) })},
	{"platform", onLine(func(_ *rand.Rand, s string) string {
		return strings.Replace(s, "FROM ", "FROM --platform=$TARGETPLATFORM ", 1)
	})},
	{"swap", func(r *rand.Rand, lines []string) []string {
		i := r.IntN(len(lines))
		j := min(i+1, len(lines)-1)
		lines[i], lines[j] = lines[j], lines[i]
		return lines
	}},
	{"drop", func(r *rand.Rand, lines []string) []string {
		i := r.IntN(len(lines))
		return append(lines[:i:i], lines[i+1:]...)
	}},
	{"repeat", func(r *rand.Rand, lines []string) []string {
		i := r.IntN(len(lines))
		return append(lines[:i+1:i+1], lines[i:]...)
	}},
	{"comment", insert("# a comment")},
	{"label", insert("LABEL l=x")},
	{"argument", insert("ARG VERSION")},
	{"argument with default", insert("ARG VERSION=1")},
	{"environment", insert("ENV VERSION=2")},
	{"environment of itself", insert("ENV A=$A:b")},
	{"directory", insert("WORKDIR sub")},
	{"user", insert("USER root")},
	{"port", insert("EXPOSE 80/TCP 81")},
	{"shell", insert(`SHELL ["/bin/bash", "-c"]`)},
	{"command", insert("CMD x")},
	{"entry point", insert(`ENTRYPOINT ["y"]`)},
}

var (
	legacy   = regexp.MustCompile(`(?i)^(ENV|LABEL)\s+([^\s=]+)\s+([^\\]*)$`)
	variable = regexp.MustCompile(`\$([A-Za-z_][A-Za-z_0-9]*)`)
	bare     = regexp.MustCompile(`(?i)^(FROM\s+[a-z0-9/._-]+)(\s|$)`)
)

func onLine(edit func(*rand.Rand, string) string) func(*rand.Rand, []string) []string {
	return func(r *rand.Rand, lines []string) []string {
		start := r.IntN(len(lines))
		for k := range lines {
			i := (start + k) % len(lines)
			if out := edit(r, lines[i]); out != lines[i] {
				lines[i] = out
				return lines
			}
		}
		return lines
	}
}

func insert(line string) func(*rand.Rand, []string) []string {
	return func(r *rand.Rand, lines []string) []string {
		i := r.IntN(len(lines))
		return append(lines[:i:i], append([]string{line}, lines[i:]...)...)
	}
}

// TestEqualIsSound compares plan.Equal with BuildKit over mutated real Dockerfiles: if it says yes, BuildKit must
// build the same. ORACLE_PAIRS sets how many pairs are compared.
func TestEqualIsSound(t *testing.T) {
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	names, err := tree.Files(tree.CorpusDir(root, ""))
	if err != nil || len(names) == 0 {
		t.Skipf("NO CORPUS at %s: plan.Equal is not held against BuildKit", tree.CorpusDir(root, ""))
	}
	pairs := 1000
	if n, err := strconv.Atoi(os.Getenv("ORACLE_PAIRS")); err == nil {
		pairs = n
	}
	random := rand.New(rand.NewPCG(1, uint64(pairs)))
	compared, equal, careful, refused := 0, 0, map[string]int{}, 0
	for tries := 0; compared < pairs && tries < 20*pairs; tries++ {
		src, err := os.ReadFile(names[random.IntN(len(names))])
		if err != nil {
			t.Fatal(err)
		}
		m := mutations[random.IntN(len(mutations))]
		after := []byte(strings.Join(m.edit(random, strings.Split(string(src), "\n")), "\n"))
		want, ok := oracle.Builds(src)
		if !ok {
			refused++
			continue
		}
		compared++
		same := plan.Diff(plan.New(dockerfile.Parse("a", src), plan.Options{}), plan.New(dockerfile.Parse("b", after), plan.Options{}))
		got, ok := oracle.Builds(after)
		really := ok && fmt.Sprint(got) == fmt.Sprint(want)
		switch {
		case len(same) == 0 && !really:
			t.Errorf("%s: Equal says yes, BuildKit no (parses: %v)\n--- before\n%s\n--- after\n%s", m.name, ok, src, after)
		case len(same) == 0:
			equal++
		case really:
			careful[m.name]++
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d pairs, %d equal, careful noes %v; %d files that BuildKit refuses were passed over", compared, equal, careful, refused)
	if compared < pairs/2 || equal < pairs/10 {
		t.Errorf("only %d pairs compared, %d equal: the test says too little", compared, equal)
	}
}
