// Package report prints findings: one file for each format, one table of formats.
package report

import (
	"io"

	"github.com/dockvet/dockvet/lint"
)

// Report is what a run found.
type Report struct {
	Version  string          // of dockvet
	Files    int             // how many Dockerfiles were checked
	Findings []*lint.Finding // ordered by file as given, then by offset, then by rule
	// Page is a rule's page in Markdown, URL its address on the web; either may return "".
	Page func(*lint.Rule) string
	URL  func(*lint.Rule) string
	// Rules are the rules that could run, for formats that describe them.
	Rules []*lint.Rule
	// Context reads a file of the build context of a Dockerfile for a code frame; nil or an error leaves the frame out.
	Context func(dockerfile, path string) ([]byte, error)
}

// Options are the reader's wishes.
type Options struct {
	Color bool
	Quiet bool // findings only, no summary
	Width int  // columns of the terminal, 0 if unknown
}

// Format prints reports.
type Format struct {
	Name    string
	Summary string // one line: lower-case, no full stop
	Write   func(io.Writer, *Report, Options) error
}
