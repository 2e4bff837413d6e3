#!/bin/bash -eu
# Builds the fuzz targets of the main module for OSS-Fuzz, found as tools/fuzz.sh finds them.
go install github.com/AdamKorcz/go-118-fuzz-build@latest
go get github.com/AdamKorcz/go-118-fuzz-build/testing
grep -rEo --include='*_test.go' --exclude-dir=tools '^func Fuzz[A-Za-z]+' . | sort | while IFS=: read -r file declaration; do
	target=${declaration#func }
	compile_native_go_fuzzer "$(go list "$(dirname "$file")")" "$target" "$target"
done
