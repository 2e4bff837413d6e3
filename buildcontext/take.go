package buildcontext

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/scannable"
	"github.com/dockvet/dockvet/plan"
)

// How is what the flags of COPY or ADD say of its sources.
type How struct {
	Exclude []string // patterns of `--exclude`, relative to the source
	Parents bool
}

// Taken is what one source of COPY or ADD takes from the context.
type Taken struct {
	// Names are the files and directories that the source names and that the build sees, at least in part. Only a
	// wildcard has several.
	Names []string
	// Files are the files that are copied, in lexical order, without directories. A link is a file, although BuildKit
	// takes what a link points to where the source itself names it. Bytes has their size. They must not be changed.
	Files []File
	Cut   bool // there are more than MaxFiles
	// Exists says that something has this name or matches the wildcard, whether the build sees it or not.
	Exists bool
	// Ignored: it exists, and the ignore file leaves nothing of it. Partly: it leaves some of it.
	Ignored, Partly bool
	// Other is a name that differs from the source in case only, where nothing exists under the source itself; else "".
	Other string
}

// Bytes is the size of all files. It looks at each.
func (t Taken) Bytes() int64 { return Bytes(t.Files) }

// Transfer is what one source of a COPY or ADD takes. ok is false where it takes nothing from the context, or it is
// not known what.
func (c *Context) Transfer(step *plan.Step, source plan.Source) (t Taken, ok bool) {
	if step.Copy == nil || step.Copy.From != nil || source.Heredoc || source.Remote || !source.Path.Known {
		return Taken{}, false
	}
	var how How
	for _, f := range step.Instruction.Flags {
		switch f.Name {
		case "exclude":
			v := step.Env.Expand(f.Value.Value)
			if !v.Known {
				return Taken{}, false
			}
			how.Exclude = append(how.Exclude, v.Text)
		case "parents":
			how.Parents = f.Value.Value == "" || strings.EqualFold(f.Value.Value, "true")
		}
	}
	return c.Take(source.Path.Text, how), true
}

