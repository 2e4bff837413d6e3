package buildcontext

import "sync"

// Fact is something that is found out about a context, or about some of its files, once for all Dockerfiles that share it. A
// package that needs it declares it as a package variable.
type Fact[T any] struct {
	find func(*Context, []File) T
}

// NewFact is the fact that find finds out about files, or about the whole context if there are none. What it returns must not be
// changed, and may only depend on the files and on what the build sees.
func NewFact[T any](find func(c *Context, files []File) T) *Fact[T] { return &Fact[T]{find} }

// Of is the fact about the whole context.
func (f *Fact[T]) Of(c *Context) T {
	return memo(c, factKey{of: f}, func() T { return f.find(c, nil) })
}

// Among is the fact about files, which c returned: those of a Taken.
func (f *Fact[T]) Among(c *Context, files []File) T {
	return among(c, factKey{of: f}, files, func() T { return f.find(c, files) })
}

// FileFact is something that is found out about what single files hold, once for each, whatever ignore files say. Several goroutines
// may ask at once.
type FileFact[T any] struct {
	find func(src []byte, name string) T
}

// NewFileFact is the fact that find finds out in the first MaxRead bytes of a file. What it returns must not be changed.
func NewFileFact[T any](find func(src []byte, name string) T) *FileFact[T] { return &FileFact[T]{find} }

// Of is the fact about a file that the build sees. The error is that of Context.Read.
func (f *FileFact[T]) Of(c *Context, name string) (T, error) {
	d, n := c.dir, c.find(clean(name))
	if n != nil && !n.ignored {
		d.mu.Lock()
		known, ok := n.facts[f].(T)
		d.mu.Unlock()
		if ok {
			return known, nil
		}
	}
	src, err := c.Read(name)
	if err != nil {
		var none T
		return none, err
	}
	value := f.find(src, name)
	if n != nil {
		d.mu.Lock()
		if n.facts == nil {
			n.facts = map[any]any{}
		}
		n.facts[f] = value
		d.mu.Unlock()
	}
	return value, nil
}

// factKey tells facts of a view apart.
type factKey struct {
	of    any
	about string
	first *File // of the files that it is about; nil for the whole context
}

// among is memo for a fact about files, which is only remembered for lists that are.
func among[T any](c *Context, key factKey, files []File, find func() T) T {
	if len(files) == 0 {
		return find()
	}
	key.first = &files[0]
	c.mu.Lock()
	kept := c.lists[key.first] == len(files)
	c.mu.Unlock()
	if !kept {
		return find()
	}
	return memo(c, key, find)
}

// memo is what find returns, which is called once for key.
func memo[T any](c *Context, key factKey, find func() T) T {
	c.mu.Lock()
	once, _ := c.facts[key].(func() T)
	if once == nil {
		once = sync.OnceValue(find)
		if c.facts == nil {
			c.facts = map[factKey]any{}
		}
		c.facts[key] = once
	}
	c.mu.Unlock()
	return once()
}
