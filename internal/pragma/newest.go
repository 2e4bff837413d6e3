package pragma

import "github.com/dockvet/dockvet/internal/lazy"

// WantsNewest reports whether text, the comments above an instruction, says that whatever is newest is meant, or that it is left
// unpinned on purpose. Code that is commented out, such as `# FROM node:latest`, says nothing, and neither does a note that this
// should change.
func WantsNewest(text string) bool {
	return text != "" && newest.Get().MatchString(text) && !regret.Get().MatchString(text)
}

var (
	newest = lazy.Regexp{Expr: `(?i)(^|[^\w:/.-])(latest|newest|most recent|up[- ]to[- ]date|(do not|don't|never|not) pin(ned)?|unpinned|un-pinned)($|[^\w/-])`}
	regret = lazy.Regexp{Expr: `(?i)\b(todo|fixme|xxx|hack|avoid|should (be )?(pin|not)|instead of|rather than|(do not|don't|never|not) (use|rely|depend|pull))`}
)
