// Pins the Helm 3 that the tests run. There is no Go source here: build.sh builds the command of the module below.
module pxb-fed/tests/tools/helm3

go 1.26.0

require helm.sh/helm/v3 v3.21.4

// The cli-runtime that Helm 3.21.4 itself asks for is not served by every module proxy; the next patch release is, and is compatible.
replace k8s.io/cli-runtime => k8s.io/cli-runtime v0.36.3
