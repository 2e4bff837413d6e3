package plan_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func build(t *testing.T, src string, o plan.Options) *plan.Plan {
	t.Helper()
	f := parser.Parse("Dockerfile", []byte(src))
	for _, e := range f.Errors {
		t.Logf("%s", e.Message)
	}
	return plan.New(f, o)
}

// stages describes each stage: what it is built from, what it needs, and whether it ships or is reached.
func stages(p *plan.Plan) string {
	var b strings.Builder
	for _, s := range p.Stages {
		fmt.Fprintf(&b, "%d %s", s.Index, s.Name)
		switch {
		case s.Base == nil:
			b.WriteString(" fragment")
		case s.Base.Stage != nil:
			fmt.Fprintf(&b, " on %d", s.Base.Stage.Index)
		case s.Base.Scratch:
			b.WriteString(" on nothing")
		case s.Base.Named:
			b.WriteString(" on a context")
		case s.Base.External():
			b.WriteString(" on " + s.Base.Ref.Name())
		case !s.Base.Value.Known:
			b.WriteString(" on ?")
		default:
			b.WriteString(" on !")
		}
		for _, n := range s.Needs {
			fmt.Fprintf(&b, " needs %d", n.Index)
		}
		if s.Shipped {
			b.WriteString(" shipped")
		}
		if s.Reached {
			b.WriteString(" reached")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestStages(t *testing.T) {
	for _, c := range []struct {
		name, src string
		options   plan.Options
		want      string
	}{
		{
			"by name and number",
			"FROM debian:13 AS Build\nFROM build AS mid\nFROM alpine AS aside\nFROM mid\nCOPY --from=0 /a /a\nCOPY --from=nginx /b /b\n",
			plan.Options{},
			"0 build on debian shipped reached\n1 mid on 0 needs 0 shipped reached\n2 aside on alpine\n3  on 1 needs 1 needs 0 shipped reached\n",
		},
		{
			"mounts, which know no numbers",
			"FROM debian:13 AS a\nFROM debian:13 AS b\nFROM debian:13\nRUN --mount=from=a,target=/a --mount=type=bind,target=/b,from=1 true\n",
			plan.Options{},
			"0 a on debian reached\n1 b on debian\n2  on debian needs 0 shipped reached\n",
		},
		{
			"a name from an ARG, and one from the command line",
			"ARG FLAVOUR=slim\nFROM debian:13 AS base-slim\nFROM debian:13 AS base-full\nFROM base-${FLAVOUR}\n",
			plan.Options{Args: map[string]string{"FLAVOUR": "full"}},
			"0 base-slim on debian\n1 base-full on debian shipped reached\n2  on 1 needs 1 shipped reached\n",
		},
		{
			"an ARG without a value is unknown, not empty",
			"ARG BASE\nFROM $BASE\nFROM base-${BASE:-x}\n",
			plan.Options{},
			"0  on ?\n1  on ? shipped reached\n",
		},
		{
			"FROM of a later stage, of itself and of a number is an image",
			"FROM later AS a\nFROM later AS later\nFROM 0\n",
			plan.Options{},
			"0 a on later\n1 later on later\n2  on 0 shipped reached\n",
		},
		{
			"FROM names stages in lower case, COPY as it likes",
			"FROM debian:13 AS Build\nFROM Build\nCOPY --from=BUILD /a /a\n",
			plan.Options{},
			"0 build on debian reached\n1  on ! needs 0 shipped reached\n",
		},
		{
			"COPY from a later stage, and from a number that is none",
			"FROM debian:13\nCOPY --from=late /a /a\nCOPY --from=7 /a /a\nFROM debian:13 AS late\n",
			plan.Options{Target: "0"},
			"0  on debian needs 1 shipped reached\n1 late on debian reached\n",
		},
		{
			"the last stage of a name wins",
			"FROM debian:13 AS a\nFROM alpine AS a\nFROM a\n",
			plan.Options{},
			"0 a on debian\n1 a on alpine shipped reached\n2  on 1 needs 1 shipped reached\n",
		},
		{
			"a target in any case, scratch, and a context in place of an image",
			"FROM scratch AS a\nFROM other AS b\nFROM a\n",
			plan.Options{Target: "B", NamedContexts: []string{"other"}},
			"0 a on nothing\n1 b on a context shipped reached\n2  on 0 needs 0\n",
		},
		{"no such target", "FROM debian:13\n", plan.Options{Target: "x"}, "0  on debian\n"},
		{"a fragment", "RUN true\n", plan.Options{}, "0  fragment shipped reached\n"},
		{"a broken FROM", "FROM\nRUN true\n", plan.Options{}, "0  fragment shipped reached\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, stages(build(t, c.src, c.options))); diff != "" {
				t.Errorf("stages (-want +got)\n%s", diff)
			}
		})
	}
}

// TestEnv expands words in the environment at the end of the last stage. `?` before a text means that it is not known.
func TestEnv(t *testing.T) {
	for _, c := range []struct {
		name, src string
		args      map[string]string
		want      map[string]string
	}{
		{
			"ENV is expanded in the environment before the instruction",
			"FROM scratch\nENV b=1\nENV b=2 a=$b\nENV c=$b\n", nil,
			map[string]string{"$a": "1", "$b": "2", "$c": "2", "x${a}y": "x1y", "'$a'": "$a", `\$a`: "$a"},
		},
		{
			"a base image may have set anything else",
			"FROM debian:13\nENV a=$HOME/x b=${NONE:-y}\n", nil,
			map[string]string{"$a": "?/x", "$b": "?y", "$NONE": "?", "plain": "plain"},
		},
		{
			"ENV and ARG go on into a stage that is built from this one",
			"FROM scratch AS a\nENV e=1\nARG g=2\nFROM a AS b\nENV f=$e$g\nFROM b\n", nil,
			map[string]string{"$e$f$g": "1122"},
		},
		{
			"and into no other",
			"FROM scratch AS a\nENV e=1\nFROM scratch\nCOPY --from=a / /\n", nil,
			map[string]string{"$e": ""},
		},
		{
			"a global ARG has to be declared again",
			"ARG v=1\nARG w=2\nFROM scratch\nARG v\nARG w=3\n", nil,
			map[string]string{"$v$w": "13"},
		},
		{
			"undeclared it is not there",
			"ARG v=1\nFROM scratch\n", nil,
			map[string]string{"$v": ""},
		},
		{
			"the command line wins where an ARG asks for it",
			"ARG v=1\nFROM scratch\nARG v\nARG w=3\nENV x=0\n",
			map[string]string{"v": "7", "w": "8", "x": "9"},
			map[string]string{"$v$w$x": "780"},
		},
		{
			"an ARG without a value is unknown, and leaves what is set",
			"FROM scratch\nENV e=1\nARG e\nARG u\nENV d=${u:-z}\n", nil,
			map[string]string{"$e": "1", "$u": "?", "$d": "?z"},
		},
		{
			"the last of ENV and ARG wins",
			"FROM scratch\nENV a=1 b=1\nARG a=2\nARG c=1\nENV c=2\n", nil,
			map[string]string{"$a$b$c": "212"},
		},
		{
			"ARG defaults see those before them, also on one line",
			"ARG a=1\nARG b=${a}2\nFROM scratch\nARG b\nARG c=${b}3 d=${c}4\n", nil,
			map[string]string{"$d": "1234"},
		},
		{
			"the platform is up to the build",
			"FROM scratch\nARG TARGETARCH\n", nil,
			map[string]string{"$TARGETARCH": "?"},
		},
		{
			"unless it is given",
			"FROM scratch\nARG TARGETARCH\n",
			map[string]string{"TARGETARCH": "arm64"},
			map[string]string{"$TARGETARCH": "arm64"},
		},
		{
			"ONBUILD sets nothing here",
			"FROM scratch\nONBUILD ENV a=1\n", nil,
			map[string]string{"$a": ""},
		},
		{
			"the escape character is the file's",
			"# escape=`\nFROM scratch\nENV a=1\n", nil,
			map[string]string{"`$a": "$a", `\$a`: `\1`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := build(t, c.src, plan.Options{Args: c.args})
			env := p.Stages[len(p.Stages)-1].End.Env
			got := map[string]string{}
			for word := range c.want {
				got[word] = mark(env.Expand(word))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("values (-want +got)\n%s", diff)
			}
		})
	}
}

func mark(v plan.Value) string {
	if !v.Known {
		return "?" + v.Text
	}
	return v.Text
}

func TestState(t *testing.T) {
	for _, c := range []struct{ name, src, user, workdir, shell string }{
		{"the base image decides", "FROM debian:13\nRUN true\n", "?", "?", "?/bin/sh -c"},
		{"nothing is there", "FROM scratch\n", "root", "/", "/bin/sh -c"},
		{
			"all of it goes on into the next stage",
			"FROM debian:13 AS a\nUSER app\nWORKDIR /srv\nSHELL [\"bash\", \"-c\"]\nFROM a\nWORKDIR sub\n", "app", "/srv/sub", "bash -c",
		},
		{"and into no other", "FROM debian:13 AS a\nUSER app\nFROM debian:13\n", "?", "?", "?/bin/sh -c"},
		{"paths are clean", "FROM scratch\nWORKDIR a/../b\nWORKDIR ./c/\nWORKDIR ..\n", "root", "/b", "/bin/sh -c"},
		{"absolute ones too", "FROM debian:13\nWORKDIR /a/../b/\n", "?", "/b", "?/bin/sh -c"},
		{"relative to the unknown is unknown", "FROM debian:13\nWORKDIR a\nWORKDIR b\n", "?", "?a/b", "?/bin/sh -c"},
		{"Windows paths are absolute", "FROM debian:13\nWORKDIR /a\nWORKDIR C:\\app\n", "?", `C:app`, "?/bin/sh -c"},
		{"variables", "FROM debian:13\nENV D=/d U=app\nARG X\nWORKDIR $D/e\nUSER $U:$X\n", "?app:", "/d/e", "?/bin/sh -c"},
		{"what BuildKit refuses changes nothing", "FROM debian:13\nWORKDIR /a\nWORKDIR\nUSER\nSHELL bash\n", "?", "/a", "?/bin/sh -c"},
		{"ONBUILD changes nothing", "FROM debian:13\nONBUILD USER app\nONBUILD WORKDIR /a\n", "?", "?", "?/bin/sh -c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := build(t, c.src, plan.Options{})
			end := p.Stages[len(p.Stages)-1].End
			sh := mark(plan.Value{Text: strings.Join(end.Shell.Words, " "), Known: end.Shell.Known})
			if u, w := mark(end.User), mark(end.Workdir); u != c.user || w != c.workdir || sh != c.shell {
				t.Errorf("user %q, workdir %q, shell %q; want %+v", u, w, sh, c)
			}
		})
	}
}

