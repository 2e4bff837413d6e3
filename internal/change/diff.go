package change

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
)

// MaxDiff bounds a diff, in bytes.
const MaxDiff = 64 << 20

// maxPatches bounds how many files a diff may change.
const maxPatches = 100_000

var hunkHead = lazy.Regexp{Expr: `^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`}

// Hunk reads the head of a hunk without context, `@@ -1,2 +3,4 @@`: the lines of the new file that it changes.
func Hunk(line string) (Lines, bool) {
	h, ok := parseHunk([]byte(line))
	switch {
	case !ok:
		return Lines{}, false
	case h.added == 0:
		return Lines{First: h.first + 1, Last: h.first}, true
	}
	return Lines{First: h.first, Last: h.first + h.added - 1}, true
}

// hunk is a part of a patch.
type hunk struct {
	removed     int // lines that the old file has there
	first       int // the line of the new file, from 1; the one before if it has none there
	added       int // lines that the new file has there
	start, stop int // of the body, in the diff
}

func parseHunk(line []byte) (hunk, bool) {
	if !bytes.HasPrefix(line, []byte("@@ -")) {
		return hunk{}, false
	}
	m := hunkHead.Get().FindSubmatch(line)
	if m == nil {
		return hunk{}, false
	}
	number := func(b []byte) int {
		if b == nil {
			return 1
		}
		n, err := strconv.Atoi(string(b))
		if err != nil || n > math.MaxInt32 {
			return math.MaxInt32 // no file has that many lines
		}
		return n
	}
	return hunk{removed: number(m[2]), first: number(m[3]), added: number(m[4])}, true
}

// next is the line of the new file that the body of h begins at, from 1.
func (h hunk) next() int {
	if h.added == 0 {
		return h.first + 1
	}
	return max(h.first, 1)
}

// patch is what a diff says about a file.
type patch struct {
	diff          *Diff
	line          int      // of the diff, from 1
	old, new      string   // as the diff calls the file, "" if there was or is none
	git           bool     // git wrote it
	header        []string // of git: both names with what git writes before them; nil if it is not certain where the first one ends
	oldMode, mode string   // of git, "" if it does not say
	named, binary bool
	whole         bool // a link, whose text is in the hunks as a whole
	hunks         []hunk
	now           string // absolute
	shown         string // for people
	before        func() ([]byte, error)
	tell          func()
}

// Diff is a unified diff that leads to the files as they are.
type Diff struct {
	Files []File
	text  []byte
	crlf  bool // something has given each of its lines a carriage return
	read  func(name string) ([]byte, error)

	mu     sync.Mutex
	faults []error
}

// ReadDiff reads a unified diff, which git or another program has written. The names in it begin in one of bases, the likeliest first. read
// reads a file as it is now. What a file held before is worked out from that when it is needed.
func ReadDiff(text []byte, bases []string, exists func(name string) bool, read func(name string) ([]byte, error)) (*Diff, error) {
	switch {
	case len(text) > MaxDiff:
		return nil, fmt.Errorf("it is larger than %d MiB", MaxDiff>>20)
	case bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")):
		return nil, errors.New("it is in UTF-16, as some shells write what a program prints; use `git diff --output=FILE`")
	}
	d := &Diff{text: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), read: read}
	patches, err := d.parse()
	if err != nil {
		return nil, err
	}
	if len(patches) == 0 && len(bytes.TrimSpace(text)) > 0 {
		return nil, errors.New("it is not a unified diff")
	}
	where := place(patches, bases, exists)
	was, is := map[string]bool{}, map[string]bool{}
	for i := range patches {
		p := &patches[i]
		f := File{Old: where(p, p.old), New: where(p, p.new), Link: p.oldMode == "120000", Executable: p.oldMode == "100755"}
		if p.oldMode == "160000" || p.mode == "160000" || f.Old == "" && f.New == "" {
			continue // a submodule is a repository of its own
		}
		if was[f.Old] || is[f.New] {
			return nil, fmt.Errorf("line %d changes `%s` again; it has to be one diff from the first state to the last", p.line, cmp.Or(p.new, p.old))
		}
		for _, base := range bases {
			if rel, err := filepath.Rel(base, cmp.Or(f.New, f.Old)); err == nil && filepath.IsLocal(rel) {
				p.shown = filepath.ToSlash(rel)
			}
		}
		was[f.Old], is[f.New] = f.Old != "", f.New != ""
		p.now = f.New
		if p.whole = f.Link && len(p.hunks) > 0; p.whole {
			p.now = ""
		}
		f.Link = p.whole
		p.before = sync.OnceValues(p.reverse)
		p.tell = sync.OnceFunc(p.fault)
		f.Before = func() ([]byte, error) {
			before, err := p.before()
			if errors.Is(err, errUnfit) {
				err = nil
			}
			return before, err
		}
		f.Used, f.Lines = p.tell, p.lines
		d.Files = append(d.Files, f)
	}
	return d, nil
}

