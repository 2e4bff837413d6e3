package parser_test

import "testing"

// FuzzParse holds that no input crashes us and that we read what BuildKit reads.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"FROM alpine:3.22\n",
		"\xEF\xBB\xBF# syntax=docker/dockerfile:1\r\n# escape=`\r\nFROM a AS b\r\nRUN x `\r\n  # c\r\n\r\n  y",
		"FROM a\nRUN <<EOF cat <<-\"X Y\"\na\nEOF\n\tb\n\tX Y\nCOPY <<A <<B /x\nA\nB\n",
		"FROM a\nENV a b  c\nENV a=\"b c\" d='e f' g=h\\ i\nLABEL x=y\nARG a b=c\n",
		"FROM a\nCMD [\"a\", \"b\\\"c\"]\nHEALTHCHECK --interval=5s CMD [\"x\"]\nHEALTHCHECK CMD curl x\nHEALTHCHECK NONE\n",
		"FROM a\nONBUILD RUN <<E\nx\nE\nONBUILD ONBUILD RUN x\nONBUILD COPY --from=a [\"b c\", \"d\"]\n",
		"FROM a\nRUN --mount=type=cache,target=/x --network=none echo \\\n # c\n\\\n b\\\\\nEXPOSE 80 90/udp\nVOLUME [\"/a\"]\n",
		"FORM a\nRUN\nCOPY a\nRUN <<X\nnever\nUSER x\n",
		"{{ template }}\n",
		"\\\n  FROM a\nRUN a\\ \\\n\nUSER \\",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) { agree(t, src) })
}
