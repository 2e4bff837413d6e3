// Package driver takes paths to findings: it searches folders for Dockerfiles, reads them with their build contexts and lints
// them in parallel.
package driver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Target is one Dockerfile to check.
type Target struct {
	Path string // as reports print it: slash-separated, relative to the working directory when below it
	Name string // to open; "" for standard input
}

// Find is the Dockerfiles that paths mean, without repeats and sorted by Path: a file stands for itself, a folder for the
// Dockerfiles below it that git does not ignore and that lie in no node_modules, which holds others' work by the thousands. What cannot be read is among the errors, the rest is found all the same.
func Find(paths []string) ([]Target, []error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, []error{fmt.Errorf("find the working directory: %w", err)}
	}
	f := finder{dirs: []string{dir}, seen: map[string]bool{}}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil && resolved != dir {
		f.dirs = append(f.dirs, resolved)
	}
	for _, path := range paths {
		f.path(path)
	}
	// A link found in a search is the same Dockerfile twice if the search has found the file itself.
	for _, link := range f.links {
		file, err := filepath.EvalSymlinks(link)
		if info, statErr := os.Stat(link); err != nil || statErr != nil || !info.Mode().IsRegular() || f.seen[f.display(file)] {
			continue
		}
		f.add(link)
	}
	slices.SortFunc(f.found, func(a, b Target) int { return strings.Compare(a.Path, b.Path) })
	return f.found, f.errs
}

type finder struct {
	dirs  []string // the working directory, and where it really is
	found []Target
	links []string
	seen  map[string]bool // by Target.Path
	errs  []error
}

func (f *finder) path(path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		f.errs = append(f.errs, CannotRead(path, err))
	case info.IsDir():
		f.search(path, ignoredAbove(path))
	default:
		f.add(path)
	}
}

// CannotRead says what err means for a user, without the name of a system call.
func CannotRead(name string, err error) error {
	if detail, ok := errors.AsType[*fs.PathError](err); ok {
		err = detail.Err
	}
	return fmt.Errorf("cannot read %s: %w", filepath.ToSlash(name), err)
}

func (f *finder) add(name string) {
	if path := f.display(name); !f.seen[path] {
		f.seen[path] = true
		f.found = append(f.found, Target{Path: path, Name: name})
	}
}

func (f *finder) display(name string) string {
	for _, dir := range f.dirs {
		abs := name
		if !filepath.IsAbs(name) {
			abs = filepath.Join(dir, name)
		}
		if rel, err := filepath.Rel(dir, abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(filepath.Clean(name))
}

// search walks dir. It follows no link to a folder, so a loop of links ends nowhere.
func (f *finder) search(dir string, above *ignoreFile) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		f.errs = append(f.errs, CannotRead(dir, err)) // what could be read of it is still searched
	}
	ignored := above.enter(dir, entries)
	for _, e := range entries {
		if !e.IsDir() && judgeName(strings.ToLower(e.Name())) == no {
			continue // of very many files, before anything that allocates
		}
		name := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			if e.Name() != ".git" && e.Name() != "node_modules" && !ignored.match(name, true) {
				f.search(name, ignored)
			}
		case ignored.match(name, false):
		case e.Type()&fs.ModeSymlink != 0:
			if isDockerfile(name) {
				f.links = append(f.links, name)
			}
		case e.Type().IsRegular() && isDockerfile(name):
			f.add(name)
		}
	}
}

// ReadList is the paths in r, one a line, or between NULs if there is one.
func ReadList(r io.Reader) ([]string, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	separator := "\n"
	if bytes.IndexByte(data, 0) >= 0 {
		separator = "\x00"
	}
	var paths []string
	for path := range strings.SplitSeq(string(data), separator) {
		if separator == "\n" {
			path = strings.TrimSuffix(path, "\r")
		}
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// isDockerfile reports whether a search takes the file for a Dockerfile: by its name, and where names like it have other uses
// by what it starts with.
func isDockerfile(path string) bool {
	switch name := strings.ToLower(filepath.Base(path)); judgeName(name) {
	case yes:
		return true
	case maybe:
		return startsLikeDockerfile(path)
	case no:
	}
	return false
}

type verdict int

const (
	no verdict = iota
	maybe
	yes
)

// judgeName judges a file's name in lower case.
func judgeName(name string) verdict {
	rest, prefixed := strings.CutPrefix(name, "dockerfile")
	if !prefixed {
		rest, prefixed = strings.CutPrefix(name, "containerfile")
	}
	ext := strings.TrimPrefix(filepath.Ext(name), ".")
	switch {
	case !prefixed:
		if ext == "dockerfile" || ext == "containerfile" {
			return yes
		}
		return no
	case rest == "":
		return yes
	case strings.HasSuffix(name, "~") || strings.HasSuffix(name, "#"):
		return no
	}
	switch ext {
	case "dockerignore", "containerignore", // what a build leaves out
		"j2", "jinja", "jinja2", "tmpl", "tpl", "template", "erb", "in", "mustache", "hbs", "ejs", "gotmpl", "liquid", "m4", "envsubst", "twig", "epp", "mako",
		"md", "markdown", "rst", "adoc", "html", "pdf", "png", "svg",
		"swp", "swo", "swx", "bak", "orig", "rej", "tmp", "diff", "patch",
		"json", "yaml", "yml", "toml", "xml", "lock", "log", "sha256", "sum", "asc", "sig", "gz", "zip":
		return no
	case "txt", "go", "py", "js", "ts", "rs", "rb", "java", "php", "sh", "rego", "c", "cc", "cpp", "h", "cs", "kt", "lua", "vim", "ps1", "mjs", "cjs", "tsx", "jsx",
		"scala", "swift", "hs", "ex", "exs", "pl", "el", "css", "scss", "tf", "hcl", "nix", "cue":
		return maybe // Dockerfile.go is a build for Go as often as a parser in it
	}
	if c := rest[0]; c >= 'a' && c <= 'z' {
		return maybe // dockerfiles, dockerfilelint, Dockerfileprod
	}
	return yes
}

// startsLikeDockerfile reports whether the first line that is no comment is a FROM or ARG in capitals: `from x import y` is
// Python.
func startsLikeDockerfile(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return true // the reader will say why
	}
	defer func() { _ = f.Close() }() // nothing was written
	head := make([]byte, 8<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	for line := range bytes.Lines(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf"))) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' {
			return bytes.HasPrefix(line, []byte("FROM ")) || bytes.HasPrefix(line, []byte("ARG "))
		}
	}
	return false
}
