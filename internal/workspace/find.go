package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
)

// Target is one file to check.
type Target struct {
	Path string // as reports print it: slash-separated, relative to the root when below it
	Name string // to open, absolute or relative to the root; "" for standard input
	// As is the name of the file that standard input has another text of; "" if there is none.
	As       string
	projects *[]string // of a description: the absolute directories of the projects that read it
	// Describes says that it is not a Dockerfile: it describes builds, for Describe.
	Describes bool
	Named     bool // the user named it, and no search found it
	unproven  bool // a search found it, and only its beginning says whether it is a Dockerfile
}

// ErrNotDockerfile is the error of Load for a file that Candidates found and that does not begin like a Dockerfile.
var ErrNotDockerfile = errors.New("it does not begin like a Dockerfile")

// Find returns the files that paths mean, without repeats and sorted by Path: a file is itself; a directory is the
// Dockerfiles, compose and bake files below it that git does not ignore, except in node_modules, which holds other people's
// by the thousands. Where an option says how Dockerfiles are built, compose files are left out. Links to directories are not followed. What cannot be read is among the errors, and the rest is found
// nonetheless.
func (w *Workspace) Find(paths []string) ([]Target, []error) {
	f := w.finder()
	f.find(paths)
	f.prove(len(f.found))
	return f.found, f.errs
}

// Candidates is Find, but leaves it to Load to look at the beginning of a file whose name is not proof enough, so that it is read once.
// It returns such a file only if there also is one that is certain, or if this one is. Of the files among listed, it only returns those
// that a search would.
func (w *Workspace) Candidates(paths, listed []string) ([]Target, []error) {
	f := w.finder()
	for _, path := range listed {
		f.list(path)
	}
	f.find(paths)
	if !slices.ContainsFunc(f.found, func(t Target) bool { return !t.unproven && !t.Describes }) {
		f.prove(1)
	}
	if w.options.NoContext {
		w.config.Files.Forget() // nothing else needs the listings
	}
	return f.found, f.errs
}

// Proves reports whether t, which Candidates has found, is certainly to be checked.
func (w *Workspace) Proves(t Target) bool {
	return !t.unproven || reader{w, nil}.startsLikeDockerfile(t.Name)
}

// prove looks at the beginning of unproven targets in their order, until n of them are Dockerfiles, and drops those that are not.
func (f *finder) prove(n int) {
	f.found = slices.DeleteFunc(f.found, func(t Target) bool {
		if !t.unproven || n == 0 {
			return false
		}
		if f.startsLikeDockerfile(t.Name) {
			n--
			return false
		}
		delete(f.known, t.Path)
		return true
	})
}

func (f *finder) find(paths []string) {
	for _, path := range paths {
		f.path(path)
	}
	f.relate()
	for i := range f.found {
		t := &f.found[i]
		t.unproven = t.unproven && !f.named[t.Path]
	}
	if len(f.links) > 0 {
		f.prove(len(f.found))
	}
	// A link found in a search is the same Dockerfile twice if the search has found the file itself.
	for _, link := range f.links {
		file, err := f.config.Files.Resolve(f.abs(link))
		info, statErr := f.Stat(link)
		if err == nil && statErr == nil && info.Mode().IsRegular() && !f.known[f.display(file)] {
			f.add(link, false)
		}
	}
	order.By(f.found, func(a, b Target) int { return strings.Compare(a.Path, b.Path) })
}

type finder struct {
	reader
	dirs    []string // the root, and where it really is
	top     string   // the directory that is searched
	found   []Target
	links   []string
	related []string        // files of build contexts that the user named
	known   map[string]bool // by Target.Path
	named   map[string]bool // those that the user named, by Target.Path
	errs    []error

	added map[string]map[string]bool // by directory: the files below it that git tracks although it ignores them; see tracks

	searches int             // directories whose entries were noted for descriptions of builds
	all      bool            // whether git ignores it or not
	skipped  map[string]bool // Dockerfiles and directories of the search that git ignores
}

func (w *Workspace) finder() *finder {
	f := &finder{reader: reader{w, nil}, dirs: []string{w.config.Root}, known: map[string]bool{}, named: map[string]bool{}}
	if resolved, err := w.config.Files.Resolve(w.config.Root); err == nil && resolved != w.config.Root {
		f.dirs = append(f.dirs, resolved)
	}
	return f
}

