package lazy_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dockvet/dockvet/internal/lazy"
)

// TestRegexp compiles an expression once, whoever asks first.
func TestRegexp(t *testing.T) {
	r := lazy.Regexp{Expr: `^a+$`}
	first := r.Get()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r.Get() != first {
				t.Error("the expression is compiled again")
			}
		})
	}
	all.Wait()
	if !first.MatchString("aa") || first.MatchString("ab") {
		t.Errorf("%s is not the expression", first)
	}
}

// TestValue makes a value once, whoever asks first.
func TestValue(t *testing.T) {
	var made atomic.Int32
	v := lazy.Value[int32]{Make: func() int32 { return made.Add(1) }}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := v.Get(); got != 1 {
				t.Errorf("value %d, want the first", got)
			}
		})
	}
	all.Wait()
}

// TestWords compares Words with a search for each word.
func TestWords(t *testing.T) {
	list := []string{"ab", "abc", "ba", "cca", "\xff\xfe"}
	words := lazy.Words{List: func() []string { return list }}
	text := make([]byte, 0, 5)
	var all func()
	all = func() {
		s := string(text)
		want := slices.ContainsFunc(list, func(w string) bool { return strings.Contains(s, w) })
		if words.In(s) != want {
			t.Errorf("%q: %v, want %v", s, !want, want)
		}
		if len(text) == cap(text) {
			return
		}
		for _, c := range []byte("abc\xff\xfe") {
			text = append(text, c)
			all()
			text = text[:len(text)-1]
		}
	}
	all()
	all() // with the index
}

// TestMemo finds each name once, and gets what was found for it from then on.
func TestMemo(t *testing.T) {
	found := map[string]int{}
	m := lazy.Memo[string]{Find: func(name string) string {
		found[name]++
		return strings.ToUpper(name)
	}}
	for range 3 {
		for _, name := range []string{"a", "", "bc"} {
			if got := m.Get(name); got != strings.ToUpper(name) {
				t.Errorf("%q: %q", name, got)
			}
		}
	}
	if found["a"] != 1 || found[""] != 1 || found["bc"] != 1 {
		t.Errorf("found %v", found)
	}
	for i := range 3000 { // more than it keeps
		if name := strconv.Itoa(i); m.Get(name) != name {
			t.Errorf("%q is not found", name)
		}
	}
}
