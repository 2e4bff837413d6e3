package order_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dockvet/dockvet/internal/order"
)

// TestBy sorts lists of any length by the first of two numbers, as slices.SortStableFunc does.
func TestBy(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	first := func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) }
	for n := range 70 {
		list := make([][2]int, n)
		for i := range list {
			list[i] = [2]int{r.IntN(n), i}
		}
		want := slices.Clone(list)
		slices.SortStableFunc(want, first)
		if order.By(list, first); !slices.Equal(list, want) {
			t.Errorf("got %v, want %v", list, want)
		}
	}
}

// TestTop holds the beginning of a list to what By makes of it, and the rest to what is left.
func TestTop(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	first := func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) }
	for n := range 40 {
		for most := range n + 1 {
			list := make([][2]int, n)
			for i := range list {
				list[i] = [2]int{r.IntN(n), i}
			}
			want := slices.Clone(list)
			order.By(want, first)
			order.Top(list, most, first)
			if !slices.Equal(list[:most], want[:most]) {
				t.Errorf("%d of %d: got %v, want %v", most, n, list[:most], want[:most])
			}
			order.By(list[most:], func(a, b [2]int) int { return cmp.Or(first(a, b), cmp.Compare(a[1], b[1])) })
			if !slices.Equal(list, want) {
				t.Errorf("%d of %d: got %v, want %v", most, n, list, want)
			}
		}
	}
}
