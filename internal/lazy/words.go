package lazy

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Words looks for several words in a text at once. They are indexed once there is enough text for that to pay.
type Words struct {
	List func() []string // called once; each has two bytes or more

	once, twice sync.Once
	words       []string
	searched    atomic.Int64 // bytes of text without the index
	index       *wordIndex
}

// wordIndex is not a part of Words, because a package variable with a function is written to the program with all of its bytes.
type wordIndex struct {
	pairs [1 << 16 / 64]uint64 // a bit for each pair of bytes that begins in the first step bytes of a word
	first [256][]string        // the words by their first byte
	step  int                  // how far In moves on: each word that is there has one of its pairs where In looks
}

// In reports whether text contains one of the words.
func (w *Words) In(text string) bool {
	const little = 1 << 10 // bytes
	if w.searched.Load() < little {
		w.searched.Add(int64(len(text)))
		w.once.Do(w.list)
		return slices.ContainsFunc(w.words, func(word string) bool { return strings.Contains(text, word) })
	}
	w.twice.Do(w.read)
	x := w.index
	step := x.step
	for i := step - 1; i+1 < len(text); i += step {
		if pair := uint16(text[i])<<8 | uint16(text[i+1]); x.pairs[pair>>6]&(1<<(pair&63)) != 0 && x.near(text, i) {
			return true
		}
	}
	return false
}

// near reports whether a word begins at i or in the bytes before it that In has skipped.
func (x *wordIndex) near(text string, i int) bool {
	for at := i - x.step + 1; at <= i; at++ {
		for _, word := range x.first[text[at]] {
			if strings.HasPrefix(text[at:], word) {
				return true
			}
		}
	}
	return false
}

func (w *Words) list() { w.words = w.List() }

func (w *Words) read() {
	w.once.Do(w.list)
	const furthest = 3 // the more pairs, the more often near is called in vain
	x := &wordIndex{step: furthest}
	for _, word := range w.words {
		x.step = min(x.step, len(word)-1)
	}
	for _, word := range w.words {
		x.first[word[0]] = append(x.first[word[0]], word)
		for i := range x.step {
			pair := uint16(word[i])<<8 | uint16(word[i+1])
			x.pairs[pair>>6] |= 1 << (pair & 63)
		}
	}
	w.index = x
}
