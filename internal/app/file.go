package app

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dockvet/dockvet/internal/lazy"
)

// file is a source file.
type file struct {
	name, raw string
	// text is raw with its comments replaced by spaces, and code is text with the contents of strings replaced too. All
	// have the same length.
	text, code string
	flask      bool // it creates a Flask application
	listens    []Listen
}

// table holds the patterns that find servers, matched against code unless a comment says otherwise.
type table struct {
	pyApp, pyRun, pyImport, pyFrom     *regexp.Regexp
	pyLaunch                           *regexp.Regexp
	jsServer, jsListen, jsFrom         *regexp.Regexp
	jsImport                           *regexp.Regexp // against text
	goRouter, goRun, goServe, goServer *regexp.Regexp
	rubySet, pumaPort, pumaBind        *regexp.Regexp // against text
	pyEnv, jsEnv, rubyEnv              *regexp.Regexp // against an expression without spaces and quotes
	address, goGetenv                  *regexp.Regexp
	pyBind, pyBindEnv                  *regexp.Regexp // against text
	jsServe                            *regexp.Regexp
	rsBind, rsTests, rsMain            *regexp.Regexp
	rsText, rsPair, rsFormat, rsEnv    *regexp.Regexp // against an expression
	rsName                             *regexp.Regexp // against a Cargo.toml
	csRun                              *regexp.Regexp
}

var patterns = lazy.Value[*table]{Make: func() *table {
	r := regexp.MustCompile
	return &table{
		pyApp:     r(`(?m)^\s*(\w+)\s*(?::\s*[\w.]+\s*)?=\s*(?:flask\.)?(Flask|SocketIO|Dash|create_app)\(`),
		pyRun:     r(`\b(\w+)\.run\(`),
		pyLaunch:  r(`\.launch\(`),
		pyImport:  r(`(?m)^\s*(?:from\s+(\.*[\w.]*)\s+import|import\s+([\w.]+))`),
		pyFrom:    r(`(?m)^\s*from\s+\.*[\w.]+\s+import\s+(?:\w+\s*,\s*)*(app|application)\b`),
		jsServer:  r(`\b(\w+)\s*(?::[^=\n;]+)?=\s*(?:module\.exports\s*=\s*)?(?:await\s+)?(?:new\s+)?([\w.]+)\s*(?:<[^>\n]*>)?\(`),
		jsListen:  r(`(\b\w+|\))\s*\.listen\(`),
		jsFrom:    r(`\b(?:(?:const|let|var)\s+(app|server)\s*=\s*require\(|import\s+(app|server)\s+from\b)`),
		jsImport:  r(`(?:require\(\s*|from\s+|import\s+|import\(\s*)["'](\.{1,2}/[^"']*)["']`),
		goRouter:  r(`\b(\w+)\s*(?::=|=)\s*(gin\.Default|gin\.New|echo\.New|fiber\.New)\(`),
		goRun:     r(`\b(\w+)\.(Run|Start|Listen)\(`),
		goServe:   r(`\bhttp\.ListenAndServe(TLS)?\(`),
		goServer:  r(`\bhttp\.Server\{`),
		rubySet:   r(`(?m)^\s*set[\s(]+:port\s*,\s*([^\n#)]+)`),
		pumaPort:  r(`(?m)^\s*port[\s(]+([^\n]+)`),
		pumaBind:  r(`(?m)^\s*bind[\s(]+`),
		pyEnv:     r(`^(?:int\()?(?:os\.)?(?:environ\.get|getenv)\((\w+)(?:,|\)or)(\d{1,5})\)?\)?$`),
		jsEnv:     r(`^(?:\+|Number\(|parseInt\(|normalizePort\(|\()*process\.env(?:\.|\[)(\w+)\]?(?:,10)?\)*(?:\|\||\?\?)(\d{1,5})(?:,10)?\)*$`),
		rubyEnv:   r(`^ENV(?:\.fetch\((\w+)(?:,(\d{1,5})\)|\)\{(\d{1,5})\})|\[(\w+)\]\|\|(\d{1,5}))(?:\.to_i)?$`),
		address:   r(`^([^:]*|\[[^\]]*\]):(\d{1,5})$`),
		pyBind:    r(`(?m)^bind\s*=\s*\[?\s*["']([^"']*)["']\s*\]?\s*$`),
		pyBindEnv: r(`(?m)^bind\s*=\s*f?["']([^"':{]*):(?:\{|["']\s*\+\s*(?:str\()?)\s*(?:os\.)?(?:environ\.get|getenv)\(\s*["'](\w+)["']\s*,\s*["']?(\d{1,5})["']?\s*\)`),
		jsServe:   r(`\b(Bun|Deno)\.serve(?:<[^>\n]*>)?\(`),
		rsBind:    r(`(\b(?:TcpListener|Server)::bind|\.bind|\.run)\(`),
		rsTests:   r(`#\[cfg\(test\)\]\s*(?:pub\s+)?mod\s+\w+\s*\{`),
		rsMain:    r(`(?m)^(?:pub\s+)?(?:async\s+)?fn main\(`),
		rsText:    r(`^"([^":{]*|\[[^\]]*\]):(\d{1,5})"(?:\s*\.[\s\S]*)?$`),
		rsPair:    r(`^(?:[\w:]*SocketAddr::from\(\s*)?\(\s*(?:"([^"]*)"|\[([\d, ]*)\])\s*,\s*([\s\S]+?)\s*\)\)?$`),
		rsFormat:  r(`^format!\(\s*"([^":{]*):\{(\w*)\}"\s*(?:,\s*([\s\S]+?)\s*)?\)(?:\s*\.[\s\S]*)?$`),
		rsEnv:     r(`^(?:std::)?env::var\(\s*"(\w+)"\s*\)[\s\S]*?unwrap_or(?:_else)?\(\D*?(\d{2,5})\b`),
		rsName:    r(`(?m)^name\s*=\s*"([\w-]+)"`),
		csRun:     r(`\bapp\.Run(?:Async)?\(\s*[^)\s]`),
		goGetenv:  r(`\b(\w+)\s*:?=\s*os\.Getenv\("(\w+)"\)\s*\n\s*if\s+(\w+)\s*==\s*""\s*\{\s*\n(?:\s*log\.[^\n]*\n)?\s*(\w+)\s*=\s*"(:?\d{1,5})"\s*\n`),
	}
}}