// TestBefore holds that a step has the state before it, and that the steps that set the state are known.
func TestStateBeforeStep(t *testing.T) {
	p := build(t, "FROM debian:13 AS a\nUSER app\nFROM a\nWORKDIR /x\nUSER root\nRUN true\n", plan.Options{})
	a, b := p.Stages[0], p.Stages[1]
	if a.Steps[0].UserStep != nil || a.Steps[0].User.Known {
		t.Error("USER sees the state behind itself")
	}
	if b.Steps[0].UserStep != a.Steps[0] || b.Steps[0].User.Text != "app" || b.Steps[0].WorkdirStep != nil {
		t.Errorf("the first step of the second stage sees %+v", b.Steps[0].State)
	}
	if run := b.Steps[2]; run.UserStep != b.Steps[1] || run.WorkdirStep != b.Steps[0] || run.User.Text != "root" {
		t.Errorf("RUN sees %+v", run.State)
	}
}

func TestTransfer(t *testing.T) {
	p := build(t, strings.Join([]string{
		"FROM debian:13",
		"ENV D=/d F=a.txt",
		"COPY $F b.txt $D/",
		"COPY --from=nginx /x /y",
		"ADD https://example.org/a https://example.org/$F /y",
		"ADD git@example.org:a/b.git /z",
		"COPY <<EOF /etc/motd",
		"hello",
		"EOF",
		`COPY ["a b", "c"]`,
		"COPY $UNKNOWN /d",
		"",
	}, "\n"), plan.Options{})
	var got []string
	for _, s := range p.Stages[0].Steps[1:] {
		c := s.Copy
		line := fmt.Sprintf("context %v, to %s:", c.Context(), mark(c.To))
		for _, src := range c.Sources {
			line += fmt.Sprintf(" %s", mark(src.Path))
			if src.Heredoc {
				line += " heredoc"
			}
			if src.Remote {
				line += " remote"
			}
		}
		if c.From != nil {
			line += " from " + c.From.Word.String
		}
		got = append(got, line)
	}
	want := []string{
		"context true, to /d/: a.txt b.txt",
		"context false, to /y: /x from nginx",
		"context false, to /y: https://example.org/a remote https://example.org/a.txt remote",
		"context false, to /z: git@example.org:a/b.git remote",
		"context false, to /etc/motd: <<EOF heredoc",
		"context true, to c: a b",
		"context true, to /d: ?",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transfers (-want +got)\n%s", diff)
	}
}

