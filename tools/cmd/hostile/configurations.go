package main

import (
	"fmt"
	"strings"
)

// configurations are configuration files.
func configurations() []shape {
	var out []shape
	add := func(name string, build func(*builder) error) {
		out = append(out, shape{"configuration", name, [][]string{checked, shown}, func(b *builder) error {
			if err := b.file("Dockerfile", dockerfile); err != nil {
				return err
			}
			return build(b)
		}})
	}
	for _, c := range []struct {
		name, file string
		text       text
	}{
		{"unknown rules", ".dockvet.yaml", text{plain("rules:\n"), repeat(40_000, "  no-such-rule-%: off\n")}},
		{"unknown keys", ".dockvet.yaml", text{repeat(40_000, "key%: a\n")}},
		{"unknown rules for hadolint", ".hadolint.yaml", text{plain("ignored:\n"), repeat(40_000, "  - nothing%\n")}},
		{"unknown keys for hadolint", ".hadolint.yaml", text{repeat(40_000, "key%: a\n")}},
		{"too large", ".dockvet.yaml", text{repeat(400_000, "# a\n")}},
		{"overrides", ".dockvet.yaml", text{plain("overrides:\n"), repeat(15_000, "  - {files: ['a%/**'], profile: strict}\n")}},
		{"globs with alternatives", ".dockvet.yaml", text{plain("overrides:\n  - files: ['"), repeat(12, "{a,b,c}"), plain("']\n")}},
		{"globs with stars", ".dockvet.yaml", text{plain("overrides:\n  - files: ['"), repeat(100, "*a"), plain("']\n")}},
		{"globs with double stars", ".dockvet.yaml", text{plain("overrides:\n  - files: ['"), repeat(30, "**/a/"), plain("']\n")}},
		{"nested lists", ".dockvet.yaml", text{plain("extends: "), repeat(5000, "["), repeat(5000, "]"), plain("\n")}},
		{"aliases", ".dockvet.yaml", text{plain("a0: &a0 [x]\n"), repeat(6, "a%: &a% [*a@, *a@, *a@]\n")}},
		{"an alias to itself", ".dockvet.yaml", text{plain("rules: &a\n  x: *a\n")}},
		{"many extends", ".dockvet.yaml", text{plain("extends:\n"), repeat(20_000, "  - f%.yaml\n")}},
		{"a file outside", ".dockvet.yaml", text{plain("extends: [../outside/secret]\n")}},
		{"malformed", ".dockvet.yaml", text{plain("a: [\n")}},
		{"control characters", ".dockvet.yaml", text{plain("\"\\e[31m\\u202e\": a\n")}},
		{"house rules", ".dockvet.yaml", text{plain("house-rules:\n"), repeat(15_000, "  a/b%: {say: a, from: {tag: latest}}\n")}},
		{"mistakes in house rules", ".dockvet.yaml", text{plain("house-rules:\n"), repeat(15_000, "  a/b%: {frm: {tag: latest}}\n")}},
		{"aliases in house rules", ".dockvet.yaml", text{plain("house-rules:\n  a/b0: {say: a, from: {tag: &a0 [x]}}\n"), repeat(15, "  a/b%: {say: a, from: {tag: &a% [*a@, *a@, *a@, *a@]}}\n")}},
		{"patterns in patterns", ".dockvet.yaml", text{plain("house-rules:\n  a/b: {say: a, from: {tag: "), repeat(5000, "{not: "), plain("x"), repeat(5000, "}"), plain("}}\n")}},
		{"files with house rules", ".dockvet.yaml", text{plain("house-rule-files:\n"), repeat(20_000, "  - f%.yaml\n")}},
		{"house rules outside", ".dockvet.yaml", text{plain("house-rule-files: [../outside/secret]\n")}},
		{"bytes that are not UTF-8", ".dockvet.yaml", text{plain("a: \xff\xfe\n")}},
	} {
		add(c.name, func(b *builder) error { return b.file(c.file, c.text.String()) })
	}
	for _, expr := range []string{`(.*a){100}b`, `(a|b|ab)*c`, `[^x]*[^y]*[^z]*$`} {
		add("house rules with the expression "+expr, func(b *builder) error {
			if err := b.file("Dockerfile", text{plain("FROM a\n"), repeat(15, "RUN "+strings.Repeat("ab", 30_000)+"\n")}.String()); err != nil {
				return err
			}
			return b.file(".dockvet.yaml", text{plain("house-rules:\n"), repeat(199, "  a/b%: {say: a, instruction: {text: {matches: '"+expr+"'}}}\n")}.String())
		})
	}
	for _, c := range []struct{ name, body string }{
		{"a long loop", "for i in range(1000000000): pass"},
		{"a long text", "x = 'a' * 1000000000"},
		{"a text that doubles", "x = 'a'\n    for i in range(100): x = x + x"},
		{"a list that doubles", "x = [1]\n    for i in range(100): x += x"},
		{"lists in lists", "x = []\n    for i in range(100): x = [x, x]\n    str(x)"},
		{"a key of tuples", "x = ()\n    for i in range(100): x = (x, x)\n    {x: 1}"},
		{"many values", "x = []\n    for i in range(1000000000): x.append({})"},
		{"many findings", "for i in range(1000000000): report(build.stages[0], 'a')"},
	} {
		add("a script with "+c.name, func(b *builder) error {
			script := text{repeat(49, "def check%(build):\n    "+c.body+"\nrule(name = 'a/b%', summary = 'a', check = check%)\n")}
			return b.files(".dockvet.yaml", "house-rule-files: [a.star, b.star]\n", "a.star", script.String(),
				"b.star", strings.ReplaceAll(script.String(), "a/b", "c/d"))
		})
	}
	for _, c := range []struct {
		name string
		text text
	}{
		{"parentheses", text{plain("x = "), repeat(60_000, "(")}},
		{"operators", text{plain("x = 1"), repeat(30_000, "+1")}},
		{"a text that is too long", text{plain("x = '"), repeat(1_000_000, "a"), plain("'")}},
		{"a loop while it is loaded", text{plain("x = [i for i in range(1000000000)]")}},
	} {
		add("a script with "+c.name, func(b *builder) error {
			return b.files(".dockvet.yaml", "house-rule-files: [a.star]\n", "a.star", c.text.String())
		})
	}
	add("house rules for many stages", func(b *builder) error {
		if err := b.file("Dockerfile", text{plain("FROM a AS s0\n"), repeat(3900, "FROM s@ AS s%\nUSER a\n")}.String()); err != nil {
			return err
		}
		return b.file(".dockvet.yaml", text{plain("house-rules:\n"), repeat(199, "  a/b%: {say: a, not: {label: {key: a}}}\n")}.String())
	})
	add("diamonds", func(b *builder) error {
		for i := range 40 {
			next := fmt.Sprintf("extends: [a%d.yaml, b%d.yaml]\n", i+1, i+1)
			if err := b.files(fmt.Sprintf("a%d.yaml", i), next, fmt.Sprintf("b%d.yaml", i), next); err != nil {
				return err
			}
		}
		return b.files(".dockvet.yaml", "extends: [a0.yaml]\n", "a40.yaml", "profile: strict\n", "b40.yaml", "profile: strict\n")
	})
	add("a chain of files", func(b *builder) error {
		for i := range 500 {
			if err := b.file(fmt.Sprintf("a%d.yaml", i), fmt.Sprintf("extends: [a%d.yaml]\n", i+1)); err != nil {
				return err
			}
		}
		return b.file(".dockvet.yaml", "extends: [a0.yaml]\n")
	})
	add("a circle of files", func(b *builder) error {
		return b.files(".dockvet.yaml", "extends: [a.yaml]\n", "a.yaml", "extends: [.dockvet.yaml, a.yaml]\n")
	})
	add("a file for each of 1,000 directories", func(b *builder) error {
		for i := range 1000 {
			if err := b.files(fmt.Sprintf("d%d/.dockvet.yaml", i), "rules: {latest-tag: off}\n", fmt.Sprintf("d%d/Dockerfile", i), "FROM a\n"); err != nil {
				return err
			}
		}
		return nil
	})
	return out
}

