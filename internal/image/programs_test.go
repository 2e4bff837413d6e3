package image_test

import "testing"

func TestLacks(t *testing.T) {
	tests := []struct {
		ref, program string
		want         bool
	}{
		{"python:3.13-slim", "curl", true},
		{"python:3.13-slim-bookworm", "wget", true},
		{"python:3.13", "curl", false},
		{"python:3.13-alpine", "curl", true},
		{"python:3.13-alpine3.22", "wget", false},
		{"python:3.13-alpine", "bash", true},
		{"python:3.13-slim", "bash", false},
		{"node:22-bookworm-slim", "curl", true},
		{"node:8-slim", "curl", false},
		{"node:lts-slim", "nc", true},
		{"ruby:2.5-slim", "curl", false},
		{"ruby:3.4-slim", "curl", true},
		{"debian:trixie", "curl", true},
		{"debian@sha256:0000000000000000000000000000000000000000000000000000000000000000", "curl", false},
		{"ubuntu:16.04", "wget", false},
		{"ubuntu:24.04", "wget", true},
		{"ubuntu", "wget", true},
		{"alpine:3.22", "wget", false},
		{"alpine:3.22", "curl", true},
		{"eclipse-temurin:21-jre", "curl", false},
		{"eclipse-temurin:21-jre-alpine", "curl", true},
		{"php:8.4-fpm-alpine", "curl", false},
		{"rust:1.91-slim", "gcc", false},
		{"rust:1.91-slim", "wget", true},
		{"node:24-slim", "gcc", true},
		{"python:3.14", "gcc", false},
		{"nginx:alpine", "curl", false},
		{"gcr.io/distroless/static-debian12", "wget", true},
		{"gcr.io/distroless/base:debug", "wget", false},
		{"mcr.microsoft.com/dotnet/aspnet:9.0", "curl", true},
		{"mcr.microsoft.com/dotnet/aspnet:3.1", "curl", false},
		{"mcr.microsoft.com/dotnet/aspnet:9.0-nanoserver-ltsc2022", "curl", false},
		{"mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled", "wget", true},
		{"mcr.microsoft.com/dotnet/sdk:9.0", "curl", false},
		{"oven/bun:1", "curl", true},
		{"registry.example/team/python:3.13-slim", "curl", false},
	}
	for _, tt := range tests {
		if got := of(t, tt.ref).Lacks(tt.program); got != tt.want {
			t.Errorf("Lacks(%s, %s) = %v, want %v", tt.ref, tt.program, got, tt.want)
		}
	}
}
