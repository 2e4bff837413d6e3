package lsp

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/rules"
)

// actor is a client that asks for diagnostics and applies code actions.
const actor = `{"general":{"positionEncodings":["utf-8"]},
	"textDocument":{"diagnostic":{},"codeAction":{"codeActionLiteralSupport":{}}},
	"workspace":{"workspaceEdit":{"documentChanges":true,"resourceOperations":["create"]}},"window":{"showDocument":{"support":true}}}`

// actions are the code actions in a range, of the given kinds or of all.
func (c *client) actions(name string, in span, only ...string) []codeAction {
	c.t.Helper()
	var list []codeAction
	about := map[string]any{"diagnostics": []any{}}
	if len(only) > 0 {
		about["only"] = only
	}
	c.must("textDocument/codeAction", map[string]any{"textDocument": map[string]string{"uri": c.uri(name)}, "range": in, "context": about}, &list)
	return list
}

// everything is the range of a whole document.
func everything() span { return span{position{0, 0}, position{1 << 20, 0}} }

func titles(list []codeAction) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.Title)
	}
	return out
}

// applied is what an edit makes of texts by URI, which must hold all documents that it does not create.
func applied(t *testing.T, edit *workspaceEdit, texts map[uri]string) map[uri]string {
	t.Helper()
	out := maps.Clone(texts)
	change := func(u uri, edits []textEdit) {
		text, ok := out[u]
		if !ok {
			t.Fatalf("%s is edited, and is not there", u)
		}
		lines := newText(text, true)
		// Edits of one document count in the text before all of them.
		slices.SortStableFunc(edits, func(a, b textEdit) int { return lines.offset(b.Range.Start) - lines.offset(a.Range.Start) })
		for _, e := range edits {
			s := lines.bytes(e.Range)
			text = text[:s.Start] + e.NewText + text[s.End:]
		}
		out[u] = text
	}
	for u, edits := range edit.Changes {
		change(u, edits)
	}
	for _, one := range edit.DocumentChanges {
		raw, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		var create createFile
		var changed textDocumentEdit
		if err := json.Unmarshal(raw, &create); err != nil {
			t.Fatal(err)
		}
		if create.Kind == "create" {
			if _, ok := out[create.URI]; ok {
				t.Fatalf("%s is created, and is there", create.URI)
			}
			out[create.URI] = ""
			continue
		}
		if err := json.Unmarshal(raw, &changed); err != nil {
			t.Fatal(err)
		}
		change(changed.TextDocument.URI, changed.Edits)
	}
	return out
}

func TestCodeActions(t *testing.T) {
	src := "# syntax=docker/dockerfile:1\nFROM node:24-slim\nMAINTAINER me\nWORKDIR /app\nCOPY . .\nUSER node\nCMD node server.js\n"
	c := start(t, map[string]string{"Dockerfile": src, "server.js": "x\n", "package.json": "{}\n", ".env": "KEY=1\n"})
	c.hello(actor)
	c.open("Dockerfile", src)
	list := c.actions("Dockerfile", span{position{2, 3}, position{2, 3}})
	want := []string{
		"Replace it with a label (unsafe: the author of the image changes from `me` to none, and 1 more)",
		"Ignore `maintainer-instruction` here", "Ignore `maintainer-instruction` in this file", "Explain `maintainer-instruction`",
	}
	if diff := gocmp.Diff(want[1:], titles(list)[1:4]); diff != "" || !strings.Contains(list[0].Title, "(unsafe: ") {
		t.Fatalf("-want +got\n%s\n%q", diff, titles(list))
	}
	u := c.uri("Dockerfile")
	texts := map[uri]string{u: src}
	if got := applied(t, list[1].Edit, texts)[u]; !strings.Contains(got, "\n# dockvet ignore=maintainer-instruction TODO: say why\nMAINTAINER me\n") {
		t.Errorf("ignored here:\n%s", got)
	}
	if got := applied(t, list[2].Edit, texts)[u]; !strings.HasPrefix(got, "# syntax=docker/dockerfile:1\n# dockvet ignore-file=maintainer-instruction TODO") {
		t.Errorf("ignored in the file:\n%s", got)
	}
	c.must("workspace/executeCommand", list[3].Command, nil)
	c.await("page", func() bool {
		return len(c.shown) == 1 && strings.HasSuffix(c.shown[0], "/metadata/maintainer_instruction.md")
	})
	if code := c.call("workspace/executeCommand", command{Command: commandExplain, Arguments: []any{"x"}}, nil); code != -32602 {
		t.Errorf("code %d", code)
	}
	// A fix that creates a file.
	created := false
	for _, a := range c.actions("Dockerfile", everything(), "quickfix") {
		if a.Edit == nil {
			continue
		}
		after := applied(t, a.Edit, texts)
		if text, ok := after[c.uri(".dockerignore")]; ok {
			created = strings.Contains(text, "Dockerfile") && strings.Contains(a.Title, "`.dockerignore` is added to the build context")
		}
	}
	if !created {
		t.Errorf("no action creates the ignore file: %q", titles(c.actions("Dockerfile", everything())))
	}
	if all := c.actions("Dockerfile", everything(), "refactor"); len(all) != 0 {
		t.Errorf("actions that were not asked for: %q", titles(all))
	}
}

