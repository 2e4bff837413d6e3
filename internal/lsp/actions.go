package lsp

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// The kinds of code action, and the command behind one.
const (
	kindQuickFix = "quickfix"
	kindFixAll   = "source.fixAll.dockvet"

	commandExplain = "dockvet.explain"
)

// codeAction answers with what can be done about the findings in a range.
func (s *server) codeAction(ctx context.Context, p codeActionParams) (any, error) {
	actions := []codeAction{} // never null
	d := s.docs[p.TextDocument.URI]
	if d == nil || d.lost || kindOf(d) != dockerfile || d.name == "" {
		return actions, nil
	}
	f, a, err := s.check(ctx, d.name)
	if err != nil || a.err != nil {
		return actions, err
	}
	here := d.text.bytes(p.Range)
	if wanted(p.Context.Only, kindQuickFix) {
		for _, x := range a.result.Findings {
			if x.Span.Start <= here.End && here.Start <= x.Span.End {
				actions = append(actions, s.quickFixes(f, d, a, x)...)
			}
		}
	}
	if wanted(p.Context.Only, kindFixAll) {
		all, ok, err := s.fixAll(ctx, f, d, a)
		if err != nil {
			return nil, err
		}
		if ok {
			actions = append(actions, all)
		}
	}
	return actions, nil
}

// wanted reports whether a client that asks for the kinds in only, or for all, wants actions of kind.
func wanted(only []string, kind string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o string) bool { return o == "" || o == kind || strings.HasPrefix(kind, o+".") })
}

// quickFixes are what can be done about x.
func (s *server) quickFixes(f *root, d *document, a *analysis, x *lint.Finding) []codeAction {
	var actions []codeAction
	about := []diagnostic{s.finding(f, d, a, x)}
	add := func(title string, edit *workspaceEdit) *codeAction {
		actions = append(actions, codeAction{Title: title, Kind: kindQuickFix, Diagnostics: about, Edit: edit})
		return &actions[len(actions)-1]
	}
	preferred := false
	for _, one := range x.Fixes {
		r := s.try(f, d, a, x, one)
		if len(r.Applied) == 0 {
			continue // it changes nothing, or it is a bug that --fix reports
		}
		edit, ok := s.edit(f, d, a, one.Edits, r.Files)
		if !ok {
			continue
		}
		action := add(title(one, r.Changes), edit)
		if one.Safety == lint.Safe && !preferred {
			action.IsPreferred, preferred = true, true
		}
	}
	if a.comments {
		const reason = " TODO: say why"
		newline := a.file.File.Newline()
		if at, ok := above(a.file.File, x); ok {
			text := "# dockvet ignore=" + x.Rule.Name + reason + newline
			if edit, ok := s.edit(f, d, a, []lint.Edit{lint.Insert(at, text)}, nil); ok {
				add("Ignore `"+x.Rule.Name+"` here", edit)
			}
		}
		at, text := top(a.file.File), "# dockvet ignore-file="+x.Rule.Name+reason+newline
		if at > 0 && d.text.string[at-1] != '\n' {
			text = newline + strings.TrimSuffix(text, newline) // the directive is the last line
		}
		if edit, ok := s.edit(f, d, a, []lint.Edit{lint.Insert(at, text)}, nil); ok {
			add("Ignore `"+x.Rule.Name+"` in this file", edit)
		}
	}
	explain := "Explain `" + x.Rule.Name + "`"
	add(explain, nil).Command = &command{Title: explain, Command: commandExplain, Arguments: []any{x.Rule.Name}}
	return actions
}

// title says what a fix does and what that means for the build.
func title(x lint.Fix, changes []string) string {
	first, size := utf8.DecodeRuneInString(x.Title)
	text := console.Clean(string(unicode.ToUpper(first)) + x.Title[size:])
	switch x.Safety {
	case lint.Safe:
		return text + " (safe: the build stays the same)"
	case lint.Unsafe:
		switch len(changes) {
		case 0:
			return text + " (unsafe)"
		case 1:
			return text + " (unsafe: " + console.Clean(changes[0]) + ")"
		}
		return text + fmt.Sprintf(" (unsafe: %s, and %d more)", console.Clean(changes[0]), len(changes)-1)
	case lint.Display, lint.NoFix:
	}
	return text + " (a suggestion: check the result)"
}

