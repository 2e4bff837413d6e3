package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
)

// collector makes garbage collections rarer while many files are checked one after the other, and while the language server starts.
// What is alive is then little, and by itself the runtime would collect each time the heap has grown by as much again: hundreds of
// times in a run.
type collector struct {
	live    []metrics.Sample
	percent int
	steps   int
}

const (
	roomy    = 28 << 20 // bytes that the heap may have before it is collected
	steady   = 100      // the percentage of the runtime
	least    = 75       // for a heap that is as large anyway
	rarest   = 100 * roomy / (4 << 20)
	tuneStep = 64 // files
)

// newCollector is nil where the user has decided.
func newCollector() *collector {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	c := &collector{live: []metrics.Sample{{Name: "/gc/heap/live:bytes"}}}
	c.tune()
	return c
}

// step is called after each file.
func (c *collector) step() {
	if c == nil {
		return
	}
	if c.steps++; c.steps%tuneStep == 0 {
		c.tune()
	}
}

// tune sets the percentage for what is alive. The names of many files may already be.
func (c *collector) tune() {
	metrics.Read(c.live)
	live := int(c.live[0].Value.Uint64())
	c.set(min(max(100*(roomy-live)/max(live, 1), least), rarest))
}

func (c *collector) set(percent int) {
	const worthIt = 10 // percent of the percentage, since setting it stops all goroutines
	if d := percent - c.percent; d*100 > worthIt*c.percent || -d*100 > worthIt*c.percent {
		c.percent = percent
		debug.SetGCPercent(percent)
	}
}

// end restores the percentage of the runtime.
func (c *collector) end() {
	if c != nil {
		debug.SetGCPercent(steady)
	}
}
