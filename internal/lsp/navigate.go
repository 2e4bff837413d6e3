package lsp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// planOf is the plan of a Dockerfile that is open: the first of its builds, all of which have the same stages. It is nil if the document
// is not a Dockerfile or its text is not known.
func (s *server) planOf(u uri) (*document, *plan.Plan) {
	d := s.docs[u]
	if d == nil || d.lost || kindOf(d) != dockerfile {
		return d, nil
	}
	return d, s.planFor(d)
}

// planFor is the plan of d, a Dockerfile.
func (s *server) planFor(d *document) *plan.Plan { return s.buildOf(d).Plan }

// buildOf is the first build of d, a Dockerfile; without a context if d is not a file or cannot be loaded.
func (s *server) buildOf(d *document) *workspace.Build {
	if d.name != "" {
		f := s.rootOf(d.name)
		if target, err := f.target(d.name); err == nil {
			if file, err := f.w.Load(target); err == nil {
				return file.Builds[0]
			}
		}
	}
	return &workspace.Build{Plan: plan.New(parser.Parse(d.uri, []byte(d.text.string)), plan.Options{})}
}

// named is what the place in p names, nil for nothing. The document is the Dockerfile, which a place in a description is not in.
func (s *server) named(p at) (*document, *plan.Plan, *named) {
	if d := s.docs[p.TextDocument.URI]; d != nil && !d.lost && d.name != "" && kindOf(d) == description {
		other, pl, n, _ := s.declared(d, d.text.offset(p.Position))
		return other, pl, n
	}
	d, pl := s.planOf(p.TextDocument.URI)
	if pl == nil {
		return d, nil, nil
	}
	return d, pl, lookup(pl, d.text.offset(p.Position))
}

func (s *server) definition(p at) (any, error) {
	d, _, n := s.named(p)
	if n == nil {
		return nil, nil
	}
	return locations(d, n.definitions()), nil
}

func locations(d *document, marks []mark) []location {
	out := []location{}
	for _, m := range marks {
		out = append(out, location{d.uri, d.text.span(m.span)})
	}
	return out
}

func (s *server) references(ctx context.Context, p referenceParams) (any, error) {
	d, _, n := s.named(at{p.TextDocument, p.Position})
	if n == nil {
		return nil, nil
	}
	var marks []mark
	for _, m := range n.marks {
		if p.Context.IncludeDeclaration || !m.write {
			marks = append(marks, m)
		}
	}
	list := locations(d, marks)
	if d.name == "" {
		return list, nil
	}
	f, a, err := s.check(ctx, d.name)
	if err != nil || a.file == nil {
		return list, err
	}
	places, _ := s.described(f, a, n) // those that can be found
	for _, at := range places {
		u := fileURI(f.w.Abs(filepath.FromSlash(at.Source.Name)))
		list = append(list, location{u, newText(string(at.Source.Bytes), s.utf8).span(at.Span)})
	}
	return list, nil
}

func (s *server) documentHighlight(p at) (any, error) {
	d, _, n := s.named(p)
	if n == nil || d.uri != p.TextDocument.URI {
		return nil, nil
	}
	const read, write = 2, 3
	out := []documentHighlight{}
	for _, m := range n.marks {
		kind := read
		if m.write {
			kind = write
		}
		out = append(out, documentHighlight{d.text.span(m.span), kind})
	}
	return out, nil
}

// prepareRename is the range of the name, nil if it cannot be renamed.
func (s *server) prepareRename(p at) (any, error) {
	d, pl, n := s.named(p)
	if n == nil {
		return nil, nil
	}
	if err := n.fixed(pl); err != nil {
		return nil, refusal(err)
	}
	type prepared struct {
		Range       span   `json:"range"`
		Placeholder string `json:"placeholder"`
	}
	if asked := s.docs[p.TextDocument.URI]; asked != d {
		_, _, _, at := s.declared(asked, asked.text.offset(p.Position))
		at = inner(&parser.File{Source: parser.NewSource("", []byte(asked.text.string))}, at)
		return prepared{asked.text.span(at), asked.text.string[at.Start:at.End]}, nil
	}
	return prepared{d.text.span(inner(pl.File, n.at.span)), pl.File.Text(inner(pl.File, n.at.span))}, nil
}

