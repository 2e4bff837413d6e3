package image

import (
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Runtime is the language that r is an image for, by the name of the image that Docker has for it (java for all JDKs and JREs),
// and its version as far as the tag tells: `3.9`, `18`, `1.23.4`. Both are "" for another image, or a tag that moves across
// versions.
func Runtime(r plan.Ref) (name, version string) {
	words := strings.Split(strings.ToLower(r.Tag), "-")
	switch name = r.Official(); name {
	case "python", "golang", "ruby", "rust", "php":
		return versioned(name, words[0])
	case "node":
		for _, w := range words[:min(2, len(words))] {
			if v := nodeName(w); v != "" {
				return name, v
			}
		}
		return versioned(name, words[0])
	case "maven", "gradle":
		return versioned("java", javaVersion(words))
	case "eclipse-temurin", "amazoncorretto", "azul-zulu", "ibm-semeru-runtimes", "sapmachine", "openjdk":
		return versioned("java", major(words))
	}
	name = r.Name()
	switch {
	case strings.HasPrefix(name, "mcr.microsoft.com/dotnet/"):
		switch path := strings.TrimPrefix(strings.TrimPrefix(name, "mcr.microsoft.com/dotnet/"), "core/"); path {
		case "sdk":
			return versioned("dotnet-"+path, words[0])
		case "aspnet", "runtime":
			return versioned("dotnet-runtime", words[0])
		}
	case name == "mcr.microsoft.com/openjdk/jdk", name == "azul/zulu-openjdk":
		return versioned("java", major(words))
	case name == "ghcr.io/astral-sh/uv":
		for _, w := range words {
			if v, ok := strings.CutPrefix(w, "python"); ok {
				return versioned("python", v)
			}
		}
	case strings.HasPrefix(name, "gcr.io/distroless/"):
		in, _, _ := strings.Cut(strings.TrimPrefix(name, "gcr.io/distroless/"), "-")
		if v, ok := strings.CutPrefix(in, "nodejs"); ok {
			return versioned("node", v)
		}
		if v, ok := strings.CutPrefix(in, "java"); ok {
			return versioned("java", v)
		}
	}
	return "", ""
}

// versioned is name with version, if that is one.
func versioned(name, version string) (string, string) {
	if version == "" || !numeric(strings.ReplaceAll(version, ".", "")) {
		return "", ""
	}
	return name, version
}

// major is the first number of a tag of Java: 8u402, 17.0.2_8, 11.
func major(words []string) string {
	return words[0][:len(words[0])-len(strings.TrimLeft(words[0], "0123456789"))]
}

// javaVersion is the release of Java in the tag of a build tool: 3.9-eclipse-temurin-17, 8-jdk17-alpine.
func javaVersion(words []string) string {
	for i, w := range words {
		switch w {
		case "temurin", "jdk", "openjdk", "amazoncorretto", "corretto", "sapmachine", "semeru", "ibmjava", "adoptopenjdk", "zulu":
			if i+1 < len(words) {
				return major(words[i+1:])
			}
		}
		if v, ok := strings.CutPrefix(w, "jdk"); ok && v != "" {
			return major([]string{v})
		}
	}
	return ""
}
