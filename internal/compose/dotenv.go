package compose

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"unicode"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// resolver says what a file's variables and relative paths mean.
type resolver struct {
	dir string // relative paths begin here
	env map[string]plan.Value
}

func (s resolver) lookup(name string) (plan.Value, bool) {
	v, ok := s.env[name]
	return v, ok
}

// dotenv adds what the file called name sets to s, except what is already set. A missing file sets nothing.
func (l *loader) dotenv(s *resolver, name string) error {
	data, err := l.readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return failed(position{Place: lint.Place{File: name}}, "%v", reason(err))
	}
	set, err := l.parseEnv(name, string(data), s.lookup)
	if err != nil {
		return err
	}
	for key, v := range set {
		if _, ok := s.env[key]; !ok {
			s.env[key] = v
		}
	}
	return nil
}

// parseEnv reads lines such as `KEY=VALUE`. Quotes, comments and variables are read as
// https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
// says. Where a value refers to a variable, lookup is asked first, then what is set above.
func (l *loader) parseEnv(file, text string, lookup func(string) (plan.Value, bool)) (map[string]plan.Value, error) {
	out := map[string]plan.Value{}
	defer func() { l.secrets.add(out) }()
	find := func(name string) (plan.Value, bool) {
		if v, ok := lookup(name); ok {
			return v, true
		}
		v, ok := out[name]
		return v, ok
	}
	at := position{Place: lint.Place{File: file, Line: 1}}
	text = strings.TrimPrefix(text, "\ufeff")
	for {
		trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
		at.Line += strings.Count(text[:len(text)-len(trimmed)], "\n")
		if text = trimmed; text == "" {
			return out, nil
		}
		line, _, more := strings.Cut(text, "\n")
		if line[0] == '#' {
			text = text[len(line):]
			continue
		}
		key := line
		if rest, ok := strings.CutPrefix(line, "export"); ok && rest != strings.TrimLeftFunc(rest, unicode.IsSpace) {
			key = strings.TrimLeftFunc(rest, unicode.IsSpace)
		}
		i := strings.IndexAny(key, "=:")
		if i < 0 {
			if !more { // compose ignores a name at the very end
				return out, nil
			}
			name := strings.TrimRightFunc(key, unicode.IsSpace)
			if v, ok := lookup(name); ok {
				out[name] = v
			}
			if strings.ContainsFunc(name, notInName) {
				return nil, failed(at, "it is not an assignment") // without the line, which may be a secret
			}
			text = text[len(line):]
			continue
		}
		name := strings.TrimRightFunc(key[:i], unicode.IsSpace)
		if name == "" || strings.ContainsFunc(name, notInName) {
			return nil, failed(at, "what is left of the sign is not a variable name")
		}
		rest := strings.TrimLeft(text[len(line)-len(key)+i+1:], "\t\v\f\r ")
		v, used, err := envValue(rest, find)
		if err != nil {
			return nil, failed(at, "the value cannot be read: %v", err)
		}
		if err := l.left.spend(1, len(v), at); err != nil {
			return nil, err
		}
		out[name] = value(v)
		at.Line += strings.Count(rest[:used], "\n")
		text = rest[used:]
	}
}

func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("_.-[]", r)
}

// envValue reads the value at the start of s and says how many bytes of s it takes. Its errors do not show the value.
func envValue(s string, lookup func(string) (plan.Value, bool)) (text string, used int, err error) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		line, _, _ := strings.Cut(s, "\n")
		text, _, _ := strings.Cut(line, " #")
		text, err := interpolate(strings.TrimRightFunc(text, unicode.IsSpace), lookup, 0)
		return text, len(line), hidden(err)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] != s[0] {
				b.WriteByte('\\')
			}
			b.WriteByte(s[i])
		case s[i] == s[0] && s[0] == '\'':
			return b.String(), i + 1, nil
		case s[i] == s[0]:
			text, err := interpolate(unescape(b.String()), lookup, 0)
			return text, i + 1, hidden(err)
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, errors.New("it has no closing quote")
}

// hidden is err without the text that it is about.
func hidden(err error) error {
	if err == nil {
		return nil
	}
	return errors.New("a variable in it is malformed")
}

// unescape replaces the escapes of a shell. `\$` becomes `$$`, which does not begin a variable.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case '$':
			b.WriteString("$$")
		case '0':
			n := 1
			for n < 4 && i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '9' {
				n++
			}
			if r, err := strconv.ParseUint(s[i+1:i+n], 8, 8); err == nil && n == 4 {
				b.WriteRune(rune(r))
			} else {
				b.WriteString(`\` + s[i+1:i+n]) // as compose does
			}
			i += n - 1
		default:
			if j := strings.IndexByte(`abfnrtv\`, c); j >= 0 {
				b.WriteByte("\a\b\f\n\r\t\v\\"[j])
			} else {
				b.WriteByte('\\')
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}
