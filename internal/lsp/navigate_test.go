package lsp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// cursors are the places of `~` in src and src without them.
func cursors(src string) (text string, at []position) {
	parts := strings.Split(src, "~")
	text = strings.Join(parts, "")
	lines := newText(text, true)
	n := 0
	for _, p := range parts[:len(parts)-1] {
		n += len(p)
		at = append(at, lines.position(n))
	}
	return text, at
}

func here(c *client, p position) map[string]any {
	return map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}, "position": p}
}

func where(list []location) []string {
	out := []string{}
	for _, l := range list {
		out = append(out, fmt.Sprintf("%d:%d-%d", l.Range.Start.Line+1, l.Range.Start.Character+1, l.Range.End.Character+1))
	}
	return out
}

const staged = `ARG TAG=3.22
FROM alpine:${T~AG} AS Bu~ild
ARG TAG
ARG OTHER=1
ENV DIR="/srv/$TAG" X='$TAG'
RUN echo $TAG "${TAG:-x}" '$TAG' && TAG2=$TAG
RUN OTHER=2 && echo $OTHER
FROM b~uild AS test
WORKDIR $DI~R
COPY --from=build <<EOF /x
$DIR
EOF
FROM scratch
COPY --from=0 /a /b
COPY --from=bui~ld $DIR /c
RUN --mount=from=Build,target=/m echo "$~DIR"
`

func TestNames(t *testing.T) {
	src, at := cursors(staged)
	c := start(t, map[string]string{"Dockerfile": src})
	c.hello(actor)
	c.open("Dockerfile", src)
	stage := []string{"2:23-28", "8:6-11", "10:13-18", "14:13-14", "15:13-18", "16:18-23"}
	tag := []string{"1:5-8", "2:15-18", "3:5-8", "5:16-19", "6:11-14", "6:18-21", "6:43-46"}
	dir := []string{"5:5-8", "9:10-13", "11:2-5"}
	for i, want := range [][]string{tag, stage, stage, dir, stage, nil} {
		var refs []location
		p := here(c, at[i])
		p["context"] = map[string]bool{"includeDeclaration": true}
		c.must("textDocument/references", p, &refs)
		if want == nil {
			if len(refs) > 0 {
				t.Errorf("cursor %d: nothing is in force there: %v", i, where(refs))
			}
			continue
		}
		if diff := gocmp.Diff(want, where(refs)); diff != "" {
			t.Errorf("cursor %d: references -want +got\n%s", i, diff)
		}
		var marks []documentHighlight
		c.must("textDocument/documentHighlight", here(c, at[i]), &marks)
		if len(marks) != len(want) || marks[0].Kind != 3 {
			t.Errorf("cursor %d: highlights %+v", i, marks)
		}
		var defs []location
		c.must("textDocument/definition", here(c, at[i]), &defs)
		if len(defs) != 1 || where(defs)[0] != want[0] {
			t.Errorf("cursor %d: definition %v", i, where(defs))
		}
	}
	// A bare ARG means the default above the first FROM, too.
	var defs []location
	c.must("textDocument/definition", here(c, position{5, 11}), &defs)
	if diff := gocmp.Diff([]string{"3:5-8", "1:5-8"}, where(defs)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func (c *client) rename(p position, to string) (*workspaceEdit, int64) {
	c.t.Helper()
	var edit *workspaceEdit
	params := here(c, p)
	params["newName"] = to
	code := c.call("textDocument/rename", params, &edit)
	return edit, code
}

func TestRename(t *testing.T) {
	src, at := cursors(staged)
	c := start(t, map[string]string{"Dockerfile": src})
	c.hello(actor)
	c.open("Dockerfile", src)
	var prepared struct {
		Range       span
		Placeholder string
	}
	c.must("textDocument/prepareRename", here(c, at[1]), &prepared)
	if prepared.Placeholder != "Build" {
		t.Errorf("prepared %+v", prepared)
	}
	edit, _ := c.rename(at[1], "base")
	got := applied(t, edit, map[uri]string{c.uri("Dockerfile"): src})[c.uri("Dockerfile")]
	want := strings.NewReplacer("AS Build", "AS base", "FROM build", "FROM base", "--from=build", "--from=base", "from=Build", "from=base").Replace(src)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("stage: -want +got\n%s", diff)
	}
	edit, _ = c.rename(at[0], "VERSION")
	got = applied(t, edit, map[uri]string{c.uri("Dockerfile"): src})[c.uri("Dockerfile")]
	want = strings.NewReplacer("'$TAG'", "'$TAG'", "TAG2", "TAG2", "TAG", "VERSION").Replace(src)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("variable: -want +got\n%s", diff)
	}
	for _, x := range []struct {
		at position
		to string
	}{
		{at[1], "test"},
		{at[1], "0"},
		{at[1], "scratch"},
		{at[1], "a b"},
		{at[0], "9"},
		{at[0], "OTHER"},
		{at[0], "TARGETARCH"},
		{position{13, 12}, "base"}, // a number
	} {
		if _, code := c.rename(x.at, x.to); code != -32803 {
			t.Errorf("%v to %s: code %d", x.at, x.to, code)
		}
	}
	if edit, code := c.rename(position{12, 2}, "x"); edit != nil || code != 0 {
		t.Errorf("a keyword is renamed: %+v %d", edit, code)
	}
}

