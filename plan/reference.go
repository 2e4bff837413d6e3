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
	if r, ok := plainRef(s); ok {
		return r, nil
	}
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

// plainRef reads the common references, in small letters and without a digest, as package reference does, and nearly all are.
// It says nothing about others. The expression that the package matches takes as long as all that is parsed of a FROM.
func plainRef(s string) (Ref, bool) {
	if len(s) > 120 || len(s) == 64 { // 64 digits are the ID of an image
		return Ref{}, false
	}
	name, tag := s, ""
	slash := strings.LastIndexByte(s, '/')
	if i := strings.IndexByte(s[slash+1:], ':'); i >= 0 {
		name, tag = s[:slash+1+i], s[slash+2+i:]
		if !plainTag(tag) {
			return Ref{}, false
		}
	}
	r := Ref{Registry: "docker.io", Repository: name, Tag: tag}
	if first, rest, ok := strings.Cut(name, "/"); ok && (first == "localhost" || strings.ContainsAny(first, ".:")) {
		host, port, hasPort := strings.Cut(first, ":")
		if hasPort && (port == "" || strings.Trim(port, "0123456789") != "") || !plainParts(host, '.', "-") ||
			first == "docker.io" || first == "index.docker.io" {
			return Ref{}, false
		}
		r.Registry, r.Repository = first, rest
	}
	if !plainParts(r.Repository, '/', "._-") {
		return Ref{}, false
	}
	if r.Registry == "docker.io" && !strings.Contains(r.Repository, "/") {
		r.Repository = "library/" + r.Repository
	}
	return r, true
}

func plainTag(tag string) bool {
	for i := range len(tag) {
		c := tag[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return tag != ""
}

// plainParts reports whether each part of s, between two bytes sep, consists of small letters and digits with single bytes of
// inner between them.
func plainParts(s string, sep byte, inner string) bool {
	word := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			word = true
		case !word || c != sep && strings.IndexByte(inner, c) < 0:
			return false
		default:
			word = false
		}
	}
	return word
}
