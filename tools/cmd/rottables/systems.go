package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// systemImages are the official images whose tags usually do not name the release that they are built on, and that
// others build on. Of those in alpineImages the Alpine variants are wanted too.
var (
	systemImages = []string{
		"buildpack-deps", "golang", "maven", "node", "openjdk", "php", "python", "ruby", "clojure", "docker", "mediawiki", "mono",
		"nginx", "registry", "wordpress",
	}
	alpineImages = []string{"docker", "golang", "node", "openjdk", "php", "python", "ruby", "registry"}
)

// wanted says which tags matter of images that have thousands.
var wanted = map[string]*regexp.Regexp{
	"clojure":   regexp.MustCompile(`^(latest|lein|tools-deps)$`),
	"docker":    regexp.MustCompile(`^(latest|stable|\d+|\d+\.\d+|dind)(-dind)?$`),
	"maven":     regexp.MustCompile(`^(latest|slim|\d|\d\.\d)(-(jdk|openjdk|eclipse-temurin)-\d+)?(-slim)?$`),
	"mediawiki": regexp.MustCompile(`^(latest|lts|stable|1\.3\d)$`),
	"mono":      regexp.MustCompile(`^[34]\.\d+$`),
	"wordpress": regexp.MustCompile(`^(latest|apache|fpm|\d+|php\d\.\d)$`),
}

// change is a day on which a tag moved to another release.
type change struct{ day, system string }

// Systems reads the history of library/* in a clone of docker-library/official-images and writes which release of
// Debian, Ubuntu or Alpine the tags were built on that do not name one. clones has the git directories of the images' own repositories,
// OWNER+NAME/repo: where library/* does not say, the FROM of the Dockerfile does.
func Systems(repo, clones string, out io.Writer) error {
	head, err := git(repo, nil, "log", "-1", "--format=%h %cs")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	_, _ = fmt.Fprintf(w, "# source: https://github.com/docker-library/official-images (Apache-2.0), library/* from 2014 to %s\n",
		strings.TrimSpace(head))
	froms := bases{dir: clones, known: map[string]map[string]string{}, history: map[string][]edition{}}
	for _, image := range systemImages {
		moves, err := timelines(repo, image, &froms)
		if err != nil {
			return err
		}
		days, moves := shared(moves)
		groups := map[string][]string{}
		for tag, line := range moves {
			groups[line] = append(groups[line], tag)
		}
		lines := make([]string, 0, len(groups))
		for line, tags := range groups {
			slices.Sort(tags)
			lines = append(lines, strings.Join(tags, " ")+" :"+line)
		}
		slices.Sort(lines)
		_, _ = fmt.Fprintf(w, "= %s\n", image)
		if days != "" {
			_, _ = fmt.Fprintf(w, "&%s\n", days)
		}
		for _, l := range lines {
			_, _ = fmt.Fprintln(w, l)
		}
	}
	return w.Flush()
}

func git(repo string, in io.Reader, args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"--git-dir", repo}, args...)...)
	cmd.Stdin = in
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return string(out), nil
}

// series takes the last number off a version: `3.6.1-slim` is patch 1 of `3.6-slim`, and Node.js 10.13.0 number 13 of `10`,
// because Node.js chooses the release by its major version. number is -1 if there is none.
func series(image, tag string) (key string, number int) {
	pattern := patched
	switch image {
	case "node":
		pattern = minor
	case "openjdk":
		pattern = update
	}
	m := pattern.FindStringSubmatch(tag)
	if m == nil {
		return tag, -1
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return tag, -1
	}
	return m[1] + m[3], n
}

var (
	systemWord = regexp.MustCompile(`\b(wheezy|jessie|stretch|buster|bullseye|bookworm|trixie|forky|sid|precise|quantal|raring|saucy|trusty|` +
		`utopic|vivid|wily|xenial|yakkety|zesty|artful|bionic|cosmic|disco|eoan|focal|groovy|hirsute|impish|jammy|kinetic|lunar|mantic|noble|` +
		`oracular|plucky|questing|resolute|oracle)(?:linux\d|linux)?\b`)
	alpineWord = regexp.MustCompile(`\balpine(\d+\.\d+)\b`)
	patched    = regexp.MustCompile(`^(\d+\.\d+)\.(\d+)(-.*)?$`)
	minor      = regexp.MustCompile(`^(\d+)\.(\d+)(?:\.\d+)?(-.*)?$`)
	update     = regexp.MustCompile(`^(\d+)(?:u|\.0\.)(\d+)(?:\.\d+)*(-.*)?$`)
	onlyDebian = regexp.MustCompile(`onbuild|^(?:old)*stable|^testing|^unstable`)
	unstable   = regexp.MustCompile(`\d(a|b|rc|beta|alpha|RC|-rc|-beta|-ea)\d*|^rc|-rc|-ea-|early|nightly|dev|^tip|chakracore|^9-b`)
)

