package app_test

import (
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
)

func TestWrites(t *testing.T) {
	for _, test := range []struct {
		name, src string
		want      []app.Write
		unread    bool
	}{
		{name: "app.py", src: "open('a.log', 'a')\nopen('b.txt')\n", want: []app.Write{{Line: 1, Path: "a.log"}}},
		{name: "urls.py", src: "urlpatterns = [] + static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)\n"},
		{name: "settings.py", src: "MEDIA_ROOT = BASE_DIR / 'media'\n", want: []app.Write{{Line: 1}}},
		{name: "app.py", src: "# os.makedirs('x')\nos.makedirs(\"up/loads\", exist_ok=True)\n", want: []app.Write{{Line: 2, Path: "up/loads", Dir: true}}},
		{name: "app.py", src: "os.makedirs(path)\n(base / 'x').mkdir()\n", want: []app.Write{{Line: 1, Dir: true}, {Line: 2, Dir: true}}},
		{name: "app.py", src: "open(name, mode='wb')", want: []app.Write{{Line: 1}}},
		{name: "app.js", src: "fs.mkdirSync('/etc/todos', { recursive: true })", want: []app.Write{{Line: 1, Path: "/etc/todos", Dir: true}}},
		{name: "app.ts", src: "await writeFile(join(dir, name), data)", want: []app.Write{{Line: 1}}},
		{name: "app.js", src: "fs.createWriteStream(`${dir}/x`)", want: []app.Write{{Line: 1}}},
		{name: "app.js", src: "const sqlite3 = require('sqlite3').verbose();", want: []app.Write{{Line: 1}}},
		{name: "gulpfile.js", src: "fs.writeFileSync('a.css', css)"},
		{name: "page.tsx", src: "export default () => <p>open</p>"},
		{name: "main.go", src: "package main\n\nvar f, _ = os.Create(\"out.csv\")\n", want: []app.Write{{Line: 3, Path: "out.csv"}}},
		{name: "main.go", src: "package main\n\nvar f, _ = os.Open(\"in.csv\")\n"},
		{name: "src/main.rs", src: "let f = File::create(\"out\")?;", want: []app.Write{{Line: 1, Path: "out"}}},
		{name: "Data/Store.cs", src: "Directory.CreateDirectory(root);", want: []app.Write{{Line: 1, Dir: true}}},
		{name: "src/Store.java", src: "Files.writeString(path, text);", want: []app.Write{{Line: 1}}},
		{name: "index.php", src: "<?php file_put_contents('x', $y);", want: []app.Write{{Line: 1}}},
		{name: "lib/shop.ex", src: "defmodule Shop do end", unread: true},
		{name: "README", src: "nothing to read", unread: true},
	} {
		ctx, err := buildcontext.New(fstest.MapFS{test.name: {Data: []byte(test.src)}}, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		got, complete := app.New(ctx).Writes()
		if complete == test.unread {
			t.Errorf("%s: %s: complete is %t", test.name, test.src, complete)
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: %s: got %v, want %v", test.name, test.src, got, test.want)
			continue
		}
		for i, w := range test.want {
			w.File = test.name
			if got[i] != w {
				t.Errorf("%s: %s: got %v, want %v", test.name, test.src, got[i], w)
			}
		}
	}
}
