package frontend

import (
	"fmt"
	"slices"
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

// signals are the names of signals, without SIG and without those between RTMIN and RTMAX.
var signals = [...]string{
	"ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
	"POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
	"URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
}

// Signals are the names of signals as STOPSIGNAL takes them, without those between SIGRTMIN and SIGRTMAX.
func Signals() []string {
	out := make([]string, len(signals))
	for i, name := range signals {
		out[i] = "SIG" + name
	}
	return out
}

// ValidSignal repeats signal.ParseSignal as it is on Linux, where BuildKit's frontend runs.
func ValidSignal(text string) bool {
	if n, err := strconv.Atoi(text); err == nil {
		return n != 0
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if slices.Contains(signals[:], name) {
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