// TestPoorClient checks that a client that cannot create files is not asked to, and gets edits by URI.
func TestPoorClient(t *testing.T) {
	src := "FROM node:24-slim\nWORKDIR /app\nCOPY . .\nUSER node\nCMD node server.js\n"
	c := start(t, map[string]string{"Dockerfile": src, "server.js": "x\n", ".env": "KEY=1\n"})
	c.hello(`{"textDocument":{"codeAction":{"codeActionLiteralSupport":{}}}}`)
	c.open("Dockerfile", src)
	list := c.actions("Dockerfile", everything())
	if len(list) < 4 {
		t.Fatalf("actions %q", titles(list))
	}
	for _, a := range list {
		if a.Edit != nil && (len(a.Edit.DocumentChanges) > 0 || len(a.Edit.Changes) != 1) {
			t.Errorf("%s: %+v", a.Title, a.Edit)
		}
	}
}

// TestActionsOverProjects applies each action on each finding of the sample projects. Safe fixes must do what check --fix does, and an
// ignore comment must silence its finding and no more.
func TestActionsOverProjects(t *testing.T) {
	fixes, ignores := 0, 0
	for _, project := range names(t) {
		c := copyProject(t, project)
		c.hello(actor)
		for name := range checked(t, c.dir) {
			rel, err := filepath.Rel(c.dir, name)
			if err != nil {
				t.Fatal(err)
			}
			rel = filepath.ToSlash(rel)
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			src := string(data)
			c.open(rel, src)
			before := shown(c.pulled(rel))
			for version, a := range c.actions(rel, everything()) {
				if a.Edit == nil {
					continue
				}
				texts := map[uri]string{c.uri(rel): src}
				for _, n := range []string{".dockerignore"} {
					if data, err := os.ReadFile(c.path(n)); err == nil {
						texts[c.uri(n)] = string(data)
					}
				}
				after := applied(t, a.Edit, texts)[c.uri(rel)]
				if !strings.HasPrefix(a.Title, "Ignore ") {
					fixes++
					continue
				}
				ignores++
				c.change(rel, version+2, change{nil, after})
				left := c.pulled(rel)
				for _, d := range left {
					if d.Code == a.Diagnostics[0].Code && (strings.Contains(a.Title, "file") || d.Message == a.Diagnostics[0].Message && len(left) >= len(before)) {
						t.Errorf("%s/%s: %s leaves %s", project, rel, a.Title, d.Message)
					}
					if d.Code == "unused-ignore" || d.Code == "unknown-ignore" {
						t.Errorf("%s/%s: %s: %s", project, rel, a.Title, d.Message)
					}
				}
				c.change(rel, version+2, change{nil, src})
			}
		}
	}
	if fixes < 20 || ignores < 100 {
		t.Errorf("only %d fixes and %d comments were tried", fixes, ignores)
	}
}

// TestFixAll compares fixing everything on save with what --fix writes.
func TestFixAll(t *testing.T) {
	src := "from python:3.14-slim as build\nENV a b\nLABEL x y\nADD requirements.txt /app/\n\nRUN pip install \\\n\n  -r /app/requirements.txt\nUSER 1000\n"
	c := start(t, map[string]string{"Dockerfile": src, "requirements.txt": "flask==3.1.2\n"})
	c.hello(actor)
	c.open("Dockerfile", src)
	list := c.actions("Dockerfile", span{}, "source.fixAll")
	if len(list) != 1 || list[0].Kind != kindFixAll {
		t.Fatalf("actions %+v", list)
	}
	got := applied(t, list[0].Edit, map[uri]string{c.uri("Dockerfile"): src})[c.uri("Dockerfile")]
	w := workspace.New(workspace.Config{Root: c.dir, Files: disk.New(c.dir), Now: today, Rules: rules.All()}, workspace.Options{})
	targets, _ := w.Find([]string{"Dockerfile"})
	set, err := w.Settings(targets[0])
	if err != nil {
		t.Fatal(err)
	}
	jobs := []pipeline.Job{{Target: targets[0], Setup: &pipeline.Setup{Linter: set.Linter}}}
	fixed := pipeline.Run(t.Context(), w, jobs, pipeline.Options{Fix: &pipeline.FixOptions{Disk: disk.New(c.dir)}})[0].Fixed
	want := string(fixed.Source)
	if len(fixed.Applied) < 2 || !strings.Contains(list[0].Title, fmt.Sprintf("all %d safe fixes", len(fixed.Applied))) {
		t.Errorf("%d fixes; title %s", len(fixed.Applied), list[0].Title)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	c.change("Dockerfile", 2, change{nil, got})
	if again := c.actions("Dockerfile", span{}, "source"); len(again) != 0 {
		t.Errorf("again %q", titles(again))
	}
}

// TestDifference checks that edits make one text of another, over random ones.
func TestDifference(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	text := func() string {
		var b strings.Builder
		for range random.IntN(8) {
			b.WriteString([]string{"a\n", "b\n", "c\n", "d\n"}[random.IntN(4)])
		}
		if random.IntN(3) == 0 {
			b.WriteString("end")
		}
		return b.String()
	}
	for range 2_000 {
		a, b := text(), text()
		got, refused := fix.Apply([]byte(a), difference(a, b))
		if refused != nil || string(got) != b {
			t.Fatalf("%q to %q: %+v gives %q %v", a, b, difference(a, b), got, refused)
		}
	}
}
