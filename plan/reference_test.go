package plan_test

import (
	_ "crypto/sha512" // package digest only knows the algorithms that the program has
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/distribution/reference"

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
		{"registry.example/docker-remote/node:24", plan.Ref{Registry: "registry.example", Repository: "docker-remote/node", Tag: "24"}, "registry.example/docker-remote/node", "node"},
		{"registry.example/a/dockerhub_proxy/library/node", plan.Ref{Registry: "registry.example", Repository: "a/dockerhub_proxy/library/node"}, "registry.example/a/dockerhub_proxy/library/node", "node"},
		{"docker-hub.registry.example/node", plan.Ref{Registry: "docker-hub.registry.example", Repository: "node"}, "docker-hub.registry.example/node", "node"},
		{"registry.example/g/dependency_proxy/containers/node", plan.Ref{Registry: "registry.example", Repository: "g/dependency_proxy/containers/node"}, "registry.example/g/dependency_proxy/containers/node", "node"},
		{"registry.example/docker/node", plan.Ref{Registry: "registry.example", Repository: "docker/node"}, "registry.example/docker/node", ""},
		{"registry.example/docker-remote/team/node", plan.Ref{Registry: "registry.example", Repository: "docker-remote/team/node"}, "registry.example/docker-remote/team/node", ""},
		{"registry.example/docker-local/node", plan.Ref{Registry: "registry.example", Repository: "docker-local/node"}, "registry.example/docker-local/node", ""},
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

// TestParseRefIsReference holds ParseRef against package reference, over references put together from pieces.
func TestParseRefIsReference(t *testing.T) {
	pieces := []string{
		"a", "b1", "node", "library", "docker.io", "index.docker.io", "localhost", "host.example", "A", "Z9", "0", "5000", "latest", "3.13",
		"/", "/", ":", ":", ".", "-", "_", "__", "--", "@", "@" + digest, "$", "[::1]", " ", "é", "", strings.Repeat("x", 50),
		strings.Repeat("0", 64), strings.Repeat("y", 130), "@sha512:" + strings.Repeat("a", 128), "sha384:", "@SHA256:", ":1.0-a_b",
		"a__b.c", "a.-b", "host.example:5000/", "[::1]:80/", "Upper/", "-a", "docker.io/library/",
	}
	r := rand.New(rand.NewPCG(1, 2))
	valid := 0
	for range 200_000 {
		var b strings.Builder
		for range 1 + r.IntN(8) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		in := b.String()
		want, wantErr := reference.ParseNormalizedNamed(in)
		got, err := plan.ParseRef(in)
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("%q: error %v, want %v", in, err, wantErr)
		}
		if err != nil {
			continue
		}
		valid++
		tag, sum := "", ""
		if digested, ok := want.(reference.Digested); ok {
			sum = digested.Digest().String()
		}
		if tagged, ok := want.(reference.Tagged); ok {
			tag = tagged.Tag()
		}
		if got.Registry != reference.Domain(want) || got.Repository != reference.Path(want) || got.Tag != tag || got.Digest != sum {
			t.Fatalf("%q: %+v, want %s", in, got, want)
		}
	}
	if valid < 1000 {
		t.Errorf("only %d of the references are valid", valid)
	}
}
