// Package replay computes which steps of a build the layer cache would have kept over a history of commits, and which would have
// run again because of which files.
//
// A step has two keys: one with everything that its result depends on, and one without what a history cannot tell, such as the
// content that a RUN of another stage produced. A step whose first key was there before is cached. One whose second key was not
// there before runs. Anything in between is unknown.
package replay

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/history"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/plan"
)

// Build is what is replayed.
type Build struct {
	Plan    *plan.Plan
	Context *buildcontext.Context // as the ignore file of today leaves it; nil: no context is known
	Dir     string                // of the context in the repository, slash-separated; "." is its root
	// Changing are the build arguments that are another text for each commit.
	Changing []string
	Options  plan.Options // of Plan
	// Again makes the plan of the same file with other build arguments; nil without Changing.
	Again func(args map[string]string) *plan.Plan
	// Trace is told what happened to each step of the Dockerfile that is built, by the number of the commit; may be nil.
	Trace func(commit int, step *plan.Step, state State)
	// At finds the build of each commit; nil replays Plan, with the ignore file of Context, over all of them.
	At *Versions

	index *index // of the last run; nil before
}

// Versions finds the builds of other days.
type Versions struct {
	// Names are the paths in the repository that a build consists of.
	Names []string
	// Open makes the build of what these are now, as Build.Again and Build.Context have it; ok is false if there is none.
	Open func(now func(name string) history.Entry) (again func(args map[string]string) *plan.Plan, c *buildcontext.Context, ok bool)
}

// State is what happened to a step in the build of a commit.
type State byte

// The states.
const (
	Kept State = iota
	Ran
	Unknown
	Absent // the Dockerfile of the commit has no such step
)

// Result is the outcome of a replay.
type Result struct {
	Commits []history.Commit // those that were built, the oldest first
	Steps   []*Step
	// Missing are the sources that something copies and that some commits do not have, with the number of these.
	Missing []Cause
	Notes   []string // what limits the answer, one sentence each without a full stop
	// Changed has for each commit the paths in the build context that made a step run, as Step.Why names them.
	Changed [][][]int32
	Paths   []string // by number; names of arguments follow those of files

	counts []int32 // by path, all 0 between calls of Causes
}

// Step is a step that makes a layer.
type Step struct {
	*plan.Step
	States  []State // by commit
	Why     []int16 // by commit: the number in Result.Changed of what made it run; -1 for nothing
	Ran     int     // how many commits made it run
	Unknown int     // in how many it is not known
	Open    string  // why it is unknown in each commit that does not make it run for other reasons; "" if it is known
	Git     bool    // it takes .git

	takes []func(name string) bool // what it copies or mounts of the build context, by names in the repository
	above int                      // the number of the step whose files it starts from; -1: none
	link  bool                     // it does not run again for what is above it
}

// argPrefix is before the name of a build argument among the paths.
const argPrefix = "--build-arg "

// Cause is a file, or a build argument, with how many commits it made a step run.
type Cause struct {
	Path    string
	Commits int
}

// Bounds of what is remembered of a commit.
const maxCauses = 200 // changed files of one source

// replayer is the work on one build.
type replayer struct {
	log   *history.Log
	build *Build
	seed  maphash.Seed
	program
	context *buildcontext.Context // that program is compiled for
	result  *Result
	rows    []int // of each layer, the number of its Step; -1: none

	now      []history.Entry // by path
	index    *index
	taken    []*taken // by selection: what is known of it; nil if that is not remembered
	below    []int32  // by directory of index: files in it and below
	files    []uint64 // by selection: the sum of what it takes
	modules  []uint64 // by selection: the same of submodules
	counts   []int32  // by selection: files that it takes
	ever     []bool   // by selection: it takes something in some commit
	changed  [][]int32
	distinct map[uint64]struct{} // keys that were there, with everything
	lower    map[uint64]struct{} // keys that were there, without what is not known
	missing  []int               // by selection: commits in which it takes nothing
	git      []bool              // by selection: it takes .git
	follows  []bool              // by selection: BuildKit would follow a link
	numbers  map[string]int32    // of the paths of build.At
	edited   []int32             // paths of build.At that the commit has changed
}

