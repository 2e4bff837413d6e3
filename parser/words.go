package parser

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// blanks is what BuildKit treats as white space between plain words.
const blanks = "\t\v\f\r "

// span is a range of bytes of an instruction's joined text.
type span struct{ start, end int }

// split finds keyword, flags and arguments in in.Text as BuildKit's line parsers do. The values come from node, the
// places from here; where the two disagree (a test over real files holds that they never do) the whole rest is one
// argument. Without a node only the keyword, the flags and the rest are set.
func (in *Instruction) split(escape byte, node *parser.Node) {
	text := in.Text.String
	end := len(strings.TrimRightFunc(text, unicode.IsSpace))
	start := len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
	stop := end
	if i := strings.IndexAny(text[min(start, end):end], blanks); i >= 0 {
		stop = start + i
	}
	stop = max(start, stop)
	in.Keyword = in.word(start, stop)
	in.Name = strings.ToUpper(in.Keyword.String)

	rest := stop
	for rest < end && strings.IndexByte(blanks, text[rest]) >= 0 {
		rest++
	}
	rest = min(rest, max(end, rest))
	flags, n := flagRanges(text[rest:max(rest, end)], escape)
	for i, r := range flags {
		in.Flags = append(in.Flags, in.flag(rest+r.start, rest+r.end, i, node))
	}
	rest += n
	for rest < end {
		r, size := utf8.DecodeRuneInString(text[rest:end])
		if !unicode.IsSpace(r) {
			break
		}
		rest += size
	}
	in.Rest = in.Text.Slice(min(rest, max(end, start)), max(rest, end))
	if node != nil {
		in.arguments(min(rest, end), end, escape, node)
	}
}

func (in *Instruction) word(start, end int) Word {
	t := in.Text.Slice(start, end)
	return Word{t, t.String}
}

func (in *Instruction) flag(start, end, i int, node *parser.Node) Flag {
	t := in.Text.Slice(start, end)
	f := Flag{Text: t}
	name, value, ok := strings.Cut(strings.TrimPrefix(t.String, "--"), "=")
	f.Name = name
	if ok {
		v := t.Slice(len(t.String)-len(value), len(t.String))
		f.Value = Word{v, v.String}
		if node != nil && i < len(node.Flags) {
			_, f.Value.Value, _ = strings.Cut(node.Flags[i], "=")
		}
	}
	if node != nil && i < len(node.Flags) { // without the quotes and escapes that the name may have
		f.Name, _, _ = strings.Cut(strings.TrimPrefix(node.Flags[i], "--"), "=")
	}
	return f
}

// arguments sets Args and Pairs from node, whose arguments are in the joined text from start to end.
func (in *Instruction) arguments(start, end int, escape byte, node *parser.Node) {
	text := in.Text.String[start:end]
	if text == "" {
		return
	}
	in.JSON = node.Attributes["json"]
	values := node.Next
	var at []span
	switch in.Name {
	case "ONBUILD":
		return
	case "ENV", "LABEL":
		in.pairs(start, text, escape, values)
		return
	case "ARG":
		at = wordRanges(text, escape)
	case "HEALTHCHECK":
		i := strings.IndexFunc(text, unicode.IsSpace)
		if i < 0 {
			return
		}
		for i < len(text) && unicode.IsSpace(rune(text[i])) {
			i++
		}
		start, text = start+i, text[i:]
		if values != nil {
			values = values.Next
		}
		at = []span{{0, len(text)}}
	case "ADD", "COPY", "VOLUME", "FROM", "EXPOSE":
		at = blankRanges(text)
	default:
		at = []span{{0, len(text)}}
	}
	if in.JSON {
		at = jsonRanges(text)
	}
	n := 0
	for v := values; v != nil; v = v.Next {
		n++
	}
	if n != len(at) {
		at = []span{{0, len(text)}}
	}
	in.Args = make([]Word, 0, len(at))
	for _, r := range at {
		w := in.word(start+r.start, start+r.end)
		if values != nil && n == len(at) {
			w.Value = values.Value
			values = values.Next
		}
		in.Args = append(in.Args, w)
	}
	if in.Name == "ARG" {
		for _, w := range in.Args {
			in.Pairs = append(in.Pairs, pair(w))
		}
	}
}

// pair cuts `key=value` in two.
func pair(w Word) Pair {
	p := Pair{Key: w, Span: w.Full()}
	if i := strings.IndexByte(w.String, '='); i >= 0 {
		key, value := w.Slice(0, i), w.Slice(i+1, len(w.String))
		p.Key, p.Value, p.HasValue = Word{key, key.String}, Word{value, value.String}, true
	}
	return p
}

