package outside

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dockvet/dockvet/internal/change"
)

// gitTime bounds how long one call of git may take.
const gitTime = 20 * time.Second

// maxBlob bounds a file of an earlier state, in bytes, as package disk bounds one of now.
const maxBlob = 4 << 20

// gitCommand is a call of git in dir. The settings of the repository start no program: hooks, monitors and filters are off, nothing is
// fetched and nothing is written.
func gitCommand(ctx context.Context, dir string, filters []string, args ...string) (*exec.Cmd, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("git is not installed")
	}
	all := []string{
		"--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "core.untrackedCache=false",
		"-c", "protocol.allow=never", "-c", "diff.external=", "-c", "core.quotePath=false",
	}
	for _, name := range filters {
		all = append(all, "-c", "filter."+name+".clean=", "-c", "filter."+name+".smudge=", "-c", "filter."+name+".process=",
			"-c", "filter."+name+".required=false")
	}
	cmd := exec.CommandContext(ctx, program, append(all, args...)...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(name, "GIT_")
	})
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	cmd.WaitDelay = time.Second
	return cmd, nil
}

// runGit is what git prints. An error says why it failed.
func runGit(dir string, filters []string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), gitTime)
	defer cancel()
	cmd, err := gitCommand(ctx, dir, filters, args...)
	if err != nil {
		return "", err
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		why, _, _ := strings.Cut(errs.String(), "\n")
		if why = strings.TrimPrefix(why, "fatal: "); why == "" {
			why = err.Error()
		}
		return "", fmt.Errorf("git %s: %s", args[0], why)
	}
	return string(out), nil
}

// nul are the parts of s, each of which ends in a NUL.
func nul(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == 0 }) }

