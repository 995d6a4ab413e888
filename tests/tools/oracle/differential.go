package main

// differential: another reader against the cluster's. A gate may be stricter than the cluster. It must never accept what the
// cluster refuses, and must never read another meaning.

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"time"
	"unicode"
)

type class int

const (
	same class = iota
	bothRefuse
	onlyWeRefuse
	clusterRandom // the cluster has several answers and we refuse: right
	excepted      // only we accept, for a reason that has a name below
	onlyWeAccept
	different
	randomAccepted // the cluster has several answers and we took one
	died
	classes
)

var classNames = [classes]string{
	"same", "both_refuse", "only_we_refuse", "cluster_random", "excepted",
	"only_we_accept", "different", "cluster_random_accepted", "died",
}

func (c class) String() string { return classNames[c] }
func (c class) bad() bool      { return c >= onlyWeAccept }

// An exception names a kind of stream that the reader may accept although the cluster refuses it. Each needs a reason why this
// can do no harm. The list is empty on purpose; whoever adds to it owes the proof.
type exception struct {
	name    string
	why     string
	applies func(stream []byte, refusal string) bool
}

var exceptions = []exception{}

func exceptionFor(stream []byte, refusal string) *exception {
	for i := range exceptions {
		if exceptions[i].applies(stream, refusal) {
			return &exceptions[i]
		}
	}
	return nil
}

func classify(stream []byte, cluster, ours answer) class {
	switch {
	case !cluster.accepted && !ours.accepted:
		return bothRefuse
	case !cluster.accepted:
		if exceptionFor(stream, cluster.refusal) != nil {
			return excepted
		}
		return onlyWeAccept
	case clusterIsRandom(stream, cluster):
		if ours.accepted {
			return randomAccepted
		}
		return clusterRandom
	case !ours.accepted:
		return onlyWeRefuse
	case sameAnswer(cluster, ours):
		return same
	case answersVary(stream, cluster, 64): // a randomness that keysCollide does not know
		return randomAccepted
	}
	return different
}

type options struct {
	reader     reader
	count      int
	seed       uint64
	only       string
	samples    int
	save       string
	filesAgree bool
}

type document struct {
	origin string // a generator's name or a file's
	file   bool
	stream []byte
}

type sample struct {
	document
	small         []byte // the same failure, made as short as it gets
	cluster, ours answer // about small
}

type tally struct {
	count   map[string]*[classes]int // by generator; files count as one
	excuses map[string]int
	reasons map[class]map[string]int // why one side refuses what the other accepts
	samples map[class][]sample
	shrunk  map[class]int
	refused []sample // files that only we refuse
	objects int      // objects in streams that both read alike: a reader that refuses everything is no success
	spent   time.Duration
}

func (t *tally) total(c class) int {
	n := 0
	for _, counts := range t.count {
		n += counts[c]
	}
	return n
}

func (t *tally) failed(o *options) bool {
	for c := range classes {
		if c.bad() && t.total(c) > 0 {
			return true
		}
	}
	return o.filesAgree && len(t.refused) > 0
}

// Enough documents at a time to keep both processes busy, few enough to stop soon after a failure.
const batchSize = 512

// A reader that dies this often need not be asked further.
const deathLimit = 25

func differential(o *options, files []document) (*tally, error) {
	t := &tally{
		count: map[string]*[classes]int{}, excuses: map[string]int{}, samples: map[class][]sample{}, shrunk: map[class]int{},
		reasons: map[class]map[string]int{onlyWeAccept: {}, onlyWeRefuse: {}},
	}
	generator, err := newGenerator(o.seed, o.only)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	defer func() { t.spent = time.Since(began) }()
	defer o.reader.stop()

	left := o.count
	for len(files) > 0 || left > 0 {
		var batch []document
		for len(batch) < batchSize && len(files) > 0 {
			batch, files = append(batch, files[0]), files[1:]
		}
		for len(batch) < batchSize && left > 0 {
			batch, left = append(batch, generator.next()), left-1
		}
		if err := t.compare(o, batch); err != nil {
			return t, err
		}
		if t.total(died) >= deathLimit {
			return t, fmt.Errorf("the reader died %d times", deathLimit)
		}
	}
	return t, nil
}

func (t *tally) compare(o *options, batch []document) error {
	streams := make([][]byte, len(batch))
	for i := range batch {
		streams[i] = batch[i].stream
	}
	cluster := make(chan []answer)
	go func() { cluster <- readAll(streams) }()

	ours, deaths, err := askAll(&o.reader, streams)
	theirs := <-cluster
	if err != nil {
		return err
	}

	verdicts := make([]class, len(batch))
	parallel(len(batch), func(i int) {
		verdicts[i] = died
		if deaths[i] == nil {
			verdicts[i] = classify(streams[i], theirs[i], ours[i])
		}
	})
	for i, c := range verdicts {
		origin := batch[i].origin
		if batch[i].file {
			origin = "files"
		}
		if t.count[origin] == nil {
			t.count[origin] = new([classes]int)
		}
		t.count[origin][c]++
		switch c {
		case onlyWeAccept:
			t.reasons[c][outline(theirs[i].refusal)]++
		case onlyWeRefuse:
			t.reasons[c][outline(ours[i].refusal)]++
		}
		switch {
		case c == same:
			t.objects += len(ours[i].lines)
		case c == excepted:
			t.excuses[exceptionFor(streams[i], theirs[i].refusal).name]++
		case c == onlyWeRefuse && batch[i].file:
			t.refused = append(t.refused, sample{batch[i], streams[i], theirs[i], ours[i]})
		case c.bad() && len(t.samples[c]) < o.samples:
			t.keep(o, c, sample{batch[i], streams[i], theirs[i], ours[i]})
		}
	}
	return nil
}

