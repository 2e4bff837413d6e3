// Command packpages writes rules/pages.packed, the compressed pages of all rules, which programs built with the tag `packed` embed instead
// of the pages themselves. Git ignores the file, since it would conflict in every branch.
package main

import (
	"bytes"
	"compress/flate"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"golang.org/x/tools/txtar"
)

func main() {
	dir := flag.String("rules", "../rules", "the `directory` of package rules")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "packpages:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	data, err := pack(os.DirFS(dir))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "pages.packed"), data, 0o644)
}

// pack is the pages as a txtar archive, compressed with DEFLATE.
func pack(dir fs.FS) ([]byte, error) {
	names, err := fs.Glob(dir, "*/*.md")
	if err != nil {
		return nil, err
	}
	archive := new(txtar.Archive)
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: text})
	}
	text := txtar.Format(archive)
	if !reflect.DeepEqual(txtar.Parse(text).Files, archive.Files) {
		return nil, errors.New("a page ends without a line break, or has a line like `-- NAME --`")
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
