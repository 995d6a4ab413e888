#!/usr/bin/env bats
# Values, policy, Secret and image lists of an installation.

load ../lib/cli.bash

setup() { prepare; }

# answers LINE...: an answers file with a class and these lines
answers() { printf '%s\n' 'apiVersion: pxb-fed/v1' 'kind: Answers' 'storage: {className: px-csi-db}' "$@" >answers.yaml; }

@test "the same answers give the same bytes, in a folder for its owner alone" {
	answers 'telemetry: {enabled: true}' 'mesh: {mode: istio}'
	pxb spec --answers answers.yaml -d one
	exits 0
	prints_nothing
	pxb spec --answers answers.yaml -d two
	exits 0
	diff -r one two
	[ "$(stat -c %a one)" = 700 ]
	[ "$(ls -A one | tr '\n' ' ')" = '.gitignore INSTALL.md answers.yaml pxb-fed.yaml values-px-central-3.0.0.yaml ' ]
	pxb policy check one/pxb-fed.yaml
	exits 0
}

@test "the written answers are answers again" {
	answers 'encryptMongoDB: true' 'registry: {host: "r.example.com:5000", repository: pxb}'
	pxb spec --answers answers.yaml -d one
	exits 0
	pxb spec --answers one/answers.yaml -d two
	exits 0
	diff -r one two
}

@test "a folder that is there is left alone without --force, and keeps its other files with it" {
	answers
	mkdir there
	echo mine >there/INSTALL.md
	echo lock >there/pxb-fed.lock
	pxb spec --answers answers.yaml -d there
	refused 2 "give --force"
	[ "$(cat there/INSTALL.md)" = mine ]
	pxb spec --answers answers.yaml -d there --force
	refused 2 'contains no answers.yaml'
	[ "$(cat there/INSTALL.md)" = mine ]
	cp answers.yaml there
	printf 'own-file' >there/.gitignore
	chmod 755 there
	pxb spec --answers answers.yaml -d there --force
	exits 0
	grep -q Federated there/INSTALL.md
	[ "$(cat there/pxb-fed.lock)" = lock ]
	[ "$(tr '\n' ' ' <there/.gitignore)" = 'own-file values-secret.yaml master-key.txt ' ]
	[ "$(stat -c %a there)" = 755 ]
	[ "$(ls -A there | grep -c '\.new\.')" = 0 ]
}

@test "a file that cannot be replaced leaves all others as they were" {
	answers
	pxb spec --answers answers.yaml -d there
	exits 0
	rm there/INSTALL.md
	mkdir there/INSTALL.md
	cp there/pxb-fed.yaml before.yaml
	answers 'telemetry: {enabled: true}'
	pxb spec --answers answers.yaml -d there --force
	refused 2 'is not a regular file'
	cmp there/pxb-fed.yaml before.yaml
	[ "$(ls -A there | grep -c '\.new\.')" = 0 ]
}

@test "a limit on file sizes is an error, and nothing is left behind" {
	answers
	status=0
	(ulimit -f 0; exec "$PXB_FED_BIN" spec --answers answers.yaml -d out) >"$T/out" 2>/dev/null || status=$?
	exits 4
	[ "$(ls -d out* 2>/dev/null)" = '' ]
}

@test "nothing is left behind when the folder cannot be written" {
	answers
	mkdir closed
	: >closed/file
	pxb spec --answers answers.yaml -d closed/file/below
	exits 2
	[ "$(ls -A closed)" = file ]
	[ "$(ls -A . | grep -c '\.new\.')" = 0 ]
}

@test "wrong answers: place, reason, suggestion" {
	answers 'namspace: x'
	pxb spec --answers answers.yaml -d out
	refused 2 "answers.yaml:4:1: unknown key 'namspace'; did you mean 'namespace'?"
	answers 'namespace: a' 'namespace: b'
	pxb spec --answers answers.yaml -d out
	refused 2 'answers.yaml:5:1'
	answers 'proxy: {mode: plain, http: "http://u:p@h", https: "http://h", noProxy: a}'
	pxb spec --answers answers.yaml -d out
	refused 2 'must not contain a user name or password'
	keeps_quiet_of 'u:p'
	no_file out
}

@test "the client secret is in its own file alone, for its owner's eyes" {
	value=tok$RANDOM$RANDOM$RANDOM
	printf '%s\n' "$value" >client
	answers 'oidc: {enabled: true, endpoint: "https://id.example.com", clientID: abc, clientSecretFile: client, exceptionExpires: "2999-01-31"}'
	pxb spec --answers answers.yaml -d out
	exits 0
	keeps_quiet_of "$value"
	[ "$(grep -lr "$value" out)" = out/values-secret.yaml ]
	[ "$(stat -c %a out/values-secret.yaml)" = 600 ]
	grep -qx values-secret.yaml out/.gitignore
	grep -q 'values-secret.yaml' out/INSTALL.md
	grep -q 'expires: "2999-01-31"' out/pxb-fed.yaml
}

