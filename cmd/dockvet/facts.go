package main

import (
	"bufio"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/facts"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
	"github.com/dockvet/dockvet/shell"
)

func (a *app) facts() *cobra.Command {
	var format, output string
	var schema bool
	cmd := &cobra.Command{
		Use:   "facts [PATH…]",
		Short: "Print what dockvet knows of Dockerfiles, as JSON for other programs",
		Long: `Print what dockvet knows of Dockerfiles, as JSON for other programs: how each is built, its stages and instructions,
the commands in RUN, and what is known about its images. --schema prints the JSON Schema. A PATH is as in dockvet check.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkName("format", format, []string{"json"}); err != nil {
				return err
			}
			if schema {
				return a.json(facts.Schema())
			}
			w, err := a.open(workspace.Config{Rules: rules.All(), Tracked: outside.TrackedAndIgnored}, workspace.Options{})
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{"."}
			}
			return a.write(output, "never", false, func(out io.Writer, _ report.Options) error { return a.writeFacts(out, w, args) })
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&format, "format", "f", "json", "print in `FORMAT`: json")
	f.StringVarP(&output, "output", "o", "", "write to `FILE`, completely or not at all")
	f.BoolVar(&schema, "schema", false, "print the JSON Schema of the output instead")
	return cmd
}

// writeFacts writes a facts.Report, one Dockerfile after the other.
func (a *app) writeFacts(out io.Writer, w *workspace.Workspace, paths []string) error {
	b := bufio.NewWriter(out)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_, _ = b.WriteString(`{"version":1,"files":[`) // Flush reports the error
	first := true
	var err error
	a.dockerfiles(w, paths, func(d *workspace.Dockerfile) {
		if !first {
			_ = b.WriteByte(',')
		}
		first = false
		if failed := e.Encode(factsOf(d)); err == nil {
			err = failed
		}
	})
	a.tellRefused()
	_, _ = b.WriteString("]}\n")
	if err != nil {
		return err
	}
	return b.Flush()
}

// factsOf are those of d with all its builds.
func factsOf(d *workspace.Dockerfile) facts.File {
	out := facts.File{Path: d.Path, Errors: facts.Errors(d.File), Builds: []facts.Build{}}
	for i, known := range pipeline.Builds(d) {
		b := facts.Of(d.Builds[i].Plan, new(shell.Scripts))
		if build := d.Builds[i]; build.Secret() {
			facts.Mask(&b, build.Mask)
		}
		b.Target, b.Builder, b.Assumed = known.Target, known.Builder, known.Assumed
		b.Arguments = known.Args
		if known.Context != "" {
			context := filepath.ToSlash(known.Context)
			b.Context = &context
		}
		for name := range known.Contexts {
			b.Contexts = append(b.Contexts, name)
		}
		slices.Sort(b.Contexts)
		b.Platforms = append(b.Platforms, known.Platforms...)
		b.Services = append(b.Services, known.Services...)
		b.Source.Kind = known.Kind
		if known.File != "" {
			b.Source.File = &known.File
		}
		if known.Line > 0 {
			b.Source.Line = &known.Line
		}
		out.Builds = append(out.Builds, b)
	}
	return out
}
