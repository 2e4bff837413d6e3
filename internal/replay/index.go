package replay

import (
	"hash/maphash"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/history"
)

// index is what replays over the same history and directory have in common: each name is cut and matched against the ignore file once,
// however many commits, steps and orders of steps there are.
type index struct {
	log     *history.Log
	dir     string
	part    *history.Part // paths are counted as it does
	seed    maphash.Seed
	names   []string // by path, relative to the context; "" outside
	hashes  []uint64 // of names
	in      []int32  // by path: the directory that it is in; -1 for the root of the context
	folders []folder
	views   []*view // the last ones used are at the end
}

type folder struct {
	name string // relative to the context
	hash uint64 // of name and a slash
	in   int32  // as in index.in
}

// view is what the sources of steps take as an ignore file leaves it, as far as somebody asked.
type view struct {
	context *buildcontext.Context
	taken   map[string]*taken // by what is selected
}

// taken is what a source takes.
type taken struct{ paths, folders []answer }

type answer byte

const (
	unasked answer = iota
	yes
	no
)

// Bounds of what is remembered: ignore files (that of a build, and that with other lines), and bytes of answers for each.
const (
	maxViews   = 2
	maxAnswers = 32 << 20
)

// newIndex is the index of dir. Paths called also count as well, wherever they are.
func newIndex(l *history.Log, dir string, also []string) *index {
	part := l.Part(dir, also)
	n := len(part.Paths)
	x := &index{log: l, dir: dir, part: part, seed: maphash.MakeSeed(), names: make([]string, n), hashes: make([]uint64, n), in: make([]int32, n)}
	prefix := ""
	if dir != "." && dir != "" {
		prefix = dir + "/"
	}
	numbers := map[string]int32{}
	last, folder := "", int32(-1) // git lists what is in a directory together
	for i, number := range part.Paths {
		name := l.Paths[number]
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			x.names[i], x.hashes[i] = rest, maphash.String(x.seed, rest)
			if in := rest[:strings.LastIndexByte(rest, '/')+1]; in != last {
				last, folder = in, x.folder(numbers, rest)
			}
			x.in[i] = folder
		}
	}
	return x
}

// folder is the number of the directory that name is in.
func (x *index) folder(numbers map[string]int32, name string) int32 {
	slash := strings.LastIndexByte(name, '/')
	if slash < 0 {
		return -1
	}
	name = name[:slash]
	if n, ok := numbers[name]; ok {
		return n
	}
	in := x.folder(numbers, name)
	n := int32(len(x.folders))
	numbers[name] = n
	x.folders = append(x.folders, folder{name, maphash.String(x.seed, name+"/"), in})
	return n
}

// answers are what is known of what key selects in c; nil if too much is remembered.
func (x *index) answers(c *buildcontext.Context, key string) *taken {
	v := x.view(c)
	t := v.taken[key]
	if each := len(x.names) + len(x.folders); t == nil && (len(v.taken)+1)*each <= maxAnswers {
		t = &taken{make([]answer, len(x.names)), make([]answer, len(x.folders))}
		v.taken[key] = t
	}
	return t
}

func (x *index) view(c *buildcontext.Context) *view {
	n := len(x.views)
	for i, v := range x.views {
		if v.context == c {
			x.views[i], x.views[n-1] = x.views[n-1], v
			return v
		}
	}
	if n == maxViews {
		x.views = x.views[1:]
	}
	v := &view{c, map[string]*taken{}}
	x.views = append(x.views, v)
	return v
}

// takesPath reports whether sel takes a path; t may be nil.
func (x *index) takesPath(sel *buildcontext.Selection, t *taken, n int32) bool {
	if t == nil {
		return sel.Takes(x.names[n])
	}
	return ask(sel, x.names[n], &t.paths[n])
}

// takesFolder reports whether sel takes a directory; t may be nil.
func (x *index) takesFolder(sel *buildcontext.Selection, t *taken, n int32) bool {
	if t == nil {
		return sel.Takes(x.folders[n].name)
	}
	return ask(sel, x.folders[n].name, &t.folders[n])
}

func ask(sel *buildcontext.Selection, name string, known *answer) bool {
	if *known == unasked {
		*known = no
		if sel.Takes(name) {
			*known = yes
		}
	}
	return *known == yes
}
