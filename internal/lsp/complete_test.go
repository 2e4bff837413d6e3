package lsp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules"
)

// typist are the capabilities of a client that completes; plain are those of one that knows as little as possible.
const (
	typist = `{"general":{"positionEncodings":["utf-8"]},"textDocument":{"diagnostic":{},"completion":{"completionItem":{"snippetSupport":true,
		"insertReplaceSupport":true,"documentationFormat":["markdown"],"tagSupport":{"valueSet":[1]}}}}}`
	plain = `{}`
)

// shop is a repository to complete in.
func shop() map[string]string {
	return map[string]string{
		"package.json": "{}\n", "src/main.js": "x\n", "src/lib/a.js": "x\n", "secret.key": "x\n", "with space": "x\n", "node_modules/a/b": "x\n",
		".dockerignore": "*.key\nnode_modules\n.git\n",
	}
}

// completed are the items at the `~` of text, which is a file of that name.
func (c *client) completed(name, text string) []completionItem {
	c.t.Helper()
	at := strings.Index(text, "~")
	source := text[:at] + text[at+1:]
	c.open(name, source)
	var list *completionList
	c.must("textDocument/completion", map[string]any{
		"textDocument": map[string]string{"uri": c.uri(name)}, "position": newText(source, c.utf8).position(at),
	}, &list)
	c.notify("textDocument/didClose", map[string]any{"textDocument": map[string]string{"uri": c.uri(name)}})
	if list == nil {
		return nil
	}
	lines := newText(source, c.utf8)
	for i := range list.Items {
		it := &list.Items[i]
		r := it.TextEdit.Range
		if r == nil {
			r = it.TextEdit.Replace
		}
		span := lines.bytes(*r)
		it.text = source[:span.Start] + it.TextEdit.NewText + source[span.End:]
		if span.Start > at || span.End < at || r.Start.Line != r.End.Line {
			c.t.Errorf("%s: the edit %v of `%s` does not cover the place", text, r, it.Label)
		}
	}
	return list.Items
}

func labels(list []completionItem) []string {
	out := []string{}
	for _, it := range list {
		out = append(out, it.Label)
	}
	return out
}

