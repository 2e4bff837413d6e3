package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/moby/patternmatcher"
	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/cmd/dockvet/internal/driver"
	application "github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
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
		Short: "Show what a build would be sent",
		Long: `Show what a build would be sent: the build context by size with what ignores each part, its largest files, what each COPY takes, and the lines that would make its .dockerignore better. PATH is the context's folder (default: the working directory) or a Dockerfile.

Nothing is written. Where there is no .dockerignore, dockvet check --fix --unsafe-fixes writes it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return v.run(args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	formats := []string{"text", "json"}
	f.StringVarP(&v.format, "format", "f", "text", "print in `FORMAT`: "+strings.Join(formats, ", "))
	f.StringVarP(&v.output, "output", "o", "", "write to `FILE`, whole or not at all")
	f.IntVar(&v.depth, "depth", 3, "show folders `N` levels deep")
	f.StringVar(&v.context, "context", "", "take `DIR` for the build context of the Dockerfile PATH (default: its folder)")
	f.StringArrayVar(&v.buildArgs, "build-arg", nil, "set a build argument, as in `KEY=VALUE`; KEY alone takes the environment's value")
	f.StringVar(&v.target, "target", "", "build `STAGE` (default: the last one)")
	f.StringVar(&v.color, "color", "auto", "use colours `WHEN`: "+strings.Join(colorModes(), ", "))
	complete(cmd, "format", func() []string { return formats })
	complete(cmd, "color", colorModes)
	return cmd
}

func (v *viewer) run(args []string) error {
	if !slices.Contains([]string{"text", "json"}, v.format) {
		return oneOf("format", v.format, []string{"text", "json"})
	}
	if err := checkName("colour mode", v.color, colorModes()); err != nil {
		return err
	}
	if v.depth < 1 {
		return errors.New("--depth takes a number from 1 on")
	}
	if v.context != "" {
		if info, err := os.Stat(v.context); err != nil {
			return fmt.Errorf("--context: %w", driver.CannotRead(v.context, err))
		} else if !info.IsDir() {
			return fmt.Errorf("--context: %s is no folder", v.context)
		}
	}
	where := "."
	if len(args) > 0 {
		where = args[0]
	}
	o := driver.Options{Context: v.context, Plan: plan.Options{Target: v.target, Args: buildArguments(v.buildArgs)}}
	s, err := driver.See(where, o)
	if err != nil {
		return err
	}
	c := v.look(s, o.Plan)
	if v.output != "" {
		write := func(w io.Writer) error {
			b := bufio.NewWriter(w)
			if v.format == "json" {
				return writeJSON(w, c.describe())
			}
			(&page{w: b, color: v.color == "always", width: plainWidth}).contents(c)
			return b.Flush()
		}
		if err := driver.WriteFile(v.output, write); err != nil {
			return fmt.Errorf("--output: %w", err)
		}
		return nil
	}
	if v.format == "json" {
		return v.json(c.describe())
	}
	width, isTerminal := terminal(v.out)
	if width <= 0 {
		width = plainWidth
	}
	w := bufio.NewWriter(v.out)
	(&page{w: w, color: useColor(v.color, isTerminal), width: width}).contents(c)
	return v.flush(w)
}

// contents is all that is to be said of a build context.
type contents struct {
	*driver.Sight
	root    *buildcontext.Part
	cut     bool
	depth   int
	largest []*buildcontext.Part // what is sent, the largest first
	copies  []driver.Copied
	lines   []ignoreLine // to add to the ignore file
	known   bool         // whether lines says all: false where a variable hides what is copied
}

// ignoreLine is a line of an ignore file with what it would keep out of what is sent without it.
type ignoreLine struct {
	pattern string
	weight  buildcontext.Weight
}

// maxLargest is how many of the largest files are listed.
const maxLargest = 10

func (v *viewer) look(s *driver.Sight, o plan.Options) *contents {
	p := &progress{what: "looking at files", next: time.Now().Add(300 * time.Millisecond)}
	if _, ok := terminal(v.err); ok {
		p.w = v.err
	}
	c := &contents{Sight: s, depth: v.depth}
	var err error
	c.root, c.cut, err = s.Context.Survey(p.step)
	p.end()
	if err != nil {
		if detail, ok := errors.AsType[*fs.PathError](err); ok {
			err = driver.CannotRead(path.Join(s.Dir, detail.Path), err)
		}
		v.warn(err)
	}
	collect(c.root, &c.largest)
	file := s.File
	if file == nil {
		file = parser.Parse("", nil)
	}
	build := plan.New(file, o)
	if s.File != nil {
		c.copies = s.Copies(build)
	}
	lines, known := application.Dockerignore(s.Context, build, func(step *plan.Step) *shell.Script {
		if step.Instruction.Name != "RUN" {
			return nil
		}
		return shell.Read(step)
	})
	c.known = known
	c.lines = weigh(c.root, lines)
	return c
}

// weigh says of each line what it keeps out that those above it leave.
func weigh(root *buildcontext.Part, lines []string) []ignoreLine {
	out := make([]ignoreLine, len(lines))
	matchers := make([]*patternmatcher.PatternMatcher, len(lines))
	for i, line := range lines {
		out[i].pattern = line
		matchers[i], _ = patternmatcher.New([]string{line}) // what is proposed is well-formed
	}
	var walk func(p *buildcontext.Part)
	walk = func(p *buildcontext.Part) {
		for i, m := range matchers {
			if m == nil || p.Name == "." {
				continue
			}
			// What lies above p has been asked already.
			if ok, err := m.MatchesOrParentMatches(p.Name); err == nil && ok {
				out[i].weight.Files += p.Sent.Files
				out[i].weight.Bytes += p.Sent.Bytes
				return
			}
		}
		for _, b := range p.Below {
			if b.Sent.Files > 0 {
				walk(b)
			}
		}
	}
	walk(root)
	return out
}
