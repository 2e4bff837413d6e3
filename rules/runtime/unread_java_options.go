package runtime

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// UnreadJavaOptions reports an ENV with options for the JVM under a name that only start scripts read, in an image that
// starts `java` itself and does not mention the variable.
var UnreadJavaOptions = &lint.Rule{
	Name: "unread-java-options", Category: lint.Runtime,
	Summary:  "options for the JVM are in a variable that nothing reads",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		if c.Target == nil || c.Target.Windows() {
			return
		}
		for _, s := range c.Target.Lineage() {
			for _, step := range s.Steps {
				if step.Instruction.Name != "ENV" {
					continue
				}
				for _, pair := range step.Instruction.Pairs {
					if slices.Contains(optionNames[:], pair.Key.Value) && startsJava(c, pair.Key.Value) {
						reportOptions(p, pair)
					}
				}
			}
		}
	}),
}

// optionNames are variables that the start scripts of servers and build tools read, and the JVM does not.
var optionNames = [...]string{"JAVA_OPTS", "JAVA_OPTIONS", "JAVA_OPT", "JVM_OPTS", "JVM_OPTIONS", "JVM_ARGS", "JAVA_ARGS"}

// startsJava reports whether the container is known to start only the program java, without the variable called name.
func startsJava(c *container.Container, name string) bool {
	tasks := c.Tasks()
	if len(tasks) == 0 || len(c.EntryScripts()) > 0 || c.Unread {
		return false
	}
	java := false
	for _, t := range tasks {
		java = java || t.Name() == "java"
		if t.Name() == "" {
			return false
		}
		for _, w := range t.Words {
			if strings.Contains(w.Text, name) || strings.HasSuffix(w.Text, ".sh") {
				return false
			}
		}
	}
	for _, step := range [...]*plan.Step{c.Entrypoint, c.Cmd} {
		if step != nil && strings.Contains(step.Instruction.Text.String, name) {
			return false
		}
	}
	return java && tasks[len(tasks)-1].Name() == "java"
}

func reportOptions(p *lint.Pass, pair parser.Pair) {
	f := p.Report(pair.Key.Full(), "nothing reads `%s`", pair.Key.Value).
		Because("the container starts `java` without passing `%s` on, and the JVM does not read it by itself", pair.Key.Value).
		Advise("rename the variable to `JAVA_TOOL_OPTIONS`, which every JVM reads")
	if pair.Key.Whole() {
		f.Offer(lint.Unsafe, "rename the variable to `JAVA_TOOL_OPTIONS`", lint.Replace(pair.Key.Full(), "JAVA_TOOL_OPTIONS"))
	}
}
