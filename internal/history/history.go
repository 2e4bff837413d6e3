// Package history reads what git recorded of a repository's files, commit by commit. It takes one `git log --raw` and one
// `git cat-file --batch`, and one `git symbolic-ref` if somebody asks for the branch. It looks at no work tree, and lets the repository
// start no program.
package history

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of what is read. What is beyond MaxChanges is older commits, which are left out.
const (
	MaxCommits = 10_000
	MaxChanges = 1_000_000 // changed paths of all commits
	MaxPaths   = 1_000_000 // distinct paths
	maxText    = 120 << 20 // bytes of all paths
	maxBlob    = 1 << 20   // bytes of one file
	patience   = 5 * time.Minute
)

// Options say what to read.
type Options struct {
	Commits int       // how many at most; MaxCommits if it is more or 0
	Since   time.Time // only commits after that; zero: all
	// Keep says of which paths files can be read later, with Log.Read; nil: of none.
	Keep func(name string) bool
	// Progress is called now and then with the number of commits read so far; may be nil.
	Progress func(commits int)
}

// Entry is what a path is in a commit. The zero Entry is nothing. Two entries hold the same if they are equal.
type Entry struct {
	Blob uint64 // stands for the object; it differs from run to run
	Mode uint16 // as git has it
}

// The modes of git.
const (
	Regular    uint16 = 0o100644
	Executable uint16 = 0o100755
	Link       uint16 = 0o120000
	Submodule  uint16 = 0o160000
	directory  uint16 = 0o040000
)

// Change is what a commit makes of a path, compared with its first parent.
type Change struct {
	Path     int32 // its number in Log.Paths
	Old, New Entry
}

// Commit is one commit of the first-parent line.
type Commit struct {
	ID      string // in hexadecimal
	Time    time.Time
	Subject string // at most 200 bytes
	Changes []Change
	Root    bool // it has no parent, or git does not have it
}

// Log is the history of a repository.
type Log struct {
	Top     string   // the directory that holds .git
	Commits []Commit // the oldest first
	Paths   []string // slash-separated, relative to Top
	Before  []Entry  // by path: what it was before the first commit
	Shallow bool     // git has only a part of the history
	// Cut says that there is more history within what Options ask for: it is beyond a bound.
	Cut bool

	ids    map[Entry]string // of what Options.Keep names
	batch  *batch
	mu     sync.Mutex // for batch
	head   sync.Once  // for branch
	branch string
	once   sync.Once
	survey survey // once somebody asked for a Part
}

// ErrNone is the error for a directory in no repository, or in one without a commit.
var ErrNone = errors.New("there is no git history")

