package image_test

import "testing"

func TestShell(t *testing.T) {
	for ref, want := range map[string]string{
		"debian:13.1-slim":                            "dash",
		"ubuntu":                                      "dash",
		"mirror.gcr.io/library/debian":                "dash",
		"python:3.13":                                 "dash",
		"python:3.13-slim-bookworm":                   "dash",
		"python:3.13-alpine3.22":                      "ash",
		"alpine:3.22":                                 "ash",
		"docker:28":                                   "ash",
		"fedora:43":                                   "bash",
		"eclipse-temurin:21":                          "dash",
		"eclipse-temurin:21-jdk-ubi9-minimal":         "bash",
		"eclipse-temurin:21-windowsservercore":        "",
		"swift:6.2-amazonlinux2":                      "bash",
		"openjdk:21":                                  "",
		"mcr.microsoft.com/dotnet/sdk:9.0":            "dash",
		"mcr.microsoft.com/dotnet/sdk:9.0-alpine":     "ash",
		"mcr.microsoft.com/dotnet/sdk:9.0-nanoserver": "",
		"nvidia/cuda:12.9.0-devel-ubuntu24.04":        "dash",
		"nvidia/cuda:12.9.0-devel-rockylinux9":        "bash",
		"registry.example/team/app:1":                 "",
		"registry.example/team/app:1-bookworm":        "dash",
		"postgres@sha256:0000000000000000000000000000000000000000000000000000000000000001": "",
	} {
		if got := of(t, ref).Shell(); got != want {
			t.Errorf("Shell(%s) = %q, want %q", ref, got, want)
		}
	}
}
