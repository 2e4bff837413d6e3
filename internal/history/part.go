package history

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/dockvet/dockvet/internal/order"
)

// Part is what a history has of one directory.
type Part struct {
	Paths   []int32    // numbers in Log.Paths
	Changes [][]Change // by commit, in order; Change.Path is a number in Paths
}

// survey is what finding parts takes: all paths in order, and where each is changed.
type survey struct {
	sorted []int32
	begin  []int32 // by path: where its changes begin in at; those of the next path follow
	at     []place
}

// place is a change: the number of the commit, and its number there.
type place struct{ commit, change int32 }

// Part is what the history has of the directory dir, `.` for all, and of the paths called also. Several goroutines may ask at once.
func (l *Log) Part(dir string, also []string) *Part {
	p := &Part{Changes: make([][]Change, len(l.Commits))}
	if dir == "." || dir == "" {
		p.Paths = make([]int32, len(l.Paths))
		for i := range p.Paths {
			p.Paths[i] = int32(i)
		}
		for i := range l.Commits {
			p.Changes[i] = l.Commits[i].Changes
		}
		return p
	}
	l.once.Do(l.look)
	s := &l.survey
	p.Paths = slices.Clone(l.below(dir + "/"))
	for _, name := range also {
		if n := l.below(name); len(n) > 0 && l.Paths[n[0]] == name && !strings.HasPrefix(name, dir+"/") {
			p.Paths = append(p.Paths, n[0])
		}
	}
	slices.Sort(p.Paths)
	var found []place // change is then the number in changes
	var changes []Change
	for local, n := range p.Paths {
		for _, at := range s.at[s.begin[n]:s.begin[n+1]] {
			c := l.Commits[at.commit].Changes[at.change]
			c.Path = int32(local)
			found = append(found, place{at.commit, int32(len(changes))})
			changes = append(changes, c)
		}
	}
	order.By(found, func(a, b place) int { return cmp.Compare(a.commit, b.commit) })
	ordered := make([]Change, len(found))
	for i, f := range found {
		ordered[i] = changes[f.change]
	}
	for i := 0; i < len(found); {
		end := i
		for end < len(found) && found[end].commit == found[i].commit {
			end++
		}
		p.Changes[found[i].commit] = ordered[i:end:end]
		i = end
	}
	return p
}

// below are the paths that begin with prefix, in order.
func (l *Log) below(prefix string) []int32 {
	list := l.survey.sorted
	from := sort.Search(len(list), func(i int) bool { return l.Paths[list[i]] >= prefix })
	n := sort.Search(len(list)-from, func(i int) bool { return !strings.HasPrefix(l.Paths[list[from+i]], prefix) })
	return list[from : from+n]
}

// look fills in the survey.
func (l *Log) look() {
	s := &l.survey
	s.sorted, s.begin = make([]int32, len(l.Paths)), make([]int32, len(l.Paths)+1)
	for i := range s.sorted {
		s.sorted[i] = int32(i)
	}
	order.By(s.sorted, func(a, b int32) int { return strings.Compare(l.Paths[a], l.Paths[b]) })
	for _, c := range l.Commits {
		for _, x := range c.Changes {
			s.begin[x.Path+1]++
		}
	}
	for i := range l.Paths {
		s.begin[i+1] += s.begin[i]
	}
	next := slices.Clone(s.begin)
	s.at = make([]place, s.begin[len(l.Paths)])
	for i, c := range l.Commits {
		for k, x := range c.Changes {
			s.at[next[x.Path]] = place{int32(i), int32(k)}
			next[x.Path]++
		}
	}
}
