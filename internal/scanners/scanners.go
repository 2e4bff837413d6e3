// Package scanners knows under which ids other scanners of Dockerfiles report what dockvet's rules report.
package scanners

import (
	_ "embed" // for the table
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// ID is one id of another tool.
type ID struct {
	Tool, Name string
	Rules      []string // what reports the same; none if no rule does
	Reason     string   // why no rule does: a clause that follows "because"
}

// The columns are the tool, the id, the rules separated by commas or "-", and the reason.
//
//go:embed ids.tsv
var table string

// All are the ids in the order of the table. The list must not be changed.
func All() []ID { return all.Get() }

var all = lazy.Value[[]ID]{Make: func() []ID {
	out := make([]ID, 0, strings.Count(table, "\n"))
	for line := range strings.Lines(table) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		id := ID{Tool: columns[0], Name: columns[1]}
		if columns[2] == "-" {
			id.Reason = columns[3]
		} else {
			id.Rules = strings.Split(columns[2], ",")
		}
		out = append(out, id)
	}
	return out
}}

var byName = lazy.Value[map[string]*ID]{Make: func() map[string]*ID {
	ids := All()
	out := make(map[string]*ID, len(ids))
	for i := range ids {
		out[ids[i].Name] = &ids[i]
	}
	return out
}}

// Find is the id that name means, in any of its spellings; nil if the table has none.
func Find(name string) *ID {
	if id := byName.Get()[name]; id != nil {
		return id
	}
	return byName.Get()[Canonical(name)]
}

// Canonical is name as the table spells it: DS-0002 for DS002 and AVD-DS-0002, the first eight digits of a UUID of KICS,
// and the last part of docker:S6471 or of the path of a semgrep rule. Another name is returned as it is.
func Canonical(name string) string {
	upper := strings.ToUpper(name)
	upper = strings.TrimPrefix(upper, "AVD-")
	if digits, ok := strings.CutPrefix(upper, "DS"); ok {
		digits = strings.TrimPrefix(digits, "-")
		if len(digits) >= 3 && len(digits) <= 4 && strings.Trim(digits, "0123456789") == "" {
			return "DS-" + strings.Repeat("0", 4-len(digits)) + digits
		}
	}
	for _, prefix := range [...]string{"CKV_", "CKV2_", "AC_DOCKER_", "CIS-DI-", "DKL-"} {
		if strings.HasPrefix(upper, prefix) {
			return upper
		}
	}
	const uuid = len("fd54f200-402c-4333-a5a4-36ef6709af2f")
	if len(name) == uuid && strings.Count(name, "-") == 4 {
		return strings.ToLower(name[:8])
	}
	if _, rule, ok := strings.Cut(name, "docker:"); ok {
		return strings.ToUpper(rule)
	}
	if strings.HasPrefix(name, "dockerfile.") {
		return name[strings.LastIndexByte(name, '.')+1:]
	}
	return name
}