// Find is the directory at or above dir that holds .git, "" if there is none.
func Find(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// Read reads the history of HEAD in the repository at top. The caller closes it.
func Read(ctx context.Context, top string, o Options) (*Log, error) {
	if o.Commits <= 0 || o.Commits > MaxCommits {
		o.Commits = MaxCommits
	}
	l := &Log{Top: top, ids: map[Entry]string{}}
	whole := ctx // what is read later, too
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := os.Lstat(filepath.Join(top, ".git", "shallow")); err == nil {
		l.Shallow = true
	}
	// One commit more says whether there is something before the first.
	args := []string{
		"log", "--raw", "-z", "--no-abbrev", "--no-renames", "--first-parent", "-m", "--no-ext-diff", "--no-textconv", "--no-color",
		"--no-show-signature", "--no-notes", "--no-mailmap", "--no-relative", "--ignore-submodules=none", "-O" + os.DevNull,
		"--format=%H%x00%P%x00%ct%x00%s", "--max-count=" + strconv.Itoa(o.Commits),
	}
	if !o.Since.IsZero() {
		args = append(args, "--since="+strconv.FormatInt(o.Since.Unix(), 10))
	}
	git, err := command(ctx, top, append(args, "--end-of-options", "HEAD", "--")...)
	if err != nil {
		return nil, err
	}
	out, err := git.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var errs limited
	git.Stderr = &errs
	if err := git.Start(); err != nil {
		return nil, fmt.Errorf("git log: %w", err)
	}
	p := newParser(l, o)
	trees := make(chan tree, 1)
	p.first = func(id string) { go func() { trees <- l.readTree(whole, top, id) }() }
	parsed := p.read(bufio.NewReaderSize(out, 1<<18))
	if parsed != nil || l.Cut {
		_ = git.Process.Kill() // it may still write
	}
	ended := git.Wait()
	if len(l.Commits) == 0 && parsed == nil {
		if ended != nil {
			return nil, reason("log", &errs, ended)
		}
		return nil, ErrNone
	}
	t := tree{err: parsed}
	if len(l.Commits) > 0 {
		if t = <-trees; parsed != nil {
			t.err = parsed
		}
	}
	if t.err == nil && ended != nil && !l.Cut {
		t.err = reason("log", &errs, ended)
	}
	if t.err == nil {
		t.err = p.finish(t)
	}
	if t.err != nil {
		l.Close()
		return nil, t.err
	}
	return l, nil
}

// Branch is the branch that HEAD is on, "" if it is on none.
func (l *Log) Branch(ctx context.Context) string {
	l.head.Do(func() {
		git, err := command(ctx, l.Top, "symbolic-ref", "--quiet", "--short", "HEAD")
		if err != nil {
			return
		}
		name, err := git.Output()
		if err == nil {
			l.branch = strings.TrimSuffix(string(name), "\n")
		}
	})
	return l.branch
}

// Close ends the process that Read started.
func (l *Log) Close() {
	if l.batch != nil {
		l.batch.close()
		l.batch = nil
	}
}

// Content is the content of a file that Options.Keep named, of at most 1 MiB. ok is false if git does not have it, or if it is
// not a regular file.
func (l *Log) Content(e Entry) (data []byte, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := l.ids[e]
	if id == "" || l.batch == nil || e.Mode != Regular && e.Mode != Executable {
		return nil, false
	}
	kind, data, err := l.batch.one(id, maxBlob)
	return data, err == nil && kind == "blob"
}

// Target is what a link that Options.Keep named points to.
func (l *Log) Target(e Entry) (target string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := l.ids[e]
	if id == "" || l.batch == nil || e.Mode != Link {
		return "", false
	}
	const maxTarget = 4096
	kind, data, err := l.batch.one(id, maxTarget)
	return string(data), err == nil && kind == "blob"
}

// command is git in the repository at top, which can start no program and fetch nothing. The settings of the user stay in force,
// since they say which repositories of other owners to trust; what they could change of the output is set by options.
func command(ctx context.Context, top string, args ...string) (*exec.Cmd, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("git is not installed")
	}
	cmd := exec.CommandContext(ctx, git, append([]string{
		"--no-pager", "--literal-pathspecs", "--no-replace-objects", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull,
		"-c", "core.untrackedCache=false", "-c", "protocol.allow=never", "-c", "log.showSignature=false", "-c", "log.showRoot=true",
		"-c", "log.follow=false", "-c", "core.attributesFile=" + os.DevNull, "-c", "i18n.logOutputEncoding=UTF-8",
	}, args...)...)
	cmd.Dir = top
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(name, "GIT_")
	})
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_CEILING_DIRECTORIES="+filepath.Dir(top),
		"GIT_ATTR_NOSYSTEM=1", "LC_ALL=C")
	cmd.WaitDelay = time.Second
	return cmd, nil
}

// reason is why git failed, in its own words.
func reason(what string, errs *limited, err error) error {
	why, _, _ := strings.Cut(errs.String(), "\n")
	if why = strings.TrimPrefix(why, "fatal: "); why == "" {
		why = err.Error()
	}
	if strings.Contains(why, "'HEAD'") {
		return ErrNone // nothing is committed yet
	}
	return fmt.Errorf("git %s: %s", what, why)
}

// limited keeps the beginning of what is written to it.
type limited struct{ bytes.Buffer }

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	const most = 4 << 10
	if left := most - l.Len(); left > 0 {
		l.Buffer.Write(p[:min(left, len(p))])
	}
	return len(p), nil
}

// errOutput is the error for what git does not write.
var errOutput = errors.New("the output of git log is not as expected")

// parser reads the output of git log.
type parser struct {
	log     *Log
	options Options
	seed    maphash.Seed
	numbers map[string]int32
	kept    []bool // by path: Options.Keep names it
	text    int    // bytes of all paths
	changes int
	pending []Change        // of the commit that is read
	first   func(id string) // is told the newest commit
	in      *bufio.Reader
}

func newParser(l *Log, o Options) *parser {
	return &parser{log: l, options: o, seed: maphash.MakeSeed(), numbers: map[string]int32{}, first: func(string) {}}
}

// read reads commits, the newest first, and leaves them in the order of time.
func (p *parser) read(in *bufio.Reader) error {
	p.in = in
	for {
		id, err := p.token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = p.commit(id)
		}
		if err != nil {
			return err
		}
		if p.log.Cut {
			break
		}
		if n := len(p.log.Commits); p.options.Progress != nil && n%100 == 0 {
			p.options.Progress(n)
		}
	}
	slices.Reverse(p.log.Commits)
	return nil
}

// token is what is before the next NUL. It is valid until the next call.
func (p *parser) token() (string, error) {
	b, err := p.in.ReadSlice(0)
	switch {
	case err == nil:
		return string(b[:len(b)-1]), nil
	case errors.Is(err, io.EOF) && len(b) == 0:
		return "", io.EOF
	case errors.Is(err, io.EOF), errors.Is(err, bufio.ErrBufferFull):
		return "", errOutput
	}
	return "", err
}

