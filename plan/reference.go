package plan

import (
	"errors"
	"strings"
)

// Ref is a parsed image reference such as `python:3.13-slim`. It is declared here, and not in a package below internal/, because
// Image.Ref hands it to rule authors, who need its fields and methods.
type Ref struct {
	Registry   string // docker.io where none is written
	Repository string // as the registry knows it, such as library/python
	Tag        string // "" where none is written
	Digest     string // with its algorithm, "" where none is written
}

// What is wrong with a reference, in the words of Docker.
var (
	errReference = errors.New("invalid reference format")
	errUppercase = errors.New("invalid reference format: repository name must be lowercase")
	errImageID   = errors.New("invalid repository name: it looks like the ID of an image")
	errTooLong   = errors.New("repository name must not be more than 255 characters")
)

// ParseRef parses s as Docker does: without a registry it is an image of docker.io, and without a namespace there an official one
// (library). It fails where `docker pull` would refuse s.
func ParseRef(s string) (Ref, error) {
	if len(s) == 64 && hexadecimal(s) {
		return Ref{}, errImageID
	}
	r := Ref{Registry: "docker.io"}
	rest := s
	if first, after, ok := strings.Cut(s, "/"); ok {
		switch {
		case first == "index.docker.io":
			rest = after
		case first == "localhost", strings.ContainsAny(first, ".:"), strings.ToLower(first) != first:
			r.Registry, rest = first, after
		}
	}
	rest, digest, hasDigest := strings.Cut(rest, "@")
	rest, tag, hasTag := strings.Cut(rest, ":")
	switch {
	case strings.ToLower(rest) != rest:
		return Ref{}, errUppercase
	case hasDigest && !validDigest(digest), hasTag && !validTag(tag):
		return Ref{}, errReference
	}
	r.Repository, r.Tag, r.Digest = rest, tag, digest
	if r.Registry == "docker.io" && !strings.Contains(rest, "/") {
		r.Repository = "library/" + rest
	}
	if !validRegistry(r.Registry) { // it may be a part of the name nonetheless, as in a__b.c/d
		r.Registry, r.Repository = "", r.Registry+"/"+r.Repository
	}
	switch {
	case !validRepository(r.Repository):
		return Ref{}, errReference
	case len(r.Repository) > 255:
		return Ref{}, errTooLong
	}
	return r, nil
}

// canonical is the reference with all its parts; that of the tag latest if it has neither tag nor digest.
func (r Ref) canonical() string {
	s := r.Repository
	if r.Registry != "" {
		s = r.Registry + "/" + s
	}
	if r.Tag == "" && r.Digest == "" {
		return s + ":latest"
	}
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest
	}
	return s
}

// Name is the reference without its tag and digest, as people write it: python, bitnami/redis, ghcr.io/astral-sh/uv.
//
//go:noinline
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
// any other image. A mirror is also a repository of another registry that says by its name that it passes on Docker Hub, as
// in registry.example.com/docker-remote/python.
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
		dir, name := cutLast(repo)
		dir = strings.TrimSuffix(strings.TrimSuffix(dir, "library"), "/")
		_, proxy := cutLast(dir)
		if dir == "" {
			proxy, _, _ = strings.Cut(r.Registry, ".") // docker-remote.example.com/python
		}
		if passesOn(proxy) || strings.HasSuffix(dir, "/dependency_proxy/containers") {
			return name
		}
		return ""
	}
	if name, ok := strings.CutPrefix(repo, "library/"); ok && !strings.Contains(name, "/") {
		return name
	}
	return ""
}

// cutLast cuts name at its last slash; last is the whole name if it has none.
func cutLast(name string) (dir, last string) {
	i := strings.LastIndexByte(name, '/')
	return name[:max(i, 0)], name[i+1:]
}

// passesOn reports whether a name is one that registries give to what they fetch from Docker Hub: docker-remote,
// dockerhub-proxy, docker.io.
func passesOn(name string) bool {
	if !strings.HasPrefix(name, "docker") {
		return false // as nearly always
	}
	name = strings.NewReplacer("_", "-", ".", "-").Replace(name)
	hub := false
	for _, start := range [...]string{"docker-hub", "dockerhub", "docker-io"} {
		if rest, ok := strings.CutPrefix(name, start); ok {
			name, hub = rest, true
			break
		}
	}
	if !hub {
		name = strings.TrimPrefix(name, "docker")
	}
	switch name {
	case "":
		return hub
	case "-remote", "-proxy", "-mirror", "-cache", "-remote-cache", "-proxy-cache", "-remote-repos":
		return true
	}
	return false
}

func validTag(tag string) bool {
	for i := range len(tag) {
		c := tag[i]
		if !letter(c) && !digit(c) && c != '_' && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return tag != "" && len(tag) <= 128
}

// validDigest reports whether s is a digest of one of the algorithms that Docker has.
func validDigest(s string) bool {
	algorithm, sum, _ := strings.Cut(s, ":")
	size := 0
	switch algorithm {
	case "sha256":
		size = 64
	case "sha384":
		size = 96
	case "sha512":
		size = 128
	}
	return size > 0 && len(sum) == size && hexadecimal(sum)
}

func hexadecimal(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// validRegistry reports whether s is the name or the address of a host, with or without a port.
func validRegistry(s string) bool {
	host := s
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		port := s[i+1:]
		if host = s[:i]; port == "" || strings.Trim(port, "0123456789") != "" {
			return false
		}
	}
	if address, ok := strings.CutPrefix(host, "["); ok {
		address, ok = strings.CutSuffix(address, "]")
		return ok && address != "" && strings.Trim(address, "0123456789abcdefABCDEF:") == ""
	}
	for label := range strings.SplitSeq(host, ".") {
		for i := range len(label) {
			inside := i > 0 && i < len(label)-1
			if c := label[i]; !letter(c) && !digit(c) && (c != '-' || !inside) {
				return false
			}
		}
		if label == "" {
			return false
		}
	}
	return true
}

// validRepository reports whether each part of s between slashes consists of small letters and digits, with a dot, one or two
// underscores or any number of dashes between them.
func validRepository(s string) bool {
	for part := range strings.SplitSeq(s, "/") {
		for part != "" {
			after := strings.TrimLeft(part, "abcdefghijklmnopqrstuvwxyz0123456789")
			word := len(after) < len(part)
			part = strings.TrimLeft(after, "._-")
			between := after[:len(after)-len(part)]
			switch {
			case !word, between != "" && part == "":
				return false
			case between != "." && between != "_" && between != "__" && strings.Trim(between, "-") != "":
				return false
			}
		}
	}
	return s != "" && s[0] != '/' && s[len(s)-1] != '/' && !strings.Contains(s, "//")
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }
