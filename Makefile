# The same commands run in CI: see .ci/run.
.PHONY: build test lint fuzz bench generate sample

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/dockvet ./cmd/dockvet

test:
	go test ./...
	go -C tools test ./...

lint:
	go vet ./...
	golangci-lint run

FUZZTIME ?= 60s
fuzz:
	go test ./parser -run '^$$' -fuzz FuzzParse -fuzztime $(FUZZTIME)
	go test ./plan -run '^$$' -fuzz FuzzNew -fuzztime $(FUZZTIME)
	go test ./shell -run '^$$' -fuzz FuzzRead -fuzztime $(FUZZTIME)
	go test ./lint -run '^$$' -fuzz FuzzLint -fuzztime $(FUZZTIME)

# The ratios of speed that bind the design; CORPUS is a folder of Dockerfiles.
CORPUS ?= ../shared/corpus/dockerfiles
bench:
	go -C tools run ./cmd/bench -corpus $(abspath $(CORPUS))

generate:
	go -C tools run ./cmd/migration
	go -C tools run ./cmd/ruletable
	go run ./cmd/dockvet config schema > dockvet.schema.json

# A hundred findings to judge by eye: make sample SEED=$(git rev-parse HEAD)
SEED ?= 1
sample:
	go -C tools run ./cmd/sample -corpus $(abspath $(CORPUS)) -seed $(SEED)