// Run replays b over l.
func Run(ctx context.Context, l *history.Log, b *Build, progress func(commits int)) (*Result, error) {
	if b.index == nil || b.index.log != l || b.index.dir != b.Dir {
		var also []string
		if b.At != nil {
			also = b.At.Names
		}
		b.index = newIndex(l, b.Dir, also)
	}
	r := &replayer{
		log: l, build: b, index: b.index, seed: b.index.seed, result: &Result{Paths: l.Paths}, now: make([]history.Entry, len(b.index.part.Paths)),
		distinct: map[uint64]struct{}{}, lower: map[uint64]struct{}{},
	}
	for i, n := range b.index.part.Paths {
		r.now[i] = l.Before[n]
	}
	commits, changes := l.Commits, b.index.part.Changes
	r.start()
	if len(commits) > 0 && commits[0].Root {
		for _, x := range changes[0] { // there is nothing that it could have kept
			r.now[x.Path] = x.New
		}
		commits, changes = commits[1:], changes[1:]
	}
	r.absolute()
	if b.At != nil {
		r.reopen()
	}
	r.result.Commits = commits
	for _, s := range r.result.Steps {
		s.States, s.Why = make([]State, len(commits)), make([]int16, len(commits))
	}
	r.first()
	for i := range commits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.step(i, changes[i])
		if progress != nil && i%100 == 99 {
			progress(i + 1)
		}
	}
	r.finish()
	return r.result, nil
}

// compile makes the program of p, a plan of b, and finds out which layers depend on arguments that change.
func (r *replayer) compile(b *Build, p *plan.Plan, again func(args map[string]string) *plan.Plan) {
	r.program = compile(b, p, r.seed)
	for _, name := range b.Changing {
		other := compile(b, again(map[string]string{name: "another value"}), r.seed)
		if len(other.layers) != len(r.layers) {
			continue // it chooses the stages that are built
		}
		for i := range r.layers {
			x, y := &r.layers[i], &other.layers[i]
			if x.static != y.static || x.parent.static != y.parent.static || !slices.Equal(x.froms, y.froms) || len(x.selections) != len(y.selections) {
				x.args = append(x.args, name)
			}
		}
	}
}

// start compiles the build of today.
func (r *replayer) start() {
	r.context = r.build.Context
	r.compile(r.build, r.build.Plan, r.build.Again)
	for i := range r.layers {
		l := &r.layers[i]
		s := &Step{Step: l.step, Open: l.open, above: int(l.parent.layer), link: l.link}
		for _, n := range l.selections {
			s.takes = append(s.takes, r.taking(r.selections[n]))
		}
		r.result.Steps = append(r.result.Steps, s)
		r.rows = append(r.rows, i)
	}
	if r.build.At != nil {
		r.numbers = map[string]int32{}
		for i := range r.index.part.Paths {
			if name := r.path(int32(i)); slices.Contains(r.build.At.Names, name) {
				r.numbers[name] = int32(i)
			}
		}
	}
}

// path is the name of a path in the repository.
func (r *replayer) path(n int32) string { return r.log.Paths[r.index.part.Paths[n]] }

// taking is sel.Takes for names in the repository.
func (r *replayer) taking(sel *buildcontext.Selection) func(name string) bool {
	dir := r.build.Dir
	return func(name string) bool {
		if dir != "." {
			var ok bool
			if name, ok = strings.CutPrefix(name, dir+"/"); !ok {
				return false
			}
		}
		return sel.Takes(name)
	}
}

// reopen compiles the build of now.
func (r *replayer) reopen() {
	again, c, ok := r.build.At.Open(func(name string) history.Entry {
		if n, ok := r.numbers[name]; ok {
			return r.now[n]
		}
		return history.Entry{}
	})
	r.program, r.rows, r.context = program{}, nil, nil
	if ok {
		r.context = c
		b := *r.build
		b.Context = c
		r.compile(&b, again(nil), again)
		r.match()
	}
	r.absolute()
}

