package image

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Shell is what `/bin/sh` of an image is: dash, ash (BusyBox) or bash; "" where that is not known.
func Shell(r plan.Ref) string {
	for word := range strings.FieldsFuncSeq(strings.ToLower(r.Tag), func(c rune) bool { return c == '-' || c == '_' }) {
		if shell := suiteShell(word); shell != "" {
			return shell
		}
	}
	if strings.HasPrefix(r.Name(), "mcr.microsoft.com/dotnet/") {
		if strings.Contains(r.Tag, "windows") || strings.Contains(r.Tag, "nanoserver") {
			return ""
		}
		return "dash"
	}
	name := r.Official()
	switch name {
	case "debian", "ubuntu", "buildpack-deps", "gcc":
		return "dash"
	case "alpine", "busybox", "docker", "bash", "caddy", "traefik", "composer", "registry", "nats":
		return "ash"
	case "fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux", "photon", "archlinux", "mageia":
		return "bash"
	case "python", "node", "ruby", "golang", "php", "perl", "rust", "pypy", "elixir", "erlang", "haskell", "julia", "r-base", "swift",
		"eclipse-temurin", "nginx", "httpd", "haproxy", "varnish", "redis", "valkey", "memcached", "postgres", "mariadb", "mongo", "rabbitmq",
		"cassandra", "couchdb", "tomcat", "wordpress", "drupal", "joomla", "redmine", "nextcloud":
		if (r.Tag != "" || r.Digest == "") && !foreign(r.Tag) {
			return "dash" // built on Debian or Ubuntu unless the tag says otherwise
		}
	}
	if base, ok := strings.CutPrefix(r.Repository, "nvidia/"); ok && base == "cuda" && strings.Contains(r.Tag, "ubuntu") {
		return "dash"
	}
	return ""
}

// suiteShell is the shell of a release or family that a part of a tag names.
func suiteShell(word string) string {
	starts := func(prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(word, p) })
	}
	switch {
	case suite(word), starts("debian", "ubuntu"):
		return "dash"
	case starts("oracle", "ubi", "al2", "amazonlinux", "centos", "fedora", "rockylinux", "almalinux", "azurelinux", "mariner", "cbl"):
		return "bash"
	case starts("alpine"), word == "busybox":
		return "ash"
	}
	return ""
}

// foreign reports whether a tag without a release's name may stand for something else than Debian or Ubuntu.
func foreign(tag string) bool {
	for _, mark := range []string{"alpine", "windows", "nanoserver", "ubi", "oracle", "amazon", "corretto", "microsoft", "ibm", "sapmachine", "graal", "semeru", "openjdk", "distroless"} {
		if strings.Contains(tag, mark) {
			return true
		}
	}
	return false
}