// inner is span without quotes around it.
func inner(file *parser.File, span parser.Span) parser.Span {
	text := file.Text(span)
	if len(text) >= 2 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
		return parser.Span{Start: span.Start + 1, End: span.End - 1}
	}
	return span
}

func refusal(err error) error {
	const requestFailed = -32803
	return &jsonrpc2.Error{Code: requestFailed, Message: err.Error()}
}

// fixed says why n cannot be renamed, nil if it can.
func (n *named) fixed(pl *plan.Plan) error {
	if n.stage != nil {
		switch {
		case n.stage.Name == "":
			return errors.New("the stage does not have a name; write `AS NAME` after its FROM")
		case !written(pl.File, n.at.span, n.stage.Name):
			return fmt.Errorf("this refers to stage `%s` by something else than its name", n.stage.Name)
		}
		return nil
	}
	for _, m := range n.marks {
		if m.write && plan.Predefined(n.name) {
			return fmt.Errorf("BuildKit sets `%s` itself", n.name)
		}
		if m.write {
			return nil
		}
	}
	return fmt.Errorf("nothing in this file sets `%s`", n.name)
}

// stageName is what BuildKit takes for the name of a stage.
const stageName = `^[a-zA-Z][a-zA-Z0-9_.-]*$`

func (s *server) rename(ctx context.Context, p renameParams) (any, error) {
	d, pl, n := s.named(at{p.TextDocument, p.Position})
	if n == nil {
		return nil, nil
	}
	if err := n.fixed(pl); err != nil {
		return nil, refusal(err)
	}
	if err := n.takes(pl, p.NewName); err != nil {
		return nil, refusal(err)
	}
	var edits []lint.Edit
	for _, m := range n.marks {
		if n.stage == nil || written(pl.File, m.span, n.stage.Name) {
			edits = append(edits, lint.Replace(inner(pl.File, m.span), p.NewName))
		}
	}
	if d.name == "" {
		edit, _ := s.edit(nil, d, nil, edits, nil)
		return edit, nil
	}
	f, a, err := s.check(ctx, d.name)
	if err != nil {
		return nil, err
	}
	edit, _ := s.edit(f, d, a, edits, nil)
	if a.file == nil {
		return edit, nil
	}
	places, err := s.described(f, a, n)
	if err != nil {
		return nil, refusal(err)
	}
	for _, at := range places {
		u, version, text := fileURI(f.w.Abs(filepath.FromSlash(at.Source.Name))), (*int)(nil), newText(string(at.Source.Bytes), s.utf8)
		if open := s.open(fileName(u)); open != nil {
			u, version = open.uri, &open.version
		}
		one := textEdit{text.exact(at.Span), p.NewName}
		if s.client.Workspace.WorkspaceEdit.DocumentChanges {
			edit.DocumentChanges = append(edit.DocumentChanges, textDocumentEdit{versionedID{u, version}, []textEdit{one}})
		} else {
			edit.Changes[u] = append(edit.Changes[u], one)
		}
	}
	return edit, nil
}

// described are the places, without quotes, at which files that describe the builds of a name n: the target, or a build argument. It is
// an error if a build uses the name and its place cannot be found, which a variable or another kind of file may hide, or if the place
// is about another Dockerfile as well.
func (s *server) described(f *root, a *analysis, n *named) ([]lint.Place, error) {
	var out []lint.Place
	var shared error
	found := map[string]bool{}
	for _, file := range describing(a.file) {
		t, err := f.target(f.w.Abs(filepath.FromSlash(file)))
		if err != nil || !t.Describes {
			continue
		}
		all := f.w.Describe(t).Builds
		for _, one := range all {
			if one.Plan == nil || one.Plan.File.Name != a.job.Path {
				continue
			}
			for _, at := range n.in(one.Declaration) {
				found[file] = true
				for _, other := range all {
					if other.Plan == nil || other.Plan.File.Name != a.job.Path {
						if slices.ContainsFunc(n.in(other.Declaration), func(o lint.Place) bool { return same(o, at) }) {
							shared = fmt.Errorf("%s also sets `%s` for another Dockerfile in the same place", file, n.name)
						}
					}
				}
				if !slices.ContainsFunc(out, func(o lint.Place) bool { return same(o, at) }) {
					out = append(out, at)
				}
			}
		}
	}
	for _, b := range a.file.Builds {
		_, given := b.Options.Args[n.name]
		given = n.stage == nil && (given || slices.Contains(b.Arguments, n.name))
		if n.stage != nil {
			given = strings.EqualFold(b.Options.Target, n.stage.Name)
		}
		if given && b.Place() != "" && !found[b.Source.File] {
			return nil, fmt.Errorf("the build in %s uses `%s`; rename it there first", b.Place(), n.name)
		}
	}
	for i := range out {
		out[i].Span = inner(&parser.File{Source: out[i].Source}, out[i].Span)
	}
	return out, shared
}