// match finds the rows of the layers of another day: steps that are the same text in the same stage, then those with the same keyword.
func (r *replayer) match() {
	r.rows = make([]int, len(r.layers))
	taken := make([]bool, len(r.result.Steps))
	for _, exact := range []bool{true, false} {
		for i := range r.layers {
			if exact {
				r.rows[i] = -1
			}
			x := r.layers[i].step
			for n, s := range r.result.Steps {
				if r.rows[i] >= 0 || taken[n] || s.Stage.Index != x.Stage.Index || s.Instruction.Name != x.Instruction.Name ||
					exact && s.Instruction.Text.String != x.Instruction.Text.String {
					continue
				}
				r.rows[i], taken[n] = n, true
			}
		}
	}
}

// absolute works out what each selection takes now, from nothing.
func (r *replayer) absolute() {
	n := len(r.selections)
	r.files, r.modules, r.counts = make([]uint64, n), make([]uint64, n), make([]int32, n)
	r.ever, r.missing, r.changed, r.git = make([]bool, n), make([]int, n), make([][]int32, n), make([]bool, n)
	r.below, r.follows, r.taken = make([]int32, len(r.index.folders)), make([]bool, n), make([]*taken, n)
	for i, s := range r.selections {
		r.git[i] = r.build.Dir == "." && s.Takes(".git/HEAD")
		r.taken[i] = r.index.answers(r.context, r.selected[i])
	}
	for n, e := range r.now {
		if r.index.names[n] == "" {
			continue
		}
		for i := range r.selections {
			r.ever[i] = r.ever[i] || r.takes(i, int32(n))
		}
		if e != (history.Entry{}) {
			r.change(int32(n), history.Entry{}, e)
		}
	}
	clear(r.changed)
}

// takes reports whether a selection takes a path.
func (r *replayer) takes(selection int, path int32) bool {
	return r.index.takesPath(r.selections[selection], r.taken[selection], path)
}

// element is what an entry adds to the sum of a selection. name is the hash of its name.
func (r *replayer) element(name uint64, e history.Entry) uint64 {
	var b [18]byte
	binary.LittleEndian.PutUint64(b[:], e.Blob)
	binary.LittleEndian.PutUint16(b[8:], e.Mode)
	binary.LittleEndian.PutUint64(b[10:], name)
	return maphash.Bytes(r.seed, b[:])
}

// change makes one path something else.
func (r *replayer) change(n int32, from, to history.Entry) {
	r.now[n] = to
	name := r.index.names[n]
	if name == "" {
		return
	}
	if from.Mode == history.Link || to.Mode == history.Link {
		for i, s := range r.selections {
			if _, itself := s.Covers(name); itself && s.Name != "." || strings.HasPrefix(s.Name, name+"/") {
				r.follows[i] = true
			}
		}
	}
	nothing := history.Entry{}
	var sum uint64 // what is added to each sum
	var count int32
	for i := range r.selections {
		if !r.takes(i, n) {
			continue
		}
		if sum == 0 {
			if from != nothing {
				sum -= r.element(r.index.hashes[n], from)
				count--
			}
			if to != nothing {
				sum += r.element(r.index.hashes[n], to)
				count++
			}
		}
		if from.Mode == history.Submodule || to.Mode == history.Submodule {
			r.modules[i] += sum
		} else {
			r.files[i] += sum
		}
		r.counts[i] += count
		r.changed[i] = append(r.changed[i], n)
	}
	if (from == nothing) == (to == nothing) {
		return
	}
	by := int32(1)
	if to == nothing {
		by = -1
	}
	for at := r.index.in[n]; at >= 0; at = r.index.folders[at].in {
		r.below[at] += by
		if by == 1 && r.below[at] > 1 || by == -1 && r.below[at] > 0 {
			break // those above have it as well
		}
		sum := uint64(int64(by)) * r.element(r.index.folders[at].hash, nothing)
		for i, s := range r.selections {
			if !r.index.takesFolder(s, r.taken[i], at) {
				continue
			}
			r.files[i] += sum
			if len(r.changed[i]) == 0 || r.changed[i][len(r.changed[i])-1] != n {
				r.changed[i] = append(r.changed[i], n)
			}
		}
	}
}