@test "a file that the new answers do not call for is named" {
	printf 'tok%s\n' "$RANDOM" >client
	answers 'oidc: {enabled: true, endpoint: "https://id.example.com", clientID: abc, clientSecretFile: client, exceptionExpires: "2999-01-31"}'
	pxb spec --answers answers.yaml -d out
	exits 0
	answers
	pxb spec --answers answers.yaml -d out --force
	exits 0
	says "'out/values-secret.yaml' is of earlier answers; remove it"
}

@test "without a terminal and without answers nothing is asked" {
	pxb spec -d out </dev/null
	refused 2 '--print-answers'
	no_file out
}

# dialog ANSWER...: the program on a terminal, with these lines typed; what the terminal shows is in $T/screen
dialog() {
	status=0
	printf '%s\n' "$@" >typed
	timeout -k 2 30 script -qec "'$PXB_FED_BIN' spec -d out" /dev/null <typed >"$T/screen" 2>&1 || status=$?
	: >"$T/out"
	cp "$T/screen" "$T/err"
}

@test "the dialog asks again until an answer is right, and writes what was confirmed" {
	dialog '' '' '' '' '' '' '' 'Fast' 'px-csi-db' '' '' '' '' '' '' '' yes
	exits 0
	says 'must be lower case'
	says 'It can never be changed'
	says 'Summary'
	grep -q 'storageClassName: "px-csi-db"' out/values-px-central-3.0.0.yaml
}

@test "a dialog that is not confirmed, or ends early, writes nothing" {
	dialog '' '' '' '' '' '' '' 'px-csi-db' '' '' '' '' '' '' '' no
	exits 2
	says 'not confirmed; nothing was written'
	no_file out
}

@test "a Secret passes its own check, shows nothing, and is new each time" {
	pxb spec secret -n central
	exits 0
	cp "$T/out" one.yaml
	pxb spec secret -n central
	exits 0
	differ "$T/out" one.yaml
	pxb spec secret --check one.yaml
	exits 0
	prints 'ok     mysql-password'
	keeps_quiet_of "$(sed -n 's/^  mysql-password: //p' one.yaml | base64 -d)"
	pxb spec secret --check --encrypt one.yaml
	exits 1
	prints 'mongodb-master-encryption-key is missing'
}

@test "the master key has a copy in a file of its own, or there is none" {
	pxb spec secret -n central --encrypt
	refused 2 '--encrypt needs --keep-key FILE'
	pxb spec secret -n central --encrypt --keep-key key -o secret.yaml
	exits 0
	[ "$(stat -c '%a %s' key)" = '600 96' ]
	[ "$(stat -c %a secret.yaml)" = 600 ]
	[ "$(sed -n 's/^  mongodb-master-encryption-key: //p' secret.yaml | base64 -d)" = "$(cat key)" ]
	keeps_quiet_of "$(cat key)"
	pxb spec secret -n central --encrypt --keep-key key -o other.yaml
	exits 2
	no_file other.yaml
	pxb spec secret -n central --encrypt --keep-key new -o secret.yaml
	refused 2 'is there already'
	no_file new
	pxb spec secret -n central --encrypt --keep-key new -o new
	refused 2 'the same file'
	no_file new
	status=0
	"$PXB_FED_BIN" spec secret -n central --encrypt --keep-key new >/dev/full 2>"$T/err" || status=$?
	exits 4
	says '--from-literal-file mongodb-master-encryption-key=new'
	pxb spec secret -n central --encrypt --keep-key new --from-literal-file mongodb-master-encryption-key=new
	exits 0
	[ "$(sed -n 's/^  mongodb-master-encryption-key: //p' "$T/out" | base64 -d)" = "$(cat new)" ]
}

@test "passwords that exist are checked and not repeated" {
	value=pw$RANDOM$RANDOM@x
	printf '%s' "$value" >pw
	pxb spec secret -n central --from-literal-file "mongodb-root-password=pw"
	refused 2 "mongodb-root-password contains a character that breaks the database's URI"
	keeps_quiet_of "$value"
	pxb spec secret -n central --from-literal-file "mysql-password=pw"
	exits 0
	[ "$(sed -n 's/^  mysql-password: //p' "$T/out" | base64 -d)" = "$value" ]
	pxb spec secret -n central --from-literal-file "mysql-pasword=pw"
	refused 2 "did you mean 'mysql-password'?"
}

