package plan_test

import (
	"testing"

	"github.com/dockvet/dockvet/plan"
)

const digest = "sha256:0000000000000000000000000000000000000000000000000000000000000001"

func TestParseRef(t *testing.T) {
	for _, c := range []struct {
		in             string
		want           plan.Ref
		name, official string
	}{
		{"python", plan.Ref{Registry: "docker.io", Repository: "library/python"}, "python", "python"},
		{"python:3.13", plan.Ref{Registry: "docker.io", Repository: "library/python", Tag: "3.13"}, "python", "python"},
		{"python:latest", plan.Ref{Registry: "docker.io", Repository: "library/python", Tag: "latest"}, "python", "python"},
		{"python@" + digest, plan.Ref{Registry: "docker.io", Repository: "library/python", Digest: digest}, "python", "python"},
		{"python:3.13@" + digest, plan.Ref{Registry: "docker.io", Repository: "library/python", Tag: "3.13", Digest: digest}, "python", "python"},
		{"library/python", plan.Ref{Registry: "docker.io", Repository: "library/python"}, "python", "python"},
		{"index.docker.io/library/python", plan.Ref{Registry: "docker.io", Repository: "library/python"}, "python", "python"},
		{"bitnami/redis:8", plan.Ref{Registry: "docker.io", Repository: "bitnami/redis", Tag: "8"}, "bitnami/redis", ""},
		{"mirror.gcr.io/library/node", plan.Ref{Registry: "mirror.gcr.io", Repository: "library/node"}, "mirror.gcr.io/library/node", "node"},
		{"public.ecr.aws/docker/library/node:22", plan.Ref{Registry: "public.ecr.aws", Repository: "docker/library/node", Tag: "22"}, "public.ecr.aws/docker/library/node", "node"},
		{"public.ecr.aws/library/node", plan.Ref{Registry: "public.ecr.aws", Repository: "library/node"}, "public.ecr.aws/library/node", ""},
		{"registry.example/library/node", plan.Ref{Registry: "registry.example", Repository: "library/node"}, "registry.example/library/node", ""},
		{"registry.example:5000/team/app:1", plan.Ref{Registry: "registry.example:5000", Repository: "team/app", Tag: "1"}, "registry.example:5000/team/app", ""},
		{"localhost/app", plan.Ref{Registry: "localhost", Repository: "app"}, "localhost/app", ""},
		{"docker.io/library/a/b", plan.Ref{Registry: "docker.io", Repository: "library/a/b"}, "a/b", ""},
	} {
		got, err := plan.ParseRef(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got != c.want || got.Name() != c.name || got.Official() != c.official {
			t.Errorf("%s: %+v, name %q, official %q; want %+v", c.in, got, got.Name(), got.Official(), c)
		}
	}
}

func TestParseRefRefuses(t *testing.T) {
	for _, in := range []string{"", "Python", "python:", "python:3 13", "python@sha256:1", "a//b", "-a", ":3", "${BASE}"} {
		if got, err := plan.ParseRef(in); err == nil {
			t.Errorf("%q: %+v, want an error", in, got)
		}
	}
}
