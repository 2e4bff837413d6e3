package dockvet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/dockvet/dockvet"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// day keeps the examples from changing when a base image loses its support.
var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func Example_bytes() {
	src := []byte("FROM debian:latest\nRUN apt-get install curl\n")
	report, err := dockvet.CheckBytes(context.Background(), "Dockerfile", src, dockvet.Options{
		Select: []string{"latest-tag", "DL3014"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings {
		at := f.Source.Lines.Position(f.Span.Start)
		fmt.Printf("%s:%d:%d %s %s\n", f.Source.Name, at.Line, at.Column, f.Severity, f.Rule.Name)
	}
	fmt.Println("fails:", report.Fails(dockvet.Warning))
	// Output:
	// Dockerfile:1:6 warning latest-tag
	// Dockerfile:2:13 warning apt-without-yes
	// fails: true
}

func Example_directory() {
	report, err := dockvet.Check(context.Background(), dockvet.Options{Dir: "testdata/projects/flask", Now: day})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings {
		if f.Severity == dockvet.Error {
			fmt.Println(f.Rule.Name, "in", f.Source.Name)
		}
	}
	fmt.Println(report.Files, "Dockerfile")
	// Output:
	// development-server in Dockerfile
	// 1 Dockerfile
}

func Example_rule() {
	curl := &dockvet.Rule{
		Name: "curl-in-image", Severity: dockvet.Warning, Profile: dockvet.Recommended,
		Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
			p.Report(c.Span, "our images use wget").Advise("use wget")
		}, "curl"),
	}
	src := []byte("FROM debian:13\nRUN cd /tmp && curl -fO https://example.com/a\n")
	report, err := dockvet.CheckBytes(context.Background(), "Dockerfile", src, dockvet.Options{
		Rules: []*dockvet.Rule{curl}, Select: []string{curl.Name},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = report.Write(os.Stdout, "github")
	// Output:
	// ::warning file=Dockerfile,line=2,endLine=2,col=16,endColumn=46,title=curl-in-image::our images use wget%0Ahelp: use wget
}

func ExampleReport_Write() {
	report, err := dockvet.CheckBytes(context.Background(), "Dockerfile", []byte("FROM debian\n"), dockvet.Options{Now: day})
	if err != nil {
		fmt.Println(err)
		return
	}
	var sarif bytes.Buffer
	if err := report.Write(&sarif, "sarif"); err != nil {
		fmt.Println(err)
		return
	}
	var log struct {
		Version string
		Runs    []struct {
			Results []struct{ RuleID, Level string }
		}
	}
	if err := json.Unmarshal(sarif.Bytes(), &log); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("SARIF", log.Version)
	for _, x := range log.Runs[0].Results {
		fmt.Println(x.Level, x.RuleID)
	}
	// Output:
	// SARIF 2.1.0
	// warning untagged-image
}

func ExampleFixBytes() {
	src := []byte("FROM debian:13\nUSER app\nADD app /app\n")
	fixed, report, err := dockvet.FixBytes(context.Background(), "Dockerfile", src, dockvet.Options{
		Select: []string{"add-for-copy"}, Unsafe: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s%d findings left\n", fixed, len(report.Findings))
	// Output:
	// FROM debian:13
	// USER app
	// COPY app /app
	// 0 findings left
}
