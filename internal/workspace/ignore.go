package workspace

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// ignoreFile is the patterns of one .gitignore, and of those in the directories above it. A nil one ignores nothing.
type ignoreFile struct {
	dir      string
	patterns []ignorePattern
	plain    map[string][]int // by what it matches: a path, or after `**/` a name; the numbers of patterns without wildcards
	wild     []int            // the numbers of the others, at most maxWild
	above    *ignoreFile
}

// maxWild bounds the patterns of a file that each path is compared with; those above the last of them have no effect.
const maxWild = 2000

// index notes which patterns a path has to be compared with.
func (f *ignoreFile) index() {
	f.plain = map[string][]int{}
	for i, p := range f.patterns {
		if name, deep := strings.CutPrefix(p.glob, "**/"); !strings.ContainsAny(name, `*?[{\`) {
			if deep {
				name = "**/" + name[strings.LastIndexByte(name, '/')+1:]
			}
			f.plain[name] = append(f.plain[name], i)
			continue
		}
		f.wild = append(f.wild, i)
	}
	f.wild = f.wild[max(0, len(f.wild)-maxWild):]
}

// last is the number of the last pattern that matches rel, -1 without one.
func (f *ignoreFile) last(rel string, dir bool) int {
	last := -1
	for _, list := range [][]int{f.plain[rel], f.plain["**/"+path.Base(rel)], f.wild} {
		for _, i := range slices.Backward(list) {
			if i <= last {
				break
			}
			if p := &f.patterns[i]; (dir || !p.dirOnly) && doublestar.MatchUnvalidated(p.glob, rel) {
				last = i
				break
			}
		}
	}
	return last
}

// maxIgnore bounds how much of a .gitignore is read, in bytes.
const maxIgnore = 1 << 20

type ignorePattern struct {
	glob    string
	negate  bool
	dirOnly bool
}

// ignoredAbove reads the .gitignore files from the root of the repository down to the directory above dir. Outside a
// repository there are none.
func (r reader) ignoredAbove(dir string) *ignoreFile {
	abs := r.abs(dir)
	var above []string
	for at := abs; ; at = filepath.Dir(at) {
		if at != abs {
			above = append(above, at)
		}
		if _, err := r.Lstat(filepath.Join(at, ".git")); err == nil {
			break
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
	root := abs
	if len(above) > 0 {
		root = above[len(above)-1]
	}
	all := r.ignoreFile(nil, root, filepath.Join(root, ".git", "info", "exclude"))
	for i := len(above) - 1; i >= 0; i-- {
		dir := above[i]
		all = r.ignoreFile(all, dir, filepath.Join(dir, ".gitignore"))
	}
	return all
}

// enter is above with the patterns of dir, which has entries.
func (r reader) enter(above *ignoreFile, dir string, entries []fs.DirEntry) *ignoreFile {
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitignore" }) {
		return r.ignoreFile(above, r.abs(dir), filepath.Join(dir, ".gitignore"))
	}
	return above
}

// ignoreFile is above with the patterns of the file called name, which hold in dir. A file that cannot be read has
// none.
func (r reader) ignoreFile(above *ignoreFile, dir, name string) *ignoreFile {
	data, err := r.readFile(name, maxIgnore)
	if err != nil {
		return above
	}
	f := &ignoreFile{dir: dir, above: above}
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		if p, ok := parseIgnore(strings.TrimRight(line, "\r\n")); ok {
			f.patterns = append(f.patterns, p)
		}
	}
	if len(f.patterns) == 0 {
		return above
	}
	f.index()
	return f
}

// parseIgnore turns one line of a .gitignore into a glob that is relative to the file's directory.
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
		line += "/*" // what is below, not the directory itself
	}
	var glob strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			glob.WriteByte(line[i])
			i++
		case line[i] == '{' || line[i] == '}':
			glob.WriteByte('\\') // git has no alternatives
		}
		glob.WriteByte(line[i])
	}
	p.glob = glob.String()
	return p, doublestar.ValidatePattern(p.glob)
}

// match reports whether git ignores the absolute path abs: the last pattern that matches decides, and the nearest file
// goes first. A search does not enter an ignored directory, so a negated pattern cannot re-include anything below one.
func (f *ignoreFile) match(abs string, dir bool) bool {
	for ; f != nil; f = f.above {
		rel, err := filepath.Rel(f.dir, abs)
		if err != nil {
			continue
		}
		rel = filepath.ToSlash(rel)
		if i := f.last(rel, dir); i >= 0 {
			return !f.patterns[i].negate
		}
	}
	return false
}