// above is where a comment for the instruction of x is written; false if x is in none.
func above(file *parser.File, x *lint.Finding) (int, bool) {
	for _, in := range file.Instructions {
		if in.Span == x.Instruction.Span && x.Instruction.Name != "" {
			return file.Above(in), true
		}
	}
	return 0, false
}

// top is where a comment for the whole file is written: after the parser directives, which a comment would end.
func top(file *parser.File) int {
	at := 0
	if strings.HasPrefix(string(file.Bytes), "\ufeff") {
		at = len("\ufeff")
	}
	for _, d := range file.Directives {
		at = max(at, d.Span.End)
	}
	if len(file.Directives) == 0 {
		return at
	}
	for at < len(file.Bytes) && file.Bytes[at] != '\n' {
		at++
	}
	return min(at+1, len(file.Bytes))
}

// proof is how the plan of a is made that fixes are proven with, as in --fix, and that plan if there is one.
func (a *analysis) proof() (plan.Options, *plan.Plan) {
	first := a.file.Builds[0]
	if first.Place() != "" {
		return plan.Options{NamedContexts: first.Options.NamedContexts}, nil
	}
	return first.Options, first.Plan
}

// try applies one fix of x, whatever its safety, and says what changes. A safe one is proven.
func (s *server) try(f *root, d *document, a *analysis, x *lint.Finding, one lint.Fix) fix.Result {
	if one.Safety == lint.Display {
		one.Safety = lint.Unsafe
	}
	only := *x
	only.Fixes = []lint.Fix{one}
	o := fix.Options{
		Name: a.job.Path, Unsafe: true, First: []*lint.Finding{&only},
		Read: func(name string) ([]byte, error) { return fix.ReadInside(s.disk(f), f.w.Abs(a.result.Dir), name) },
		Lint: func(*plan.Plan, map[string]string) []*lint.Finding { return nil },
	}
	o.Plan, o.Start = a.proof()
	return fix.Run([]byte(d.text.string), o)
}

// fixAll is the action that applies all safe fixes; false if there are none.
func (s *server) fixAll(ctx context.Context, f *root, d *document, a *analysis) (codeAction, bool, error) {
	if !slices.ContainsFunc(a.result.Findings, func(x *lint.Finding) bool {
		return slices.ContainsFunc(x.Fixes, func(one lint.Fix) bool { return one.Safety == lint.Safe })
	}) {
		return codeAction{}, false, nil
	}
	r := pipeline.Run(ctx, f.w, []pipeline.Job{a.job}, pipeline.Options{Fix: &pipeline.FixOptions{Disk: s.disk(f)}})[0]
	if err := ctx.Err(); err != nil {
		return codeAction{}, false, err
	}
	if r.Fixed == nil || len(r.Fixed.Applied) == 0 {
		return codeAction{}, false, nil
	}
	edit, ok := s.edit(f, d, a, difference(d.text.string, string(r.Fixed.Source)), r.Fixed.Files)
	what := "Apply the safe fix of dockvet"
	if n := len(r.Fixed.Applied); n > 1 {
		what = fmt.Sprintf("Apply all %d safe fixes of dockvet", n)
	}
	return codeAction{Title: what, Kind: kindFixAll, Edit: edit}, ok, nil
}

// unsavedDisk is the disk of a root with the text of open documents. Nothing is written to it.
type unsavedDisk struct {
	*disk.Files
	server *server
}

func (s *server) disk(f *root) fix.Disk { return unsavedDisk{f.files, s} }

