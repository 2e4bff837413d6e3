package lsp

import "testing"

func TestFormatting(t *testing.T) {
	c := start(t, nil)
	c.hello(puller)
	c.open("Dockerfile", "FROM debian:13.1\ncopy  a  b\nUSER 1000:1000\n")
	params := map[string]any{
		"textDocument": map[string]string{"uri": c.uri("Dockerfile")}, "options": map[string]any{"tabSize": 2, "insertSpaces": true},
	}
	var edits []textEdit
	c.must("textDocument/formatting", params, &edits)
	if len(edits) != 1 || edits[0].NewText != "COPY a b\n" || edits[0].Range != (span{position{1, 0}, position{2, 0}}) {
		t.Errorf("%+v", edits)
	}
	c.change("Dockerfile", 2, change{Text: "FROM debian:13.1\nCOPY a b\n"})
	c.must("textDocument/formatting", params, &edits)
	if len(edits) != 0 {
		t.Errorf("a formatted file: %+v", edits)
	}
}
