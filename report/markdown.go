package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/dockvet/dockvet/lint"
)

// maxMarkdown is how long a page may become. GitHub refuses a comment of more than 65,536 characters.
const maxMarkdown = 60_000

// writeMarkdown writes a comment for a pull request, or the summary of a job.
func writeMarkdown(out io.Writer, r *Report, o Options) error {
	var b bytes.Buffer
	if !o.Quiet {
		b.WriteString(markdownHead(r))
	}
	for i, f := range r.Findings {
		item := markdownItem(r, f)
		if i == 0 || f.Source.Name != r.Findings[i-1].Source.Name {
			item = "\n#### " + markdownCode(f.Source.Name) + "\n\n" + item
		}
		if b.Len()+len(item) > maxMarkdown {
			b.WriteString("\n" + plural(len(r.Findings)-i, "finding") + " more, not shown here.\n")
			break
		}
		b.WriteString(item)
	}
	_, err := out.Write(bytes.TrimPrefix(b.Bytes(), []byte("\n")))
	return err
}

func markdownHead(r *Report) string {
	if len(r.Findings) == 0 {
		return "### dockvet: nothing found\n\n" + plural(r.Files, "file") + " checked." + markdownSuppressed(r) + "\n"
	}
	n := count(r.Findings)
	text := fmt.Sprintf("### dockvet: %s in %s\n\nErrors: %d, warnings: %d, infos: %d.", plural(len(r.Findings), "finding"),
		plural(r.Files, "file"), n.errors, n.warnings, n.infos)
	if safe := n.fixable - n.unsafe; safe > 0 {
		text += fmt.Sprintf(" `dockvet check --fix` fixes %d.", safe)
	}
	return text + markdownSuppressed(r) + "\n"
}

func markdownSuppressed(r *Report) string {
	parts := r.Suppressed.parts()
	if len(parts) == 0 {
		return ""
	}
	return " Not reported: " + strings.Join(parts, ", ") + "."
}

// markdownItem is the list item of f.
func markdownItem(r *Report, f *lint.Finding) string {
	rule := markdownCode(f.Rule.Name)
	if url := r.url(f.Rule); url != "" {
		rule = "[" + rule + "](<" + url + ">)"
	}
	text := paragraphs(f)
	for i := range text {
		text[i] = markdownText(text[i])
	}
	text[0] += " (" + rule + ")"
	at := f.Source.Lines.Line(f.Span.Start)
	return fmt.Sprintf("- **%s** on line %d: %s\n", shown(f), at, strings.Join(text, "\\\n  "))
}

// markdownText is a message, which may have code in backticks. Whatever else means something in Markdown is escaped, and no
// word mentions anybody or refers to an issue.
func markdownText(s string) string {
	parts := strings.Split(s, "`")
	if len(parts)%2 == 0 { // a backtick that does not close
		return markdownPlain(s)
	}
	for i, p := range parts {
		switch {
		case i%2 == 0:
			parts[i] = markdownPlain(p)
		case p == "":
			parts[i] = "\\`\\`"
		default:
			parts[i] = markdownCode(p)
		}
	}
	return strings.Join(parts, "")
}

func markdownPlain(s string) string {
	var b bytes.Buffer
	for i, r := range s {
		link := strings.HasPrefix(s[i:], "://") || r == '.' && strings.HasSuffix(s[:i], "www") // GitHub links both
		if link || strings.ContainsRune("\\`*_[]<>#|~&@$", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		if r == '@' || r == '#' {
			b.WriteString("&#8203;") // a space of no width, since GitHub looks for @name and #1 after Markdown is gone
		}
	}
	return b.String()
}

// markdownCode is s as a code span, in more backticks than s has in a row.
func markdownCode(s string) string {
	s = clean(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.TrimSpace(s) != s {
		s = " " + s + " "
	}
	return fence + s + fence
}
