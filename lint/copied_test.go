package lint_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// TestStagesCopyResults lints stages that copy what they build themselves, and that copy twice from the stage above: a walk along these
// copies that does not remember where it was never ends, or takes twice as long for each stage.
func TestStagesCopyResults(t *testing.T) {
	const stage = "FROM maven:3.9-eclipse-temurin-21 AS s%[1]d\nCOPY --from=s%[2]d /a.jar /a.jar\nCOPY --from=s%[2]d /b.jar /b.jar\n"
	var chain strings.Builder
	chain.WriteString("FROM maven:3.9-eclipse-temurin-21 AS s0\nCOPY . .\n")
	for i := range 60 {
		fmt.Fprintf(&chain, stage, i+1, i)
	}
	for _, text := range []string{fmt.Sprintf(stage, 0, 0), chain.String()} {
		ctx, err := buildcontext.New(fstest.MapFS{"Dockerfile": {Data: []byte(text)}, "pom.xml": {Data: []byte("<project/>")}}, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		p := plan.New(parser.Parse("Dockerfile", []byte(text)), plan.Options{})
		for _, x := range lint.New(rules.All(), lint.Settings{Profile: lint.Strict}).Lint(lint.Build{Plan: p, Context: ctx}) {
			if x.Rule.Name == lint.RuleBug {
				t.Error(x.Message)
			}
		}
	}
}
