package ci

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/plan"
)

// short is b on one line: line, context, Dockerfile, target; what is not known is ?.
func short(b described.Build) string {
	show := func(v plan.Value) string {
		if !v.Known {
			return "?"
		}
		return strings.Replace(v.Text, described.Root, "ROOT", 1)
	}
	out := fmt.Sprintf("%d %s %s", b.Source.Line, show(b.Context), show(b.Dockerfile))
	if !b.Target.Known || b.Target.Text != "" {
		out += " " + show(b.Target)
	}
	if b.Builder != described.BuildKit {
		out += " " + string(b.Builder)
	}
	return out
}

const (
	workflow = ".github/workflows/a.yml"
	steps    = "jobs: {a: {steps: [\n"
)

func TestFile(t *testing.T) {
	for _, c := range []struct{ what, name, text, want string }{
		{"without a context it is the repository", workflow, steps + "{uses: docker/build-push-action@v6}]}}", "2 . Dockerfile"},
		{"an expression", workflow, "jobs: {a: {steps: [{uses: docker/build-push-action@v6, with: {context: '${{ inputs.x }}', file: a}}]}}", "1 ? a"},
		{
			"a part of the repository", workflow,
			steps + "{uses: docker/build-push-action@v6, with: {context: '{{defaultContext}}:sub', target: x}}]}}", "2 sub sub/Dockerfile x",
		},
		{"an address", workflow, steps + "{uses: docker/build-push-action@v6, with: {context: 'https://github.com/a/b.git'}}]}}", ""},
		{"a matrix", workflow, `
jobs:
  a:
    strategy:
      matrix:
        dir: [a, b]
        v: [1]
        exclude: [{dir: b}]
        include:
          - {dir: c, file: F}
          - {v: 1, file: G}
    env: {D: "${{ matrix.dir }}"}
    steps:
      - uses: docker/build-push-action@v6
        with: {context: "${{ env.D }}", file: "${{ matrix.dir }}/${{ matrix.file }}"}
`, "14 a a/G, 14 c c/F"},
		{"a matrix that a job makes", workflow, `
jobs:
  a:
    strategy: {matrix: {include: "${{ fromJSON(needs.x.outputs.y) }}"}}
    steps:
      - uses: docker/build-push-action@v6
        with: {context: "${{ matrix.dir }}", file: x}
`, "6 ? x"},
		{"a checkout at a path", workflow, steps + `{uses: actions/checkout@v4, with: {path: src}},
{uses: docker/build-push-action@v6, with: {context: src, file: src/docker/Dockerfile}},
{uses: docker/build-push-action@v6, with: {context: other}},
{run: docker build ., working-directory: src/sub},
{run: docker build .}]}}`, "3 . docker/Dockerfile, 4 ../other ../other/Dockerfile, 5 sub sub/Dockerfile, 6 .. ../Dockerfile"},
		{"a matrix in a circle", workflow, "jobs: {a: {strategy: {matrix: {include: [&a {x: *a}]}}, steps: [{run: docker build .}]}}", ""},
		{"another repository in its place", workflow, steps + "{uses: actions/checkout@v4, with: {repository: a/b}}, {run: docker build .}]}}", ""},
		{"lines of shell", workflow, `
defaults: {run: {working-directory: app}}
jobs:
  a:
    steps:
      - run: |
          set -e
          docker build -t x:${{ github.sha }} -f Dockerfile.prod $GITHUB_WORKSPACE
      - run: docker build .
        working-directory: ${{ github.workspace }}/b
      - run: docker build .
        shell: pwsh
      - run: docker build ${{ inputs.flags }} .
`, "8 ROOT app/Dockerfile.prod, 9 ROOT/b ROOT/b/Dockerfile, 13 app ?"},
		{"buildah", workflow, steps + "{uses: redhat-actions/buildah-build@v2, with: {containerfiles: ./Containerfile}}]}}", "2 . Containerfile buildah"},

		{"GitLab", ".gitlab-ci.yml", `
variables: {DIR: app}
.base:
  before_script: [cd $DIR]
build:
  extends: .base
  variables: {F: $DIR.Dockerfile}
  script:
    - echo a
    - docker build -f $F .
kaniko:
  image: {name: gcr.io/kaniko-project/executor, entrypoint: [""]}
  parallel: {matrix: [{S: [a, b]}]}
  script:
    - /kaniko/executor --context "$CI_PROJECT_DIR/$S" --dockerfile "${CI_PROJECT_DIR}/$S/Dockerfile" --destination x
`, "10 app app/app.Dockerfile, 15 ROOT/a ROOT/a/Dockerfile kaniko, 15 ROOT/b ROOT/b/Dockerfile kaniko"},
		{"GitLab, anchors", ".gitlab-ci.yml", `
variables: &all {D: app, B: podman --log-level debug}
.base: &base
  variables: {<<: *all, F: x}
  script: &lines
    - $B build -f $F $D
job: {<<: *base, variables: {<<: *all, F: y}}
other:
  <<: [*base]
  script: [*lines, docker build .]
`, "6 app x buildah, 6 app y buildah, 6 app x buildah, 10 . Dockerfile"},
		{
			"GitLab, variables of variables", ".gitlab-ci.yml", "variables: {A: $B/x, B: $C, C: $D, D: d, E: $E$E}\na: {script: ['docker build -f f $A', 'docker build -f f $E']}",
			"2 d/x f, 2 ? f",
		},
		{"GitLab, a variable of the project", ".gitlab-ci.yml", "a: {script: ['docker build -f $F $CTX']}", "1 ? ?"},

		{"Cloud Build", "cloudbuild.yaml", `
steps:
  - name: gcr.io/cloud-builders/docker
    args: [build, -t, x, -f, "docker/${_F}", .]
  - name: gcr.io/cloud-builders/docker
    dir: sub
    entrypoint: bash
    args:
      - -c
      - |
        docker build -t $$X .
  - name: gcr.io/kaniko-project/executor
    args: [--destination=x, --dockerfile=a/Dockerfile, "--context=dir:///workspace/"]
  - name: gcr.io/cloud-builders/gcloud
    args: [docker, build, .]
substitutions: {_F: F}
`, "4 . docker/F, 11 sub sub/Dockerfile, 13 ROOT ROOT/a/Dockerfile kaniko"},

		{"Azure", "azure-pipelines.yml", `
variables: [{name: dir, value: src/web}]
stages:
  - stage: a
    jobs:
      - job: b
        steps:
          - task: Docker@2
            inputs: {command: buildAndPush, Dockerfile: $(dir)/Dockerfile}
          - task: Docker@2
            inputs: {command: build, Dockerfile: "**/Dockerfile"}
          - task: Docker@2
            inputs: {command: build, Dockerfile: $(other)/Dockerfile, buildContext: .}
          - script: docker build -t x $(Build.SourcesDirectory)/$(dir)
`, "8 src/web src/web/Dockerfile, 12 . ?, 14 ROOT/src/web ROOT/src/web/Dockerfile"},
	} {
		var got []string
		for _, b := range new(Repository).File(c.name, []byte(c.text)) {
			got = append(got, short(b))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, s, c.want)
		}
	}
}

