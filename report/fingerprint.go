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

// fingerprints tell the findings apart, one for each. A fingerprint depends on the rule, the file, and what lint.Finding.Fingerprint
// depends on. Findings alike in all that are numbered.
func fingerprints(findings []*lint.Finding) []string {
	out := make([]string, 0, len(findings))
	seen := map[string]int{}
	for _, f := range findings {
		sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule.Name, slashed(f.Source.Name), f.Fingerprint()}, "\x00")))
		text := hex.EncodeToString(sum[:16])
		if seen[text]++; seen[text] > 1 {
			text += "-" + strconv.Itoa(seen[text])
		}
		out = append(out, text)
	}
	return out
}

// slashed is the name of a file as reports name it: relative to where dockvet runs, with slashes, without a leading "./".
func slashed(name string) string { return path.Clean(filepath.ToSlash(name)) }
