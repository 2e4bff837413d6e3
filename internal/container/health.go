package container

import (
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Probe is a port of the container itself that a command calls.
type Probe struct {
	Port int
	At   parser.Span // the word that names it
}

// Probes are the ports of the container itself that c, of step, calls by their URLs; none where one of them is not
// known.
func Probes(step *plan.Step, c *shell.Command) (all []Probe) {
	for _, w := range c.Words {
		for _, m := range ownURL.Get().FindAllStringSubmatch(w.Text, 10) {
			port := m[2]
			switch {
			case port == "" && m[1] == "https":
				port = "443"
			case port == "":
				port = "80"
			}
			v := step.Stage.End.Env.Expand(strings.TrimPrefix(port, ":"))
			if n, err := strconv.Atoi(v.Text); err == nil && v.Known {
				all = append(all, Probe{n, w.Span})
			} else {
				return nil
			}
		}
	}
	return all
}

// AsksItself reports whether text has a URL of the container itself, such as http://localhost:3000/.
func AsksItself(text string) bool { return ownURL.Get().MatchString(text) }

var ownURL = lazy.Regexp{Expr: `\b(https?)://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])` +
	`(:(?:[0-9]+|\$\w+|\$\{[^}]*\}))?(?:[/?"'\s)]|$)`}
