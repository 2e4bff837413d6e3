package lazy

import (
	"strings"
	"sync"
)

// Memo remembers what Find found for a name. Finding something in the text of a table takes longer than in a map of all its names, but most
// runs ask for few of them, and such a map takes longer to make.
type Memo[T any] struct {
	Find func(name string) T

	lock  sync.RWMutex
	known map[string]T
}

// Get is what Find returns for name.
func (m *Memo[T]) Get(name string) T {
	m.lock.RLock()
	found, ok := m.known[name]
	m.lock.RUnlock()
	if ok {
		return found
	}
	found = m.Find(name)
	const most = 1000 // names
	m.lock.Lock()
	if m.known == nil || len(m.known) >= most {
		m.known = map[string]T{}
	}
	m.known[strings.Clone(name)] = found // the name may be a part of a file
	m.lock.Unlock()
	return found
}
