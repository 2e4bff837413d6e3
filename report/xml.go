package report

import (
	"bytes"
	"io"
	"strings"
)

// xmlWriter writes XML by hand: encoding/xml would be a hundred times the code.
type xmlWriter struct {
	bytes.Buffer
	escape *strings.Replacer
}

func newXML() *xmlWriter {
	x := &xmlWriter{escape: strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;",
		"\n", "&#10;", // a plain one would become a space in an attribute
		"\uFFFE", "\uFFFD", "\uFFFF", "\uFFFD", // what clean leaves that XML cannot hold
	)}
	x.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	return x
}

// text writes cleaned text.
func (x *xmlWriter) text(s string) { x.WriteString(x.escape.Replace(s)) }

// tag begins an element. The attributes are names and cleaned values in turn; end is what follows them, such as "/>".
func (x *xmlWriter) tag(end, name string, attributes ...string) {
	x.WriteString("<" + name)
	for i, s := range attributes {
		if i%2 == 0 {
			x.WriteString(" " + s + `="`)
		} else {
			x.text(s)
			x.WriteByte('"')
		}
	}
	x.WriteString(end)
}

// flush writes what there is of the document to out.
func (x *xmlWriter) flush(out io.Writer) error {
	_, err := out.Write(x.Bytes())
	x.Reset()
	return err
}
