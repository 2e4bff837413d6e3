package driver

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// ignoreFile is the patterns of one .gitignore, and of those in the folders above it. A nil one ignores nothing.
type ignoreFile struct {
	dir      string
	patterns []ignorePattern
	above    *ignoreFile
}

// maxIgnore bounds how much of a .gitignore counts, in bytes.
const maxIgnore = 1 << 20

type ignorePattern struct {
	glob    string
	negate  bool
	dirOnly bool
}

// ignoredAbove reads the .gitignore files from the root of the repository down to the folder above dir. Outside of a
// repository there are none.
func ignoredAbove(dir string) *ignoreFile {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	var folders []string
	for at := abs; ; at = filepath.Dir(at) {
		if at != abs {
			folders = append(folders, at)
		}
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			break
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
	root := abs
	if len(folders) > 0 {
		root = folders[len(folders)-1]
	}
	all := (*ignoreFile)(nil).read(root, filepath.Join(root, ".git", "info", "exclude"))
	for _, folder := range slices.Backward(folders) {
		all = all.read(folder, filepath.Join(folder, ".gitignore"))
	}
	return all
}

// enter is f with the patterns of dir, which has entries.
func (f *ignoreFile) enter(dir string, entries []fs.DirEntry) *ignoreFile {
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitignore" }) {
		if abs, err := filepath.Abs(dir); err == nil {
			return f.read(abs, filepath.Join(dir, ".gitignore"))
		}
	}
	return f
}

// read is f with the patterns of the file called name, which hold in dir. A file that cannot be read holds none.
func (f *ignoreFile) read(dir, name string) *ignoreFile {
	data, err := readFile(name, maxIgnore)
	if err != nil {
		return f
	}
	g := &ignoreFile{dir: dir, above: f}
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		if p, ok := parseIgnore(strings.TrimRight(line, "\r\n")); ok {
			g.patterns = append(g.patterns, p)
		}
	}
	if len(g.patterns) == 0 {
		return f
	}
	return g
}

// parseIgnore turns one line of a .gitignore into a glob that is relative to the file's folder.
func parseIgnore(line string) (ignorePattern, bool) {
	var p ignorePattern
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	if strings.HasPrefix(line, "#") {
		return p, false
	}
	line, p.negate = strings.CutPrefix(line, "!")
	line, p.dirOnly = strings.CutSuffix(line, "/")
	if line == "" {
		return p, false
	}
	if strings.Contains(line, "/") {
		line = strings.TrimPrefix(line, "/")
	} else {
		line = "**/" + line
	}
	if strings.HasSuffix(line, "/**") {
		line += "/*" // what is below, not the folder itself
	}
	var glob strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			glob.WriteByte(line[i])
			i++
		case line[i] == '{' || line[i] == '}':
			glob.WriteByte('\\') // git knows no alternatives
		}
		glob.WriteByte(line[i])
	}
	p.glob = glob.String()
	return p, doublestar.ValidatePattern(p.glob)
}

// match reports whether git ignores name: the last pattern that matches decides, and the nearest file goes first. A search
// does not enter an ignored folder, so nothing below one can be taken back.
func (f *ignoreFile) match(name string, dir bool) bool {
	if f == nil {
		return false
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return false
	}
	for ; f != nil; f = f.above {
		rel, err := filepath.Rel(f.dir, abs)
		if err != nil {
			continue
		}
		rel = filepath.ToSlash(rel)
		for _, p := range slices.Backward(f.patterns) {
			if (dir || !p.dirOnly) && doublestar.MatchUnvalidated(p.glob, rel) {
				return !p.negate
			}
		}
	}
	return false
}