// Faults are the files whose content was needed and that the diff does not fit, once each. They count as not changed before, and as changed
// in all lines now.
func (d *Diff) Faults() []error {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.faults
	d.faults = nil
	order.By(out, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return out
}

// diffParser reads a diff line by line.
type diffParser struct {
	*Diff
	patches []patch
	at      int // in text
	number  int // of the line before at
}

// next is the next line without its end.
func (d *diffParser) next() (line []byte, ok bool) {
	if d.at >= len(d.text) {
		return nil, false
	}
	line, d.at = d.cut(d.at)
	d.number++
	return line, true
}

// cut is the line at offset at, without its end, and where the next one begins.
func (d *Diff) cut(at int) (line []byte, next int) {
	line = d.text[at:]
	next = len(d.text)
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line, next = line[:i], at+i+1
	}
	if d.crlf {
		line = bytes.TrimSuffix(line, []byte("\r"))
	}
	return line, next
}

// parse finds the patches in d. What is between them, such as the message of a commit, is not read.
func (d *Diff) parse() ([]patch, error) {
	p := diffParser{Diff: d}
	for _, head := range []string{"diff --git ", "--- "} {
		if i := bytes.Index(d.text, []byte("\n"+head)) + 1; bytes.HasPrefix(d.text[i:], []byte(head)) {
			line, _ := d.cut(i)
			d.crlf = bytes.HasSuffix(line, []byte("\r"))
			break
		}
	}
	for {
		line, ok := p.next()
		if !ok {
			return p.patches, nil
		}
		if err := p.take(string(line[:min(len(line), 1<<14)])); err != nil { // no name is longer
			return nil, fmt.Errorf("line %d: %w", p.number, err)
		}
	}
}

func (d *diffParser) begin(p patch) error {
	if len(d.patches) == maxPatches {
		return fmt.Errorf("it changes more than %d files", maxPatches)
	}
	p.diff, p.line = d.Diff, d.number
	d.patches = append(d.patches, p)
	return nil
}

// take reads a line outside hunks.
func (d *diffParser) take(line string) error {
	if rest, ok := strings.CutPrefix(line, "diff --git "); ok {
		p := patch{git: true, header: headerNames(rest)}
		if p.header != nil {
			p.old, p.new = p.bare(p.header[0]), p.bare(p.header[1])
		}
		return d.begin(p)
	}
	if strings.HasPrefix(line, "diff --cc ") || strings.HasPrefix(line, "diff --combined ") {
		return errors.New("this compares a merge with all its parents; `git diff A B` compares two states")
	}
	if strings.HasPrefix(line, "--- ") {
		next, after := d.cut(d.at)
		if !bytes.HasPrefix(next, []byte("+++ ")) {
			return nil
		}
		d.at = after
		d.number++
		return d.names(line[len("--- "):], string(next[len("+++ "):min(len(next), 1<<14)]))
	}
	if len(d.patches) == 0 {
		return nil
	}
	p := &d.patches[len(d.patches)-1]
	if p.named {
		if h, ok := parseHunk([]byte(line)); ok {
			return d.hunk(p, h)
		}
		return nil
	}
	if p.git {
		p.extended(line)
	}
	return nil
}

