package main

import (
	"fmt"
	"os"
	"strings"
)

const dockerfile = "FROM node:24\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\nCMD [\"node\", \"a.js\"]\n"

var ways = [][]string{checked, diffed, fixed, contexted}

// repositories are directories whose files are not what they seem, or very many.
func repositories() []shape {
	// Files that dockvet reads, each of which may be a link, a pipe, a directory or unreadable.
	read := []string{
		"Dockerfile", ".dockerignore", "Dockerfile.dockerignore", ".dockvet.yaml", ".hadolint.yaml", "compose.yaml", "docker-bake.hcl", ".env",
		"package.json", "package-lock.json", "requirements.txt", "pyproject.toml", "go.mod", ".gitignore", "entrypoint.sh", "nginx.conf",
	}
	text := func(name string) string {
		switch name {
		case "Dockerfile":
			return strings.Replace(dockerfile, "CMD", "COPY entrypoint.sh nginx.conf requirements.txt /\nENTRYPOINT [\"/entrypoint.sh\"]\nCMD", 1)
		case "compose.yaml":
			return "services:\n  a:\n    build: .\n    env_file: .env\n    environment: [\"A=${B}\"]\n"
		case "docker-bake.hcl":
			return "target \"default\" { context = \".\" }\n"
		case ".dockvet.yaml":
			return "profile: strict\n"
		}
		return ""
	}
	var out []shape
	add := func(name string, build func(*builder) error) {
		out = append(out, shape{"repository", name, ways, build})
	}
	others := func(b *builder, but string) error {
		for _, name := range []string{"Dockerfile", "compose.yaml", "docker-bake.hcl", "package.json", "entrypoint.sh"} {
			if name != but {
				if err := b.file(name, text(name)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, name := range read {
		add(name+" is a link to a file outside", func(b *builder) error {
			if err := others(b, name); err != nil {
				return err
			}
			return b.leak(name, "Dockerfile")
		})
	}
	for _, name := range read[:9] {
		add(name+" is a pipe", func(b *builder) error {
			if err := others(b, name); err != nil {
				return err
			}
			return b.fifo(name)
		})
		add(name+" is a link to a device", func(b *builder) error {
			if err := others(b, name); err != nil {
				return err
			}
			return b.link(name, "/dev/null")
		})
		add(name+" is a directory", func(b *builder) error {
			if err := others(b, name); err != nil {
				return err
			}
			return b.file(name+"/a", "")
		})
	}
	add("a link to itself", func(b *builder) error {
		if err := others(b, ""); err != nil {
			return err
		}
		return b.link("a", "a")
	})
	add("links in a circle", func(b *builder) error {
		if err := b.link("a/b", "../c"); err != nil {
			return err
		}
		if err := b.link("c/d", "../a"); err != nil {
			return err
		}
		return others(b, "")
	})
	add("the context is a link to a directory outside", func(b *builder) error {
		if err := b.files("compose.yaml", "services: {a: {build: ./link}}\n", "Dockerfile", dockerfile); err != nil {
			return err
		}
		return b.leak("link", ".")
	})
	add("a directory of the context is a link to one outside", func(b *builder) error {
		if err := others(b, ""); err != nil {
			return err
		}
		return b.leak("src", ".")
	})
	add(".git is a file that names a directory outside", func(b *builder) error {
		if err := os.RemoveAll(b.path(".git")); err != nil {
			return err
		}
		return b.files(".git", "gitdir: "+b.outside+"\n", "Dockerfile", dockerfile)
	})
	add("no repository around it", func(b *builder) error {
		if err := os.RemoveAll(b.path(".git")); err != nil {
			return err
		}
		return others(b, "")
	})
	add("a Dockerfile that may not be read", func(b *builder) error {
		if err := others(b, ""); err != nil {
			return err
		}
		return os.Chmod(b.path("Dockerfile"), 0)
	})
	add("a directory that may not be read", func(b *builder) error {
		if err := b.files("Dockerfile", dockerfile, "src/a", ""); err != nil {
			return err
		}
		return os.Chmod(b.path("src"), 0)
	})
	add("a directory that may not be written", func(b *builder) error {
		if err := b.file("d/Dockerfile", dockerfile+"MAINTAINER a\n"); err != nil {
			return err
		}
		return os.Chmod(b.path("d"), 0o555)
	})
	add("deep directories", func(b *builder) error {
		return b.files("Dockerfile", dockerfile, strings.Repeat("d/", 900)+"a", "")
	})
	add("names with control characters", func(b *builder) error {
		if err := b.file("Dockerfile", dockerfile); err != nil {
			return err
		}
		if err := b.file("a\x1b[31m\nb", ""); err != nil {
			return errUnsupported
		}
		return b.file("Dockerfile.\x1b]0;x\x07\r", "FROM a\nRUN sudo a\n")
	})
	add("1,000 Dockerfiles", func(b *builder) error {
		for i := range 1000 {
			if err := b.file(fmt.Sprintf("d%d/Dockerfile", i), dockerfile); err != nil {
				return err
			}
		}
		return nil
	})
	add("100 Dockerfiles over 100,000 files", func(b *builder) error {
		for i := range 100 {
			if err := b.file(fmt.Sprintf("Dockerfile.%d", i), dockerfile); err != nil {
				return err
			}
		}
		return many(b, 100_000)
	})
	add("100 Dockerfiles with their own ignore files over 5,000 files", func(b *builder) error {
		for i := range 100 {
			if err := b.files(fmt.Sprintf("Dockerfile.%d", i), dockerfile, fmt.Sprintf("Dockerfile.%d.dockerignore", i), "*.log\n"); err != nil {
				return err
			}
		}
		return many(b, 5000)
	})
	add("30 services over 20,000 files", func(b *builder) error {
		services := repeated(30, "  s%: {build: {context: ., args: {A: '%'}}}\n")
		if err := b.files("compose.yaml", "services:\n"+services, "Dockerfile", dockerfile); err != nil {
			return err
		}
		return many(b, 20_000)
	})
	return out
}

// many adds n files in a thousand directories and a manifest.
func many(b *builder, n int) error {
	if err := b.file("package.json", "{}"); err != nil {
		return err
	}
	for i := range n {
		if err := b.file(fmt.Sprintf("src/d%d/f%d.js", i%1000, i), ""); err != nil {
			return err
		}
	}
	return nil
}

// repeated is format, n times.
func repeated(n int, format string) string { return text{repeat(n, format)}.String() }

// ignores are ignore files.
func ignores() []shape {
	inputs := []struct {
		name string
		text text
	}{
		{"100,000 lines", text{repeat(100_000, "a%\n")}},
		{"9,000 lines", text{repeat(9000, "a%\n")}},
		{"9,000 lines with wildcards", text{repeat(9000, "a*%\n")}},
		{"9,000 exceptions", text{plain("*\n"), repeat(4500, "!a%\n"), repeat(4500, "a%\n")}},
		{"lines with `**`", text{repeat(400, "**/a%/**\n")}},
		{"stars in a line", text{repeat(100, "*a"), plain("\n")}},
		{"a long line", text{repeat(100_000, "a"), plain("\n")}},
		{"a malformed line", text{plain("[a\n")}},
		{"comments", text{repeat(100_000, "# a\n")}},
		{"control characters", text{plain("\x1b[31m\n\x00\n\u202e\n")}},
		{"bytes that are not UTF-8", text{plain("a\xff\n**/\xfe*.c\n")}},
		{"nothing but stars", text{plain("*\n***\n**/***\n!*\n")}},
	}
	var out []shape
	for _, in := range inputs {
		for _, name := range []string{".dockerignore", ".gitignore"} {
			out = append(out, shape{"ignore file", name + ", " + in.name, [][]string{checked, contexted}, func(b *builder) error {
				if err := b.files(name, in.text.String(), "Dockerfile", dockerfile); err != nil {
					return err
				}
				return many(b, 2000)
			}})
		}
	}
	return out
}
