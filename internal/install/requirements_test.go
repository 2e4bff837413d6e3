package install

import "testing"

func TestDecoded(t *testing.T) {
	for src, want := range map[string]string{
		"flask==3.1.2\n":                 "flask==3.1.2\n",
		"\xef\xbb\xbfa==1":               "a==1",
		"\xff\xfea\x00=\x00=\x001\x00":   "a==1",
		"\xfe\xff\x00a\x00=\x00=\x001":   "a==1",
		"\xff\xfea\x00=\x00=\x001\x00\n": "a==1",
		"":                               "",
	} {
		if got := decoded([]byte(src)); got != want {
			t.Errorf("decoded(%q) = %q, want %q", src, got, want)
		}
	}
}
