// Package reference reads image references such as `python:3.13-slim` and says which image they mean, through mirrors.
package reference

import (
	// A digest counts as valid only if the program holds its algorithm.
	_ "crypto/sha256"
	_ "crypto/sha512"
	"strings"

	"github.com/distribution/reference"
)

// Ref is a parsed image reference.
type Ref struct {
	Registry   string // docker.io where none is written
	Repository string // as the registry knows it, such as library/python
	Tag        string // "" where none is written
	Digest     string // with its algorithm, "" where none is written
}

// Parse reads s as Docker does: no registry means docker.io, no namespace there means library.
func Parse(s string) (Ref, error) {
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return Ref{}, err
	}
	r := Ref{Registry: reference.Domain(named), Repository: reference.Path(named)}
	if t, ok := named.(reference.Tagged); ok {
		r.Tag = t.Tag()
	}
	if d, ok := named.(reference.Digested); ok {
		r.Digest = d.Digest().String()
	}
	return r, nil
}

// Name is the reference without tag and digest as people write it: python, bitnami/redis, ghcr.io/astral-sh/uv.
func (r Ref) Name() string {
	switch {
	case r.Registry != "docker.io":
		return r.Registry + "/" + r.Repository
	case strings.HasPrefix(r.Repository, "library/"):
		return r.Repository[len("library/"):]
	}
	return r.Repository
}

// Official is the name of the Docker official image that r means, directly or through a mirror of the library, or "".
func (r Ref) Official() string {
	repo := r.Repository
	switch r.Registry {
	case "docker.io", "mirror.gcr.io":
	case "public.ecr.aws":
		var ok bool
		if repo, ok = strings.CutPrefix(repo, "docker/"); !ok {
			return ""
		}
	default:
		return ""
	}
	if name, ok := strings.CutPrefix(repo, "library/"); ok && !strings.Contains(name, "/") {
		return name
	}
	return ""
}
