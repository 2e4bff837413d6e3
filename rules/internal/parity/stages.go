package parity

import (
	"strconv"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// CopyFromOwnStage are the codes for a `COPY --from` of its own stage. The other tools only know the name, in the same
// case.
func CopyFromOwnStage(s *plan.Stage, from *plan.Image) []string {
	if s.NameWord.Value != from.Value.Text {
		return nil
	}
	return []string{"DL3023", "DS-0006"}
}

// CopyWholeFilesystem reports whether hadolint prints DL3067 for a copy of one root to another: only if both are
// written so.
func CopyWholeFilesystem(t *plan.Transfer, src *plan.Source) bool {
	return src.Word.Value == "/" && t.Dest.Value == "/"
}

// DuplicateStageName are the codes for a stage name that is used twice. hadolint compares the case as well.
func DuplicateStageName(first, second parser.Word) []string {
	codes := []string{"DuplicateStageName", "DS-0012", "CKV_DOCKER_11"}
	if first.Value == second.Value {
		codes = append(codes, "DL3024")
	}
	return codes
}

// ReservedStageName are the codes for a stage with a reserved name. hadolint only knows names in lower case.
func ReservedStageName(s *plan.Stage) []string {
	codes := []string{"ReservedStageName"}
	if s.NameWord.Value == s.Name {
		codes = append(codes, "DL3063")
	}
	return codes
}

// CopyFromBelow reports whether hadolint prints DL3022 for a `COPY --from` of a stage below. It does not check numbers
// of stages that exist.
func CopyFromBelow(from *plan.Image) bool {
	_, err := strconv.Atoi(from.Value.Text)
	return err != nil
}
