package frontend

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/parser"
)

// stopSignal checks STOPSIGNAL (dispatchStopSignal).
func (c *compiler) stopSignal(w parser.Word, value string) {
	if !ValidSignal(value) {
		c.refuse(Argument, w.Full(), fmt.Sprintf("`%s` is not a signal", value),
			"use a name such as SIGTERM, or its number")
	}
}

// ValidSignal repeats signal.ParseSignal as it is on Linux, where BuildKit's frontend runs.
func ValidSignal(text string) bool {
	if n, err := strconv.Atoi(text); err == nil {
		return n != 0
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	switch name {
	case "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT",
		"SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
		"RTMIN", "RTMAX":
		return true
	}
	const lowest, highest = 15, 14 // the largest distance from RTMIN and from RTMAX that has a name
	offset, limit := "", 0
	if rest, ok := strings.CutPrefix(name, "RTMIN+"); ok {
		offset, limit = rest, lowest
	} else if rest, ok := strings.CutPrefix(name, "RTMAX-"); ok {
		offset, limit = rest, highest
	}
	n, err := strconv.Atoi(offset)
	return err == nil && n >= 1 && n <= limit && offset == strconv.Itoa(n)
}