// descriptions are files that describe builds and applications.
func descriptions() []shape {
	var out []shape
	for _, c := range []struct {
		name, file string
		text       text
	}{
		{"services", "compose.yaml", text{plain("services:\n"), repeat(20_000, "  s%: {build: .}\n")}},
		{"services with arguments", "compose.yaml", text{plain("services:\n"), repeat(8000, "  s%: {build: {context: ., args: {A: '%'}}}\n")}},
		{"contexts that are not there", "compose.yaml", text{plain("services:\n"), repeat(10_000, "  s%: {build: ./d%}\n")}},
		{"a context outside", "compose.yaml", text{plain("services: {a: {build: ../outside}}\n")}},
		{"an included file outside", "compose.yaml", text{plain("include: [../outside/secret]\nservices: {a: {build: ., env_file: ../outside/secret}}\n")}},
		{"a chain of extends", "compose.yaml", text{plain("services:\n  s0: {build: .}\n"), repeat(5000, "  s%: {extends: {service: s@}}\n")}},
		{"a circle of extends", "compose.yaml", text{plain("services:\n  a: {extends: {service: b}}\n  b: {extends: {service: a}}\n")}},
		{"variables in variables", "compose.yaml", text{plain("services: {a: {build: {context: ., args: {A: '"), repeat(2000, "${A:-"), repeat(2000, "}"), plain("'}}}}\n")}},
		{"ports", "compose.yaml", text{plain("services: {a: {build: ., ports: ["), repeat(20, "'1-65535:1-65535',"), plain("]}}\n")}},
		{"aliases", "compose.yaml", text{plain("x0: &a0 {a: b}\n"), repeat(6, "x%: &a% {a: *a@, b: *a@, c: *a@}\n"), plain("services: {a: {build: ., environment: *a6}}\n")}},
		{"merge keys", "compose.yaml", text{plain("x0: &a0 {a: b}\n"), repeat(3000, "x%: &a% {<<: *a@}\n"), plain("services: {a: {build: ., <<: *a3000}}\n")}},
		{"nesting", "compose.yaml", text{plain("services: "), repeat(5000, "["), repeat(5000, "]"), plain("\n")}},
		{"a matrix that contains itself", ".github/workflows/a.yml", text{plain("jobs: {a: {strategy: {matrix: {include: [&a {x: *a}]}}, steps: [{run: docker build .}]}}\n")}},
		{"calls of itself", ".github/workflows/a.yml", text{plain("on: workflow_call\njobs:\n"), repeat(3000, "  j%: {uses: ./.github/workflows/a.yml, strategy: {matrix: {a: [1, 2], b: [1, 2]}}}\n"), plain("  z: {steps: [{run: docker build .}]}\n")}},
		{"steps of a matrix", ".github/workflows/a.yml", text{plain("jobs: {a: {strategy: {matrix: {a: ["), repeat(200, "%, "), plain("]}}, steps: ["), repeat(8000, "{run: docker build a%}, "), plain("]}}\n")}},
		{"expressions", ".github/workflows/a.yml", text{plain("jobs: {a: {steps: [{run: 'docker build ${{ "), repeat(100_000, "("), plain(" }}'}]}}\n")}},
		{"references to itself", ".gitlab-ci.yml", text{plain("a:\n  script:\n    - docker build .\n"), repeat(5000, "    - !reference [a, script]\n")}},
		{"merged mappings", ".gitlab-ci.yml", text{plain("x0: &a0 {script: [docker build .]}\n"), repeat(5000, "x%: &a% {<<: *a@}\n")}},
		{"extended jobs", ".gitlab-ci.yml", text{plain("x0: {script: [docker build .]}\n"), repeat(5000, "x%: {extends: [x@, x0]}\n")}},
		{"templates of itself", "azure-pipelines.yml", text{plain("steps:\n- script: docker build .\n"), repeat(5000, "- template: azure-pipelines.yml\n")}},
		{"targets", "docker-bake.hcl", text{repeat(6000, "target \"t%\" { context = \".\" }\n")}},
		{"contexts that are not there", "docker-bake.hcl", text{repeat(6000, "target \"t%\" { context = \"d%\" }\n")}},
		{"a context outside", "docker-bake.hcl", text{plain("target \"a\" { context = \"../outside\" }\n")}},
		{"a chain of inherits", "docker-bake.hcl", text{plain("target \"t0\" {}\n"), repeat(3000, "target \"t%\" {\n inherits = [\"t@\"]\n args = { A% = 1 }\n}\n")}},
		{"doubled strings", "docker-bake.hcl", text{plain("v0 = \"aaaa\"\n"), repeat(60, "v% = \"${v@}${v@}\"\n"), plain("target \"a\" { args = { X = v60 } }\n")}},
		{"doubled lists", "docker-bake.hcl", text{plain("v0 = [1]\n"), repeat(60, "v% = [v@, v@]\n"), plain("target \"a\" { args = { X = length(v60) } }\n")}},
		{"doubled calls", "docker-bake.hcl", text{plain("function \"f0\" {\n params = [x]\n result = x\n}\n"), repeat(60, "function \"f%\" {\n params = [x]\n result = \"${f@(x)}${f@(x)}\"\n}\n"), plain("target \"a\" { context = f60(\"a\") }\n")}},
		{"loops", "docker-bake.hcl", text{plain("target \"a\" { context = length([for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]) }\n")}},
		{"a matrix", "docker-bake.hcl", text{plain("target \"a\" {\n matrix = { a = range(1000), b = range(1000), c = range(1000) }\n name = \"x${a}${b}${c}\"\n}\n")}},
		{"a product", "docker-bake.hcl", text{plain("target \"a\" { context = length(setproduct(range(1000), range(1000), range(1000))) }\n")}},
		{"brackets", "docker-bake.hcl", text{plain("a = "), repeat(100_000, "("), plain("\n")}},
		{"operators", "docker-bake.hcl", text{plain("a = "), repeat(100_000, "!"), plain("true\n")}},
		{"a number", "docker-bake.hcl", text{plain("target \"a\" { context = \"${1e999999999}\" }\n")}},
		{"nesting", "docker-bake.json", text{repeat(40_000, "{\"a\":")}},
		{"environment", ".env", text{repeat(40_000, "A%=$A@\n")}},
		{"nesting of JSON", "package.json", text{repeat(9000, "["), repeat(9000, "]")}},
		{"dependencies of npm", "package.json", text{plain("{\"dependencies\": {"), repeat(8000, "\"a%\": \"1\", "), plain("\"a\": \"1\"}}")}},
		{"scripts of npm", "package.json", text{plain("{\"scripts\": {\"start\": \"npm run s1\", "), repeat(3000, "\"s@\": \"npm run s%\", "), plain("\"a\": \"b\"}}")}},
		{"requirements", "requirements.txt", text{repeat(15_000, "a%==1\n")}},
		{"requirements of requirements", "requirements.txt", text{repeat(5000, "-r requirements.txt\n")}},
		{"nesting of TOML", "pyproject.toml", text{plain("a = "), repeat(5000, "["), repeat(5000, "]"), plain("\n")}},
		{"tables of TOML", "pyproject.toml", text{repeat(10_000, "[a%]\nb = 1\n")}},
		{"modules of Go", "go.mod", text{plain("module a\nrequire (\n"), repeat(8000, "\ta.example/b% v1.0.0\n"), plain(")\n")}},
		{"a script", "a.js", text{repeat(20_000, "app.listen(%);\n")}},
		{"nesting of XML", "pom.xml", text{repeat(5000, "<a>"), repeat(5000, "</a>")}},
		{"bytes", "package.json", text{repeat(60_000, "\xff\x00{")}},
	} {
		out = append(out, shape{"description", strings.TrimSpace(c.file + ", " + c.name), [][]string{checked, contexted}, func(b *builder) error {
			if err := b.file("Dockerfile", dockerfile); err != nil {
				return err
			}
			if c.file == ".env" {
				if err := b.file("compose.yaml", "services: {a: {build: ., env_file: .env, environment: [\"A=$A1\"]}}\n"); err != nil {
					return err
				}
			}
			return b.file(c.file, c.text.String())
		}})
	}
	return out
}
