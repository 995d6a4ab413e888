// Pins the Helm 4 that the tests run. There is no Go source here: build.sh builds the command of the module below.
module pxb-fed/tests/tools/helm4

go 1.26.0

require helm.sh/helm/v4 v4.3.1
