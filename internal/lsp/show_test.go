package lsp

import (
	"fmt"
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// coloured is what is shown of a Dockerfile: each token as type(text), by line.
func (c *client) coloured(name, source string, within *span) []string {
	c.t.Helper()
	params := map[string]any{"textDocument": map[string]string{"uri": c.uri(name)}}
	method := "textDocument/semanticTokens/full"
	if within != nil {
		params["range"], method = within, "textDocument/semanticTokens/range"
	}
	var tokens semanticTokens
	c.must(method, params, &tokens)
	text := newText(source, c.utf8)
	var out []string
	at, last := position{}, position{Line: -1}
	for i := 0; i+4 < len(tokens.Data); i += 5 {
		x := tokens.Data[i : i+5]
		if x[0] > 0 {
			at.Character = 0
		}
		at.Line, at.Character = at.Line+x[0], at.Character+x[1]
		s := text.bytes(span{at, position{at.Line, at.Character + x[2]}})
		one := tokenTypes()[x[3]] + "(" + source[s.Start:s.End] + ")"
		if x[4] != 0 {
			one += "!"
		}
		if at.Line == last.Line {
			if at.Character < last.Character {
				c.t.Errorf("token %s overlaps the one before", one)
			}
			out[len(out)-1] += " " + one
		} else {
			out = append(out, one)
		}
		last = position{at.Line, at.Character + x[2]}
	}
	return out
}

func TestSemanticTokens(t *testing.T) {
	const src = "# syntax=docker/dockerfile:1\nARG TAG=\"3\"\r\nFROM --platform=$P alpine:$TAG as Build\nENV A=1\n" +
		"RUN --mount=type=cache,target=/$A if test -f é𝕏 && \\\n  # why\n  X=\"a $A\" sh -c 'cd /x | cat'; \\\n  then exit 1; fi\n" +
		"COPY --from=build <<EOF /x\nsome $A\nEOF\nRUN <<EOF\nfor x in 1 2; do\n# all\necho $x > /y; done\nEOF\nHEALTHCHECK CMD [\"a\", \"b\"]\nONBUILD RUN ls\nBAD\n"
	want := []string{
		"comment(# syntax=docker/dockerfile:1)", `keyword(ARG) variable(TAG)! string("3")`,
		"keyword(FROM) property(--platform) variable($P) class(alpine:) variable($TAG) keyword(as) namespace(Build)!",
		"keyword(ENV) variable(A)!",
		"keyword(RUN) property(--mount) variable($A) keyword(if) function(test) operator(&&)", "comment(# why)",
		`variable(X)! string("a ) variable($A) string(") function(sh) string(') function(cd) operator(|) function(cat) string(') operator(;)`,
		"keyword(then) function(exit) operator(;) keyword(fi)", "keyword(COPY) property(--from) namespace(build) operator(<<EOF)",
		"string(some ) variable($A)", "operator(EOF)", "keyword(RUN) operator(<<EOF)",
		"keyword(for) variable(x)! keyword(in) keyword(do)", "comment(# all)", "function(echo) variable($x) operator(>) operator(;) keyword(done)",
		"operator(EOF)", `keyword(HEALTHCHECK) keyword(CMD) string("a") string("b")`, "keyword(ONBUILD) keyword(RUN) function(ls)", "keyword(BAD)",
	}
	for _, utf8 := range []bool{true, false} {
		c := start(t, map[string]string{"Dockerfile": src})
		if c.utf8 = utf8; utf8 {
			c.hello(puller)
		} else {
			c.hello(plain)
		}
		c.open("Dockerfile", src)
		got := c.coloured("Dockerfile", src, nil)
		if diff := gocmp.Diff(strings.Join(want, "\n"), strings.Join(got, "\n")); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		part := c.coloured("Dockerfile", src, &span{position{3, 0}, position{3, 7}})
		if diff := gocmp.Diff([]string{"keyword(ENV) variable(A)!"}, part); diff != "" {
			t.Errorf("a range: -want +got\n%s", diff)
		}
	}
}

func TestSelectionRange(t *testing.T) {
	src, at := cursors("FROM alpine AS a\nRUN apk add \\\n  \"cu~rl\" && true\nFROM a\nCOPY --from=~a x /y\n")
	c := start(t, map[string]string{"Dockerfile": src})
	c.hello(puller)
	c.open("Dockerfile", src)
	var ranges []*selectionRange
	c.must("textDocument/selectionRange", map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}, "positions": at}, &ranges)
	lines := newText(src, true)
	for i, want := range [][]string{
		{"curl", `"curl"`, "apk add \\\n  \"curl\"", "apk add \\\n  \"curl\" && true", "RUN apk add \\\n  \"curl\" && true", "FROM alpine AS a\nRUN apk add \\\n  \"curl\" && true", src},
		{"a", "--from=a", "COPY --from=a x /y", "FROM a\nCOPY --from=a x /y", src},
	} {
		var got []string
		for r := ranges[i]; r != nil; r = r.Parent {
			s := lines.bytes(r.Range)
			got = append(got, src[s.Start:s.End])
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("place %d: -want +got\n%s", i, diff)
		}
	}
}

