package history

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// errObject is the error for what git cat-file does not write, or does not have.
var errObject = errors.New("git cat-file: an object is missing or is not as expected")

// maxTrees bounds the bytes of all directories of a commit, and maxDepth how deep they are.
const (
	maxTrees = 128 << 20
	maxDepth = 1000
)

// tree is all files of a commit.
type tree struct {
	files []file
	err   error
}

type file struct {
	name, id string
	mode     uint16
}

// batch is a `git cat-file --batch`.
type batch struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func openBatch(ctx context.Context, top string) (*batch, error) {
	cmd, err := command(ctx, top, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return &batch{cmd, in, bufio.NewReaderSize(out, 1<<16)}, nil
}

func (b *batch) close() {
	_ = b.in.Close() // ends it
	_, _ = io.Copy(io.Discard, io.LimitReader(b.out, maxTrees))
	_ = b.cmd.Process.Kill() // it may have ended
	_ = b.cmd.Wait()
}

// header reads the first line of an answer.
func (b *batch) header() (id, kind string, size int64, err error) {
	line, err := b.out.ReadSlice('\n')
	if err != nil {
		return "", "", 0, errObject
	}
	fields := strings.Fields(string(line))
	if len(fields) != 3 || !isID(fields[0]) {
		return "", "", 0, errObject
	}
	if size, err = strconv.ParseInt(fields[2], 10, 64); err != nil || size < 0 {
		return "", "", 0, errObject
	}
	return fields[0], fields[1], size, nil
}

// one is an object, if it has at most that many bytes.
func (b *batch) one(id string, most int64) (kind string, data []byte, err error) {
	if !isID(id) {
		return "", nil, errObject
	}
	if _, err := io.WriteString(b.in, id+"\n"); err != nil {
		return "", nil, err
	}
	_, kind, size, err := b.header()
	if err != nil {
		return "", nil, err
	}
	data, err = b.body(size, most)
	return kind, data, err
}

// body reads the rest of an answer. Of an object that is too large it returns nothing, and an error.
func (b *batch) body(size, most int64) ([]byte, error) {
	if size > most {
		if _, err := io.CopyN(io.Discard, b.out, size+1); err != nil {
			return nil, errObject
		}
		return nil, errObject
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(b.out, data); err != nil || data[size] != '\n' {
		return nil, errObject
	}
	return data[:size], nil
}

// readTree lists the files of a commit, one depth of directories after the other.
func (l *Log) readTree(ctx context.Context, top, commit string) tree {
	b, err := openBatch(ctx, top)
	if err != nil {
		return tree{err: err}
	}
	l.batch = b
	var t tree
	left := int64(maxTrees)
	level := []file{{id: commit + "^{tree}"}}
	for depth := 0; len(level) > 0; depth++ {
		if depth > maxDepth {
			return tree{err: fmt.Errorf("directories are more than %d deep", maxDepth)}
		}
		written := make(chan error, 1)
		go func() {
			var ask strings.Builder
			for _, dir := range level {
				ask.WriteString(dir.id + "\n")
			}
			_, err := io.WriteString(b.in, ask.String())
			written <- err
		}()
		var next []file
		for _, dir := range level {
			id, kind, size, err := b.header()
			if err != nil || kind != "tree" || size > left {
				return tree{err: errObject}
			}
			left -= size
			data, err := b.body(size, left+size)
			if err != nil {
				return tree{err: err}
			}
			if next, err = t.add(next, dir.name, data, len(id)/2); err != nil {
				return tree{err: err}
			}
		}
		if err := <-written; err != nil {
			return tree{err: err}
		}
		level = next
	}
	return t
}

// add adds the files of a directory to t, and its directories to next. Names of objects have width bytes.
func (t *tree) add(next []file, dir string, data []byte, width int) ([]file, error) {
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		mode, name, named := bytes.Cut(head, []byte(" "))
		if !ok || !named || len(name) == 0 || len(rest) < width || len(t.files)+len(next) > MaxPaths {
			return nil, errObject
		}
		m, err := strconv.ParseUint(string(mode), 8, 16)
		if err != nil {
			return nil, errObject
		}
		f := file{name: string(name), id: hex.EncodeToString(rest[:width]), mode: uint16(m)}
		if dir != "" {
			f.name = dir + "/" + f.name
		}
		data = rest[width:]
		if f.mode == directory {
			next = append(next, f)
		} else {
			t.files = append(t.files, f)
		}
	}
	return next, nil
}
