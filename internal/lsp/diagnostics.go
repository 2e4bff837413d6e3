package lsp

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules"
)

// kind is what a document is for dockvet.
type kind int

const (
	other       kind = iota // part of a build context, for all we know
	dockerfile              // or Containerfile
	description             // of builds: a compose or bake file
	settingsFile
)

func kindOf(d *document) kind {
	base := filepath.Base(d.name)
	if d.name == "" {
		base = d.uri[strings.LastIndexByte(d.uri, '/')+1:]
	}
	is, isNot := workspace.Named(base)
	switch {
	case slices.Contains(config.Names(), base):
		return settingsFile
	case compose.Named(base), bake.Named(base):
		return description
	case is, !isNot && (d.language == "dockerfile" || d.language == "containerfile"):
		return dockerfile
	}
	return other
}

// analysis is what is known about one Dockerfile or description. That of a Dockerfile holds until something changes that it depends on.
type analysis struct {
	id     string
	file   *workspace.Dockerfile // nil if it could not be read, or is a description
	linter *lint.Linter          // nil if its configuration is wrong
	job    pipeline.Job
	result pipeline.Result
	// comments says that ignore comments have an effect.
	comments bool
	err      error // why it was not checked
}

// check is the analysis of the Dockerfile or description called name, an absolute path. The error is that of ctx.
func (s *server) check(ctx context.Context, name string) (*root, *analysis, error) {
	f := s.rootOf(name)
	old := f.checked[name]
	next := &analysis{}
	target, err := f.target(name)
	if err == nil {
		var set workspace.Settings
		if set, err = f.w.Settings(target); err == nil {
			next.linter, next.comments = set.Linter, !set.NoComments.V
			next.job = pipeline.Job{Target: target, Setup: &pipeline.Setup{Linter: set.Linter}}
			if program := set.ShellCheck.V; program != "" {
				next.job.Sources = []outside.Source{outside.NewShellCheck(program)}
			}
			if !target.Describes {
				next.file, err = f.w.Load(target)
			}
		}
	}
	next.err = err
	if old != nil && !target.Describes && old.file == next.file && old.linter == next.linter && sameError(old.err, next.err) {
		return f, old, nil
	}
	if err == nil {
		next.result = pipeline.Run(ctx, f.w, []pipeline.Job{next.job}, pipeline.Options{})[0]
		if err := ctx.Err(); err != nil {
			return f, nil, err
		}
		for _, note := range next.result.Notes {
			s.tell(messageInfo, note)
		}
	}
	s.serial++
	next.id = strconv.Itoa(s.serial)
	f.checked[name] = next
	return f, next, nil
}

func sameError(a, b error) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Error() == b.Error()
}

// untitled is the analysis of a document that is not a file.
func (s *server) untitled(d *document) *analysis {
	f := s.newRoot(s.options.Dir)
	now := f.day
	w := workspace.New(workspace.Config{
		Root: s.options.Dir, Files: f.files, Stdin: strings.NewReader(d.text.string), Now: func() time.Time { return now },
		Rules: s.rules, Retired: rules.Retired(), NoConfig: true,
	}, workspace.Options{NoContext: true})
	target := workspace.Target{Path: "Dockerfile"}
	a := &analysis{}
	set, err := w.Settings(target)
	if err != nil {
		a.err = err
		return a
	}
	a.linter, a.job = set.Linter, pipeline.Job{Target: target, Setup: &pipeline.Setup{Linter: set.Linter}}
	if a.file, a.err = w.Load(target); a.err == nil {
		a.result = pipeline.Run(context.Background(), w, []pipeline.Job{a.job}, pipeline.Options{})[0]
	}
	return a
}

// diagnose is what the client shows for d, and an identifier that changes with it, "" if there is none. The error is that of ctx.
func (s *server) diagnose(ctx context.Context, d *document) (list []diagnostic, id string, err error) {
	list = []diagnostic{} // never null
	if d.lost {
		return list, "", nil
	}
	switch kindOf(d) {
	case settingsFile:
		return s.settingsDiagnostics(d), "", nil
	case other:
		list, err = s.pointed(ctx, d)
		return list, "", err
	case dockerfile, description:
	}
	if d.name == "" {
		a := s.untitled(d)
		return s.dockerfileDiagnostics(nil, d, a), "", nil
	}
	f, a, err := s.check(ctx, d.name)
	if err != nil {
		return nil, "", err
	}
	if a.job.Describes {
		a.id = "" // what it depends on is not known
	}
	return s.dockerfileDiagnostics(f, d, a), a.id, nil
}

// dockerfileDiagnostics are the diagnostics of d, a Dockerfile or description in f.
func (s *server) dockerfileDiagnostics(f *root, d *document, a *analysis) []diagnostic {
	list := []diagnostic{}
	trouble := func(severity int, err error) {
		first := span{}
		if len(d.text.starts) > 0 {
			first = d.text.span(d.text.line(0))
		}
		list = append(list, diagnostic{Range: first, Severity: severity, Source: "dockvet", Message: console.Clean(err.Error())})
	}
	if a.err != nil {
		for line := range strings.Lines(a.err.Error()) {
			trouble(severityError, errors.New("not checked: "+strings.TrimSpace(line)))
		}
		return list
	}
	for _, err := range a.result.Errs {
		trouble(severityWarning, err)
	}
	for _, x := range a.result.Findings {
		list = append(list, s.finding(f, d, a, x))
	}
	return list
}

