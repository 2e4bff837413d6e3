// Package console lays out running text for a terminal.
package console

import (
	"io"
	"strings"
	"unicode/utf8"
)

// MaxWidth is the greatest useful width of a line of running text, in columns: longer ones are hard to read.
const MaxWidth = 100

// Put writes parts to a buffered writer, whose Flush reports the error.
//
//go:noinline
func Put(w io.StringWriter, parts ...string) {
	for _, s := range parts {
		_, _ = w.WriteString(s) // the writer keeps its error for Flush
	}
}

// Style wraps s in a terminal's code, such as 1 for bold, if on.
func Style(on bool, code, s string) string {
	if !on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Fill writes the words of text, from column on, and breaks lines before width. Further lines begin with indent.
func Fill(w io.StringWriter, text string, column int, indent string, width int) {
	start := true
	for _, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case start:
			start = false
		case column+1+size > width:
			Put(w, "\n", indent)
			column = len(indent)
		default:
			Put(w, " ")
			column++
		}
		Put(w, word)
		column += size
	}
	Put(w, "\n")
}
