package lsp

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules"
)

func namedForTest(name string) (is, isNot bool) { return workspace.Named(filepath.Base(name)) }

// codes are the rules of diagnostics with their lines from 1.
func codes(list []diagnostic) []string {
	out := []string{}
	for _, d := range list {
		out = append(out, fmt.Sprintf("%d %s", d.Range.Start.Line+1, d.Code))
	}
	return out
}

// small has the findings of smallCodes.
const small = "FROM python:latest\nMAINTAINER me\nCMD python app.py\n"

func smallCodes() []string {
	return []string{"1 full-size-image", "1 latest-tag", "1 missing-user", "2 maintainer-instruction", "3 shell-form-command"}
}

func TestPull(t *testing.T) {
	c := start(t, map[string]string{"Dockerfile": small})
	r := c.hello(puller)
	if r.Capabilities.PositionEncoding != "utf-8" || r.Capabilities.DiagnosticProvider == nil {
		t.Errorf("capabilities %+v", r.Capabilities)
	}
	c.open("Dockerfile", small)
	got := c.pulled("Dockerfile")
	want := smallCodes()
	if diff := cmp.Diff(want, codes(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	first := got[1]
	if first.Severity != severityWarning || first.Source != "dockvet" || !strings.HasSuffix(first.CodeDescription.Href, "latest_tag.md") {
		t.Errorf("diagnostic %+v", first)
	}
	if first.Range != (span{position{0, 5}, position{0, 18}}) {
		t.Errorf("range %+v", first.Range)
	}
	var report documentDiagnosticReport
	ask := map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}}
	c.must(methodDiagnostic, ask, &report)
	ask["previousResultId"] = report.ResultID
	report = documentDiagnosticReport{}
	c.must(methodDiagnostic, ask, &report)
	if report.Kind != "unchanged" || report.Items != nil {
		t.Errorf("nothing has changed: %+v", report)
	}
	c.change("Dockerfile", 2, change{&span{position{0, 12}, position{0, 18}}, "3.13-slim"})
	if diff := cmp.Diff(want[2:], codes(c.pulled("Dockerfile"))); diff != "" {
		t.Errorf("after a change: -want +got\n%s", diff)
	}
	if err := c.bye(); err != nil {
		t.Error(err)
	}
	if n := c.pushes[c.uri("Dockerfile")]; n > 0 {
		t.Errorf("%d pushes to a client that asks", n)
	}
}

