package parity

import (
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// HighPort reports whether hadolint prints DL3011 for a port or a range of ports as it is written in EXPOSE, and Trivy
// DS-0008. expanded says that a variable holds it, which neither looks into.
func HighPort(port string, expanded bool) bool {
	from, to, _ := strings.Cut(port, "-")
	first, _ := strconv.Atoi(from) // what is not a number is not too high
	last, _ := strconv.Atoi(to)
	return !expanded && max(first, last) > 65535
}

// MappedPort reports whether BuildKit prints ExposeInvalidFormat for an argument of EXPOSE with these parts of the
// host.
func MappedPort(host, hostPort string) bool { return host != "" || hostPort != "" }

// ShellForm reports whether BuildKit prints JSONArgsRecommended for a CMD or ENTRYPOINT in shell form: it accepts one
// after a SHELL.
func ShellForm(s *plan.Step) bool { return s.Shell.Step == nil }

// Repeated are the codes of hadolint and Trivy for an instruction that a stage has a second time.
func Repeated(instruction string) (hadolint, trivy string) {
	switch instruction {
	case "CMD":
		return "DL4003", "DS-0016"
	case "ENTRYPOINT":
		return "DL4004", "DS-0007"
	}
	return "DL3012", "DS-0023"
}
