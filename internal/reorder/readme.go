package reorder

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/internal/lazy"
)

const readme = "README.md"

// maxSearched bounds how many files are searched for readers of a README.md.
const maxSearched = 5000

// readsReadme matches text of a file that may read a README.md: its name, a pattern for it, or one for all Markdown.
var readsReadme = lazy.Regexp{Expr: `(?i:readme)["'.*?{\[(]|\*\.(?:\{[^}\n]*)?(?:md|mdx|markdown)\b`}

// projectReadme matches what names the README.md of a Python project, which is only read when its package is built.
var projectReadme = lazy.Regexp{Expr: `(?m)^readme *= *"README\.md"$`}

// unread reports whether no file in c reads name, a README.md. That is only said of the root and of directories that hold the manifest of
// a part of the project, and not if a generator of pages may be at work there, or if the ignore file names it.
func unread(c *buildcontext.Context, name string) bool {
	if c == nil || !install.PlainNames([]string{name}) {
		return false
	}
	if by := c.Decider(name); by != nil && by.Literal() {
		return false
	}
	dir := path.Dir(name)
	manifest := dir == "."
	for _, entry := range c.Dir(dir) {
		switch entry {
		case ".vuepress/", "_config.yml", "book.json", "SUMMARY.md", ".nojekyll":
			return false
		}
		manifest = manifest || isManifest(entry)
	}
	return manifest && !readmeRead.Of(c)
}

// readmeRead is whether a file may read a README.md, or there is too much to search.
var readmeRead = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) bool { return mentionsReadme(c) })

// isManifest reports whether a package manager reads name as the list of an application's dependencies.
func isManifest(name string) bool {
	for _, m := range ecosystem.All() {
		if m.Project == nil {
			continue
		}
		for _, pattern := range m.Project.Manifests {
			if ok, err := path.Match(pattern, name); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// mentionsReadme reports whether a file in c may read a README.md, or whether there is too much to search.
func mentionsReadme(c *buildcontext.Context) bool {
	files, cut := c.Files()
	if cut || len(files) > maxSearched {
		return true
	}
	for _, f := range files {
		if !searchable(f.Name) || onlyForWork(strings.Split(f.Name, "/")[0]) && !strings.HasPrefix(f.Name, "Dockerfile") {
			continue
		}
		text, err := c.Read(f.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist): // a link to nothing
		case err != nil:
			return true
		case bytes.IndexByte(text[:min(len(text), 512)], 0) >= 0:
		case path.Base(f.Name) == "pyproject.toml" && !bytes.Contains(text, []byte("[build-system]")) &&
			len(readsReadme.Get().FindAllIndex(text, -1)) == len(projectReadme.Get().FindAllIndex(text, -1)): // never built, so never read
		case (bytes.Contains(text, []byte("md")) || bytes.Contains(text, []byte("README"))) && readsReadme.Get().Match(text):
			return true
		}
	}
	return false
}

// searchable reports whether a file may be code or a setting: not a picture, a font, an archive, a lock file or a page.
func searchable(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".avif", ".gif", ".gz", ".ico", ".jpeg", ".jpg", ".lock", ".md", ".mp4", ".otf", ".pdf", ".png", ".sum", ".svg", ".ttf", ".webp", ".woff", ".woff2", ".zip":
		return false
	}
	switch path.Base(name) {
	case "package-lock.json", "pnpm-lock.yaml":
		return false
	}
	return true
}
