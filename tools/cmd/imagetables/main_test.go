package main

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tsv replaces bars, which are visible, with tabs.
func tsv(s string) string { return strings.ReplaceAll(s, "|", "\t") }

func compare(t *testing.T, f func(io.Reader, io.Writer) error, in, want string) {
	t.Helper()
	var out strings.Builder
	if err := f(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestCycles(t *testing.T) {
	in := tsv(`# source: somewhere, 2026-01-02
# another comment
product|cycle|eol|codename|released|eoas|eoes|lts|latest|image
python|3.13|2029-10-31||2024-10-07||||3.13.1|
python|3.1|true||2009-06-27||||3.1.5|
debian|12|2026-07-11|Bookworm|2023-06-10||2028-06-30||12.5|
debian|14|false|Forky|2027-06-10||||14|
unheard|1|2020-01-01||2019-01-01||||1|
`)
	want := `# source: somewhere, 2026-01-02
= python Python
3.13 2024-10-07 2029-10-31
3.1 2009-06-27 ended
= debian Debian
12 2023-06-10 2026-07-11 2028-06-30 bookworm
14 2027-06-10 - - forky
`
	compare(t, Cycles, in, want)
}

func TestTags(t *testing.T) {
	in := tsv(`# source: somewhere, 2026-01-02
image|tag|status
python|3.13|current
python|3.13-slim|current
python|3.13.1|current
python|3.13.1-slim|current
python|3.12|current
python|3.12-alpine3.22|2026-06-10
python|3.12-slim-bullseye|2025-08-12
python|3.12-bullseye|2025-08-11
python|3.13-bullseye|2025-08-12
python|3.13.1-bullseye|2025-08-12
python|3.13-rc-buster|2024-01-01
python|3.9-buster|2023-06-14
python|3.12-trixie|2026-01-01
python|3.12-slim-trixie|current
python|tip-a|current
python|-a|current
`)
	want := `# source: somewhere, 2026-01-02
python 3.13 3.13.1 : - slim
python 3.12 : - slim-trixie
- python alpine3.22 2026-06-10 : 3.12
- python bullseye 2025-08-12 : 3.12 3.13
`
	compare(t, Tags, in, want)
}

func TestBroken(t *testing.T) {
	for _, in := range []string{"image\ttag\tstatus\n", "# source: x\nimage\ttag\tstatus\npython\t3\n"} {
		if err := Tags(strings.NewReader(in), &strings.Builder{}); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}
