// Command fleet is many API servers in one process: TLS, one port each, recorded answers.
//
//	fleet ANSWERS DIR
//
// ANSWERS is JSON: {"clusters": N, "good": {PATH: {"status", "body"}}, "variants": {NAME: {PATH: ...}}, "planted":
// {"INDEX": NAME}, "hang": [INDEX], "silent": {"INDEX": PATH}, "hub": bool}. Half of the clusters want a client certificate, half a token. Of those that
// hang every second one does not even shake hands. DIR gets one kubeconfig of all (kubeconfig), one of each (each/NAME.yaml),
// and of the hub (hub.yaml), whose API has the clusters as Secrets of Argo CD and as shoots of Gardener's project "demo".
// Prints "ready" when every port listens; ends when standard input does, and prints then what was asked, as JSON.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

type plan struct {
	Clusters int                          `json:"clusters"`
	Good     map[string]answer            `json:"good"`
	Variants map[string]map[string]answer `json:"variants"`
	Planted  map[string]string            `json:"planted"`
	Hang     []int                        `json:"hang"`
	Silent   map[string]string            `json:"silent"` // a path that is never answered, the others are
	Hub      bool                         `json:"hub"`
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

type pair struct{ cert, key []byte }

func (p pair) tls() tls.Certificate { return must(tls.X509KeyPair(p.cert, p.key)) }

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

var serial int64

func issue(t *x509.Certificate, parent *x509.Certificate, by *ecdsa.PrivateKey) (pair, *x509.Certificate, *ecdsa.PrivateKey) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	serial++
	t.SerialNumber = big.NewInt(serial)
	t.NotBefore, t.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	t.BasicConstraintsValid = true
	if parent == nil {
		parent, by = t, key
	}
	der := must(x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, by))
	return pair{block("CERTIFICATE", der), block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(key)))}, must(x509.ParseCertificate(der)), key
}

type fleet struct {
	plan
	ca, server, client pair
	pool               *x509.CertPool
	token              string
	ports              []int
	hang               map[int]bool
	requests, tickets  atomic.Int64
	connections        atomic.Int64
	mu                 sync.Mutex
	methods            map[string]int
}

func name(i int) string { return fmt.Sprintf("shoot-%05d", i) }

func (f *fleet) byCertificate(i int) bool { return i%2 == 0 }

func status(w http.ResponseWriter, code int, reason, object string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	details := map[string]any{}
	if object != "" {
		details["name"] = object
	}
	json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason,
		"code": code, "message": reason, "details": details})
}

func (f *fleet) serve(i int) http.Handler {
	variant := f.Variants[f.Planted[strconv.Itoa(i)]]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.requests.Add(1)
		f.mu.Lock()
		f.methods[r.Method]++
		f.mu.Unlock()
		if f.hang[i] || f.Silent[strconv.Itoa(i)] == r.URL.Path {
			<-r.Context().Done()
			return
		}
		if !f.byCertificate(i) && r.Header.Get("Authorization") != "Bearer "+f.token {
			status(w, 401, "Unauthorized", "")
			return
		}
		a, ok := variant[r.URL.Path]
		if !ok {
			a, ok = f.Good[r.URL.Path]
		}
		if !ok {
			status(w, 404, "NotFound", r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:])
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.Status)
		w.Write(a.Body)
	})
}

// The cluster as kubeconfig, with what its user needs.
func (f *fleet) kubeconfig(indexes ...int) []byte {
	b64 := base64.StdEncoding.EncodeToString
	var clusters, users, contexts []any
	for _, i := range indexes {
		clusters = append(clusters, map[string]any{"name": name(i), "cluster": map[string]any{
			"server": fmt.Sprintf("https://127.0.0.1:%d", f.ports[i]), "certificate-authority-data": b64(f.ca.cert)}})
		user := map[string]any{"token": f.token}
		if f.byCertificate(i) {
			user = map[string]any{"client-certificate-data": b64(f.client.cert), "client-key-data": b64(f.client.key)}
		}
		users = append(users, map[string]any{"name": name(i), "user": user})
		contexts = append(contexts, map[string]any{"name": name(i), "context": map[string]any{"cluster": name(i), "user": name(i)}})
	}
	return must(json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Config", "clusters": clusters, "users": users,
		"contexts": contexts, "current-context": name(indexes[0])}))
}

func list(kind string, items []any) answer {
	return answer{200, must(json.Marshal(map[string]any{"kind": kind, "apiVersion": "v1", "metadata": map[string]any{}, "items": items}))}
}

