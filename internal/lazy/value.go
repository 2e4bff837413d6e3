package lazy

import "sync"

// Value is made on first use. As a package variable it costs nothing at start-up, and it takes less code for each type than
// sync.OnceValue.
type Value[T any] struct {
	Make func() T // called once

	once sync.Once
	made T
}

// Get is the value. If making it panics, it is the zero value from then on.
func (v *Value[T]) Get() T {
	v.once.Do(func() { v.made = v.Make() })
	return v.made
}
