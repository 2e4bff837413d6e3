package image_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dockvet/dockvet/internal/image"
)

func TestCycles(t *testing.T) {
	for ref, want := range map[string][2]string{
		"python:3.9":                          {"Python 3.9", ""},
		"python:3.12.4-slim-bookworm":         {"Python 3.12", "Debian 12"},
		"python:3":                            {"", ""},
		"python:2":                            {"Python 2.7", ""},
		"python:3.99":                         {"", ""},
		"python":                              {"", ""},
		"python" + digest:                     {"", ""},
		"python:3.9" + digest:                 {"Python 3.9", ""},
		"node:22.1-alpine3.19":                {"Node.js 22", "Alpine 3.19"},
		"node:lts-iron":                       {"Node.js 20", ""},
		"node:jod-alpine":                     {"Node.js 22", ""},
		"node:lts-alpine":                     {"", ""},
		"golang:1.23.4-alpine":                {"Go 1.23", ""},
		"golang:1":                            {"", ""},
		"php:8.3-fpm-bookworm":                {"PHP 8.3", "Debian 12"},
		"postgres:16.2":                       {"PostgreSQL 16", ""},
		"postgres:9.6.24":                     {"PostgreSQL 9.6", ""},
		"postgres:9":                          {"PostgreSQL 9.6", ""},
		"redis:7":                             {"Redis 7.4", ""},
		"redis:8":                             {"", ""},
		"debian:bookworm-20240101-slim":       {"Debian 12", ""},
		"debian:11.5-slim":                    {"Debian 11", ""},
		"debian:stable":                       {"", ""},
		"ubuntu:22.04":                        {"Ubuntu 22.04", ""},
		"ubuntu:jammy-20240808":               {"Ubuntu 22.04", ""},
		"alpine:3.18.4":                       {"Alpine 3.18", ""},
		"alpine:3":                            {"", ""},
		"alpine:20230901":                     {"", ""},
		"centos:centos7":                      {"", "CentOS 7"},
		"buildpack-deps:stretch-curl":         {"", "Debian 9"},
		"openjdk:8-jdk-stretch":               {"", "Debian 9"},
		"eclipse-temurin:21.0.2_13-jre-jammy": {"Eclipse Temurin 21", "Ubuntu 22.04"},
		"eclipse-temurin:8u402-b06-jdk":       {"Eclipse Temurin 8", ""},
		"amazoncorretto:17-al2023":            {"Amazon Corretto 17", "Amazon Linux 2023"},
		"mirror.gcr.io/library/ruby:3.2":      {"Ruby 3.2", ""},
		"mcr.microsoft.com/dotnet/sdk:8.0-alpine3.20":          {".NET 8", "Alpine 3.20"},
		"mcr.microsoft.com/dotnet/core/aspnet:3.1":             {".NET Core 3.1", ""},
		"mcr.microsoft.com/dotnet/monitor:8":                   {"", ""},
		"gcr.io/distroless/nodejs18-debian11":                  {"Node.js 18", "Debian 11"},
		"gcr.io/distroless/static-debian12:nonroot":            {"", "Debian 12"},
		"maven:3.9-eclipse-temurin-17":                         {"Eclipse Temurin 17", ""},
		"maven:3.9.6-eclipse-temurin-11-focal":                 {"Eclipse Temurin 11", "Ubuntu 20.04"},
		"maven:3-amazoncorretto-8-al2023":                      {"Amazon Corretto 8", "Amazon Linux 2023"},
		"maven:3.8-openjdk-11-slim":                            {"", ""},
		"maven:3.9":                                            {"", ""},
		"gradle:8-jdk17":                                       {"Gradle 8", ""},
		"gradle:7-jdk19-jammy":                                 {"Gradle 7", "Ubuntu 22.04"},
		"gradle:jdk18-alpine":                                  {"Eclipse Temurin 18", ""},
		"rust:buster":                                          {"", "Debian 10"},
		"bash:alpine3.19":                                      {"", "Alpine 3.19"},
		"gcr.io/distroless/static":                             {"", ""},
		"registry.access.redhat.com/ubi8/ubi-minimal":          {"Red Hat Enterprise Linux 8", ""},
		"nvidia/cuda:12.1.0-devel-ubuntu18.04":                 {"", "Ubuntu 18.04"},
		"someone/python:3.9-slim-buster":                       {"", ""},
		"registry.example/team/app:1-bookworm":                 {"", ""},
		"quay.io/centos/centos:stream8":                        {"CentOS Stream 8", ""},
		"public.ecr.aws/docker/library/nginx:1.25":             {"nginx 1.25", ""},
		"docker.elastic.co/elasticsearch/elasticsearch:7.17.1": {"Elasticsearch 7", ""},
	} {
		product, system := of(t, ref).Cycles()
		var got [2]string
		if product != nil {
			got[0] = product.String()
		}
		if system != nil {
			got[1] = system.String()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

func TestReplacement(t *testing.T) {
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	all := func(*image.Cycle) bool { return true }
	for ref, want := range map[string]string{
		"python:3.9":               "3.14",
		"python:3.9-slim-buster":   "3.14-slim-trixie",
		"python:3.9.1-alpine3.13":  "3.14-alpine3.24",
		"python:3.9-windowsserver": "",
		"python:3.13":              "",
		"python:3.13-slim-buster":  "3.13-slim-trixie",
		"node:18-alpine":           "26-alpine",
		"debian:buster-slim":       "trixie-slim",
		"golang:1.26-bookworm":     "1.26-trixie",
		"python:3.13-alpine3.22":   "3.13-alpine3.24",
		"mariadb:10.3":             "",
	} {
		if got := of(t, ref).Replacement(now, all); got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

func TestSuccessor(t *testing.T) {
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for ref, want := range map[string]string{
		"python:3.9": "Python 3.12", "node:18": "Node.js 24", "postgres:9.6": "PostgreSQL 16", "gradle:7-jdk19": "Gradle 8", "python:3": "<nil>",
	} {
		// What the application excludes only matters for a language.
		got := of(t, ref).Successor(now, func(c *image.Cycle) bool { return c.Name == "3.12" || c.Name == "24" })
		if s := fmt.Sprint(got); s != want {
			t.Errorf("%s: %s, want %s", ref, s, want)
		}
	}
}

func TestSiblings(t *testing.T) {
	for ref, want := range map[string]string{
		"node:18-alpine": "22-alpine 24-alpine 26-alpine",
		"mirror.gcr.io/library/python:3.9-slim-bookworm": "3.10-slim-bookworm 3.11-slim-bookworm 3.12-slim-bookworm 3.13-slim-bookworm 3.14-slim-bookworm",
		"python:3.9-slim-buster":                         "",
		"rust:1.80":                                      "",
		"golang:1.23.4":                                  "1.26.7 1.27.0",
	} {
		var got []string
		for _, r := range of(t, ref).Siblings() {
			got = append(got, r.Tag)
		}
		if tags := strings.Join(got, " "); tags != want {
			t.Errorf("%s: %q, want %q", ref, tags, want)
		}
	}
}

func TestFrozen(t *testing.T) {
	for ref, want := range map[string]string{
		"python:3.13-bullseye":                    "2025-08-12",
		"python:3.13-slim-bullseye":               "2025-08-12",
		"mirror.gcr.io/library/python:3-bullseye": "2025-08-12",
		"python:3.13-alpine3.22":                  "2026-06-10",
		"python:3.13-bookworm":                    "",
		"python:3.13.1-bullseye":                  "",
		"python:3.13":                             "",
		"python:3.99-bullseye":                    "",
		"python:bullseye":                         "",
		"somebody/python:3.13-bullseye":           "",
		"python" + digest:                         "",
	} {
		got := ""
		if since, ok := of(t, ref).Frozen(); ok {
			got = since.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

func TestSnapshot(t *testing.T) {
	if image.Snapshot().Before(time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the data is of %v", image.Snapshot())
	}
}

func TestNamedIn(t *testing.T) {
	for _, c := range []struct{ image, file, want string }{
		{"centos:7", "ci/centos7/Dockerfile", "centos7"},
		{"centos:7", "packaging/centos-7.Dockerfile", "centos-7.dockerfile"},
		{"centos:7", "ci/centos/Dockerfile", ""},
		{"centos:7", "ci/node7/Dockerfile", ""},
		{"centos:7", "ci/centos75/Dockerfile", ""},
		{"ubuntu:16.04", "xenial/Dockerfile", "xenial"},
		{"ubuntu:16.04", "Dockerfile.ubuntu-16.04", "dockerfile.ubuntu-16.04"},
		{"ubuntu:16.04", "Dockerfile", ""},
		{"python:3.8-slim", "3.8/slim/Dockerfile", "3.8"},
		{"python:3.8-slim", "3.8.1/slim/Dockerfile", ""},
		{"node:18", "18/alpine/Dockerfile", "18"},
		{"mysql:8.0.41", "images/mysql-v80/Dockerfile", "mysql-v80"},
		{"mysql:8.0.41", "images/mysql-80/Dockerfile", ""},
		{"node:18", "node18/Dockerfile", "node18"},
		{"node:18", "services/web18/Dockerfile", ""},
		{"debian:buster-slim", "docker/busterbot/Dockerfile", ""},
	} {
		cycle, system := of(t, c.image).Cycles()
		if cycle == nil {
			cycle = system
		}
		if got := cycle.NamedIn(c.file); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.image, c.file, got, c.want)
		}
	}
}
