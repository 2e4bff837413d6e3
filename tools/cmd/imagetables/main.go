// Imagetables generates the tables that package image embeds: the release cycles of products, and the tags of
// official images.
//
//	go -C tools run ./cmd/imagetables -cycles CYCLES.tsv -tags TAGS.tsv.gz
//
// Both inputs are tables of tab-separated values whose first line is a comment `# source: …` with the address,
// commit, date and licence of their data. CYCLES is the front matter of products/*.md of endoflife.date, one cycle a
// line, in the columns product, cycle, eol, codename, released, eoas, eoes, lts, latest, image. TAGS is made from the
// history of library/* in docker-library/official-images, one tag a line: image, tag, and `current` or the day on
// which the tag was dropped.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

func main() {
	cycles := flag.String("cycles", "", "the table of release cycles")
	tags := flag.String("tags", "", "the table of tags, gzipped")
	flag.Parse()
	if err := run(*cycles, *tags); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "imagetables:", err)
		os.Exit(1)
	}
}

func run(cycles, tags string) error {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	for _, t := range []struct {
		from, to string
		make     func(io.Reader, io.Writer) error
	}{{cycles, "cycles.txt", Cycles}, {tags, "tags.txt", Tags}} {
		in, err := os.ReadFile(t.from)
		if err != nil {
			return err
		}
		var r io.Reader = bytes.NewReader(in)
		if strings.HasSuffix(t.from, ".gz") {
			if r, err = gzip.NewReader(r); err != nil {
				return fmt.Errorf("%s: %w", t.from, err)
			}
		}
		var out bytes.Buffer
		if err := t.make(r, &out); err != nil {
			return fmt.Errorf("%s: %w", t.from, err)
		}
		if err := os.WriteFile(filepath.Join(root, "internal", "image", t.to), out.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// products are the ones whose images we can recognise, with their usual names. Rust, Nix and Deno are left out
// because each of their releases replaces the previous one within weeks, so nearly every image in use would be past
// its end.
var products = map[string]string{
	"almalinux": "AlmaLinux", "alpine-linux": "Alpine", "amazon-corretto": "Amazon Corretto", "amazon-linux": "Amazon Linux",
	"apache-http-server": "Apache httpd", "azul-zulu": "Azul Zulu", "caddy": "Caddy", "centos": "CentOS", "centos-stream": "CentOS Stream",
	"composer": "Composer", "debian": "Debian", "dotnet": ".NET", "eclipse-temurin": "Eclipse Temurin", "elasticsearch": "Elasticsearch",
	"elixir": "Elixir", "erlang": "Erlang/OTP", "fedora": "Fedora", "go": "Go", "gradle": "Gradle", "haproxy": "HAProxy",
	"ibm-semeru": "IBM Semeru", "mariadb": "MariaDB", "memcached": "Memcached", "microsoft-build-of-openjdk": "Microsoft OpenJDK",
	"mongodb": "MongoDB", "mysql": "MySQL", "nginx": "nginx", "nodejs": "Node.js", "opensuse": "openSUSE Leap", "oracle-linux": "Oracle Linux",
	"perl": "Perl", "php": "PHP", "postgresql": "PostgreSQL", "python": "Python", "rabbitmq": "RabbitMQ", "redis": "Redis",
	"rhel": "Red Hat Enterprise Linux", "rocky-linux": "Rocky Linux", "ruby": "Ruby", "tomcat": "Tomcat", "traefik": "Traefik",
	"ubuntu": "Ubuntu", "valkey": "Valkey", "windows-server": "Windows Server",
}

// Cycles writes the table of release cycles: a line `= id name` for each product, and below it one line for each
// cycle, the newest first: cycle, day of release, end of free support, end of extended or paid support, code name.
// `-` means none, and `ended` an end whose day is unknown.
func Cycles(in io.Reader, out io.Writer) error {
	w := bufio.NewWriter(out)
	current := ""
	err := rows(in, w, 7, func(f []string) error {
		title, ok := products[f[0]]
		if !ok {
			return nil
		}
		if f[0] != current {
			current = f[0]
			_, _ = fmt.Fprintf(w, "= %s %s\n", current, title)
		}
		if end := ended[[2]string{f[0], f[1]}]; end != "" {
			f[2] = end
		}
		name, _, _ := strings.Cut(strings.ToLower(f[3]), " ")
		line := strings.Join([]string{f[1], day(f[4]), day(f[2]), day(f[6]), orNone(name)}, " ")
		for strings.HasSuffix(line, " -") {
			line = strings.TrimSuffix(line, " -")
		}
		_, err := fmt.Fprintln(w, line)
		return err
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// ended has the ends of support for which the source names another day than the project itself: Ruby's by its page
// of branches, https://www.ruby-lang.org/en/downloads/branches/.
var ended = map[[2]string]string{
	{"ruby", "2.6"}: "2022-04-12",
	{"ruby", "2.5"}: "2021-04-05",
}

func day(s string) string {
	switch s {
	case "true":
		return "ended"
	case "false":
		return "-"
	}
	return orNone(s)
}

func orNone(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Tags writes the current tags: a line `image versions… : flavours…` for each image and set of flavours, which means
// each version combined with each flavour; `-` means the version without a flavour. After them come lines `- image
// release day : versions…`: since that day, these current versions of one or two numbers are no longer built on that
// release of Debian or Alpine.
func Tags(in io.Reader, out io.Writer) error {
	w := bufio.NewWriter(out)
	flavours := map[[2]string][]string{} // of an image and version
	var order [][2]string
	last := map[[3]string]string{} // the status of an image, release and version, of its last tag
	err := rows(in, w, 3, func(f []string) error {
		version, flavour, _ := strings.Cut(f[1], "-")
		if m := release.FindStringSubmatch(f[1]); m != nil && !strings.Contains(f[1], "rc") {
			key := [3]string{f[0], m[2], m[1]}
			last[key] = max(last[key], f[2]) // `current` sorts after all days
		}
		if f[2] != "current" || version == "" || strings.HasPrefix(version, "tip") {
			return nil
		}
		key := [2]string{f[0], version}
		if flavours[key] == nil {
			order = append(order, key)
		}
		flavours[key] = append(flavours[key], orNone(flavour))
		return nil
	})
	if err != nil {
		return err
	}
	var lines []string
	versions := map[string]string{} // of an image and its set of flavours
	for _, key := range order {
		slices.Sort(flavours[key])
		set := key[0] + " " + strings.Join(flavours[key], " ")
		if versions[set] == "" {
			lines = append(lines, set)
		}
		versions[set] += " " + key[1]
	}
	for _, set := range lines {
		image, list, _ := strings.Cut(set, " ")
		if _, err := fmt.Fprintf(w, "%s%s : %s\n", image, versions[set], list); err != nil {
			return err
		}
	}
	dropped := map[[3]string][]string{} // versions by image, release and day
	for key, day := range last {
		if day != "current" && flavours[[2]string{key[0], key[2]}] != nil {
			group := [3]string{key[0], key[1], day}
			dropped[group] = append(dropped[group], key[2])
		}
	}
	for _, group := range slices.SortedFunc(maps.Keys(dropped), func(a, b [3]string) int { return slices.Compare(a[:], b[:]) }) {
		slices.Sort(dropped[group])
		if _, err := fmt.Fprintf(w, "- %s : %s\n", strings.Join(group[:], " "), strings.Join(dropped[group], " ")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// release matches a version of one or two numbers and a release of Debian or Alpine in a tag.
var release = regexp.MustCompile(`^(\d+(?:\.\d+)?)-(?:[a-z0-9.]+-)*(jessie|stretch|buster|bullseye|bookworm|trixie|alpine\d+\.\d+)(?:-|$)`)

// rows calls f for each row of a table with at least n columns, after its comments and its header. The comment about
// the source is written to out.
func rows(in io.Reader, out io.Writer, n int, f func([]string) error) error {
	s := bufio.NewScanner(in)
	head, source := true, false
	for s.Scan() {
		line := s.Text()
		switch {
		case strings.HasPrefix(line, "# source:"):
			source = true
			if _, err := fmt.Fprintln(out, line); err != nil {
				return err
			}
		case strings.HasPrefix(line, "#"):
		case head:
			head = false
		default:
			fields := strings.Split(line, "\t")
			if len(fields) < n {
				return fmt.Errorf("%d columns, want %d: %s", len(fields), n, line)
			}
			if err := f(fields); err != nil {
				return err
			}
		}
	}
	if !source {
		return fmt.Errorf("no line `# source:`")
	}
	return s.Err()
}
