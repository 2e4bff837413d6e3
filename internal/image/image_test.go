package image_test

import (
	"testing"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/plan"
)

func parse(t *testing.T, s string) plan.Ref {
	t.Helper()
	r, err := plan.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const digest = "@sha256:0000000000000000000000000000000000000000000000000000000000000001"

func TestDefaultUser(t *testing.T) {
	for _, c := range []struct {
		ref, user string
		known     bool
		drops     bool
	}{
		{"python:3.9", "root", true, false},
		{"python:3.9" + digest, "root", true, false},
		{"public.ecr.aws/docker/library/node:22-slim", "root", true, false},
		{"python:3.9-nanoserver", "", false, false},
		{"postgres:17", "root", true, true},
		{"nginx", "root", true, true},
		{"php:8.4-cli", "root", true, false},
		{"php:8.4-fpm-alpine", "root", true, true},
		{"solr:9", "solr", true, false},
		{"nginxinc/nginx-unprivileged:1.29", "101", true, false},
		{"cimg/go:1.25", "circleci", true, false},
		{"gcr.io/distroless/static", "root", true, false},
		{"gcr.io/distroless/static:nonroot", "nonroot", true, false},
		{"gcr.io/distroless/static" + digest, "", false, false},
		{"mcr.microsoft.com/dotnet/aspnet:9.0", "root", true, false},
		{"mcr.microsoft.com/dotnet/core/sdk:3.1", "root", true, false},
		{"mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled", "app", true, false},
		{"mcr.microsoft.com/dotnet/monitor:9", "", false, false},
		{"mcr.microsoft.com/powershell", "", false, false},
		{"haproxy:3.2", "", false, false},
		{"registry.example/python:3.9", "", false, false},
		{"someone/python:3.9", "", false, false},
	} {
		r := parse(t, c.ref)
		user, known := image.DefaultUser(r)
		if !known {
			user = ""
		}
		if user != c.user || known != c.known || image.DropsRoot(r) != c.drops {
			t.Errorf("%s: %q, %v, drops root %v; want %+v", c.ref, user, known, image.DropsRoot(r), c)
		}
	}
}

func TestSlim(t *testing.T) {
	for ref, want := range map[string]string{
		"python":                          "python:slim",
		"python:3.9":                      "python:3.9-slim",
		"python:3.13.1-bookworm":          "python:3.13.1-slim-bookworm",
		"python:3.9-slim":                 "",
		"python:3.9-alpine3.22":           "",
		"python:3.9-windowsservercore":    "",
		"python" + digest:                 "",
		"node:lts":                        "node:lts-slim",
		"node:22-trixie":                  "node:22-trixie-slim",
		"node:22-onbuild":                 "",
		"ruby:3.4":                        "ruby:3.4-slim",
		"perl:5.42":                       "perl:5.42-slim",
		"rust:1.90-bookworm":              "rust:1.90-slim-bookworm",
		"golang:1.25":                     "golang:1.25-alpine",
		"php:8.4-fpm-trixie":              "php:8.4-fpm-alpine",
		"php:8.4-apache":                  "",
		"openjdk:8u212-jdk-stretch":       "eclipse-temurin:8-jre",
		"openjdk:17-jdk-slim":             "",
		"openjdk:11-jre":                  "",
		"openjdk":                         "",
		"eclipse-temurin:21.0.5_11-jdk":   "eclipse-temurin:21.0.5_11-jre",
		"eclipse-temurin:21-jdk-noble":    "eclipse-temurin:21-jre-noble",
		"buildpack-deps:bookworm":         "buildpack-deps:bookworm-curl",
		"buildpack-deps:bookworm-curl":    "",
		"gcc:14":                          "",
		"debian:13":                       "",
		"mirror.gcr.io/library/node:22":   "node:22-slim",
		"registry.example/library/node:2": "",
	} {
		v, ok := image.Slim(parse(t, ref))
		got := ""
		if ok {
			got = v.String()
			if v.Carries == "" {
				t.Errorf("%s: nothing said of what it carries", ref)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}
