package parser

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/moby/buildkit/frontend/dockerfile/command"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// compare reads src with and without the plain tier and returns how the results differ.
func compare(src []byte) string {
	with, without := parse("Dockerfile", src, true), parse("Dockerfile", src, false)
	options := cmp.Options{
		cmpopts.IgnoreUnexported(File{}, Lines{}),
		cmp.Transformer("lines", func(l *Lines) []int { return l.starts }),
		// Two texts are equal if they say the same of each byte, however they remember it.
		cmp.Comparer(func(a, b Text) bool {
			for i := range len(a.String) + 1 {
				if a.Offset(i) != b.Offset(i) {
					return false
				}
			}
			return a.String == b.String
		}),
		// BuildKit lists the flags in the random order of a map.
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".FlagsUsed" }, cmpopts.SortSlices(strings.Compare)),
		// What BuildKit keeps of an instruction for itself is its code and place, which an Instruction has too.
		cmpopts.IgnoreUnexported(instructions.RunCommand{}, instructions.CmdCommand{}, instructions.EntrypointCommand{},
			instructions.ShellCommand{}, instructions.CopyCommand{}, instructions.AddCommand{}, instructions.VolumeCommand{},
			instructions.ExposeCommand{}, instructions.WorkdirCommand{}, instructions.UserCommand{}, instructions.StopSignalCommand{},
			instructions.MaintainerCommand{}, instructions.EnvCommand{}, instructions.LabelCommand{}, instructions.ArgCommand{},
			instructions.HealthCheckCommand{}, instructions.OnbuildCommand{}),
		cmpopts.EquateEmpty(),
		cmpopts.EquateErrors(),
		// Instructions point at each other and at errors; those of the file are compared one by one.
		cmp.FilterPath(func(p cmp.Path) bool {
			f := p.Last().String()
			return f == ".Instruction" || f == ".Outer"
		}, cmp.Ignore()),
	}
	if cmp.Equal(without, with, options) {
		return ""
	}
	return cmp.Diff(without, with, options)
}

// corners are instructions around the border of what is plain.
var corners = []string{
	"FROM a AS b", "FROM --platform=x a as B.c", "FROM a as 1b", "FROM a b", "FROM a AS b c", "from x", "FROM --platform a", "FROM --platform= a",
	"COPY --from=a --link b c", "COPY --link=false a b", "COPY --from=a --from=b c d", "COPY a --chown=b c", `COPY --chown="a" b c`, "COPY -- a b",
	"COPY [\"a\", \"b\"]", "COPY [\"a\"]", "COPY [a b", "COPY a", "COPY --parents a b", "ADD <<E b\nE", "ADD --checksum=x a b", "COPY -a b",
	`CMD [ "a" , "b" ]`, `CMD ["a"`, `CMD ["a\tb"]`, `CMD []`, `CMD ["a",]`, `CMD [1]`, `CMD ["a"] x`, "CMD a b ", "CMD --x a", "ENTRYPOINT a", `SHELL ["a", "b"]`,
	"SHELL a", "ENV a b  c ", `ENV a=b 'c=d e' f="g\"" h=i\ j`, `ENV "a b" c`, `ENV "a=b" c`, `ENV a=b c`, "ENV a", "ENV =b", `ENV a=b\`, `ENV a='b`, "LABEL a",
	"LABEL a=b", "ARG =x", "ARG a b=c", "ARG a=b=c", `ARG a="b c"`, `VOLUME [" "]`, `VOLUME [" a"]`, "VOLUME a b", "USER a b ", "USER", "USER --x y",
	"EXPOSE 2 1/tcp", "EXPOSE", "RUN --mount=type=cache,target=/x a", "RUN --network=none a", "RUN --mount=type=cache,target=/à a", "RUN --mount=ty\x85\x85n", "RUN --mount=type=nope a", "RUN --x a", "RUN -- a", "RUN [\"a\"]",
	"RUN é", "RUN a \\\n b # c", "run\ta", "RUN\va", "RUN <<E\nE", "STOPSIGNAL 9", "MAINTAINER x y", "WORKDIR  /a b", "WORKDIR /é", "ONBUILD RUN a", "ONBUILD COPY a b",
	"HEALTHCHECK NONE", "HEALTHCHECK --interval=1s CMD a", "LABEL a=b \\\n c=d \\\n # e\n f=g", "COPY a \\\n b", "COPY\u00a0a b", "USER a\u00a0", "NOPE a", "\\\nRUN a",
	"# escape=`\nENV a=b\\ c=d`\n", "# escape=`\nCOPY a `\n b", "CMD [\"a\"]\u00a0", "COPY a\r b", "ENV a=$b", "FROM a\\", "WORKDIR a\\b",
}