// commit reads the rest of a commit and its changes.
func (p *parser) commit(id string) error {
	if !isID(id) {
		return errOutput
	}
	if len(p.log.Commits) >= MaxCommits {
		p.log.Cut = true
		return nil
	}
	var fields [3]string
	for i := range fields {
		var err error
		if fields[i], err = p.token(); err != nil {
			return errOutput
		}
	}
	seconds, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return errOutput
	}
	const maxSubject = 200
	subject := fields[2]
	if len(subject) > maxSubject {
		subject = subject[:maxSubject]
	}
	c := Commit{ID: id, Root: fields[0] == "", Time: time.Unix(seconds, 0).UTC(), Subject: strings.ToValidUTF8(subject, "\uFFFD")}
	p.pending = p.pending[:0]
	for {
		next, err := p.in.Peek(2)
		if len(next) == 0 || err != nil && !errors.Is(err, io.EOF) || next[0] != ':' && (next[0] != '\n' || len(next) < 2 || next[1] != ':') {
			break
		}
		change, err := p.change()
		if err != nil {
			return err
		}
		if p.log.Cut {
			return nil // this commit is not whole
		}
		p.pending = append(p.pending, change)
	}
	c.Changes = slices.Clone(p.pending)
	if len(p.log.Commits) == 0 {
		p.first(id)
	}
	p.log.Commits = append(p.log.Commits, c)
	return nil
}

// change reads one change, as in `:100644 100644 ID ID M`, and its path.
func (p *parser) change() (Change, error) {
	line, err := p.in.ReadSlice(0)
	if err != nil {
		return Change{}, errOutput
	}
	line = bytes.TrimPrefix(bytes.TrimPrefix(line[:len(line)-1], []byte("\n")), []byte(":"))
	var fields [4][]byte // two modes, then two names of objects
	for i := range fields {
		var ok bool
		if fields[i], line, ok = bytes.Cut(line, []byte(" ")); !ok {
			return Change{}, errOutput
		}
	}
	if len(line) == 0 || len(fields[2]) != len(fields[3]) {
		return Change{}, errOutput
	}
	var c Change
	var ids [2][sha256.Size * 2]byte
	for i, e := range []*Entry{&c.Old, &c.New} {
		mode, err := strconv.ParseUint(string(fields[i]), 8, 16)
		if err != nil || !isID(fields[2+i]) {
			return Change{}, errOutput
		}
		if e.Mode = uint16(mode); mode != 0 {
			copy(ids[i][:], fields[2+i])
			e.Blob = maphash.Bytes(p.seed, fields[2+i])
		}
	}
	width := len(fields[2])
	name, err := p.in.ReadSlice(0)
	if err != nil || len(name) < 2 {
		return Change{}, errOutput
	}
	number, ok := p.number(name[:len(name)-1])
	if p.changes++; !ok || p.changes > MaxChanges {
		p.log.Cut = true
		return Change{}, nil
	}
	c.Path = number
	if p.kept[number] {
		p.keep(c.Old, string(ids[0][:width]))
		p.keep(c.New, string(ids[1][:width]))
	}
	return c, nil
}

func (p *parser) keep(e Entry, id string) {
	if e.Mode != 0 {
		p.log.ids[e] = id
	}
}

// number is the number of a path. ok is false if there are too many.
func (p *parser) number(name []byte) (n int32, ok bool) {
	if n, ok = p.numbers[string(name)]; ok {
		return n, true
	}
	if p.text += len(name); len(p.log.Paths) >= MaxPaths || p.text > maxText {
		return 0, false
	}
	n = int32(len(p.log.Paths))
	text := string(name)
	p.numbers[text] = n
	p.log.Paths = append(p.log.Paths, text)
	p.kept = append(p.kept, p.options.Keep != nil && p.options.Keep(text))
	return n, true
}

// isID reports whether s is the name of an object in hexadecimal.
func isID[T string | []byte](s T) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	other := false
	for i := range len(s) {
		other = other || !hexadecimal[s[i]]
	}
	return !other
}

// hexadecimal are the digits in names of objects.
var hexadecimal = [256]bool{
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true,
}

// finish finds out what each path was before the first commit, from the tree of the last one.
func (p *parser) finish(t tree) error {
	l := p.log
	now := make([]Entry, len(l.Paths), len(l.Paths)+len(t.files))
	for _, f := range t.files {
		n, ok := p.number([]byte(f.name))
		if !ok {
			return fmt.Errorf("there are more than %d paths", MaxPaths)
		}
		for int(n) >= len(now) {
			now = append(now, Entry{})
		}
		now[n] = Entry{maphash.String(p.seed, f.id), f.mode}
		if p.kept[n] {
			p.keep(now[n], f.id)
		}
	}
	for _, c := range slices.Backward(l.Commits) {
		for _, x := range c.Changes {
			now[x.Path] = x.Old
		}
	}
	l.Before = now
	p.numbers, p.kept = nil, nil
	return nil
}
