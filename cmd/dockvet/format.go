package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dockvet/dockvet/report"
)

// destination is a format and the file that takes it, "" for standard output.
type destination struct {
	format report.Format
	file   string
}

// destinations checks --format and --output.
func (c *checker) destinations() ([]destination, error) {
	if c.statistics && c.diff {
		return nil, errors.New("--statistics cannot be used with --diff: a diff is not a report")
	}
	formats := c.formats
	if len(formats) == 0 {
		formats = []string{report.Formats()[0].Name}
	}
	var out []destination
	for _, arg := range formats {
		name, file, toFile := strings.Cut(arg, "=")
		switch {
		case toFile && file == "":
			return nil, fmt.Errorf("--format needs FORMAT or FORMAT=FILE, not `%s`", arg)
		case c.output != "" && (toFile || len(formats) > 1):
			return nil, errors.New("--output needs one --format, without a file of its own; write --format FORMAT=FILE instead")
		case !toFile:
			file = c.output
		}
		f, err := format(name)
		if err != nil {
			return nil, err
		}
		if c.statistics && f.Name != "text" && f.Name != "json" {
			return nil, fmt.Errorf("--statistics prints text or json, not %s", f.Name)
		}
		out = append(out, destination{f, file})
	}
	for i, d := range out {
		for _, other := range out[:i] {
			switch {
			case d.file == "" && other.file == "":
				return nil, errors.New("only one --format can print to standard output; write the others to files: --format FORMAT=FILE")
			case d.file != "" && filepath.Clean(d.file) == filepath.Clean(other.file):
				return nil, fmt.Errorf("two --format write %s", filepath.ToSlash(d.file))
			}
		}
	}
	return out, nil
}

// format is the format of that name, or of hadolint's name for it.
func format(name string) (report.Format, error) {
	switch name {
	case "tty":
		name = "text"
	case "gnu":
		name = "compact"
	case "gitlab_codeclimate":
		name = "gitlab"
	case "codeclimate":
		return report.Format{}, errors.New("hadolint's format `codeclimate` does not exist here; `gitlab` is what GitLab reads")
	case "codacy":
		return report.Format{}, errors.New("hadolint's format `codacy` does not exist here; `sarif` is what most servers import")
	}
	if f, ok := report.Lookup(name); ok {
		return f, nil
	}
	return report.Format{}, oneOf("format", name, formatNames())
}