// move applies a commit.
func (r *replayer) move(changes []history.Change) {
	for n := range r.changed {
		r.changed[n] = r.changed[n][:0]
	}
	r.edited = nil
	for _, x := range changes {
		r.change(x.Path, r.now[x.Path], x.New)
		if len(r.numbers) == 0 {
			continue
		}
		if _, ok := r.numbers[r.path(x.Path)]; ok {
			r.edited = append(r.edited, x.Path)
		}
	}
	if len(r.edited) == 0 {
		return
	}
	r.reopen()
	for _, x := range changes {
		for i := range r.selections {
			if r.index.names[x.Path] != "" && r.takes(i, x.Path) {
				r.changed[i] = append(r.changed[i], x.Path)
			}
		}
	}
}

// keys are the two keys of something.
type keys struct{ all, lower uint64 }

// mix makes a key of keys.
func (r *replayer) mix(words ...uint64) uint64 {
	var h maphash.Hash
	h.SetSeed(r.seed)
	var b [8]byte
	for _, w := range words {
		binary.LittleEndian.PutUint64(b[:], w)
		_, _ = h.Write(b[:])
	}
	return h.Sum64()
}

// marks are set in keys so that parts do not take each other's place.
const (
	markFrom uint64 = iota + 1
	markOpen
	markArgs
	markParent
	markLink
)

// compute is the keys of all layers for the files of now. commit is a number that no other commit has.
func (r *replayer) compute(commit uint64) (own []keys) {
	own, ends := make([]keys, len(r.layers)), make([]keys, len(r.layers))
	stateOf := func(s state) keys {
		if s.layer >= 0 {
			return ends[s.layer]
		}
		k := keys{s.static, s.static}
		if s.open != "" {
			k.all = r.mix(markOpen, s.static, commit)
		}
		return k
	}
	for i := range r.layers {
		l := &r.layers[i]
		all, lower := []uint64{l.static}, []uint64{l.static}
		open := l.open != ""
		for _, n := range l.selections {
			all = append(all, r.files[n], r.modules[n])
			lower = append(lower, r.files[n])
			open = open || !r.ever[n] || r.git[n] || r.follows[n]
		}
		if len(l.args) > 0 {
			all, lower = append(all, markArgs, commit), append(lower, markArgs, commit)
		}
		for _, f := range l.froms {
			all = append(all, markFrom, stateOf(f).all)
		}
		if open {
			all = append(all, markOpen, commit)
		}
		parent := stateOf(l.parent)
		if !l.link {
			all, lower = append(all, markParent, parent.all), append(lower, markParent, parent.lower)
		}
		own[i] = keys{r.mix(all...), r.mix(lower...)}
		ends[i] = own[i]
		if l.link {
			ends[i] = keys{r.mix(markLink, own[i].all, parent.all), r.mix(markLink, own[i].lower, parent.lower)}
		}
	}
	return own
}

// first fills the cache with the build before the first commit.
func (r *replayer) first() {
	own := r.compute(0)
	r.remember(own)
}

func (r *replayer) remember(own []keys) {
	for _, k := range own {
		r.distinct[k.all] = struct{}{}
		r.lower[k.lower] = struct{}{}
	}
}

