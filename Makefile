# The same commands run in CI: see .ci/run.
.PHONY: build test lint fuzz bench vscode generate sample oracle frontend-oracle fixtable mutants engine replay-oracle faults hostile conftest snapshot release

# The flags of a release; .goreleaser.yaml says why.
build: FLAGS = $(shell sed -n '/^ *gcflags:/,/^ *mod_timestamp:/s/^ *- "\(.*\)"$$/-gcflags="\1"/p' .goreleaser.yaml)
build:
	go -C tools run ./cmd/packpages
	go -C tools run ./cmd/leanbuildkit
	CGO_ENABLED=0 GOWORK=$(CURDIR)/bin/lean/go.work go build -mod=vendor -tags packed,purego -trimpath -ldflags='-s -w -funcalign=4' $(FLAGS) -o bin/dockvet ./cmd/dockvet

test:
	go test ./...
	go -C tools test ./...

lint:
	go vet ./...
	golangci-lint run

FUZZTIME ?= 60s
fuzz:
	sh tools/fuzz.sh $(FUZZTIME) $(TARGETS)

# The extension for VS Code, in editors/vscode/dockvet.vsix, and its tests against the server, with Microsoft's implementation of the
# protocol. Needs npm.
vscode: build
	cp LICENSE editors/vscode/
	cd editors/vscode && npm ci --ignore-scripts && npm run compile && DOCKVET=$(CURDIR)/bin/dockvet npm test && npm run package

# The ratios of speed that bind the design; CORPUS is a folder of Dockerfiles.
CORPUS ?= ../shared/corpus/dockerfiles
bench:
	go -C tools run ./cmd/bench -corpus $(abspath $(CORPUS))
	go test ./internal/lsp -run "^$$" -bench .

# Each fault that the TestFault tests are about fails on the revision that had it.
faults:
	sh tools/faults.sh

# ROT keeps the package indexes between runs; IMAGES is a git directory of docker-library/official-images, and CLONES has git directories
# OWNER+NAME/repo of the repositories that build these images. Without both the table of what
# images were built on stays as it is. What cannot be reached is skipped, and said.
ROT ?= $(or $(TMPDIR),/tmp)/dockvet-rottables
IMAGES ?=
CLONES ?=
generate:
	go -C tools run ./cmd/migration
	go -C tools run ./cmd/ruletable
	go -C tools run ./cmd/picture
	go -C tools run ./cmd/rottables -debian $(ROT) -images=$(IMAGES) -clones=$(CLONES)
	go test ./cmd/dockvet -run 'TestSchema|TestProjects' -update

# A hundred findings to judge by eye: make sample SEED=$(git rev-parse HEAD)
SEED ?= 1
sample:
	go -C tools run ./cmd/sample -corpus $(abspath $(CORPUS)) -seed $(SEED)

# plan.Equal against BuildKit over 50,000 mutated Dockerfiles.
PAIRS ?= 50000
oracle:
	ORACLE_PAIRS=$(PAIRS) go -C tools test . -run TestEqualIsSound -timeout 3h -v

# What the frontend refuses against BuildKit over VARIANTS generated Dockerfiles.
VARIANTS ?= 20000
frontend-oracle:
	FRONTEND_VARIANTS=$(VARIANTS) go -C tools test . -run TestFrontend -timeout 1h -v

# What fixing makes of CORPUS: findings left, builds that change, second runs, CPU time. Profile strict, so that every rule runs;
# FIXTABLE="-profile recommended" takes another, FIXTABLE=-v says which file fails.
fixtable:
	go -C tools run ./cmd/fixtable -corpus $(abspath $(CORPUS)) $(FIXTABLE)

# The same for MUTANTS files of CORPUS that were changed a little; FIXTABLE="-seed 2" takes others.
MUTANTS ?= 5000
mutants:
	go -C tools run ./cmd/fixtable -corpus $(abspath $(CORPUS)) -mutants $(MUTANTS) $(FIXTABLE)

# Fixes and build contexts against a real BuildKit, built from its module: needs root, and runc and busybox-static for RUN.
# ENGINE may be the folder of a buildkitd and a buildctl.
ENGINE ?= build
engine:
	ENGINE=$(ENGINE) go -C tools test ./engine -run TestEngine -count 1 -timeout 15m -v

# Which steps BuildKit takes from its cache over a generated history, against the replay: COMMITS for each row of the table in
# docs/replay.md. `make engine` takes a sample.
COMMITS ?= 5
replay-oracle:
	REPLAY_COMMITS=$(COMMITS) ENGINE=$(ENGINE) go -C tools test ./engine -run TestEngine/replay -count 1 -timeout 3h -v

# What generated input of every surface costs: HOSTILE="-run 'Dockerfile stage'" takes some, HOSTILE="-program FILE" runs another build.
HOSTILE ?=
hostile:
	go -C tools run ./cmd/hostile $(HOSTILE)

# The example in docs/facts.md with the conftest of its module, or with the program that CONFTEST names. Takes minutes to build.
CONFTEST ?= build
conftest:
	CONFTEST=$(CONFTEST) go -C tools test . -run TestConftest -count 1 -v

# What a release would publish, in dist/, and tests that install and run it. Nothing is published.
GORELEASER = go run github.com/goreleaser/goreleaser/v2@v2.16.0
snapshot:
	$(GORELEASER) release --snapshot --clean --skip=docker,sign
	go -C tools run ./cmd/npmpackages
	DIST=$(CURDIR)/dist go -C tools test ./release -count 1 -v

release:
	$(GORELEASER) release --clean
	go -C tools run ./cmd/npmpackages
