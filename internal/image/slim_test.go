package image_test

import "testing"

func TestSlim(t *testing.T) {
	for ref, want := range map[string]string{
		"python":                              "python:slim",
		"python:3.9":                          "python:3.9-slim",
		"python:3.13.1-bookworm":              "python:3.13.1-slim-bookworm",
		"python:3.9-slim":                     "",
		"python:3.9-alpine3.22":               "",
		"python:3.9-windowsservercore":        "",
		"python" + digest:                     "",
		"node:lts":                            "node:lts-slim",
		"node:22-trixie":                      "node:22-trixie-slim",
		"node:22-onbuild":                     "",
		"ruby:3.4":                            "ruby:3.4-slim",
		"perl:5.42":                           "perl:5.42-slim",
		"rust:1.90-bookworm":                  "rust:1.90-slim-bookworm",
		"golang:1.25":                         "golang:1.25-alpine",
		"php:8.4-fpm-trixie":                  "php:8.4-fpm-alpine",
		"php:8.4-apache":                      "",
		"openjdk:8u212-jdk-stretch":           "eclipse-temurin:8-jre",
		"openjdk:17-jdk-slim":                 "",
		"openjdk:11-jre":                      "",
		"openjdk":                             "",
		"eclipse-temurin:21.0.5_11-jdk":       "eclipse-temurin:21.0.5_11-jre",
		"eclipse-temurin:21-jdk-alpine":       "eclipse-temurin:21-jre-alpine",
		"eclipse-temurin:21-alpine":           "",
		"ibm-semeru-runtimes:open-17-jdk":     "ibm-semeru-runtimes:open-17-jre",
		"bellsoft/liberica-openjdk-alpine:21": "bellsoft/liberica-openjre-alpine:21",
		"bellsoft/liberica-openjdk-alpine":    "",
		"eclipse-temurin:21-jdk-noble":        "eclipse-temurin:21-jre-noble",
		"buildpack-deps:bookworm":             "buildpack-deps:bookworm-curl",
		"buildpack-deps:bookworm-curl":        "",
		"gcc:14":                              "",
		"debian:13":                           "",
		"mirror.gcr.io/library/node:22":       "node:22-slim",
		"registry.example/library/node:2":     "",
	} {
		v, ok := of(t, ref).Slim()
		got := ""
		if ok {
			got = v.String()
			if v.Carries == "" {
				t.Errorf("%s: does not say what it carries", ref)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}