// TestRenameInCompose checks that the target of a compose file follows, and that nothing happens if it cannot.
func TestRenameInCompose(t *testing.T) {
	src := "ARG A=1\nFROM alpine:3.22 AS dev\nARG A\nRUN echo $A\nFROM dev AS prod\n"
	compose := "services:\n  web:\n    build:\n      context: .\n      target: \"dev\" # while we work\n      args:\n        A: 2\n  other:\n    image: x\n"
	c := start(t, map[string]string{"Dockerfile": src, "compose.yaml": compose})
	c.hello(actor)
	c.open("Dockerfile", src)
	edit, code := c.rename(position{1, 21}, "base")
	if code != 0 {
		t.Fatalf("code %d", code)
	}
	after := applied(t, edit, map[uri]string{c.uri("Dockerfile"): src, c.uri("compose.yaml"): compose})
	if got, want := after[c.uri("compose.yaml")], strings.Replace(compose, `"dev"`, `"base"`, 1); got != want {
		t.Errorf("compose file:\n%s", got)
	}
	files := map[uri]string{c.uri("Dockerfile"): src, c.uri("compose.yaml"): compose}
	if edit, code = c.rename(position{0, 4}, "B"); code != 0 {
		t.Fatalf("a build argument: code %d", code)
	}
	after = applied(t, edit, files)
	if got, want := after[c.uri("compose.yaml")], strings.Replace(compose, "A: 2", "B: 2", 1); got != want {
		t.Errorf("compose file:\n%s", got)
	}
	if got, want := after[c.uri("Dockerfile")], "ARG B=1\nFROM alpine:3.22 AS dev\nARG B\nRUN echo $B\nFROM dev AS prod\n"; got != want {
		t.Errorf("Dockerfile:\n%s", got)
	}

	// The other way round: from the compose file, whether the Dockerfile is open or not.
	place := func(name string, p position) map[string]any {
		return map[string]any{"textDocument": map[string]string{"uri": c.uri(name)}, "position": p}
	}
	c.open("compose.yaml", compose)
	for _, isOpen := range []bool{true, false} {
		if !isOpen {
			c.notify("textDocument/didClose", map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}})
		}
		at := place("compose.yaml", position{4, 16})
		var defs []location
		c.must("textDocument/definition", at, &defs)
		if len(defs) != 1 || defs[0].URI != c.uri("Dockerfile") || where(defs)[0] != "2:21-24" {
			t.Errorf("definition of a target: %+v", defs)
		}
		var refs []location
		at["context"] = map[string]bool{"includeDeclaration": true}
		c.must("textDocument/references", at, &refs)
		if got := strings.Join(where(refs), " "); got != "2:21-24 5:6-9 5:16-19" {
			t.Errorf("references of a target: %s", got)
		}
		var prepared struct {
			Range       span
			Placeholder string
		}
		c.must("textDocument/prepareRename", at, &prepared)
		if prepared.Placeholder != "dev" || prepared.Range != (span{position{4, 15}, position{4, 18}}) {
			t.Errorf("prepared %+v", prepared)
		}
		at["newName"] = "base"
		c.must("textDocument/rename", at, &edit)
		after = applied(t, edit, files)
		if got := after[c.uri("compose.yaml")] + after[c.uri("Dockerfile")]; strings.Contains(got, "dev") || strings.Count(got, "base") != 3 {
			t.Errorf("renamed from a compose file:\n%s", got)
		}
	}
	c.open("Dockerfile", src)
	c.change("compose.yaml", 2, change{Text: strings.Replace(compose, `"dev"`, `"${T:-dev}"`, 1)})
	if _, code := c.rename(position{1, 21}, "base"); code != -32803 {
		t.Errorf("a target that cannot be found: code %d", code)
	}
}

