// Shipwright measures how many recorded build failures dockvet explains before the build runs.
//
//	go -C tools run ./cmd/shipwright -repo GITDIR
//
// GITDIR is a git directory of STAR-RG/shipwright (MIT), whose data/for-clustering/as-json-N.json.gz hold one failed build
// each: the Dockerfile, both logs and the day. Only even N are read; the odd ones are kept for a check by somebody else. Each
// Dockerfile is checked as of the day of its build, for linux/amd64 and without build arguments and a build context.
//
// A failure is hit if a finding that breaks the build is on the instruction of the last `Step k/n` in the log, and the
// cause is right if such a finding states the cause that the log shows. -misses says what kept the rules from explaining the
// decidable failures, -list CAUSE prints the failures of one cause, -flagged the findings on instructions that passed, -sample N so
// many hits to judge by eye.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

func main() {
	repo := flag.String("repo", "", "a git directory of STAR-RG/shipwright")
	list := flag.String("list", "", "print the failures of this cause that are not explained")
	flagged := flag.Bool("flagged", false, "print the findings on instructions that passed")
	misses := flag.Bool("misses", false, "print what kept the rules from explaining the decidable failures")
	sample := flag.Int("sample", 0, "print this many hits")
	wrong := flag.Bool("wrong", false, "print the hits whose cause is not the one in the log")
	seed := flag.Uint64("seed", 1, "of the sample")
	flag.Parse()
	if err := run(*repo, printer{list: *list, misses: *misses, flagged: *flagged, sample: *sample, wrong: *wrong, seed: *seed}, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "shipwright:", err)
		os.Exit(1)
	}
}

// build is one recorded build.
type build struct {
	Number     int    `json:"-"`
	Dockerfile string `json:"raw_dockerfile"`
	Out        string `json:"raw_stdout_log"`
	Err        string `json:"raw_stderr_log"`
	Meta       struct {
		At string `json:"dbla_processed_at"`
	} `json:"meta"`
}

// platforms are those that the builds were for: Docker's own builder ran on Linux.
var platforms = []string{"linux/amd64"}

var number = regexp.MustCompile(`^data/for-clustering/as-json-(\d+)\.json\.gz$`)

// builds calls f for each build of the even half.
func builds(repo string, f func(*build) error) error {
	tree, err := exec.Command("git", "--git-dir", repo, "ls-tree", "-r", "HEAD", "data/for-clustering").Output()
	if err != nil {
		return err
	}
	ids := map[int]string{}
	for line := range strings.Lines(string(tree)) {
		head, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		m := number.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return err
		}
		if n%2 == 0 {
			ids[n] = strings.Fields(head)[2]
		}
	}
	numbers := slices.Sorted(maps.Keys(ids))
	var list bytes.Buffer
	for _, n := range numbers {
		list.WriteString(ids[n] + "\n")
	}
	cat := exec.Command("git", "--git-dir", repo, "cat-file", "--batch")
	cat.Stdin = &list
	pipe, err := cat.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cat.Start(); err != nil {
		return err
	}
	blobs := bufio.NewReader(pipe)
	for _, n := range numbers {
		b, err := readBuild(blobs)
		if err != nil {
			return fmt.Errorf("%d: %w", n, err)
		}
		b.Number = n
		if err := f(b); err != nil {
			return fmt.Errorf("%d: %w", n, err)
		}
	}
	return cat.Wait()
}

// readBuild reads the next blob that `git cat-file --batch` prints.
func readBuild(in *bufio.Reader) (*build, error) {
	head, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(head)
	size, err := strconv.Atoi(fields[len(fields)-1])
	if err != nil {
		return nil, err
	}
	packed := make([]byte, size+1) // a line break follows
	if _, err := io.ReadFull(in, packed); err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed[:size]))
	if err != nil {
		return nil, err
	}
	b := new(build)
	return b, json.NewDecoder(r).Decode(b)
}

var stepLine = regexp.MustCompile(`^Step (\d+)/(\d+) : `)

// failing is the number of the instruction that failed, from 1, or 0 if the file was rejected, and the log from there on.
func (b *build) failing() (step int, log string) {
	for end := len(b.Out); end > 0; {
		at := strings.LastIndex(b.Out[:end], "Step ")
		if at < 0 {
			break
		}
		if m := stepLine.FindStringSubmatch(b.Out[at:min(at+40, len(b.Out))]); m != nil && (at == 0 || b.Out[at-1] == '\n') {
			if n, err := strconv.Atoi(m[1]); err == nil {
				return n, b.Out[at:] + "\n" + b.Err
			}
		}
		end = at
	}
	return 0, b.Out + "\n" + b.Err
}

// tally counts what became of the failures of one cause.
type tally struct {
	all, hit, right int
	list            []int // the builds
}

type printer struct {
	list           string
	flagged, wrong bool
	misses         bool
	sample         int
	seed           uint64
}

