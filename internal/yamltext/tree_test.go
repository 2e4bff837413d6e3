package yamltext

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestMerged(t *testing.T) {
	const text = `
a: &a {x: 1, y: 1, z: {deep: 1}}
b: &b {<<: *a, y: 2}
c: {y: 3, <<: [*b, *a], w: 4}
d: &d {<<: *d, v: 5}
`
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		t.Fatal(err)
	}
	top := root.Content[0]
	for keys, want := range map[string]string{"c y": "3", "c x": "1", "c z deep": "1", "b y": "2", "d v": "5", "c none": "", "d none": "", "c y x": ""} {
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
