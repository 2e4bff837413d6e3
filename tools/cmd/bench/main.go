// Bench measures what limits dockvet's design: CPU time and memory over a corpus, start-up, large files and contexts, and the editor. Each
// time is a ratio to that of a program that does the least there is to do, run in turn with it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

func main() {
	if err := start(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		}
		os.Exit(1)
	}
}

type bench struct {
	root, dir string // the repository; the directory of the programs and files that are measured
	corpus    string
	pairs     int
	starts    int
	copies    int
	out       *tabwriter.Writer
	log       io.Writer
}

func start(args []string, stdout, stderr io.Writer) (err error) {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	b := bench{root: root, log: stderr, out: tabwriter.NewWriter(stdout, 0, 8, 2, ' ', 0)}
	flags.StringVar(&b.corpus, "corpus", "", "a folder of Dockerfiles (default "+tree.Corpus+" from the repository)")
	flags.IntVar(&b.pairs, "pairs", 15, "how often each program runs, in turn with the one that it is compared with")
	flags.IntVar(&b.starts, "starts", 201, "how often each program is started")
	flags.IntVar(&b.copies, "copies", 16, "how many copies of the corpus, which differ in a line each, are a large one; 0 leaves it out")
	source := flags.String("source", root, "the folder of the dockvet to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b.corpus = tree.CorpusDir(root, b.corpus)
	if b.pairs < 1 || b.starts < 1 {
		return errors.New("-pairs and -starts must be 1 at least")
	}
	if b.dir, err = os.MkdirTemp("", "dockvet-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.build(*source); err != nil {
		return err
	}
	for _, measure := range []func() error{b.corpora, b.startup, b.inits, b.stages, b.context, b.keystroke, b.size} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// line prints one figure, and flushes it immediately because the measurements take a while. Nothing fails because of a figure.
func (b *bench) line(what, value, limit string, ok bool, more string) error {
	verdict := "ok"
	if !ok {
		verdict = "OVER"
	}
	if _, err := fmt.Fprintf(b.out, "%-26s\t%-10s\tlimit %-16s\t%-4s\t%s\n", what, value, limit, verdict, more); err != nil {
		return err
	}
	return b.out.Flush()
}

// ratio prints how often y is in x.
func (b *bench) ratio(what string, p pair, limit float64, more string) error {
	return b.line(what, fmt.Sprintf("%.2fx", p.ratio), fmt.Sprintf("%.2fx", limit), p.ratio <= limit,
		fmt.Sprintf("%s: %v against %v", more, p.first, p.second))
}
