package tools_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	dockvet "github.com/dockvet/dockvet/lint"
	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// TestBuildKitReadsComments checks that a `# check=` comment silences here what it silences in BuildKit: each check, with the comment
// above each instruction of a file that violates it, in each form. A file that violates InvalidDefaultArgInFrom does not build
// without arguments; BuildKit judges it with the checks of the whole file (validateBaseImagesWithDefaultArgs).
func TestBuildKitReadsComments(t *testing.T) {
	violations := map[string]string{
		"ConsistentInstructionCasing":     "FROM scratch\nCOPY a /\nCOPY b /\nadd c /\n",
		"DuplicateStageName":              "FROM scratch AS a\nFROM scratch AS a\n",
		"ExposeInvalidFormat":             "FROM scratch\nEXPOSE 80:80\n",
		"ExposeProtoCasing":               "FROM scratch\nEXPOSE 80/TCP\n",
		"FromAsCasing":                    "FROM scratch as a\n",
		"FromPlatformFlagConstDisallowed": "FROM --platform=linux/amd64 scratch AS a\n",
		"JSONArgsRecommended":             "FROM scratch\nCMD a\n",
		"LegacyKeyValueFormat":            "FROM scratch\nENV A b\n",
		"MaintainerDeprecated":            "FROM scratch\nMAINTAINER a\n",
		"MultipleInstructionsDisallowed":  "FROM scratch\nCMD [\"a\"]\nUSER 1\nCMD [\"b\"]\n",
		"NoEmptyContinuation":             "FROM scratch\nENV A=b \\\n\n  C=d\n",
		"RedundantTargetPlatform":         "FROM --platform=$TARGETPLATFORM scratch\n",
		"ReservedStageName":               "FROM scratch AS scratch\n",
		"SecretsUsedInArgOrEnv":           "FROM scratch\nENV API_KEY=a\n",
		"StageNameCasing":                 "FROM scratch AS Base\n",
		"UndefinedArgInFrom":              "FROM scratch$B\n",
		"UndefinedVar":                    "FROM scratch\nENV A=$B\n",
		"WorkdirRelativePath":             "FROM scratch\nWORKDIR a\n",
	}
	forms := []string{
		"# check=skip=%s\n", "#CHECK = skip=%s;error=true // why\n", "# check=skip=Other\n# check=skip=%s\n", "# check=skip=%s\n#\n",
		"# check=skip=%s\n  #\n", "# check=skip=%s\n\n# more\n", " # check=skip=%s\n", "# check=skip=%s;pedantic=true\n", "# check skip=%s\n",
		"# check=skip=a,%s\n", "# check=skip=%s, a\n", "# check=skip=all%.0s\n", "# check=skip=all,%.0sa\n",
	}
	const first = "# a comment ends the directives\n"
	linter := dockvet.New(rules.All(), dockvet.Settings{Profile: dockvet.Strict, Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	compared, silenced := 0, 0
	for check, src := range violations {
		if theirs, ok := buildkitChecks([]byte(first + src)); !ok || theirs[check] == 0 {
			t.Errorf("%s: BuildKit does not report it (builds: %v)", check, ok)
			continue
		}
		lines := strings.SplitAfter(src, "\n")
		for at := range lines {
			for _, form := range forms {
				variant := first + strings.Join(slices.Insert(slices.Clone(lines), at, fmt.Sprintf(form, check)), "")
				theirs, ok := buildkitChecks([]byte(variant))
				if !ok {
					continue // a second directive
				}
				ours := false
				for _, f := range linter.Lint(dockvet.Build{Plan: plan.New(dockerfile.Parse("Dockerfile", []byte(variant)), plan.Options{})}) {
					ours = ours || slices.Contains(f.Aliases, check)
				}
				compared++
				_, reported := theirs[check]
				if !reported {
					silenced++
				}
				if reported != ours {
					t.Errorf("%s: BuildKit reports it: %v, dockvet: %v\n%s", check, reported, ours, variant)
				}
			}
		}
	}
	t.Logf("%d Dockerfiles compared, in %d of them the comment works", compared, silenced)
	if silenced == 0 || silenced == compared {
		t.Error("the comments of this test are all the same to BuildKit")
	}
}
