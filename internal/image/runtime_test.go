package image_test

import "testing"

func TestRuntime(t *testing.T) {
	for ref, want := range map[string]string{
		"python:3.9-slim-bookworm": "python 3.9", "python:3": "python 3", "python": " ", "python:slim": " ", "python:3.15.0rc1": " ",
		"python" + digest: " ", "node:lts-iron": "node 20", "node:jod-alpine": "node 22", "node:lts": " ", "golang:1.23.4-alpine": "golang 1.23.4",
		"eclipse-temurin:21.0.2_13-jre-jammy": "java 21", "eclipse-temurin:8u402-b06-jdk": "java 8", "openjdk:11-jre-slim": "java 11", "openjdk:slim": " ",
		"maven:3.9-eclipse-temurin-17": "java 17", "maven:3.8.1-jdk-11-slim": "java 11", "maven:3.9-amazoncorretto-21-al2023": "java 21", "maven:3.9": " ",
		"gradle:8-jdk17": "java 17", "gradle:8.5.0-jdk21-alpine": "java 21", "gradle:jdk8": "java 8", "gradle:8": " ",
		"mcr.microsoft.com/dotnet/sdk:8.0-alpine3.20": "dotnet-sdk 8.0", "mcr.microsoft.com/dotnet/core/aspnet:3.1": "dotnet-runtime 3.1",
		"mcr.microsoft.com/dotnet/monitor:8": " ", "mcr.microsoft.com/openjdk/jdk:17-ubuntu": "java 17",
		"ghcr.io/astral-sh/uv:python3.12-bookworm-slim": "python 3.12", "ghcr.io/astral-sh/uv:latest": " ",
		"gcr.io/distroless/nodejs18-debian11": "node 18", "gcr.io/distroless/java17-debian12:nonroot": "java 17", "gcr.io/distroless/static": " ",
		"somebody/python:3.9": " ", "debian:12": " ", "rust:1-alpine3.20": "rust 1", "php:8.3-fpm": "php 8.3", "ruby:3.4": "ruby 3.4",
	} {
		name, version := of(t, ref).Runtime()
		if got := name + " " + version; got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}
