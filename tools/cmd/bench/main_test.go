package main

import (
	"testing"
	"time"
)

func TestInitTimes(t *testing.T) {
	got := initTimes("init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs\n" +
		"init github.com/dockvet/dockvet/rules @0.62 ms, 0.12 ms clock, 4096 bytes, 7 allocs\nDockerfile: init x\n" +
		"init github.com/dockvet/dockvetter @1 ms, 2 ms clock, 0 bytes, 0 allocs\ninit main @1 ms, 0.25 ms clock, 0 bytes, 0 allocs\n")
	want := []initTime{{"internal/bytealg", 0}, {"github.com/dockvet/dockvet/rules", 0.12}, {"github.com/dockvet/dockvetter", 2}, {"main", 0.25}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	var own float64
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
		if got[i].own() {
			own += got[i].ms
		}
	}
	if own != 0.37 {
		t.Errorf("own packages take %v", own)
	}
}

func TestMedian(t *testing.T) {
	if got := median([]time.Duration{9, 1, 3}); got != 3 {
		t.Errorf("got %d", got)
	}
	if got := median([]float64{2}); got != 2 {
		t.Errorf("got %v", got)
	}
}
