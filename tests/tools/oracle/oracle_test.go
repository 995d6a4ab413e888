package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The test binary is its own reader under test: with this variable set it answers questions instead of running tests.
const roleVariable = "ORACLE_TEST_READER"

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	if batch(os.Stdin, os.Stdout, readerRoles[role]) != nil {
		os.Exit(1)
	}
}

var readerRoles = map[string]func([]byte) answer{
	"cluster": clusterAnswer,
	"careful": func(stream []byte) answer {
		a := clusterAnswer(stream)
		if a.accepted && clusterIsRandom(stream, a) {
			return answer{refusal: "ambiguous"}
		}
		return a
	},
	"refuse": func([]byte) answer { return answer{refusal: "no"} },
	"accept": func([]byte) answer { return answer{accepted: true, lines: [][]byte{[]byte(`{"a":1}`)}} },
	"crash": func(stream []byte) answer {
		if bytes.Contains(stream, []byte("crash")) {
			os.Exit(7)
		}
		return clusterAnswer(stream)
	},
	"hang": func(stream []byte) answer {
		if bytes.Contains(stream, []byte("hang")) {
			time.Sleep(time.Hour)
		}
		return clusterAnswer(stream)
	},
	"twice": func([]byte) answer { return answer{accepted: true, lines: [][]byte{[]byte(`{"a":2,"a":1}`)}} },
}

