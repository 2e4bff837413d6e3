package stack

import (
	"errors"
	"fmt"
	"testing"

	buildkit "github.com/moby/buildkit/util/stack"
	pkgerrors "github.com/pkg/errors"
)

// TestEnable compares errors, and how many stacks they have, with what BuildKit's own function makes of them.
func TestEnable(t *testing.T) {
	plain := errors.New("plain")
	for _, err := range []error{
		nil, plain, fmt.Errorf("outer: %w", plain),
		pkgerrors.New("traced"), fmt.Errorf("outer: %w", pkgerrors.New("traced")), pkgerrors.WithMessage(plain, "message"),
	} {
		got, want := Enable(err), buildkit.Enable(err)
		if fmt.Sprint(got) != fmt.Sprint(want) || !errors.Is(got, err) || stacks(got) != stacks(want) {
			t.Errorf("%v: got %v with %d stacks, BuildKit %v with %d", err, got, stacks(got), want, stacks(want))
		}
	}
}

func stacks(err error) int {
	n := 0
	for ; err != nil; err = errors.Unwrap(err) {
		if _, ok := err.(interface{ StackTrace() pkgerrors.StackTrace }); ok {
			n++
		}
	}
	return n
}
