#!/usr/bin/env bash
# BuildKit's answer to an unknown flag is not always the same.
#
# `COPY --cho=x a b` is refused with "unknown flag: --cho (did you mean …?)". chmod and chown are equally near, and BuildKit looks
# for the nearest flag in the order in which Go walks a map, which is random: the same Dockerfile gets either word, from one call
# to the next in the same process. Whoever compares messages between two runs, or keeps them in a baseline, sees changes
# where there are none.
#
# dockvet relies on it in parser/parse.go: it cuts the suggestion off and names the nearest flag in a fixed order.
set -euo pipefail

version=v0.34.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	seen := map[string]int{}
	for range 200 {
		tree, err := parser.Parse(strings.NewReader("FROM scratch\nCOPY --cho=x a b\n"))
		if err != nil {
			panic(err)
		}
		_, _, err = instructions.Parse(tree.AST, nil)
		seen[err.Error()]++
	}
	for message, times := range seen {
		fmt.Printf("%3d times: %s\n", times, message)
	}
}
GO
{
	go mod init example.org/finding
	go get "github.com/moby/buildkit@$version"
	go mod tidy
} >log 2>&1 || { cat log; exit 2; }
go run . | sort >out
echo "BuildKit $version, 200 calls with the same Dockerfile:"
cat out
[ "$(wc -l <out)" -gt 1 ] || { echo 'the answer is the same each time now'; exit 1; }
