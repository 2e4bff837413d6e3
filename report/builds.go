package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/console"
)

// Build is one way in which a Dockerfile is built. Paths are as reports print them.
type Build struct {
	Dockerfile string
	Context    string // a directory; "" if it is not known
	Target     string // "" is the last stage
	TargetOpen bool   // there is a target, and it is not known
	Args       map[string]string
	Contexts   map[string]string // the named contexts as they are described
	Platforms  []string
	Services   []string
	Builder    string // buildkit, buildah or kaniko
	Kind       string // of what says so
	File       string // that says so; "" if no file does
	Line       int    // in File; 0 if it is the file as a whole
	Assumed    bool   // no description has the context
	Reason     string // why it is assumed or not known; "" otherwise
}

// WriteBuildsJSON writes builds for programs. Arrays and objects are never null; what is not known is.
func WriteBuildsJSON(out io.Writer, builds []Build) error {
	w := bufio.NewWriter(out)
	e := jsonEncoder{w: w}
	e.raw(`{"version":`).int(jsonVersion).raw(`,`).builds(slices.Values(builds)).raw("}\n")
	if err := e.put(); err != nil {
		return err
	}
	return w.Flush()
}

// builds writes a key and the array of builds, a build a line.
func (e *jsonEncoder) builds(builds iter.Seq[Build]) *jsonEncoder {
	e.raw(`"builds":[`)
	n := 0
	for b := range builds {
		e.comma(n).raw("\n").build(&b)
		_ = e.put() // the writer keeps the error
		n++
	}
	if n > 0 {
		e.raw("\n")
	}
	return e.raw("]")
}

func (e *jsonEncoder) build(b *Build) {
	e.raw(`{"dockerfile":`).string(b.Dockerfile).orNull("context", b.Context, b.Context != "").orNull("target", b.Target, !b.TargetOpen)
	e.object("args", b.Args).object("contexts", b.Contexts).list("platforms", b.Platforms).list("services", b.Services)
	e.field("builder", b.Builder).raw(`,"source":{"kind":`).string(b.Kind).orNull("file", b.File, b.File != "").raw(`,"line":`)
	if b.Line > 0 {
		e.int(b.Line)
	} else {
		e.raw("null")
	}
	e.raw(`},"assumed":`).bool(b.Assumed).field("reason", b.Reason).raw("}")
}

func (e *jsonEncoder) orNull(key, value string, known bool) *jsonEncoder {
	if known {
		return e.field(key, value)
	}
	return e.raw(`,"`).raw(key).raw(`":null`)
}

func (e *jsonEncoder) object(key string, m map[string]string) *jsonEncoder {
	e.raw(`,"`).raw(key).raw(`":{`)
	for i, k := range slices.Sorted(maps.Keys(m)) {
		e.comma(i).string(k).raw(":").string(m[k])
	}
	return e.raw("}")
}

func (e *jsonEncoder) list(key string, items []string) *jsonEncoder {
	e.raw(`,"`).raw(key).raw(`":[`)
	for i, x := range items {
		e.comma(i).string(x)
	}
	return e.raw("]")
}

// WriteBuilds writes builds as a table for people.
func WriteBuilds(out io.Writer, builds []Build, o Options) error {
	w := bufio.NewWriter(out)
	head := []string{"DOCKERFILE", "CONTEXT", "TARGET", "SAID BY", "MORE"}
	rows := make([][]string, 0, len(builds))
	for i := range builds {
		rows = append(rows, builds[i].row())
	}
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			width[i] = max(width[i], console.Width(cell))
		}
	}
	line := func(row []string, style string) {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell)
			if i+1 < len(row) {
				b.WriteString(strings.Repeat(" ", width[i]-console.Width(cell)+2))
			}
		}
		text := strings.TrimRight(b.String(), " ")
		if style != "" {
			text = console.Style(o.Color, style, text)
		}
		console.Put(w, text+"\n")
	}
	line(head, bold)
	last := ""
	for i, row := range rows {
		if row[0] == last {
			row[0] = ""
		} else {
			last = row[0]
		}
		style := ""
		if builds[i].Context == "" || builds[i].Assumed {
			style = dim
		}
		line(row, style)
	}
	return w.Flush()
}

// row is b as cells of the table.
func (b *Build) row() []string {
	target := b.Target
	if b.TargetOpen {
		target = "?"
	}
	said := b.Kind
	if b.File != "" {
		said = b.Place()
	}
	var more []string
	if b.Reason != "" {
		more = append(more, b.Reason)
	}
	if b.Builder != "buildkit" {
		more = append(more, b.Builder)
	}
	for _, x := range []struct {
		name string
		n    []string
	}{
		{"", slices.Sorted(maps.Keys(b.Args))},
		{"context ", slices.Sorted(maps.Keys(b.Contexts))},
		{"", b.Platforms},
		{"service ", b.Services},
	} {
		if len(x.n) > 0 {
			more = append(more, x.name+strings.Join(x.n, ", "))
		}
	}
	row := []string{b.Dockerfile, cmp.Or(b.Context, "?"), cmp.Or(target, "-"), said, strings.Join(more, "; ")}
	for i := range row {
		row[i] = clean(row[i])
	}
	return row
}

// Place is the line that describes b, as in compose.yaml:4; "" if no file does.
func (b *Build) Place() string {
	if b.Line == 0 {
		return b.File
	}
	return b.File + ":" + strconv.Itoa(b.Line)
}

// String is b as a sentence about its Dockerfile.
func (b *Build) String() string {
	what := "build context " + b.Context
	if b.Context == "" {
		what = "build context not known"
	}
	if b.Reason != "" {
		what += ", because " + b.Reason
	}
	if b.Target != "" {
		what += ", target " + b.Target
	}
	if at := b.Place(); at != "" {
		what += " (" + at + ")"
	}
	return fmt.Sprintf("%s: %s", b.Dockerfile, what)
}
