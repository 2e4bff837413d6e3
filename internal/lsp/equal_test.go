package lsp

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/rules"
)

const projects = "../../testdata/projects"

// checked is what check says about the Dockerfiles below dir as they are on the disk, in a process of its own: a line for each finding,
// by the absolute name of the Dockerfile.
func checked(t *testing.T, dir string) map[string][]string {
	t.Helper()
	w := workspace.New(workspace.Config{Root: dir, Files: disk.New(dir), Now: today, Rules: rules.All(), Retired: rules.Retired()}, workspace.Options{})
	targets, errs := w.Find([]string{"."})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	out := map[string][]string{}
	for _, target := range targets {
		name := w.Abs(target.Name)
		lines := []string{}
		set, err := w.Settings(target)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				lines = append(lines, "not checked: "+console.Clean(strings.TrimSpace(line)))
			}
			out[name] = lines
			continue
		}
		r := pipeline.Run(context.Background(), w, []pipeline.Job{{Target: target, Setup: &pipeline.Setup{Linter: set.Linter}}}, pipeline.Options{})[0]
		for _, err := range r.Errs {
			lines = append(lines, console.Clean(err.Error()))
		}
		for _, x := range r.Findings {
			text := newText(string(x.Source.Bytes), true)
			lines = append(lines, fmt.Sprintln(text.span(x.Span), severityOf(x), x.Rule.Name, sentences(x)))
		}
		out[name] = lines
	}
	return out
}

// shown are diagnostics in the same form.
func shown(list []diagnostic) []string {
	out := []string{}
	for _, d := range list {
		if d.Code == "" {
			out = append(out, d.Message)
			continue
		}
		out = append(out, fmt.Sprintln(d.Range, d.Severity, d.Code, d.Message))
	}
	return out
}

// copyProject copies a sample project into a client's directory.
func copyProject(t *testing.T, name string) *client {
	t.Helper()
	files := map[string]string{}
	root := filepath.Join(projects, name)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return start(t, files)
}

