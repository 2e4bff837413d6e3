// Package order sorts slices with little code: package slices compiles its algorithms again for each type of
// element, which takes 10 to 35 KB of the program.
package order

// By sorts list by compare, as slices.SortStableFunc does: equal elements keep their order. It merges, so it takes as much memory again,
// unless the list is sorted already.
func By[E any](list []E, compare func(a, b E) int) {
	sorted := true
	for i := 1; i < len(list) && sorted; i++ {
		sorted = compare(list[i-1], list[i]) <= 0
	}
	if sorted {
		return
	}
	from, to := list, make([]E, len(list))
	for width := 1; width < len(list); width *= 2 {
		for low := 0; low < len(list); low += 2 * width {
			middle, high := min(low+width, len(list)), min(low+2*width, len(list))
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
	copy(list, from) // onto itself after an even number of rounds
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