// askAll asks everything at once. If the reader dies of that, answers that it held back are lost with it, so the rest is asked
// one by one: then the culprit is known. The error is about a reader that does not start.
func askAll(r *reader, streams [][]byte) ([]answer, map[int]error, error) {
	deaths := map[int]error{}
	ours, err := r.ask(streams)
	if err == nil {
		return ours, deaths, nil
	}
	first, firstError := len(ours), err
	for i := first; i < len(streams); i++ {
		if errors.Is(err, errNoReader) || len(deaths) >= deathLimit {
			return nil, nil, err
		}
		var one []answer
		if one, err = r.ask(streams[i : i+1]); err != nil {
			deaths[i] = err
			one = []answer{{refusal: err.Error()}}
		}
		ours = append(ours, one[0])
	}
	if len(deaths) == 0 {
		deaths[first] = fmt.Errorf("%w (about here, and only after other streams)", firstError)
		ours[first] = answer{refusal: deaths[first].Error()}
	}
	return ours, deaths, nil
}

// keep stores a sample unless its like is known already: ten forms of one fault say less than ten faults.
func (t *tally) keep(o *options, c class, s sample) {
	if t.shrunk[c] >= 8*o.samples {
		return // shrinking asks the reader many times; by now the common faults are known
	}
	alike := 0
	for _, other := range t.samples[c] {
		if c == onlyWeAccept && outline(other.cluster.refusal) == outline(s.cluster.refusal) {
			alike++
		}
	}
	if alike >= 3 {
		return
	}
	t.shrunk[c]++
	if c != died { // asking again what kills the reader costs a start each time
		s.small = shrink(s.stream, func(stream []byte) bool {
			answers, err := o.reader.ask([][]byte{stream})
			if err != nil {
				return false
			}
			cluster := clusterAnswer(stream)
			if classify(stream, cluster, answers[0]) != c {
				return false
			}
			s.cluster, s.ours = cluster, answers[0]
			return true
		})
	}
	for _, other := range t.samples[c] {
		if outline(string(other.small)) == outline(string(s.small)) {
			return
		}
	}
	t.samples[c] = append(t.samples[c], s)
}

// outline forgets names and numbers, so that what differs in these alone becomes equal.
func outline(s string) string {
	var out strings.Builder
	last := rune(0)
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) && r > unicode.MaxASCII:
			r = 'a'
		case unicode.IsDigit(r):
			r = '0'
		}
		if r != '0' || last != '0' {
			out.WriteRune(r)
		}
		last = r
	}
	return quotedPart.ReplaceAllString(out.String(), "$1.$1")
}

// What stands in quotes in a message is a piece of the document.
var quotedPart = regexp.MustCompile("([`'\"])[^`'\"]*[`'\"]")

func readAll(streams [][]byte) []answer {
	answers := make([]answer, len(streams))
	parallel(len(streams), func(i int) { answers[i] = clusterAnswer(streams[i]) })
	return answers
}

func parallel(n int, work func(i int)) {
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := w; i < n; i += workers {
				work(i)
			}
		}()
	}
	group.Wait()
}

// shrink makes a stream shorter as long as it still fails: halves, quarters and so on, down to single bytes.
func shrink(stream []byte, fails func([]byte) bool) []byte {
	const patience = 2000
	tries := 0
	if len(stream) > 1<<16 {
		return stream
	}
	for size := (len(stream) + 1) / 2; size > 0; {
		shorter := false
		for at := 0; at+size <= len(stream) && tries < patience; {
			candidate := append(append([]byte{}, stream[:at]...), stream[at+size:]...)
			tries++
			if len(candidate) > 0 && fails(candidate) {
				stream, shorter = candidate, true
			} else {
				at += size
			}
		}
		if !shorter || size > len(stream) {
			size /= 2
		}
	}
	return stream
}