// TestParts reads files that call or include others.
func TestParts(t *testing.T) {
	const caller = ".github/workflows/release.yml"
	for _, c := range []struct {
		what, name, files, want, parts string
	}{
		{
			"a reusable workflow", caller, `
-- .github/workflows/release.yml --
on: push
jobs:
  a:
    strategy: {matrix: {dir: [x, y]}}
    uses: ./.github/workflows/build.yml
    with: {dir: "${{ matrix.dir }}", target: prod, args: "A=1\nB=${{ github.sha }}"}
  b:
    uses: ./.github/workflows/build.yml
    with: {dir: "${{ vars.DIR }}"}
-- .github/workflows/build.yml --
on:
  workflow_call:
    inputs:
      dir: {type: string}
      file: {type: string, default: Dockerfile}
      target: {type: string}
      args: {type: string}
      push: {type: boolean}
jobs:
  build:
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: ${{ inputs.dir }}
          file: ${{ inputs.dir || 'other' }}/${{ inputs.File }}
          target: ${{ inputs.target }}
          build-args: |
            ${{ inputs.args }}
            C=${{ inputs.push }}
`, "5 x x/Dockerfile prod A=1 B=? C=false, 5 y y/Dockerfile prod A=1 B=? C=false, 8 ? ? C=false", ".github/workflows/build.yml",
		},
		{"a reusable workflow by itself", ".github/workflows/b.yml", `
-- .github/workflows/b.yml --
on: {workflow_call: {inputs: {dir: {default: x}}}}
jobs: {a: {steps: [{run: "docker build -f x ${{ inputs.dir }}"}]}}
`, "2 ? x", ""},
		{"one that also starts by itself", caller, `
-- .github/workflows/release.yml --
jobs: {a: {uses: ./.github/workflows/b.yml}}
-- .github/workflows/b.yml --
on: {workflow_call: {inputs: {dir: {default: x}}}, push: {}}
jobs: {a: {steps: [{run: "docker build ${{ inputs.dir }}"}]}}
`, "1 x x/Dockerfile", ""},
		{"a matrix from an input", caller, `
-- .github/workflows/release.yml --
jobs:
  a: {uses: ./.github/workflows/b.yml, with: {dirs: '["x", "y"]', all: '[{"d": "z", "n": 1}]'}}
-- .github/workflows/b.yml --
on: {workflow_call: {inputs: {dirs: {}, all: {}}}}
jobs:
  a: {strategy: {matrix: {dir: "${{ fromJSON(inputs.dirs) }}"}}, steps: [{run: "docker build ${{ matrix.dir }}"}]}
  b: {strategy: {matrix: {include: "${{ fromJSON(inputs.all) }}"}}, steps: [{run: "docker build -f ${{ matrix.n }} ${{ matrix.d }}"}]}
`, "2 x x/Dockerfile, 2 y y/Dockerfile, 2 z 1", ".github/workflows/b.yml"},
		{"in a circle", caller, `
-- .github/workflows/release.yml --
on: workflow_call
jobs: {a: {uses: ./.github/workflows/release.yml}, b: {steps: [{run: docker build .}, {uses: ./a}]}}
-- a/action.yml --
runs: {using: composite, steps: [{uses: ./a}]}
`, "2 . Dockerfile", ""},
		{"aliases and references in a circle", ".gitlab-ci.yml", `
-- .gitlab-ci.yml --
a: {script: [echo docker build ., !reference [a, script], !reference [a, script], !reference [a, script], !reference [a, script], !reference [a, script]]}
include: [b.yml, c.yml]
-- b.yml --
b: &b {script: [docker build x], x: *b}
-- c.yml --
include: c.yml
extends: [extends, extends]
`, "", "c.yml"},
		{"not there", caller, `
-- .github/workflows/release.yml --
jobs: {a: {uses: ./.github/workflows/b.yml}, b: {steps: [{uses: ./b}]}, c: {uses: ./../b.yml}, d: {uses: a/b/.github/workflows/c.yml@v1}}
`, "", ""},
		{"a local action", caller, `
-- .github/workflows/release.yml --
jobs:
  a:
    steps:
      - uses: actions/checkout@v4
        with: {path: src}
      - uses: ./src/.github/actions/image
        with: {name: web}
        env: {D: docker}
-- .github/actions/image/action.yaml --
inputs: {name: {required: true}, target: {default: prod}}
runs:
  using: composite
  steps:
    - uses: docker/build-push-action@v6
      with: {context: src, file: "src/${{ env.D }}/${{ inputs.name }}.Dockerfile", target: "${{ inputs.target }}"}
    - run: docker build "$GITHUB_ACTION_PATH"
      shell: bash
    - run: docker build ${{ github.action_path }}/x
      shell: bash
`, "6 . docker/web.Dockerfile prod, 6 ROOT/.github/actions/image ROOT/.github/actions/image/Dockerfile, " +
			"6 ROOT/.github/actions/image/x ROOT/.github/actions/image/x/Dockerfile", ""},
		{"an action in a container", "lint/action.yml", `
-- lint/action.yml --
runs:
  using: docker
  image: docker/Dockerfile
`, "3 lint/docker lint/docker/Dockerfile", ""},
		{"an action in an image", "action.yml", `
-- action.yml --
runs: {using: docker, image: docker://alpine}
`, "", ""},
		{"Docker's workflows", caller, `
-- .github/workflows/release.yml --
jobs:
  a:
    uses: docker/github-builder/.github/workflows/build.yml@v1
    with: {context: sub, target: x, build-args: A=1}
  b:
    uses: docker/github-builder/.github/workflows/bake.yml@v1
    with: {context: sub, target: y, vars: V=1, set: "*.context=z"}
  c:
    uses: docker/github-builder/.github/workflows/build.yml@v1
`, "3 sub sub/Dockerfile x A=1, 6 sub bake y set *.context=z with V=1, 9 . Dockerfile", ""},

		{"GitLab", ".gitlab-ci.yml", `
-- .gitlab-ci.yml --
include:
  - local: /ci/base.yml
  - {local: ci/jobs.yml, inputs: {dir: web}}
  - {project: a/b, file: /c.yml}
variables: {F: own.Dockerfile}
image:
  extends: .image
  variables: {CTX: app}
other:
  script: [cd x, !reference [.image, script]]
-- ci/base.yml --
variables: {F: base.Dockerfile, CTX: base}
.image:
  script:
    - docker build -f $F $CTX
-- ci/jobs.yml --
spec:
  inputs:
    dir: {}
    stage: {default: prod}
---
job:
  script: docker build --target $[[ inputs.stage ]] -f x $[[ inputs.dir ]]
image: {variables: {CTX: no}}
child:
  trigger: {include: [{local: ci/child.yml}]}
  variables: {V: passed}
-- ci/child.yml --
a: {script: "docker build $V"}
`, "ci/base.yml:4 base own.Dockerfile, ci/jobs.yml:7 web x prod, ci/base.yml:4 app own.Dockerfile, ci/child.yml:1 passed passed/Dockerfile, " +
			"ci/base.yml:4 x/base x/own.Dockerfile", "ci/base.yml ci/child.yml ci/jobs.yml"},

		{"Azure", "azure-pipelines.yml", `
-- azure-pipelines.yml --
variables:
  - template: ci/vars.yml
  - {name: F, value: own}
stages:
  - template: ci/stage.yml@self
    parameters: {dir: app}
  - template: x.yml@other
-- ci/vars.yml --
variables: {V: v}
-- ci/stage.yml --
parameters:
  - {name: dir, default: no}
  - {name: file, default: Dockerfile}
stages:
  - jobs:
      - job: a
        steps:
          - template: steps/step.yml
            parameters: {dir: "${{ parameters.dir }}"}
-- ci/steps/step.yml --
parameters: {dir: no}
steps:
  - script: docker build -f $(F) ${{ parameters.dir }}/$(V)
  - script: docker build -f ${{ parameters.file }} .
`, "5 app/v own, 5 . ?", "ci/stage.yml ci/steps/step.yml ci/vars.yml"},
	} {
		files := map[string][]byte{}
		for _, f := range txtar.Parse([]byte(c.files)).Files {
			files[f.Name] = f.Data
		}
		r := Repository{Open: func(name string) []byte { return files[name] }}
		var got []string
		for _, b := range r.File(c.name, files[c.name]) {
			line := short(b)
			if b.Source.File != c.name {
				line = b.Source.File + ":" + line
			}
			if x := b.From; x != nil {
				line = fmt.Sprintf("%d %s %s %s set %s with %s", b.Source.Line, b.Context.Text, x.Kind, x.Targets[0].Text, x.Set[0].Text, x.Vars[0].Text)
			}
			for _, name := range slices.Sorted(maps.Keys(b.Args)) {
				v := b.Args[name]
				if !v.Known {
					v.Text = "?"
				}
				line += " " + name + "=" + v.Text
			}
			got = append(got, line)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, s, c.want)
		}
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if r.IsPart(name) {
				parts = append(parts, name)
			}
		}
		if s := strings.Join(parts, " "); s != c.parts {
			t.Errorf("%s: parts: got %s, want %s", c.what, s, c.parts)
		}
	}
}

