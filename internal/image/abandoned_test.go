package image

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dockvet/dockvet/plan"
)

func TestAbandoned(t *testing.T) {
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	for name, want := range map[string]bool{
		"openjdk:17-jdk-slim": true, "openjdk:26-ea-slim": false, "openjdk": false, "adoptopenjdk/openjdk11:alpine": true,
		"maven:3.6.3-jdk-11": true, "maven:3.9-eclipse-temurin-21": false, "microsoft/dotnet:2.1-sdk": true,
		"jupyter/base-notebook:2020": true, "quay.io/jupyter/base-notebook:2025-01-01": false,
		"rocker/r-ver:4.1.2": true, "rocker/r-ver:4.10.2": false, "rocker/r-ver:4.5.1": false, "mirror.gcr.io/library/java:8": true,
		"debian:13": false, "pytorch/pytorch:1.4-cuda10.1-cudnn7-runtime": true, "pytorch/pytorch:2.4.0": false,
	} {
		ref, err := plan.ParseRef(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := Of(ref).Abandoned(now); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	ref, err := plan.ParseRef("openjdk:17")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := Of(ref).Abandoned(now.AddDate(-5, 0, 0)); ok {
		t.Error("openjdk was updated in 2021")
	}
}

func TestAbandonedTable(t *testing.T) {
	for line := range strings.Lines(abandonedText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 {
			t.Errorf("%d columns: %s", len(f), line)
			continue
		}
		if _, err := time.Parse(time.DateOnly, f[2]); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if _, err := regexp.Compile(f[1]); err != nil {
			t.Errorf("%v: %s", err, line)
		}
	}
}
