#!/usr/bin/env bash
# Three patterns of a .dockerignore that are not read as they look.
#
# The library that Docker, BuildKit and compose read ignore files with turns a pattern into a regular expression if it has a
# wildcard, and compares it as it is if it has none. So
# - `[!b]*`, which a shell and .gitignore read as "does not begin with b", excludes what begins with `!` or `b`;
# - `^dist*` excludes what begins with `dist`, as if the `^` were not there, while `^dist` only excludes a file called `^dist`;
# - `[z-a]*`, whose range is backwards, is accepted when the file is read, and is an error only when the first file is compared.
#
# dockvet relies on it in rules/files/misread_ignore_pattern.go and invalid_ignore_pattern.go.
set -euo pipefail

version=v0.6.1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/moby/patternmatcher"
)

func main() {
	for _, c := range []struct{ pattern, name string }{
		{"[!b]*", "build"}, {"[!b]*", "app"},
		{"^dist*", "dist"}, {"^dist", "dist"}, {"^dist", "^dist"},
		{"[z-a]*", "app"},
	} {
		m, err := patternmatcher.New([]string{c.pattern})
		if err != nil {
			fmt.Printf("%s is rejected: %v\n", c.pattern, err)
			continue
		}
		excluded, err := m.MatchesOrParentMatches(c.name)
		fmt.Printf("%s excludes %s: %v, error: %v\n", c.pattern, c.name, excluded, err)
	}
}
GO
cat >want <<'TEXT'
[!b]* excludes build: true, error: <nil>
[!b]* excludes app: false, error: <nil>
^dist* excludes dist: true, error: <nil>
^dist excludes dist: false, error: <nil>
^dist excludes ^dist: true, error: <nil>
[z-a]* excludes app: false, error: syntax error in pattern
TEXT
{
	go mod init example.org/finding
	go get "github.com/moby/patternmatcher@$version"
	go mod tidy
} >log 2>&1 || { cat log; exit 2; }
go run . >out
echo "patternmatcher $version:"
cat out
diff want out >/dev/null || { echo 'the patterns are read in another way now'; exit 1; }
