// Package image knows facts about base images that their references alone do not tell. Each fact is from the publisher's own
// Dockerfile or documentation; what is not known for sure is left out.
package image

import (
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// root is how a user is given that has all rights.
const root = "root"

// DefaultUser is the user that a container of r starts as where nothing sets another; known is false for an image that we
// know nothing of. Windows images are unknown.
func DefaultUser(r plan.Ref) (user string, known bool) {
	if windows(r.Tag) {
		return "", false
	}
	if name := r.Official(); name != "" {
		return official(name)
	}
	switch r.Registry {
	case "docker.io":
		return hub(r.Repository)
	case "gcr.io":
		if strings.HasPrefix(r.Repository, "distroless/") {
			if strings.Contains(r.Tag, "nonroot") {
				return "nonroot", true
			}
			return root, r.Tag != "" || r.Digest == "" // a bare digest may be of either
		}
	case "mcr.microsoft.com":
		if strings.HasPrefix(r.Repository, "devcontainers/") || strings.HasPrefix(r.Repository, "vscode/devcontainers/") {
			return root, true // the editor changes to another user, not the image
		}
		if name, ok := strings.CutPrefix(r.Repository, "dotnet/"); ok {
			return dotnet(strings.TrimPrefix(name, "core/"), r)
		}
	case "docker.elastic.co":
		if r.Repository == "elasticsearch/elasticsearch" {
			return "elasticsearch", true
		}
	}
	return "", false
}

// official is DefaultUser for the images of docker-library/official-images.
func official(name string) (string, bool) {
	switch name {
	case // operating systems
		"almalinux", "alpine", "amazonlinux", "archlinux", "busybox", "centos", "debian", "fedora", "oraclelinux", "photon",
		"rockylinux", "ubuntu",
		// languages; node and gradle come with a user of their name, but start as root
		"adoptopenjdk", "amazoncorretto", "bash", "buildpack-deps", "clojure", "composer", "dart", "eclipse-temurin", "elixir", "erlang",
		"gcc", "golang", "gradle", "haskell", "ibmjava", "java", "jruby", "julia", "maven", "mono", "node", "openjdk", "perl", "php",
		"pypy", "python", "ruby", "rust", "sapmachine", "swift",
		// servers that stay root
		"caddy", "tomcat", "traefik":
		return root, true
	case "groovy", "jetty", "sonarqube", "solr":
		return name, true
	}
	return root, privileged(name)
}

// privileged reports whether the official image called name starts as root so that its entry point, or the server itself, can
// set things up and then go on as another user.
func privileged(name string) bool {
	switch name {
	case "cassandra", "couchdb", "drupal", "ghost", "httpd", "influxdb", "joomla", "mariadb", "mongo", "mysql", "neo4j", "nextcloud",
		"nginx", "phpmyadmin", "postgres", "rabbitmq", "redis", "redmine", "valkey", "wordpress", "zookeeper":
		return true
	}
	return false
}

// hub is DefaultUser for images on Docker Hub that are not official ones.
func hub(repository string) (string, bool) {
	switch repository {
	case "continuumio/miniconda3", "continuumio/anaconda3", "denoland/deno", "nvidia/cuda", "opensuse/leap", "opensuse/tumbleweed",
		"oven/bun", "pytorch/pytorch", "tensorflow/tensorflow":
		return root, true
	case "grafana/grafana":
		return "472", true
	case "jenkins/jenkins":
		return "jenkins", true
	case "mambaorg/micromamba":
		return "mambauser", true
	case "nginxinc/nginx-unprivileged":
		return "101", true
	}
	if strings.HasPrefix(repository, "cimg/") {
		return "circleci", true
	}
	return "", false
}

// dotnet is DefaultUser for the images of .NET: they start as root, but for those without a shell.
func dotnet(name string, r plan.Ref) (string, bool) {
	switch name {
	case "aspnet", "monitor", "runtime", "runtime-deps", "sdk":
	default:
		return "", false
	}
	if strings.Contains(r.Tag, "chiseled") || strings.Contains(r.Tag, "distroless") {
		return "app", true
	}
	return root, name != "monitor" && (r.Tag != "" || r.Digest == "")
}

func windows(tag string) bool {
	return strings.Contains(tag, "nanoserver") || strings.Contains(tag, "windowsservercore") || strings.Contains(tag, "ltsc20")
}

// DropsRoot reports whether r is a server that starts as root by design and serves as another user: postgres steps down in its
// entry point, nginx in its workers. `php` does so only in the flavours that bring a server.
func DropsRoot(r plan.Ref) bool {
	name := r.Official()
	if name == "php" {
		return strings.Contains(r.Tag, "fpm") || strings.Contains(r.Tag, "apache")
	}
	return name != "" && privileged(name)
}

// SpareUser is the unprivileged user that r brings but does not start as, as USER takes it; "" if it has none that is meant for
// applications.
func SpareUser(r plan.Ref) string {
	switch r.Official() {
	case "gradle", "node":
		return r.Official()
	case "php":
		return "www-data"
	}
	switch {
	case r.Registry == "gcr.io" && strings.HasPrefix(r.Repository, "distroless/"):
		return "nonroot"
	case r.Registry == "docker.io" && r.Repository == "oven/bun":
		return "bun"
	case r.Registry == "docker.io" && r.Repository == "denoland/deno":
		return "deno"
	case r.Registry == "mcr.microsoft.com" && strings.HasPrefix(r.Repository, "dotnet/"):
		// Since .NET 8.
		major, _, _ := strings.Cut(r.Tag, ".")
		if len(major) > 1 && numeric(major) || major == "8" || major == "9" {
			return "$APP_UID"
		}
	}
	return ""
}