func (in *Instruction) pairs(start int, text string, escape byte, values *parser.Node) {
	words := wordRanges(text, escape)
	if len(words) == 0 || values == nil {
		return
	}
	if values.Next != nil && values.Next.Next != nil && values.Next.Next.Value == "" {
		// `ENV key value`: the value is everything after the first white space, including quotes and further white
		// space.
		i := strings.IndexAny(text, blanks)
		if i < 0 {
			return
		}
		j := i
		for j < len(text) && strings.IndexByte(blanks, text[j]) >= 0 {
			j++
		}
		in.Pairs = []Pair{{
			Key: in.word(start, start+i), Value: in.word(start+j, start+len(text)), HasValue: true, Legacy: true,
			Span: in.Text.Span(start, start+len(text)),
		}}
		return
	}
	in.Pairs = make([]Pair, 0, len(words))
	for _, r := range words {
		p := pair(in.word(start+r.start, start+r.end))
		if values != nil && values.Next != nil {
			p.Key.Value, p.Value.Value = values.Value, values.Next.Value
			if values = values.Next.Next; values != nil {
				values = values.Next
			}
		}
		in.Pairs = append(in.Pairs, p)
	}
}

// blankRanges splits at runs of white space; text has none at its ends.
func blankRanges(text string) []span {
	var out []span
	for i := 0; i < len(text); {
		start := i
		for i < len(text) && strings.IndexByte(blanks, text[i]) < 0 {
			i++
		}
		out = append(out, span{start, i})
		for i < len(text) && strings.IndexByte(blanks, text[i]) >= 0 {
			i++
		}
	}
	return out
}

// wordRanges splits at white space outside quotes, with the quirks of BuildKit's parseWords.
func wordRanges(text string, escape byte) []span {
	var out []span
	for pos := 0; pos < len(text); {
		if isSpace(text[pos]) {
			pos++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[pos:])
		if unicode.IsSpace(r) {
			pos += size
			continue
		}
		start, dropped := pos, 0
		var quote rune
		for pos < len(text) {
			if c := text[pos]; c < utf8.RuneSelf && c != escape && c != '\'' && c != '"' && (quote != 0 || !isSpace(c)) {
				pos++ // as nearly all
				continue
			}
			r, size = utf8.DecodeRuneInString(text[pos:])
			if quote == 0 && unicode.IsSpace(r) {
				break
			}
			pos += size
			switch {
			case byte(r) == escape && r < utf8.RuneSelf && quote != '\'':
				if pos == len(text) {
					dropped = size // an escape at the very end is not part of the word
				}
				_, size = utf8.DecodeRuneInString(text[pos:])
				pos += size
			case quote == 0 && (r == '\'' || r == '"'):
				quote = r
			case quote != 0 && r == quote:
				quote = 0
			}
		}
		if end := pos - dropped; end > start {
			out = append(out, span{start, end})
		}
	}
	return out
}

// flagRanges finds the leading `--flag` words and where the rest begins, with the quirks of BuildKit's
// extractBuilderFlags, which goes byte by byte.
func flagRanges(text string, escape byte) (flags []span, rest int) {
	space := func(b byte) bool { return unicode.IsSpace(rune(b)) }
	pos := 0
	for {
		for pos < len(text) && space(text[pos]) {
			pos++
		}
		if !strings.HasPrefix(text[pos:], "--") {
			return flags, pos
		}
		start := pos
		word := 0 // bytes of the word without quotes and escapes; it holds `--`, what comes first
		var quote byte
		for pos < len(text) && (quote != 0 || !space(text[pos])) {
			switch c := text[pos]; {
			case quote == 0 && (c == '\'' || c == '"'):
				quote = c
			case quote != 0 && c == quote:
				quote = 0
			case c == escape:
				pos++
				if pos < len(text) {
					word++
				}
			default:
				word++
			}
			pos++
		}
		pos = min(pos, len(text))
		if word == len("--") {
			// Quoted or not, at the end of the line or before the arguments: two dashes without a name are not a flag.
			return flags, pos
		}
		flags = append(flags, span{start, pos})
	}
}

// jsonRanges finds the strings of a JSON array, quotes included. text is known to be one.
func jsonRanges(text string) []span {
	var out []span
	dec := json.NewDecoder(strings.NewReader(text))
	for {
		tok, err := dec.Token()
		if err != nil {
			return out
		}
		if _, ok := tok.(string); !ok {
			continue
		}
		end := int(dec.InputOffset())
		start := strings.IndexByte(text, '[') + 1
		if len(out) > 0 {
			start = out[len(out)-1].end
		}
		for start < end && text[start] != '"' {
			start++
		}
		out = append(out, span{start, end})
	}
}