// Clusters as Argo CD keeps them.
func (f *fleet) secrets() answer {
	b64 := base64.StdEncoding.EncodeToString
	var items []any
	for i := range f.Clusters {
		config := map[string]any{"tlsClientConfig": map[string]any{"caData": b64(f.ca.cert)}}
		if f.byCertificate(i) {
			config["tlsClientConfig"] = map[string]any{"caData": b64(f.ca.cert), "certData": b64(f.client.cert), "keyData": b64(f.client.key)}
		} else {
			config["bearerToken"] = f.token
		}
		items = append(items, map[string]any{
			"metadata": map[string]any{"name": "cluster-" + name(i), "namespace": "argocd",
				"labels": map[string]any{"argocd.argoproj.io/secret-type": "cluster"}},
			"data": map[string]any{"name": b64([]byte(name(i))), "config": b64(must(json.Marshal(config))),
				"server": b64(fmt.Appendf(nil, "https://127.0.0.1:%d", f.ports[i]))}})
	}
	for _, odd := range []struct{ name, config string }{
		{"runs-a-program", `{"execProviderConfig":{"command":"/bin/false","apiVersion":"client.authentication.k8s.io/v1"}}`},
		{"by-proxy", `{"bearerToken":"x","proxyUrl":"http://127.0.0.1:1"}`},
		{"aws", `{"awsAuthConfig":{"clusterName":"x"}}`},
		{"broken", `{`}} {
		items = append(items, map[string]any{"metadata": map[string]any{"name": odd.name, "namespace": "argocd"},
			"data": map[string]any{"name": b64([]byte(odd.name)), "config": b64([]byte(odd.config)),
				"server": b64([]byte("https://127.0.0.1:1"))}})
	}
	return list("SecretList", items)
}

func (f *fleet) hub() http.Handler {
	const shoots = "/apis/core.gardener.cloud/v1beta1/namespaces/garden-demo/shoots"
	var items []any
	for i := range f.Clusters {
		items = append(items, map[string]any{"metadata": map[string]any{"name": name(i)}, "status": map[string]any{"isHibernated": false}})
	}
	items = append(items, map[string]any{"metadata": map[string]any{"name": "asleep"}, "status": map[string]any{"hibernated": true}})
	fixed := map[string]answer{"/api/v1/namespaces/argocd/secrets": f.secrets(), shoots: list("ShootList", items)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Kind string }
		var i int
		w.Header().Set("Content-Type", "application/json")
		if a, ok := fixed[r.URL.Path]; ok && r.Method == "GET" {
			w.Write(a.Body)
			return
		}
		_, err := fmt.Sscanf(r.URL.Path, shoots+"/shoot-%05d/viewerkubeconfig", &i)
		if err != nil || r.Method != "POST" || r.Header.Get("Content-Type") != "application/json" ||
			json.NewDecoder(r.Body).Decode(&request) != nil || request.Kind != "ViewerKubeconfigRequest" {
			status(w, 404, "NotFound", "x")
			return
		}
		f.tickets.Add(1)
		w.WriteHeader(201)
		json.NewEncoder(w).Encode(map[string]any{"kind": "ViewerKubeconfigRequest", "status": map[string]any{
			"kubeconfig": base64.StdEncoding.EncodeToString(f.kubeconfig(i)), "expirationTimestamp": "2099-01-01T00:00:00Z"}})
	})
}

func (f *fleet) listen(i int, h http.Handler) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	f.ports = append(f.ports, l.Addr().(*net.TCPAddr).Port)
	if f.hang[i] && i%2 == 0 {
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go io.Copy(io.Discard, c) // reads, and never says anything
			}
		}()
		return
	}
	config := &tls.Config{Certificates: []tls.Certificate{f.server.tls()}, ClientCAs: f.pool}
	if f.byCertificate(i) {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	s := &http.Server{Handler: h, TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				f.connections.Add(1)
			}
		}}
	go s.ServeTLS(l, "", "")
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: fleet ANSWERS DIR")
	}
	f := &fleet{hang: map[int]bool{}, methods: map[string]int{}, pool: x509.NewCertPool()}
	if err := json.Unmarshal(must(os.ReadFile(os.Args[1])), &f.plan); err != nil {
		log.Fatal(err)
	}
	for _, i := range f.Hang {
		f.hang[i] = true
	}
	random := make([]byte, 24)
	must(rand.Read(random))
	f.token = hex.EncodeToString(random)
	ca, parent, by := issue(&x509.Certificate{Subject: pkix.Name{CommonName: "fleet"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	f.ca = ca
	f.pool.AddCert(parent)
	f.server, _, _ = issue(&x509.Certificate{Subject: pkix.Name{CommonName: "server"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, parent, by)
	f.client, _, _ = issue(&x509.Certificate{Subject: pkix.Name{CommonName: "viewer"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, parent, by)
	all := make([]int, f.Clusters)
	for i := range f.Clusters {
		all[i] = i
		f.listen(i, f.serve(i))
	}
	write := func(path string, text []byte) {
		if err := os.WriteFile(filepath.Join(os.Args[2], path), text, 0o600); err != nil {
			log.Fatal(err)
		}
	}
	must(0, os.MkdirAll(filepath.Join(os.Args[2], "each"), 0o700))
	write("kubeconfig", f.kubeconfig(all...))
	for i := range all {
		write(filepath.Join("each", name(i)+".yaml"), f.kubeconfig(i))
	}
	if f.Hub {
		f.listen(f.Clusters, f.hub())
		write("hub.yaml", f.kubeconfig(f.Clusters))
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	json.NewEncoder(os.Stdout).Encode(map[string]any{"requests": f.requests.Load(), "connections": f.connections.Load(),
		"tickets": f.tickets.Load(), "methods": f.methods})
}