// TestCompletion checks which labels are proposed, and what the file is after the first of them is taken.
func TestCompletion(t *testing.T) {
	var all []string // rules
	for _, r := range rules.All() {
		all = append(all, r.Name)
	}
	for _, x := range []struct {
		text  string   // of the Dockerfile, or of the configuration if it begins with `%`
		want  []string // labels, in order; `…` ends a list whose rest is not looked at
		after string   // the line of the place after the first label is taken, "" to leave it
	}{
		{"~", []string{"FROM", "RUN", "COPY", "ADD", "ARG", "…"}, "FROM "},
		{"ARG A\nf~\nFROM a\n", []string{"FROM", "ARG"}, "FROM "},
		{"from a\nco~", []string{"from", "run", "copy", "…"}, "from "},
		{"FROM a\nONBUILD R~", []string{"RUN", "COPY", "ADD", "ARG", "…"}, "ONBUILD RUN "},
		// stages and images
		{"FROM a AS one\nFROM b AS Two\nFROM ~\nFROM c AS three", []string{"one", "two", "scratch", "adminer", "…"}, "FROM one"},
		{"FROM a AS one\nFROM b AS two\nCOPY --from=~ /x /y", []string{"one", "adminer", "…"}, "COPY --from=one /x /y"},
		{"FROM a AS one\nFROM b\nRUN --mount=type=bind,from=o~ne,target=/x true", []string{"one", "adminer", "…"}, "RUN --mount=type=bind,from=one,target=/x true"},
		{"FROM node:~", []string{"26.7", "26.7.0", "…"}, "FROM node:26.7"},
		{"FROM node:24-~ AS x", []string{"26.7", "26.7.0", "…"}, "FROM node:26.7 AS x"},
		{"FROM node:22 ~", []string{"AS"}, "FROM node:22 AS"},
		{"FROM node:22 AS ~", []string{}, ""},
		// flags
		{"FROM a\nCOPY --~", []string{"--from", "--chown", "--chmod", "--link", "--parents", "--exclude"}, "COPY --from="},
		{"FROM a\nCOPY --link --fr~om=b x y", []string{"--from", "--chown", "--chmod", "--parents", "--exclude"}, "COPY --link --from=b x y"},
		{"FROM a\nCOPY --link=~ a b", []string{"true", "false"}, "COPY --link=true a b"},
		{"FROM a\nRUN --network=~", []string{"default", "none", "host"}, "RUN --network=default"},
		{"FROM --platform=~ a", []string{"$BUILDPLATFORM", "$TARGETPLATFORM", "linux/amd64", "linux/arm64"}, "FROM --platform=$BUILDPLATFORM a"},
		{"FROM a\nRUN \\\n  --mount=type=cache,~ \\\n  npm ci\n", []string{
			"target", "source", "from", "id", "sharing", "readonly", "mode", "uid", "gid",
		}, "  --mount=type=cache,target= \\"},
		{"FROM a\nRUN --mount=~", []string{"type", "target", "source", "from", "readwrite"}, "RUN --mount=type="},
		{"FROM a\nRUN --mount=type=secret,id=x,dst=/y,~", []string{"required", "env", "mode", "uid", "gid"}, "RUN --mount=type=secret,id=x,dst=/y,required"},
		{"FROM a\nRUN --mount=type=~,target=/x", []string{"bind", "cache", "tmpfs", "secret", "ssh"}, "RUN --mount=type=bind,target=/x"},
		{"FROM a\nRUN --mount=type=cache,sharing=~", []string{"shared", "private", "locked"}, ""},
		{"FROM a\nHEALTHCHECK --interval=3s ~", []string{"CMD", "NONE"}, "HEALTHCHECK --interval=3s CMD "},
		// variables
		{"ARG TAG=3\nFROM alpine:$~", []string{"TAG", "TARGETSTAGE", "…"}, "FROM alpine:$TAG"},
		{"FROM a\nARG V=1\nENV W=$V\nWORKDIR /${~", []string{"W", "V"}, "WORKDIR /${W}"},
		{"FROM a\nENV W=1\nWORKDIR /${~}/x", []string{"W"}, "WORKDIR /${W}/x"},
		{"FROM a\nENV W=1\nRUN echo é𝕏 \"${~:-x}\" y", []string{"W"}, "RUN echo é𝕏 \"${W:-x}\" y"},
		{"FROM a\nENV W=1\nRUN echo \\$~", []string{}, ""},
		{"FROM a\nARG V=1\nENV W=1\nCMD echo $~", []string{"W"}, "CMD echo $W"},
		{"FROM a\nENV W=1\nCMD [\"$~\"]", []string{}, ""},
		{"FROM a\nENV W=1\nRUN <<EOF\necho é $~ x\nEOF\nUSER b\n", []string{"W"}, "echo é $W x"},
		{"FROM a\nENV W=1\nRUN <<EOF\necho $~\n", []string{"W"}, "echo $W"},
		{"FROM a\nENV W=1\nCOPY <<EOF /x\n$~\nEOF\n", []string{"W"}, "$W"},
		{"FROM a\nENV W=1\nCOPY <<'EOF' /x\n$~\nEOF\n", []string{}, ""},
		{"FROM a\nENV W=1\nRUN a && \\\n  # why\n  ~\n  b", []string{}, ""},
		{"FROM a\r\nENV W=1\r\nRUN a && \\\r\n  echo $~\r\nUSER b\r\n", []string{"W"}, "  echo $W"},
		{"FROM a\nENV W=1\nRUN a && \\\n  echo $~", []string{"W"}, "  echo $W"},
		// paths
		{"FROM a\nCOPY ~", []string{".dockerignore", "Dockerfile", "package.json", "src/"}, ""},
		{"FROM a\nCOPY ./src/~ /app/", []string{"lib/", "main.js"}, "COPY ./src/lib/ /app/"},
		{"FROM a\nCOPY [\"~", []string{".dockerignore", "Dockerfile", "package.json", "src/", "with space"}, ""},
		{"FROM a\nCOPY [\"s~rc/x\", \"/y\"]", []string{".dockerignore", "Dockerfile", "package.json", "src/", "with space"}, ""},
		{"FROM a AS b\nFROM c\nCOPY --from=b ~", []string{}, ""},
		{"FROM a\nRUN --mount=type=bind,source=src/~", []string{"lib/", "main.js"}, "RUN --mount=type=bind,source=src/lib/"},
		// users, signals
		{"FROM node:24\nRUN useradd -u 5 app\nUSER ~", []string{"app", "node", "root"}, "USER app"},
		{"FROM node:24\nCOPY --chown=~:node a b", []string{"node", "root"}, "COPY --chown=node:node a b"},
		{"FROM a\nSTOPSIGNAL SIG~", []string{"SIGABRT", "SIGALRM", "…"}, "STOPSIGNAL SIGABRT"},
		// comments
		{"# ~\nFROM a\n", []string{
			"dockvet ignore=", "dockvet ignore-file=", "syntax=docker/dockerfile:1", "escape=`", "check=skip=", "check=error=true",
		}, "# dockvet ignore="},
		{"FROM a\n# dockvet i~\nRUN b\n", []string{"dockvet ignore=", "dockvet ignore-file="}, "# dockvet ignore="},
		{"FROM a\n# dockvet ignore=latest-tag,~ why\nRUN b\n", []string{all[0], "…"}, "# dockvet ignore=latest-tag," + all[0] + " why"},
		{"FROM a\n# hadolint ignore=DL3006,D~L\nRUN b\n", []string{"DL3029", "…"}, "# hadolint ignore=DL3006,DL3029"},
		{"# check=skip=~\nFROM a\n", []string{"FromPlatformFlagConstDisallowed", "…"}, ""},
		{"FROM a\n# a comment about $~\n", []string{}, ""},
		// the configuration
		{"%~", []string{"baseline", "builds", "edition", "exclude", "extends", "fail-on", "…"}, "baseline: "},
		{"%profile: ~\n", []string{"minimal", "recommended", "strict"}, "profile: minimal"},
		{"%profile: strict\nf~\nfail-on: never\n", []string{
			"baseline", "builds", "edition", "exclude", "extends", "fail-on-breaks", "…",
		}, ""},
		{"%rules:\n  latest-tag: ~", []string{"off", "error", "warning", "info"}, "  latest-tag: off"},
		{"%rules:\n  latest-tag:\n    ~", []string{"off", "error", "warning", "info", "severity"}, ""},
		{"%rules:\r\n  latest-tag: off\r\n  add-~\r\n", []string{slices.Min(all), "…"}, "  " + slices.Min(all) + ": "},
		{"%overrides:\n- files: [a]\n  ~", []string{"fail-on", "profile", "rules"}, "  fail-on: "},
		{"%overrides:\n  - files:\n      - a\n    rules:\n      x: off\n    profile: ~", []string{"minimal", "recommended", "strict", "off"}, ""},
		{"%builds:\n  - ~", []string{"args", "builder", "context", "contexts", "dockerfile", "…"}, "  - args: "},
		{"%require-reason: ~", []string{"true", "false"}, "require-reason: true"},
		{"%# profile: ~", []string{}, ""},
	} {
		for _, capabilities := range []string{typist, plain} {
			c := start(t, shop())
			c.hello(capabilities)
			c.utf8 = capabilities == typist
			name, text := "Dockerfile", x.text
			if strings.HasPrefix(text, "%") {
				name, text = ".dockvet.yaml", text[1:]
			}
			source := strings.Replace(text, "~", "", 1)
			c.write(name, source)
			items := c.completed(name, text)
			got := labels(items)
			want := x.want
			if len(want) > 0 && want[len(want)-1] == "…" {
				want = want[:len(want)-1]
				got = got[:min(len(got), len(want))]
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%q: -want +got\n%s", text, diff)
				continue
			}
			if x.after == "" || len(items) == 0 {
				continue
			}
			above, _, _ := strings.Cut(text, "~")
			lines := strings.Split(items[0].text, "\n")
			if strings.TrimRight(lines[strings.Count(above, "\n")], "\r") != x.after {
				t.Errorf("%q: after `%s` is taken: %q", text, items[0].Label, items[0].text)
			}
		}
	}
}

