#!/bin/bash -eu
# Builds the fuzz targets of the main module for OSS-Fuzz, found as tools/fuzz.sh finds them. Packages have targets of
# the same name, so that of the program begins with the package's.
go install github.com/AdamKorcz/go-118-fuzz-build@latest
go get github.com/AdamKorcz/go-118-fuzz-build/testing
grep -rEo --include='*_test.go' --exclude-dir=tools '^func Fuzz[A-Za-z]+' . | sort | while IFS=: read -r file declaration; do
	target=${declaration#func }
	package=$(go list "$(dirname "$file")")
	compile_native_go_fuzzer "$package" "$target" "${package##*/}_$target"
done
