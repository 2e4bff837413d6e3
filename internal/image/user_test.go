package image_test

import "testing"

func TestSpareIDs(t *testing.T) {
	for name, want := range map[string]string{
		"node:24-slim": "1000:1000", "php:8.4-cli": "33:33", "php:8.4-cli-alpine": "82:82", "denoland/deno:2.1.0": "1993:1993",
		"gcr.io/distroless/static-debian12": "65532:65532", "mcr.microsoft.com/dotnet/aspnet:9.0": "", "python:3.13": "",
		"php@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef": "",
	} {
		if got := of(t, name).SpareIDs(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestUserTool(t *testing.T) {
	for name, want := range map[string]string{
		"debian:13-slim": "useradd --create-home --uid ", "ruby:3.4": "useradd --create-home --uid ",
		"python:3.13-alpine": "adduser -D -u ", "alpine:3.22": "adduser -D -u ", "fedora:42": "useradd --create-home --uid ",
		"rockylinux:9-minimal": "", "amazonlinux:2023": "", "busybox:1.37": "", "example.com/base:1": "",
	} {
		if got := of(t, name).UserTool(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
