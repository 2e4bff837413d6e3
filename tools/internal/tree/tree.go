// Package tree finds what the programs in this module work on: the repository around them, and the Dockerfiles of a
// corpus.
package tree

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Module is the path of dockvet's module.
const Module = "github.com/dockvet/dockvet"

// Corpus is the default directory of a corpus of Dockerfiles, relative to the repository's root.
const Corpus = "../shared/corpus/dockerfiles"

// Root is the directory of dockvet's module, which is the working directory or above it.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		for line := range strings.Lines(string(mod)) {
			if err == nil && strings.TrimSpace(line) == "module "+Module {
				return dir, nil
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no folder from here up holds the module %s", Module)
		}
		dir = parent
	}
}

// CorpusDir is dir, or the default corpus of the repository at root if dir is empty.
func CorpusDir(root, dir string) string {
	if dir != "" {
		return dir
	}
	return filepath.Join(root, filepath.FromSlash(Corpus))
}

// Files are the files below dir, sorted by name.
func Files(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out = append(out, name)
		}
		return err
	})
	return out, err
}
