package config_test

import (
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/config"
)

func TestWriteOptions(t *testing.T) {
	type options struct {
		Names  []string          `yaml:"names"`
		Kinds  map[string]string `yaml:"kinds"`
		Always bool              `yaml:"always"`
		Days   int               `yaml:"days"`
	}
	o := options{[]string{"docker.io", "*.example", "a, b", "no", "7", "", "it's", "x: y", "x #y", "ä\n\x01"}, map[string]string{"b": "text", "a": "null"}, true, 90}
	text := config.WriteOptions(&o)
	want := `{names: [docker.io, "*.example", "a, b", no, "7", "", it's, "x: y", "x #y", "ä\n\x01"], kinds: {a: "null", b: text}, always: true, days: 90}`
	if text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var back options
	if err := yaml.Unmarshal([]byte(text), &back); err != nil || config.WriteOptions(&back) != text {
		t.Errorf("%v: %s", err, config.WriteOptions(&back))
	}
}