func TestPush(t *testing.T) {
	c := start(t, map[string]string{"Dockerfile": small})
	if r := c.hello(pusher); r.Capabilities.DiagnosticProvider != nil || r.Capabilities.PositionEncoding != "utf-16" {
		t.Errorf("capabilities %+v", r.Capabilities)
	}
	c.open("Dockerfile", small)
	want := smallCodes()
	if diff := cmp.Diff(want, codes(c.awaitPush("Dockerfile", 1))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for i := range 20 { // faster than the pause
		c.change("Dockerfile", 2+i, change{&span{position{2, 0}, position{2, 0}}, "# more\n"})
	}
	c.change("Dockerfile", 30, change{&span{position{0, 12}, position{0, 18}}, "3.13-slim"})
	if diff := cmp.Diff([]string{want[2], want[3], "23 shell-form-command"}, codes(c.awaitPush("Dockerfile", 30))); diff != "" {
		t.Errorf("after changes: -want +got\n%s", diff)
	}
	c.notify("textDocument/didClose", map[string]any{"textDocument": map[string]string{"uri": c.uri("Dockerfile")}})
	c.await("empty list", func() bool { return len(c.pushed[c.uri("Dockerfile")].Diagnostics) == 0 })
	if err := c.bye(); err != nil {
		t.Error(err)
	}
}

// TestOtherFiles checks that what is open beside the Dockerfile counts, saved or not, and shows what points at it.
func TestOtherFiles(t *testing.T) {
	dockerfile := "FROM alpine:3.22\nWORKDIR /app\nCOPY . .\nUSER 1000\nCMD [\"./run\"]\n"
	c := start(t, map[string]string{
		"Dockerfile": dockerfile, ".dockerignore": ".git\n", "docs/a.md": "a\n",
	})
	c.hello(puller)
	c.open("Dockerfile", dockerfile)
	before := codes(c.pulled("Dockerfile"))
	c.open(".dockerignore", ".git\nDocs\n")
	if slices.Contains(before, "3 miscased-ignore-pattern") {
		t.Fatalf("before: %v", before)
	}
	if after := codes(c.pulled("Dockerfile")); !slices.Contains(after, "3 miscased-ignore-pattern") {
		t.Errorf("the unsaved ignore file does not count: %v", after)
	}
	got := c.pulled(".dockerignore")
	if diff := cmp.Diff([]string{"2 miscased-ignore-pattern"}, codes(got)); diff != "" {
		t.Fatalf("in the ignore file: -want +got\n%s", diff)
	}
	if r := got[0].RelatedInformation; len(r) != 1 || r[0].Location.URI != c.uri("Dockerfile") || r[0].Location.Range.Start.Line != 2 {
		t.Errorf("related %+v", r)
	}
	c.notify("textDocument/didClose", map[string]any{"textDocument": map[string]string{"uri": c.uri(".dockerignore")}})
	if after := codes(c.pulled("Dockerfile")); slices.Contains(after, "3 miscased-ignore-pattern") {
		t.Errorf("what was not saved still counts: %v", after)
	}
	c.write(".dockerignore", ".git\nDOCS\n")
	c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": c.uri(".dockerignore"), "type": 2}}})
	if after := codes(c.pulled("Dockerfile")); !slices.Contains(after, "3 miscased-ignore-pattern") {
		t.Errorf("a change on the disk does not count: %v", after)
	}
}

// TestRefresh checks that a client that asks is told to ask again after edits of a file that Dockerfiles depend on.
func TestRefresh(t *testing.T) {
	c := start(t, map[string]string{"Dockerfile": small, ".dockerignore": ".git\n"})
	c.hello(`{"textDocument":{"diagnostic":{}},"workspace":{"diagnostics":{"refreshSupport":true}}}`)
	c.open("Dockerfile", small)
	c.open(".dockerignore", ".git\n")
	for i := range 50 {
		c.change(".dockerignore", 2+i, change{&span{}, "x\n"})
	}
	const method = "workspace/diagnostic/refresh"
	c.await("a request to ask again", func() bool { return slices.Contains(c.requests, method) })
}

// TestConfiguration checks that a configuration counts before it is saved, and shows its own mistakes.
func TestConfiguration(t *testing.T) {
	c := start(t, map[string]string{"sub/Dockerfile": small})
	c.hello(puller)
	c.open("sub/Dockerfile", small)
	c.open(".dockvet.yaml", "rules:\n  latest-tag: off\n  missing-user: off\n  full-size-image: off\n")
	if diff := cmp.Diff(smallCodes()[3:], codes(c.pulled("sub/Dockerfile"))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	c.change(".dockvet.yaml", 2, change{nil, "profile: relaxed\nrules:\n  latest-tags: off\n"})
	got := c.pulled(".dockvet.yaml")
	if len(got) != 2 || got[0].Range.Start != (position{0, 9}) || got[1].Range != (span{position{2, 2}, position{2, 13}}) {
		t.Errorf("mistakes %+v", got)
	}
	if list := c.pulled("sub/Dockerfile"); len(list) != 2 || !strings.HasPrefix(list[0].Message, "not checked: .dockvet.yaml:1:10: ") {
		t.Errorf("with a wrong configuration %+v", list)
	}
	c.change(".dockvet.yaml", 3, change{nil, "a: [\n"})
	if got := c.pulled(".dockvet.yaml"); len(got) != 1 || got[0].Range.Start.Line == 0 && got[0].Message == "" {
		t.Errorf("mistakes %+v", got)
	}
}

// TestSettings checks the settings of the client: as it starts, as it asks, and as it tells.
func TestSettings(t *testing.T) {
	c := start(t, map[string]string{"Dockerfile": small})
	c.answer = func(method string) any {
		if method == "workspace/configuration" {
			return []any{map[string]any{"profile": "minimal"}}
		}
		return nil
	}
	c.hello(`{"workspace":{"configuration":true,"didChangeWatchedFiles":{"dynamicRegistration":true}},"textDocument":{"diagnostic":{}}}`)
	c.await("requests", func() bool {
		return slices.Contains(c.requests, "workspace/configuration") && slices.Contains(c.requests, "client/registerCapability")
	})
	c.open("Dockerfile", small)
	for len(c.pulled("Dockerfile")) > 0 { // the answer is on its way
		time.Sleep(time.Millisecond)
	}
	c.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"dockvet": map[string]any{"profile": "strict"}}})
	strict := len(c.pulled("Dockerfile"))
	c.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"dockvet": map[string]any{"profile": "minimal"}}})
	if minimal := len(c.pulled("Dockerfile")); minimal != 0 || strict < 6 {
		t.Errorf("%d findings under minimal, %d under strict", minimal, strict)
	}
	c.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"dockvet": map[string]any{"profile": "loose"}}})
	c.await("a word about the setting", func() bool {
		return slices.ContainsFunc(c.logs, func(s string) bool { return strings.Contains(s, "not `loose`") })
	})
}