// extended reads a line of git between the header and the hunks.
func (p *patch) extended(line string) {
	key, value, _ := strings.Cut(line, " ")
	switch {
	case strings.HasPrefix(line, "old mode "):
		p.oldMode = line[len("old mode "):]
	case strings.HasPrefix(line, "new mode "):
		p.mode = line[len("new mode "):]
	case strings.HasPrefix(line, "new file mode "):
		p.old, p.mode = "", line[len("new file mode "):]
	case strings.HasPrefix(line, "deleted file mode "):
		p.new, p.oldMode = "", line[len("deleted file mode "):]
	case strings.HasPrefix(line, "rename from "):
		p.old, p.header = unquoted(line[len("rename from "):]), []string{}
	case strings.HasPrefix(line, "rename to "):
		p.new, p.header = unquoted(line[len("rename to "):]), []string{}
	case strings.HasPrefix(line, "copy to "):
		p.old, p.new, p.header = "", unquoted(line[len("copy to "):]), []string{}
	case key == "index":
		if _, mode, ok := strings.Cut(value, " "); ok {
			p.oldMode, p.mode = mode, mode
		}
	case key == "Binary" || line == "GIT binary patch":
		p.binary = true
	}
}

// names reads the two lines above hunks.
func (d *diffParser) names(old, now string) error {
	if n := len(d.patches); n == 0 || !d.patches[n-1].git || d.patches[n-1].named {
		if err := d.begin(patch{}); err != nil {
			return err
		}
	}
	p := &d.patches[len(d.patches)-1]
	p.named = true
	was, wasThere := fileName(old)
	is, isThere := fileName(now)
	if p.git {
		switch {
		case p.header == nil: // the header did not say where a name ends
			p.old, p.new = p.bare(was), p.bare(is)
		case !wasThere:
			p.old = ""
		case !isThere:
			p.new = ""
		}
		return nil
	}
	name := is
	if !isThere {
		name = was
	}
	if wasThere {
		p.old = name
	}
	if isThere {
		p.new = name
	}
	return nil
}

// hunk reads the body of a hunk.
func (d *diffParser) hunk(p *patch, h hunk) error {
	head := d.number
	if n := len(p.hunks); n > 0 && h.next() < p.hunks[n-1].next()+p.hunks[n-1].added {
		return fmt.Errorf("the hunk in line %d has to be below the one before it", head)
	}
	h.start = d.at
	for removed, added := h.removed, h.added; removed > 0 || added > 0; {
		line, ok := d.next()
		if !ok {
			return fmt.Errorf("the hunk in line %d ends too early", head)
		}
		switch kind(line) {
		case ' ':
			removed--
			added--
		case '-':
			removed--
		case '+':
			added--
		case '\\':
		default:
			return fmt.Errorf("the hunk in line %d ends too early", head)
		}
		if removed < 0 || added < 0 {
			return fmt.Errorf("the hunk in line %d has too many lines", head)
		}
	}
	if next, after := d.cut(d.at); len(next) > 0 && next[0] == '\\' {
		d.at = after
		d.number++
	}
	h.stop = d.at
	if h.stop > h.start {
		p.hunks = append(p.hunks, h)
	}
	return nil
}

// kind is what the line of a hunk does. An editor may have taken the space of an empty one.
func kind(line []byte) byte {
	if len(line) == 0 || line[0] == '\r' {
		return ' '
	}
	return line[0]
}

// headerNames are the two names after `diff --git`, nil if it is not certain where the first one ends.
func headerNames(s string) []string {
	if strings.HasPrefix(s, `"`) || strings.HasSuffix(s, `"`) {
		if first, rest, ok := cutName(s); ok {
			return []string{first, unquoted(rest)}
		}
		return nil
	}
	// Unless it is a rename, which other lines tell, both names are equal except for what is before their first slash.
	if n := len(s) / 2; len(s)%2 == 1 && s[n] == ' ' {
		a, b := s[:n], s[n+1:]
		if a == b || afterSlash(a) == afterSlash(b) {
			return []string{a, b}
		}
	}
	return nil
}

