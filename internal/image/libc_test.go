package image_test

import (
	"fmt"
	"testing"
)

func TestLibc(t *testing.T) {
	for ref, want := range map[string]string{
		"alpine": "musl 0", "python:3.13-alpine3.22": "musl 0", "nginxinc/nginx-unprivileged:alpine": "musl 0", "busybox": " 0", "busybox:musl": " 0",
		"debian:bookworm-slim": "glibc 36!", "debian:11": "glibc 31!", "ubuntu:24.04": "glibc 39!", "rust:1.70": "glibc 0", "rust:1.80": "glibc 36", "rust": "glibc 36",
		"rust:1.80-slim-bullseye": "glibc 31!", "golang:1": "glibc 36", "golang:1.20.3": "glibc 0", "golang:1.21rc1-bullseye": "glibc 31!", "python:3.13": "glibc 0",
		"gcr.io/distroless/cc-debian12": "glibc 36!", "gcr.io/distroless/cc": "glibc 0", "gcr.io/distroless/static-debian12:nonroot": "no C library 0",
		"somebody/thing:1": " 0", "fedora:42": "glibc 0", "rust" + digest: " 0",
	} {
		name, minor, exact := of(t, ref).Libc()
		got := fmt.Sprint(name, " ", minor)
		if exact {
			got += "!"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}
