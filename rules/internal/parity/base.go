package parity

import (
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// LatestTag reports whether hadolint prints DL3007 for an image with the tag latest. It only looks at FROM, as it is
// written.
func LatestTag(i *plan.Image) bool { return i.Use == plan.UseFrom && i.Word.String == i.Value.Text }

// UntaggedImage reports whether hadolint prints DL3006: FROM names, as it is written, something without tag or digest
// that is neither scratch, nor a variable, nor a stage above.
func UntaggedImage(p *plan.Plan, i *plan.Image) bool {
	text := i.Word.String
	if i.Use != plan.UseFrom || i.Named || text == "scratch" || strings.HasPrefix(text, "$") ||
		strings.Contains(text, "@") ||
		strings.Contains(text[strings.LastIndexByte(text, '/')+1:], ":") {
		return false
	}
	for _, s := range p.Stages {
		if s.Base == i {
			break
		}
		if s.NameWord.String == text {
			return false
		}
	}
	return true
}

// WrittenRegistry is the registry of a reference as hadolint reads it for DL3026: from the text, with its variables.
func WrittenRegistry(text string) string {
	head, _, ok := strings.Cut(text, "/")
	if !ok || head != "localhost" && !strings.ContainsAny(head, ".:$") {
		return "docker.io"
	}
	return head
}

// ConstantPlatform are the codes for a --platform of FROM that always asks for one platform. follows says that one of
// BuildKit's platform variables is in it, and variable that any is. system is what it asks for, "" if that is not a
// platform that is known; named says that the stage is named for it.
func ConstantPlatform(follows, variable bool, system string, named bool) []string {
	var codes []string
	if !follows {
		codes = append(codes, "DL3029")
	}
	if !variable && system != "" && !named {
		codes = append(codes, "FromPlatformFlagConstDisallowed")
	}
	return codes
}

// TargetPlatform are the codes for a --platform of FROM with the value of variable. hadolint knows only its two plain
// spellings.
func TargetPlatform(value, variable string) []string {
	codes := []string{"RedundantTargetPlatform"}
	if value == "$"+variable || value == "${"+variable+"}" {
		codes = append(codes, "DL3065")
	}
	return codes
}