// TrackedAndIgnored are the files below dir, relative to it, that git tracks although a .gitignore names them. The
// settings of the repository start no program: hooks and monitors are off, nothing is fetched and nothing is written.
func TrackedAndIgnored(dir string) ([]string, error) {
	out, err := runGit(dir, nil, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard")
	return nul(out), err
}

// ChangedSince is what changed in the repository that holds dir since its history parted from rev, with what is not committed yet. As
// for TrackedAndIgnored, git starts no program. Close ends the git that reads earlier states of files.
func ChangedSince(dir, rev string) (files []change.File, closer io.Closer, err error) {
	commit, err := runGit(dir, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		if _, inside := runGit(dir, nil, "rev-parse", "--git-dir"); inside != nil {
			return nil, nil, inside
		}
		return nil, nil, fmt.Errorf("`%s` is not a commit of this clone; a clone with `--depth` may have to fetch it", rev)
	}
	base, err := runGit(dir, nil, "merge-base", strings.TrimSpace(commit), "HEAD")
	if err != nil {
		return nil, nil, fmt.Errorf("`%s` and the current commit have no common history in this clone; one with `--depth` may have to fetch more", rev)
	}
	base = strings.TrimSpace(base)
	up, err := runGit(dir, nil, "rev-parse", "--show-cdup")
	if err != nil {
		return nil, nil, err
	}
	top := filepath.Join(dir, filepath.FromSlash(strings.TrimSpace(up)))
	filters, err := filterNames(top)
	if err != nil {
		return nil, nil, err
	}
	raw, err := runGit(top, filters, "diff-index", "--raw", "-z", "-M", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--full-index", base)
	if err != nil {
		return nil, nil, err
	}
	untracked, err := runGit(top, filters, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return nil, nil, err
	}
	blobs := &blobs{top: top}
	files = parseRaw(raw, top, filters, blobs)
	for _, name := range nul(untracked) {
		files = append(files, change.File{New: filepath.Join(top, filepath.FromSlash(name))})
	}
	return files, blobs, nil
}

// filterNames are the filters that the configuration of git knows. They are programs. One that cannot be turned off by `-c`, which ends
// the name of a setting at the first `=`, is an error.
func filterNames(dir string) ([]string, error) {
	out, err := runGit(dir, nil, "config", "-z", "--name-only", "--list")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, key := range nul(out) {
		name, ok := strings.CutPrefix(key, "filter.")
		i := strings.LastIndexByte(name, '.')
		if !ok || i < 0 || slices.Contains(names, name[:i]) {
			continue
		}
		if strings.Contains(name, "=") {
			return nil, fmt.Errorf("the configuration of git has the filter `%s`, which cannot be turned off", name[:i])
		}
		names = append(names, name[:i])
	}
	return names, nil
}

// parseRaw reads `diff-index --raw -z`: `:mode mode blob blob status`, then a name, and another one for what was renamed.
func parseRaw(raw, top string, filters []string, blobs *blobs) []change.File {
	var out []change.File
	parts := nul(raw)
	abs := func(name string) string { return filepath.Join(top, filepath.FromSlash(name)) }
	for len(parts) > 1 {
		head, name := strings.Fields(strings.TrimPrefix(parts[0], ":")), parts[1]
		parts = parts[2:]
		if len(head) != 5 {
			break
		}
		blob, status := head[2], head[4]
		f := change.File{Old: abs(name), New: abs(name), Link: head[0] == "120000", Executable: head[0] == "100755"}
		now := name
		switch status[0] {
		case 'A':
			f.Old = ""
		case 'D':
			f.New = ""
		case 'R':
			if len(parts) == 0 {
				return out
			}
			now, parts = parts[0], parts[1:]
			f.New = abs(now)
		}
		if head[0] == "160000" || head[1] == "160000" {
			continue // a submodule, which is a repository of its own
		}
		f.Before = func() ([]byte, error) { return blobs.get(blob) }
		f.Lines = func() ([]change.Lines, error) {
			out, err := runGit(top, filters, "diff", "-U0", "--text", "--no-color", "--no-ext-diff", "--no-textconv", blob, "--", now)
			if err != nil {
				return nil, err
			}
			return hunks(out), nil
		}
		out = append(out, f)
	}
	return out
}

// hunks are the lines of the new file that a diff without context changes.
func hunks(diff string) []change.Lines {
	var out []change.Lines
	for line := range strings.Lines(diff) {
		if l, ok := change.Hunk(line); ok {
			out = append(out, l)
		}
	}
	return out
}

// blobs reads objects of a repository through one git, which is started when the first is needed.
type blobs struct {
	top  string
	mu   sync.Mutex
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	err  error // why it does not work
	stop context.CancelFunc
}

func (b *blobs) start() error {
	if b.cmd != nil || b.err != nil {
		return b.err
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd, err := gitCommand(ctx, b.top, nil, "cat-file", "--batch")
	if err == nil {
		b.in, err = cmd.StdinPipe()
	}
	var out io.ReadCloser
	if err == nil {
		out, err = cmd.StdoutPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		b.err = err
		return err
	}
	b.cmd, b.out, b.stop = cmd, bufio.NewReader(out), cancel
	return nil
}

// get is the blob of that name.
func (b *blobs) get(name string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.start(); err != nil {
		return nil, err
	}
	data, err := b.read(name)
	if err != nil && b.err == nil && !errors.Is(err, errBlob) {
		b.err = fmt.Errorf("git cat-file: %w", err)
	}
	return data, err
}

// errBlob is the reason for which a blob is not read while git still answers.
var errBlob = errors.New("this clone does not have it, or it is larger than 4 MiB")

func (b *blobs) read(name string) ([]byte, error) {
	timer := time.AfterFunc(gitTime, b.stop)
	defer timer.Stop()
	if _, err := io.WriteString(b.in, name+"\n"); err != nil {
		return nil, err
	}
	head, err := b.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(head)
	if len(fields) != 3 || fields[1] != "blob" {
		return nil, errBlob
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return nil, err
	}
	if size > maxBlob {
		if _, err := io.CopyN(io.Discard, b.out, size+1); err != nil {
			return nil, err
		}
		return nil, errBlob
	}
	data := make([]byte, size+1) // with the line break that git adds
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, err
	}
	return data[:size], nil
}

// Close ends git.
func (b *blobs) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cmd == nil {
		return nil
	}
	err := b.in.Close()
	b.err = errors.New("it was closed")
	b.stop()
	_ = b.cmd.Wait() // it was told to end
	return err
}
