#!/usr/bin/env bash
# BuildKit spoils each letter beyond ASCII in the flag of an instruction, and cuts the flag at some.
#
# A Dockerfile is UTF-8, and a path in a flag may have any letter. The parser reads flags byte by byte, and takes each byte for a character
# of its own. So `--mount=type=cache,target=/é` mounts the cache on `/Ã©`. The second byte of `à` is 0xA0, which as a character is a no-break
# space: the flag ends there, and the rest of the instruction begins. Arguments after the flags are read correctly.
#
# dockvet relies on it in parser/plain.go: a RUN whose flags are not plain ASCII is left to BuildKit's parser, so that both read the same.
set -euo pipefail

version=v0.34.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func flag(letter string) string {
	src := "FROM scratch\nRUN --mount=type=cache,target=/" + letter + " true\n"
	result, err := parser.Parse(strings.NewReader(src))
	if err != nil {
		return err.Error()
	}
	return strings.Join(result.AST.Children[1].Flags, " ")
}

func main() {
	const prefix = "--mount=type=cache,target=/"
	status := 0
	for letter, want := range map[string]string{"é": prefix + "Ã©", "à": prefix + "Ã"} {
		got := flag(letter)
		fmt.Printf("RUN %s%s true: flag %q\n", prefix, letter, got)
		if got != want {
			status = 1
		}
	}
	os.Exit(status)
}
GO
{
	go mod init example.org/finding
	go get "github.com/moby/buildkit@$version"
	go mod tidy
	go build -o try .
} >log 2>&1 || { cat log; exit 2; }
echo "buildkit $version"
./try
