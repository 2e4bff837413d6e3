package install

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/shell"
)

// Requirement is one line of a requirements file.
type Requirement struct {
	Name    string // as PEP 503 normalises it
	Typed   string // the name as written
	Written string // the line without its marker
	Version string // after `==`, "" where the version is open
	Fixed   bool   // by a version, or because it names a file
}

// Requirements is what a requirements file says. Source:
// https://pip.pypa.io/en/stable/reference/requirements-file-format/.
type Requirements struct {
	Lines       []Requirement
	Hashed      bool // some line has a hash
	Nested      bool // it names further lists that are not known
	constrained bool // it names a file of constraints
	includes    []string
}

// List is a requirements file that a call reads.
type List struct {
	Requirements
	Word     shell.Word // that names it, or the one that includes it
	File     string     // in the build context
	Included bool       // another list names it
}

// Lists are the requirements files in the build context that a call reads.
type Lists struct {
	Lists []List
	// All says that these are all the files that the call names.
	All bool
	// names are the packages in all files and on the command line.
	names map[string]bool
}

// Lists are the requirements files of call, if it installs from such files; nil if constraints pin the versions, and
// without a build context.
func (f *Facts) Lists(call *shell.Call) *Lists {
	return once(f, listsOf{call}, func() *Lists { return f.lists(call) })
}

func (f *Facts) lists(call *shell.Call) *Lists {
	c := call.Command
	step := c.Script.Step
	at := call.Dir()
	if m := Manager(call); m.Project == nil || !m.Project.Requirements {
		return nil
	}
	if f.p.Context() == nil || step.OnBuild || call.Verb.Text != "install" && call.Verb.Text != "wheel" || !at.Known ||
		c.Has("-c", "--constraint", "--no-deps", "--no-index") || step.Env.Lookup("PIP_CONSTRAINT") != nil {
		return nil
	}
	out := &Lists{names: map[string]bool{}}
	for _, w := range call.Files {
		name := w.Text
		if !w.Literal {
			v := step.Env.Expand(strings.Trim(name, `"`))
			if name = v.Text; !v.Known || slices.ContainsFunc(c.Script.Root().Commands, func(o *shell.Command) bool { return len(o.Words) == 0 }) {
				continue // or an assignment may replace the value
			}
		}
		if !path.IsAbs(name) {
			name = path.Join(at.Text, name)
		}
		if file, ok := f.File(step, name); ok {
			out.read(f, w, file)
		}
	}
	out.All = len(out.Lists) == len(call.Files)
	for i := 0; i < len(out.Lists); i++ {
		l := &out.Lists[i]
		if l.constrained {
			return nil
		}
		for _, name := range l.includes {
			file := path.Join(path.Dir(l.File), name)
			before := len(out.Lists)
			if known := slices.ContainsFunc(out.Lists, func(o List) bool { return o.File == file }); !known && before < maxLists {
				out.read(f, l.Word, file)
				l = &out.Lists[i]
				l.Nested = l.Nested || len(out.Lists) == before
				for j := range out.Lists[before:] {
					out.Lists[before+j].Included = true
				}
			}
		}
	}
	for _, pkg := range call.Packages {
		out.names[readRequirement(pkg.Word.Text).Name] = true
	}
	return out
}

// maxLists bounds the files that requirements files name.
const maxLists = 20

// read adds the requirements file called file in the build context, which w names or one that it names.
func (l *Lists) read(f *Facts, w shell.Word, file string) {
	src, err := f.p.Context().Read(file)
	if err != nil {
		return
	}
	list := List{Requirements: readRequirements(decoded(src)), Word: w, File: file}
	l.Lists = append(l.Lists, list)
	for _, r := range list.Lines {
		l.names[r.Name] = true
	}
}

// decoded is the text of a requirements file. pip reads it as UTF-16 if it begins with a byte order mark, as lists
// written by PowerShell do.
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

func readRequirements(src string) Requirements {
	var out Requirements
	joined := strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(src)
	for line := range strings.Lines(joined) {
		text, _, _ := strings.Cut(strings.TrimSpace(line), " #")
		out.Hashed = out.Hashed || strings.Contains(text, "--hash")
		switch {
		case text == "" || text[0] == '#' || text[0] == '.' || text[0] == '/':
		case strings.HasPrefix(text, "-c") || strings.HasPrefix(text, "--constraint"):
			out.constrained = true
		case strings.HasPrefix(text, "-r") || strings.HasPrefix(text, "--requirement"):
			name := strings.TrimSpace(strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(text, "--requirement"), "-r"), "="))
			if out.includes = append(out.includes, name); name == "" || strings.ContainsAny(name, "$ :") {
				out.Nested = true
			}
		case text[0] == '-':
		default:
			out.Lines = append(out.Lines, readRequirement(text))
		}
	}
	return out
}

func readRequirement(text string) Requirement {
	text, _, _ = strings.Cut(text, ";")
	r := Requirement{Written: strings.TrimSpace(text)}
	name := r.Written
	if i := strings.IndexAny(name, " \t[=<>!~@;"); i >= 0 {
		name = name[:i]
	}
	r.Name, r.Typed = normalised(name), name
	_, version, pinned := strings.Cut(text, "==")
	if pinned && !strings.Contains(text, "*") {
		r.Version, _, _ = strings.Cut(strings.TrimLeft(version, "= "), " ")
	}
	r.Fixed = r.Version != "" || strings.Contains(text, " @ ") || strings.Contains(text, "://")
	return r
}

// normalised is the name that a package index uses for a project. Source:
// https://peps.python.org/pep-0503/#normalized-names.
func normalised(name string) string {
	return separators.Get().ReplaceAllString(strings.ToLower(name), "-")
}

var separators = lazy.Regexp{Expr: `[-_.]+`}

// framework is a package that always needs others.
type framework struct {
	name  string
	since [2]int // the version, as in 3.0, from which it needs these
	needs []string
}

// frameworks are well-known packages with what each needs on every platform and every version of Python without extras,
// the best known first. Source: `dependencies` or `install_requires` of the projects themselves, which PyPI shows as
// Requires-Dist (https://pypi.org/pypi/flask/json, and so on).
var frameworks = lazy.Value[[]framework]{Make: func() []framework {
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
}}

// Missing finds packages that a pinned package of list needs and that no file lists, which shows that no resolver wrote
// the list. missing are all such packages, those that by needs first.
func (l *Lists) Missing(list List) (by Requirement, missing []string) {
	for _, f := range frameworks.Get() {
		i := slices.IndexFunc(list.Lines, func(r Requirement) bool { return r.Name == f.name && r.Version != "" })
		if i < 0 || !list.Lines[i].from(f.since) {
			continue
		}
		for _, need := range f.needs {
			if l.names[need] || slices.Contains(missing, need) {
				continue
			}
			if len(missing) == 0 {
				by = list.Lines[i]
			}
			missing = append(missing, need)
		}
	}
	return by, missing
}

// from reports whether r is of version v or newer.
func (r Requirement) from(v [2]int) bool {
	head, rest, _ := strings.Cut(r.Version, ".")
	next, _, _ := strings.Cut(rest, ".")
	major, err := strconv.Atoi(head)
	if err != nil || major != v[0] {
		return err == nil && major > v[0]
	}
	minor, err := strconv.Atoi(next)
	return v[1] == 0 || err == nil && minor >= v[1]
}