@test "no password is printed to a terminal" {
	run script -qec "'$PXB_FED_BIN' spec secret -n central" /dev/null
	[ "$status" = 2 ]
	[[ $output == *'not printed to a terminal'* ]]
	[[ $output != *'mysql-password:'* ]]
}

@test "a namespace is required and must be one" {
	pxb spec secret
	refused 2 'give -n NAMESPACE'
	pxb spec secret -n Central
	refused 2 'not a namespace name'
}

@test "what is no Secret pxc-credentials, and one that is wrong, in the check" {
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: other}\n' >s.yaml
	pxb spec secret --check s.yaml
	refused 3 'no Secret named pxc-credentials'
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: pxc-credentials}\ndata: {mysql-password: "***"}\n' >s.yaml
	pxb spec secret --check s.yaml
	exits 1
	prints 'mysql-password is not base64'
	prints 'mongodb-replica-set-key is missing'
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: pxc-credentials}\nstringData: {mysql-password: "abc\\n"}\n' >s.yaml
	pxb spec secret --check - <s.yaml
	exits 1
	prints 'ends with a newline'
	printf 'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: pxc-credentials}, stringData: {mysql-password: a, mysql-password: b}}]\n' >s.yaml
	pxb spec secret --check s.yaml
	exits 1
	prints 'mysql-password is defined twice'
	pxb spec secret --check -n central s.yaml
	refused 2 '--check takes'
}

@test "INSTALL.md: the Secret is created and not replaced, the archive is compared, the order is the page's" {
	answers 'registry: {host: r.example.com, repository: pxb}' 'encryptMongoDB: true'
	pxb spec --answers answers.yaml -d out
	exits 0
	grep -q 'kubectl create -f -' out/INSTALL.md
	lacks 'spec secret.*kubectl apply' out/INSTALL.md
	[ "$(grep -n '^## ' out/INSTALL.md | sed 's/^[0-9]*:## //' | cut -c1-2 | head -4 | tr '\n' ' ')" = '1. 2. 3. 4. ' ]
	sed -n '/^## 2/,/^## 3/p' out/INSTALL.md | grep -q 'spec images --sync'
	grep -q 'helm pxb-fed upgrade' out/INSTALL.md
}

@test "images: sorted, once each, moved, and for skopeo" {
	pxb spec images "$mini"
	exits 0
	sort -uc "$T/out"
	cp "$T/out" images
	pxb spec images --registry r.example.com:5000 --repository pxb "$mini"
	exits 0
	[ "$(wc -l <"$T/out")" = "$(wc -l <images)" ]
	[ "$(grep -vc '^r.example.com:5000/pxb/[^/]*$' "$T/out")" = 0 ]
	pxb spec images --sync "$mini"
	exits 0
	prints '  images:'
	pxb spec images --registry r.example.com "$mini"
	refused 2 'belong together'
	pxb spec images --values v.yaml "$mini"
	refused 2 'is for a CHART'
	pxb spec images --registry https://r --repository p "$mini"
	refused 2 'must be a host'
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' >none.yaml
	pxb spec images - <none.yaml
	refused 3 'no object names an image'
}

@test "values check: types, keys, contradictions, policy" {
	while IFS='|' read -r line message; do
		printf 'pxbackup: {enabled: true, federated: true}\npersistentStorage: {storageClassName: a}\n%b\n' "$line" >v.yaml
		pxb values check v.yaml
		exits 1
		prints_wrapped "$message"
	done <<-'EOT'
	istio: {enabled: "true"}|istio.enabled must be true or false
	service: {pxBackupUIServiceType: nodeport}|must be LoadBalancer, NodePort or ClusterIP
	service: {pxBackupServiceAnnotations: none}|service.pxBackupServiceAnnotations must be a mapping
	images: {pxBackupImage: {tag: 3.10}}|images.pxBackupImage.tag must be a text
	images: {pullSecrets: a}|images.pullSecrets must be a list
	caCertsSecretName: A_B|names in Kubernetes have no capitals
	telemetry: true|telemetry must be a mapping
	oidc: {externalOIDC: true}|oidc.externalOIDC must be a mapping
	images: {pxBackupImage: "px-backup:3.0"}|images.pxBackupImage must be a mapping
	images: {pullSecrets: null}|images.pullSecrets must be a list
	images: {registry: "https://r.example.com"}|images.registry must be a host without a scheme
	images: {pullPolicy: Sometimes}|must be Always, IfNotPresent or Never
	proxy: {http: "http://u:p@h", https: "http://h"}|must not contain a user name or password
	proxy: {httpProxy: {noProxy: "a, b"}}|must not contain blanks
	istio: {hostName: "https://a.b/"}|must be one host name
	persistentStorage: {storageClassName: a, mongodbVolumeSize: "0"}|must be a size in quotes
	securityContext: {fsGroup: "1000"}|must be a whole number
	istioo: {enabled: true}|did you mean 'istio'
	istio: {enabled: true}\nlinkerd: {enabled: true}|only one mesh can be used
	proxy: {http: "http://p"}|proxy.http is set and proxy.https is not
	proxy: {http: "http://p", https: "http://p", configSecretName: s}|define each variable twice
	oidc: {externalOIDC: {enabled: true}}|oidc.externalOIDC.endpoint is not set
	oidc: {centralOIDC: {enabled: false}}|which drops Keycloak
	EOT
	printf 'pxbackup: {enabled: true, federated: true}\npersistentStorage: {storageClassName: a}\n' >v.yaml
	pxb values check v.yaml
	exits 0
	printf 'pxbackup: {enabled: true, federated: true, version: 3.0.0}\npersistentStorage: {storageClassName: a}\n' >w.yaml
	pxb values check w.yaml
	exits 0
	prints 'warning[values]: pxbackup.version is set'
	policy 'storageClassName: b' 'telemetry: required'
	pxb values check v.yaml
	exits 1
	prints_wrapped 'persistentStorage.storageClassName is a; the policy says storageClassName: b'
	prints_wrapped 'telemetry.enabled is not set'
}

