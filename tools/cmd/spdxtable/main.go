// Command spdxtable writes the ids of internal/spdx, as github.com/github/go-spdx has them from the SPDX License List.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"
)

func main() {
	to := flag.String("o", "../internal/spdx/ids.txt", "the `file` to write")
	flag.Parse()
	if err := os.WriteFile(*to, []byte(table()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "spdxtable:", err)
		os.Exit(1)
	}
}

func table() string {
	licences := append(spdxlicenses.GetLicenses(), spdxlicenses.GetDeprecated()...)
	return fmt.Sprintf("SPDX License List %s (CC0-1.0), as in github.com/github/go-spdx; tools/cmd/spdxtable writes it.\n\n%s\n\n%s\n",
		spdxlicenses.LicenseListVersion(), strings.Join(licences, "\n"), strings.Join(spdxlicenses.GetExceptions(), "\n"))
}