func TestMounts(t *testing.T) {
	src := "FROM debian:13 AS a\nWORKDIR /w\nENV T=/t\n" +
		"RUN --mount=type=cache,target=$T,id=xfrom=a,from=a --mount=target=rel,source=src --mount=type=secret,id=s true\n"
	p := build(t, src, plan.Options{})
	mounts := p.Stages[0].Steps[2].Mounts
	if len(mounts) != 3 {
		t.Fatalf("%d mounts", len(mounts))
	}
	cache, bind, secret := mounts[0], mounts[1], mounts[2]
	if cache.Type != "cache" || mark(cache.Target) != "/t" || cache.ID != "xfrom=a" || cache.From == nil || cache.From.Stage != p.Stages[0] {
		t.Errorf("cache: %+v", cache)
	}
	if at := strings.Index(src, ",from=a") + len(",from="); cache.From.Span != (parser.Span{Start: at, End: at + 1}) {
		t.Errorf("from= stands at %v, want %d", cache.From.Span, at)
	}
	if bind.Type != "bind" || mark(bind.Target) != "/w/rel" || bind.Source != "src" || bind.From != nil {
		t.Errorf("bind: %+v", bind)
	}
	if secret.Type != "secret" || secret.ID != "s" || secret.Target.Text != "" {
		t.Errorf("secret: %+v", secret)
	}
}

