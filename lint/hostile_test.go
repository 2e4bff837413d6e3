package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// hostile are files that once crash, hang or exhaust something: each must end in findings.
func hostile() map[string]string {
	files := map[string]string{
		"empty":               "",
		"blank":               "\n\n \n",
		"comment":             "# only this",
		"zero bytes":          strings.Repeat("\x00", 1000),
		"too large":           strings.Repeat("RUN true\n", 1<<17),
		"instructions":        strings.Repeat("RUN a\n", 1<<17),
		"unknown":             strings.Repeat("x\n", 4000),
		"errors":              strings.Repeat("ENV a\nUSER\n", 3000),
		"onbuild":             "FROM a\n" + strings.Repeat("ONBUILD ", 10000) + "RUN a\n",
		"long line":           "FROM a\nRUN " + strings.Repeat("a ", 40000) + "\nUSER x\n",
		"continuations":       "FROM a\nRUN " + strings.Repeat("a \\\n", 100000) + "b\n",
		"doubling":            "FROM a\nENV A0=xxxxxxxxxxxxxxxx\n",
		"chain":               "FROM a\n",
		"stages":              strings.Repeat("FROM a AS b\n", 7000),
		"stage chain":         "FROM a AS s0\n",
		"heredocs":            "FROM a\nRUN " + strings.Repeat("<<E ", 5000) + "\n",
		"never ended":         "FROM a\n" + strings.Repeat("RUN <<E\n", 5000),
		"commands":            "FROM a\nRUN <<E\n" + strings.Repeat("a;a\n", 60000) + "\nE\n",
		"packages":            "FROM a\nRUN apt-get install " + strings.Repeat("a \\\n ", 60000) + "\n",
		"comments":            "FROM a\n" + strings.Repeat("# dockvet ignore=a,b,c,d\n", 20000) + "RUN a\n",
		"flags":               "FROM a\nRUN " + strings.Repeat("--a=b ", 10000) + "x\n",
		"pairs":               "FROM a\nENV " + strings.Repeat("a=b \\\n", 50000) + "c=d\n",
		"invalid utf-8":       "FROM \xff\xfe\nRUN \x80\x81 <<\xff\n\xff\n",
		"carriage returns":    "FROM a\r\rRUN b\r\n\r\n\r",
		"copies":              "FROM a\n" + strings.Repeat("COPY . .\nRUN npm ci\n", 3900),
		"many arguments":      "FROM a\nCOPY " + strings.Repeat("a ", 32000) + "/\n",
		"expose":              "FROM a\nEXPOSE " + strings.Repeat("1-65535 ", 8000) + "\n",
		"working directories": "FROM scratch\n" + strings.Repeat("WORKDIR a\n", 7000),
		"maintainers":         "FROM a\n" + strings.Repeat("LABEL a=b\nMAINTAINER a\n", 3500),
		"shell forms":         "FROM a\n" + strings.Repeat("CMD a\n", 7000),
		"sudo":                "FROM a\nRUN <<E\n" + strings.Repeat("sudo a\n", 60000) + "\nE\n",
		"upper-case stages":   strings.Repeat("FROM a AS B\nCOPY --from=B a b\n", 3500),
		"self referring args": strings.Repeat("ARG A=$A$A\n", 5000) + "FROM $A\n",
	}
	for _, open := range []string{"$(", "(", "{ ", "if ", "${a:-", "`", "\"$(", "a() ", "$((", "<(", "a|", "! ", "[[ ! ", "case a in a) ", "while ", "time "} {
		files["nesting "+open] = "FROM a\nRUN <<E\n" + strings.Repeat(strings.Repeat(open, 40000/len(open))+"\n", 6) + "\nE\nRUN true\n"
	}
	for i := range 200 {
		files["doubling"] += fmt.Sprintf("ENV A%d=$A%d$A%d\n", i+1, i, i)
	}
	files["doubling"] += "WORKDIR $A200\nCOPY . $A200\n"
	for i := range 7000 {
		files["chain"] += fmt.Sprintf("ENV A=$A:/opt/%d\n", i)
		files["stage chain"] += fmt.Sprintf("FROM s%d AS s%d\n", i, i+1)
	}
	files["chain"] += "WORKDIR $A\n"
	return files
}

func TestHostile(t *testing.T) {
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict})
	for name, src := range hostile() {
		t.Run(name, func(t *testing.T) {
			for _, x := range linter.Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})}) {
				if x.Rule.Name == lint.RuleBug {
					t.Error(x.Message)
				}
			}
		})
	}
}
