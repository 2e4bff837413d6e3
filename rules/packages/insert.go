package packages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// insertBehind offers to write option behind the verb of call.
func insertBehind(f *lint.Finding, call *shell.Call, option string) {
	if call.Command.Plain(call.Verb) {
		at := call.Verb.Span.End
		f.Offer(lint.Unsafe, "add `"+option+"`", lint.Edit{Span: parser.Span{Start: at, End: at}, Text: " " + option})
	}
}

// insertBefore offers to write option before the verb of call.
func insertBefore(f *lint.Finding, call *shell.Call, option string) {
	if call.Command.Plain(call.Verb) {
		at := call.Verb.Span.Start
		f.Offer(lint.Unsafe, "add `"+option+"`", lint.Edit{Span: parser.Span{Start: at, End: at}, Text: option + " "})
	}
}
