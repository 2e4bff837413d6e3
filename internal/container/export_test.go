package container

import (
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Count has computed called with the name of each fact of this package, and with the question that it answers, whenever
// it is computed. It lasts until t ends.
func Count(t *testing.T, computed func(fact string, question any)) {
	t.Helper()
	count(t, &containers, "container", look, computed)
	count(t, &tasks, "tasks", findTasks, computed)
	count(t, &servers, "servers", findServers, computed)
	count(t, &scripts, "entrypoint scripts", findScripts, computed)
	count(t, &exposed, "exposed", findExposed, computed)
	count(t, &uses, "uses", findUses, computed)
	count(t, &descents, "descent", findDescent, computed)
	count(t, &accounts, "accounts", createsUser, computed)
	count(t, &needs, "needs", findNeeds, computed)
	count(t, &commands, "commands", func(*lint.Pass) *answers[*plan.Step, *shell.Script] {
		return newAnswers(func(step *plan.Step) *shell.Script {
			computed("command", step)
			return shell.ReadCommand(step)
		})
	}, computed)
	count(t, &additions, "additions", func(p *lint.Pass) *answers[string, bool] {
		return newAnswers(func(program string) bool {
			computed("addition", program)
			return adds(p, program)
		})
	}, computed)
}

func count[T any](
	t *testing.T, fact **lint.Fact[T], name string, compute func(*lint.Pass) T, computed func(string, any),
) {
	t.Helper()
	old := *fact
	t.Cleanup(func() { *fact = old })
	*fact = lint.NewFact(func(p *lint.Pass) T {
		computed(name, nil)
		return compute(p)
	})
}
