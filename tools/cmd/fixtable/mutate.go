package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// mutate replaces the files of the corpus by n that differ from one of them in a few bytes or lines, the same ones for
// the same seed.
func (t *table) mutate(n int, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, uint64(n))) //nolint:gosec // it only has to be repeatable
	names, sources := t.names, t.sources
	t.names, t.sources = nil, nil
	for i := range n {
		k := rnd.IntN(len(sources))
		src := sources[k]
		for range 1 + rnd.IntN(4) {
			src = mutant(rnd, src)
		}
		t.names, t.sources = append(t.names, fmt.Sprintf("%s#%d", names[k], i)), append(t.sources, src)
	}
}

// scraps are what a mutation inserts: what means something in a Dockerfile, and what most readers stumble over.
var scraps = []string{
	"\n", "\r\n", "\r", "\t", " ", "\\", "\\\n", "`", "\"", "'", "$", "${", "}", "#", "# ", "=", "<<E\n", "&&", "|", ";", "[", "]", ",", "--",
	"\x00", "\x01", "\x02", "\x1b", "\xff", "\u202e", "\ufeff", "ONBUILD ", "# dockvet ignore=latest-tag\n", "#\thadolint\tignore=DL3008\n",
	"# check=skip=all\n", "# syntax=a\n", "# escape=`\n", "FROM a\n", "USER root\n", "ENV A b\n", "MAINTAINER a\n", "SHELL [\"a\"]\n",
}

// mutant is src with one change.
func mutant(rnd *rand.Rand, src []byte) []byte {
	at := rnd.IntN(len(src) + 1)
	if rnd.IntN(2) == 0 { // bytes
		scrap := scraps[rnd.IntN(len(scraps))]
		switch end := min(len(src), at+rnd.IntN(4)); rnd.IntN(3) {
		case 0:
			return join(src[:at], []byte(scrap), src[at:])
		case 1:
			return join(src[:at], []byte(scrap), src[end:])
		default:
			return join(src[:at], src[end:])
		}
	}
	lines := bytes.SplitAfter(src, []byte("\n"))
	i, j := rnd.IntN(len(lines)), rnd.IntN(len(lines))
	switch rnd.IntN(6) {
	case 0:
		return join(join(lines[:i]...), join(lines[i+1:]...))
	case 1:
		return join(join(lines[:i]...), lines[j], join(lines[i:]...))
	case 2:
		lines[i], lines[j] = lines[j], lines[i]
		return join(lines...)
	case 3:
		return join(lines[:min(i+1, 4)]...)
	case 4:
		return join(join(lines[:i]...), []byte(scraps[rnd.IntN(len(scraps))]), join(lines[i:]...))
	default:
		lines[i] = bytes.ToLower(lines[i])
		return join(lines...)
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