// finding is x, a finding in d.
func (s *server) finding(f *root, d *document, a *analysis, x *lint.Finding) diagnostic {
	out := diagnostic{
		Range: d.text.span(x.Span), Severity: severityOf(x), Code: x.Rule.Name, Source: "dockvet", Message: sentences(x), Tags: tagsOf(x.Rule),
	}
	if url := rules.URL(x.Rule); url != "" {
		out.CodeDescription = &codeDescription{url}
	}
	if !s.relates() {
		return out
	}
	for _, r := range x.Related {
		place := location{URI: d.uri, Range: d.text.span(r.Span)}
		if r.Source != nil && f != nil {
			place = location{fileURI(f.w.Abs(filepath.FromSlash(r.Source.Name))), newText(string(r.Source.Bytes), s.utf8).span(r.Span)}
		} else if r.File != "" {
			if f == nil {
				continue
			}
			place = s.placeInContext(f, a, r)
		}
		out.RelatedInformation = append(out.RelatedInformation, related{place, console.Clean(r.Message)})
	}
	return out
}

// relates reports whether the client shows related places.
func (s *server) relates() bool {
	if d := s.client.TextDocument.Diagnostic; d != nil && d.RelatedInformation {
		return true
	}
	return s.client.TextDocument.PublishDiagnostics.RelatedInformation
}

// contextName is the absolute name of a file of the build context.
func contextName(f *root, a *analysis, file string) string {
	return filepath.Join(f.w.Abs(a.result.Dir), filepath.FromSlash(file))
}

// placeInContext is the line of a file of the build context that r names.
func (s *server) placeInContext(f *root, a *analysis, r lint.Related) location {
	name := contextName(f, a, r.File)
	if d := s.open(name); d != nil {
		return location{d.uri, lineOf(d.text, r.Line)}
	}
	place := location{URI: fileURI(name)}
	var content string
	if a.result.Open != nil {
		data, _ := a.result.Open(r.File) // without its text, the line is empty
		content = string(data)
	}
	place.Range = lineOf(newText(content, s.utf8), r.Line)
	return place
}

// lineOf is the line numbered n from 1.
func lineOf(t *text, n int) span {
	if n < 1 || n > len(t.starts) {
		p := position{Line: max(n-1, 0)}
		return span{p, p}
	}
	return t.span(t.line(n - 1))
}

// open is the document with the absolute path name, nil if the client does not have it open.
func (s *server) open(name string) *document {
	for _, d := range s.docs {
		if d.name == name {
			return d
		}
	}
	return nil
}

func severityOf(x *lint.Finding) int {
	switch {
	case x.Preview || x.Severity == lint.Info:
		return severityInformation
	case x.Severity == lint.Error:
		return severityError
	}
	return severityWarning
}

// sentences are all that x says, a line for each.
func sentences(x *lint.Finding) string {
	lines := []string{x.Message}
	for _, part := range [][2]string{{"", x.Note}, {"help: ", x.Help}, {"doubt: ", x.Doubt}} {
		if part[1] != "" {
			lines = append(lines, part[0]+part[1])
		}
	}
	if x.Preview {
		lines = append(lines, "preview: newer than the edition of the configuration")
	}
	for i, line := range lines {
		lines[i] = console.Clean(line)
	}
	return strings.Join(lines, "\n")
}

// unnecessary are the rules that mark code which has no effect, and deprecated those that mark code of the past.
func unnecessary() []string {
	return []string{
		"unreachable-stage", "redundant-target-platform", "unused-cache-mount", "unused-shell-variable", "unused-ignore", "unused-expose",
		"several-commands", "one-turn-loop", "useless-backslash", "ineffective-ignore-pattern", "duplicate-label",
	}
}

func deprecated() []string {
	return []string{"maintainer-instruction", "legacy-key-value", "deprecated-apt-key", "backtick-substitution", "unsupported-image", "frozen-tag"}
}

func tagsOf(r *lint.Rule) []int {
	switch {
	case slices.Contains(unnecessary(), r.Name):
		return []int{tagUnnecessary}
	case slices.Contains(deprecated(), r.Name):
		return []int{tagDeprecated}
	}
	return nil
}