// timelines are the moves of each series of tags of image without a release in its name.
func timelines(repo, image string, froms *bases) (map[string]string, error) {
	log, err := git(repo, nil, "log", "--reverse", "--format=@%cs", "--raw", "--no-abbrev", "--no-renames", "--", "library/"+image)
	if err != nil {
		return nil, err
	}
	var days []string
	var ids bytes.Buffer
	day := ""
	for line := range strings.Lines(log) {
		if rest, ok := strings.CutPrefix(line, "@"); ok {
			day = strings.TrimSpace(rest)
		} else if f := strings.Fields(line); len(f) > 4 && strings.HasPrefix(line, ":") && f[4] != "D" {
			days = append(days, day)
			ids.WriteString(f[3] + "\n")
		}
	}
	texts, err := git(repo, &ids, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	type revision struct{ day, text string }
	var revisions []revision
	moved := froms.moved()
	for n, day := range days {
		head, rest, _ := strings.Cut(texts, "\n")
		f := strings.Fields(head)
		size, err := strconv.Atoi(f[len(f)-1])
		if err != nil {
			return nil, err
		}
		text := rest[:size]
		texts = rest[size+1:]
		revisions = append(revisions, revision{day, text})
		for _, m := range moved { // an image is built again when what it is built from changes
			if m > day && (n+1 == len(days) || m < days[n+1]) {
				revisions = append(revisions, revision{m, text})
			}
		}
	}
	moves := map[string][]change{}
	last := map[string]map[int]string{} // the last release by series and number
	for _, r := range revisions {
		day := r.day
		systems := blocks(image, r.text, day, froms)
		froms.history[image] = append(froms.history[image], edition{day, systems})
		for tag, system := range systems {
			if unstable.MatchString(tag) || strings.Contains(tag, "alpine") && !slices.Contains(alpineImages, image) {
				continue
			}
			key, number := series(image, tag)
			if w := wanted[image]; w != nil && !w.MatchString(key) {
				continue
			}
			if number >= 0 {
				if last[key] == nil {
					last[key] = map[int]string{}
				}
				last[key][number] = system
				continue
			}
			if list := moves[key]; len(list) == 0 || list[len(list)-1].system != system {
				moves[key] = append(list, change{day: day, system: system})
			}
		}
	}
	out := map[string]string{}
	for key, list := range moves {
		var b strings.Builder
		for i, c := range list {
			if i+1 < len(list) && list[i+1].day < "2017-06-01" {
				continue // too long ago
			}
			if b.Len() == 0 {
				b.WriteString(" " + c.system) // since when it was there does not matter
				continue
			}
			fmt.Fprintf(&b, " %s %s", compact(c.day), c.system)
			for _, n := range slices.Sorted(maps.Keys(last[key])) {
				if last[key][n] == c.system && n > 0 {
					fmt.Fprintf(&b, "/%d", n)
				}
				if last[key][n] == c.system {
					break
				}
			}
		}
		if b.Len() > 0 && b.String() != " ?" {
			out[key] = b.String()
		}
	}
	for _, key := range slices.Sorted(maps.Keys(out)) { // flavours that move with their version
		base := plainer(key)
		for ; base != ""; base = plainer(base) {
			if out[base] != "" {
				break
			}
		}
		if base != "" && base != key && strings.HasSuffix(out[base], out[key]) {
			delete(out, key)
		}
	}
	return out, nil
}

// plainer is the tag without its last word that says nothing about the system, as package image takes it; "" if there is none.
func plainer(tag string) string {
	words := strings.Split(tag, "-")
	for n := len(words) - 1; n > 0; n-- {
		switch words[n] {
		case "slim", "cli", "fpm", "apache", "zts", "jdk", "jre", "perl", "otel", "management", "headless", "dind":
			return strings.Join(slices.Delete(words, n, n+1), "-")
		}
	}
	return ""
}

// compact is a day without its century and dashes.
func compact(day string) string { return strings.ReplaceAll(day[2:], "-", "") }

// blocks are the tags in a file of library/* without a release, each with its release or `?`.
func blocks(image, text, day string, froms *bases) map[string]string {
	type block struct {
		tags               []string
		hint, repo, commit string
	}
	var all []*block
	old := map[string]*block{}
	b, top := &block{}, block{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, ": ")
		switch {
		case line == "":
			if len(b.tags) > 0 {
				all = append(all, b)
			} else if b.repo != "" || b.commit != "" {
				top = *b // what all blocks have
			}
			b = &block{repo: top.repo, commit: top.commit}
		case strings.HasPrefix(line, "#") || !ok:
		case strings.HasPrefix(value, "git://") || strings.HasPrefix(value, "https://") && strings.Contains(value, "@"):
			o := old[value]
			if o == nil {
				at, dir, _ := strings.Cut(value, " ")
				url, commit, _ := strings.Cut(at, "@")
				o = &block{hint: dir, repo: url, commit: commit}
				old[value] = o
				all = append(all, o)
			}
			o.tags = append(o.tags, key)
		case key == "Tags", key == "SharedTags":
			b.tags = append(b.tags, strings.Split(value, ", ")...)
		case key == "Directory", key == "amd64-Directory":
			b.hint = value
		case key == "GitRepo":
			b.repo = value
		case key == "GitCommit", key == "amd64-GitCommit":
			b.commit = value
		}
	}
	if len(b.tags) > 0 {
		all = append(all, b)
	}
	out := map[string]string{}
	for _, b := range all {
		where := b.hint + " " + strings.Join(b.tags, " ")
		if strings.Contains(where, "windows") || strings.Contains(where, "nanoserver") {
			continue
		}
		system := "?"
		alpine := strings.Contains(where, "alpine")
		if m := alpineWord.FindStringSubmatch(where); m != nil {
			system = strings.TrimPrefix(m[1], "3.")
		} else if m := systemWord.FindStringSubmatch(where); m != nil && !alpine {
			system = m[1]
		} else if from := froms.from(b.repo, b.commit, b.hint); from != "" {
			system = froms.system(from, day)
			if tag, ok := strings.CutPrefix(from, image+":"); ok && out[tag] != "" {
				system = out[tag]
			}
		} else if wanted[image] == nil && !alpine && day >= "2015-07-01" && day < "2017-10-01" {
			system = "jessie"
		}
		for _, t := range b.tags {
			t = strings.TrimSpace(t)
			if systemWord.MatchString(t) || alpineWord.MatchString(t) || onlyDebian.MatchString(t) {
				continue
			}
			out[t] = system
		}
	}
	return out
}
