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
		"openjdk:17-jdk-slim": true, "openjdk:26-ea-slim": true, "openjdk:27-ea": false,
		"openjdk": false, "tiangolo/uvicorn-gunicorn:python3.8-slim": true,
		"tiangolo/uvicorn-gunicorn:python3.11": false, "circleci/golang:1.11": true, "circleci/jruby:9": false,
		"adoptopenjdk/openjdk11:alpine": true, "maven:3.6.3-jdk-11": true, "maven:jdk-14": true,
		"maven:3.8-openjdk-18": true, "maven:3.9-eclipse-temurin-21": false, "maven:3.9-ibmjava-8": false,
		"gradle:6.9-jdk11-openj9": true, "gradle:9-jdk25-corretto": false, "tomcat:11.0-jdk21-openjdk": true,
		"tomcat:11.0-jdk21-temurin": false, "jetty:12.1-jdk21-eclipse-temurin": false,
		"clojure:temurin-21-lein": false, "groovy:5.1-jdk21": false, "microsoft/dotnet-framework:4.7.2": true,
		"mcr.microsoft.com/dotnet/aspnet:10.0": false, "mcr.microsoft.com/vscode/devcontainers/python:3.10": false,
		"mcr.microsoft.com/azure-functions/java:3.0": false, "jupyter/base-notebook:2020": true,
		"quay.io/jupyter/base-notebook:2025-01-01": false, "resin/raspberrypi3-python:3": true,
		"resin/resin-supervisor": false, "balenalib/raspberrypi3-debian": true, "heroku/heroku:18": true,
		"heroku/heroku:20-build": true, "heroku/heroku:22": false, "heroku/heroku:24": false,
		"rocker/r-ver:4.1.2": true, "rocker/shiny-verse:4.0": true, "rocker/r-ver:4.10.2": false,
		"rocker/r-ver:4.5.1": false, "rocker/r-ver:4": false, "microsoft/iis": true,
		"mirror.gcr.io/library/java:8": true, "debian:13": false, "tensorflow/tensorflow:1.15.5-gpu": true,
		"tensorflow/tensorflow:2.16.1": false, "pytorch/pytorch:2.4.0": false,
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
