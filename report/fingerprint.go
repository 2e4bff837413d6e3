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

// maxIdentity is how many bytes of a span identify a finding in its instruction.
const maxIdentity = 1 << 10

// fingerprints tell the findings apart, one for each. A fingerprint depends on the rule, the file, and the text of the instruction
// and of the span, not on the line, white space or the message. Findings alike in all that are numbered.
func fingerprints(findings []*lint.Finding) []string {
	out := make([]string, 0, len(findings))
	seen := map[[sha256.Size]byte]int{}
	var source *parser.Source
	var at parser.Span
	var instruction [sha256.Size]byte // of the span at in source: many findings may share a long one
	for _, f := range findings {
		if source != f.Source || at != f.Instruction.Span {
			source, at = f.Source, f.Instruction.Span
			instruction = sha256.Sum256([]byte(words(source.Bytes[at.Start:at.End])))
		}
		span := words(source.Bytes[f.Span.Start:min(f.Span.End, f.Span.Start+maxIdentity)])
		key := sha256.Sum256([]byte(strings.Join([]string{f.Rule.Name, slashed(source.Name), string(instruction[:]), span}, "\x00")))
		text := hex.EncodeToString(key[:16])
		if seen[key]++; seen[key] > 1 {
			text += "-" + strconv.Itoa(seen[key])
		}
		out = append(out, text)
	}
	return out
}

func words(text []byte) string { return strings.Join(strings.Fields(string(text)), " ") }

// slashed is the name of a file as reports name it: relative to where dockvet runs, with slashes, without a leading "./".
func slashed(name string) string { return path.Clean(filepath.ToSlash(name)) }