// TestRoots checks several roots, one of which comes and goes, and a file in none of them.
func TestRoots(t *testing.T) {
	c := start(t, map[string]string{
		"a/Dockerfile": small, "a/.dockvet.yaml": "rules: {latest-tag: off}\n", "b/Dockerfile": small, "c/Dockerfile.dev": small,
	})
	var r initializeResult
	c.must("initialize", map[string]any{
		"capabilities":     map[string]any{"textDocument": map[string]any{"diagnostic": map[string]any{}}},
		"workspaceFolders": []map[string]string{{"uri": c.uri("a"), "name": "a"}},
	}, &r)
	for _, event := range []string{"added", "removed", "added"} {
		c.notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{event: []any{map[string]string{"uri": c.uri("b")}}}})
	}
	for name, want := range map[string]int{"a/Dockerfile": 4, "b/Dockerfile": 5, "c/Dockerfile.dev": 3} {
		c.open(name, small)
		if got := codes(c.pulled(name)); len(got) != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	c.openAs("untitled:Untitled-1", "dockerfile", small)
	var report documentDiagnosticReport
	c.must(methodDiagnostic, map[string]any{"textDocument": map[string]string{"uri": "untitled:Untitled-1"}}, &report)
	if report.Items == nil || len(*report.Items) != 5 {
		t.Errorf("a document without a file: %+v", report)
	}
}

// TestLife checks what must not come, and when.
func TestLife(t *testing.T) {
	c := start(t, map[string]string{"Dockerfile": small})
	if code := c.call(methodDiagnostic, map[string]any{}, nil); code != codeServerNotInitialized {
		t.Errorf("before initialize: %d", code)
	}
	c.notify("textDocument/didOpen", "nonsense")
	c.hello(puller)
	for _, x := range []struct {
		method string
		params any
		want   int64
	}{
		{"initialize", map[string]any{}, -32600},
		{"textDocument/teleport", map[string]any{}, -32601},
		{"$/unknown", nil, -32601},
		{methodDiagnostic, nil, -32602},
		{methodDiagnostic, []int{1}, -32602},
		{methodDiagnostic, map[string]any{"textDocument": map[string]string{"uri": c.uri("other")}}, -32602},
		{methodDiagnostic, map[string]any{"textDocument": map[string]string{"uri": "%zz"}}, -32602},
	} {
		if code := c.call(x.method, x.params, nil); code != x.want {
			t.Errorf("%s %v: code %d, want %d", x.method, x.params, code, x.want)
		}
	}
	c.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": "untitled:x", "version": 1}})
	c.notify("$/setTrace", map[string]any{"value": "off"})
	c.notify("textDocument/didSave", nil)
	c.must("shutdown", nil, nil)
	if code := c.call(methodDiagnostic, map[string]any{}, nil); code != jsonrpc2InvalidRequest {
		t.Errorf("after shutdown: %d", code)
	}
	c.notify("exit", nil)
	if err := c.ended(); err != nil {
		t.Error(err)
	}
}