@test "values check: what is left at a default" {
	printf 'telemetry: {enabled: true}\n' >v.yaml
	pxb values check v.yaml
	exits 1
	prints_wrapped 'pxbackup.federated is not set'
	prints_wrapped 'pxbackup.enabled is not set'
	prints_wrapped 'persistentStorage.storageClassName is not set'
}

@test "values check --against: what differs, in both directions, without secrets" {
	printf 'pxbackup: {enabled: true, federated: true}\npersistentStorage: {storageClassName: a, mysqlVolumeSize: 1Gi}\n' >a.yaml
	printf 'pxbackup: {enabled: true, federated: true}\npersistentStorage: {storageClassName: a}\nisOpenshift: true\n' >b.yaml
	pxb values check --against a.yaml b.yaml
	exits 1
	prints_wrapped 'isOpenshift is true; a.yaml does not set it'
	prints_wrapped 'persistentStorage.mysqlVolumeSize is not set; a.yaml has 1Gi'
	pxb values check --against a.yaml a.yaml
	exits 0
	one=sec$RANDOM$RANDOM two=sec$RANDOM$RANDOM
	printf 'oidc: {externalOIDC: {clientSecret: %s}}\n' "$one" >>a.yaml
	printf 'oidc: {externalOIDC: {clientSecret: %s}}\n' "$two" >>b.yaml
	pxb values check --against a.yaml b.yaml
	exits 1
	prints_wrapped 'oidc.externalOIDC.clientSecret is a value that is not shown'
	keeps_quiet_of "$one"
	keeps_quiet_of "$two"
}

@test "the pipes of the page: what seals and what encrypts gets the Secret on its standard input" {
	mkdir bin
	# Stand-ins that take what the page hands them, and nothing else.
	printf '#!/bin/sh\n[ "$*" = "-o yaml" ] || exit 9\ncat >got.kubeseal\n' >bin/kubeseal
	printf '#!/bin/sh\n[ "$1" = --encrypt ] || exit 9\nfor last; do :; done\ncat "$last" >got.sops\n' >bin/sops
	ln -s "$PXB_FED_BIN" bin/pxb-fed
	chmod 755 bin/kubeseal bin/sops
	sed -n 's/^    \(pxb-fed spec secret -n central | .*\)/\1/p' "$root/docs/spec.md" >pipes
	[ "$(wc -l <pipes)" = 2 ]
	PATH=$PWD/bin:$PATH bash -e -o pipefail pipes
	pxb spec secret --check got.kubeseal
	exits 0
	pxb spec secret --check got.sops
	exits 0
}

@test "--chart: only px-central, and its digest is pinned" {
	echo archive >chart.tgz
	cat >helm <<-END
		#!/bin/sh
		case \$2 in
		chart) printf 'name: %s\nversion: 3.0.0\n' "\${CHART_NAME-px-central}" ;;
		values) cat '$root/testdata/charts/px-central-like/values.yaml' ;;
		esac
	END
	chmod +x helm
	answers
	HELM_BIN=$PWD/helm pxb spec --answers answers.yaml -d out --chart chart.tgz
	exits 0
	grep -qF "$(sha256sum <chart.tgz | cut -c1-64)" out/INSTALL.md
	CHART_NAME=other HELM_BIN=$PWD/helm pxb spec --answers answers.yaml -d other --chart chart.tgz
	refused 2 "'chart.tgz' is not the chart px-central"
	no_file other
}