// TestCompletionClient checks what depends on the client.
func TestCompletionClient(t *testing.T) {
	for capabilities, want := range map[string]string{
		typist: "CMD [\"$1\"]$0 2 insert 0-2 replace 0-3 markdown",
		plain:  "CMD  0 range 0-3 plaintext",
	} {
		c := start(t, nil)
		c.hello(capabilities)
		items := c.completed("Dockerfile", "FROM a\nCM~D")
		i := slices.IndexFunc(items, func(it completionItem) bool { return it.Label == "CMD" })
		if i < 0 {
			t.Fatalf("%q", labels(items))
		}
		it := items[i]
		got := fmt.Sprint(it.TextEdit.NewText, " ", it.InsertTextFormat)
		for _, r := range []struct {
			name string
			at   *span
		}{{"insert", it.TextEdit.Insert}, {"replace", it.TextEdit.Replace}, {"range", it.TextEdit.Range}} {
			if r.at != nil {
				got += fmt.Sprintf(" %s %d-%d", r.name, r.at.Start.Character, r.at.End.Character)
			}
		}
		got += " " + it.Documentation.Kind
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		deprecated := slices.IndexFunc(items, func(it completionItem) bool { return it.Label == "MAINTAINER" })
		if tags := items[deprecated].Tags; capabilities == typist && len(tags) != 1 || capabilities == plain && len(tags) > 0 {
			t.Errorf("tags %v of a deprecated instruction", tags)
		}
	}
}