// Take is what a source takes, a path or pattern as COPY has it, whose variables are replaced. What would lead out of
// the context is cut at its root, as BuildKit does. A pattern that is malformed takes nothing.
func (c *Context) Take(source string, how How) Taken {
	key := request{strings.Join(how.Exclude, "\x00"), source, how.Parents}
	if !how.Parents {
		key.source = clean(source)
	}
	c.mu.Lock()
	t, known := c.taken[key]
	c.mu.Unlock()
	if known {
		return t
	}
	if how.Parents {
		t = c.parents(source, how)
	} else {
		t = c.take(key.source, how)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken == nil {
		c.taken = map[request]Taken{}
	}
	if c.kept+len(t.Files) < maxKept && len(c.taken) < maxRequests {
		c.taken[key] = t
		if n := len(t.Files); n > 0 && c.lists[&t.Files[0]] == 0 {
			c.kept += n
			c.keep(t.Files)
		}
	}
	return t
}

// request is what Take is asked for.
type request struct {
	exclude, source string
	parents         bool
}

// maxKept and maxRequests bound what a view remembers of what Take answered: files in lists, and lists.
const (
	maxKept     = 2 * MaxFiles
	maxRequests = 1000
)

// keep notes that files is a list that is remembered. The caller holds mu.
func (c *view) keep(files []File) {
	if len(files) == 0 {
		return
	}
	if c.lists == nil {
		c.lists = map[*File]int{}
	}
	c.lists[&files[0]] = len(files)
}

func (c *Context) take(name string, how How) Taken {
	var t Taken
	nodes := c.glob(name)
	for _, n := range nodes {
		t.add(c, n, how.Exclude)
	}
	t.Exists = len(nodes) > 0
	t.Ignored = t.Exists && len(t.Names) == 0
	t.Partly = t.Partly && !t.Ignored
	if !t.Exists && !strings.ContainsAny(name, `*?[\`) {
		t.Other = c.other(name)
	}
	return t
}

// add adds what n brings. What exclude says is relative to n, and so excludes no file that a pattern names, whatever
// Docker's reference says: https://github.com/moby/buildkit/issues/5489.
func (t *Taken) add(c *Context, n *node, exclude []string) {
	m, err := scannable.Matcher(exclude...)
	if err != nil {
		return
	}
	files, cut := c.under(n)
	// The build sees a directory that is not ignored even if everything in it is. For the whole context, nothing is
	// left then.
	if len(files) == 0 && (n.ignored || n == &c.root && c.hides(n)) {
		t.Partly = true
		return
	}
	t.Partly = t.Partly || c.hides(n)
	t.Cut = t.Cut || cut
	t.Names = append(t.Names, n.name)
	if len(exclude) == 0 && t.Files == nil {
		t.Files = slices.Clip(files) // those of the whole context are listed once
		return
	}
	for _, f := range files {
		rel := strings.TrimPrefix(f.Name, n.name+"/")
		if n.name == "." {
			rel = f.Name
		}
		if len(exclude) > 0 && f.Name != n.name {
			if out, err := m.MatchesOrParentMatches(rel); err == nil && out {
				continue
			}
		}
		t.Files = append(t.Files, f)
	}
}

// hides reports whether the ignore file keeps something at or below n out. It lists only what the walk has listed.
func (c *Context) hides(n *node) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return n.hides()
}

func (n *node) hides() bool {
	return n.ignored || slices.ContainsFunc(n.below, func(x node) bool { return x.hides() })
}

// glob is what matches name, which may be a wildcard, sorted.
func (c *Context) glob(name string) []*node {
	if !strings.ContainsAny(name, `*?[\`) {
		if n := c.find(name); n != nil {
			return []*node{n}
		}
		return nil
	}
	nodes := []*node{&c.root}
	for _, part := range strings.Split(name, "/") {
		var next []*node
		for _, n := range nodes {
			if !n.dir() {
				continue
			}
			below := c.list(n)
			for i := range below {
				if ok, err := path.Match(part, below[i].Name()); err == nil && ok {
					next = append(next, &below[i])
				}
			}
		}
		nodes = next
	}
	return nodes
}

// other is a name that only differs from the given one in case, "" if there is none.
func (c *Context) other(name string) string {
	n := &c.root
	for _, part := range strings.Split(name, "/") {
		if !n.dir() {
			return ""
		}
		below := c.list(n)
		next := child(below, part)
		for i := range below {
			if next == nil && strings.EqualFold(below[i].Name(), part) {
				next = &below[i]
			}
		}
		if next == nil {
			return ""
		}
		n = next
	}
	if n == &c.root {
		return ""
	}
	return n.name
}

// parents is Take for `--parents`, where `**` matches directories at any depth and a component `.` in the middle is
// where the copied paths begin.
func (c *Context) parents(source string, how How) Taken {
	var t Taken
	base, rest, ok := strings.Cut(source, "/./")
	if !ok {
		base, rest = ".", source
	}
	base, rest = clean(base), clean(rest)
	if rest == "." {
		return c.Take(base, How{Exclude: how.Exclude})
	}
	match, err := scannable.Matcher(rest)
	if err != nil {
		return t
	}
	exclude, err := scannable.Matcher(how.Exclude...)
	if err != nil {
		return t
	}
	for _, root := range c.glob(base) {
		from := root
		// If the pattern begins with plain directory names, only the innermost of them is walked.
		fixed, _, _ := strings.Cut(rest, "*")
		if i := strings.LastIndexByte(fixed, '/'); i > 0 && !strings.ContainsAny(fixed, `?[\`) {
			if from = c.find(path.Join(root.name, fixed[:i])); from == nil {
				continue
			}
		} else if i := strings.LastIndexByte(rest, '/'); !strings.ContainsAny(rest, wild) && i >= 0 {
			if from = c.find(path.Join(root.name, rest[:i])); from == nil {
				continue
			}
		}
		files, cut := c.under(from)
		t.Cut = t.Cut || cut
		for _, f := range files {
			rel := f.Name
			if root.name != "." {
				rel = strings.TrimPrefix(f.Name, root.name+"/")
			}
			in, err := match.MatchesOrParentMatches(rel)
			if err != nil || !in {
				continue
			}
			t.Exists = true
			if out, err := exclude.MatchesOrParentMatches(rel); err == nil && out {
				continue
			}
			t.Files = append(t.Files, f)
		}
	}
	if t.Exists {
		t.Names = []string{clean(source)}
		return t
	}
	if !strings.ContainsAny(source, wild) {
		name := path.Join(base, rest)
		n := c.find(name)
		t.Exists = n != nil
		t.Ignored = n != nil && n.ignored
		if n == nil {
			t.Other = c.other(name)
		}
	}
	return t
}
