package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func planOf(src string) *plan.Plan {
	return plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})
}

func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       []string
	}{
		{"nothing", "FROM a\nRUN b\n", "from a:latest\n\n# c\nrun b\n", nil},
		{"legacy pairs", "FROM a\nENV b c\nLABEL d e\n", "FROM a\nENV b=c\nLABEL d=e\n", nil},
		{"a legacy value with blanks", "FROM a\nENV b c d\n", "FROM a\nENV b=\"c d\"\n", nil},
		{"carriage returns and continuations", "FROM a\r\nRUN b \\\r\n  c\r\n", "FROM a\nRUN b   c\n", nil},
		{"re-indented", "FROM a\nRUN b \\\n  c\n", "FROM a\nRUN b \\\n    c\n", []string{"step 1 RUN: command changes from `[\"b   c\"]` to `[\"b     c\"]`"}},
		{"labels and ports anywhere", "FROM a\nLABEL b=c\nEXPOSE 80\nRUN d\n", "FROM a\nRUN d\nEXPOSE 80/TCP\nLABEL b=c\n", nil},
		{"split ENV", "FROM a\nENV b=c d=e\n", "FROM a\nENV b=c\nENV d=e\n", nil},
		{"split ENV that refers to itself", "FROM a\nENV b=c d=$b\n", "FROM a\nENV b=c\nENV d=$b\n", []string{"image: environment d changes from `‹base:b›` to `c`"}},
		{"stage by number", "FROM a AS b\nFROM c\nCOPY --from=0 d e\n", "FROM a AS b\nFROM c\nCOPY --from=b d e\n", nil},
		{"braces", "FROM a\nARG V=1\nWORKDIR /$V\n", "FROM a\nARG V=1\nWORKDIR /${V}\n", nil},
		{"a modifier of a variable that the base may set", "FROM a\nWORKDIR /${V}\n", "FROM a\nWORKDIR /${V:-x}\n", []string{
			"step 1 WORKDIR: path changes from `/‹base:V›` to `‹directory:‹base:workdir› then ‹word:/${V:-x} V=‹base:V›››`",
			"image: working directory changes from `/‹base:V›` to `‹directory:‹base:workdir› then ‹word:/${V:-x} V=‹base:V›››`",
		}},
		{"an argument is not its default", "FROM a\nARG V=1\nENV W=$V\n", "FROM a\nARG V=1\nENV W=1\n", []string{"image: environment W changes from `‹arg:V=1›` to `1`"}},
		{"target platform", "FROM --platform=$TARGETPLATFORM a\n", "FROM a\n", nil},
		{"exec form", "FROM a\nCMD b c\n", "FROM a\nCMD [\"b\", \"c\"]\n", []string{"image: command changes from `‹base:shell› [\"b c\"]` to `[\"b\" \"c\"]`"}},
		{"environment", "FROM a\nRUN b\n", "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN b\n", []string{
			"step 2 RUN: environment gains PIP_NO_CACHE_DIR", "image: environment gains PIP_NO_CACHE_DIR",
		}},
		{"a base that may be a stage", "FROM a AS b-arm64\nFROM b-$TARGETARCH\n", "FROM a AS b-arm64\nARG c\nFROM b-$TARGETARCH\n", []string{
			"stage 1: a stage that `b-‹platform:TARGETARCH›` may name hands something else on",
		}},
		{"a directive that stands twice", "# escape=`\nFROM a\n", "# escape=`\n# escape=`\nFROM a\n", []string{
			"what BuildKit refuses changes from `` to `only one escape parser directive can be used`",
		}},
		{"lines without an instruction", "R a\n# b\nR\n", "R a\nR\n", nil},
		{"removed argument", "FROM a\nARG b\nRUN c\n", "FROM a\nRUN c\n", []string{"step 1 RUN: environment loses b"}},
		{"mount", "FROM a\nRUN b\n", "FROM a\nRUN --mount=type=cache,target=/c b\n", []string{"step 1 RUN: --mount becomes `type=cache,target=/c`"}},
		{"steps", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b && c\n", []string{"step 1 RUN: command changes from `[\"b\"]` to `[\"b && c\"]`", "step 2 RUN is gone"}},
		{"relative directory", "FROM scratch\nWORKDIR a\nWORKDIR b\n", "FROM scratch\nWORKDIR /a\nWORKDIR /a/b\n", nil},
		{"relative to what the base says", "FROM a\nWORKDIR b\n", "FROM a\nWORKDIR /b\n", []string{
			"step 1 WORKDIR: path changes from `‹base:workdir›/b` to `/b`", "image: working directory changes from `‹base:workdir›/b` to `/b`",
		}},
		{"maintainer", "FROM a\nMAINTAINER b\n", "FROM a\nLABEL maintainer=b\n", []string{"image: label gains maintainer", "image: author is gone"}},
		{"dead command", "FROM a\nCMD b\nCMD c\n", "FROM a\nCMD c\n", nil},
		{"entry point clears an inherited command", "FROM a\nCMD b\nENTRYPOINT c\n", "FROM a\nENTRYPOINT c\n", []string{
			"image: command changes from `‹base:shell› [\"b\"]` to ``",
		}},
		{"duplicate label", "FROM a\nLABEL b=c\nLABEL b=d\n", "FROM a\nLABEL b=d\n", nil},
		{"trigger", "FROM a\nONBUILD RUN b\n", "FROM a\nONBUILD run b\n", []string{"image: trigger changes from `RUN b` to `run b`"}},
		{"broken stays broken", "FROM a\nCOPPY b\nENV c d\n", "FROM a\nCOPPY b\nENV c=d\n", nil},
		{"shell", "FROM a\nSHELL [\"bash\", \"-c\"]\nRUN b\n", "FROM a\nRUN b\n", []string{
			"step 1 RUN: shell changes from `[\"bash\" \"-c\"]` to `‹base:shell›`", "image: shell changes from `[\"bash\" \"-c\"]` to `‹base:shell›`",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, plan.Diff(planOf(c.a), planOf(c.b))); diff != "" {
				t.Errorf("differences (-want +got)\n%s", diff)
			}
			if got := plan.Diff(planOf(c.b), planOf(c.b)); got != nil {
				t.Errorf("a build differs from itself: %v", got)
			}
		})
	}
}
