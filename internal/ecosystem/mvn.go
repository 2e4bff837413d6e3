package ecosystem

import (
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// mvn is Maven, which builds Java programs. Source: https://maven.apache.org/ref/current/maven-embedder/cli.html.
var mvn = Manager{
	Name: "mvn", Aliases: []string{"mvnw"}, Title: "Maven", Family: "maven", Language: LanguageJava,
	Command: Command{
		Verbs:    Verbs{Sync: "package install verify compile dependency:go-offline dependency:resolve clean test deploy"},
		Valued:   []string{"-f", "--file", "-s", "--settings", "-pl", "--projects", "-P", "-T"},
		DirFlags: []string{"-f", "--file"},
	},
	Project: &Project{
		Name: "maven", Manifests: []string{"pom.xml"}, Beside: []string{"mvnw", ".mvn/"}, Products: []string{"target"},
		Roots: []Mark{{"pom.xml", "<modules>"}},
		Read: func(f *Files) {
			for _, m := range mavenModule.Get().FindAllStringSubmatch(f.Text("pom.xml"), maxMembers) {
				f.Member(m[1], "pom.xml")
			}
		},
	},
	Build: &Build{
		Compiles: true,
		Needs: func(c Call, _ bool, _ int) string {
			for _, w := range c.Words {
				if !strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "dependency:") {
					return "the command compiles the application"
				}
			}
			return ""
		},
		Prefetch: "{command} dependency:go-offline", Wrapper: []string{"mvnw", ".mvn"}, Starts: "spring-boot:run quarkus:dev jetty:run",
		Kit: "Maven and a JDK", KitVerbs: "package install verify",
	},
	Outputs: []Output{{
		Name: "target", Beside: []string{"pom.xml"}, Ignored: true, Litter: true,
		Says: []string{"package", "install", "verify", "compile", "deploy"},
	}},
	Caches: []*Cache{{
		Title: "Maven", Dirs: []string{"~/.m2", "~/.m2/repository"},
		Moves: []string{"MAVEN_OPTS", "MAVEN_CONFIG", "MAVEN_ARGS"}, Store: true,
	}},
	Runtime: &Runtime{Fails: true, Why: "JDK {version} cannot compile for Java {wanted}"},
	Origin:  &Origin{Images: []string{"maven"}, Packages: []string{"maven"}},
}

var mavenModule = lazy.Regexp{Expr: `<module>\s*([^<>\s]+)\s*</module>`}
