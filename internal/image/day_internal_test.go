package image

import (
	"fmt"
	"testing"
	"time"
)

// TestDay reads dates as time.Parse does, and nothing else.
func TestDay(t *testing.T) {
	texts := []string{"", "-", "2024-02-3", "2024-02-030", "2024/02/03", "+024-02-03", "2024-0a-03", "20240-2-03", "2024-02-03 "}
	for _, year := range []int{0, 1999, 2023, 2024, 2100} {
		for month := range 14 {
			for day := range 33 {
				texts = append(texts, fmt.Sprintf("%04d-%02d-%02d", year, month, day))
			}
		}
	}
	for _, s := range texts {
		want, _ := time.Parse(time.DateOnly, s) // zero with an error
		if got := day(s); !got.Equal(want) || got.Location() != want.Location() {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
}