func TestKeywords(t *testing.T) {
	var names []string
	for name := range command.Commands {
		names = append(names, strings.ToUpper(name))
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, keywords[:]); diff != "" {
		t.Errorf("(-BuildKit +ours)\n%s", diff)
	}
}

func TestPlainEqualsBuildKit(t *testing.T) {
	for _, src := range corners {
		if diff := compare([]byte(src)); diff != "" {
			t.Errorf("%q: (-BuildKit +plain)\n%s", src, diff)
		}
	}
}

// TestPlainCorpus needs a directory of Dockerfiles: DOCKERFILES=dir go test ./parser -run TestPlainCorpus.
func TestPlainCorpus(t *testing.T) {
	dir := os.Getenv("DOCKERFILES")
	if dir == "" {
		t.Skip("DOCKERFILES names no folder of Dockerfiles")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	plain, all := 0, 0
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := compare(src); diff != "" {
			t.Errorf("%s: (-BuildKit +plain)\n%s", name, diff)
		}
		f := &File{Source: NewSource("", src), Escape: '\\'}
		s := newScanner(f)
		s.scan()
		for _, l := range s.found {
			all++
			if f.plain(&Instruction{Text: l.text}, l) {
				plain++
			}
		}
	}
	t.Logf("%d files, %d of %d instructions are plain", len(names), plain, all)
}

// TestPlainMutated changes instructions at random; PLAIN_INPUTS says how many.
func TestPlainMutated(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 1000
	}
	if s := os.Getenv("PLAIN_INPUTS"); s != "" {
		if _, err := fmt.Sscan(s, &n); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{
		" ", "\t", "\\", "\\\n", "\n", `"`, "'", "=", "<<E", "[", "]", ",", "--", "--from=", "--link", "--platform=x", "#", "$", "`", "AS", "as", " a b", "\r", "\x00",
		"é", "\u00a0", "\v", "\f", "ENV ", "RUN ", "COPY ", "ONBUILD ", "CMD ", "LABEL ", "ARG ", "VOLUME ", "HEALTHCHECK ", "{", "}", "from ",
	}
	for range n {
		var src []byte
		if random.IntN(20) == 0 {
			src = append(src, "# escape=`\n"...)
		}
		for range 1 + random.IntN(3) {
			src = append(append(src, corners[random.IntN(len(corners))]...), '\n')
		}
		for range random.IntN(5) {
			i := random.IntN(len(src) + 1)
			j := min(len(src), i+random.IntN(5))
			piece := pieces[random.IntN(len(pieces))]
			switch random.IntN(3) {
			case 0:
				j = i
			case 1:
				piece = ""
			case 2:
				piece = string(rune(random.IntN(256)))
			}
			src = append(append(append([]byte(nil), src[:i]...), piece...), src[j:]...)
		}
		if diff := compare(src); diff != "" {
			t.Fatalf("%q: (-BuildKit +plain)\n%s", src, diff)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, src := range corners {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if diff := compare(src); diff != "" {
			t.Errorf("(-BuildKit +plain)\n%s", diff)
		}
	})
}
