package lazy

import (
	"strings"
	"sync"
)

// Words looks for several words in a text at once. They are indexed on first use.
type Words struct {
	List func() []string // called once; each has two bytes or more

	once  sync.Once
	index *wordIndex
}

// wordIndex is not a part of Words, because a package variable with a function is written to the program with all of its bytes.
type wordIndex struct {
	pairs [1 << 16 / 64]uint64 // the first two bytes of each, a bit for each pair: it answers fast, for each byte of all files
	first [256][]string        // the words by their first byte
}

// In reports whether text contains one of the words.
func (w *Words) In(text string) bool {
	w.once.Do(w.read)
	if text == "" {
		return false
	}
	index, before := w.index, text[0]
	for i := 1; i < len(text); i++ {
		pair := uint16(before)<<8 | uint16(text[i])
		if index.pairs[pair>>6]&(1<<(pair&63)) != 0 {
			for _, word := range index.first[before] {
				if strings.HasPrefix(text[i-1:], word) {
					return true
				}
			}
		}
		before = text[i]
	}
	return false
}

func (w *Words) read() {
	w.index = new(wordIndex)
	for _, word := range w.List() {
		pair := uint16(word[0])<<8 | uint16(word[1])
		w.index.pairs[pair>>6] |= 1 << (pair & 63)
		w.index.first[word[0]] = append(w.index.first[word[0]], word)
	}
}
