package main

import (
	"cmp"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
)

func (a *app) builds() *cobra.Command {
	var format, output, color string
	var platforms []string
	cmd := &cobra.Command{
		Use:   "builds [PATH…]",
		Short: "Show how each Dockerfile is built, and what says so",
		Long: `Show how each Dockerfile is built: its build contexts, targets and arguments, and the file and line that say so.
Compose files, scripts, Makefiles and the configuration of CI services describe builds. Without a description, the
directories around the Dockerfile may suggest a build context, which is then assumed. A PATH is as in dockvet check.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := cmp.Or(checkName("format", format, textOrJSON()), checkName("colour mode", color, colorModes())); err != nil {
				return err
			}
			w, err := a.open(workspace.Config{Rules: rules.All(), Tracked: outside.TrackedAndIgnored}, workspace.Options{Platforms: platforms})
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{"."}
			}
			list := a.described(w, args)
			a.tellRefused()
			return a.write(output, color, false, func(out io.Writer, o report.Options) error {
				if format == "json" {
					return report.WriteBuildsJSON(out, list)
				}
				return forPeople(out, o.Width > 0, func(w io.Writer) error { return report.WriteBuilds(w, list, o) })
			})
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&format, "format", "f", "text", "print in `FORMAT`: "+strings.Join(textOrJSON(), ", "))
	f.StringVarP(&output, "output", "o", "", "write to `FILE`, completely or not at all")
	f.Var(&listFlag{&platforms, true}, "platform", "build for `PLATFORM`, as in linux/arm64 (default: what a description says)")
	f.StringVar(&color, "color", "auto", "use colours `WHEN`: "+strings.Join(colorModes(), ", "))
	complete(cmd, "format", textOrJSON)
	complete(cmd, "color", colorModes)
	return cmd
}

// described are the builds of the Dockerfiles that paths mean.
func (a *app) described(w *workspace.Workspace, paths []string) []report.Build {
	var out []report.Build
	a.dockerfiles(w, paths, func(d *workspace.Dockerfile) { out = append(out, pipeline.Builds(d)...) })
	return out
}

// dockerfiles calls each with the Dockerfiles that paths mean, and says what goes wrong.
func (a *app) dockerfiles(w *workspace.Workspace, paths []string, each func(*workspace.Dockerfile)) {
	targets, errs := w.Find(paths)
	for _, t := range targets {
		if t.Describes {
			continue
		}
		s, err := w.Settings(t)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if s.Unchecked.V || s.Off.V && !t.Named {
			continue
		}
		d, err := w.Load(t)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, note := range d.Notes {
			if !a.told[note.Error()] {
				a.note(note)
			}
		}
		errs = append(errs, d.Errs...)
		each(d)
	}
	for _, err := range errs {
		a.warn(err)
	}
}
