package shell_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/shell"
)

// sketch writes a call as manager verb:action, its packages and versions, its files, and M if it reads manifests.
func sketch(c *shell.Call) string {
	names := [...]string{"?", "install", "refresh", "upgrade", "remove", "clean"}
	b := fmt.Sprintf("%s %s:%s", c.Manager, c.Verb.Text, names[c.Action])
	for _, p := range c.Packages {
		b += " " + p.Name
		if p.Version != "" {
			b += "@" + p.Version
		}
		if p.Local {
			b += "!"
		}
	}
	for _, f := range c.Files {
		b += " -r " + f.Text
	}
	if c.Manifest {
		b += " M"
	}
	return b
}

func TestCalls(t *testing.T) {
	for _, c := range []struct{ run, want string }{
		{"apt-get update", "apt-get update:refresh"},
		{
			"apt-get -y --no-install-recommends install -t sid curl=7.1-2 ./x.deb",
			"apt-get install:install curl@7.1-2 ./x.deb!",
		},
		{"sudo DEBIAN_FRONTEND=x apt -o A::B=c install git", "apt install:install git"},
		// The next word is the value of a flag, also of the last letter of several.
		{"apt-get build-dep -P nocheck x && apt-get install -yt sid x -qo A::B=c", "apt-get build-dep:install x, apt-get install:install x"},
		{"apt-get install -tsid x -oA=b -qqy y && aptitude install -P x", "apt-get install:install x y, aptitude install:install x"},
		{
			"dnf install -y --disablerepo '*' --enablerepo ubi -c dnf.conf --installroot /mnt --setopt a=b --comment 'a b' x",
			"dnf install:install x",
		},
		{"yum -d 1 -e0 install x -yR 5 y && tdnf --rpmdefine a install x", "yum install:install x y, tdnf install:install x"},
		{"apk -p /mnt --cache-max-age 5 add -Ut .deps x --timeout 9 y", "apk add:install x y"},
		{"zypper -R /mnt -c z.conf --plus-repo u install -R -D -C x --from r y", "zypper install:install x y"},
		{"npm install -g --unsafe-perm a --tag next b --userconfig .npmrc c", "npm install:install a b c"},
		{"pip install --root-user-action ignore a --report r.json b --use-feature f c", "pip install:install a b c"},
		{"apt-get purge -y git", "apt-get purge:remove"},
		{
			"apt-get dist-upgrade && aptitude clean && apt-cache search x",
			"apt-get dist-upgrade:upgrade, aptitude clean:clean",
		},
		{"apk --no-cache add -t .build curl~=8 git>1", "apk add:install curl@8 git"},
		{"apk add 'git>=2.1' --repository https://host.example/x jq", "apk add:install git@2.1 jq"},
		{
			"yum install -y httpd-2.4.6 && dnf -y --setopt=a=b in kernel-devel && microdnf update",
			"yum install:install httpd@2.4.6, dnf in:install kernel-devel, microdnf update:upgrade",
		},
		{"zypper -n in curl && zypper cc", "zypper in:install curl, zypper cc:clean"},
		{"pip install flask==3.0 requests>=2 .[dev]", "pip install:install flask@3.0 requests .[dev]! M"},
		{"pip3.13 install -r a.txt -rb.txt --requirement=c.txt -c d.txt", "pip install:install -r a.txt -r b.txt -r c.txt M"},
		{"/venv/bin/pip install -e .", "pip install:install M"},
		{"python3 -m pip install -U pip", "pip install:install pip"},
		{"python3 -m venv /venv && python app.py", ""},
		{
			"uv pip install --system flask && uv sync --locked && uv venv",
			"uv pip install:install flask, uv sync:install M, uv venv:?",
		},
		{
			"poetry install --only main && pipenv install --deploy && pdm sync",
			"poetry install:install M, pipenv install:install M, pdm sync:install M",
		},
		{
			"conda install -n base numpy=1.2 && mamba env create -f env.yml && micromamba clean -a",
			"conda install:install numpy@1.2, conda create:install -r env.yml M, conda clean:clean",
		},
		{
			"npm ci && npm install && npm i -g yarn@1.22 @scope/x@2 && npm run build",
			"npm ci:install M, npm install:install M, npm i:install yarn@1.22 @scope/x@2, npm run:?",
		},
		{
			"yarn && yarn --frozen-lockfile && yarn global add serve && yarn global bin && yarn build",
			"yarn :install M, yarn :install M, yarn add:install serve, yarn bin:?, yarn build:?",
		},
		{
			"yarn workspaces focus web --production && yarn workspaces foreach run build",
			"yarn focus:install M, yarn foreach:?",
		},
		{"pnpm fetch && pnpm i && bun add x", "pnpm fetch:install M, pnpm i:install M, bun add:install x"},
		{
			"gem install -N bundler:2.5 && bundle && bundle install --jobs 4 && bundle config set x y",
			"gem install:install bundler@2.5, bundle :install M, bundle install:install M, bundle config:?",
		},
		{
			"go build -o /x ./cmd && go mod download && go install host.example/x@v1 && go version",
			"go build:install M, go mod download:install M, go install:install host.example/x@v1, go version:?",
		},
		{
			"cargo build --release && cargo install ripgrep@14 --locked && cargo install --path .",
			"cargo build:install M, cargo install:install ripgrep@14, cargo install:install M",
		},
		{"composer install --no-dev && composer global require x", "composer install:install M, composer require:install x"},
		{
			"./mvnw -B package && ./gradlew -x test build && dotnet restore",
			"mvn package:install M, gradle build:install M, dotnet restore:install M",
		},
		{"$X install y && echo apt-get install z", ""},
		{"apt-get install -- -y", "apt-get install:install -y"},
		{"apt-get", "apt-get :?"},
	} {
		_, ss := scripts("FROM debian:13\nRUN " + c.run)
		var got []string
		for _, call := range ss[0].Calls() {
			got = append(got, sketch(call))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.run, diff)
		}
	}
}

func TestFlags(t *testing.T) {
	_, ss := scripts("FROM debian:13\nRUN cmd -qy --long=v --word w -oA=b -n 1 x -- -z")
	c := ss[0].Commands[0]
	for flag, want := range map[string]bool{
		"-q": true, "-y": true, "-n": true, "-o": false, "-A": false, "--long": true, "--lon": false,
		"--word": true, "-z": false, "-c": false,
	} {
		if got := c.Has(flag); got != want {
			t.Errorf("%s: got %v", flag, got)
		}
	}
	for flag, want := range map[string]string{"--long": "v", "--word": "w", "-n": "1", "-q": ""} {
		if got, _ := c.FlagValue(flag); got.Text != want {
			t.Errorf("value of %s: got %q", flag, got.Text)
		}
	}
	var operands []string
	for _, w := range c.Operands("-n", "--word") {
		operands = append(operands, w.Text)
	}
	if diff := cmp.Diff([]string{"x", "-z"}, operands); diff != "" {
		t.Errorf("operands (-want +got)\n%s", diff)
	}
}
