package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// hadolintCodes are all rules of hadolint 2.15.
const hadolintCodes = `
	DL1000 DL1001 DL3000 DL3001 DL3002 DL3003 DL3004 DL3006 DL3007 DL3008 DL3009 DL3010 DL3011 DL3012 DL3013 DL3014 DL3015 DL3016
	DL3018 DL3019 DL3020 DL3021 DL3022 DL3023 DL3024 DL3025 DL3026 DL3027 DL3028 DL3029 DL3030 DL3032 DL3033 DL3034 DL3035 DL3036
	DL3037 DL3038 DL3040 DL3041 DL3042 DL3043 DL3044 DL3045 DL3046 DL3047 DL3048 DL3049 DL3050 DL3051 DL3052 DL3053 DL3054 DL3055
	DL3056 DL3057 DL3058 DL3059 DL3060 DL3061 DL3062 DL3063 DL3064 DL3065 DL3066 DL3067 DL4000 DL4001 DL4003 DL4004 DL4005 DL4006`

// retiredCodes are codes that hadolint had in the past.
const retiredCodes = `DL3005 DL3017 DL3031 DL3039`

// buildKitChecks are the checks of BuildKit 0.34.
const buildKitChecks = `
	ConsistentInstructionCasing CopyIgnoredFile DuplicateStageName ExposeInvalidFormat ExposeProtoCasing FromAsCasing
	FromPlatformFlagConstDisallowed InvalidBaseImagePlatform InvalidDefaultArgInFrom InvalidDefinitionDescription
	JSONArgsRecommended LegacyKeyValueFormat MaintainerDeprecated MultipleInstructionsDisallowed NoEmptyContinuation
	RedundantTargetPlatform ReservedStageName SecretsUsedInArgOrEnv StageNameCasing UndefinedArgInFrom UndefinedVar
	WorkdirRelativePath`

// TestCodes checks that each code of the other tools has one row, and that there are no other rows.
func TestCodes(t *testing.T) {
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, codes string
		body        func(root string) (string, error)
	}{
		{"hadolint", hadolintCodes + " " + retiredCodes, fromHadolint},
		{"buildkit", buildKitChecks, fromBuildKit},
	} {
		body, err := c.body(root)
		if err != nil {
			t.Fatal(err)
		}
		body, _, _ = strings.Cut(body, "\n### ShellCheck codes\n")
		body, _, _ = strings.Cut(body, "\n## What has no check\n")
		left := map[string]int{}
		for row := range strings.Lines(body) {
			cells := strings.Split(row, " | ")
			if code := strings.TrimPrefix(cells[0], "| "); len(cells) > 2 && code != "code" {
				left[code]++
			}
		}
		for code := range strings.FieldsSeq(c.codes) {
			if left[code] != 1 {
				t.Errorf("%s: %s has %d rows", c.name, code, left[code])
			}
			delete(left, code)
		}
		if len(left) > 0 {
			t.Errorf("%s: rows of codes that it does not have: %v", c.name, left)
		}
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"from-hadolint.md", "from-docker-build-check.md"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("# x\n\n"+begin+"\nSTALE\n"+end+"\n\ntail\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := run([]string{"-check", "-dir", dir}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "go -C tools run ./cmd/migration") {
		t.Errorf("stale tables give %v", err)
	}
	if err := run([]string{"-dir", dir}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-check", "-dir", dir}, io.Discard); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "from-hadolint.md"))
	if err != nil {
		t.Fatal(err)
	}
	s := string(text)
	for _, want := range []string{
		"# x\n\n" + begin, end + "\n\ntail\n", "| DL3007 | [latest-tag](../rules/base/latest_tag.md) | recommended, in part | hadolint's DL3007 ",
		"| DL1001 | [ignore-comment](../rules/syntax/ignore_comment.md) | off by default |", "| DL3026 | [untrusted-registry]", "with `trusted-registries`",
		"| DL3005 | `apt-get dist-upgrade`", "| SC2068, SC2086 | [unquoted-variable]",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("no %q in\n%s", want, s)
		}
	}
	if strings.Contains(s, "STALE") {
		t.Error("the old text between the marks is still there")
	}
}

func TestReplace(t *testing.T) {
	for _, text := range []string{"", begin, end, end + begin} {
		if _, err := replace([]byte(text), ""); err == nil {
			t.Errorf("%q has no place for a table, but gives no error", text)
		}
	}
}

func TestDifference(t *testing.T) {
	const page = `# x

## Other tools

hadolint's DL3001 reads ` + "`a. b`" + ` as it is. It never looks
further. BuildKit's StageNameCasing is another matter.
hadolint is slow.

## References
`
	for _, c := range []struct{ code, tool, want string }{
		{"DL3001", "hadolint", "hadolint's DL3001 reads `a. b` as it is. It never looks further."},
		{"DL3002", "hadolint", "hadolint is slow."},
		{"StageNameCasing", "buildkit", "BuildKit's StageNameCasing is another matter."},
		{"FromAsCasing", "buildkit", ""},
	} {
		if got := difference(page, c.code, c.tool); got != c.want {
			t.Errorf("%s: got %q", c.code, got)
		}
	}
}
