package image_test

import (
	"testing"

	"github.com/dockvet/dockvet/internal/image"
)

func TestEntrypoint(t *testing.T) {
	for name, want := range map[string]image.Entry{
		"python:3.13-slim": image.EntryNone, "node:24": image.EntryScript, "docker.io/library/alpine": image.EntryNone,
		"mcr.microsoft.com/dotnet/aspnet:9.0": image.EntryNone, "example.com/python:3": image.EntryUnknown, "postgres:17": image.EntryUnknown,
	} {
		if got := of(t, name).Entry(); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