func (s *file) read() {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(s.raw, w) {
				return true
			}
		}
		return false
	}
	switch path.Ext(s.name) {
	case ".py":
		if has(".run(", "Flask(", "run_app(") {
			s.mask()
			s.python()
		}
		if has(".launch(") && has("gradio") {
			s.mask()
			s.gradio()
		}
		if has("bind") && strings.Contains(path.Base(s.name), "gunicorn") {
			s.mask()
			s.gunicorn()
		}
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", "":
		if has(".listen(") {
			s.mask()
			s.node()
		}
		if has("Bun.serve", "Deno.serve") {
			s.mask()
			s.serve()
		}
	case ".go":
		if has("ListenAndServe", ".Run(", ".Start(", ".Listen(") {
			s.mask()
			s.golang()
		}
	case ".rs":
		if has("::bind(", "HttpServer", "warp::serve", "rocket::build") {
			s.mask()
			s.rust()
		}
	case ".rb":
		if has("set :port", "port", "set(:port") {
			s.mask()
			s.ruby()
		}
	case ".properties", ".yml", ".yaml":
		s.spring()
	}
}

// mask sets text and code.
func (s *file) mask() {
	if s.code != "" {
		return
	}
	text, code := []byte(s.raw), []byte(s.raw)
	blank := func(b []byte, from, to int) {
		for ; from < to && from < len(b); from++ {
			if b[from] != '\n' {
				b[from] = ' '
			}
		}
	}
	ext := path.Ext(s.name)
	hash := ext == ".py" || ext == ".rb"
	src := s.raw
	for i := 0; i < len(src); {
		rest := src[i:]
		switch {
		case hash && rest[0] == '#', !hash && strings.HasPrefix(rest, "//"):
			end := i + lineEnd(rest)
			blank(text, i, end)
			blank(code, i, end)
			i = end
		case !hash && strings.HasPrefix(rest, "/*"):
			end := len(src)
			if j := strings.Index(rest[2:], "*/"); j >= 0 {
				end = i + 2 + j + 2
			}
			blank(text, i, end)
			blank(code, i, end)
			i = end
		case ext == ".py" && (strings.HasPrefix(rest, `"""`) || strings.HasPrefix(rest, "'''")):
			end := len(src)
			if j := strings.Index(rest[3:], rest[:3]); j >= 0 {
				end = i + 3 + j + 3
			}
			blank(code, i+3, max(i+3, end-3))
			i = end
		case ext == ".rs" && rest[0] == '\'' && !character(rest):
			i++ // a lifetime
		case rest[0] == '"', rest[0] == '\'', rest[0] == '`' && !hash:
			end := i + closing(rest, ext == ".go" && rest[0] == '`')
			blank(code, i+1, end-1)
			i = end
		default:
			i++
		}
	}
	s.text, s.code = string(text), string(code)
}

