package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// canary is what files outside a repository hold. Nothing may print it.
const canary = "canary-0c2f9e"

// run is one run of dockvet.
type run struct {
	args   []string
	cpu    time.Duration
	memory int64 // bytes, 0 if the system does not say
	code   int
}

// measure makes the input of s in a sandbox below dir, once for each run, and runs program on it.
func (s *shape) measure(program, dir string) (*report, error) {
	var r report
	for _, args := range s.runs {
		box, err := os.MkdirTemp(dir, "box-")
		if err != nil {
			return nil, err
		}
		err = s.once(&r, program, box, args)
		if err = errors.Join(err, remove(box)); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

// remove removes dir, even if directories in it may not be written to.
func remove(dir string) error {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(name, 0o755) //nolint:gosec // a directory has to be entered; RemoveAll reports what fails
		}
		return nil
	})
	return os.RemoveAll(dir)
}

func (s *shape) once(r *report, program, box string, args []string) error {
	repo, outside := filepath.Join(box, "repo"), filepath.Join(box, "outside")
	for _, dir := range []string{filepath.Join(repo, ".git"), filepath.Join(outside, "home")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{"secret": canary, "Dockerfile": "FROM " + canary + "\nMAINTAINER " + canary + "\n", "home/.gitconfig": "# " + canary} {
		if err := os.WriteFile(filepath.Join(outside, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			return err
		}
	}
	if err := s.make(&builder{dir: repo, outside: outside}); err != nil {
		if errors.Is(err, errUnsupported) {
			return nil
		}
		return err
	}
	before, err := snapshot(box, repo)
	if err != nil {
		return err
	}
	inside, err := snapshot(repo, "")
	if err != nil {
		return err
	}
	r.bytes = 0
	for _, f := range inside {
		r.bytes += f.size
	}
	output := box + ".out"
	debug.FreeOSMemory() // see peak
	x, err := execute(program, repo, filepath.Join(outside, "home"), output, args)
	if err != nil {
		return err
	}
	r.runs = append(r.runs, x)
	fault := func(format string, a ...any) {
		r.faults = append(r.faults, fmt.Sprintf("`%s` ", strings.Join(args, " "))+fmt.Sprintf(format, a...))
	}
	if x.cpu > limitCPU {
		fault("took %.1f s", x.cpu.Seconds())
	}
	if x.memory > limitMemory {
		fault("took %d MB", x.memory>>20)
	}
	if x.code < 0 || x.code > 2 {
		fault("ended with %d", x.code)
	}
	printed, err := look(output)
	if err != nil {
		return err
	}
	if printed != "" {
		fault("printed %q", printed)
	}
	after, err := snapshot(box, repo)
	if err != nil {
		return err
	}
	if name := changed(before, after); name != "" {
		fault("changed %s, outside the repository", name)
	}
	if !slices.Contains(args, "--fix") {
		after, err := snapshot(repo, "")
		if err != nil {
			return err
		}
		if name := changed(inside, after); name != "" {
			fault("changed %s without --fix", name)
		}
	}
	return nil
}

// look looks for what no output may have, and returns it with what is around it.
func look(output string) (string, error) {
	f, err := os.Open(output)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // nothing was written
	const overlap = 200
	buf := make([]byte, 1<<20)
	for kept := 0; ; {
		n, err := f.Read(buf[kept:])
		if n == 0 && err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return "", err
		}
		text := buf[:kept+n]
		for _, sign := range []string{canary, "panic: ", "bug in ", "goroutine "} {
			if i := bytes.Index(text, []byte(sign)); i >= 0 {
				return string(text[max(0, i-60):min(len(text), i+140)]), nil
			}
		}
		kept = copy(buf, text[max(0, len(text)-overlap):])
	}
}

// execute runs program and kills it if it takes far too much.
func execute(program, dir, home, output string, args []string) (run, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"GOMAXPROCS=1", "HOME=" + home, "XDG_CONFIG_HOME=" + home, "PATH=" + os.Getenv("PATH"), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
	file, err := os.Create(output)
	if err != nil {
		return run{}, err
	}
	defer func() { _ = file.Close() }() // what is lost of it is not found either
	cmd.Stdout, cmd.Stderr = file, file
	if err := cmd.Start(); err != nil {
		return run{}, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	deadline, tick := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case err = <-done:
			waiting = false
		case <-deadline:
			_ = cmd.Process.Kill() // Wait reports what became of it
		case <-tick.C:
			if resident(cmd.Process.Pid) > 4*limitMemory {
				_ = cmd.Process.Kill()
			}
		}
	}
	if cmd.ProcessState == nil {
		return run{}, err
	}
	x := run{args: args, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), code: cmd.ProcessState.ExitCode()}
	x.memory = peak(cmd.ProcessState)
	return x, nil
}

// state is what a file is, as far as a run may change it.
type state struct {
	size int64
	mode fs.FileMode
	text string // of a small file, or where a link points
}

// snapshot is the state of each file below dir, except for those below without.
func snapshot(dir, without string) (map[string]state, error) {
	out := map[string]state{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if name == without {
			return fs.SkipDir
		}
		if err != nil {
			return nil //nolint:nilerr // a directory that may not be read is part of an input
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		s := state{mode: info.Mode()}
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			s.text, _ = os.Readlink(name)
		case info.Mode().IsRegular():
			s.size = info.Size()
			if data, err := os.ReadFile(name); err == nil && len(data) < 4<<20 {
				s.text = string(data)
			}
		}
		rel, err := filepath.Rel(dir, name)
		out[filepath.ToSlash(rel)] = s
		return err
	})
	return out, err
}

// changed is a file that two snapshots do not agree on, "" if there is none.
func changed(before, after map[string]state) string {
	for name, s := range after {
		if before[name] != s {
			return name
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			return name
		}
	}
	return ""
}
