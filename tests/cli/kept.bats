#!/usr/bin/env bats
# Files that 0.1.0 wrote still say the same: README, "Exit codes".

load ../lib/cli

setup() {
	prepare
	kept=$root/testdata/0.1.0
}

@test "a lock and a policy of 0.1.0: the same installation is compliant" {
	run "$PXB_FED_BIN" check --policy "$kept/pxb-fed.yaml" --lock "$kept/pxb-fed.lock" "$kept/stream.yaml"
	[ "$status" -eq 0 ]
	[[ $output == *compliant* ]]
}

@test "a lock of 0.1.0: another StorageClass is refused" {
	sed 's/px-csi-db/gp3/' "$kept/stream.yaml" >other.yaml
	run "$PXB_FED_BIN" check --lock "$kept/pxb-fed.lock" other.yaml
	[ "$status" -eq 1 ]
	[[ $output == *storage-locked* ]]
}

@test "a lock of 0.1.0 is up to date" {
	cp "$kept/pxb-fed.lock" .
	run "$PXB_FED_BIN" lock diff "$kept/stream.yaml"
	[ "$status" -eq 0 ]
}

@test "a policy of 0.1.0 means the same" {
	run "$PXB_FED_BIN" policy show --policy "$kept/pxb-fed.yaml"
	[ "$status" -eq 0 ]
	[[ $output == *"storageClassName: px-csi-db"* ]]
	[[ $output == *"telemetry: forbidden"* ]]
}

@test "the record of a run of 0.1.0 is shown" {
	mkdir -p state/pxb-fed
	cp "$kept/report.json" state/pxb-fed/last.json
	run env XDG_STATE_HOME="$PWD/state" "$PXB_FED_BIN" explain --last
	[ "$status" -eq 0 ]
	[[ $output == *federated-flag* ]]
	[[ $output == *"--set pxbackup.federated=true"* ]]
}

@test "the record of 0.1.0 makes the JSON report that it was" {
	mkdir -p state/pxb-fed
	cp "$kept/report.json" state/pxb-fed/last.json
	XDG_STATE_HOME=$PWD/state "$PXB_FED_BIN" explain --last -o json >now.json
	python3 -c '
import json, sys
def within(old, new):
    if isinstance(old, dict):
        return isinstance(new, dict) and all(k in new and within(v, new[k]) for k, v in old.items())
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(within, old, new))
    return old == new
old, new = (json.load(open(p)) for p in sys.argv[1:])
sys.exit(not within(old["findings"], new["findings"]) or old["verdict"] != new["verdict"] or old["schema"] != new["schema"])
' "$kept/report.json" now.json
}