func (f *finder) path(path string) {
	f.config.Files.Trust(f.abs(path))
	info, err := f.Stat(path)
	switch {
	case err != nil:
		f.errs = append(f.errs, CannotRead(path, err))
	case info.IsDir():
		f.top = path
		f.skipped = nil
		policy, _ := f.Policy() // an error in the file is told for each Dockerfile
		if policy.NoGitignore {
			f.all = true
			f.search(path, nil)
			return
		}
		f.search(path, f.ignoredAbove(path))
		f.tracked(path)
	case compose.Named(filepath.Base(path)):
		if f.options.described() {
			f.describes(path, filepath.Dir(f.abs(path)))
			f.related = append(f.related, path)
		}
	case bake.Named(filepath.Base(path)):
		if f.options.described() {
			f.describes(path, filepath.Dir(f.abs(path)))
		}
		f.related = append(f.related, path)
	case belongs(filepath.Base(path)):
		f.related = append(f.related, path)
	default:
		f.named[f.display(path)] = true
		f.add(path, false)
		for i := range f.found {
			if t := &f.found[i]; t.Name == path {
				t.Named = true
			}
		}
	}
}

func (f *finder) add(name string, unproven bool) {
	if path := f.display(name); !f.known[path] {
		f.known[path] = true
		f.found = append(f.found, Target{Path: path, Name: name, unproven: unproven})
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

// search walks dir. It follows no link to a directory, so a loop of links is not a problem.
func (f *finder) search(dir string, above *ignoreFile) {
	entries, err := f.ReadDir(dir)
	if err != nil {
		f.errs = append(f.errs, CannotRead(dir, err)) // what could be read of it is still searched
	}
	if !f.config.Keep && f.options.described() && len(entries) <= maxListed && f.searches < maxDirs {
		f.searches++
		f.listed.Store(f.abs(dir), entries)
	}
	if f.options.described() && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return compose.Named(e.Name()) }) {
		f.descriptions(dir)
	}
	if f.options.described() && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return bake.Named(e.Name()) }) {
		f.baked(dir)
	}
	ignored := above
	if !f.all {
		ignored = f.enter(above, dir, entries)
	}
	for _, e := range entries {
		if !e.IsDir() && judgeName(strings.ToLower(e.Name())) == no {
			continue // of very many files, before anything that allocates
		}
		name := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			if e.Name() == ".git" || e.Name() == "node_modules" {
				continue
			}
			if ignored.match(f.abs(name), true) {
				f.skip(name)
				continue
			}
			f.search(name, ignored)
		case ignored.match(f.abs(name), false):
			if f.isDockerfile(name) {
				f.ignored++
				f.skip(name)
			}
		case e.Type()&fs.ModeSymlink != 0:
			if f.isDockerfile(name) {
				f.links = append(f.links, name)
			}
		case e.Type().IsRegular():
			f.add(name, !certainName(name))
		}
	}
}

func (f *finder) skip(name string) {
	if f.skipped == nil {
		f.skipped = map[string]bool{}
	}
	f.skipped[name] = true
}

// tracked adds the Dockerfiles below dir that git tracks although it ignores them: otherwise a line of a .gitignore would
// take a Dockerfile out of every check.
func (f *finder) tracked(dir string) {
	if len(f.skipped) == 0 || f.config.Tracked == nil {
		return
	}
	names, err := f.config.Tracked(f.abs(dir))
	if err != nil {
		f.untold(dir, err)
		return
	}
	for _, rel := range names {
		if strings.Contains("/"+rel, "/node_modules/") || judgeName(strings.ToLower(path.Base(rel))) == no {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(rel))
		info, err := f.Lstat(name)
		switch {
		case err != nil || !f.isDockerfile(name): // it was removed
			continue
		case info.Mode()&fs.ModeSymlink != 0:
			f.links = append(f.links, name)
		case info.Mode().IsRegular():
			f.add(name, false)
		}
		if f.skipped[name] {
			f.ignored--
		}
	}
}

// untold tells that git did not say what it tracks in dir.
func (f *finder) untold(dir string, err error) {
	if f.config.Warn != nil {
		const format = "files in %s that git tracks although it ignores them are not checked: %w"
		f.config.Warn(fmt.Errorf(format, filepath.ToSlash(dir), err))
	}
}

