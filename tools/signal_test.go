package tools_test

import (
	"strconv"
	"testing"

	"github.com/moby/sys/signal"

	"github.com/dockvet/dockvet/internal/frontend"
)

// TestSignals compares the names of signals with those that BuildKit's frontend knows on Linux.
func TestSignals(t *testing.T) {
	names := []string{"", "SIG", "TERM ", "SIGSIGTERM", "RTMIN+0", "RTMIN+16", "RTMAX-15", "RTMIN-1", "RTMIN+01", "0", "+9", "-1", "9.0", "EMT", "INFO"}
	for name := range signal.SignalMap {
		names = append(names, name, "SIG"+name, "sig"+name, name+"X")
	}
	for n := range 70 {
		names = append(names, strconv.Itoa(n))
	}
	for _, name := range names {
		if _, err := signal.ParseSignal(name); (err == nil) != frontend.ValidSignal(name) {
			t.Errorf("%q: BuildKit says %v, dockvet %v", name, err, frontend.ValidSignal(name))
		}
	}
}
