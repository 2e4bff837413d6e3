package image

import "strings"

// What Runtime calls the images of .NET: those that build, and those that only run.
const (
	DotnetSDK     = "dotnet-sdk"
	DotnetRuntime = "dotnet-runtime"
)

// Runtime is the language that the image is for, by the name of the image that Docker has for it (java for all JDKs and
// JREs, DotnetSDK and DotnetRuntime for .NET), and its version as far as the tag tells: `3.9`, `18`, `1.23.4`. Both are
// "" for another image, and for a tag that moves across versions.
func (i Image) Runtime() (name, version string) {
	name = i.fact("runtime")
	if name == "" {
		return "", ""
	}
	words := i.versionWords()
	switch i.fact("version") {
	case "jdk":
		version = jdkVersion(words)
	case "python":
		for _, w := range words {
			if v, ok := strings.CutPrefix(w, "python"); ok {
				version = v
				break
			}
		}
	default:
		version = words[0]
		for _, w := range words[:min(2, len(words))] {
			if v := nodeVersion(w); v != "" && name == "node" {
				version = v
				break
			}
		}
		if name == "java" {
			version = digits(version) // 8u402, 17.0.2_8
		}
	}
	if version == "" || !numeric(strings.ReplaceAll(version, ".", "")) {
		return "", ""
	}
	return name, version
}

// versionWords are the words that say of which version and system the image is, at least one.
func (i Image) versionWords() []string {
	if i.fact("system") == "name" {
		return strings.Split(strings.ReplaceAll(i.rest, "/", "-"), "-")
	}
	words := strings.Split(strings.ToLower(i.Tag), "-")
	if i.fact("system") != "last" {
		return words
	}
	if words[0] = ""; len(words) > 1 {
		return words[len(words)-1:]
	}
	return words
}

// jdkVersion is the release of Java in the tag of a build tool: 3.9-eclipse-temurin-17, 8-jdk17-alpine.
func jdkVersion(words []string) string {
	for i, w := range words {
		switch w {
		case "temurin", "jdk", "openjdk", "amazoncorretto", "corretto", "sapmachine", "semeru", "ibmjava", "adoptopenjdk",
			"zulu":
			if i+1 < len(words) {
				return digits(words[i+1])
			}
		}
		if v, ok := strings.CutPrefix(w, "jdk"); ok && v != "" {
			return digits(v)
		}
	}
	return ""
}
