#!/usr/bin/env bash
# Microsoft's SARIF validator warns about a rule's name that is right, if the rule's id is the same word.
#
# SARIF gives a rule a stable id and a readable name, which is one word in PascalCase by convention. A rule called `bashism` has the name
# `Bashism` then. The validator compares the two without regard to case and warns (SARIF1001, under --rule-kind 'Sarif;Ghas', which
# includes what GitHub's code scanning asks for). Without a name it says nothing. A name of two words, as in `LatestTag` for
# `latest-tag`, is accepted, although it says just as little that the id does not.
#
# dockvet relies on it in report/sarif.go: rules whose id is a single word have no name.
set -euo pipefail

version=5.7.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-save --no-audit --ignore-scripts --prefix "$dir" "@microsoft/sarif-multitool-linux@$version" >log 2>&1 || { cat log; exit 2; }
program=$dir/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
chmod +x "$program"
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
echo "sarif-multitool $version"

# validate ID NAME prints the validator's rules that judge a log with one rule of that id and name (no name: "").
validate() {
	name=
	if [ -n "$2" ]; then name="\"name\": \"$2\","; fi
	cat >in.sarif <<SARIF
{"\$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{
  "tool": {"driver": {"name": "example", "semanticVersion": "1.2.3", "informationUri": "https://example.org", "rules": [
    {"id": "$1", $name "shortDescription": {"text": "A rule."}, "fullDescription": {"text": "A rule."},
     "helpUri": "https://example.org/rule", "help": {"text": "A rule.", "markdown": "A rule."},
     "defaultConfiguration": {"level": "warning"}}]}},
  "automationDetails": {"id": "example/"},
  "results": [{"ruleId": "$1", "ruleIndex": 0, "level": "warning", "message": {"text": "A finding."},
    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "Dockerfile"},
      "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 5, "snippet": {"text": "FROM"}}}}],
    "partialFingerprints": {"primaryLocationLineHash": "1"}}]}]}
SARIF
	"$program" validate in.sarif --rule-kind 'Sarif;Ghas' -o out.sarif --log ForceOverwrite >out 2>&1 || true
	node -e '
		const log = JSON.parse(require("fs").readFileSync("out.sarif", "utf8"));
		const results = log.runs[0].results;
		console.log(results.length ? results.map(r => r.ruleId + " " + (r.message.id || "")).join(", ") : "nothing");'
}

status=0
check() {
	got=$(validate "$1" "$2")
	echo "id $1, name ${2:-(none)}: $got"
	case "$got" in "$3"*) ;; *) status=1 ;; esac
}
check latest-tag LatestTag nothing
check bashism Bashism SARIF1001
check bashism '' nothing
exit $status