// isDockerfile reports whether a search treats the file as a Dockerfile: by its name, if that is nothing but Dockerfile or
// Containerfile, and otherwise if it also starts like one.
func (r reader) isDockerfile(path string) bool {
	if judgeName(strings.ToLower(filepath.Base(path))) == no {
		return false
	}
	return certainName(path) || r.startsLikeDockerfile(path)
}

// certainName reports whether a file is a Dockerfile because of its name.
func certainName(path string) bool {
	base := filepath.Base(path)
	return strings.EqualFold(base, "dockerfile") || strings.EqualFold(base, "containerfile")
}

// verdict is what a name says: it is not one of a Dockerfile, other files have such names too, or only Dockerfiles have them.
type verdict int

const (
	no verdict = iota
	maybe
	yes
)

// Named says what the base name of a file tells: that it is a Dockerfile, or that it is something else in spite of a name that begins
// like that of a Dockerfile, such as a template or a backup.
func Named(base string) (is, isNot bool) {
	base = strings.ToLower(base)
	prefixed := strings.HasPrefix(base, "dockerfile") || strings.HasPrefix(base, "containerfile")
	v := judgeName(base)
	return v == yes, v == no && prefixed
}

// Searched reports whether a search would check a file with that base name and text.
func Searched(base string, text []byte) bool {
	v := judgeName(strings.ToLower(base))
	return v == yes && certainName(base) || v != no && beginsLikeDockerfile(text)
}

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
		"j2", "jinja", "jinja2", "tmpl", "tpl", "template", "erb", "in", "mustache", "hbs", "ejs", "gotmpl", "liquid",
		"m4", "envsubst", "twig", "epp", "mako",
		"md", "markdown", "rst", "adoc", "html", "pdf", "png", "svg",
		"swp", "swo", "swx", "bak", "orig", "rej", "tmp", "diff", "patch",
		"json", "yaml", "yml", "toml", "xml", "lock", "log", "sha256", "sum", "asc", "sig", "gz", "zip":
		return no
	case "txt", "go", "py", "js", "ts", "rs", "rb", "java", "php", "sh", "rego", "c", "cc", "cpp", "h", "cs", "kt",
		"lua", "vim", "ps1", "mjs", "cjs", "tsx", "jsx", "scala", "swift", "hs", "ex", "exs", "pl", "el", "css", "scss", "tf", "hcl",
		"nix", "cue", "map":
		return maybe // Dockerfile.go is a build for Go as often as a parser in it
	}
	if c := rest[0]; c >= 'a' && c <= 'z' {
		return maybe // dockerfiles, dockerfilelint, Dockerfileprod
	}
	return yes
}

// startsLikeDockerfile reports whether a file begins like a Dockerfile, or cannot be opened.
func (r reader) startsLikeDockerfile(path string) bool {
	f, err := r.Open(path)
	if err != nil {
		return true // the reader will say why
	}
	defer func() { _ = f.Close() }() // nothing was written
	size := int64(maxHead)
	if info, err := f.Stat(); err == nil {
		size = min(size, info.Size())
	}
	head := make([]byte, size)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	return beginsLikeDockerfile(head[:n])
}

const maxHead = 8 << 10 // bytes of a file that are looked at

// beginsLikeDockerfile reports whether the first line of text that is not a comment is a FROM or ARG, or a comment above it is for a
// Dockerfile frontend. In small letters it must be the whole of a FROM: `from x import y` is Python.
func beginsLikeDockerfile(text []byte) bool {
	text = text[:min(len(text), maxHead)]
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
		case bytes.HasPrefix(line, []byte("FROM ")), bytes.HasPrefix(line, []byte("ARG ")): // as nearly all do
			return true
		case line[0] != '#':
			return beginning.Get().Match(line)
		case bytes.IndexByte(line, '=') >= 0 && directive.Get().Match(line):
			return true
		}
	}
	return false
}

// beginning matches the first instruction of a Dockerfile, directive a parser directive.
var (
	beginning = lazy.Regexp{Expr: `^(?:(?:FROM|ARG)[ \t\\` + "`" + `]|(?i:from[ \t]+(?:--platform=\S+[ \t]+)?[^\s"';()]+(?:[ \t]+as[ \t]+\S+)?$))`}
	directive = lazy.Regexp{Expr: `^(?i:#[ \t]*(?:syntax|check)[ \t]*=)`}
)
