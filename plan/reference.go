package plan

import (
	// A digest counts as valid only if the program holds its algorithm.
	_ "crypto/sha256"
	_ "crypto/sha512"
	"strings"

	"github.com/distribution/reference"
)

// Ref is a parsed image reference such as `python:3.13-slim`. It is declared here, and not in a package below internal/, because
// Image.Ref hands it to rule authors, who need its fields and methods.
type Ref struct {
	Registry   string // docker.io where none is written
	Repository string // as the registry knows it, such as library/python
	Tag        string // "" where none is written
	Digest     string // with its algorithm, "" where none is written
}

// ParseRef parses s as Docker does: without a registry it is an image of docker.io, and without a namespace there an official one
// (library). It fails where `docker pull` would refuse s.
func ParseRef(s string) (Ref, error) {
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

// Name is the reference without its tag and digest, as people write it: python, bitnami/redis, ghcr.io/astral-sh/uv.
func (r Ref) Name() string {
	switch {
	case r.Registry != "docker.io":
		return r.Registry + "/" + r.Repository
	case strings.HasPrefix(r.Repository, "library/"):
		return r.Repository[len("library/"):]
	}
	return r.Repository
}

// Official is the name of the Docker official image that r refers to, directly or through a mirror of Docker's library; "" for
// any other image.
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