const jsonrpc2InvalidRequest = -32600

// TestDeath checks that the server ends with its client.
func TestDeath(t *testing.T) {
	for name, leave := range map[string]func(*client){
		"exit without shutdown": func(c *client) { c.notify("exit", nil) },
		"stream is closed":      func(c *client) { _ = c.in.Close() },
		"half a message":        func(c *client) { _, _ = io.WriteString(c.in, "Content-Length: 100\r\n\r\n{"); _ = c.in.Close() },
		"no length":             func(c *client) { _, _ = io.WriteString(c.in, "Content-Type: x\r\n\r\n") },
		"a length beyond bounds": func(c *client) {
			_, _ = io.WriteString(c.in, "Content-Length: 99999999999999\r\n\r\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, map[string]string{"Dockerfile": small})
			c.hello(pusher)
			c.open("Dockerfile", small)
			c.awaitPush("Dockerfile", 1)
			leave(c)
			if err := c.ended(); !errors.Is(err, ErrNoShutdown) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestMalformed checks that the server answers what is not a message, and reads on.
func TestMalformed(t *testing.T) {
	var out strings.Builder
	send := func(bodies ...string) string {
		in, write := io.Pipe() // open until the server ends
		go func() {
			for _, b := range bodies {
				_, _ = fmt.Fprintf(write, "content-length:%d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%s", len(b), b)
			}
		}()
		out.Reset()
		err := Serve(t.Context(), in, &out, Options{Dir: t.TempDir(), Now: today})
		if err != nil {
			t.Errorf("%q: error %v", bodies, err)
		}
		return out.String()
	}
	tail := []string{
		`{"jsonrpc":"2.0","id":"last","method":"initialize","params":{"capabilities":{}}}`, `{"jsonrpc":"2.0","id":9,"method":"shutdown"}`,
		`{"jsonrpc":"2.0","method":"exit"}`,
	}
	for body, want := range map[string]string{
		`{`:                                 `"id":null,"error":{"code":-32700`,
		`[]`:                                `"id":null,"error":{"code":-32600`,
		`[{"id":1,"method":"shutdown"}]`:    `"id":null,"error":{"code":-32600`,
		`{"id":5}`:                          `"id":5,"error":{"code":-32600`,
		`{"id":1.5,"method":"initialize"}`:  `"id":1.5,"error":{"code":-32600`,
		`{"id":{},"method":"initialize"}`:   `"id":null,"error":{"code":-32600`,
		`{"id":5,"method":7}`:               `"id":5,"error":{"code":-32600`,
		"\xff":                              `"id":null,"error":{"code":-32700`,
		`null`:                              `"id":null,"error":{"code":-32600`,
		`{"id":7,"result":1}`:               ``, // an answer to nothing
		`{"id":[],"error":{"code":1}}`:      ``,
		`{"method":"textDocument/didOpen"}`: ``,
	} {
		got := send(append([]string{body}, tail...)...)
		if !strings.Contains(got, want) || want == "" && strings.Contains(got, `"error"`) {
			t.Errorf("%s: %s", body, got)
		}
		if !strings.Contains(got, `"id":"last"`) || !strings.Contains(got, `"id":9`) {
			t.Errorf("%s: the server does not go on: %s", body, got)
		}
	}
}

// TestHurry checks that what was sent before the stream ends is worked off.
func TestHurry(t *testing.T) {
	var in strings.Builder
	for _, b := range []string{`{"id":1,"method":"initialize","params":{"capabilities":{}}}`, `{"id":2,"method":"shutdown"}`, `{"method":"exit"}`} {
		fmt.Fprintf(&in, "Content-Length: %d\r\n\r\n%s", len(b), b)
	}
	if err := Serve(t.Context(), strings.NewReader(in.String()), io.Discard, Options{Dir: t.TempDir(), Now: today}); err != nil {
		t.Error(err)
	}
}

// TestEdits checks edits that do not fit: what the client shows is not known until it sends the whole text.
func TestEdits(t *testing.T) {
	c := start(t, map[string]string{"Dockerfile": small})
	c.hello(puller)
	c.open("Dockerfile", small)
	at := func(line, character, endLine, end int) *span {
		return &span{position{line, character}, position{endLine, end}}
	}
	n := len(c.pulled("Dockerfile"))
	for name, bad := range map[string]change{
		"ends before it begins": {at(1, 3, 0, 1), "x"},
		"begins past the end":   {at(9, 0, 9, 1), "x"},
	} {
		c.change("Dockerfile", 10, bad)
		if got := c.pulled("Dockerfile"); len(got) != 0 {
			t.Errorf("%s: findings %v in a text that is not known", name, codes(got))
		}
		c.change("Dockerfile", 11, change{at(0, 0, 0, 0), "# a\n"}, change{nil, small})
		if got := c.pulled("Dockerfile"); len(got) != n {
			t.Errorf("%s: findings %v in the whole text", name, codes(got))
		}
		c.change("Dockerfile", 10, change{at(0, 0, 0, 0), "# a\n"}) // late
		if got := c.pulled("Dockerfile"); len(got) != 0 {
			t.Errorf("%s: findings %v after an edit that came late", name, codes(got))
		}
		c.notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": c.uri("Dockerfile")}, "text": small})
		if got := c.pulled("Dockerfile"); len(got) != n {
			t.Errorf("%s: findings %v in the saved text", name, codes(got))
		}
	}
}

// TestPositions checks places in text with characters of all sizes, in both encodings, there and back.
func TestPositions(t *testing.T) {
	const src = "a\r\nä𝕏b\rc\n\n𝕏"
	for _, isUTF8 := range []bool{false, true} {
		text := newText(src, isUTF8)
		for off := range src {
			if src[off] == '\n' && off > 0 && src[off-1] == '\r' {
				continue // no position is inside a line ending
			}
			if back := text.offset(text.position(off)); back != off {
				t.Errorf("utf-8 %v: %d becomes %+v becomes %d", isUTF8, off, text.position(off), back)
			}
		}
		want := map[int]position{0: {0, 0}, 3: {1, 0}, 5: {1, 1}, 9: {1, 3}, 11: {2, 0}, 13: {3, 0}, 14: {4, 0}, 18: {4, 2}}
		if isUTF8 {
			want[5], want[9], want[18] = position{1, 2}, position{1, 6}, position{4, 4}
		}
		for off, p := range want {
			if got := text.position(off); got != p {
				t.Errorf("utf-8 %v: position of %d is %+v, want %+v", isUTF8, off, got, p)
			}
		}
		if got := text.offset(position{1, 99}); got != 10 {
			t.Errorf("past the end of a line: %d", got)
		}
		if got := text.offset(position{99, 0}); got != len(src) {
			t.Errorf("past the end: %d", got)
		}
		if got := text.span(parser.Span{Start: 3, End: 11}); got.End != text.position(10) {
			t.Errorf("a line ending is marked: %+v", got)
		}
	}
}

// TestTags checks that the rules which get a tag exist.
func TestTags(t *testing.T) {
	for _, name := range slices.Concat(unnecessary(), deprecated()) {
		if !slices.ContainsFunc(rules.All(), func(r *lint.Rule) bool { return r.Name == name }) {
			t.Errorf("no rule is called %s", name)
		}
	}
}

func TestURIs(t *testing.T) {
	for _, name := range []string{"/a/b", "/with space/ä#?%25", "/a/b+c/[x]"} {
		if got := fileName(fileURI(name)); filepath.ToSlash(got) != name {
			t.Errorf("%s becomes %s becomes %s", name, fileURI(name), got)
		}
	}
	for _, u := range []string{"untitled:1", "http://host/x", "file:", "%", "file://other/x"} {
		if got := fileName(u); got != "" {
			t.Errorf("%s is the file %s", u, got)
		}
	}
}