func ask(t *testing.T, role string, count int, streams ...string) *tally {
	t.Helper()
	t.Setenv(roleVariable, role)
	var files []document
	for _, s := range streams {
		files = append(files, document{"test", true, []byte(s)})
	}
	o := &options{reader: reader{path: os.Args[0], timeout: time.Second, stderr: io.Discard}, count: count, seed: 42, samples: 10}
	result, err := differential(o, files)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func expect(t *testing.T, got *tally, want map[class]int) {
	t.Helper()
	for c := range classes {
		if got.total(c) != want[c] {
			t.Errorf("%s: %d, want %d", c, got.total(c), want[c])
		}
	}
}

func TestClusterAgreesWithItself(t *testing.T) {
	got := ask(t, "careful", 4000)
	for _, c := range []class{onlyWeRefuse, onlyWeAccept, different, randomAccepted, died} {
		if got.total(c) != 0 {
			t.Errorf("%s: %d, want 0", c, got.total(c))
		}
	}
	if got.total(same) < 1000 || got.total(bothRefuse) < 1000 || got.total(clusterRandom) == 0 {
		t.Errorf("same %d, both_refuse %d, cluster_random %d: the generator is lopsided", got.total(same), got.total(bothRefuse), got.total(clusterRandom))
	}
	if got.failed(&options{}) {
		t.Error("failed")
	}
}

func TestClasses(t *testing.T) {
	expect(t, ask(t, "cluster", 0, "a: 1\n", "a: [", "{\"a\": 1}{\"b\": 2}", ""), map[class]int{same: 3, bothRefuse: 1})
	expect(t, ask(t, "refuse", 0, "a: 1\n", "a: ["), map[class]int{onlyWeRefuse: 1, bothRefuse: 1})
	expect(t, ask(t, "accept", 0, "a: 1\n", "{\"a\": 1.0}", "a: 2\n", "a: ["), map[class]int{same: 1, different: 2, onlyWeAccept: 1})
	expect(t, ask(t, "cluster", 0, "1: a\n'1': b\n", "1: a\n'1': a\n"), map[class]int{randomAccepted: 1, same: 1})
	expect(t, ask(t, "careful", 0, "1: a\n'1': b\n"), map[class]int{clusterRandom: 1})
	expect(t, ask(t, "twice", 0, "a: 1\n"), map[class]int{different: 1})
}

func TestReaderDies(t *testing.T) {
	got := ask(t, "crash", 0, "a: 1\n", "a: crash\n", "b: 2\n", "crash", "c: 3\n")
	expect(t, got, map[class]int{same: 3, died: 2})
	if s := got.samples[died]; len(s) == 0 || !strings.Contains(s[0].ours.refusal, "exit status 7") || string(s[0].stream) != "a: crash\n" {
		t.Errorf("the sample does not tell which stream killed the reader, and how: %+v", s)
	}
	expect(t, ask(t, "hang", 0, "a: 1\n", "a: hang\n", "b: 2\n"), map[class]int{same: 2, died: 1})
}

func TestNoReader(t *testing.T) {
	var out, err bytes.Buffer
	if code := run([]string{"differential", "--reader", "/nonexistent/reader", "--count", "1"}, nil, &out, &err); code != 3 {
		t.Errorf("exit %d, want 3: %s%s", code, &out, &err)
	}
}

func TestSamplesAreShort(t *testing.T) {
	got := ask(t, "accept", 0, "first: [1, 2, 3]\nsecond:\n- 'x'\nthird: \"unclosed\nfourth: 4\n")
	if s := got.samples[onlyWeAccept]; len(s) != 1 || len(s[0].small) > 4 {
		t.Errorf("not shrunk: %q", s[0].small)
	}
}

func TestSameSeedSameDocuments(t *testing.T) {
	text := func(seed uint64) string {
		g, err := newGenerator(seed, "")
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for range 500 {
			d := g.next()
			out.WriteString(d.origin + string(d.stream))
		}
		return out.String()
	}
	if text(7) != text(7) || text(7) == text(8) {
		t.Error("the seed does not decide the documents")
	}
	if _, err := newGenerator(1, "no such"); err == nil {
		t.Error("an unknown generator is accepted")
	}
}

func TestProtocol(t *testing.T) {
	var question bytes.Buffer
	for _, s := range []string{"a: 1", "", "[", "b: 1.50\n---\nc: 0x10\n"} {
		if err := writeFrame(&question, []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := batch(&question, &out, clusterAnswer); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A{\"a\":1}\n", "A", "R", "A{\"b\":1.5}\n{\"c\":16}\n"} {
		payload, err := readFrame(&out)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(payload); got != want && !(want == "R" && strings.HasPrefix(got, "R")) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, err := readFrame(&out); err != io.EOF {
		t.Errorf("after the last answer: %v", err)
	}
	for _, broken := range []string{"\x00\x00", "\x00\x00\x00\x05abc", "\xff\xff\xff\xff"} {
		if err := batch(strings.NewReader(broken), io.Discard, clusterAnswer); err == nil {
			t.Errorf("%q is accepted", broken)
		}
	}
	for _, payload := range []string{"", "X"} {
		if _, err := parseAnswer([]byte(payload)); err == nil {
			t.Errorf("the answer %q is accepted", payload)
		}
	}
}

func TestNumbersStayAsTheClusterWritesThem(t *testing.T) {
	for stream, want := range map[string]string{
		"{\"a\": 1.0}": `{"a":1.0}`, "{\"a\": 9007199254740993}": `{"a":9007199254740993}`, "a: 9007199254740993\n": `{"a":9007199254740993}`,
		"a: 1e21\n": `{"a":1e+21}`, "a: 1_000\n": `{"a":1000}`, "a: '<&>'\n": `{"a":"<&>"}`,
	} {
		if got := clusterAnswer([]byte(stream)); !got.accepted || len(got.lines) != 1 || string(got.lines[0]) != want {
			t.Errorf("%q: %v, want %s", stream, got, want)
		}
	}
}

func TestDiffAndSame(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	object := func(name, more string) string { return "kind: K\nmetadata: {name: " + name + "}\n" + more }
	a := file("a", object("x", "n: 1\n")+"---\n"+object("y", "env: [{name: A}, {name: B}]\n"))
	swapped := file("swapped", object("y", "env: [{name: B}, {name: A}]\n")+"---\n"+object("x", "n: 0x1\n"))
	other := file("other", object("x", "n: 2\n")+"---\n"+object("y", "env: [{name: A}, {name: B}]\n"))
	null := file("null", object("x", "n: 1\nm: null\n")+"---\n"+object("y", "env: [{name: A}, {name: B}]\n"))
	twice := file("twice", object("x", "n: 1\n")+"---\n"+object("x", "n: 1\n")+"---\n"+object("y", "env: [{name: A}, {name: B}]\n"))
	marked := file("marked", "kind: K\nmetadata: {name: x, annotations: {postrenderer.helm.sh/postrender-filename: t}}\nn: 1\n---\n"+object("y", "env: [{name: A}, {name: B}]\n"))
	bad := file("bad", "a: [\n")
	for _, c := range []struct {
		how, a, b string
		want      int
	}{
		{"same", a, a, 0}, {"diff", a, a, 0}, {"same", a, swapped, 1}, {"diff", a, swapped, 0}, {"diff", a, other, 1}, {"same", a, other, 1},
		{"diff", a, null, 1}, {"diff", a, twice, 1}, {"diff", a, marked, 0}, {"same", a, marked, 1}, {"diff", a, bad, 3}, {"same", filepath.Join(dir, "none"), a, 3},
	} {
		var out, err bytes.Buffer
		if got := run([]string{c.how, c.a, c.b}, nil, &out, &err); got != c.want {
			t.Errorf("%s %s %s: exit %d, want %d\n%s%s", c.how, filepath.Base(c.a), filepath.Base(c.b), got, c.want, &out, &err)
		}
		if (c.want == 1) != (out.Len() > 0) {
			t.Errorf("%s %s %s: exit %d and output %q", c.how, filepath.Base(c.a), filepath.Base(c.b), c.want, &out)
		}
	}
}