// character reports whether the quote at the start of s begins a Rust character.
func character(s string) bool {
	if len(s) > 1 && s[1] == '\\' {
		return true
	}
	_, n := utf8.DecodeRuneInString(s[1:])
	return len(s) > 1+n && s[1+n] == '\''
}

// closing is the end of the string at the start of s. A plain string ends with its line at the latest.
func closing(s string, verbatim bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && !verbatim:
			i++
		case s[i] == s[0]:
			return i + 1
		case s[i] == '\n' && s[0] != '`':
			return i
		}
	}
	return len(s)
}

func lineEnd(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

func (s *file) line(at int) int { return 1 + strings.Count(s.raw[:at], "\n") }

// How many calls and settings of one name, and how many bytes of a call's arguments, are read, so that a hostile file
// takes no more time than others. Real files stay far below.
const (
	maxCalls = 50
	maxArgs  = 8 << 10
)

// args are the arguments, without comments, of the call whose opening parenthesis is just before at.
func (s *file) args(at int) []string {
	depth, from := 1, at
	var out []string
	for i := at; i < min(len(s.code), at+maxArgs); i++ {
		switch s.code[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if depth == 0 || depth == 1 && s.code[i] == ',' {
			if arg := strings.TrimSpace(s.text[from:i]); arg != "" {
				out = append(out, arg)
			}
			from = i + 1
		}
		if depth == 0 {
			return out
		}
	}
	return nil
}

// constant is the value of name, if the file sets it exactly once.
func (s *file) constant(name string) (string, bool) {
	if name == "" || !identifier(name) {
		return "", false
	}
	r, err := regexp.Compile(`(?m)(?:^|[^\w.$])` + name + `\s*(?::\s*\w+\s*|\bstring\s*)?(?::=|=)([^=>])`)
	if err != nil {
		return "", false
	}
	all := r.FindAllStringSubmatchIndex(s.code, maxCalls)
	if path.Ext(s.name) == ".py" {
		// `run(port=port)` does not set it.
		all = slices.DeleteFunc(all, func(m []int) bool {
			return strings.Count(s.code[:m[0]+1], "(") > strings.Count(s.code[:m[0]+1], ")")
		})
	}
	if len(all) != 1 { // at maxCalls there may be more
		return "", false
	}
	from := all[0][2]
	to := from + lineEnd(s.code[from:])
	return strings.TrimRight(strings.TrimSpace(s.text[from:to]), ";, "), true
}

func identifier(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" && (s[0] < '0' || s[0] > '9')
}

// port reads an expression: a number, an environment variable with a number as its default, or the name of a constant
// that is one of them.
func (s *file) port(expr string, env *regexp.Regexp) (port int, variable string, ok bool) {
	for range 2 {
		flat := strings.NewReplacer(" ", "", "\t", "", "\n", "", `"`, "", "'", "", "`", "").Replace(expr)
		if n, err := strconv.Atoi(flat); err == nil {
			return n, "", n > 0 && n < 1<<16
		}
		if m := env.FindStringSubmatch(flat); m != nil {
			for _, g := range m[1:] {
				if n, err := strconv.Atoi(g); err == nil {
					port = n
				} else if g != "" {
					variable = g
				}
			}
			return port, variable, port > 0 && port < 1<<16
		}
		if expr, ok = s.constant(expr); !ok {
			return 0, "", false
		}
	}
	return 0, "", false
}

// literal is the text of a plain string, or of a constant by its name.
func (s *file) literal(expr string) (string, bool) {
	for range 2 {
		if n := len(expr); n > 1 && strings.IndexByte("\"'`", expr[0]) >= 0 && expr[n-1] == expr[0] && !strings.ContainsAny(expr[1:n-1], "\"'`\\$") {
			return expr[1 : n-1], true
		}
		var ok bool
		if expr, ok = s.constant(expr); !ok {
			return "", false
		}
	}
	return "", false
}

func (s *file) add(at int, l Listen) {
	l.File, l.Line = s.name, s.line(at)
	s.listens = append(s.listens, l)
}
