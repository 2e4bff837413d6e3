package app_test

import (
	"testing"
)

func TestRequirement(t *testing.T) {
	tests := []struct {
		file, src         string
		line              int // 0: it asks for nothing
		excluded, allowed []string
	}{
		{"pyproject.toml", "[project]\nrequires-python = \">=3.11\"\n", 2, []string{"3.9", "3.10.4", "2"}, []string{"3.11", "3", "3.14", "3.11.2"}},
		{"pyproject.toml", "[project]\nrequires-python = '~=3.10, !=3.12.*, <3.14'\n", 2, []string{"3.9", "3.14", "4"}, []string{"3.10", "3.13.9"}},
		{"pyproject.toml", "[project]\nrequires-python = \"==3.12.*\"\n", 2, []string{"3.11", "3.13"}, []string{"3.12", "3.12.4"}},
		{"pyproject.toml", "[tool.poetry.dependencies]\npython = \"^3.9\"\n[tool.x]\npython = \"1\"\n", 2, []string{"3.8", "4.0"}, []string{"3.9", "3.13"}},
		{"pyproject.toml", "[tool.poetry.group.dev.dependencies]\npython = \"^3.9\"\n", 0, nil, nil},
		{"pyproject.toml", "[project]\nrequires-python = \">=3.8; x\"\n", 2, nil, []string{"2.7", "3.9"}},
		{".python-version", "3.12.4\n", 1, []string{"3.11", "3.12.3"}, []string{"3.12", "3"}},
		{".nvmrc", "v22\n", 1, []string{"20", "24"}, []string{"22", "22.1.0"}},
		{".nvmrc", "lts/*\n", 1, nil, []string{"12"}},
		{"package.json", "{\n\"engines\": {\n\"node\": \"^18.17 || >= 20\"}}", 3, []string{"16", "18.16.1", "19"}, []string{"18", "20", "22.3"}},
		{"package.json", "{\"engines\": {\"node\": \">=18 <21\"}}", 1, []string{"16", "21", "22"}, []string{"18", "20.9"}},
		{"package.json", "{\"engines\": {\"node\": \"20.x\"}}", 1, []string{"18", "22"}, []string{"20", "20.1"}},
		{"package.json", "{\"engines\": {\"node\": \"~20.3\"}}", 1, []string{"20.4.0", "22"}, []string{"20", "20.3.9"}},
		{"package.json", "{\"engines\": {\"node\": \"^0.10.2\"}}", 1, []string{"0.11", "0.12.1"}, []string{"0.10"}},
		{"package.json", "{\"engines\": {\"node\": \"*\"}}", 1, nil, []string{"4"}},
		{"package.json", "{\"engines\": \"node\"}", 0, nil, nil},
		{"package.json", "{", 0, nil, nil},
		{"composer.json", "{\"require\": {\"php\": \"~8.1\"}}", 1, []string{"8.0", "9"}, []string{"8.1", "8.4"}},
		{"composer.json", "{\"require\": {\"php\": \"^7.4|^8.0\"}}", 1, []string{"7.3", "9.0"}, []string{"7.4", "8.3"}},
		{"composer.json", "{\"require\": {\"php\": \"^8.2\"}, \"config\": {\"platform\": {\"php\": \"8.2\"}}}", 0, nil, nil},
		{"go.mod", "module x\n\ngo 1.25 // why\n", 3, []string{"1.24", "1.23.4"}, []string{"1.25.3", "1.26", "1"}},
		{"go.mod", "module x\n", 0, nil, nil},
		{"Gemfile", "# ruby '1'\nruby \"3.3.1\"\n", 2, []string{"3.2", "3.3.0", "3.4"}, []string{"3.3", "3"}},
		{"Gemfile", "ruby '>= 3.1', '< 3.4'\n", 1, []string{"3.0", "3.4"}, []string{"3.3"}},
		{"Gemfile", "ruby file: '.ruby-version'\n", 0, nil, nil},
		{"Gemfile", "source 'x'\nruby file: \".ruby-version\"\n-- .ruby-version --\n3.4.1\n", 1, []string{"3.3"}, []string{"3.4"}},
		{"Cargo.toml", "[package]\nrust-version = \"1.85\"\n", 2, []string{"1.84.1"}, []string{"1.85", "1.90", "1"}},
		{"Cargo.toml", "[package]\nrust-version.workspace = true\n", 0, nil, nil},
		{"rust-toolchain.toml", "[toolchain]\nchannel = \"1.90\"\n", 2, []string{"1.80"}, []string{"1.90.0", "1"}},
		{"rust-toolchain", "1.90.0\n", 1, []string{"1.80"}, []string{"1.90"}},
		{"rust-toolchain", "nightly-2025-01-01\n", 1, nil, []string{"1.80"}},
		{"rust-toolchain", "[toolchain]\nprofile = \"minimal\"\n", 0, nil, nil},
		{"pom.xml", "<properties>\n<maven.compiler.release>21</maven.compiler.release>", 2, []string{"17", "8"}, []string{"21", "25"}},
		{"pom.xml", "<java.version>1.8</java.version><source>${java.version}</source>", 1, []string{"7"}, []string{"8", "11"}},
		{"pom.xml", "<java.version>21</java.version>", 0, nil, nil},
		{"A.csproj", "<TargetFramework>net8.0</TargetFramework>", 1, []string{"6.0", "7.0"}, []string{"8.0", "10.0", "8.0.100"}},
		{"A.csproj", "<TargetFramework>net48</TargetFramework>", 0, nil, nil},
		{"A.csproj", "<TargetFramework>$(X)</TargetFramework>", 0, nil, nil},
	}
	for _, tt := range tests {
		r, ok := open(t, "-- "+tt.file+" --\n"+tt.src).Requirement(tt.file)
		if ok != (tt.line > 0) || ok && r.Line != tt.line {
			t.Errorf("%s %q: line %d, %v; want line %d", tt.file, tt.src, r.Line, ok, tt.line)
			continue
		}
		for _, v := range tt.excluded {
			if !r.Excludes(v) {
				t.Errorf("%s: %q takes %s", tt.file, r.Text, v)
			}
		}
		for _, v := range append(tt.allowed, "", "x", "1.2.3.4") {
			if r.Excludes(v) {
				t.Errorf("%s: %q excludes %s", tt.file, r.Text, v)
			}
		}
	}
}