type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func differentialCommand(args []string, stdout, stderr io.Writer) int {
	o := options{reader: reader{stderr: stderr}}
	flags := flag.NewFlagSet("oracle differential", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.reader.path, "reader", "", "")
	flags.Var((*list)(&o.reader.args), "reader-arg", "")
	flags.DurationVar(&o.reader.timeout, "timeout", 20*time.Second, "")
	flags.IntVar(&o.count, "count", 20000, "")
	flags.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "")
	flags.StringVar(&o.only, "only", "", "")
	flags.IntVar(&o.samples, "samples", 10, "")
	flags.StringVar(&o.save, "save", "", "")
	flags.BoolVar(&o.filesAgree, "files-agree", false, "")
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if o.reader.path == "" {
		fmt.Fprintln(stderr, "oracle: differential needs --reader")
		return 2
	}
	files, err := collect(flags.Args())
	if err != nil {
		fmt.Fprintf(stderr, "oracle: %v\n", err)
		return 3
	}
	if len(files) == 0 && o.count <= 0 {
		fmt.Fprintln(stderr, "oracle: differential: nothing to compare")
		return 2
	}
	// Nearly everything made here is garbage a moment later and the heap is small: collecting it less often is a third faster.
	debug.SetGCPercent(800)
	t, err := differential(&o, files)
	if t != nil {
		t.print(stdout, &o)
		if err == nil && o.save != "" {
			err = t.saveTo(o.save)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "oracle: %v\n", err)
		return 3
	}
	if t.failed(&o) {
		return 1
	}
	return 0
}

func collect(names []string) ([]document, error) {
	var files []document
	for _, name := range names {
		err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case ".yaml", ".yml", ".json":
			default:
				if path != name { // what is named counts, whatever its name
					return nil
				}
			}
			stream, err := os.ReadFile(path)
			files = append(files, document{path, true, stream})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (t *tally) print(w io.Writer, o *options) {
	all := 0
	for c := range classes {
		all += t.total(c)
	}
	fmt.Fprintf(w, "seed=%d documents=%d objects=%d seconds=%.1f\n", o.seed, all, t.objects, t.spent.Seconds())
	var totals [classes]int
	for c := range classes {
		totals[c] = t.total(c)
	}
	row := func(name string, counts *[classes]int) {
		fmt.Fprintf(w, "%-9s", name)
		for c, n := range counts {
			fmt.Fprintf(w, " %s=%d", class(c), n)
		}
		fmt.Fprintln(w)
	}
	for _, name := range append([]string{"files"}, generatorNames()...) {
		if counts := t.count[name]; counts != nil {
			row(name, counts)
		}
	}
	row("all", &totals)
	for _, e := range exceptions {
		if n := t.excuses[e.name]; n > 0 {
			fmt.Fprintf(w, "excepted %d: %s (%s)\n", n, e.name, e.why)
		}
	}
	t.printReasons(w, onlyWeAccept, "the cluster's reasons")
	t.printReasons(w, onlyWeRefuse, "our reasons")
	for c := different; c < classes; c++ {
		t.printSamples(w, c.String(), t.samples[c])
	}
	t.printSamples(w, onlyWeAccept.String(), t.samples[onlyWeAccept])
	refused := t.refused[:min(len(t.refused), o.samples)]
	for _, s := range refused {
		fmt.Fprintf(w, "\nonly_we_refuse, file %s\n  ours     %s\n", s.origin, firstLine(s.ours.String(), 300))
	}
}

func (t *tally) printReasons(w io.Writer, c class, whose string) {
	const most = 12
	var reasons []string
	for reason := range t.reasons[c] {
		reasons = append(reasons, reason)
	}
	sort.Slice(reasons, func(i, j int) bool {
		a, b := t.reasons[c][reasons[i]], t.reasons[c][reasons[j]]
		return a > b || a == b && reasons[i] < reasons[j]
	})
	if len(reasons) > 0 {
		fmt.Fprintf(w, "\n%s: %s\n", c, whose)
	}
	for i, reason := range reasons {
		if i == most {
			fmt.Fprintf(w, "         and %d more kinds\n", len(reasons)-most)
			break
		}
		fmt.Fprintf(w, "%8d %s\n", t.reasons[c][reason], firstLine(reason, 120))
	}
}

func (t *tally) printSamples(w io.Writer, name string, samples []sample) {
	for _, s := range samples {
		fmt.Fprintf(w, "\n%s, from %s\n", name, s.origin)
		fmt.Fprintf(w, "  stream   %s\n", quoted(s.small))
		if string(s.small) != string(s.stream) {
			fmt.Fprintf(w, "  made of  %s\n", quoted(s.stream))
		}
		fmt.Fprintf(w, "  cluster  %s\n", firstLine(s.cluster.String(), 600))
		fmt.Fprintf(w, "  ours     %s\n", firstLine(s.ours.String(), 600))
	}
}

// quoted is a Go string literal, fit to be pasted into a test.
func quoted(stream []byte) string {
	const limit = 2000
	if len(stream) > limit {
		return fmt.Sprintf("%q... (%d bytes)", stream[:limit], len(stream))
	}
	return fmt.Sprintf("%q", stream)
}

func (t *tally) saveTo(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for c, samples := range t.samples {
		for i, s := range samples {
			name := filepath.Join(folder, fmt.Sprintf("%s-%02d.yaml", c, i))
			if err := os.WriteFile(name, s.small, 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}