func TestEvaluate(t *testing.T) {
	known := described.Known
	s := scope{inputs: map[string]plan.Value{"a": known("x"), "b-c": known(""), "yes": known("true"), "no": known("false"), "u": {}}}
	for text, want := range map[string]string{
		"'it''s'": "it's", "inputs.A": "x", "inputs.b-c || 'd'": "d", " ( inputs.a ) ": "x", "inputs.u || 'd'": "?", "inputs.a || inputs.u": "x",
		"inputs.a != 'X' && inputs.a || '.'": ".", "inputs.a == 'x' && 'y' || 'n'": "y", "!inputs.no && 'y'": "y", "inputs.u && 'y' || 'n'": "?",
		"inputs.no && inputs.u || 'n'": "n", "format('{0}', inputs.a)": "?", "contains(inputs.a, 'x') && 'a' || 'b'": "?", "f(": "?", "'a": "?",
		"inputs.yes == true && 1": "1", "(inputs.a": "?", "inputs.a)": "?", "": "?", "inputs['a']": "?", "a.*.b": "?", "null || 'a'": "a",
		strings.Repeat("(", 5000): "?", strings.Repeat("!", 5000) + "'a'": "?", "inputs.b-c == '' && 'e'": "e",
	} {
		v := s.evaluate(text)
		if !v.Known {
			v.Text = "?"
		}
		if v.Text != want {
			t.Errorf("%.80s: got %s, want %s", text, v.Text, want)
		}
	}
}