func afterSlash(s string) string {
	_, rest, _ := strings.Cut(s, "/")
	return rest
}

// cutName cuts a name that is quoted, or that ends at a space, from s.
func cutName(s string) (name, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return strings.Cut(s, " ")
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return unquoted(s[:i+1]), strings.TrimPrefix(s[i+1:], " "), true
		}
	}
	return "", "", false
}

// bare is a name of git without what git writes before it.
func (p *patch) bare(name string) string {
	if len(p.header) == 2 && p.header[0] == p.header[1] {
		return name // with --no-prefix
	}
	if _, rest, ok := strings.Cut(name, "/"); ok {
		return rest
	}
	return name
}

// fileName is the name in the line above hunks, and whether there is or was such a file.
func fileName(s string) (name string, there bool) {
	s, stamp, _ := strings.Cut(s, "\t")
	if s == "/dev/null" {
		return "", false
	}
	// What diff -N prints for a file that is not there.
	for _, epoch := range []string{"1970-01-01 ", "1969-12-31 ", "Thu Jan 01 00:00:00 1970", "Thu Jan  1 00:00:00 1970"} {
		if strings.HasPrefix(stamp, epoch) {
			return unquoted(s), false
		}
	}
	return unquoted(s), true
}

// unquoted is a name that git or diff may have quoted as in C.
func unquoted(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if end := i + 3; s[i] >= '0' && s[i] <= '3' && end <= len(s) {
			if n, err := strconv.ParseUint(s[i:end], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		if at := strings.IndexByte("abtnvfr", s[i]); at >= 0 {
			b.WriteByte("\a\b\t\n\v\f\r"[at])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// place says where the files of patches are: in which of bases, and whether the names of other programs than git begin with a directory
// that only one of the two compared states has. What most files exist with is right. The answer is "" for what is outside.
func place(patches []patch, bases []string, exists func(name string) bool) func(p *patch, name string) string {
	const enough = 1000 // files to look at
	type way struct {
		base  string
		strip bool
	}
	ways := map[bool][]way{}
	for _, base := range bases {
		ways[true] = append(ways[true], way{base, false})
		ways[false] = append(ways[false], way{base, false}, way{base, true})
	}
	abs := func(w way, name string) string {
		if w.strip {
			_, name, _ = strings.Cut(name, "/")
		}
		if name = filepath.FromSlash(name); name == "" || !filepath.IsLocal(name) || filepath.Clean(name) == "." {
			return ""
		}
		return filepath.Join(w.base, name)
	}
	best := map[bool]way{}
	for git, list := range ways {
		most := -1
		for _, w := range list {
			n, left := 0, enough
			for i := range patches {
				if p := &patches[i]; p.git == git && p.new != "" && left > 0 {
					left--
					if name := abs(w, p.new); name != "" && exists(name) {
						n++
					}
				}
			}
			if n > most {
				most, best[git] = n, w
			}
		}
	}
	return func(p *patch, name string) string {
		if name == "" {
			return ""
		}
		return abs(best[p.git], name)
	}
}

// errUnfit says that a file is not what a diff leads to.
var errUnfit = errors.New("it has to lead to the files as they are")

// fault notes that the diff does not fit, if it does not.
func (p *patch) fault() {
	if _, err := p.before(); errors.Is(err, errUnfit) {
		p.diff.mu.Lock()
		defer p.diff.mu.Unlock()
		p.diff.faults = append(p.diff.faults, err)
	}
}

// lines are the lines of the new file that p changes.
func (p *patch) lines() ([]Lines, error) {
	p.tell()
	if _, err := p.before(); err != nil || p.binary && len(p.hunks) == 0 {
		return []Lines{{1, math.MaxInt}}, nil // which ones is not known
	}
	var out []Lines
	for _, h := range p.hunks {
		n := h.next()
		first, run := n, false
		end := func() {
			if run {
				out = append(out, Lines{First: first, Last: n - 1})
			}
			run = false
		}
		for at := h.start; at < h.stop; {
			var line []byte
			line, at = p.diff.cut(at)
			switch kind(line) {
			case ' ':
				end()
				n++
			case '-', '+':
				if !run {
					first, run = n, true
				}
				if line[0] == '+' {
					n++
				}
			}
		}
		end()
	}
	return out, nil
}

// reverse is what the file held before, or with errUnfit what it holds now.
func (p *patch) reverse() ([]byte, error) {
	var now []byte
	if p.now != "" {
		var err error
		if now, err = p.diff.read(p.now); err != nil {
			return nil, err
		}
	}
	ends := lineEnds{}
	for {
		before, used, err := p.undo(now, ends)
		if err != nil {
			return now, err
		}
		if used == ends {
			return before, nil
		}
		ends = used
	}
}

// lineEnds say how the lines of a diff end otherwise than those of the file: it may have been made, or sent, with other line ends.
type lineEnds struct{ fileHas, diffHas bool }

// undo is now without the changes of p. Lines that only the diff has get the line ends of the file.
func (p *patch) undo(now []byte, ends lineEnds) (before []byte, used lineEnds, err error) {
	if len(p.hunks) == 0 {
		return now, ends, nil
	}
	used = ends
	out := make([]byte, 0, len(now))
	at, number := 0, 1 // in now
	skip := func() []byte {
		line := now[at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		at += len(line)
		number++
		return line
	}
	unfit := func(n int) error {
		return fmt.Errorf("it does not fit `%s`, whose line %d differs; %w", p.shown, n, errUnfit)
	}
	for _, h := range p.hunks {
		for number < h.next() && at < len(now) {
			out = append(out, skip()...)
		}
		if number != h.next() && !p.whole {
			return nil, used, unfit(number)
		}
		for from := h.start; from < h.stop; {
			var line []byte
			line, from = p.diff.cut(from)
			what := kind(line)
			if what == '\\' {
				continue
			}
			text := line[min(1, len(line)):]
			if len(line) > 0 && line[0] == '\r' {
				text = line
			}
			open := false // it has no line end
			if next, _ := p.diff.cut(from); from < h.stop && len(next) > 0 && next[0] == '\\' {
				open = true
			}
			if what == '-' || p.whole && what == ' ' {
				out = append(out, ends.fit(text)...)
				if !open {
					out = append(out, '\n')
				}
				continue
			}
			if p.whole || p.now == "" {
				continue
			}
			n := number
			have := skip()
			bare := bytes.TrimSuffix(have, []byte("\n"))
			if open == (len(bare) < len(have)) || !used.same(text, bare) {
				return nil, used, unfit(n)
			}
			if what == ' ' {
				out = append(out, have...)
			}
		}
	}
	return append(out, now[at:]...), used, nil
}

// fit is a line of the diff with the line end of the file.
func (e lineEnds) fit(line []byte) []byte {
	switch {
	case e.fileHas && !bytes.HasSuffix(line, []byte("\r")):
		return append(slices.Clip(line), '\r')
	case e.diffHas:
		return bytes.TrimSuffix(line, []byte("\r"))
	}
	return line
}

// same reports whether a line of the diff is one of the file. It notes if only their ends differ.
func (e *lineEnds) same(line, have []byte) bool {
	if bytes.Equal(line, have) {
		return true
	}
	a, diffHas := bytes.CutSuffix(line, []byte("\r"))
	b, fileHas := bytes.CutSuffix(have, []byte("\r"))
	if diffHas == fileHas || !bytes.Equal(a, b) {
		return false
	}
	e.fileHas, e.diffHas = e.fileHas || fileHas, e.diffHas || diffHas
	return true
}