// ReadIn implements fix.Disk.
func (u unsavedDisk) ReadIn(dir, name string, limit int64) ([]byte, error) {
	if d := u.server.open(filepath.Join(dir, name)); d != nil {
		return []byte(d.text.string)[:min(int64(len(d.text.string)), limit)], nil
	}
	return u.Files.ReadIn(dir, name, limit)
}

// edit is edits of d and files of its build context for the client; false if it cannot do that.
func (s *server) edit(f *root, d *document, a *analysis, edits []lint.Edit, files map[string]fix.File) (*workspaceEdit, bool) {
	can := s.client.Workspace.WorkspaceEdit
	out := &workspaceEdit{}
	add := func(u uri, version *int, list []textEdit) {
		if can.DocumentChanges {
			out.DocumentChanges = append(out.DocumentChanges, textDocumentEdit{versionedID{u, version}, list})
			return
		}
		if out.Changes == nil {
			out.Changes = map[uri][]textEdit{}
		}
		out.Changes[u] = append(out.Changes[u], list...)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := files[name]
		full := contextName(f, a, name)
		place, version, text := fileURI(full), (*int)(nil), newText(file.Before, s.utf8)
		if open := s.open(full); open != nil {
			place, version, text = open.uri, &open.version, open.text
		}
		if file.Create {
			if !can.DocumentChanges || !slices.Contains(can.ResourceOperations, "create") {
				return nil, false
			}
			out.DocumentChanges = append(out.DocumentChanges, createFile{Kind: "create", URI: place})
		}
		end := text.position(len(text.string))
		add(place, version, []textEdit{{span{end, end}, file.After[len(file.Before):]}})
	}
	var list []textEdit
	for _, e := range edits {
		if e.File == "" {
			list = append(list, textEdit{d.text.exact(e.Span), e.Text})
		}
	}
	if len(list) > 0 {
		version := &d.version
		if d.closed {
			version = nil
		}
		add(d.uri, version, list)
	}
	return out, len(list)+len(files) > 0
}

// maxCompared bounds the lines before times the lines after that are compared one by one.
const maxCompared = 4 << 20

// difference are edits, whole lines each, that make after of before.
func difference(before, after string) []lint.Edit {
	a, b := slices.Collect(strings.Lines(before)), slices.Collect(strings.Lines(after))
	at := 0
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		at += len(a[0])
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a)*len(b) > maxCompared {
		return []lint.Edit{lint.Replace(parser.Span{Start: at, End: at + len(strings.Join(a, ""))}, strings.Join(b, ""))}
	}
	// common[i][j] is the length of the longest common part of a[i:] and b[j:].
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := range slices.Backward(a) {
		for j := range slices.Backward(b) {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var edits []lint.Edit
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			at += len(a[i])
			i, j = i+1, j+1
			continue
		}
		e := lint.Insert(at, "")
		for i < len(a) && (j == len(b) || a[i] != b[j]) && (j == len(b) || common[i+1][j] >= common[i][j+1]) {
			e.Span.End += len(a[i])
			at += len(a[i])
			i++
		}
		for j < len(b) && (i == len(a) || a[i] != b[j]) && (i == len(a) || common[i][j+1] > common[i+1][j]) {
			e.Text += b[j]
			j++
		}
		edits = append(edits, e)
	}
	return edits
}

// executeCommand explains a rule: in a browser if the client can open one, and else in a message.
func (s *server) executeCommand(p executeCommandParams) (any, error) {
	if p.Command != commandExplain || len(p.Arguments) != 1 {
		return nil, invalidParams("the command must be " + commandExplain + ", with the name of a rule")
	}
	name, _ := p.Arguments[0].(string)
	r := s.index[name]
	if r == nil {
		return nil, invalidParams("no rule is called `" + name + "`")
	}
	page, url := rules.Page(r), rules.URL(r)
	if s.client.Window.ShowDocument.Support && url != "" {
		s.ask(context.Background(), "window/showDocument", map[string]any{"uri": url, "external": true})
		return page, nil
	}
	s.show(page)
	return page, nil
}
