package main

import (
	"bufio"
	"bytes"
	"encoding/json"
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

// apacheProjects are projects that take a superseded version off the mirrors at once, by their names there and in release-data.
var apacheProjects = [][2]string{{"ant", "apache-ant"}, {"flink", "apache-flink"}, {"kafka", "apache-kafka"}, {"spark", "apache-spark"}}

// releases writes when which version of these projects was the newest of its line, one a quarter, from a clone of
// endoflife-date/release-data.
func releases(repo string, out io.Writer) error {
	head, err := git(repo, nil, "log", "-1", "--format=%h %cs")
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "# The same at the ends of months. Source: endoflife-date/release-data (MIT), releases/*.json at %s.\n", strings.TrimSpace(head))
	for _, p := range apacheProjects {
		_, _ = fmt.Fprintf(out, "= %s\n", p[0])
		text, err := git(repo, nil, "show", "HEAD:releases/"+p[1]+".json")
		if err != nil {
			return err
		}
		var data struct {
			Versions map[string]struct{ Date string }
		}
		if err := json.Unmarshal([]byte(text), &data); err != nil {
			return err
		}
		newest := map[string]map[string]int{} // by line and month
		for version, v := range data.Versions {
			at := strings.LastIndexByte(version, '.')
			n, err := strconv.Atoi(version[at+1:])
			if at < 0 || err != nil || n == 0 || len(v.Date) < 7 {
				continue
			}
			line := version[:at]
			if newest[line] == nil {
				newest[line] = map[string]int{}
			}
			month := v.Date[2:4] + v.Date[5:7]
			newest[line][month] = max(n, newest[line][month])
		}
		for _, line := range slices.Sorted(maps.Keys(newest)) {
			months := slices.Sorted(maps.Keys(newest[line]))
			text, last := "", 0
			for i, m := range months {
				if n := newest[line][m]; n > last && (i+1 == len(months) || quarter(m) != quarter(months[i+1])) {
					text += fmt.Sprintf(" %s:%d", m, n)
					last = n
				}
			}
			_, _ = fmt.Fprintf(out, "%s%s\n", line, ended(text, "1912"))
		}
	}
	return nil
}

// ended is only the last entry of a line that had no newer version after the end of 2019.
func ended(text, last string) string {
	at := strings.LastIndexByte(text, ' ')
	if day, _, _ := strings.Cut(text[at+1:], ":"); day <= last {
		return text[at:]
	}
	return text
}

// quarter is that of a month such as 2002, the February of 2020.
func quarter(month string) string {
	return month[:2] + string("0111222333444"[(month[2]-'0')*10+month[3]-'0'])
}

// Apache writes the newest version of each line of these projects at the end of each year, from the history of library/*, and of
// others from data, a clone of endoflife-date/release-data.
func Apache(repo, data string, out io.Writer) error {
	head, err := git(repo, nil, "log", "-1", "--format=%h %cs")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	_, _ = fmt.Fprintf(w, "# The newest versions of Apache's projects at the ends of years: `= tomcat` and 9.0 19:30 say that 9.0.30 was that of 2019. Mirrors only have the newest\n"+
		"# version of a line, https://www.apache.org/legal/release-policy.html#when-to-archive. Source: docker-library/official-images\n"+
		"# (Apache-2.0), library/* to %s.\n", strings.TrimSpace(head))
	for _, image := range apacheImages {
		_, _ = fmt.Fprintf(w, "= %s\n", image)
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
				_, _ = fmt.Fprintf(w, "%s%s\n", line, ended(text, "19"))
			}
		}
	}
	if err := releases(data, w); err != nil {
		return err
	}
	return w.Flush()
}
