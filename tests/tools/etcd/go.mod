// Pins the etcd that the tests' API server keeps its objects in. The version asked for is replaced, since the newer one cannot be required by name.
module pxb-fed/tests/tools/etcd

go 1.26.0

require go.etcd.io/etcd/server/v3 v3.6.8

replace go.etcd.io/etcd/server/v3 => go.etcd.io/etcd/server/v3 v3.6.12

replace github.com/gorilla/websocket => github.com/gorilla/websocket v1.5.0