// TestMountKeys checks what is said about mounts and flags against BuildKit.
func TestMountKeys(t *testing.T) {
	samples := map[string]string{
		"readonly": "readonly=true", "readwrite": "readwrite=true", "required": "required=true", "sharing": "sharing=shared", "size": "size=1m", "mode": "mode=0755",
		"uid": "uid=1", "gid": "gid=1",
	}
	for _, k := range mountKeys {
		for _, kind := range mountTypes {
			sample := samples[k.name]
			if sample == "" {
				sample = k.name + "=x"
			}
			if k.name == "type" {
				sample = "type=" + kind
			}
			fields := []string{"type=" + kind, sample}
			if kind == "secret" && k.name != "id" && k.name != "source" {
				fields = append(fields, "id=x")
			}
			accepted := frontend.AcceptsMount(fields...)
			if listed := slices.Contains(k.types, kind); listed && !accepted {
				t.Errorf("BuildKit does not accept `%s` for %s", k.name, kind)
			}
		}
	}
	for _, key := range []string{"src", "dst", "destination", "ro", "rw"} {
		if mountKey(key) == key {
			t.Errorf("`%s` is not known", key)
		}
	}
	for _, e := range entries {
		instruction, flag, isFlag := strings.Cut(e.name, " --")
		if !isFlag {
			continue
		}
		for _, value := range append(choices(e.form), "") {
			if len(choices(e.form)) > 0 == (value == "") {
				continue
			}
			source := "FROM a\n" + instruction + " --" + flag + "=" + value + " x y\n"
			for _, problem := range parser.Parse("Dockerfile", []byte(source)).Errors {
				if strings.Contains(problem.Message, "unknown flag") {
					t.Errorf("%s: %s", e.name, problem.Message)
				}
			}
		}
	}
	for _, name := range image.Names() {
		if strings.ContainsAny(name, "* ") {
			t.Errorf("`%s` is not an image", name)
		}
	}
}

// FuzzCompletion checks that completion answers at every place of every text, with edits that cover the place.
func FuzzCompletion(f *testing.F) {
	f.Add("FROM a\nRUN --mount=type=cache,target=/x <<EOF\n$\nEOF\n", 30)
	f.Add("FROM é𝕏\r\nCOPY --from=a [\"x\", \\\r\n\"y\"]\r\n", 20)
	f.Add("rules:\n  - a: [x, y]\n", 12)
	f.Fuzz(func(t *testing.T, source string, at int) {
		s := newServer(Options{Dir: t.TempDir(), Now: today})
		for _, name := range []string{"untitled:Dockerfile", "untitled:.dockvet.yaml"} {
			d := &document{uri: name, language: "dockerfile", text: newText(source, false)}
			s.docs[d.uri] = d
			p := d.text.position(d.text.offset(d.text.position(at))) // none is between a carriage return and its line feed
			answer, err := s.completion(t.Context(), atPlace(d.uri, p))
			if err != nil {
				t.Fatal(err)
			}
			list, ok := answer.(completionList)
			if !ok {
				continue
			}
			for _, it := range list.Items {
				if r := it.TextEdit.Range; r.Start.Line != r.End.Line || r.Start.Line != p.Line || r.Start.Character > p.Character || r.End.Character < p.Character {
					t.Fatalf("%q at %v: the edit %v", source, p, r)
				}
			}
		}
	})
}

func atPlace(u uri, p position) at { return at{TextDocument: documentID{URI: u}, Position: p} }
