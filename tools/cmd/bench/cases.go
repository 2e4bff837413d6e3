package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// The limits of the other cases. Start-up is compared with an empty program, a file with BuildKit's parser, and a context with find.
const (
	limitStartup   = 4.0
	limitVersion   = 3.0
	limitStages    = 3.0
	limitContext   = 2.0
	limitShortEdit = 5 * time.Millisecond
	limitLongEdit  = 15 * time.Millisecond
	limitInit      = 0.3 // ms, of our own packages
	limitSize      = 10_000_000
)

// oneFile is a directory with one small file and nothing else. In the directory of the other cases dockvet would look for descriptions of
// builds among their files.
func (b *bench) oneFile() (dir string, err error) {
	dir = filepath.Join(b.dir, "one")
	return dir, write(filepath.Join(dir, "Dockerfile"), "FROM debian:latest\nRUN apt-get update && apt-get install -y curl\nCMD [\"curl\"]\n")
}

func (b *bench) startup() error {
	dir, err := b.oneFile()
	if err != nil {
		return err
	}
	start := func(name string, args ...string) runner {
		return func() (result, error) { return b.runIn(dir, nil, name, args...) }
	}
	p, err := versus(b.starts, cpu, start("nothing"), start("dockvet", "check", "Dockerfile"), start("dockvet", "version"))
	if err != nil {
		return err
	}
	if err := b.ratio("one file", p[0], limitStartup, "an empty program"); err != nil {
		return err
	}
	return b.ratio("version", p[1], limitVersion, "an empty program")
}

// stages measures files of many stages, each built from the one before.
func (b *bench) stages() error {
	for _, n := range []int{1000, 5000} {
		var text strings.Builder
		text.WriteString("FROM debian:13 AS s0\n")
		for i := 1; i < n; i++ {
			_, _ = fmt.Fprintf(&text, "FROM s%d AS s%d\n", i-1, i)
		}
		name := filepath.Join(b.dir, "stages", "Dockerfile")
		list := filepath.Join(b.dir, "files")
		if err := write(name, text.String()); err != nil {
			return err
		}
		if err := write(list, name+"\n"); err != nil {
			return err
		}
		p, err := versus(b.pairs, cpu, b.on("baseline", list), b.on("dockvet", "check", "--no-context", "--profile", "strict", name))
		if err != nil {
			return err
		}
		if err := b.ratio(fmt.Sprintf("%d chained stages", n), p[0], limitStages, "BuildKit's parser"); err != nil {
			return err
		}
	}
	return nil
}

// context measures a build context of 100,000 files, four fifths of which are ignored, for one Dockerfile and for a second one in the same
// run.
func (b *bench) context() error {
	if _, err := exec.LookPath("find"); err != nil {
		_, _ = fmt.Fprintln(b.log, "there is no find: a large context is not measured")
		return nil
	}
	dir := filepath.Join(b.dir, "context")
	files := map[string]string{
		"Dockerfile": "FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"src/0/0.js\"]\n", ".dockerignore": "node_modules\n.git\n",
		"package.json": "{\"name\":\"x\"}", "package-lock.json": "{}\n",
	}
	for i := range 100_000 {
		top := "node_modules"
		if i%5 == 0 {
			top = "src"
		}
		files[fmt.Sprintf("%s/%d/%d.js", top, i/100, i)] = "0\n"
	}
	for name, text := range files {
		if err := write(filepath.Join(dir, filepath.FromSlash(name)), text); err != nil {
			return err
		}
	}
	one := []string{"check", filepath.Join(dir, "Dockerfile")}
	second := filepath.Join(dir, "second.Dockerfile")
	if err := write(second, files["Dockerfile"]); err != nil {
		return err
	}
	p, err := versus(b.pairs, cpu, b.on("find", filepath.Join(dir, "src")), b.on("dockvet", one...), b.on("dockvet", append(one, second)...))
	if err != nil {
		return err
	}
	if err := b.ratio("100,000 files", p[0], limitContext, "find over what is left"); err != nil {
		return err
	}
	again := p[1].first - p[0].first
	return b.line("100,000 files again", again.String(), "-", true, "for a second Dockerfile in the same run")
}

// keystroke measures an edit of an open document, with the benchmark of the language server.
func (b *bench) keystroke() error {
	cmd := exec.Command("go", "test", "./internal/lsp", "-run", "^$", "-bench", "^BenchmarkKeystroke$", "-benchtime", "100x", "-count", strconv.Itoa(b.pairs))
	cmd.Dir = b.root
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	times := map[string][]float64{}
	for _, m := range regexp.MustCompile(`(?m)^BenchmarkKeystroke/(\S+?)(?:-\d+)?\s+\d+\s+(\d+) ns/op`).FindAllStringSubmatch(string(out), -1) {
		if ns, err := strconv.ParseFloat(m[2], 64); err == nil {
			times[m[1]] = append(times[m[1]], ns)
		}
	}
	names := make([]string, 0, len(times))
	for name := range times {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		limit := limitLongEdit
		if strings.HasPrefix(name, "lines=60/") {
			limit = limitShortEdit
		}
		took := time.Duration(median(times[name])).Round(10 * time.Microsecond)
		if err := b.line("keystroke "+name, took.String(), limit.String(), took <= limit, ""); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) inits() error {
	dir, err := b.oneFile()
	if err != nil {
		return err
	}
	var own, all []float64
	var last []initTime
	for range 11 {
		r, err := b.runIn(dir, []string{"GODEBUG=inittrace=1"}, "dockvet", "check", "Dockerfile")
		if err != nil {
			return err
		}
		last = initTimes(r.stderr)
		var mine, total float64
		for _, p := range last {
			total += p.ms
			if p.own() {
				mine += p.ms
			}
		}
		own, all = append(own, mine), append(all, total)
	}
	slices.SortFunc(last, func(a, b initTime) int { return cmp.Compare(b.ms, a.ms) })
	var worst []string
	for _, p := range last[:min(3, len(last))] {
		worst = append(worst, fmt.Sprintf("%s %.3f", p.pkg, p.ms))
	}
	ms := median(own)
	return b.line("init of own packages", fmt.Sprintf("%.3f ms", ms), fmt.Sprintf("%.1f ms", limitInit), ms <= limitInit,
		fmt.Sprintf("of all packages %.3f ms; slowest: %s", median(all), strings.Join(worst, ", ")))
}

// initTime is the time that one package took to initialise.
type initTime struct {
	pkg string
	ms  float64
}

func (p initTime) own() bool {
	return p.pkg == "main" || p.pkg == tree.Module || strings.HasPrefix(p.pkg, tree.Module+"/")
}

// initTimes reads what the runtime prints for GODEBUG=inittrace=1.
func initTimes(trace string) []initTime {
	pattern := regexp.MustCompile(`(?m)^init (\S+) @[\d.]+ ms, ([\d.]+) ms clock,`)
	var out []initTime
	for _, m := range pattern.FindAllStringSubmatch(trace, -1) {
		if ms, err := strconv.ParseFloat(m[2], 64); err == nil {
			out = append(out, initTime{m[1], ms})
		}
	}
	return out
}

func (b *bench) size() error {
	info, err := os.Stat(b.program("dockvet"))
	if err != nil {
		return err
	}
	return b.line("binary", fmt.Sprintf("%.2f MB", float64(info.Size())/1e6), fmt.Sprintf("%d MB", limitSize/1_000_000), info.Size() <= limitSize,
		"stripped, without cgo")
}
