package ci

import (
	"fmt"
	"strings"
	"testing"

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
		for _, b := range File(c.name, []byte(c.text)) {
			got = append(got, short(b))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, s, c.want)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add(workflow, "jobs: {a: {strategy: {matrix: {a: [1]}}, steps: [{run: 'docker build ${{ matrix.a }}'}, {uses: docker/build-push-action@v1}]}}")
	f.Add(".gitlab-ci.yml", "a: &a {extends: a, script: [docker build ., *a]}")
	f.Add("cloudbuild.yaml", "steps: [{name: kaniko, args: [a]}, {name: docker, args: [build, $X]}]")
	f.Add("azure-pipelines.yml", "steps: [{script: docker build $(x)}, {task: Docker@2}]")
	f.Fuzz(func(t *testing.T, name, text string) {
		for _, b := range File(name, []byte(text)) {
			if b.Source.File != name {
				t.Errorf("%+v", b)
			}
		}
	})
}
