package reference_test

import (
	"testing"

	"github.com/dockvet/dockvet/internal/reference"
)

const digest = "sha256:0000000000000000000000000000000000000000000000000000000000000001"

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in             string
		want           reference.Ref
		name, official string
	}{
		{"python", reference.Ref{Registry: "docker.io", Repository: "library/python"}, "python", "python"},
		{"python:3.13", reference.Ref{Registry: "docker.io", Repository: "library/python", Tag: "3.13"}, "python", "python"},
		{"python:latest", reference.Ref{Registry: "docker.io", Repository: "library/python", Tag: "latest"}, "python", "python"},
		{"python@" + digest, reference.Ref{Registry: "docker.io", Repository: "library/python", Digest: digest}, "python", "python"},
		{"python:3.13@" + digest, reference.Ref{Registry: "docker.io", Repository: "library/python", Tag: "3.13", Digest: digest}, "python", "python"},
		{"library/python", reference.Ref{Registry: "docker.io", Repository: "library/python"}, "python", "python"},
		{"index.docker.io/library/python", reference.Ref{Registry: "docker.io", Repository: "library/python"}, "python", "python"},
		{"bitnami/redis:8", reference.Ref{Registry: "docker.io", Repository: "bitnami/redis", Tag: "8"}, "bitnami/redis", ""},
		{"mirror.gcr.io/library/node", reference.Ref{Registry: "mirror.gcr.io", Repository: "library/node"}, "mirror.gcr.io/library/node", "node"},
		{"public.ecr.aws/docker/library/node:22", reference.Ref{Registry: "public.ecr.aws", Repository: "docker/library/node", Tag: "22"}, "public.ecr.aws/docker/library/node", "node"},
		{"public.ecr.aws/library/node", reference.Ref{Registry: "public.ecr.aws", Repository: "library/node"}, "public.ecr.aws/library/node", ""},
		{"registry.example/library/node", reference.Ref{Registry: "registry.example", Repository: "library/node"}, "registry.example/library/node", ""},
		{"registry.example:5000/team/app:1", reference.Ref{Registry: "registry.example:5000", Repository: "team/app", Tag: "1"}, "registry.example:5000/team/app", ""},
		{"localhost/app", reference.Ref{Registry: "localhost", Repository: "app"}, "localhost/app", ""},
		{"docker.io/library/a/b", reference.Ref{Registry: "docker.io", Repository: "library/a/b"}, "a/b", ""},
	} {
		got, err := reference.Parse(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got != c.want || got.Name() != c.name || got.Official() != c.official {
			t.Errorf("%s: %+v, name %q, official %q; want %+v", c.in, got, got.Name(), got.Official(), c)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{"", "Python", "python:", "python:3 13", "python@sha256:1", "a//b", "-a", ":3", "${BASE}"} {
		if got, err := reference.Parse(in); err == nil {
			t.Errorf("%q: %+v, want an error", in, got)
		}
	}
}
