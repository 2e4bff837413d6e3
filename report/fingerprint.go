package report

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// maxIdentity is how many bytes of an instruction, and of a span, identify a finding: many may be in an endless one.
const maxIdentity = 1 << 12

// fingerprints tell the findings apart, one for each. A fingerprint depends on the rule, the file, and the text of the instruction
// and of the span, not on the line, white space or the message. Findings alike in all that are numbered.
func fingerprints(findings []*lint.Finding) []string {
	out := make([]string, 0, len(findings))
	seen := map[string]int{}
	for _, f := range findings {
		key := []string{f.Rule.Name, slashed(f.Source.Name)}
		for _, s := range []parser.Span{f.Instruction.Span, f.Span} {
			text := string(f.Source.Bytes[s.Start:min(s.End, s.Start+maxIdentity)])
			key = append(key, strings.Join(strings.Fields(text), " "))
		}
		sum := sha256.Sum256([]byte(strings.Join(key, "\x00")))
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
