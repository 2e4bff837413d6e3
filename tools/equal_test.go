package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"google.golang.org/protobuf/proto"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// probe is what all base images hold in one compilation. A build is the same only if it is the same whatever they hold.
type probe struct{ config ocispecs.ImageConfig }

func probes() []probe {
	return []probe{
		{ocispecs.ImageConfig{Env: []string{"PATH=/usr/bin:/bin"}}},
		{ocispecs.ImageConfig{
			Env:  []string{"PATH=/opt/bin", "HOME=/home/x", "VERSION=9", "A=a b", "LANG=C"},
			User: "someone", WorkingDir: "/some/where", Entrypoint: []string{"/entry"}, Cmd: []string{"cmd"}, Labels: map[string]string{"l": "m"},
		}},
	}
}

func (p probe) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}, Config: p.config}
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		image.Platform = *opt.ImageOpt.Platform
	}
	image.RootFS = ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(ref)}} // without any it counts as scratch
	config, err := json.Marshal(image)
	return ref, digest.FromString(ref), config, err
}

// builds is BuildKit's own word on what src builds, for each stage as the target under each probe; false if it refuses src.
func builds(src []byte) (out []string, ok bool) {
	defer func() {
		if recover() != nil { // it panics on some malformed files
			out, ok = nil, false
		}
	}()
	f := dockerfile.Parse("Dockerfile", src)
	var ends []int // of the stages
	for _, in := range f.Instructions {
		if in.Name == "FROM" {
			ends = append(ends, in.Span.Start)
		}
	}
	if len(ends) == 0 {
		return nil, false
	}
	ends = append(ends[1:], len(src))
	for _, p := range probes() {
		for _, end := range ends {
			one, err := compile(src[:end], p)
			if err != nil {
				if end == len(src) {
					return nil, false
				}
				one = "refused" // a stage above the target may be broken where the whole file is not
			}
			out = append(out, one)
		}
	}
	return out, true
}

func compile(src []byte, p probe) (string, error) {
	ctx := context.Background()
	caps := pb.Caps.CapSet(pb.Caps.All())
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	opt := dockerfile2llb.ConvertOpt{MetaResolver: p, TargetPlatform: &platform, LLBCaps: &caps}
	opt.BuildPlatforms = []ocispecs.Platform{platform}
	res, err := dockerfile2llb.Dockerfile2LLB(ctx, src, opt)
	if err != nil {
		return "", err
	}
	def, err := res.State.Marshal(ctx, llb.Platform(platform))
	if err != nil {
		return "", err
	}
	graph, err := canonicalGraph(def.Def)
	if err != nil {
		return "", err
	}
	image := *res.Image
	image.History, image.Created = nil, nil
	config, err := json.Marshal(image)
	return graph + "\n" + string(config), err
}

// canonicalGraph is a name of the graph that hangs on what it does alone: hints on which files of a context to send first are
// left out.
func canonicalGraph(ops [][]byte) (string, error) {
	names := map[string]string{}
	last := ""
	for _, data := range ops {
		var op pb.Op
		if err := op.UnmarshalVT(data); err != nil {
			return "", err
		}
		for _, in := range op.Inputs {
			in.Digest = names[in.Digest]
		}
		if src := op.GetSource(); src != nil {
			for name := range src.Attrs {
				if strings.HasPrefix(name, "local.") {
					delete(src.Attrs, name)
				}
			}
		}
		out, err := proto.MarshalOptions{Deterministic: true}.Marshal(&op)
		if err != nil {
			return "", err
		}
		last = digest.FromBytes(out).String()
		names[digest.FromBytes(data).String()] = last
	}
	return last, nil
}

// mutations are edits of a Dockerfile, by people or by fixes: some change the build, some do not, most depend.
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

// TestEqualIsSound holds plan.Equal against BuildKit over mutated real Dockerfiles: where it says yes, BuildKit must make the
// same build. ORACLE_PAIRS sets how many pairs are compared.
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
		want, ok := builds(src)
		if !ok {
			refused++
			continue
		}
		compared++
		same := plan.Diff(plan.New(dockerfile.Parse("a", src), plan.Options{}), plan.New(dockerfile.Parse("b", after), plan.Options{}))
		got, ok := builds(after)
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
