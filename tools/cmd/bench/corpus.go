package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// The limits over a corpus: the CPU time of dockvet compared with BuildKit's parser, and memory.
const (
	limitStrict      = 1.4
	limitRecommended = 1.15
	limitFix         = 3.0
	limitCores       = 0.6
	limitMemory      = 64 << 20
	memoryRuns       = 3
)

// corpora measures the corpus and a large one that is made of copies of it.
func (b *bench) corpora() error {
	files, err := tree.Files(b.corpus)
	if err != nil || len(files) == 0 {
		_, _ = fmt.Fprintf(b.log, "no corpus at %s: CPU time and memory are not measured\n", b.corpus)
		return nil
	}
	small, err := b.overCorpus("1x", b.corpus, files)
	if err != nil || b.copies == 0 {
		return err
	}
	dir, large := filepath.Join(b.dir, "large"), []string(nil)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(b.corpus, name)
		if err != nil {
			return err
		}
		for i := range b.copies {
			to := filepath.Join(dir, strconv.Itoa(i), rel)
			if err := write(to, string(text)+fmt.Sprintf("\n# copy %d\n", i)); err != nil {
				return err
			}
			large = append(large, to)
		}
	}
	most, err := b.overCorpus(fmt.Sprintf("%dx", b.copies), dir, large)
	if err != nil {
		return err
	}
	for _, format := range memoryFormats() {
		if small[format] == 0 {
			continue
		}
		growth := float64(most[format]) / float64(small[format])
		if err := b.line("memory, large to small", fmt.Sprintf("%.2fx", growth), "1.10x", growth <= 1.1, format); err != nil {
			return err
		}
	}
	return nil
}

// memoryFormats are the formats whose memory is measured.
func memoryFormats() []string { return []string{"json", "text", "sarif"} }

// memory prints the peaks of a check with all rules, on one core and on two. It returns those on one core, by format.
func (b *bench) memory(name, dir string) (map[string]int64, error) {
	peaks := map[string]int64{}
	for _, format := range memoryFormats() {
		args := []string{"check", "--no-context", "--no-config", "--profile", "strict", "--format", format, dir}
		for _, cores := range []string{"1", "2"} {
			var most int64
			for range memoryRuns {
				r, err := b.run([]string{"GOMAXPROCS=" + cores}, "dockvet", args...)
				if err != nil {
					return nil, err
				}
				most = max(most, r.memory)
			}
			if most == 0 {
				continue
			}
			if cores == "1" {
				peaks[format] = most
			}
			if err := b.line(name+" memory", fmt.Sprintf("%.0f MB", float64(most)/(1<<20)), fmt.Sprintf("%d MB", limitMemory>>20), most <= limitMemory,
				"strict, "+format+", GOMAXPROCS="+cores); err != nil {
				return nil, err
			}
		}
	}
	return peaks, nil
}

func write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o600)
}

// overCorpus returns the peaks of memory of a check with all rules by format, as far as they are known.
func (b *bench) overCorpus(name, dir string, files []string) (memory map[string]int64, err error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(files))
	for i, f := range files {
		if paths[i], err = filepath.Abs(f); err != nil {
			return nil, err
		}
	}
	list := filepath.Join(b.dir, "files")
	if err := write(list, strings.Join(paths, "\n")+"\n"); err != nil {
		return nil, err
	}
	check := func(dir string, more ...string) []string {
		return append([]string{"check", "--no-context", "--no-config", "--format", "json", dir}, more...)
	}
	copied := filepath.Join(b.dir, "fixed")
	fix := func() (result, error) {
		if err := os.RemoveAll(copied); err != nil {
			return result{}, err
		}
		if err := os.CopyFS(copied, os.DirFS(absolute)); err != nil {
			return result{}, err
		}
		return b.on("dockvet", check(copied, "--profile", "strict", "--fix")...)()
	}
	p, err := versus(b.pairs, cpu, b.on("baseline", list),
		b.on("dockvet", check(absolute, "--profile", "strict")...), b.on("dockvet", check(absolute, "--profile", "recommended")...), fix)
	if err != nil {
		return nil, err
	}
	more := fmt.Sprintf("%d files, BuildKit's parser", len(files))
	for i, x := range []struct {
		what  string
		limit float64
	}{{"strict", limitStrict}, {"recommended", limitRecommended}, {"strict --fix", limitFix}} {
		if err := b.ratio(name+" "+x.what, p[i], x.limit, more); err != nil {
			return nil, err
		}
	}
	if memory, err = b.memory(name, absolute); err != nil {
		return nil, err
	}
	if runtime.NumCPU() > 1 {
		strict := check(absolute, "--profile", "strict")
		both := func() (result, error) { return b.run([]string{"GOMAXPROCS=2"}, "dockvet", strict...) }
		w, err := versus(b.pairs, wall, b.on("dockvet", strict...), both)
		if err != nil {
			return nil, err
		}
		return memory, b.ratio(name+" two cores, wall", w[0], limitCores, "one core")
	}
	return memory, nil
}
