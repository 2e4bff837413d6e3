// Package order sorts slices with little code: package slices compiles its algorithms again for each type of
// element, which takes 10 to 35 KB of the program.
package order

// By sorts list by compare, as slices.SortStableFunc does: equal elements keep their order. It takes as much memory again, unless the
// list is sorted already.
func By[E any](list []E, compare func(a, b E) int) {
	order := arrange(len(list), func(i, j int) int { return compare(list[i], list[j]) })
	if order == nil {
		return
	}
	from := append([]E(nil), list...) // slices.Clone would be compiled for each type, too
	for i, at := range order {
		list[i] = from[at]
	}
}

// arrange is the order of n elements by compare, which is told which two; nil if they are sorted. It merges, and does not depend on what
// the elements are, so it is compiled once.
func arrange(n int, compare func(i, j int) int) []int {
	sorted := true
	for i := 1; i < n && sorted; i++ {
		sorted = compare(i-1, i) <= 0
	}
	if sorted {
		return nil
	}
	from, to := make([]int, n), make([]int, n)
	for i := range from {
		from[i] = i
	}
	for width := 1; width < n; width *= 2 {
		for low := 0; low < n; low += 2 * width {
			middle, high := min(low+width, n), min(low+2*width, n)
			i, j := low, middle
			for k := low; k < high; k++ {
				if j == high || i < middle && compare(from[i], from[j]) <= 0 {
					to[k] = from[i]
					i++
				} else {
					to[k] = from[j]
					j++
				}
			}
		}
		from, to = to, from
	}
	return from
}

// Top moves the first most elements that By would leave there to the front of list, in their order. The others follow in no order.
func Top[E any](list []E, most int, compare func(a, b E) int) {
	for i := range list {
		at := min(i, most)
		for at > 0 && compare(list[i], list[at-1]) < 0 {
			at--
		}
		if at == most {
			continue
		}
		// What is moved out of the first takes the place of list[i].
		x, last := list[i], min(i, most-1)
		list[i] = list[last]
		copy(list[at+1:last+1], list[at:last])
		list[at] = x
	}
}
