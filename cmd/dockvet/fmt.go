package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"mvdan.cc/editorconfig"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/layout"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/report"
)

// formatter is the flags of `dockvet fmt`.
type formatter struct {
	*app
	check, diff, quiet   bool
	shell                bool
	color, stdinFilename string
}

func (a *app) fmt() *cobra.Command {
	f := &formatter{app: a}
	cmd := &cobra.Command{
		Use:   "fmt [PATH…]",
		Short: "Format Dockerfiles",
		Long: `Format Dockerfiles in place, without changing what they build. A PATH is a Dockerfile or a directory (default: the
working directory), in which Dockerfiles are found as check finds them. The path - reads standard input and prints.

Keywords are written in upper case, flags in the order of the reference, and pairs of an ENV or LABEL below each other.
What a shell runs is kept as it is. Each result is compared with the original, as for fixes, before it is written.

With --shell, the code of RUN is formatted as well, as .editorconfig says: spaces, indentation, and the bodies of heredocs.
It does the same then, but it is another text, so BuildKit runs these steps, and those after them, once more.

The exit code is 0 if all files are formatted, 1 with --check or --diff if one is not, and 2 for a file that cannot be
read, parsed or written.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.check, "check", false, "write nothing, name the files that are not formatted, and exit with 1 if there is one")
	flags.BoolVar(&f.diff, "diff", false, "write nothing, print what would change, and exit with 1 if there is a difference")
	flags.BoolVar(&f.shell, "shell", false, "also format the shell code of RUN; its layers are built once more")
	flags.StringVar(&f.stdinFilename, "stdin-filename", "-", "call standard input `NAME` in messages")
	flags.StringVar(&f.color, "color", "auto", "use colours `WHEN`: "+strings.Join(colorModes(), ", "))
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print only errors and what --check and --diff find")
	complete(cmd, "color", colorModes)
	return cmd
}

func (f *formatter) run(args []string) error {
	if err := checkName("colour mode", f.color, colorModes()); err != nil {
		return err
	}
	w, err := f.open(workspace.Config{}, workspace.Options{NoContext: true})
	if err != nil {
		return err
	}
	stdin := slices.Contains(args, "-")
	args = slices.DeleteFunc(slices.Clone(args), func(s string) bool { return s == "-" })
	if len(args) == 0 && !stdin {
		args = []string{"."}
	}
	targets, errs := w.Find(args)
	for _, err := range errs {
		f.warn(err)
	}
	if stdin {
		targets = append(targets, workspace.Target{Path: f.stdinFilename})
	}
	var changes []report.Change
	for _, t := range targets {
		if t.Describes {
			continue
		}
		c, err := f.format(w, t)
		if err != nil {
			f.warn(err)
		} else if c != nil {
			changes = append(changes, *c)
		}
	}
	f.tellRefused()
	if (f.check || f.diff) && len(changes) > 0 && f.code == exitClean {
		f.code = exitFindings
	}
	return f.tell(changes)
}

// format formats one file, and writes it unless only the difference was asked for. It returns nil for a formatted file.
func (f *formatter) format(w *workspace.Workspace, t workspace.Target) (*report.Change, error) {
	src, err := f.read(w, t)
	if err != nil {
		return nil, workspace.CannotRead(t.Path, err)
	}
	if len(src) > parser.MaxFile {
		return nil, fmt.Errorf("%s: not formatted: it is larger than %d bytes", t.Path, parser.MaxFile)
	}
	var rebuilt []int
	var out []byte
	if f.shell {
		out, rebuilt, err = layout.FormatShell(t.Path, src, f.style(w, t))
	} else {
		out, err = layout.Format(t.Path, src)
	}
	if syntax := new(layout.Error); errors.As(err, &syntax) {
		return nil, fmt.Errorf("%s:%w; the file is not formatted", t.Path, syntax)
	} else if err != nil {
		return nil, fmt.Errorf("%s: not formatted: %w", t.Path, err)
	}
	if t.Name == "" && !f.check && !f.diff {
		_, err := f.out.Write(out)
		return nil, err
	}
	if bytes.Equal(src, out) {
		return nil, nil
	}
	if !f.check && !f.diff {
		lost, err := f.files.Replace(w.Abs(t.Name), src, out)
		if err != nil {
			return nil, fmt.Errorf("%s: not formatted: %w", t.Path, disk.Reason(err))
		}
		if len(lost) > 0 {
			f.note(fmt.Errorf("%s: could not keep %s", t.Path, strings.Join(lost, ", ")))
		}
	}
	if n := len(rebuilt); n > 0 && !f.quiet {
		f.note(fmt.Errorf("%s: %s, and what is built on it, runs once more: its text changes, although it does the same", t.Path, steps(rebuilt)))
	}
	return &report.Change{Name: t.Path, Before: src, After: out}, nil
}

// steps names the RUN instructions that begin at lines.
func steps(lines []int) string {
	if len(lines) == 1 {
		return fmt.Sprintf("the RUN in line %d", lines[0])
	}
	return fmt.Sprintf("each of %d RUN instructions, the first of them in line %d", len(lines), lines[0])
}

// maxEditorConfig bounds an .editorconfig, in bytes.
const maxEditorConfig = 64 << 10

// style is what the .editorconfig files in the directory of t and above say; nearer ones win.
func (f *formatter) style(w *workspace.Workspace, t workspace.Target) layout.Style {
	style := layout.DefaultStyle()
	name := w.Abs(t.Name)
	if t.Name == "" {
		name = w.Abs(f.stdinFilename)
	}
	var found []editorconfig.Section
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if file, err := f.files.Open(filepath.Join(dir, editorconfig.DefaultName)); err == nil {
			c, err := editorconfig.Parse(io.LimitReader(file, maxEditorConfig))
			_ = file.Close() // it was only read
			if rel, e := filepath.Rel(dir, name); err == nil && e == nil {
				found = append(found, c.Filter(filepath.ToSlash(rel), []string{"dockerfile"}, nil))
				if c.Root {
					break
				}
			}
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for i := len(found) - 1; i >= 0; i-- {
		s := found[i]
		switch s.Get("indent_style") {
		case "tab":
			style.Indent = 0
		case "space":
			style.Indent = max(style.Indent, layout.DefaultStyle().Indent)
		}
		if n := s.IndentSize(); n > 0 && s.Get("indent_style") != "tab" && style.Indent > 0 {
			style.Indent = min(n, maxIndent)
		}
		for key, to := range map[string]*bool{
			"binary_next_line": &style.BinaryNextLine, "switch_case_indent": &style.SwitchCaseIndent,
			"space_redirects": &style.SpaceRedirects, "function_next_line": &style.FunctionNextLine,
		} {
			if value := s.Get(key); value != "" {
				*to = value == "true"
			}
		}
	}
	return style
}

// maxIndent bounds the indentation that an .editorconfig may ask for.
const maxIndent = 16

func (f *formatter) read(w *workspace.Workspace, t workspace.Target) ([]byte, error) {
	in := io.NopCloser(f.in)
	if t.Name != "" {
		file, err := f.files.Open(w.Abs(t.Name))
		if err != nil {
			return nil, err
		}
		in = file
	}
	defer func() { _ = in.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(in, parser.MaxFile+1))
}

// tell prints the difference, or which files were formatted.
func (f *formatter) tell(changes []report.Change) error {
	width, isTerminal := terminal(f.out)
	if f.diff {
		return forPeople(f.out, isTerminal, func(w io.Writer) error {
			return report.WriteDiff(w, changes, report.Options{Color: useColor(f.color, isTerminal), Width: width})
		})
	}
	for _, c := range changes {
		if f.check {
			if _, err := fmt.Fprintln(f.out, console.Clean(c.Name)); err != nil {
				return err
			}
		} else if !f.quiet {
			_, _ = fmt.Fprintf(console.NewDefused(f.err), "formatted %s\n", console.Clean(c.Name)) // there is nowhere left to complain
		}
	}
	return nil
}
