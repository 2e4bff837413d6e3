package vanished

import (
	"strings"
	"testing"
	"time"
)

// TestSources checks that no row of a table is lost, and that each has a day and a source.
func TestSources(t *testing.T) {
	for name, text := range map[string]string{"endpoints": endpointsText, "images": imagesText, "gems": gemsText} {
		count := 0
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
				count++
			}
		}
		read := map[string]int{"endpoints": len(endpoints.Get()), "images": len(rows(imagesText)), "gems": len(gems.Get())}[name]
		if read != count {
			t.Errorf("%s: %d rows of %d have a name, a day, a remedy and a source", name, read, count)
		}
	}
	for _, list := range [][]Endpoint{endpoints.Get(), rows(imagesText)} {
		for _, e := range list {
			if e.Source == "" || e.Instead == "" || e.Since.IsZero() {
				t.Errorf("%s: no source, remedy or day", e.Pattern)
			}
		}
	}
}

func TestNeedsRuby(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if g := NeedsRuby("fpm", [2]int{2, 1}, day("2020-06-02")); g != nil {
		t.Errorf("before its day: %+v", g)
	}
	if g := NeedsRuby("fpm", [2]int{2, 1}, day("2020-06-03")); g == nil || g.Ruby != [2]int{2, 3} {
		t.Errorf("on its day: %+v", g)
	}
	if g := NeedsRuby("fpm", [2]int{2, 3}, day("2026-01-01")); g != nil {
		t.Errorf("a Ruby that is new enough: %+v", g)
	}
}
