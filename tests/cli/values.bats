# Values files and Helm's --set options on the command line.

load ../lib/cli
setup() { prepare; }

@test "each of Helm's options is taken, in every spelling" {
	printf px-csi-db >class
	for o in "--set pxbackup.federated=true" "--set=pxbackup.federated=true" "--set-json pxbackup.federated=true" \
		'--set-json={"pxbackup":{"federated":true}}' "--set-string persistentStorage.storageClassName=px-csi-db" \
		"--set-file persistentStorage.storageClassName=class" "--set-literal=persistentStorage.storageClassName=px-csi-db"; do
		# shellcheck disable=SC2086  # an option and its value
		pxb render $o <"$mini"
		exits 0
		same_as "$mini"
	done
}

@test "Helm's order counts, not that of the command line" {
	printf 'persistentStorage: {storageClassName: gp2}\n' >v.yaml
	pxb check -v --set-literal persistentStorage.storageClassName=px-csi-db --set persistentStorage.storageClassName=gp3 \
		--values v.yaml "$mini"
	exits 0
	prints 'gp3 here and px-csi-db in'
	prints 'gp2 here and px-csi-db in'
}

@test "a file that Helm could not read is a fault of usage" {
	pxb check --set-file persistentStorage.storageClassName=nowhere "$mini"
	exits 2
	says "cannot open 'nowhere'"
}

@test "an option stands in no file of a report" {
	pxb check -o github --set pxbackup.federted=true "$mini"
	exits 1
	prints "::error title=values::"
	pxb check --report sarif=r.sarif --set pxbackup.federted=true "$mini"
	exits 1
	json r.sarif 'r["runs"][0]["results"][0]["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "--set pxbackup.federted=true", "kind": "parameter"}]'
	json r.sarif 'all(l["physicalLocation"]["artifactLocation"]["uri"] and l["physicalLocation"]["region"]["startLine"] for x in r["runs"][0]["results"] for l in x["locations"])'
	json r.sarif 'not any("set" in a.get("location", {}).get("uri", "") for a in r["runs"][0].get("artifacts", []))'
}

@test "a slip and its right key in one file: the right key has an error of its own" {
	printf 'pxbackup:\n  federted: true\n  federated: false\n' >v.yaml
	pxb check --values v.yaml "$mini"
	exits 1
	prints 'refused: 2 errors in '
	prints 'fix: --set pxbackup.federated=true'
}
