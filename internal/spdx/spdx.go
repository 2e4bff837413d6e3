// Package spdx reads licence expressions.
package spdx

import (
	_ "embed" // for the table
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// The first lines say what the list is. The ids of licences follow, the deprecated ones too, and after an empty line the exceptions.
//
//go:embed ids.txt
var ids string

// Both lists are in small letters, and each id is a line between others.
var (
	licences   = lazy.Value[string]{Make: func() string { return list(2) }}
	exceptions = lazy.Value[string]{Make: func() string { return list(1) }}
)

// list is the nth part of the table from its end.
func list(n int) string {
	parts := strings.Split(strings.ToLower(ids), "\n\n")
	return "\n" + parts[len(parts)-n] + "\n"
}

func among(list *lazy.Value[string], id string) bool {
	return id != "" && strings.Contains(list.Get(), "\n"+strings.ToLower(id)+"\n")
}

// Valid reports whether text is a licence expression: ids of licences, a + after each, an exception after WITH, and references to
// licences in documents, joined by AND, OR and parentheses. GPL-2.0-only and GPL-2.0-or-later say the same of any licence.
func Valid(text string) bool {
	r := reader{rest: text}
	return r.expression() && r.next() == ""
}

// reader reads an expression from its beginning. Each method reports whether what it is named after was there, and reads it.
type reader struct{ rest string }

func (r *reader) expression() bool {
	for {
		if !r.term() {
			return false
		}
		if op := r.next(); op != "AND" && op != "OR" {
			return true
		}
		r.skip()
	}
}

func (r *reader) term() bool {
	if r.next() == "(" {
		r.skip()
		if !r.expression() || r.next() != ")" {
			return false
		}
		r.skip()
		return true
	}
	word := r.skip()
	if document, ok := strings.CutPrefix(word, "DocumentRef-"); ok {
		if document == "" || r.skip() != ":" {
			return false
		}
		word = r.skip()
		return strings.HasPrefix(word, reference) && word != reference
	}
	if strings.HasPrefix(word, reference) {
		return word != reference
	}
	if !licence(word) {
		return false
	}
	r.rest = strings.TrimPrefix(r.rest, "+")
	if r.next() == "WITH" {
		r.skip()
		return among(&exceptions, r.skip())
	}
	return true
}

const reference = "LicenseRef-"

func licence(id string) bool {
	return among(&licences, id) || among(&licences, strings.TrimSuffix(id, "-only")) || among(&licences, strings.TrimSuffix(id, "-or-later"))
}

// next is the next word or sign, empty at the end.
func (r *reader) next() string {
	r.rest = strings.TrimLeft(r.rest, " ")
	n := strings.IndexFunc(r.rest, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.'
	})
	switch n {
	case -1:
		return r.rest
	case 0:
		return r.rest[:1]
	}
	return r.rest[:n]
}

// skip is next, and reads it.
func (r *reader) skip() string {
	word := r.next()
	r.rest = r.rest[len(word):]
	return word
}
