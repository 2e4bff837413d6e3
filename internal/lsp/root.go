package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

// root is a directory that the client has open, or one with a file that it has open.
type root struct {
	dir     string
	files   *disk.Files
	recall  *recall // what the workspace reads of files
	w       *workspace.Workspace
	day     time.Time
	checked map[string]*analysis         // by the absolute name of the Dockerfile
	targets map[string]*workspace.Target // by the absolute name
}

// settings are what the client says about all roots, in its section `dockvet`.
type settings struct {
	Profile    string `json:"profile"`
	Config     string `json:"config"`     // a file that is read instead of the nearest .dockvet.yaml
	ShellCheck any    `json:"shellcheck"` // true, false or a program
	InlayHints bool   `json:"inlayHints"` // the values of variables, and what COPY takes, beside the code
}

// read replaces t by what raw says. If raw is wrong, t stays.
func (t *settings) read(raw json.RawMessage) error {
	var next settings
	if err := json.Unmarshal(raw, &next); err != nil {
		return err
	}
	if _, err := next.flags(); err != nil {
		return err
	}
	*t = next
	return nil
}

func (t *settings) flags() (config.Flags, error) {
	var f config.Flags
	if t.Profile != "" {
		p, ok := lint.ParseProfile(t.Profile)
		if !ok {
			return f, fmt.Errorf("`profile` must be one of %s, not `%s`", strings.Join(lint.Profiles(), ", "), t.Profile)
		}
		f.Profile = &p
	}
	switch v := t.ShellCheck.(type) {
	case nil:
	case bool:
		f.ShellCheck = fmt.Sprint(v)
	case string:
		f.ShellCheck = v
	default:
		return f, errors.New("`shellcheck` must be true, false or a program")
	}
	return f, nil
}

func (s *server) newRoot(dir string) *root {
	f := &root{dir: dir}
	s.reset(f)
	return f
}

// reset makes f forget everything.
func (s *server) reset(f *root) {
	flags, _ := s.settings.flags() // they were checked when they came
	now := s.options.Now()
	f.day, f.checked, f.targets = now, map[string]*analysis{}, map[string]*workspace.Target{}
	longest := longUntold
	if s.client.Workspace.DidChangeWatchedFiles.DynamicRegistration {
		longest = longTold
	}
	f.files = disk.New(f.dir)
	f.recall = newRecall(f.files, time.Now, longest)
	f.w = workspace.New(workspace.Config{
		Root: f.dir, Files: f.recall, Now: func() time.Time { return now }, Rules: s.rules, Retired: rules.Retired(), Flags: flags,
		ConfigFile: s.settings.Config, Keep: true,
		Warn: func(err error) { s.tell(messageWarning, err) },
	}, workspace.Options{})
	for _, d := range s.docs {
		if d.name != "" {
			f.w.SetOverlay(d.name, d.text.string)
		}
	}
}

// tell logs err, once.
func (s *server) tell(kind int, err error) {
	if text := err.Error(); !s.told[text] {
		s.told[text] = true
		s.log(kind, "%s", text)
	}
}

func (s *server) addRoot(f workspaceFolder) {
	dir := fileName(f.URI)
	if dir == "" || slices.ContainsFunc(s.roots, func(f *root) bool { return f.dir == dir }) {
		return
	}
	s.roots = append(s.roots, s.newRoot(dir))
}

func (s *server) removeRoot(f workspaceFolder) {
	dir := fileName(f.URI)
	s.roots = slices.DeleteFunc(s.roots, func(f *root) bool { return f.dir == dir })
}

// all calls do for each root.
func (s *server) all(do func(*root)) {
	for _, f := range s.roots {
		do(f)
	}
	for _, f := range s.loose {
		do(f)
	}
}

// rootOf is the root of the file called name: the innermost that the client has open, or else the directory of the file. Its
// day is today.
func (s *server) rootOf(name string) *root {
	var best *root
	for _, f := range s.roots {
		if isBelow(f.dir, name) && (best == nil || len(f.dir) > len(best.dir)) {
			best = f
		}
	}
	if best == nil {
		dir := filepath.Dir(name)
		if s.loose[dir] == nil {
			s.loose[dir] = s.newRoot(dir)
		}
		best = s.loose[dir]
	}
	if y, d := s.options.Now().Year(), s.options.Now().YearDay(); y != best.day.Year() || d != best.day.YearDay() {
		s.reset(best)
	}
	return best
}

// isBelow reports whether the absolute path name is dir or below it.
func isBelow(dir, name string) bool {
	rel, err := filepath.Rel(dir, name)
	return err == nil && filepath.IsLocal(rel)
}

// target is the Dockerfile called name, an absolute path, as check has it.
func (f *root) target(name string) (workspace.Target, error) {
	if t := f.targets[name]; t != nil {
		return *t, nil
	}
	rel := name
	if inside, err := filepath.Rel(f.dir, name); err == nil && filepath.IsLocal(inside) {
		rel = inside
	}
	found, errs := f.w.Find([]string{rel})
	if len(found) == 0 {
		return workspace.Target{}, errors.Join(errs...)
	}
	// A description also leads to what it builds.
	own := max(0, slices.IndexFunc(found, func(t workspace.Target) bool { return f.w.Abs(t.Name) == name }))
	f.targets[name] = &found[own]
	return found[own], nil
}

