package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// apacheImages are the official images of Apache projects whose tags are the projects' versions.
var apacheImages = []string{"maven", "tomcat", "zookeeper"}

var (
	tagsLine = regexp.MustCompile(`(?m)^(?:Tags: |SharedTags: )(.*)$|^(\S+): git://`)
	patch    = regexp.MustCompile(`(?:^|[ ,])(\d+\.\d+)\.(\d+)(?:[-, ]|$)`)
)

// Apache writes the newest version of each line of these projects at the end of each year, from the history of library/*.
func Apache(repo string, out io.Writer) error {
	head, err := git(repo, nil, "log", "-1", "--format=%h %cs")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	_, _ = fmt.Fprintf(w, "# The newest versions of Apache's projects at the ends of years: 9.0 19:30 says that 9.0.30 was that of 2019. Mirrors only have the newest\n"+
		"# version of a line, https://www.apache.org/legal/release-policy.html#when-to-archive. Source: docker-library/official-images\n"+
		"# (Apache-2.0), library/* to %s.\n", strings.TrimSpace(head))
	for _, image := range apacheImages {
		newest := map[string]map[string]int{} // by line and year
		log, err := git(repo, nil, "log", "--reverse", "--format=@%cs", "--raw", "--no-abbrev", "--no-renames", "--", "library/"+image)
		if err != nil {
			return err
		}
		var years []string
		var ids bytes.Buffer
		year := ""
		for line := range strings.Lines(log) {
			if rest, ok := strings.CutPrefix(line, "@20"); ok {
				year = rest[:2]
			} else if f := strings.Fields(line); len(f) > 4 && strings.HasPrefix(line, ":") && f[4] != "D" {
				years = append(years, year)
				ids.WriteString(f[3] + "\n")
			}
		}
		texts, err := git(repo, &ids, "cat-file", "--batch")
		if err != nil {
			return err
		}
		for _, year := range years {
			first, rest, _ := strings.Cut(texts, "\n")
			f := strings.Fields(first)
			size, err := strconv.Atoi(f[len(f)-1])
			if err != nil {
				return err
			}
			for _, tags := range tagsLine.FindAllStringSubmatch(rest[:size], -1) {
				for _, v := range patch.FindAllStringSubmatch(tags[1]+tags[2], -1) {
					n, err := strconv.Atoi(v[2])
					if err != nil {
						return err
					}
					if newest[v[1]] == nil {
						newest[v[1]] = map[string]int{}
					}
					newest[v[1]][year] = max(n, newest[v[1]][year])
				}
			}
			texts = rest[size+1:]
		}
		for _, line := range slices.Sorted(maps.Keys(newest)) {
			text, last := "", 0
			for _, year := range slices.Sorted(maps.Keys(newest[line])) {
				if n := newest[line][year]; n > last {
					text += fmt.Sprintf(" %s:%d", year, n)
					last = n
				}
			}
			if text != "" {
				_, _ = fmt.Fprintf(w, "%s %s%s\n", image, line, text)
			}
		}
	}
	return w.Flush()
}
