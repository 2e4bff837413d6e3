package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
)

// viewer is the flags of `dockvet context`.
type viewer struct {
	*app
	format, output, color string
	context, target       string
	buildArgs             []string
	depth                 int
}

func (a *app) context() *cobra.Command {
	v := &viewer{app: a}
	cmd := &cobra.Command{
		Use:   "context [PATH]",
		Short: "Show what would be sent to a build",
		Long: `Show what would be sent to a build: the build context by size with what ignores each part, its largest
files, what each COPY copies, and lines that would improve its .dockerignore. PATH is the context directory (default:
the working directory) or a Dockerfile.

Nothing is written. If there is no .dockerignore, dockvet check --fix --unsafe-fixes creates one.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return v.run(args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&v.format, "format", "f", "text", "print in `FORMAT`: "+strings.Join(textOrJSON(), ", "))
	f.StringVarP(&v.output, "output", "o", "", "write to `FILE`, completely or not at all")
	f.IntVar(&v.depth, "depth", 3, "show directories `N` levels deep")
	f.StringVar(&v.context, "context", "",
		"use `DIR` as the build context of the Dockerfile PATH (default: what describes its builds says, or its directory)")
	f.Var(&listFlag{&v.buildArgs, false}, "build-arg",
		"set a build argument, as in `KEY=VALUE`; KEY without a value is taken from the environment")
	f.StringVar(&v.target, "target", "", "build `STAGE` (default: the last one)")
	f.StringVar(&v.color, "color", "auto", "use colours `WHEN`: "+strings.Join(colorModes(), ", "))
	complete(cmd, "format", textOrJSON)
	complete(cmd, "color", colorModes)
	return cmd
}

func textOrJSON() []string { return []string{"text", "json"} }

func (v *viewer) run(args []string) error {
	if err := checkName("format", v.format, textOrJSON()); err != nil {
		return err
	}
	if err := checkName("colour mode", v.color, colorModes()); err != nil {
		return err
	}
	if v.depth < 1 {
		return errors.New("--depth must be at least 1")
	}
	if err := checkContext(v.context); err != nil {
		return err
	}
	name := "."
	if len(args) > 0 {
		name = args[0]
	}
	o := workspace.Options{Context: v.context, Target: v.target, Args: workspace.BuildArgs(v.buildArgs, os.LookupEnv)}
	w, err := v.open(workspace.Config{Rules: rules.All()}, o)
	if err != nil {
		return err
	}
	sight, err := w.See(name)
	if err != nil {
		return err
	}
	if len(sight.Others) > 0 {
		v.note(fmt.Errorf("%s builds %s in this directory; it is also built in %s", sight.Source, sight.Path, strings.Join(sight.Others, ", ")))
	}
	page := v.survey(sight)
	v.tellRefused()
	return v.write(v.output, v.color, false, func(out io.Writer, o report.Options) error {
		if v.format == "json" {
			return page.WriteJSON(out)
		}
		return forPeople(out, o.Width > 0, func(w io.Writer) error { return page.WriteText(w, o) })
	})
}

// survey looks at all files of the build context.
func (v *viewer) survey(s *workspace.Sight) *report.BuildContext {
	progress := v.progress("looking at files", 0, false)
	root, cut, err := s.Context.Survey(progress.step)
	progress.end()
	if err != nil {
		if detail, ok := errors.AsType[*fs.PathError](err); ok {
			err = workspace.CannotRead(path.Join(s.Dir, detail.Path), err)
		}
		v.warn(err)
	}
	page := &report.BuildContext{
		Dir: s.Dir, Dockerfile: s.Path, Ignore: s.Context.Ignore, Root: root, Cut: cut, Depth: v.depth,
	}
	for _, c := range s.Copies() {
		out := report.ContextCopy{Line: c.Line, Text: c.Text}
		for _, x := range c.Sources {
			out.Sources = append(out.Sources, report.ContextSource(x))
		}
		page.Copies = append(page.Copies, out)
	}
	lines, known := s.IgnoreLines(root)
	for _, l := range lines {
		page.Lines = append(page.Lines, report.ContextLine(l))
	}
	page.LinesKnown = known
	return page
}