// forget drops what is only kept for documents that are not open any more.
func (s *server) forget(d *document) {
	s.all(func(f *root) {
		delete(f.checked, d.name)
		delete(f.targets, d.name)
	})
	for dir := range s.loose {
		used := false
		for _, other := range s.docs {
			used = used || other.name != "" && filepath.Dir(other.name) == dir
		}
		if !used {
			delete(s.loose, dir)
		}
	}
}

func (s *server) didOpen(p didOpenParams) error {
	d := &document{
		uri: p.TextDocument.URI, name: fileName(p.TextDocument.URI), language: p.TextDocument.LanguageID, version: p.TextDocument.Version,
		text: newText(p.TextDocument.Text, s.utf8),
	}
	if old := s.docs[d.uri]; old != nil {
		d.published, d.pushed = old.published, old.pushed
	}
	s.docs[d.uri] = d
	s.all(func(f *root) { f.recall.forget() })
	s.overlay(d)
	s.soon(0)
	return nil
}

// overlay makes the text of d the one that all roots see.
func (s *server) overlay(d *document) {
	if d.name != "" {
		s.all(func(f *root) { f.w.SetOverlay(d.name, d.text.string) })
	}
}

func (s *server) didChange(p didChangeParams) error {
	d := s.docs[p.TextDocument.URI]
	if d == nil {
		return fmt.Errorf("%s is not open", p.TextDocument.URI)
	}
	err := d.change(p.TextDocument.Version, p.ContentChanges)
	s.overlay(d)
	s.soon(s.options.Delay)
	if kindOf(d) != dockerfile {
		// The client only asks again for what it has edited.
		if s.refreshing != nil {
			s.refreshing.Stop()
		}
		s.refreshing = time.AfterFunc(s.options.Delay, s.refresh)
	}
	return err
}

func (s *server) didSave(p didSaveParams) error {
	s.all(func(f *root) { f.recall.forget() })
	if d := s.docs[p.TextDocument.URI]; d != nil && p.Text != nil && (d.lost || d.text.string != *p.Text) {
		d.text, d.lost = newText(*p.Text, s.utf8), false
		s.overlay(d)
	}
	s.soon(0)
	return nil
}

func (s *server) didClose(p struct {
	TextDocument documentID `json:"textDocument"`
},
) error {
	d := s.docs[p.TextDocument.URI]
	if d == nil {
		return nil
	}
	delete(s.docs, d.uri)
	if d.name != "" {
		s.all(func(f *root) {
			f.recall.forget() // it may have been saved
			f.w.DropOverlay(d.name)
		})
	}
	s.forget(d)
	if d.pushed && len(d.published) > 0 {
		s.publish(publishDiagnosticsParams{URI: d.uri, Diagnostics: []diagnostic{}})
	}
	s.soon(0)
	return nil
}

func (s *server) didChangeWatchedFiles(p didChangeWatchedFilesParams) error {
	var names []string
	for _, c := range p.Changes {
		name := fileName(c.URI)
		if name == "" || slices.ContainsFunc(strings.Split(filepath.ToSlash(name), "/"), func(part string) bool { return part == ".git" }) {
			continue
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil
	}
	s.all(func(f *root) {
		f.recall.forget()
		f.w.Invalidate(names...)
		clear(f.targets)
	})
	s.refresh()
	s.soon(s.options.Delay)
	return nil
}

func (s *server) didChangeWorkspaceFolders(p didChangeWorkspaceFoldersParams) error {
	for _, f := range p.Event.Removed {
		s.removeRoot(f)
	}
	for _, f := range p.Event.Added {
		s.addRoot(f)
	}
	s.refresh()
	s.soon(0)
	return nil
}

func (s *server) didChangeConfiguration(ctx context.Context, p didChangeConfigurationParams) error {
	var sent struct{ Dockvet json.RawMessage }
	if err := json.Unmarshal(p.Settings, &sent); err == nil && len(sent.Dockvet) > 0 {
		return s.apply(sent.Dockvet)
	}
	s.askSettings(ctx)
	return nil
}

// apply makes raw the settings of all roots.
func (s *server) apply(raw json.RawMessage) error {
	before := s.settings
	if string(raw) == "null" {
		return nil
	}
	if err := s.settings.read(raw); err != nil {
		return err
	}
	if s.settings != before {
		s.all(s.reset)
		s.refresh()
		if s.settings.InlayHints != before.InlayHints && s.client.Workspace.InlayHint.RefreshSupport {
			s.ask(context.Background(), "workspace/inlayHint/refresh", nil)
		}
		s.soon(0)
	}
	return nil
}

// askSettings asks the client for its settings. They come back as if it had told them.
func (s *server) askSettings(ctx context.Context) {
	if !s.client.Workspace.Configuration {
		return
	}
	waiter, err := s.conn.DispatchCall(ctx, "workspace/configuration", map[string]any{"items": []any{map[string]string{"section": "dockvet"}}})
	if err != nil {
		return
	}
	go func() {
		var answer []json.RawMessage
		if err := waiter.Wait(ctx, &answer); err != nil || len(answer) == 0 {
			return
		}
		s.later(ctx, "workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"dockvet": answer[0]}})
	}()
}