// step builds a commit.
func (r *replayer) step(i int, changes []history.Change) {
	r.move(changes)
	dirty := len(r.edited) > 0
	for n := range r.selections {
		dirty = dirty || len(r.changed[n]) > 0
		if r.counts[n] == 0 {
			r.missing[n]++
		}
	}
	var why [][]int32
	for _, s := range r.result.Steps {
		s.States[i], s.Why[i] = Absent, -1
	}
	if !dirty && !r.restless() {
		for n := range r.layers {
			r.trace(i, n, Kept)
		}
		for _, n := range r.rows {
			if n >= 0 {
				r.result.Steps[n].States[i] = Kept
			}
		}
		r.result.Changed = append(r.result.Changed, nil)
		return
	}
	own := r.compute(uint64(i) + 1)
	blame := make([][]int32, len(r.layers)) // what made each layer run: selections, then arguments from their end
	var known [][]int32
	for n := range r.layers {
		l := &r.layers[n]
		var s *Step
		if r.rows[n] >= 0 {
			s = r.result.Steps[r.rows[n]]
		} else { // today's file does not have it
			s = &Step{States: make([]State, i+1), Why: make([]int16, i+1)}
		}
		state := Unknown
		if _, ok := r.distinct[own[n].all]; ok {
			state = Kept
		} else if _, ok := r.lower[own[n].lower]; !ok {
			state = Ran
		}
		s.States[i], s.Why[i] = state, -1
		r.trace(i, n, state)
		if state == Kept {
			continue
		}
		var b []int32
		for _, x := range l.selections {
			if len(r.changed[x]) > 0 {
				b = append(b, x)
			}
		}
		for _, name := range l.args {
			b = append(b, -1-int32(slices.Index(r.build.Changing, name)))
		}
		if len(r.edited) > 0 {
			b = append(b, r.editedBlame())
		}
		depends := slices.Clone(l.froms)
		if !l.link {
			depends = append(depends, l.parent)
		}
		for _, d := range depends {
			if d.layer >= 0 {
				b = append(b, blame[d.layer]...)
			}
		}
		slices.Sort(b)
		b = slices.Compact(b)
		blame[n] = b
		if state == Ran {
			s.Ran++
		} else {
			s.Unknown++
		}
		if len(b) == 0 {
			continue
		}
		k := slices.IndexFunc(known, func(x []int32) bool { return slices.Equal(x, b) })
		if k < 0 {
			k = len(known)
			known = append(known, b)
			why = append(why, r.paths(b))
		}
		s.Why[i] = int16(k)
	}
	r.remember(own)
	r.result.Changed = append(r.result.Changed, why)
}

func (r *replayer) trace(commit, layer int, state State) {
	if r.build.Trace != nil {
		r.build.Trace(commit, r.layers[layer].step, state)
	}
}

// editedBlame stands for edits of what build.At names.
func (r *replayer) editedBlame() int32 { return int32(len(r.selections)) }

