// Baseline only parses Dockerfiles with BuildKit. dockvet's speed is compared with it. Its argument is a file with
// one path per line.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "baseline:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: baseline LIST")
	}
	list, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(list)) {
		src, err := os.ReadFile(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return err
		}
		parsed, err := parser.Parse(bytes.NewReader(src))
		if err != nil {
			continue // not every file of a corpus is valid; dockvet reads those, too
		}
		_, _, _ = instructions.Parse(parsed.AST, nil) // only for its cost
	}
	return nil
}
