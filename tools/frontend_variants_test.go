package tools_test

import "strings"

// frontendSlips are what a slip of the keyboard inserts.
var frontendSlips = []string{
	`"`, `'`, "$", "{", "}", ":", "=", "-", "#", "%", ",", "/", "\\", "`", "[", "]", "<", " ", "\t", "0", "?", "+", "!", "@", "x", "é", "\r", "&", ".", "*",
}

// frontendSlots are what a <slot> in a template may be.
var frontendSlots = map[string][]string{
	"name": {"A", "B", "EMPTY", "NUM", "UNSET", "LATER", "PATH", "TARGETARCH", "VERSION", "Ä"},
	"plain": {
		"x", "/x", "a b", "1", "0", "a/b", "/", ".", "-x", "a:b", "/a/../b", "é", "#", "a#b", "*", "?", "[", "]", "{", "}", "!", "~", "<", "<<", ">", "a=b",
	},
	"word": {
		"<plain>", "<plain>", "<plain>", "$<name>", "${<name>}", "x$<name>", "${<name>}x", `"$<name>"`, `'$<name>'`, `"a b"`, "'a b'", `\$<name>`, `"\$<name>"`,
		"<odd>", "<odd>", "<odd>", "<odd>", `"<odd>"`, "'<odd>'", "<guard>", `"<guard>"`, "a<odd>", "<quote>", "<quote>", `x<quote>`,
	},
	"quote": {`"`, "'", `"a`, `a"`, `'a`, `a'`, `"a'`, `'a"`, `"a\"`, `'a\'`, `\"`, `\'`, `""`, `''`, `"a"b"`, `"$<name>`, `'${<name>}`, `"a${<name>`, "a\\", `"a\`},
	"odd": {
		"${<name>:0:2}", "${<name>:1}", "${<name>^^}", "${<name>^}", "${<name>,,}", "${<name>,}", "${#<name>}", "${!<name>}", "${<name>@Q}", "${<name>[0]}", "${<name>[@]}",
		"${<name>", "${", "${}", "${:}", "${:-x}", "${{<name>}}", "$", "$$", "$1", "${1}", "$?", "$!", "${?}", "$@", "$(date)", "$((1+1))", "`date`", "${<name>:=x}", "${<name>=x}",
		"${<name>:-x}", "${<name>-x}", "${<name>:+x}", "${<name>+x}", "${<name>:-$<name>}", "${<name>:-${<name>}}", "${<name>:-${<name>:-x}", "${<name>:-\"x}", "${<name>:-'x}",
		"${<name>#x}", "${<name>##*x}", "${<name>%x}", "${<name>%%x*}", "${<name>:#x}", "${<name>:%x}", "${<name>/a/b}", "${<name>//a/b}", "${<name>/a}", "${<name>/a/", "${<name>//}",
		"${<name>#\\a}", "${<name>%\\a}", "${<name>/\\a/b}", "${<name>#\\}", "${<name>#'a\\b'}", "${<name>/[/x}", "${<name>#(}", "${ <name>}", "${<name> }", "${<name>:}", "${<name>.x}", "${<name>~}",
		"${<name>!}", "${<name>:!x}", "${<name>&}", "${<name>:-a b}", "${templateOption:<name>}", "${0}", "${-}", "${*}", "${<name>:- }", "${<name>$<name>}", "${$<name>}", "${\"<name>\"}", "${-x}", "${#}", "${##}",
	},
	"guard": {"${<name>:?}", "${<name>?}", "${<name>:?msg}", "${<name>?msg}", "${<name>:?set $<name>}", "${<name>:?${<name>:0:1}}", "${<name>:?\"}", "${<name>:-${<name>:?msg}}", "${<name>:+${<name>:?msg}}"},
	"sig": {
		"SIGTERM", "TERM", "sigterm", "Term", "9", "0", "-1", "15", "64", "65", "999", "SIGFOO", "SIGRTMIN+3", "SIGRTMIN", "RTMAX-1", "SIGSIGTERM", "SIG", "SIGTERM ", "KILL", "SIGWINCH", "SIGQUIT # x",
		"+9", "1.5", "0x9", "SIGSTKFLT", "CLD", "SIGRTMAX-14", "SIGRTMIN+16", "\"SIGTERM\"", "$NUM", "$A", "$EMPTY", "${UNSET}", "<word>", "EMT", "SIGIOT", "IO", "SIGPWR", "INFO", "99999999999999999999",
	},
	"mode": {
		"644", "0755", "7777", "07777", "10000", "888", "u+x", "a=r,u=rw", "u=rwX,go=rX", "+x", "u", "rwx", "0o644", "-644", "u+q", "=", ",", "u+x,", "644x", "1e3", "99999999999", "\"755\"", "$NUM", "$A",
		"g=u", "u+x-w", "ug+rX", "o=", "u+s", "+t", "a+rwxst", "777 ", "", "<word>", "u=rwx,g=rx,o=", "u+X,", "u++x", "z+x", "4755", "037777777777", "040000000000",
	},
	"own": {"app", "app:app", "0:0", "1000", "1000:1000", ":1000", ":app", "root", "root:root", "1000:", "app:", ":", "$NUM", "$A:$A", "-1:-1", "4294967295", "2147483648", "", "<word>", "a:b:c", "1:2:3"},
	"sum": {
		"sha256:0123456789012345678901234567890123456789012345678901234567890123", "sha256:01234", "md5:0123", "sha256:", "x", "sha512:00", "SHA256:0123456789012345678901234567890123456789012345678901234567890123",
		"0123456789012345678901234567890123456789", "$A", "<word>", "", "sha384:000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000", "sha256:012345678901234567890123456789012345678901234567890123456789012G",
		"blake3:0123", "sha1:0123456789012345678901234567890123456789", "sha256+b64:x",
	},
	"url": {
		"https://example.com/a.tar.gz", "http://example.com/", "https://example.com", "HTTP://example.com/a", "ftp://example.com/a", "https://exa mple.com/a", "https://example.com/%zz", "https://example.com:port/a",
		"https://github.com/a/b.git", "https://github.com/a/b.git#main", "https://github.com/a/b.git#main:sub", "https://github.com/a/b.git?ref=main", "https://github.com/a/b.git?foo=1", "https://github.com/a/b.git?tag=v1&branch=x",
		"https://github.com/a/b.git?ref=", "https://github.com/a/b.git?ref=a&ref=b", "https://github.com/a/b.git?submodules=maybe", "https://github.com/a/b.git?submodules", "https://github.com/a/b.git?keep-git-dir=x",
		"https://github.com/a/b.git?keep-git-dir=true", "https://github.com/a/b.git?mtime=x", "https://github.com/a/b.git?mtime=commit", "https://github.com/a/b.git?fetch-by-commit=2", "https://github.com/a/b.git?fetch-by-commit=1&checksum=abcd",
		"https://github.com/a/b.git?ref=x#y", "https://github.com/a/b.git?subdir=x#main:y", "https://github.com/a/b.git?tag=v1#v2", "https://github.com/a/b.git?branch=v1#v2", "https://github.com/a/b.git?branch=v1&tag=v1",
		"https://github.com/a/b.git?checksum=0123456789012345678901234567890123456789", "git@github.com:a/b.git", "git@github.com:a/b.git#x:y", "git@github.com:a/b.git?foo=1", "git://github.com/a/b", "ssh://git@github.com/a/b.git",
		"git://github.com/a/b?x=y", "ssh://git@github.com/a/b?ref=", "github.com/a/b", "github.com/a/b?foo=1", "github.com/a b", "github.com/a/b.git#x", "github.com/%zz", "./git@github.com:a/b", "$A", "https://$A/x", "https://github.com/a/b.git?ref=$A",
		"https://github.com/a/b.git?<word>", "git@<word>:x", "user@host:path", "a@b:c?x=1", "http://github.com/a/b.git?mtime=", "https://github.com/a/b.git?%zz", "https://github.com/a/b.git?a=1;b=2", "file:///x", "https:///x.git?x=1",
	},
	"dur": {
		"30s", "1m30s", "0", "0s", "500us", "1ms", "1ns", "-1s", "30", "30sec", "1d", "", "1h", "1.5s", ".5s", "5 s", "abc", "$A", "\"30s\"", "999999999h", "1µs", "1us", "0.5ms", "+5s", "s", "1s1", "1ms1us",
	},
	"count": {"3", "0", "-1", "1.5", "abc", "", "99999999999", "+3", "03", "0x3", "3 ", "\"3\"", "2147483647", "2147483648", "3x"},
	"port": {
		"80", "80/tcp", "80/TCP", "80/udp", "80/foo", "80/", "/tcp", "0", "65535", "65536", "-1", "8000-8010", "8010-8000", "8000-", "-8000", "8000-8000", "80:80", "80:81/tcp", "127.0.0.1:80:80", "x:80:80", "[::1]:80:80", "[::1:80:80",
		"::1:80:80", "80-81:80-81", "80-82:80-81", "80-82:80", ":80", "80:", "a", "http", "$NUM", "$A", "${EMPTY}", "$UNSET", "80,81", "80.", "0x50", "+80", "1e3", "<word>", "80/tcp/udp", "80-81-82", "\"80\"", "'80 81'", "99999999999999999999",
		"#", "80#", "[::]:80:80", "[a]:80:80", "[]:80:80", "]:80:80", "[1.2.3.4]:80:80", "[::1]x:80:80", "fe80::1%eth0:80:80", "1.2.3:80:80", "01.2.3.4:80:80", "a:b:80:80", "1:x:80", "$A:80", "80-x", "80/$A", "٣",
	},
	"platform": {
		"linux/amd64", "linux", "amd64", "linux/arm/v7", "linux/arm64/v8", "windows/amd64", "foo", "linux/foo", "linux/arm/v7/x", "linux//amd64", "/", "linux/", "", "$BUILDPLATFORM", "$TARGETPLATFORM", "linux/$TARGETARCH", "$UNSET", "${TAG}",
		"linux/x86_64", "aarch64", "LINUX/AMD64", "linux/amd 64", "linux/am\"d64", "linux(1.0)/amd64", "windows(10.0.17763)/amd64", "linux/amd64,linux/arm64", "<word>", "i386", "darwin", "linux_amd64", "linux/é", "mac/x", "wasi/wasm", "freebsd", "linux/arm/", "linux/arm/v8",
		"linux(/amd64", "linux()/amd64", "linux(1+f)/amd64", "linux(a b)/amd64", "linux()", "linux(10.0)", "arm", "armhf", "mips64le", "macos/arm64", "unknown", "unknown/unknown", "riscv64", "$TARGETVARIANT", "${TARGETOSVERSION}",
	},
	"ref": {
		"alpine", "alpine:3.20", "scratch", "Alpine", "alpine:", "alpine:3.20:1", "alpine@sha256:0", "alpine@sha256:0123456789012345678901234567890123456789012345678901234567890123", "registry.example/a/b:c", "registry.example:5000/a", "a//b", "/a", "a/",
		"-a", "a_b", "a__b", "a___b", "a..b", ".a", "alpine:-x", "alpine:x y", "$A", "${TAG}", "alpine:$TAG", "alpine:${TAG}", "alpine:$UNSET", "$UNSET", "${UNSET:-alpine}", "${UNSET:?no}", "<word>", "alpine:<word>", "build", "Build", "BUILD", "0",
		"0123456789012345678901234567890123456789012345678901234567890123", "alpine:$OTHER", "a:é", "É", "alpine#x", "alpine\\:3", "\"alpine\"", "'alpine'", "https://x/y", "$TARGETARCH/alpine", "localhost/a", "Registry.Example/a", "A.b/c", "A/b", "docker.io/alpine", "docker.io/",
		"alpine:0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789", "alpine@md5:0123", "context", "alpine:3@x", "REPLACE-ME", "$EMPTY", "${EMPTY}alpine",
	},
	"from": {"build", "Build", "0", "1", "2", "-1", "99", "later", "alpine", "Alpine", "alpine:3", "$A", "${A}", "$", "a$", "a b", "\"build\"", "bu'ild", "'build'", "scratch", "", "context", "own", "registry.example/x:y", "a//b", "a:b:c", "\\build", "<word>", "+0", "00", "0x0", "/x"},
	"key": {
		"type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw", "id", "sharing", "required", "size", "mode", "uid", "gid", "env", "foo", "TYPE", "Target", "dest", "typ", "", " type", "sourc",
	},
	"mountvalue": {
		"bind", "cache", "tmpfs", "secret", "ssh", "foo", "CACHE", "/x", "x", ".", "", "true", "false", "yes", "1", "0", "shared", "private", "locked", "PRIVATE", "0644", "888", "1000", "-1", "4294967296", "1g", "10x", "1.5m", "build", "Build", "later", "99", "alpine", "$A", "$NUM",
		"$UNSET", "<word>", "a b", "\"x\"", "/", "//", "..", "../x", "scratch", "Alpine", "own",
	},
	"field": {
		"type=<mounttype>", "type=<mounttype>", "<key>=<mountvalue>", "<key>=<mountvalue>", "<key>", "target=/x", "target=/x", "dst=x", "source=a", "src=/", "from=<from>", "from=build", "ro", "rw", "required", "required=true", "required=x", "size=1m", "size=x", "id=a", "id=$A", "id=<word>",
		"sharing=locked", "sharing=foo", "mode=0600", "mode=9", "mode=x", "uid=0", "uid=x", "gid=0", "gid=-1", "env=A", "env", "readonly=<bool>", "rw=<bool>", "\"target=/a,b\"", "\"", "a\"b", "target=<word>", "target=/", "target=", "source=<word>", "target=.", "target=a", "target=$EMPTY", "target=$UNSET",
		"from=$A", "from=a$", "FROM=build", "",
	},
	"mounttype": {"bind", "cache", "tmpfs", "secret", "ssh", "Bind", "foo", "", "$A", "$UNSET", "volume", "${T:-cache}", "<word>"},
	"bool":      {"true", "false", "1", "0", "t", "yes", "", "TRUE", "True", "tRUE", "$NUM"},
	"mount":     {"<field>", "<field>,<field>", "<field>,<field>", "type=<mounttype>,<field>", "type=<mounttype>,<field>,<field>", "type=<mounttype>,target=/x,<field>", "type=secret,<field>,<field>", "type=cache,target=/x,<field>,<field>", "type=ssh,<field>", "type=secret,source=a,id=<plain>", "type=ssh,source=<mountvalue>", "type=tmpfs,<field>,<field>", "type=bind,<field>,<field>"},
	"device":    {"vendor.com/a=b", "name=a,required", "name=a,name=b", "a,name=b", "required=x", "required", "a,b", "a,foo=b", "", "\"", "name=a,requird=true", "a,required=$A", "NAME=a"},
	"flag": {
		"--chmod=<mode>", "--chown=<own>", "--link", "--link=<bool>", "--checksum=<sum>", "--from=<from>", "--parents", "--exclude=<word>", "--exclude", "--keep-git-dir", "--keep-git-dir=<bool>", "--unpack", "--unpack=<bool>", "--chmod", "--chown", "--foo", "--chwon=x", "--", "--=", "--link --link",
		"--chmod=755 --chmod=644", "-x", "--\"chmod\"=755", "--chmod=\"755\"", "--CHMOD=755", "--from", "--platform=linux", "---", "--chown=\"a b\"", "--ch\\mod=755", "--exclude=", "--link=\"\"",
	},
	"json": {
		`["a","b"]`, `["a"]`, `[]`, `[""]`, `["a",1]`, `[1]`, `["a",["b"]]`, `["a",null]`, `["a" "b"]`, `['a','b']`, `["a","b"`, `["a"]x`, `[ "a" , "b" ]`, `["$A","/x"]`, `["${A:0:1}","/x"]`, `["a\"b","c"]`, `["a\q"]`, `["a'","/b"]`, `["a","'"]`, `[true]`, `{"a":"b"}`, `["a",{}]`,
		`["\u0022","/x"]`, `["${B:?m}","/b"]`, `[" ","a"]`, `["a","$EMPTY"]`, `["$EMPTY"]`, `["","a"]`, `["https://x/y","/b"]`,
	},
	"body":    {"x", "$A", "${A:0:1}", "'", "\"", "${B:?m}", "${A", "$", "\\$A", "${UNSET}", "${}", "a\nb", "#!/bin/sh\ntrue", "", "${A#\\a}", "<word>"},
	"opener":  {"<<EOF", "<<'EOF'", "<<\"EOF\"", "<<-EOF", "<< EOF", "3<<EOF", "<<EOF\\", "<<$A", "<<E'O'F", "<<EOF'", "<<", "<<EOF x", "<<\\EOF", "<<${A:0:1}", "<<EOF<<X", "<EOF"},
	"stage":   {"build", "Build", "0a", "a b", "a$b", "$A", "é", "-", "a-b", "a_b.c", "scratch", "context", "", "\"a\"", "a#", "A"},
	"check":   {"skip=all", "skip=A,B", "error=true", "error=x", "error", "skip", "foo=1", "experimental=all", "experimental=A", "skip=all;error=true", "skip=all; error=yes", "", ";", "skip=all;error=true;experimental=all;x=1", "skip = all", "SKIP=all", "error=", "skip=", "<plain>", "skip=all error=x", "error=FALSE", "skip=all,error=true"},
	"epoch":   {"0", "1", "-1", "x", "", "context", "build", "$A", "\"1\"", "1.5", "99999999999999999999"},
	"onbuild": {"FOO", "ENV A", "ARG", "COPY a", "COPY --foo a b", "STOPSIGNAL <sig>", "EXPOSE <port>", "VOLUME <word>", "RUN --mount=<mount> x", "RUN <<EOF\n<body>\nEOF", "CMD [1]", "HEALTHCHECK --interval=<dur> CMD x", "WORKDIR <word>", "COPY --chmod=<mode> a /b", "ADD <url> /b", "SHELL x", "ARG A=<word>", "LABEL a=<word>", "USER <word>", "RUN true \\\n  && x", "COPY --from=base /a /b", "RUN <json>", "RUN []", "COPY <<EOF /b\n<body>\nEOF"},
	"from3":   {"AS <stage>", "as <stage>", "<stage>", "AS", "AS a b", "IS a", "# comment", "# c d", "\\"},
}

// frontendTemplates are instructions of a stage.
var frontendTemplates = []string{
	"ENV <name>=<word>", "ENV <name>=<word> B=<word>", "ENV <name> <word>", "ENV <word>=<word>", "ENV A", "ENV", "ENV =x", "ENV A=1 B", "ENV <word>", "ENV A=<quote>", "ENV A =1", "ENV A=<word>\\\n  B=<word>", "ENV <flag> A=1",
	"LABEL a=<word>", "LABEL <word>=<word>", "LABEL a <word>", "LABEL a", "LABEL =x", "LABEL \"a b\"=c d", "LABEL a=<quote>", "LABEL a=<word> b", "LABEL <flag> a=1",
	"ARG <name>", "ARG <name>=<word>", "ARG <word>", "ARG", "ARG =x", "ARG <name>=<word> B=<word>", "ARG A B C", "ARG <word>=<word>", "ARG <name> = x", "ARG <name>=<guard>", "ARG <flag> A", "ARG A=<quote>",
	"USER <word>", "USER <own>", "USER", "USER <flag> x", "USER <word> # c", "WORKDIR <word>", "WORKDIR", "WORKDIR /a b", "WORKDIR <flag> /x", "WORKDIR $UNSET", "WORKDIR <word>\nRUN true",
	"VOLUME <word>", "VOLUME <word> <word>", "VOLUME <json>", "VOLUME", "VOLUME $EMPTY", "VOLUME \"\"", "VOLUME $UNSET /a", "VOLUME <flag> /x", "VOLUME [\" \"]",
	"EXPOSE <port>", "EXPOSE <port>", "EXPOSE <port> <port>", "EXPOSE", "EXPOSE [\"80\"]", "EXPOSE <flag> 80", "EXPOSE <word>", "EXPOSE 80 <port> 81",
	"STOPSIGNAL <sig>", "STOPSIGNAL <sig>", "STOPSIGNAL", "STOPSIGNAL TERM KILL", "STOPSIGNAL --x TERM",
	"SHELL <json>", "SHELL /bin/sh -c", "SHELL", "SHELL <flag> [\"a\"]", "SHELL <json>\nRUN x",
	"RUN []", "CMD <json>", "CMD <word>", "CMD", "CMD <flag> x", "ENTRYPOINT <json>", "ENTRYPOINT <word>", "ENTRYPOINT", "ENTRYPOINT <flag> x", "RUN <json>", "RUN <word>", "RUN",
	"MAINTAINER <word>", "MAINTAINER", "MAINTAINER a b", "MAINTAINER --x y",
	"HEALTHCHECK --interval=<dur> CMD x", "HEALTHCHECK --timeout=<dur> --retries=<count> CMD x", "HEALTHCHECK --start-period=<dur> CMD x", "HEALTHCHECK --start-interval=<dur> CMD x", "HEALTHCHECK --retries=<count> CMD x",
	"HEALTHCHECK CMD <json>", "HEALTHCHECK CMD <word>", "HEALTHCHECK CMD", "HEALTHCHECK NONE", "HEALTHCHECK NONE x", "HEALTHCHECK none", "HEALTHCHECK --interval=<dur> NONE", "HEALTHCHECK curl x", "HEALTHCHECK", "HEALTHCHECK --interval <dur> CMD x", "HEALTHCHECK <flag> CMD x",
	"COPY <word> <word>", "COPY a <word>", "COPY <word> /b", "COPY a", "COPY", "COPY <json>", "COPY <flag> a /b", "COPY <flag> <flag> a /b", "COPY --from=<from> /a /b", "COPY --from=<from> <flag> /a /b", "COPY <url> /b", "COPY --chmod=<mode> a /b", "COPY --chown=<own> a /b",
	"COPY --link --chown=<own> a /b", "COPY --link=<bool> --chown=<own> a /b", "COPY --parents <word> /b", "COPY --exclude=<word> a /b", "COPY <opener> /b\n<body>\nEOF", "COPY <opener> <opener> /b\n<body>\nEOF", "COPY a <opener>\n<body>\nEOF", "COPY --chmod=<mode> <<EOF /b\n<body>\nEOF",
	"COPY <<EOF <word>\n<body>\nEOF", "COPY \"<word>\" /b", "COPY --from=<from> --link --chown=<own> /a /b", "COPY --from=later /a /b", "COPY a \\\n  <word>", "COPY <<A <<B /c\n<body>\nA\n<body>\nB", "COPY --from=<from> <url> /b", "COPY --from=build <<EOF /b\n<body>\nEOF",
	"ADD <word> <word>", "ADD <url> /b", "ADD <url> <url> /b", "ADD <url> /b", "ADD --checksum=<sum> <url> /b", "ADD --checksum=<sum> <url> /b", "ADD --checksum=<sum> a /b", "ADD --checksum=<sum> <url> <url> /b", "ADD --keep-git-dir=<bool> <url> /b", "ADD --chmod=<mode> <url> /b", "ADD --chown=<own> a /b",
	"ADD --link --chown=<own> <url> /b", "ADD <flag> a /b", "ADD <flag> <flag> <url> /b", "ADD a", "ADD", "ADD <json>", "ADD --unpack=<bool> <url> /b", "ADD <opener> /b\n<body>\nEOF", "ADD --keep-git-dir <url> /b", "ADD --checksum=<sum> <<EOF /b\n<body>\nEOF", "ADD --checksum=<sum> $A /b",
	"RUN --mount=<mount> true", "RUN --mount=<mount> true", "RUN --mount=<mount> true", "RUN --mount=<mount> true", "RUN --mount=<mount> --mount=<mount> true", "RUN --mount true", "RUN --mount= true", "RUN --mount=<mount> <json>", "RUN --mount=<mount> <<EOF\n<body>\nEOF", "WORKDIR /w\nRUN --mount=<mount> true",
	"RUN --mount=type=cache,\\\n  <field> true", "RUN --mount=\"<mount>\" true", "RUN --mount='<mount>' true",
	"RUN --network=<mountvalue> x", "RUN --network=none x", "RUN --network=host x", "RUN --network x", "RUN --network=$A x", "RUN --security=<mountvalue> x", "RUN --security=insecure x", "RUN --security=sandbox x", "RUN --device=<device> x", "RUN --foo x", "RUN <flag> x", "RUN --mount=<mount> --network=none --security=insecure x",
	"RUN <opener>\n<body>\nEOF", "RUN cat <opener> <opener>\n<body>\nEOF", "RUN <opener>\n<body>", "RUN x <opener>\n<body>\nEOF\nRUN y", "RUN x \\\n  <opener>\n<body>\nEOF", "CMD <opener>\n<body>\nEOF",
	"ONBUILD ENV A=<word>", "ONBUILD COPY <flag> a /b", "ONBUILD ONBUILD RUN x", "ONBUILD FROM x", "ONBUILD MAINTAINER x", "ONBUILD", "ONBUILD FOO", "ONBUILD RUN --mount=<mount> x", "ONBUILD STOPSIGNAL <sig>", "ONBUILD EXPOSE <port>", "ONBUILD ENV A", "ONBUILD ARG", "ONBUILD COPY a", "ONBUILD HEALTHCHECK --interval=<dur> CMD x",
	"ONBUILD COPY --from=<from> a /b", "ONBUILD RUN <opener>\n<body>\nEOF", "ONBUILD CMD <json>", "ONBUILD --x RUN y", "ONBUILD LABEL a=<quote>", "ONBUILD VOLUME <json>", "ONBUILD onbuild run x", "ONBUILD USER", "ONBUILD ADD <url> /b", "ONBUILD SHELL x",
	"FOO x", "foo", "COPPY a b", "RUNx", "=", "#", "&& x", "- x", "{{ if }}", "FROM", "<<<<<<< HEAD", "", "env", "Env A=<word>", "copy <flag> a /b", "run --mount=<mount> true", "expose <port>",
}

// frontendFrames are files that build with any good instruction for @.
var frontendFrames = []string{
	"FROM alpine:3.20\nARG UNSET\nENV A=1 EMPTY= NUM=9\n@\nRUN true\n",
	"FROM alpine:3.20\n@\n",
	"FROM debian:13\nARG A=b\nARG NUM=9\n@\n",
	"FROM scratch\nENV A=x NUM=2\n@\nCOPY a /c\n",
	"FROM busybox AS build\nRUN true\nFROM alpine:3.20 AS own\nENV A=1\n@\nCOPY --from=build /a /b\n",
	"FROM busybox AS build\nENV A=1\n@\nFROM alpine:3.20\nCOPY --from=build /a /b\nFROM build\n",
	"FROM busybox AS build\nENV A=1\n@\nFROM alpine:3.20 AS own\nRUN true\n",
	"FROM busybox AS build\nENV A=1\nFROM build AS own\n@\nFROM build AS later\nRUN true\nFROM own\nRUN true\n",
	"ARG A=1\nARG NUM\nFROM busybox AS build\nFROM alpine:3.20 AS own\nARG A\nARG NUM\n@\n",
	"FROM busybox AS build\nFROM alpine:3.20 AS own\nRUN --mount=from=build,target=/x true\n@\nFROM busybox AS later\nRUN true\nFROM own\n",
	"FROM private.example/a:1\nENV A=1\n@\n",
	"FROM private.example/a:1\n@\n",
	"# escape=`\nFROM alpine:3.20\nENV A=1\n@\nRUN true\n",
	"FROM alpine:3.20\nENV A=1\nWORKDIR /w\n\n# a comment\n@\n# another\nCMD [\"x\"]\n",
	"from alpine:3.20 as build\nenv A=1\n@\n",
}

// frontendFroms are the first stage of a file.
var frontendFroms = []string{
	"FROM <ref>", "FROM <ref>", "FROM <ref>", "FROM --platform=<platform> alpine:3.20", "FROM --platform=<platform> <ref>", "FROM alpine:3.20 <from3>", "FROM <ref> <from3>", "FROM --platform alpine", "FROM --foo=x alpine", "FROM --platform=linux --platform=linux alpine", "FROM", "FROM --platform=<platform> scratch",
	"FROM alpine:3.20 \\\n  AS <stage>", "FROM \"<ref>\"", "FROM --platform=\"<platform>\" alpine:3.20", "FROM busybox AS build\nFROM <ref>", "FROM busybox AS build\nFROM --platform=<platform> build", "FROM alpine:3.20 AS <stage>\nRUN true\nFROM <stage>", "FROM -- alpine", "FROM --platform=<platform> -- alpine", "from <ref> <from3>",
}

// frontendFiles are whole files.
var frontendFiles = []string{
	"", "ARG A=1\n", "# only a comment\n", "FROM alpine:3.20\n" + "LABEL a=" + strings.Repeat("x", 65536) + "\n", "FROM alpine:3.20\nADD --keep-git-dir=<bool> https://github.com/a/b.git?keep-git-dir=<bool> /b\n",
	"# escape=<plain>\nFROM alpine:3.20\n", "# escape=`\n# escape=\\\nFROM alpine:3.20\n", "# syntax=docker/dockerfile:1\n# syntax=docker/dockerfile:1\nFROM alpine:3.20\n", "# check=<check>\nFROM alpine:3.20\n", "# check=<check>;<check>\nFROM alpine:3.20\n", "# check=skip=all\n# check=skip=all\nFROM alpine:3.20\n",
	"# escape=`\n# check=<check>\nFROM alpine:3.20\n", "#check=<check>\nFROM alpine:3.20\nRUN true\n", "\ufeff# check=<check>\nFROM alpine:3.20\n", "# a comment\n# check=<check>\nFROM alpine:3.20\n", "FROM alpine:3.20\n# check=<check>\nRUN true\n", "#!/bin/sh\n# check=<check>\nFROM alpine:3.20\n",
	"ENV A=<word>\nFROM alpine:3.20\n", "ARG A=<word>\nFROM alpine:3.20\n", "ARG A=<word> B=<word>\nFROM alpine:3.20\n", "ARG <name>=<word>\nARG B=<word>\nFROM alpine:3.20\nARG <name>\n", "RUN true\nFROM alpine:3.20\n", "ARG SOURCE_DATE_EPOCH=<epoch>\nFROM alpine:3.20\n",
	"FROM alpine:3.20 AS a\nCOPY --from=b /a /a\nFROM alpine:3.20 AS b\nCOPY --from=a /a /a\n", "FROM alpine:3.20 AS a\nCOPY --from=<from> /a /a\n", "FROM alpine:3.20 AS a\nRUN --mount=from=a,target=/x true\n", "FROM alpine:3.20 AS a\nRUN --mount=from=b,target=/x true\nFROM alpine:3.20 AS b\nRUN --mount=from=a,target=/x true\n",
	"FROM alpine:3.20 AS a\nCOPY --from=b /a /a\nFROM alpine:3.20 AS b\nFROM a\n", "FROM alpine:3.20 AS a\nRUN --mount=from=b,target=/x true\nFROM alpine:3.20 AS b\nFROM a\n", "FROM alpine:3.20 AS a\nCOPY --from=b /a /a\nFROM a AS b\n", "FROM alpine:3.20 AS a\nCOPY --from=b /a /a\nFROM a AS b\nFROM alpine:3.20\n",
	"FROM scratch AS src\nADD <url> /\nFROM alpine:3.20\n", "FROM alpine:3.20 AS base\nONBUILD COPY --from=<from> /a /b\nFROM base\n", "FROM alpine:3.20 AS base\nONBUILD ENV A=<word>\nFROM base\nRUN true\n", "FROM alpine:3.20 AS base\nONBUILD <onbuild>\nFROM base\nRUN true\n", "FROM alpine:3.20 AS base\nONBUILD <onbuild>\nFROM base AS b\nFROM alpine:3.20\n",
	"FROM alpine:3.20 AS base\nENV A=1\nFROM base\nENV B=<word>\n", "FROM alpine:3.20\nENV LATER=<word>\nENV A=$LATER\n", "FROM alpine:3.20\nARG LATER=<word>\nSTOPSIGNAL $LATER\n", "FROM alpine:3.20\nENV LATER=<sig>\nSTOPSIGNAL $LATER\n", "FROM alpine:3.20\nENV LATER=<port>\nEXPOSE $LATER\n", "FROM alpine:3.20\nENV LATER=<mode>\nCOPY --chmod=$LATER a /b\n",
	"FROM alpine:3.20\nENV LATER=<url>\nADD $LATER /b\n", "FROM alpine:3.20\nENV LATER=<mounttype>\nRUN --mount=type=$LATER,target=/x true\n", "FROM alpine:3.20\nENV LATER=<mountvalue>\nRUN --mount=type=cache,target=$LATER true\n", "ARG LATER=<platform>\nFROM --platform=$LATER alpine:3.20\n", "ARG LATER=<ref>\nFROM $LATER\n",
	"FROM alpine:3.20\nWORKDIR <word>\nRUN --mount=type=cache,target=<mountvalue> true\n", "FROM private.example/a:1\nRUN --mount=type=cache,target=<mountvalue> true\n",
	"FROM alpine:3.20\nRUN <<EOF\n<body>\n", "FROM alpine:3.20\nRUN x \\\n", "FROM alpine:3.20\nRUN x \\\n\n# c\n", "FROM alpine:3.20\nCOPY <<A <<B /c\n<body>\nB\n<body>\nA\n",
}
