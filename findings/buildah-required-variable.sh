#!/usr/bin/env bash
# buildah uses the message of `${VARIABLE:?message}` as the value.
#
# In a shell and in BuildKit the build stops with the message if the variable is not set or empty. buildah's library reads the operator and
# returns the message as the result, so `FROM base:${TAG:?set TAG}` asks for an image called like the message, and an ENV has it as its
# value.
#
# dockvet relies on it in internal/dialect/buildah.go, row required-variable.
set -euo pipefail

version=v1.2.16
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/openshift/imagebuilder"
)

func main() {
	const word = "${TAG:?set TAG}"
	got, err := imagebuilder.ProcessWord(word, nil)
	fmt.Printf("%s without TAG: value %q, error %v\n", word, got, err)
	if got != "set TAG" || err != nil {
		os.Exit(1)
	}
}
GO
{
	go mod init example.org/finding
	go get "github.com/openshift/imagebuilder@$version"
	go mod tidy
	go build -o try .
} >log 2>&1 || { cat log; exit 2; }
echo "imagebuilder $version"
./try
