package image_test

import (
	"testing"
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/plan"
)

// TestRelease resolves tags as of a day.
func TestRelease(t *testing.T) {
	for _, c := range []struct{ ref, now, want string }{
		{"debian", "2020-06-29", "Debian 10"},
		{"debian:latest", "2026-11-27", "Debian 13"},
		{"debian:testing", "2020-06-29", "Debian testing"},
		{"debian:8.8", "2020-06-29", "Debian 8"},
		{"debian:bookworm-slim", "2026-11-27", "Debian 12"},
		{"ubuntu", "2020-06-29", "Ubuntu 20.04"},
		{"ubuntu:17.10", "2020-06-29", "Ubuntu 17.10"},
		{"ubuntu:trusty-20190515", "2020-06-29", "Ubuntu 14.04"},
		{"alpine", "2020-06-29", "Alpine 3.12"},
		{"alpine:edge", "2020-06-29", "Alpine edge"},
		{"alpine:3.6.5", "2020-06-29", "Alpine 3.6"},
		{"centos", "2020-06-29", "CentOS 8"},
		{"centos:7.6.1810", "2020-06-29", "CentOS 7"},
		{"centos:centos7", "2020-06-29", "CentOS 7"},
		{"fedora:latest", "2020-06-29", "Fedora 32"},
		{"python:3.6", "2020-06-29", "Debian 10"},
		{"python:3.6", "2026-11-27", "Debian 11"},
		{"python:3.6.1", "2026-11-27", "Debian 8"},
		{"python:3.6-slim", "2020-06-29", "Debian 10"},
		{"python:3.6-alpine", "2020-06-29", "Alpine 3.12"},
		{"python:3.12-alpine3.20", "2026-11-27", "Alpine 3.20"},
		{"node:8", "2020-06-29", "Debian 9"},
		{"node:10.13.0", "2020-06-29", "Debian 9"},
		{"node:24-trixie-slim", "2026-11-27", "Debian 13"},
		{"ruby:2.5.1", "2020-06-29", "Debian 9"},
		{"php:5.6-apache", "2020-06-29", "Debian 9"},
		{"php:7.1-apache", "2020-06-29", "Debian 10"},
		{"golang:1.4", "2020-06-29", "Debian 8"},
		{"golang:1.8-alpine", "2020-06-29", "Alpine 3.5"},
		{"nvidia/cuda:9.0-cudnn7-devel-ubuntu16.04", "2020-06-29", "Ubuntu 16.04"},
		{"somebody/python:3.6-stretch", "2020-06-29", ""},
		{"python@sha256:0000000000000000000000000000000000000000000000000000000000000001", "2020-06-29", ""},
		{"mcr.microsoft.com/windows/servercore:ltsc2019", "2020-06-29", ""},
	} {
		ref, err := plan.ParseRef(c.ref)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := image.Of(ref).Release(now).Title(); got != c.want {
			t.Errorf("%s on %s: %q, want %q", c.ref, c.now, got, c.want)
		}
	}
}
