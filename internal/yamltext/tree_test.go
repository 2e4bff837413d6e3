package yamltext

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestDocument(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "a: [": false, "a: &a {b: *a}": false, "a: &a [[*a]]": false, "a: &a [1]\nb: [*a, *a]": true, "a: &a {b: 1}\nc: &c {<<: *a}\nd: *c": true,
		"a: &a [" + strings.Repeat("1, ", 900) + "]\nb: &b [" + strings.Repeat("*a, ", 900) + "]": false,
	} {
		if got := Document([]byte(text)) != nil; got != want {
			t.Errorf("%.40s: %v", text, got)
		}
	}
}

func TestMerged(t *testing.T) {
	const text = `
a: &a {x: 1, y: 1, z: {deep: 1}}
b: &b {<<: *a, y: 2}
c: {y: 3, <<: [*b, *a], w: 4}
d: {<<: *b, v: 5}
`
	top := Document([]byte(text))
	for keys, want := range map[string]string{"c y": "3", "c x": "1", "c z deep": "1", "b y": "2", "d v": "5", "d x": "1", "c none": "", "d none": "", "c y x": ""} {
		got := ""
		if n := Get(top, strings.Fields(keys)...); n != nil {
			got = n.Value
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", keys, got, want)
		}
	}
	var got []string
	Fields(Get(top, "c"), func(key string, v *yaml.Node) { got = append(got, key+v.Value) })
	if s := strings.Join(got, " "); s != "y3 w4 x1 z" {
		t.Error(s)
	}
}
