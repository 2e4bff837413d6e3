#!/bin/bash -eu
# Builds the fuzz targets of `make fuzz` for OSS-Fuzz.
go install github.com/AdamKorcz/go-118-fuzz-build@latest
go get github.com/AdamKorcz/go-118-fuzz-build/testing
while read -r package target; do
	compile_native_go_fuzzer "github.com/dockvet/dockvet/$package" "$target" "$target"
done <<'TARGETS'
parser FuzzParse
parser FuzzPlain
plan FuzzNew
shell FuzzRead
lint FuzzLint
lint FuzzApplication
internal/fix FuzzFix
internal/config FuzzConfig
internal/compose FuzzLoad
TARGETS
