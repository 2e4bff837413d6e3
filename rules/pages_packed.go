//go:build packed

package rules

import (
	"compress/flate"
	_ "embed"
	"io"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"
)

// packed is what tools/cmd/packpages writes before a release is built. The pages are a fifth of a megabyte smaller so.
//
//go:embed pages.packed
var packed string

var pages = sync.OnceValue(func() map[string]string {
	text, err := io.ReadAll(flate.NewReader(strings.NewReader(packed)))
	if err != nil {
		panic(err) // packed is a part of the program
	}
	all := map[string]string{}
	for _, f := range txtar.Parse(text).Files {
		all[f.Name] = string(f.Data)
	}
	return all
})

// page is the text of a page by its path below this directory; "" if there is no such page.
func page(name string) string { return pages()[name] }
