package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// minList is how many packages a list must have to be worth sorting.
const minList = 3

// UnsortedPackages reports a list with one package per line that is not sorted. A list with other words or comments
// between its lines may be in groups, and one with variables has no order to check: both are left alone.
var UnsortedPackages = &lint.Rule{
	Name: "unsorted-packages", Summary: "a list with one package per line is not sorted", Category: lint.Packages,
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCalls(func(p *lint.Pass, call *shell.Call) {
		if call.Action != shell.Install || len(call.Packages) < minList || !oneALine(p.File, call) {
			return
		}
		sorted := slices.Clone(call.Packages)
		order.By(sorted, func(a, b shell.Package) int { return strings.Compare(sortKey(a), sortKey(b)) })
		bytewise := slices.IsSortedFunc(call.Packages, func(a, b shell.Package) int {
			return strings.Compare(a.Word.Text,
				b.Word.Text)
		})
		var edits []lint.Edit
		for i, pkg := range call.Packages {
			if pkg.Word.Text != sorted[i].Word.Text {
				edits = append(edits, lint.Replace(pkg.Word.Span, sorted[i].Word.Text))
			}
		}
		if len(edits) == 0 || bytewise {
			return
		}
		at := 1
		for sortKey(call.Packages[at-1]) <= sortKey(call.Packages[at]) {
			at++
		}
		word := call.Packages[at].Word
		p.Report(word.Span, "`%s` is out of order in the package list", word.Text).
			Because("a sorted list makes duplicates visible and causes fewer merge conflicts").
			Advise("sort the list alphabetically").
			Offer(lint.Unsafe, "sort the list", edits...)
	}, ecosystem.Names(func(m *ecosystem.Manager) bool { return m.System })),
}

// sortKey is what pkg is sorted by: its name regardless of case, then the whole word.
func sortKey(pkg shell.Package) string { return strings.ToLower(pkg.Name) + " " + pkg.Word.Text }

// oneALine reports whether call has one package per line, on consecutive lines that hold nothing else.
func oneALine(f *parser.File, call *shell.Call) bool {
	first := f.Lines.Line(call.Packages[0].Word.Span.Start)
	for i, pkg := range call.Packages {
		w := pkg.Word
		if pkg.Local || !call.Command.Plain(w) || f.Lines.Line(w.Span.Start) != first+i {
			return false
		}
		line := strings.Trim(strings.TrimRight(f.Text(f.Lines.Span(first+i)), "\r\n"), " \t")
		switch i {
		case 0: // the verb may come before it
			line = strings.TrimRight(strings.TrimSuffix(line, string(rune(f.Escape))), " \t")
			if !strings.HasSuffix(line, w.Text) {
				return false
			}
		case len(call.Packages) - 1: // other commands may follow
			if !strings.HasPrefix(line, w.Text) {
				return false
			}
		default:
			if strings.TrimRight(strings.TrimSuffix(line, string(rune(f.Escape))), " \t") != w.Text {
				return false
			}
		}
	}
	return true
}
