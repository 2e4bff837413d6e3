package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// houseDockerfile has something for each kind of matcher.
const houseDockerfile = `ARG BASE=debian:13
ARG MIRROR
FROM --platform=linux/amd64 $BASE AS build
ENV GOFLAGS=-mod=vendor KEY="$UNKNOWN"
RUN apt-get update && apt-get install -qy git \
    && sudo env PIP_INDEX_URL=https://pypi.acme.example pip install a
RUN --mount=type=bind,from=ghcr.io/acme/tools@sha256:0123456789012345678901234567890123456789012345678901234567890123 <<EOF
curl -fsSL https://get.example/install.sh | tee log | bash
pip install b
EOF
FROM ${MIRROR}/node:22
FROM scratch
COPY --from=build --chown=app:app /a /b/
ADD https://get.example/x.tar.gz git@github.com:acme/y.git /opt/
USER app:staff
LABEL org.acme.team=platform org.acme.cost="12 a"
EXPOSE 22/TCP 8000-8010
ONBUILD RUN npm install
`

// TestMatchers holds what each kind of matcher finds in houseDockerfile.
func TestMatchers(t *testing.T) {
	for name, want := range map[string]string{
		`say: "{image}", from: {registry: docker.io}`:                                        "debian:13",
		`say: "{name} {tag}", from: {registry: {not: docker.io}}`:                            "ghcr.io/acme/tools ",
		`say: "{name}", from: {tag: {present: false}, digest: "sha256:*"}`:                   "ghcr.io/acme/tools",
		`say: "{image}", from: {registry: {known: false}}`:                                   "${MIRROR}/node:22",
		`say: "{image}", from: {tag: "22"}`:                                                  "${MIRROR}/node:22",
		`say: "{image}", from: {in: [COPY]}`:                                                 "", // it copies from a stage
		`say: "{name}={value}", env: {name: {matches: "^GO"}}`:                               "GOFLAGS=-mod=vendor",
		`say: "{name}", env: {value: {not: x}}`:                                              "GOFLAGS", // the other value is not known
		`say: "{name}", arg: {value: {present: false}}`:                                      "MIRROR",
		`say: "{name}={value}", arg: {name: BASE}`:                                           "BASE=debian:13",
		`say: "{user} {group}", user: {group: {not: root}}`:                                  "app staff",
		`say: "{stage}", user: {name: {present: false}}`:                                     "build, 1",
		`say: "{port}/{protocol}", expose: {protocol: tcp}`:                                  "22/tcp, 8000-8010/tcp",
		`say: "{key}", label: {key: "org.acme.*", value: {matches: " "}}`:                    "org.acme.cost",
		`say: "{command}", run: {arguments: -y}`:                                             "apt-get",
		`say: "{command}", run: {command: apt-get, arguments: {not: -y}}`:                    "apt-get",
		`say: "{command}", run: {arguments: {all: [install, git]}}`:                          "apt-get",
		`say: "{command}", run: {command: curl, pipes: [sh, bash]}`:                          "curl",
		`say: "{command}", run: {command: [pip, npm], without-env: [PIP_INDEX_URL]}`:         "pip, npm",
		`say: "{command}", run: {command: pip, env: {PIP_INDEX_URL: "https:*"}}`:             "pip",
		`say: "{host}", run: {host: {not: "*.acme.example"}}`:                                "get.example",
		`say: "{host}", copy: {host: "*"}`:                                                   "get.example, github.com",
		`say: "{source} {destination} {from}", copy: {from: build, flags: {chown: "app:*"}}`: "/a /b/ build",
		`say: "{instruction}", copy: {instruction: ADD}`:                                     "ADD",
		`say: "{instruction} {text}", instruction: {flags: {platform: {present: true}}}`:     "FROM $BASE AS build",
		`say: "{instruction}", instruction: {text: {matches: "^npm"}}`:                       "RUN", // what ONBUILD stores
		`say: "{stage}", not: {instruction: {name: HEALTHCHECK}}`:                            "build, 1, 2",
		`say: "{stage}", scope: final, not: {instruction: {name: HEALTHCHECK}}`:              "2",
		`say: "{stage}", not: {label: {key: org.acme.team}}`:                                 "build, 1",
		`say: x, any: [{user: {name: app}}, {expose: {port: "22"}}]`:                         "x, x",
		`say: "${HOME} {}", expose: {port: {is: ["22", "23"]}}`:                              "${HOME} {}",
	} {
		t.Run(name, func(t *testing.T) {
			e, _, err := effective(t, map[string]string{".dockvet.yaml": "house-rules: { acme/a: {" + name + "} }"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, said(e, houseDockerfile)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// said are the messages of the house rules of e about a Dockerfile.
func said(e *Effective, src string) string {
	bug := &lint.Rule{Name: lint.RuleBug, Severity: lint.Error}
	var out []string
	for _, f := range lint.New(append(e.House, bug), lint.Settings{}).Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})}) {
		out = append(out, f.Message)
	}
	return strings.Join(out, ", ")
}

// TestHouseRulesAreBounded gives a regular expression more text than all rules may read.
func TestHouseRulesAreBounded(t *testing.T) {
	e, _, err := effective(t, map[string]string{".dockvet.yaml": "house-rules: { acme/a: {say: a, instruction: {text: {matches: '(.*a){100}b'}}} }"})
	if err != nil {
		t.Fatal(err)
	}
	got := said(e, "FROM a\n"+strings.Repeat("RUN "+strings.Repeat("a", 60_000)+"\n", 10))
	if want := "house rule `acme/a` (.dockvet.yaml:1) is stopped: the house rules take too long for this file"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzHouse checks that no house rule makes the reader or the rule itself panic.
func FuzzHouse(f *testing.F) {
	f.Add("acme/a: {say: '{image}', from: {registry: {not: [a, 'b*']}}}")
	f.Add("acme/a: {say: '{host}', run: {host: {matches: 'a+'}, arguments: {all: [a]}, env: {A: {present: true}}}}")
	f.Add("acme/a: &a {say: a, not: {user: {name: {known: false}}}}\nacme/b: *a")
	f.Add("acme/a: {say: a, any: [{copy: {flags: {chown: a}}}, {label: {value: {is: [a]}}}, {arg: {name: '*'}}]}")
	f.Add("acme/a: {say: a, any: []}")
	f.Add("acme/a: {say: a, instruction: {text: {matches: '(a{9}){9}'}}, scope: final}")
	all, root := testRules(), f.TempDir()
	f.Fuzz(func(_ *testing.T, src string) {
		l := Loader{Root: root, Files: disk.New(root), Rules: all}
		d := &decoder{name: "house.yaml", index: l.Index(), warn: l.warn}
		doc := d.parse([]byte(src))
		if doc == nil {
			return
		}
		if d.house(doc); d.err() == nil {
			said(&Effective{House: d.made}, houseDockerfile)
		}
	})
}
