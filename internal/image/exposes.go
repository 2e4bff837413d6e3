package image

import (
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Exposes is the port that an image's own EXPOSE names, 0 for none; known is false for an image that we know nothing of. The images
// of languages and distributions expose nothing. nginx: https://github.com/nginx/docker-nginx and
// https://github.com/nginx/docker-nginx-unprivileged.
func Exposes(r plan.Ref) (port int, known bool) {
	switch r.Official() {
	case "nginx":
		return 80, !windows(r.Tag)
	case "python", "node", "golang", "ruby", "openjdk", "eclipse-temurin", "amazoncorretto", "ibmjava", "sapmachine", "maven", "gradle", "pypy",
		"debian", "ubuntu", "alpine", "busybox", "fedora", "amazonlinux", "centos", "rockylinux", "almalinux", "oraclelinux", "buildpack-deps",
		"rust", "jruby", "haskell", "elixir", "erlang", "perl", "swift", "clojure", "julia":
		return 0, true
	}
	switch name := r.Name(); name {
	case "nginxinc/nginx-unprivileged":
		return 8080, true
	case "oven/bun", "mcr.microsoft.com/dotnet/aspnet", "mcr.microsoft.com/dotnet/sdk", "mcr.microsoft.com/dotnet/runtime", "mcr.microsoft.com/dotnet/runtime-deps":
		return 0, true
	default:
		return 0, strings.HasPrefix(name, "gcr.io/distroless/") || strings.HasPrefix(name, "mcr.microsoft.com/openjdk/")
	}
}
