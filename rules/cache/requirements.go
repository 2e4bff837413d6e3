package cache

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
)

// requirement is one line of a list of requirements.
type requirement struct {
	name    string // as PEP 503 normalises it
	typed   string // the name as it stands there
	written string // without its marker
	version string // behind `==`, "" where the version is open
	fixed   bool   // by a version, or because it names a file
}

// requirements is what a list for pip says, as https://pip.pypa.io/en/stable/reference/requirements-file-format/ has it.
type requirements struct {
	lines       []requirement
	hashed      bool // some line has a hash
	constrained bool // it names a file of constraints
	nested      bool // it names further lists
}

// decoded is the text of a list, which pip takes for UTF-16 if it begins with the mark of it, as lists from PowerShell do.
func decoded(src []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(src, []byte{0xff, 0xfe}):
	case bytes.HasPrefix(src, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return strings.TrimPrefix(string(src), "\ufeff")
	}
	units := make([]uint16, len(src)/2)
	for i := range units {
		units[i] = order.Uint16(src[2*i:])
	}
	return string(utf16.Decode(units[1:]))
}

func readRequirements(src string) requirements {
	var out requirements
	joined := strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(src)
	for line := range strings.Lines(joined) {
		text, _, _ := strings.Cut(strings.TrimSpace(line), " #")
		out.hashed = out.hashed || strings.Contains(text, "--hash")
		switch {
		case text == "" || text[0] == '#' || text[0] == '.' || text[0] == '/':
		case strings.HasPrefix(text, "-c") || strings.HasPrefix(text, "--constraint"):
			out.constrained = true
		case strings.HasPrefix(text, "-r") || strings.HasPrefix(text, "--requirement"):
			out.nested = true
		case text[0] == '-':
		default:
			out.lines = append(out.lines, readRequirement(text))
		}
	}
	return out
}

func readRequirement(text string) requirement {
	text, _, _ = strings.Cut(text, ";")
	r := requirement{written: strings.TrimSpace(text)}
	name := r.written
	if i := strings.IndexAny(name, " \t[=<>!~@;"); i >= 0 {
		name = name[:i]
	}
	r.name, r.typed = normalised(name), name
	_, version, pinned := strings.Cut(text, "==")
	if pinned && !strings.Contains(text, "*") {
		r.version, _, _ = strings.Cut(strings.TrimLeft(version, "= "), " ")
	}
	r.fixed = r.version != "" || strings.Contains(text, " @ ") || strings.Contains(text, "://")
	return r
}

// normalised is the name by which an index knows a project. Source: https://peps.python.org/pep-0503/#normalized-names.
func normalised(name string) string {
	return separators().ReplaceAllString(strings.ToLower(name), "-")
}

var separators = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[-_.]+`) })

// framework is a package that never comes alone.
type framework struct {
	name  string
	since [2]int // the version, as in 3.0, from which it needs these
	needs []string
}

// frameworks are well-known packages with what each needs on every platform and every version of Python, without extras, the one that
// people know best first. Source: `dependencies` or `install_requires` of the projects themselves, which PyPI shows as Requires-Dist
// (https://pypi.org/pypi/flask/json, and so on).
var frameworks = sync.OnceValue(func() []framework {
	return []framework{
		{"flask", [2]int{1, 0}, []string{"werkzeug", "jinja2", "itsdangerous", "click"}},
		{"django", [2]int{3, 0}, []string{"asgiref", "sqlparse"}},
		{"fastapi", [2]int{0, 0}, []string{"starlette", "pydantic"}},
		{"starlette", [2]int{0, 15}, []string{"anyio"}},
		{"requests", [2]int{2, 16}, []string{"urllib3", "certifi", "idna"}},
		{"httpx", [2]int{0, 20}, []string{"httpcore", "certifi", "idna"}},
		{"aiohttp", [2]int{3, 0}, []string{"yarl", "multidict"}},
		{"uvicorn", [2]int{0, 13}, []string{"h11", "click"}},
		{"celery", [2]int{5, 0}, []string{"kombu", "billiard", "vine"}},
		{"boto3", [2]int{1, 5}, []string{"botocore", "s3transfer", "jmespath"}},
		{"pandas", [2]int{1, 0}, []string{"numpy", "python-dateutil"}},
		{"scikit-learn", [2]int{1, 0}, []string{"scipy", "joblib", "threadpoolctl", "numpy"}},
		{"jinja2", [2]int{2, 8}, []string{"markupsafe"}},
		{"pydantic", [2]int{2, 0}, []string{"pydantic-core", "typing-extensions"}},
	}
})

// incomplete finds a package of a list whose versions are all fixed that needs others, of which no list says anything: the list was
// not written by a resolver. names has the packages of all lists. missing are those that are open because of any of the list, the
// needs of by first.
func incomplete(list []requirement, names map[string]bool) (by requirement, missing []string) {
	for _, f := range frameworks() {
		i := slices.IndexFunc(list, func(r requirement) bool { return r.name == f.name && r.version != "" })
		if i < 0 {
			continue
		}
		if !list[i].from(f.since) {
			continue
		}
		for _, need := range f.needs {
			if names[need] || slices.Contains(missing, need) {
				continue
			}
			if len(missing) == 0 {
				by = list[i]
			}
			missing = append(missing, need)
		}
	}
	return by, missing
}

// from reports whether r is of version v or newer.
func (r requirement) from(v [2]int) bool {
	head, rest, _ := strings.Cut(r.version, ".")
	next, _, _ := strings.Cut(rest, ".")
	major, err := strconv.Atoi(head)
	if err != nil || major != v[0] {
		return err == nil && major > v[0]
	}
	minor, err := strconv.Atoi(next)
	return v[1] == 0 || err == nil && minor >= v[1]
}
