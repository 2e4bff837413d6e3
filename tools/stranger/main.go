// Command stranger is what a program of somebody else looks like: it fixes the Dockerfiles in a directory, checks them with a rule of
// its own beside dockvet's, and prints what is left as SARIF.
package main

import (
	"context"
	"log"
	"os"

	"github.com/dockvet/dockvet"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

func main() {
	noCurl := &dockvet.Rule{Name: "no-curl", Severity: dockvet.Warning, Profile: dockvet.Minimal, Check: lint.OnCommand(
		func(p *lint.Pass, c *shell.Command) { p.Report(c.Span, "we use wget") }, "curl")}
	report, err := dockvet.Fix(context.Background(), dockvet.Options{Dir: os.Args[1], Rules: []*dockvet.Rule{noCurl}})
	if err != nil {
		log.Fatal(err)
	}
	if err := report.Write(os.Stdout, "sarif"); err != nil {
		log.Fatal(err)
	}
}