// TestWork reads workflows that call each other far more often than anyone would.
func TestWork(t *testing.T) {
	var text strings.Builder
	text.WriteString("on: workflow_call\njobs:\n")
	for i := range 500 {
		fmt.Fprintf(&text, "  j%d: {uses: ./.github/workflows/a.yml, strategy: {matrix: {a: [1, 2, 3], b: [1, 2, 3]}}}\n", i)
	}
	fmt.Fprintf(&text, "  z: {strategy: {matrix: {a: [%s]}}, steps: [%s]}\n", strings.Repeat("1, ", 200), strings.Repeat("{run: docker build a b}, ", 5000))
	r := Repository{Open: func(string) []byte { return []byte(text.String()) }}
	start := time.Now()
	if got := r.File(workflow, []byte(text.String())); len(got) > described.MaxBuilds {
		t.Errorf("%d builds", len(got))
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

func FuzzFile(f *testing.F) {
	f.Add(workflow, "jobs: {a: {strategy: {matrix: {a: [1]}}, steps: [{run: 'docker build ${{ matrix.a }}'}, {uses: docker/build-push-action@v1}]}}")
	f.Add(".gitlab-ci.yml", "a: &a {extends: a, script: [docker build ., *a]}")
	f.Add("cloudbuild.yaml", "steps: [{name: kaniko, args: [a]}, {name: docker, args: [build, $X]}]")
	f.Add("azure-pipelines.yml", "steps: [{script: docker build $(x)}, {task: Docker@2}]")
	f.Add(".gitlab-ci.yml", "spec: {}\n---\ninclude: [{local: a, inputs: {x: y}}]\na: {script: [docker build $[[ inputs.x ]], !reference [a, script]]}")
	f.Add("azure-pipelines.yml", "parameters: {x: y}\nsteps: [{template: a, parameters: {x: '${{ parameters.x }}'}}, {script: docker build}]")
	f.Add(workflow, "on: workflow_call\njobs: {a: {uses: ./a, with: {x: '${{ inputs.x || fromJSON(inputs.y) }}'}}, b: {steps: [{uses: ./b}]}}\nruns: {using: composite}")
	f.Fuzz(func(t *testing.T, name, text string) {
		r := Repository{Open: func(string) []byte { return []byte(text) }}
		for _, b := range r.File(name, []byte(text)) {
			if b.Source.File != name && !r.IsPart(b.Source.File) {
				t.Errorf("%+v", b)
			}
		}
	})
}
