package plan

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// settings answers BuildKit's lexer.
type settings map[string]string

func (v settings) Get(name string) (string, bool) { value, ok := v[name]; return value, ok }
func (v settings) Keys() []string                 { return slices.Collect(maps.Keys(v)) }

// TestSubstitute compares substitute with BuildKit's lexer on random words made of the parts that matter.
func TestSubstitute(t *testing.T) {
	parts := []string{"a", "/", " ", ".", "$A", "${A}", "$_x1", "${B}", "$", "${", "}", "${A:-b}", "$1", "$?", "$$", `"`, "'", `\`, "`", "<<", "<", "é", "\n", "$é", "{", "_"}
	env := settings{"A": "1 $B", "_x1": "", "B_": "no"}
	random := rand.New(rand.NewPCG(1, 2))
	read := 0
	for range 200_000 {
		var word strings.Builder
		for range 1 + random.IntN(5) {
			word.WriteString(parts[random.IntN(len(parts))])
		}
		text := word.String()
		if random.IntN(4) == 0 {
			text = `"` + text + `"`
		}
		for _, escape := range []byte{'\\', '`'} {
			asked := map[string]struct{}{}
			got, ok := substitute(text, escape, func(name string) (string, bool) {
				asked[name] = struct{}{}
				return env.Get(name)
			})
			if !ok {
				continue
			}
			read++
			want, err := shell.NewLex(rune(escape)).ProcessWordWithMatches(text, env)
			if err != nil || want.Result != got {
				t.Fatalf("%q: %q, but BuildKit says %q, %v", text, got, want.Result, err)
			}
			all := maps.Clone(want.Matched)
			if all == nil {
				all = map[string]struct{}{}
			}
			maps.Copy(all, want.Unmatched)
			if diff := cmp.Diff(all, asked); diff != "" {
				t.Fatalf("%q asks for (-BuildKit +substitute)\n%s", text, diff)
			}
		}
	}
	if read < 50_000 {
		t.Errorf("substitute read only %d words", read)
	}
}