// TestRenameInBake checks that the target of a bake file follows, and that it leads to its stage.
func TestRenameInBake(t *testing.T) {
	src := "FROM alpine:3.22 AS dev\nFROM dev AS prod\n"
	file := "target \"default\" {\n  context = \".\"\n  target = \"dev\"\n}\n"
	c := start(t, map[string]string{"Dockerfile": src, "docker-bake.hcl": file})
	c.hello(actor)
	c.open("Dockerfile", src)
	c.open("docker-bake.hcl", file)
	files := map[uri]string{c.uri("Dockerfile"): src, c.uri("docker-bake.hcl"): file}
	edit, code := c.rename(position{0, 21}, "base")
	if code != 0 {
		t.Fatalf("code %d", code)
	}
	if got, want := applied(t, edit, files)[c.uri("docker-bake.hcl")], strings.Replace(file, "dev", "base", 1); got != want {
		t.Errorf("bake file:\n%s", got)
	}
	var defs []location
	c.must("textDocument/definition", map[string]any{
		"textDocument": map[string]string{"uri": c.uri("docker-bake.hcl")}, "position": position{2, 13},
	}, &defs)
	if len(defs) != 1 || defs[0].URI != c.uri("Dockerfile") || where(defs)[0] != "1:21-24" {
		t.Errorf("definition of a target: %+v", defs)
	}
	c.change("docker-bake.hcl", 2, change{Text: strings.Replace(file, "dev", "none", 1)})
	found := false
	for _, d := range c.pulled("docker-bake.hcl") {
		found = found || d.Range.Start.Line == 2
	}
	if !found {
		t.Error("nothing is found about a target that does not exist")
	}
}

// TestRenameArgument checks that the keys of a build argument follow in bake and compose files, whatever its value is and whichever
// targets inherit it, unless another Dockerfile has it from the same place or another file sets it.
func TestRenameArgument(t *testing.T) {
	const (
		src    = "ARG V=1\nFROM alpine:${V}\n"
		common = "variable \"V\" {}\ntarget \"_c\" {\n  args = { \"V\" = V }\n}\ntarget \"a\" { inherits = [\"_c\"] }\ntarget \"b\" {\n  inherits = [\"_c\"]\n}\n"
	)
	for _, c := range []struct {
		what         string
		files, wants map[string]string
	}{
		{"a variable that somebody sets", map[string]string{
			"docker-bake.hcl": "variable \"V\" {}\ntarget \"default\" {\n  args = { V = V }\n}\n",
		}, map[string]string{"docker-bake.hcl": "variable \"V\" {}\ntarget \"default\" {\n  args = { W = V }\n}\n"}},
		{"inherited", map[string]string{"docker-bake.hcl": common}, map[string]string{"docker-bake.hcl": strings.Replace(common, "{ \"V\"", "{ \"W\"", 1)}},
		{"JSON and an override file", map[string]string{
			"docker-bake.json": `{"target": {"default": {"args": {"V": "1"}}}}`, "docker-bake.override.hcl": "target \"default\" {\n  args = { V = 2 }\n}\n",
		}, map[string]string{"docker-bake.override.hcl": "target \"default\" {\n  args = { W = 2 }\n}\n"}},
		{"for another Dockerfile as well", map[string]string{
			"docker-bake.hcl": strings.Replace(common, "\n  inherits", "\n  dockerfile = \"other/Dockerfile\"\n  inherits", 1), "other/Dockerfile": src,
		}, nil},
		{"compose and bake", map[string]string{
			"compose.yaml":    "services:\n  a:\n    build:\n      context: .\n      args: {V: 3}\n",
			"docker-bake.hcl": "target \"default\" { args = { V = 3 } }\n",
		}, map[string]string{
			"compose.yaml":    "services:\n  a:\n    build:\n      context: .\n      args: {W: 3}\n",
			"docker-bake.hcl": "target \"default\" { args = { W = 3 } }\n",
		}},
		{"in a script", map[string]string{"build.sh": "docker build --build-arg V=$1 .\n"}, nil},
	} {
		c.files["Dockerfile"], c.files[".git/HEAD"] = src, ""
		x := start(t, c.files)
		x.hello(actor)
		x.open("Dockerfile", src)
		files := map[uri]string{}
		for name, text := range c.files {
			files[x.uri(name)] = text
		}
		edit, code := x.rename(position{0, 4}, "W")
		if c.wants == nil {
			if code != -32803 {
				t.Errorf("%s: code %d: %+v", c.what, code, edit)
			}
			continue
		}
		got := applied(t, edit, files)
		for name, want := range c.wants {
			if got[x.uri(name)] != want {
				t.Errorf("%s: %s: code %d:\n%s", c.what, name, code, got[x.uri(name)])
			}
		}
	}
}