// paths are what a blame stands for.
func (r *replayer) paths(blame []int32) []int32 {
	var out []int32
	for _, b := range blame {
		if b == r.editedBlame() {
			out = r.numbered(out, r.edited)
			continue
		}
		if b < 0 {
			out = append(out, int32(len(r.log.Paths))+(-1-b))
			continue
		}
		out = r.numbered(out, r.changed[b][:min(len(r.changed[b]), maxCauses)])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// numbered adds paths to out, as Result counts them.
func (r *replayer) numbered(out, paths []int32) []int32 {
	for _, n := range paths {
		out = append(out, r.index.part.Paths[n])
	}
	return out
}

// restless reports whether a build without a change may not be all cached.
func (r *replayer) restless() bool {
	return slices.ContainsFunc(r.layers, func(l layer) bool {
		return l.open != "" || len(l.args) > 0 || l.parent.open != "" || slices.ContainsFunc(l.froms, func(s state) bool { return s.open != "" }) ||
			slices.ContainsFunc(l.selections, func(n int32) bool { return !r.ever[n] || r.git[n] || r.follows[n] })
	})
}

// finish sums up.
func (r *replayer) finish() {
	for _, name := range r.build.Changing {
		r.result.Paths = append(slices.Clip(r.result.Paths), argPrefix+name)
	}
	if r.build.At == nil {
		r.explain()
	}
	r.now, r.distinct, r.lower = nil, nil, nil
}

// sorted is how many of the causes of a step are in order.
const sorted = 20

// Causes are what made a step run: first the most frequent 20, in order, then all others.
func (r *Result) Causes(s *Step) []Cause {
	if r.counts == nil {
		r.counts = make([]int32, len(r.Paths))
	}
	commits := r.counts
	var paths []int32
	for p := range r.causes(s) {
		if commits[p] == 0 {
			paths = append(paths, p)
		}
		commits[p]++
	}
	out := make([]Cause, len(paths))
	for i, p := range paths {
		out[i] = Cause{r.Paths[p], int(commits[p])}
		commits[p] = 0
	}
	order.Top(out, sorted, func(a, b Cause) int {
		if a.Commits != b.Commits {
			return b.Commits - a.Commits
		}
		return strings.Compare(a.Path, b.Path)
	})
	return out
}

// First is the step that most often was the first from the top to run again when step n did, because of which all below it ran too, and how
// often it was. It is n itself if nothing above n is why it ran.
func (r *Result) First(n int) (first, commits int) {
	counts := make([]int, len(r.Steps))
	for i, state := range r.Steps[n].States {
		if state != Ran && state != Unknown {
			continue
		}
		top := n
		for at := r.Steps[n].above; at >= 0 && !r.Steps[n].link; at = r.Steps[at].above {
			if r.Steps[at].States[i] == state {
				top = at
			}
		}
		counts[top]++
	}
	first = n
	for i, c := range counts {
		if c > counts[first] {
			first = i
		}
	}
	return first, counts[first]
}

// Lost are the stages of r that have a file which made a step of r run, and that have it no longer in after, the same commits with
// another ignore file.
func (r *Result) Lost(after *Result) []*plan.Stage {
	left := map[int][]*Step{} // by stage
	for _, s := range after.Steps {
		left[s.Stage.Index] = append(left[s.Stage.Index], s)
	}
	files := r.Files()
	var out []*plan.Stage
	for _, s := range r.Steps {
		lost := func(n int32) bool {
			takes := func(s *Step) bool {
				return slices.ContainsFunc(s.takes, func(takes func(string) bool) bool { return takes(r.Paths[n]) })
			}
			return takes(s) && !slices.ContainsFunc(left[s.Stage.Index], takes)
		}
		if len(s.takes) > 0 && !slices.Contains(out, s.Stage) && slices.ContainsFunc(files, lost) {
			out = append(out, s.Stage)
		}
	}
	return out
}

// Files are the numbers of all paths that made a step run, each once, in no order.
func (r *Result) Files() []int32 {
	known := make([]bool, len(r.Paths))
	var out []int32
	for _, s := range r.Steps {
		for p := range r.causes(s) {
			if !known[p] {
				known[p] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// causes are the paths that made s run in one commit after the other.
func (r *Result) causes(s *Step) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i, state := range s.States {
			if state != Ran || s.Why[i] < 0 {
				continue
			}
			for _, p := range r.Changed[i][s.Why[i]] {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// explain says why it is not known whether some steps are cached, and what the answer takes for granted.
func (r *replayer) explain() {
	for i := range r.layers {
		l, s := &r.layers[i], r.result.Steps[i]
		for _, n := range l.selections {
			name := "`" + r.selections[n].Name + "`"
			switch {
			case s.Open != "":
			case !r.ever[n]:
				s.Open = "git does not track " + name
			case r.follows[n]:
				s.Open = name + " is a link or is reached through one"
			case r.git[n]:
				s.Open, s.Git = "`.git` is part of "+name, true
			}
		}
		for _, f := range slices.Concat(l.froms, []state{l.parent}) {
			if s.Open == "" && f.layer < 0 {
				s.Open = f.open
			}
		}
	}
	for n, s := range r.selections {
		if r.ever[n] && r.missing[n] > 0 {
			r.result.Missing = append(r.result.Missing, Cause{s.Name, r.missing[n]})
		}
	}
	modules := map[string]bool{}
	for i, e := range r.now {
		for n := range r.selections {
			if e.Mode == history.Submodule && r.index.names[i] != "" && r.takes(n, int32(i)) {
				modules[r.path(int32(i))] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		r.result.Notes = append(r.result.Notes, "`"+name+"` is a submodule, so it is not known whether a build has its files")
	}
}