// settingsDiagnostics are the mistakes in d, a configuration.
func (s *server) settingsDiagnostics(d *document) []diagnostic {
	list := []diagnostic{}
	if d.name == "" {
		return list
	}
	// A Dockerfile next to it has this configuration, whether it is there or not.
	f := s.rootOf(d.name)
	_, err := f.w.Settings(workspace.Target{Name: filepath.Join(filepath.Dir(d.name), "Dockerfile")})
	for _, m := range config.Mistakes(err) {
		if f.w.Abs(filepath.FromSlash(m.File)) != d.name {
			continue
		}
		at := lineOf(d.text, m.Line)
		if m.Column > 0 {
			line := d.text.line(max(min(m.Line, len(d.text.starts))-1, 0))
			start := min(line.Start+m.Column-1, line.End)
			end := start
			for end < line.End && !strings.ContainsRune(" \t:,]}", rune(d.text.string[end])) {
				end++
			}
			at = d.text.span(parser.Span{Start: start, End: end})
		}
		list = append(list, diagnostic{Range: at, Severity: severityError, Source: "dockvet", Message: console.Clean(m.Err.Error())})
	}
	return list
}

// pointed are the findings in Dockerfiles that point at d, another file: one of the Dockerfiles that are open, or of those next to d.
func (s *server) pointed(ctx context.Context, d *document) ([]diagnostic, error) {
	list := []diagnostic{}
	if d.name == "" {
		return list, nil
	}
	for _, name := range s.dockerfilesFor(d) {
		f, a, err := s.check(ctx, name)
		if err != nil {
			return nil, err
		}
		if a.err != nil {
			continue
		}
		for _, x := range a.result.Findings {
			for _, r := range x.Related {
				if r.File == "" || contextName(f, a, r.File) != d.name {
					continue
				}
				message := sentences(x)
				if r.Message != "" {
					message += "\n" + console.Clean(r.Message)
				}
				one := diagnostic{
					Range: lineOf(d.text, r.Line), Severity: severityOf(x), Code: x.Rule.Name, Source: "dockvet", Message: message, Tags: tagsOf(x.Rule),
				}
				if url := rules.URL(x.Rule); url != "" {
					one.CodeDescription = &codeDescription{url}
				}
				if s.relates() {
					place := location{fileURI(name), newText(string(x.Source.Bytes), s.utf8).span(x.Span)}
					if open := s.open(name); open != nil {
						place.URI = open.uri
					}
					one.RelatedInformation = []related{{place, "reported for this"}}
				}
				list = append(list, one)
			}
		}
	}
	return list, nil
}

// dockerfilesFor are the absolute names of the Dockerfiles whose findings may point at d, sorted.
func (s *server) dockerfilesFor(d *document) []string {
	var names []string
	for _, other := range s.docs {
		if other.name != "" && !other.lost && kindOf(other) == dockerfile {
			names = append(names, other.name)
		}
	}
	dir := filepath.Dir(d.name)
	entries, _ := s.rootOf(d.name).files.ReadDir(dir) // a directory that cannot be read has none
	for _, e := range entries {
		if is, _ := workspace.Named(e.Name()); is && e.Type().IsRegular() {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// diagnostic answers a client that asks for the diagnostics of a document.
func (s *server) diagnostic(ctx context.Context, p documentDiagnosticParams) (any, error) {
	d := s.docs[p.TextDocument.URI]
	if d == nil {
		return nil, invalidParams(p.TextDocument.URI + " is not open")
	}
	list, id, err := s.diagnose(ctx, d)
	if err != nil {
		return nil, err
	}
	if id != "" && id == p.PreviousResultID {
		return documentDiagnosticReport{Kind: "unchanged", ResultID: id}, nil
	}
	return documentDiagnosticReport{Kind: "full", ResultID: id, Items: &list}, nil
}

// soon pushes diagnostics after a pause in which nothing changes. A client that asks for them gets none.
func (s *server) soon(pause time.Duration) {
	if s.pull {
		return
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	push := func() {
		j := &job{}
		j.ctx, j.cancel = context.WithCancel(context.Background())
		s.queue.add(j)
	}
	if pause == 0 {
		push()
		return
	}
	s.timer = time.AfterFunc(pause, push)
}

// push sends the diagnostics of each document whose diagnostics have changed.
func (s *server) push(ctx context.Context) error {
	for _, u := range s.uris() {
		d := s.docs[u]
		list, _, err := s.diagnose(ctx, d)
		if err != nil {
			return nil // what has changed leads to another push
		}
		if d.pushed && reflect.DeepEqual(list, d.published) {
			continue
		}
		d.published, d.pushed = list, true
		p := publishDiagnosticsParams{URI: d.uri, Diagnostics: list}
		if s.client.TextDocument.PublishDiagnostics.VersionSupport {
			p.Version = &d.version
		}
		s.publish(p)
	}
	return nil
}

// uris are those of all open documents, sorted.
func (s *server) uris() []uri {
	out := make([]uri, 0, len(s.docs))
	for u := range s.docs {
		out = append(out, u)
	}
	slices.Sort(out)
	return out
}

func (s *server) publish(p publishDiagnosticsParams) {
	_ = s.conn.Notify(context.Background(), "textDocument/publishDiagnostics", p) // a client that is gone is noticed elsewhere
}

// refresh has the client ask again for all diagnostics.
func (s *server) refresh() {
	if s.pull && s.client.Workspace.Diagnostics.RefreshSupport {
		s.ask(context.Background(), "workspace/diagnostic/refresh", nil)
	}
}