func names(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(projects)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// TestProjects checks that an editor shows for each Dockerfile of the sample projects what check says about it.
func TestProjects(t *testing.T) {
	compared := 0
	for _, name := range names(t) {
		c := copyProject(t, name)
		c.hello(puller)
		for file, want := range checked(t, c.dir) {
			rel, err := filepath.Rel(c.dir, file)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c.open(filepath.ToSlash(rel), string(text))
			if diff := gocmp.Diff(want, shown(c.pulled(filepath.ToSlash(rel)))); diff != "" {
				t.Errorf("%s/%s: -check +editor\n%s", name, rel, diff)
			}
			compared += len(want)
		}
	}
	if compared < 50 {
		t.Errorf("only %d findings were compared", compared)
	}
}

// scribbler edits the files of a project at random, as an editor does, and has other programs write them.
type scribbler struct {
	c       *client
	random  *rand.Rand
	open    map[string]string // the text of open documents by name
	version int
}

// snippets are what is typed.
func snippets() []string {
	return []string{
		"", "\n", " ", "\\", "\\\n", "#", "\r\n", "é", "𝕏", "\t", "\"", "'", "$", "${A}", "RUN ", "RUN apt-get update\n", "COPY . .\n", "FROM python:latest AS x\n",
		"USER root\n", "ENV A=1 B=2\n", "ARG A\n", "<<EOF\n", "EOF\n", "CMD npm start\n", "# dockvet ignore=latest-tag why\n", "--from=x ", "ONBUILD ",
		"# escape=`\n", "# syntax=docker/dockerfile:1\n", "[\"a\", \"b\"]", "EXPOSE 99999\n", "*.env\n", "!x\n", "{", "ports: [\"80:80\"]\n",
	}
}

// step makes one edit of a document that is open, opens or closes one, or changes one on the disk.
func (s *scribbler) step(files []string) {
	s.c.t.Helper()
	name := files[s.random.IntN(len(files))]
	text, isOpen := s.open[name]
	switch {
	case !isOpen && s.random.IntN(3) == 0: // another program writes it
		data, err := os.ReadFile(s.c.path(name))
		if err != nil {
			s.c.t.Fatal(err)
		}
		s.c.write(name, s.scribble(string(data)))
		s.c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": s.c.uri(name), "type": 2}}})
	case !isOpen:
		data, err := os.ReadFile(s.c.path(name))
		if err != nil {
			s.c.t.Fatal(err)
		}
		s.open[name] = string(data)
		s.c.open(name, string(data))
	case s.random.IntN(20) == 0 && !strings.Contains(name, "ockerfile"):
		delete(s.open, name)
		s.c.write(name, text)
		s.c.notify("textDocument/didClose", map[string]any{"textDocument": map[string]string{"uri": s.c.uri(name)}})
	default:
		var changes []change
		for range 1 + s.random.IntN(3) {
			t := newText(text, true)
			at, size, insert := s.edit(text)
			r := span{t.position(at), t.position(at + size)}
			// What a position can say is not always what was meant: the middle of a line ending is its beginning.
			meant := t.bytes(r)
			text = text[:meant.Start] + insert + text[meant.End:]
			changes = append(changes, change{&r, insert})
		}
		s.version++
		s.open[name] = text
		s.c.change(name, s.version, changes...)
	}
}

// edit is a random edit of text.
func (s *scribbler) edit(text string) (at, size int, insert string) {
	all := snippets()
	at = s.random.IntN(len(text) + 1)
	for at > 0 && at < len(text) && text[at]&0xC0 == 0x80 {
		at-- // the beginning of a character
	}
	if s.random.IntN(2) == 0 {
		size = s.random.IntN(min(40, len(text)-at) + 1)
		for at+size < len(text) && text[at+size]&0xC0 == 0x80 {
			size++
		}
	}
	return at, size, all[s.random.IntN(len(all))]
}

func (s *scribbler) scribble(text string) string {
	at, size, insert := s.edit(text)
	return text[:at] + insert + text[at+size:]
}

// compare saves all documents, without telling the server, and compares what the editor shows with a fresh check.
func (s *scribbler) compare(dockerfiles []string) {
	s.c.t.Helper()
	saved := map[string]string{}
	for name, text := range s.open {
		data, err := os.ReadFile(s.c.path(name))
		if err != nil {
			s.c.t.Fatal(err)
		}
		saved[name] = string(data)
		s.c.write(name, text)
	}
	want := checked(s.c.t, s.c.dir)
	for name, text := range saved {
		s.c.write(name, text)
	}
	for _, name := range dockerfiles {
		if _, ok := s.open[name]; !ok {
			continue
		}
		if diff := gocmp.Diff(want[s.c.path(name)], shown(s.c.pulled(name))); diff != "" {
			s.c.t.Fatalf("%s: -check +editor\n%s\n%s", name, diff, s.open[name])
		}
	}
}

// scribbleOver makes n random edits in a project and compares after each.
func scribbleOver(t *testing.T, project string, seed uint64, n int) {
	t.Helper()
	c := copyProject(t, project)
	c.hello(puller)
	c.write(".dockvet.yaml", "profile: strict\n")
	s := &scribbler{c: c, random: rand.New(rand.NewPCG(seed, 1)), open: map[string]string{}, version: 1}
	var files, dockerfiles []string
	err := filepath.WalkDir(c.dir, func(full string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(c.dir, full)
		rel = filepath.ToSlash(rel)
		if strings.HasPrefix(rel, ".git/") {
			return err
		}
		files = append(files, rel)
		if is, _ := namedForTest(rel); is || compose.Named(path.Base(rel)) || bake.Named(path.Base(rel)) {
			dockerfiles = append(dockerfiles, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 6 { // Dockerfiles and compose files are edited most often
		files = append(files, dockerfiles...)
	}
	slices.SortStableFunc(files, cmp.Compare)
	for range n {
		s.step(files)
		s.compare(dockerfiles)
	}
}

// TestEditsEqualCheck makes 300 random edits in the sample projects, saved or not, and compares what the editor shows after each with
// what check says in a fresh process.
func TestEditsEqualCheck(t *testing.T) {
	all := names(t)
	per := 300/len(all) + 1
	for i, project := range all {
		t.Run(project, func(t *testing.T) { scribbleOver(t, project, uint64(i), per) })
	}
}

func FuzzEdits(f *testing.F) {
	f.Add(uint64(1), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, project uint8) {
		all := names(t)
		scribbleOver(t, all[int(project)%len(all)], seed, 15) // far below the 10 s that a worker has, also on a busy machine
	})
}
