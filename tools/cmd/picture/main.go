// Picture draws docs/check.svg: what `dockvet check` prints for the sample application, as it looks on a terminal.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

func main() {
	if err := run(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	bin, err := os.MkdirTemp("", "picture")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(bin) }() // a temporary directory
	build := exec.Command("go", "build", "-o", bin, "./cmd/dockvet")
	build.Dir, build.Stderr = root, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build dockvet: %w", err)
	}
	check := exec.Command(filepath.Join(bin, "dockvet"), "check", "--no-config", "--color", "always", "--now", "2026-11-23")
	check.Dir = filepath.Join(root, "testdata", "projects", "flask")
	out, err := check.Output()
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return fmt.Errorf("run dockvet: %w", err)
	}
	text := "$ dockvet check\n" + wrap(shorten(string(out)))
	return os.WriteFile(filepath.Join(root, "docs", "check.svg"), draw(text), 0o644)
}

// shorten keeps the first findings and the summary, so that the picture stays readable.
func shorten(out string) string {
	const findings = 4
	parts := strings.Split(strings.TrimRight(out, "\n"), "\n\n")
	if len(parts) > findings+2 {
		parts = append(append(parts[:findings:findings], "…"), parts[len(parts)-1])
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// wrap breaks long lines at spaces, and indents what follows like the text of a note.
func wrap(text string) string {
	const columns, indent = 100, 10
	var b strings.Builder
	for line := range strings.Lines(text) {
		at := 0
		for i, word := range strings.SplitAfter(line, " ") {
			width := displaywidth.String(strings.TrimRight(sgr.ReplaceAllString(word, ""), " \n"))
			if i > 0 && at+width > columns {
				b.WriteString("\n" + strings.Repeat(" ", indent))
				at = indent
			}
			b.WriteString(word)
			at += displaywidth.String(strings.TrimRight(sgr.ReplaceAllString(word, ""), "\n"))
		}
	}
	return b.String()
}

// The size of a character of the font, in pixels.
const (
	charWidth  = 8.4
	lineHeight = 18
	margin     = 16
)

var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// draw renders text with its colours as SVG.
func draw(text string) []byte {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	width := 0
	for _, line := range lines {
		width = max(width, displaywidth.String(sgr.ReplaceAllString(line, "")))
	}
	var b bytes.Buffer
	w, h := int(float64(width)*charWidth)+2*margin, len(lines)*lineHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">`+"\n", w, h, w, h)
	b.WriteString(`<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d7dae0;white-space:pre}` +
		`.b{font-weight:bold}.d{fill:#7f8694}.r{fill:#ff6b6b}.g{fill:#8fd16b}.y{fill:#f4c65d}.l{fill:#6fb3ff}.c{fill:#5fd4d0}</style>` + "\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#1b1e24"/>`+"\n", w, h)
	style := map[string]bool{}
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" xml:space="preserve">`, margin, margin+(i+1)*lineHeight-4)
		for line != "" {
			at := sgr.FindStringSubmatchIndex(line)
			part := line
			if at != nil {
				part = line[:at[0]]
			}
			if part != "" {
				fmt.Fprintf(&b, `<tspan class="%s">%s</tspan>`, classes(style), html.EscapeString(part))
			}
			if at == nil {
				break
			}
			change(style, line[at[2]:at[3]])
			line = line[at[1]:]
		}
		b.WriteString("</text>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func classes(style map[string]bool) string {
	var out []string
	for _, c := range []string{"b", "d", "r", "g", "y", "l", "c"} {
		if style[c] {
			out = append(out, c)
		}
	}
	return strings.Join(out, " ")
}

// change applies the codes of one escape sequence.
func change(style map[string]bool, codes string) {
	for code := range strings.SplitSeq(codes, ";") {
		switch code {
		case "", "0":
			clear(style)
		case "1":
			style["b"] = true
		case "2":
			style["d"] = true
		case "22":
			style["b"], style["d"] = false, false
		case "31", "91":
			style["r"] = true
		case "32", "92":
			style["g"] = true
		case "33", "93":
			style["y"] = true
		case "34", "94":
			style["l"] = true
		case "36", "96":
			style["c"] = true
		}
	}
}