func TestLinks(t *testing.T) {
	const src = "# syntax=docker/dockerfile:1\nARG TAG=24\nFROM node:$TAG AS a\nFROM ghcr.io/x/y@sha256:" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 AS b\nFROM example.org/x\nADD https://example.org/a.tar /x\n" +
		"COPY a.txt d /\nRUN curl -fsS https://example.org/b\nCOPY --from=a d /z\n"
	c := start(t, map[string]string{"Dockerfile": src, "a.txt": "x", "d/1": "x"})
	c.hello(puller)
	c.open("Dockerfile", src)
	var links []documentLink
	c.must("textDocument/documentLink", map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}}, &links)
	var got []string
	lines := newText(src, true)
	for _, l := range links {
		s := lines.bytes(l.Range)
		got = append(got, src[s.Start:s.End]+" "+strings.Replace(l.Target, c.uri(".")+"/", "", 1))
	}
	if diff := gocmp.Diff([]string{
		"docker/dockerfile:1 https://hub.docker.com/r/docker/dockerfile", "node:$TAG https://hub.docker.com/_/node",
		"ghcr.io/x/y@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 https://ghcr.io/x/y",
		"https://example.org/a.tar https://example.org/a.tar", "a.txt a.txt", "https://example.org/b https://example.org/b",
	}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestInlayHints(t *testing.T) {
	const src = "ARG TAG=24\nFROM node:$TAG AS a\nARG TAG\nARG OPEN\nENV D=/srv/$TAG E=$D$OPEN\nWORKDIR $D\nCOPY d a.txt ./\nCOPY a.txt $D/\nCOPY --from=a /x /y\n"
	c := start(t, map[string]string{"Dockerfile": src, "a.txt": "xyz", "d/1": "x", "d/2": "x"})
	c.hello(puller)
	c.open("Dockerfile", src)
	params := map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}, "range": span{position{}, position{8, 0}}}
	var hints []inlayHint
	c.must("textDocument/inlayHint", params, &hints)
	if len(hints) > 0 {
		t.Errorf("hints although nobody asked for them: %+v", hints)
	}
	c.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"dockvet": map[string]any{"inlayHints": true}}})
	c.must("textDocument/inlayHint", params, &hints)
	var got []string
	for _, h := range hints {
		got = append(got, fmt.Sprintf("%d:%d %s", h.Position.Line+1, h.Position.Character+1, h.Label))
	}
	if diff := gocmp.Diff([]string{
		"2:15 = node:24", "5:16 = /srv/24", "6:11 = /srv/24", "7:16 3 files, 5B", "8:15 = /srv/24/", "8:15 3B",
	}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWorkspaceSymbols(t *testing.T) {
	c := start(t, map[string]string{
		"Dockerfile": "FROM a AS Build\nFROM b AS test\n", "x/Dockerfile.dev": "FROM a AS rebuild\n", "compose.yaml": "services: {}\n",
	})
	c.hello(puller)
	c.open("Dockerfile", "\nFROM a AS Build2\n")
	var list []symbolInformation
	c.must("workspace/symbol", map[string]string{"query": "BUILD"}, &list)
	var got []string
	for _, x := range list {
		got = append(got, fmt.Sprintf("%s %s %d:%d", x.Name, x.ContainerName, x.Location.Range.Start.Line+1, x.Location.Range.Start.Character+1))
	}
	if diff := gocmp.Diff([]string{"Build2 Dockerfile 2:11", "rebuild x/Dockerfile.dev 1:11"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestShowProjects asks for everything that an editor shows of the sample Dockerfiles, which must not fail.
func TestShowProjects(t *testing.T) {
	shown := 0
	for _, project := range names(t) {
		c := copyProject(t, project)
		c.hello(puller)
		data, err := os.ReadFile(c.path("Dockerfile"))
		if err != nil {
			continue
		}
		source := string(data)
		c.open("Dockerfile", source)
		c.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"dockvet": map[string]any{"inlayHints": true}}})
		c.utf8 = true
		shown += len(c.coloured("Dockerfile", source, nil))
		lines := newText(source, true)
		document := map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}}
		var links []documentLink
		c.must("textDocument/documentLink", document, &links)
		document["range"] = span{position{}, lines.position(len(source))}
		var hints []inlayHint
		c.must("textDocument/inlayHint", document, &hints)
		var places []position
		for i := range source {
			places = append(places, lines.position(i))
		}
		document["positions"] = places
		var ranges []*selectionRange
		c.must("textDocument/selectionRange", document, &ranges)
		for i, r := range ranges {
			for ; r != nil; r = r.Parent {
				if s := lines.bytes(r.Range); s.Start > i || s.End < i {
					t.Errorf("%s: the selection %v of byte %d", project, r.Range, i)
				}
			}
		}
		for _, log := range c.logs {
			if strings.Contains(log, "bug") {
				t.Error(log)
			}
		}
	}
	if shown < 50 {
		t.Errorf("only %d lines have a token", shown)
	}
}