func TestImages(t *testing.T) {
	src := "# syntax=docker/dockerfile:1 x\nARG BASE=debian:13\nFROM ${BASE} AS a\nFROM a\nCOPY --from=nginx:1 /a /a\nRUN --mount=from=busybox:1,target=/x true\n"
	p := build(t, src, plan.Options{})
	var got []string
	for i, at := range p.Images() {
		stage := "-"
		if at.Stage != nil {
			stage = strconv.Itoa(at.Stage.Index)
		}
		got = append(got, fmt.Sprintf("%s %d %s %v", stage, i.Use, src[i.Origin.Start:i.Origin.End], i.External()))
	}
	want := []string{
		"- 3 docker/dockerfile:1 true", "0 0 debian:13 true", "1 0 a false", "1 1 nginx:1 true", "1 2 busybox:1 true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("images (-want +got)\n%s", diff)
	}
	if i := p.Stages[1].Image(); i != p.Stages[0].Base {
		t.Errorf("the image at the root is %+v", i)
	}
}

// TestExpandAsBuildKit holds our scopes against a plain list of variables given to BuildKit's lexer.
func TestExpandAsBuildKit(t *testing.T) {
	env := []string{"A=one", "B=", "C=a b", "LONG_NAME=x.y.z"}
	src := "FROM scratch\n"
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		src += fmt.Sprintf("ENV %s=%q\n", name, value)
	}
	scope := build(t, src, plan.Options{}).Stages[0].End.Env
	for _, word := range []string{
		"", "plain", "$A", "${A}", "$A$B$C", "${B:-d}", "${B-d}", "${A:+d}", "${NONE:-$A}", "${NONE-${C}}", "'$A'", `"$A'$C'"`, `\$A`, `"\$A"`,
		"${LONG_NAME#x.}", "${LONG_NAME%%.*}", "${LONG_NAME/y/$A}", "$", "$$", "${A", "$1", "${}", `a\`, "${A:?m}",
		"${NONE:?m}", "é$A", "${LONG_NAME//./-}",
	} {
		want, _, err := shell.NewLex('\\').ProcessWord(word, shell.EnvsFromSlice(env))
		got := scope.Expand(word)
		if err != nil {
			if got.Known {
				t.Errorf("%s: %q, but BuildKit says %v", word, got.Text, err)
			}
			continue
		}
		if !got.Known || got.Text != want {
			t.Errorf("%s: %q, known %v; want %q", word, got.Text, got.Known, want)
		}
	}
	if got := scope.Missing("$A $NONE ${OTHER}"); !slices.Equal(got, []string{"NONE", "OTHER"}) {
		t.Errorf("missing: %q", got)
	}
}

// TestHostile plans files that are made to cost much: doubling values, long chains of variables, and lookups that miss.
func TestHostile(t *testing.T) {
	for name, src := range map[string]string{
		"doubling": "FROM scratch\nENV A=aaaaaaaa\n" + strings.Repeat("ENV A=$A$A\n", 5000),
		"chain":    "FROM scratch\n" + lines(7000, "ENV A%d=${A%d}x\n"),
		"one line": "FROM scratch\nARG A=1" + strings.Repeat(" A=$A", 10000),
		"misses":   "FROM scratch\nENV" + strings.Repeat(" A=$z", 10000) + "\n" + strings.Repeat("ENV B=$zz\n", 5000),
		"stages":   "FROM scratch AS a\n" + strings.Repeat("FROM a AS a\nENV A=$A.\n", 3900),
		"nested":   "FROM scratch\nENV A=" + strings.Repeat("${A:-", 10000) + strings.Repeat("}", 10000) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			walk(build(t, src, plan.Options{}))
		})
	}
}

func lines(n int, format string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, format, i, i-1)
	}
	return b.String()
}

// walk asks for all that a plan can say.
func walk(p *plan.Plan) {
	for _, s := range p.Stages {
		s.Command()
		s.Image()
		for _, step := range s.Steps {
			for _, pair := range step.Instruction.Pairs {
				step.Env.Expand(pair.Value.Value)
				step.Env.Missing(pair.Value.Value)
			}
		}
	}
	for i := range p.Images() {
		i.External()
	}
	if p.Target != nil {
		p.Target.End.Env.Expand("$A")
	}
}

func FuzzNew(f *testing.F) {
	for _, src := range []string{
		"FROM debian:13 AS a\nARG A=1\nENV B=$A C=${B:-x}\nFROM a\nCOPY --from=0 x y\nRUN --mount=from=a,target=$C true\nWORKDIR $B\nUSER $A\n",
		"# escape=`\nFROM mcr.microsoft.com/windows:1\nWORKDIR C:\\x\nONBUILD ADD . /\n",
		"ARG A\nFROM $A AS b\nFROM b AS b\nSHELL [\"a\"]\nCOPY <<E /x\ny\nE\n",
		"ENV A=$A$A\nENV A=$A$A\n",
	} {
		f.Add(src, "", "A", "1")
	}
	f.Fuzz(func(t *testing.T, src, target, arg, value string) {
		file := parser.Parse("Dockerfile", []byte(src))
		p := plan.New(file, plan.Options{Target: target, Args: map[string]string{arg: value}})
		walk(p)
		steps := 0
		for i, s := range p.Stages {
			steps += len(s.Steps)
			if s.Index != i || s.Shipped && !s.Reached {
				t.Errorf("stage %d: index %d, shipped %v, reached %v", i, s.Index, s.Shipped, s.Reached)
			}
			for _, n := range s.Needs {
				if s.Reached && !n.Reached {
					t.Errorf("stage %d is reached, stage %d that it needs is not", i, n.Index)
				}
			}
		}
		from := 0
		for _, s := range p.Stages {
			if s.From != nil {
				from++
			}
		}
		if got := steps + from + len(p.Globals); got != len(file.Instructions) {
			t.Errorf("%d instructions of %d are in the plan", got, len(file.Instructions))
		}
	})
}
