package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// shape is one input, and the ways to run dockvet on it.
type shape struct {
	surface, name string
	runs          [][]string // the arguments of each
	make          func(*builder) error
}

// The ways to run dockvet on a Dockerfile and on a repository.
var (
	checked   = strings.Fields("check --profile strict --format json .")
	diffed    = strings.Fields("check --profile strict --diff --unsafe-fixes .")
	fixed     = strings.Fields("check --profile strict --fix --unsafe-fixes .")
	contexted = strings.Fields("context .")
	shown     = strings.Fields("config show .")
)

// shapes are all inputs.
func shapes() []shape {
	var out []shape
	for _, list := range [][]shape{dockerfiles(), ignores(), repositories(), configurations(), descriptions()} {
		out = append(out, list...)
	}
	return out
}

// errUnsupported says that this system cannot have an input.
var errUnsupported = errors.New("not on this system")

// builder makes an input.
type builder struct {
	dir     string // the repository, the working directory of each run
	outside string // a directory next to it, whose files hold the canary
}

func (b *builder) path(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

// file makes a file of the repository, and the directories above it.
func (b *builder) file(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(b.path(name)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(b.path(name), []byte(text), 0o644)
}

// files makes several files from names and texts in turn.
func (b *builder) files(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if err := b.file(pairs[i], pairs[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// link makes a symbolic link in the repository.
func (b *builder) link(name, target string) error {
	if err := os.MkdirAll(filepath.Dir(b.path(name)), 0o755); err != nil {
		return err
	}
	if err := os.Symlink(filepath.FromSlash(target), b.path(name)); err != nil {
		return errUnsupported
	}
	return nil
}

// leak makes a symbolic link to a file outside of the repository.
func (b *builder) leak(name, target string) error {
	return b.link(name, filepath.Join(b.outside, target))
}

// text is made of parts, and only when it is needed, since this process must stay small: see peak.
type text []part

// part is a text, n times. In each, `%` is its number from 1, and `@` the number before it.
type part struct {
	n    int
	text string
}

func plain(text string) part { return part{0, text} }

func repeat(n int, text string) part { return part{n, text} }

// String is all parts.
func (t text) String() string {
	var b strings.Builder
	for _, p := range t {
		if p.n == 0 {
			b.WriteString(p.text)
		}
		for i := range p.n {
			if strings.ContainsAny(p.text, "%@") {
				b.WriteString(strings.NewReplacer("%", strconv.Itoa(i+1), "@", strconv.Itoa(i)).Replace(p.text))
			} else {
				b.WriteString(p.text)
			}
		}
	}
	return b.String()
}
