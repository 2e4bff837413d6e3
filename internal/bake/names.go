package bake

import (
	"path"
	"slices"
	"strings"
)

// names are those of the files that bake reads by default, in its order, after the compose files of the same directory.
// Source: https://docs.docker.com/build/bake/reference/#file-format
var names = [...]string{"docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"}

// Named reports whether bake reads a file of that base name by default.
func Named(base string) bool { return slices.Contains(names[:], base) }

// Like reports whether a file of that base name may be a bake file, also one that somebody names with -f.
func Like(base string) bool {
	ext := path.Ext(base)
	return (ext == ".hcl" || ext == ".json") && strings.Contains(base, "bake")
}

// Find returns the files that bake reads in a directory, in order. has reports whether it has a file of that name.
func Find(has func(name string) bool) []string {
	var out []string
	for _, name := range names {
		if has(name) {
			out = append(out, name)
		}
	}
	return out
}