func run(repo string, p printer, out io.Writer) error {
	causes := map[cause]*tally{}
	total, decidables := tally{}, tally{}
	above, flagged := 0, 0
	byRule := map[string]*tally{}
	reasons := map[[2]string]*tally{}
	var hits []string
	err := builds(repo, func(b *build) error {
		step, log := b.failing()
		why := causeOf(b, log)
		day, err := time.Parse(time.DateTime, b.Meta.At)
		if err != nil {
			return err
		}
		file := parser.Parse("Dockerfile", []byte(b.Dockerfile))
		var w witness
		linter := lint.New(append(slices.Clip(rules.All()), w.rule()), lint.Settings{Profile: lint.Recommended, Now: day})
		findings := linter.Lint(lint.Build{Plan: plan.New(file, plan.Options{AllArgs: true}), Platforms: platforms})
		index := instructions(file)
		hit, right := false, false
		seen := map[int]bool{}
		var hitLine string
		for _, f := range findings {
			if f.Breaks == "" {
				continue
			}
			at := index[f.Instruction.Span.Start]
			switch {
			case at == step || step == 0 && f.Breaks == "frontend" || f.Breaks == "frontend" && why == parse:
				hit = true
				ok := states(f.Rule.Name, f.Message, why, log)
				if hitLine == "" || ok {
					hitLine = fmt.Sprintf("%d step %d [%s] %s | %s", b.Number, step, f.Rule.Name, f.Message, why)
				}
				right = right || ok
				count(byRule, f.Rule.Name).hit++
				if ok {
					count(byRule, f.Rule.Name).right++
				}
			case at > 0 && at < step && f.Breaks == "build":
				count(byRule, f.Rule.Name).all++ // a false alarm
				if !seen[at] {
					flagged++
					seen[at] = true
				}
				if p.flagged {
					_, _ = fmt.Fprintf(out, "flagged %d step %d of %d, line %d [%s] %s\n", b.Number, at, step, line(b.Dockerfile, f.Span.Start), f.Rule.Name, f.Message)
				}
			}
		}
		above += max(step-1, 0)
		for _, t := range []*tally{count(causes, why), &total} {
			t.add(hit, right)
		}
		if decidable(why) {
			decidables.add(hit, right)
		}
		if hit {
			hits = append(hits, hitLine)
			if p.wrong && !right {
				_, _ = fmt.Fprintln(out, "wrong", hitLine)
			}
		}
		if p.misses && decidable(why) && !right {
			t := count(reasons, [2]string{string(why), w.unknown(why, starts(index, step), log)})
			t.all++
			t.list = append(t.list, b.Number)
		}
		if (p.list == string(why) || p.list == "all") && !right {
			_, _ = fmt.Fprintf(out, "=== %d %s %s\n%s\n%s\n", b.Number, why, b.Meta.At, from(b.Dockerfile), tail(log))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if p.sample > 0 {
		r := rand.New(rand.NewPCG(p.seed, 0))
		r.Shuffle(len(hits), func(i, j int) { hits[i], hits[j] = hits[j], hits[i] })
		for _, h := range hits[:min(p.sample, len(hits))] {
			_, _ = fmt.Fprintln(out, h)
		}
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "cause\tfailures\thit\tright")
	for _, c := range slices.SortedFunc(maps.Keys(causes), func(a, b cause) int { return cmp.Compare(causes[b].all, causes[a].all) }) {
		t := causes[c]
		mark := ""
		if decidable(c) {
			mark = "*"
		}
		_, _ = fmt.Fprintf(w, "%s%s\t%d\t%d\t%d\n", c, mark, t.all, t.hit, t.right)
	}
	_, _ = fmt.Fprintf(w, "all\t%d\t%d\t%d (%.1f %%)\n", total.all, total.hit, total.right, percent(total.right, total.all))
	_, _ = fmt.Fprintf(w, "decidable*\t%d\t%d\t%d (%.1f %%)\n", decidables.all, decidables.hit, decidables.right, percent(decidables.right, decidables.all))
	_, _ = fmt.Fprintf(w, "passed\t%d\t%d (%.2f %%)\n", above, flagged, percent(flagged, above))
	_, _ = fmt.Fprintln(w, "\nrule\tright\thit\ton what passed")
	for _, name := range slices.SortedFunc(maps.Keys(byRule), func(a, b string) int { return cmp.Compare(byRule[b].right, byRule[a].right) }) {
		t := byRule[name]
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", name, t.right, t.hit, t.all)
	}
	for _, r := range slices.SortedFunc(maps.Keys(reasons), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(reasons[b].all, reasons[a].all))
	}) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%s\t%v\n", r[0], reasons[r].all, r[1], reasons[r].list)
	}
	return w.Flush()
}

// starts is where the instruction with a number starts, -1 if there is none.
func starts(index map[int]int, step int) int {
	for at, n := range index {
		if n == step {
			return at
		}
	}
	return -1
}

func (t *tally) add(hit, right bool) {
	t.all++
	if hit {
		t.hit++
	}
	if right {
		t.right++
	}
}

func count[K comparable](m map[K]*tally, key K) *tally {
	if m[key] == nil {
		m[key] = new(tally)
	}
	return m[key]
}

func percent(part, all int) float64 { return 100 * float64(part) / float64(max(all, 1)) }

// instructions numbers the instructions of a Dockerfile by their offsets, from 1.
func instructions(file *parser.File) map[int]int {
	out := map[int]int{}
	for i, in := range file.Instructions {
		out[in.Span.Start] = i + 1
	}
	return out
}

func line(text string, offset int) int { return strings.Count(text[:min(offset, len(text))], "\n") + 1 }

var fromLine = regexp.MustCompile(`(?mi)^\s*FROM\s.*$`)

func from(dockerfile string) string {
	return strings.Join(fromLine.FindAllString(dockerfile, -1), " ; ")
}

var noise = regexp.MustCompile(`\x1b\[\d+m`)

// tail is the end of a log.
func tail(log string) string {
	all := strings.Split(strings.TrimSpace(noise.ReplaceAllString(log, "")), "\n")
	head := all[0]
	if len(all) > 9 {
		all = all[len(all)-8:]
	}
	if len(head) > 300 {
		head = head[:300]
	}
	for i := range all {
		if len(all[i]) > 200 {
			all[i] = all[i][:200]
		}
	}
	return head + "\n  " + strings.Join(all, "\n  ")
}
