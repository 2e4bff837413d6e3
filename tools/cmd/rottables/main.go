// Rottables generates the tables of what has vanished that come from indexes and histories:
//
//	go -C tools run ./cmd/rottables -images CLONE -clones CLONES -debian DIR
//
// CLONE is a git directory of docker-library/official-images, whose history says on which release of Debian or Alpine a
// tag was built (internal/image/systems.txt), and when which version of an Apache project was the newest
// (internal/vanished/apache.txt). CLONES has git directories OWNER+NAME/repo of the images' own repositories and of endoflife-date/release-data. DIR is where the package client keeps the indexes of Debian's releases, which it fetches if
// they are not there (internal/distro/packages.txt and brings.txt). The rows that were read elsewhere are in
// data/ here, each section with its day and source.
package main

import (
	"bytes"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

//go:embed data/names.txt
var namesText string

//go:embed data/common.txt
var commonText string

//go:embed programs.txt
var programsText string

//go:embed data/packages.txt
var packagesText string

//go:embed data/systems.txt
var systemsText string

//go:embed data/apache.txt
var apacheText string

//go:embed data/brings.txt
var bringsText string

func main() {
	images := flag.String("images", "", "a git directory of docker-library/official-images")
	clones := flag.String("clones", "", "a directory of git directories OWNER+NAME/repo, with the Dockerfiles of official images")
	debian := flag.String("debian", "", "a directory for the indexes of Debian")
	flag.Parse()
	if err := run(*images, *clones, *debian); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "rottables:", err)
		os.Exit(1)
	}
}

func run(images, clones, debian string) error {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	if images == "" || clones == "" {
		skipped("systems.txt and apache.txt stay as they are: -images names no git directory of docker-library/official-images, or -clones none")
	} else {
		var out bytes.Buffer
		if err := Systems(images, clones, &out); err != nil {
			return err
		}
		out.WriteString(systemsText)
		if err := os.WriteFile(filepath.Join(root, "internal", "image", "systems.txt"), out.Bytes(), 0o644); err != nil {
			return err
		}
		out.Reset()
		if err := Apache(images, filepath.Join(clones, "endoflife-date+release-data", "repo"), &out); err != nil {
			return err
		}
		out.WriteString(apacheText)
		if err := os.WriteFile(filepath.Join(root, "internal", "vanished", "apache.txt"), out.Bytes(), 0o644); err != nil {
			return err
		}
	}
	if debian == "" {
		skipped("packages.txt and brings.txt stay as they are: -debian names no directory")
		return nil
	}
	all, err := readSuites(debian)
	if err != nil {
		skipped("packages.txt and brings.txt stay as they are: " + err.Error())
		return nil
	}
	programs := map[string][]string{}
	for line := range strings.Lines(programsText) {
		if f := strings.Fields(line); len(f) > 1 && f[0] != "#" {
			programs[f[0]] = f[1:]
		}
	}
	absent := bytes.NewBufferString(packagesText)
	brings := bytes.NewBufferString(bringsText)
	if err := Debian(all, strings.Fields(namesText), strings.Fields(commonText), programs, absent, brings); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "internal", "distro", "packages.txt"), absent.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "internal", "distro", "brings.txt"), brings.Bytes(), 0o644)
}

// skipped says what could not be done.
func skipped(what string) { _, _ = fmt.Fprintln(os.Stderr, "rottables: SKIPPED:", what) }
