package report

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/lint"
)

// fingerprints tell the findings of a report apart, one for each. A fingerprint depends on the rule, the file, and what
// lint.Finding.Fingerprint depends on. Findings alike in all that are numbered.
type fingerprints struct {
	file string
	seen map[string]int // of file
}

// of is the fingerprint of the next finding.
func (p *fingerprints) of(f *lint.Finding) string {
	if p.seen == nil || p.file != f.Source.Name {
		p.file, p.seen = f.Source.Name, map[string]int{}
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule.Name, slashed(f.Source.Name), f.Fingerprint()}, "\x00")))
	text := hex.EncodeToString(sum[:16])
	if p.seen[text]++; p.seen[text] > 1 {
		text += "-" + strconv.Itoa(p.seen[text])
	}
	return text
}

// slashed is the name of a file as reports name it: relative to where dockvet runs, with slashes, without a leading "./".
func slashed(name string) string { return path.Clean(filepath.ToSlash(name)) }