func TestSymbolsAndFolding(t *testing.T) {
	const src = "# a\n# b\n\n# c\nARG A=1\nFROM alpine:3.22 AS build\nRUN a && \\\n    b\nCOPY <<EOF /x\nline\nEOF\nFROM scratch\nCOPY --from=build /x /y\n"
	c := start(t, map[string]string{"Dockerfile": src})
	c.hello(`{"textDocument":{"documentSymbol":{"hierarchicalDocumentSymbolSupport":true}}}`)
	c.open("Dockerfile", src)
	params := map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}}
	var symbols []documentSymbol
	c.must("textDocument/documentSymbol", params, &symbols)
	var lines []string
	for _, one := range symbols {
		lines = append(lines, fmt.Sprint(one.Name, " ", one.Range.Start.Line, "-", one.Range.End.Line))
		if one.SelectionRange.Start.Line < one.Range.Start.Line || one.SelectionRange.End.Line > one.Range.End.Line {
			t.Errorf("%s: the selection %+v is not in %+v", one.Name, one.SelectionRange, one.Range)
		}
		for _, child := range one.Children {
			lines = append(lines, fmt.Sprint("  ", child.Name, " ", child.Range.Start.Line, "-", child.Range.End.Line))
		}
	}
	want := []string{
		"ARG A=1 4-4", "build 5-10", "  RUN a && b 6-7", "  COPY <<EOF /x 8-10", "FROM scratch 11-12", "  COPY --from=build /x /y 12-12",
	}
	if diff := gocmp.Diff(want, lines); diff != "" {
		t.Errorf("symbols -want +got\n%s", diff)
	}
	var folds []foldingRange
	c.must("textDocument/foldingRange", params, &folds)
	var got []string
	for _, f := range folds {
		got = append(got, fmt.Sprintf("%d-%d %s", f.StartLine, f.EndLine, f.Kind))
	}
	slices.Sort(got)
	if diff := gocmp.Diff([]string{"0-1 comment", "11-12 ", "5-10 ", "6-7 ", "8-10 "}, got); diff != "" {
		t.Errorf("folds -want +got\n%s", diff)
	}
	poor := start(t, map[string]string{"Dockerfile": src})
	poor.hello(`{}`)
	poor.open("Dockerfile", src)
	var raw []json.RawMessage
	poor.must("textDocument/documentSymbol", map[string]any{"textDocument": map[string]string{"uri": poor.uri("Dockerfile")}}, &raw)
	if len(raw) != 6 || !strings.Contains(string(raw[2]), `"containerName":"build"`) {
		t.Errorf("flat symbols %s", raw)
	}
}