func same(a, b lint.Place) bool { return a.Source.Name == b.Source.Name && a.Span == b.Span }

// describing are the files that describe builds of d.
func describing(d *workspace.Dockerfile) []string {
	var out []string
	for _, b := range d.Builds {
		for _, file := range append([]string{b.Source.File}, b.Also...) {
			if file != "" && !slices.Contains(out, file) {
				out = append(out, file)
			}
		}
	}
	return out
}

// in are the places where x writes the name n.
func (n *named) in(x *lint.Declaration) []lint.Place {
	var out []lint.Place
	if n.stage != nil {
		if at := x.Target; at.Source != nil && strings.EqualFold(at.Text, n.stage.Name) && spells(at.Place, at.Text) {
			out = append(out, at.Place)
		}
		return out
	}
	for _, arg := range x.Args {
		if arg.Name == n.name && arg.Source != nil && spells(arg.Place, n.name) {
			out = append(out, arg.Place)
		}
	}
	return out
}

// spells reports whether name is what is written at the place, with quotes or without.
func spells(at lint.Place, name string) bool {
	return at.Span.End <= len(at.Source.Bytes) && strings.Trim(at.Source.Text(at.Span), `"'`) == name
}

// declared is the stage that the place in d, a description, names as a target, in its Dockerfile; nil if there is none.
func (s *server) declared(d *document, offset int) (*document, *plan.Plan, *named, parser.Span) {
	f := s.rootOf(d.name)
	t, err := f.target(d.name)
	if err != nil || !t.Describes {
		return d, nil, nil, parser.Span{}
	}
	all := f.w.Describe(t)
	for _, one := range all.Builds {
		at := one.Declaration.Target
		if at.Source == nil || at.Source != all.Source || !covers(at.Span, offset) || one.Plan == nil {
			continue
		}
		for _, stage := range one.Plan.Stages {
			if stage.Name == "" || !strings.EqualFold(stage.Name, at.Text) {
				continue
			}
			name := f.w.Abs(filepath.FromSlash(one.Plan.File.Name))
			other := s.open(name)
			if other == nil {
				text := newText(string(one.Plan.File.Bytes), s.utf8)
				other = &document{uri: fileURI(name), name: name, language: "dockerfile", text: text, closed: true}
			}
			if pl := s.planFor(other); pl != nil {
				return other, pl, lookup(pl, stage.NameWord.Full().Start), at.Span
			}
		}
	}
	return d, nil, nil, parser.Span{}
}

// takes says why n cannot get the name to, nil if it can.
func (n *named) takes(pl *plan.Plan, to string) error {
	if n.stage == nil {
		if !isName(to) {
			return fmt.Errorf("`%s` cannot be the name of a variable: it must consist of letters, digits and `_`", to)
		}
		if plan.Predefined(to) {
			return fmt.Errorf("BuildKit sets `%s` itself", to)
		}
		if len(variables(pl)[to]) > 0 && to != n.name {
			return fmt.Errorf("`%s` is already used in this file", to)
		}
		return nil
	}
	if ok, err := regexp.MatchString(stageName, to); err != nil || !ok {
		return fmt.Errorf("`%s` cannot be the name of a stage: it must begin with a letter and consist of letters, digits, `_`, `-` and `.`", to)
	}
	for _, other := range pl.Stages {
		if other != n.stage && strings.EqualFold(other.Name, to) {
			return fmt.Errorf("another stage is called `%s`", other.Name)
		}
	}
	if strings.EqualFold(to, "scratch") || strings.EqualFold(to, "context") {
		return fmt.Errorf("`%s` has a meaning of its own", to)
	}
	return nil
}

