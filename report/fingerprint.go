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

// fingerprints tell the findings of a report apart, one for each. A fingerprint depends on the rule, the file, and the text of the
// instruction and of the span, not on the line, white space or the message. Findings alike in all that are numbered.
type fingerprints struct {
	file string
	seen map[string]int // of file
}

// of is the fingerprint of the next finding.
func (p *fingerprints) of(f *lint.Finding) string {
	if p.seen == nil || p.file != f.Source.Name {
		p.file, p.seen = f.Source.Name, map[string]int{}
	}
	key := []string{f.Rule.Name, slashed(f.Source.Name)}
	for _, s := range []parser.Span{f.Instruction.Span, f.Span} {
		text := string(f.Source.Bytes[s.Start:min(s.End, s.Start+maxIdentity)])
		key = append(key, strings.Join(strings.Fields(text), " "))
	}
	sum := sha256.Sum256([]byte(strings.Join(key, "\x00")))
	text := hex.EncodeToString(sum[:16])
	if p.seen[text]++; p.seen[text] > 1 {
		text += "-" + strconv.Itoa(p.seen[text])
	}
	return text
}

// slashed is the name of a file as reports name it: relative to where dockvet runs, with slashes, without a leading "./".
func slashed(name string) string { return path.Clean(filepath.ToSlash(name)) }
