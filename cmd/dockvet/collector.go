package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// collector makes garbage collections rarer while many files are checked one after the other, and while the language server starts.
// What is alive is then little, and by itself the runtime would collect each time the heap has grown by as much again: hundreds of
// times in a run.
type collector struct {
	percent int
	steps   int
}

const (
	roomy    = 30 << 20 // bytes that the heap may have before it is collected
	steady   = 100      // the percentage of the runtime
	least    = 75       // for a heap that is as large anyway
	rarest   = 100 * roomy / (4 << 20)
	few      = 8   // files, which leave too little to collect
	tuneStep = 128 // files
)

// newCollector is nil where the user has decided, and for few files.
func newCollector(files int) *collector {
	if os.Getenv("GOGC") != "" || files <= few {
		return nil
	}
	c := &collector{percent: steady}
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
	live := c.live()
	c.set(min(max(100*(roomy-live)/max(live, 1), least), rarest))
}

// live is about how many bytes of the heap the last collection found alive. The goal of the next one, which the runtime works out from it,
// tells: package runtime/metrics has the number, but takes longer to initialise than most packages.
func (c *collector) live() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	const roots = 512 << 10 // bytes of global variables and stacks, which are a part of the goal too
	return max(0, 100*int(m.NextGC)-roots*c.percent) / (100 + c.percent)
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
