// Command npmpackages turns what GoReleaser built into npm packages: one for each platform with its binary, and `dockvet`, which
// depends on all of them as optional dependencies, so that npm only installs the one that fits.
//
//	go run ./cmd/npmpackages -dist ../dist -out ../dist/npm
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dist := flag.String("dist", "../dist", "the `directory` that GoReleaser wrote")
	out := flag.String("out", "../dist/npm", "the `directory` to write the packages to; must not exist")
	flag.Parse()
	if err := run(*dist, *out); err != nil {
		fmt.Fprintln(os.Stderr, "npmpackages:", err)
		os.Exit(1)
	}
}

// artifact is an entry of GoReleaser's artifacts.json. Its paths are relative to the directory above dist.
type artifact struct {
	Name, Path, Type, Goos, Goarch string
}

// manifest is the package.json of a package.
type manifest struct {
	Name                 string            `json:"name"`
	Version              string            `json:"version"`
	Description          string            `json:"description"`
	Homepage             string            `json:"homepage"`
	License              string            `json:"license"`
	Repository           map[string]string `json:"repository"`
	OS                   []string          `json:"os,omitempty"`
	CPU                  []string          `json:"cpu,omitempty"`
	Bin                  map[string]string `json:"bin,omitempty"`
	Files                []string          `json:"files"`
	OptionalDependencies map[string]string `json:"optionalDependencies,omitempty"`
	Engines              map[string]string `json:"engines,omitempty"`
}

func run(dist, out string) error {
	var meta struct{ Version string }
	if err := read(filepath.Join(dist, "metadata.json"), &meta); err != nil {
		return err
	}
	var artifacts []artifact
	if err := read(filepath.Join(dist, "artifacts.json"), &artifacts); err != nil {
		return err
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s exists", out)
	}
	root := filepath.Dir(filepath.Clean(dist))
	platforms := map[string]string{} // package to version
	for _, a := range artifacts {
		if a.Type != "Binary" {
			continue
		}
		// Node's names of systems and processors: https://nodejs.org/api/process.html
		system := map[string]string{"windows": "win32"}[a.Goos]
		if system == "" {
			system = a.Goos
		}
		cpu := map[string]string{"amd64": "x64"}[a.Goarch]
		if cpu == "" {
			cpu = a.Goarch
		}
		m := newManifest("@dockvet/"+system+"-"+cpu, meta.Version)
		m.Description = "The binary of dockvet for " + system + " on " + cpu
		m.OS, m.CPU, m.Files = []string{system}, []string{cpu}, []string{a.Name}
		if err := write(filepath.Join(out, system+"-"+cpu), m, filepath.Join(root, a.Path), root); err != nil {
			return err
		}
		platforms[m.Name] = m.Version
	}
	if len(platforms) == 0 {
		return fmt.Errorf("%s names no binary", filepath.Join(dist, "artifacts.json"))
	}
	m := newManifest("dockvet", meta.Version)
	m.Description = "Vets Dockerfiles, with the build context and the application in it"
	m.Bin, m.Files = map[string]string{"dockvet": "dockvet.js"}, []string{"dockvet.js"}
	m.OptionalDependencies, m.Engines = platforms, map[string]string{"node": ">=18"}
	return write(filepath.Join(out, "dockvet"), m, filepath.Join(root, "release", "npm", "dockvet.js"), root)
}

func newManifest(name, version string) manifest {
	const page = "https://github.com/dockvet/dockvet"
	return manifest{
		Name: name, Version: version, Homepage: page, License: "Apache-2.0",
		Repository: map[string]string{"type": "git", "url": "git+" + page + ".git"},
	}
}

// write creates the package m in dir with the program, and the licence and notice from root.
func write(dir string, m manifest, program, root string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	for src, mode := range map[string]os.FileMode{
		program: 0o755, filepath.Join(root, "LICENSE"): 0o644, filepath.Join(root, "NOTICE"): 0o644,
	} {
		text, err := os.ReadFile(src)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(src)), text, mode); err != nil {
			return err
		}
	}
	return nil
}

// read decodes the JSON file at path into v.
func read(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
