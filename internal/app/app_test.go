package app_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
)

func open(t *testing.T, files string) *app.App {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(files)).Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	ctx, err := buildcontext.New(fsys, "")
	if err != nil {
		t.Fatal(err)
	}
	return app.New(ctx)
}

func show(listens []app.Listen) []string {
	var out []string
	for _, l := range listens {
		s := fmt.Sprintf("%s:%d %s %s:%d", l.File, l.Line, l.Framework, l.Host, l.Port)
		for _, x := range []struct {
			on   bool
			text string
		}{{l.Env != "", " $" + l.Env}, {l.Debug, " debug"}, {l.Guarded, " guarded"}, {l.Library, " library"}} {
			if x.on {
				s += x.text
			}
		}
		out = append(out, s)
	}
	return out
}

func TestListens(t *testing.T) {
	tests := []struct {
		name, file, src string
		want            []string
	}{
		{"Flask", "app.py", "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run(host='0.0.0.0', port=8000, debug=True)\n", []string{"app.py:4 Flask 0.0.0.0:8000 debug guarded"}},
		{"Flask's defaults", "app.py", "import flask\napp = flask.Flask(__name__)\napp.run()\n", []string{"app.py:3 Flask 127.0.0.1:5000"}},
		{"Flask by place", "app.py", "app = Flask('x')\napp.run('0.0.0.0', 81, True)\n", []string{"app.py:2 Flask 0.0.0.0:81 debug"}},
		{"Flask in several lines", "app.py", "app = Flask('x')\napp.run(\n    # port=1\n    host='0.0.0.0',\n    port=82,\n)\n", []string{"app.py:2 Flask 0.0.0.0:82"}},
		{"Flask with a variable of the environment", "app.py", "app = Flask('x')\nport = int(os.environ.get('PORT', 5000))\napp.run(host='0.0.0.0', port=port)\n", []string{"app.py:3 Flask 0.0.0.0:5000 $PORT"}},
		{"Flask with getenv", "app.py", "app = Flask('x')\napp.run(host='0.0.0.0', port=int(os.getenv(\"PORT\", \"8080\")))\n", []string{"app.py:2 Flask 0.0.0.0:8080 $PORT"}},
		{"Flask with or", "app.py", "app = Flask('x')\napp.run('::', port=int(os.environ.get('PORT') or 5001))\n", []string{"app.py:2 Flask :::5001 $PORT"}},
		{"a constant", "app.py", "PORT: int = 7000\napp = Flask('x')\napp.run(host='0.0.0.0', port=PORT)\n", []string{"app.py:3 Flask 0.0.0.0:7000"}},
		{"set twice", "app.py", "PORT = 7000\nPORT = 7001\napp = Flask('x')\napp.run(port=PORT)\n", nil},
		{"computed", "app.py", "app = Flask('x')\napp.run(port=args.port)\n", nil},
		{"unpacked", "app.py", "app = Flask('x')\napp.run(**options)\n", nil},
		{"commented out", "app.py", "app = Flask('x')\n# app.run(port=1)\n\"\"\"\napp.run(port=2)\n\"\"\"\ns = 'app.run(port=3)'\n", nil},
		{"conditional", "app.py", "app = Flask('x')\nif dev:\n    app.run(port=1)\nelse:\n    serve(app)\n", nil},
		{"another run", "app.py", "import subprocess\nsubprocess.run(['x'])\napp = Bottle()\napp.run(port=1)\n", nil},
		{"an app of nobody", "run.py", "from web import app\napp.run(port=1)\n", nil},
		{"Dash", "app.py", "app = Dash(__name__)\nx = Flask('x')\napp.run(port=1)\n", nil},
		{"a test", "test_app.py", "app = Flask('x')\napp.run(port=1)\n", nil},
		{"a folder of tests", "tests/app.py", "app = Flask('x')\napp.run(port=1)\n", nil},
		{"FastAPI", "main.py", "from fastapi import FastAPI\nif __name__ == \"__main__\":\n    uvicorn.run(\"main:app\", host=\"0.0.0.0\", port=8001, reload=True)\n", []string{"main.py:3 FastAPI 0.0.0.0:8001 debug guarded"}},
		{"Uvicorn's default", "main.py", "uvicorn.run(app)\n", []string{"main.py:1 Uvicorn 127.0.0.1:8000"}},
		{"a socket", "main.py", "uvicorn.run(app, uds='/run/x')\n", nil},

		{"Axum", "src/main.rs", "let listener = tokio::net::TcpListener::bind(\"0.0.0.0:8080\").await.unwrap();\n", []string{"src/main.rs:1 Rust 0.0.0.0:8080"}},
		{"Axum by a SocketAddr", "src/main.rs", "fn f<'a>() {\n  let addr = SocketAddr::from(([127, 0, 0, 1], 3000));\n  axum::Server::bind(&addr)\n}\n", []string{"src/main.rs:3 Rust 127.0.0.1:3000"}},
		{"Axum and the environment", "src/main.rs", "let port = std::env::var(\"PORT\")\n  .unwrap_or_else(|_| \"3000\".to_string());\nlet addr = format!(\"0.0.0.0:{port}\");\nTcpListener::bind(addr)\n", []string{"src/main.rs:4 Rust 0.0.0.0:3000 $PORT"}},
		{"Actix", "src/main.rs", "HttpServer::new(|| App::new()).bind((\"0.0.0.0\", 8081))?.run().await\n", []string{"src/main.rs:1 Rust 0.0.0.0:8081"}},
		{"Actix with a constant", "src/main.rs", "const ADDR: &str = \"0.0.0.0:8082\";\nHttpServer::new(f).bind(ADDR)?\n", []string{"src/main.rs:2 Rust 0.0.0.0:8082"}},
		{"Warp", "src/main.rs", "warp::serve(routes).run(([0, 0, 0, 0], 3030)).await;\n", []string{"src/main.rs:1 Rust 0.0.0.0:3030"}},
		{"Rust by settings", "src/main.rs", "TcpListener::bind(config.addr)\n", []string{"src/main.rs:1 Rust :0"}},
		{"a test in Rust", "src/main.rs", "#[cfg(test)]\nmod tests {\n  TcpListener::bind(\"127.0.0.1:99\");\n}\n", nil},
		{"another bind of Rust", "src/main.rs", "query.bind(\"0.0.0.0:1\"); // TcpListener::bind(\"0.0.0.0:2\")\nlet c = '\"'; UdpSocket::bind(\"0.0.0.0:3\")\n", nil},

		{"Gunicorn", "gunicorn.conf.py", "workers = 4\nbind = '0.0.0.0:8001'\n", []string{"gunicorn.conf.py:2 Gunicorn 0.0.0.0:8001"}},
		{"Gunicorn and the environment", "conf/gunicorn_config.py", "import os\nbind = f\"0.0.0.0:{os.environ.get('PORT', '8080')}\"\n", []string{"conf/gunicorn_config.py:2 Gunicorn 0.0.0.0:8080 $PORT"}},
		{"Gunicorn, added", "gunicorn.conf.py", "bind = \"0.0.0.0:\" + os.getenv(\"PORT\", \"8080\")\n", []string{"gunicorn.conf.py:1 Gunicorn 0.0.0.0:8080 $PORT"}},
		{"Gunicorn on a socket", "gunicorn.conf.py", "bind = 'unix:/run/app.sock'\n", nil},
		{"Gunicorn, twice", "gunicorn.conf.py", "bind = '0.0.0.0:8001'\nif x:\n    bind = '0.0.0.0:8002'\n", nil},
		{"Bun", "index.ts", "Bun.serve({\n  port: 3001,\n  fetch(req) { return new Response({ port: 2 }) },\n})\n", []string{"index.ts:1 Bun :3001"}},
		{"Bun's default", "index.ts", "const server = Bun.serve({ fetch: app.fetch })\n", []string{"index.ts:1 Bun :3000 $PORT"}},
		{"Bun's environment", "index.ts", "export default Bun.serve({ port: process.env.PORT || 8080, fetch })\n", []string{"index.ts:1 Bun :8080 $PORT"}},
		{"Bun on a socket", "index.ts", "Bun.serve({ unix: '/run/x', fetch })\n", nil},
		{"Deno", "main.ts", "Deno.serve({ port: 4242, hostname: \"0.0.0.0\" }, handler)\n", []string{"main.ts:1 Deno 0.0.0.0:4242"}},
		{"Deno's default", "main.ts", "Deno.serve((req) => new Response('x'))\n", []string{"main.ts:1 Deno :8000"}},
		{"Deno, settings from elsewhere", "main.ts", "Deno.serve(options, handler)\n", nil},

		{"Express", "server.js", "const express = require('express')\nconst app = express()\napp.listen(3000, () => console.log('up'))\n", []string{"server.js:3 Express :3000"}},
		{"a constant with a default", "server.js", "const app = express();\nconst PORT = process.env.PORT || 3000;\napp.listen(PORT);\n", []string{"server.js:3 Express :3000 $PORT"}},
		{"parsed", "server.ts", "const app: Express = express();\nconst port = parseInt(process.env.PORT ?? '3001', 10);\napp.listen(port, '0.0.0.0');\n", []string{"server.ts:3 Express 0.0.0.0:3001 $PORT"}},
		{"the generator's www", "bin/www", "#!/usr/bin/env node\nvar app = require('../app');\nvar port = normalizePort(process.env.PORT || '3000');\nvar server = http.createServer(app);\nserver.listen(port);\n", []string{"bin/www:5 Node :3000 $PORT"}},
		{"Fastify", "server.js", "const fastify = require('fastify')({ logger: true })\nfastify.listen({ port: 3002, host: '0.0.0.0' })\nother.listen(1)\n", []string{"server.js:2 Fastify 0.0.0.0:3002"}},
		{"Fastify's host", "server.js", "const f = Fastify()\nf.listen({ port: 3002 })\n", []string{"server.js:2 Fastify localhost:3002"}},
		{"NestJS", "src/main.ts", "const app = await NestFactory.create<X>(AppModule);\nawait app.listen(process.env.PORT ?? 3000);\n", []string{"src/main.ts:2 NestJS :3000 $PORT"}},
		{"Koa", "i.mjs", "const app = new Koa()\napp.listen(3003)\n", []string{"i.mjs:2 Koa :3003"}},
		{"chained", "i.js", "http.createServer((q, r) => r.end()).listen(3004)\n", []string{"i.js:1 Node :3004"}},
		{"a socket of Node", "i.js", "const app = express()\napp.listen('/run/x.sock')\n", nil},
		{"not in Node's comments", "i.js", "const app = express()\n// app.listen(1)\n/* app.listen(2) */\nconst s = `app.listen(3)`\n", nil},
		{"an emitter", "i.js", "const history = createHistory()\nhistory.listen(3000)\n", nil},
		{"without default", "i.js", "const app = express()\napp.listen(process.env.PORT)\n", nil},
		{"a test of Node", "i.test.js", "const app = express()\napp.listen(3000)\n", nil},

		{"Go", "main.go", "package main\nfunc main() {\n\tlog.Fatal(http.ListenAndServe(\":8080\", nil))\n}\n", []string{"main.go:3 Go :8080"}},
		{"Go's server", "srv/s.go", "package srv\nvar s = &http.Server{\n\tHandler: h,\n\tAddr: addr,\n}\nconst addr = \"localhost:8081\"\nfunc x() { s.ListenAndServe() }\n", []string{"srv/s.go:2 Go localhost:8081 library"}},
		{"Go's environment", "main.go", "package main\nfunc main() {\n\tport := os.Getenv(\"PORT\")\n\tif port == \"\" {\n\t\tport = \"8082\"\n\t}\n\thttp.ListenAndServe(\":\"+port, nil)\n}\n", []string{"main.go:7 Go :8082 $PORT"}},
		{"Gin", "main.go", "package main\nfunc main() {\n\tr := gin.Default()\n\tr.Run()\n}\n", []string{"main.go:4 Gin :8080 $PORT"}},
		{"Gin with a port", "main.go", "package main\nfunc main() {\n\tr := gin.New()\n\tr.Run(\":9000\")\n\tcmd.Run()\n}\n", []string{"main.go:4 Gin :9000"}},
		{"Echo", "main.go", "package main\nfunc main() {\n\te := echo.New()\n\te.Logger.Fatal(e.Start(\":1323\"))\n}\n", []string{"main.go:4 Echo :1323"}},
		{"Fiber", "main.go", "package main\nfunc main() {\n\tapp := fiber.New(fiber.Config{})\n\tapp.Listen(\":3000\")\n}\n", []string{"main.go:4 Fiber :3000"}},
		{"a flag", "main.go", "package main\nfunc main() {\n\taddr := flag.String(\"addr\", \":1\", \"\")\n\thttp.ListenAndServe(*addr, nil)\n}\n", nil},
		{"a test of Go", "main_test.go", "package main\nfunc x() { http.ListenAndServe(\":8080\", nil) }\n", nil},

		{"Spring", "src/main/resources/application.properties", "# server.port=1\nserver.port=8443\n", []string{"src/main/resources/application.properties:2 Spring :8443 $SERVER_PORT"}},
		{"Spring in YAML", "src/main/resources/application.yml", "spring:\n  port: 1\nserver:\n  address: 0.0.0.0\n  port: ${PORT:8083}\n", []string{"src/main/resources/application.yml:5 Spring :8083 $PORT"}},
		{"profiles", "src/main/resources/application.yml", "server:\n  port: 1\n---\nserver:\n  port: 2\n", nil},
		{"Puma", "config/puma.rb", "threads 5\nport ENV.fetch(\"PORT\") { 3000 }\n", []string{"config/puma.rb:2 Puma :3000 $PORT"}},
		{"Puma's other form", "config/puma.rb", "port(ENV.fetch(\"PORT\", 3000))\n", []string{"config/puma.rb:1 Puma :3000 $PORT"}},
		{"Puma on a socket", "config/puma.rb", "port 3000\nbind 'unix:///run/x'\n", nil},
		{"Sinatra", "app.rb", "require 'sinatra'\nset :port, 4567 # here\n", []string{"app.rb:2 Sinatra :4567"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := show(open(t, "-- "+tt.file+" --\n"+tt.src).Listens())
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestListensOf(t *testing.T) {
	a := open(t, `
-- run.py --
from shop import app
app.run(host="0.0.0.0", port=5001)
-- shop/__init__.py --
app = Flask(__name__)
if __name__ == "__main__":
    app.run(port=5002)
-- start.py --
import server
-- server.py --
uvicorn.run(app, port=5003)
-- worker.py --
import shop
-- index.js --
const { start } = require("./lib/web")
-- lib/web.js --
const app = express()
app.listen(5004)
-- .dockerignore --
secret.js
-- secret.js --
const app = express()
app.listen(5005)
`)
	for name, want := range map[string][]string{
		"run.py":    {"run.py:2 Flask 0.0.0.0:5001"},
		"start.py":  {"server.py:1 Uvicorn 127.0.0.1:5003"},
		"worker.py": nil,
		"index.js":  {"lib/web.js:2 Express :5004"},
		"secret.js": nil,
		"absent.js": nil,
	} {
		if diff := cmp.Diff(want, show(a.ListensOf(name))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestBounds(t *testing.T) {
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, "-- m%d.py --\nx = 1\n", i)
	}
	a := open(t, b.String())
	if a.Complete() {
		t.Error("300 sources are said to be read")
	}
	a = open(t, "-- main.go --\npackage main\n-- node_modules/a/i.js --\nconst app = express()\napp.listen(1)\n")
	if got := a.Listens(); len(got) > 0 || !a.Complete() {
		t.Errorf("dependencies count: %v", got)
	}
}

func TestManifests(t *testing.T) {
	a := open(t, `
-- package.json --
{}
-- package-lock.json --
{}
-- web/package.json --
{"packageManager": "pnpm@10"}
-- api/pyproject.toml --
[project]
[tool.poetry]
-- uv/pyproject.toml --
-- uv/uv.lock --
-- requirements.txt --
-- requirements/dev.txt --
-- go.mod --
-- go.sum --
-- src/App/App.csproj --
-- vendor/x/go.mod --
-- .dockerignore --
**/uv.lock
`)
	want := []app.Manifest{
		{Ecosystem: "go", Path: "go.mod", Lock: true},
		{Ecosystem: "npm", Path: "package.json", Lock: true},
		{Ecosystem: "pip", Path: "requirements.txt"},
		{Ecosystem: "poetry", Path: "api/pyproject.toml"},
		{Ecosystem: "pip", Path: "requirements/dev.txt"},
		{Ecosystem: "pip", Path: "uv/pyproject.toml"},
		{Ecosystem: "pnpm", Path: "web/package.json"},
		{Ecosystem: "dotnet", Path: "src/App/App.csproj"},
	}
	if diff := cmp.Diff(want, a.Manifests()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestScript(t *testing.T) {
	a := open(t, "-- package.json --\n{\n  \"name\": \"start\",\n  \"scripts\": {\n    \"start\": \"node app.js\"\n  }\n}\n-- b/package.json --\n{}\n-- b/server.js --\n")
	got, ok := a.Script(".", "start")
	if want := (app.Script{Name: "start", Command: "node app.js", File: "package.json", Line: 4}); !ok || got != want {
		t.Errorf("got %v, %v", got, ok)
	}
	if got, ok := a.Script("b", "start"); !ok || got.Command != "node server.js" {
		t.Errorf("npm's default: got %v, %v", got, ok)
	}
	if _, ok := a.Script(".", "dev"); ok {
		t.Error("dev exists")
	}
}