// The kinds of symbol that are used.
const (
	symbolFile     = 1
	symbolModule   = 2
	symbolProperty = 7
	symbolFunction = 12
	symbolVariable = 13
	symbolEvent    = 24
)

// documentSymbol shows stages with their instructions.
func (s *server) documentSymbol(p documentParams) (any, error) {
	d, pl := s.planOf(p.TextDocument.URI)
	if pl == nil {
		return nil, nil
	}
	symbols := []documentSymbol{}
	for _, step := range pl.Globals {
		symbols = append(symbols, d.symbol(step.Instruction))
	}
	for _, stage := range pl.Stages {
		if stage.From == nil {
			for _, step := range stage.Steps {
				symbols = append(symbols, d.symbol(step.Instruction))
			}
			continue
		}
		one := d.symbol(stage.From)
		one.Kind = symbolModule
		whole := stage.From.Span
		if stage.Name != "" {
			one.Detail, one.Name = one.Name, stage.NameWord.String
			one.SelectionRange = d.text.span(stage.NameWord.Full())
		}
		for _, step := range stage.Steps {
			one.Children = append(one.Children, d.symbol(step.Instruction))
			whole.End = max(whole.End, step.Instruction.Span.End)
		}
		one.Range = d.text.span(whole)
		symbols = append(symbols, one)
	}
	if s.client.TextDocument.DocumentSymbol.Hierarchical {
		return symbols, nil
	}
	flat := []symbolInformation{}
	var flatten func(list []documentSymbol, in string)
	flatten = func(list []documentSymbol, in string) {
		for _, one := range list {
			flat = append(flat, symbolInformation{one.Name, one.Kind, location{d.uri, one.Range}, in})
			flatten(one.Children, one.Name)
		}
	}
	flatten(symbols, "")
	return flat, nil
}

// maxTitle bounds how much of an instruction its symbol shows, in bytes.
const maxTitle = 60

func (d *document) symbol(in *parser.Instruction) documentSymbol {
	title := strings.Join(strings.Fields(in.Text.String), " ")
	if len(title) > maxTitle {
		cut := maxTitle
		for cut > 0 && title[cut]&0xC0 == 0x80 {
			cut--
		}
		title = title[:cut] + "…"
	}
	kind := symbolProperty
	switch in.Name {
	case "RUN":
		kind = symbolFunction
	case "ARG", "ENV":
		kind = symbolVariable
	case "COPY", "ADD":
		kind = symbolFile
	case "CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD":
		kind = symbolEvent
	}
	return documentSymbol{Name: title, Kind: kind, Range: d.text.span(in.Span), SelectionRange: d.text.span(in.Keyword.Full())}
}

// foldingRange folds stages, instructions of several lines, heredocs, and comments of several lines.
func (s *server) foldingRange(p documentParams) (any, error) {
	d, pl := s.planOf(p.TextDocument.URI)
	if pl == nil {
		return nil, nil
	}
	out := []foldingRange{}
	add := func(span parser.Span, kind string) {
		r := d.text.span(span)
		if r.End.Line > r.Start.Line {
			out = append(out, foldingRange{r.Start.Line, r.End.Line, kind})
		}
	}
	for _, stage := range pl.Stages {
		if stage.From != nil && len(stage.Steps) > 0 {
			add(parser.Span{Start: stage.From.Span.Start, End: stage.Steps[len(stage.Steps)-1].Instruction.Span.End}, "")
		}
	}
	for _, in := range pl.File.Instructions {
		add(in.Span, "")
		for _, h := range in.Heredocs {
			if len(in.Heredocs) > 1 {
				add(h.Body.Full(), "")
			}
		}
	}
	list := pl.File.Comments
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && len(bytes.TrimSpace(pl.File.Bytes[list[j].Span.End:list[j+1].Span.Start])) == 0 &&
			bytes.Count(pl.File.Bytes[list[j].Span.End:list[j+1].Span.Start], []byte("\n")) == 1 {
			j++
		}
		add(parser.Span{Start: list[i].Span.Start, End: list[j].Span.End}, "comment")
		i = j + 1
	}
	return out, nil
}
