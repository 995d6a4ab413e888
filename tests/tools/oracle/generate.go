package main

// Documents that a reader may trip over, made from a seed: the same seed makes the same documents.
//
//	fragments   pieces of YAML that mean something to a scanner, thrown together
//	manifests   real-looking manifests, damaged the way people and templates damage them
//	trees       valid YAML: random trees written in random styles, with every corner of plain scalar typing
//	json        JSON streams, valid and damaged, several in one, mixed with YAML
//
// Each finds other faults: fragments those of scanners, manifests those of error handling, trees those of meaning, json those of
// the first look that decides between the two readers.

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

type generator struct {
	*rand.Rand
	only string
}

var makers = []struct {
	name string
	make func(*generator) string
}{
	{"fragments", (*generator).fragments},
	{"manifests", (*generator).manifest},
	{"trees", (*generator).tree},
	{"json", (*generator).json},
}

func generatorNames() []string {
	var names []string
	for _, m := range makers {
		names = append(names, m.name)
	}
	return names
}

func newGenerator(seed uint64, only string) (*generator, error) {
	// The second half of the state is any constant: one number on the command line is enough to remember.
	g := &generator{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), only}
	for _, m := range makers {
		if only == "" || only == m.name {
			return g, nil
		}
	}
	return nil, fmt.Errorf("no generator %q: there are %s", only, strings.Join(generatorNames(), ", "))
}

func (g *generator) next() document {
	for {
		m := makers[g.IntN(len(makers))]
		if g.only != "" && g.only != m.name {
			continue
		}
		text := m.make(g)
		if g.oneIn(30) {
			text = g.damageBytes(text)
		}
		if g.oneIn(40) {
			text = g.changeLineEnds(text)
		}
		return document{m.name, false, []byte(text)}
	}
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// upTo returns 0..n, small numbers more often.
func (g *generator) upTo(n int) int { return g.IntN(g.IntN(n+1) + 1) }

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// damageBytes works below the level of characters: what no editor writes and no reader may stumble over.
func (g *generator) damageBytes(text string) string {
	b := []byte(text)
	for range 1 + g.upTo(3) {
		if len(b) == 0 {
			break
		}
		at := g.IntN(len(b))
		switch g.IntN(6) {
		case 0:
			b[at] = byte(g.IntN(256))
		case 1:
			b = append(b[:at], b[at+1:]...)
		case 2:
			b = append(b[:at], append([]byte(pick(g, oddBytes)), b[at:]...)...)
		case 3:
			b[at] ^= 1 << g.IntN(8)
		case 4:
			b = b[:at]
		case 5:
			b = append(b, b[at:]...)
		}
	}
	return string(b)
}

// changeLineEnds turns a few or all line feeds into the other line ends that some reader knows.
func (g *generator) changeLineEnds(text string) string {
	end := pick(g, []string{"\r\n", "\r", "\u0085", "\u2028", "\u2029", "\n\r", "\v", "\f"})
	if g.oneIn(2) {
		return strings.ReplaceAll(text, "\n", end)
	}
	lines := strings.Split(text, "\n")
	var out strings.Builder
	for i, line := range lines {
		out.WriteString(line)
		switch {
		case i == len(lines)-1:
		case g.oneIn(4):
			out.WriteString(end)
		default:
			out.WriteByte('\n')
		}
	}
	return out.String()
}

var oddBytes = []string{
	"\x00", "\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x80", "\xbf", "\xc0\x80", "\xc3", "\xe2\x80", "\xed\xa0\x80",
	"\xed\xbf\xbf", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xfe", "\xfe\xff", "\xff\xfe",
	"\u0080", "\u0085", "\u009f", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\ud7ff", "\ue000",
	"\U00010000", "\U0001f600", "\U0010ffff", "\u200b", "\u202e",
}

// ---- fragments -----------------------------------------------------------------------------------------------------------

var fragmentPieces = []string{
	// indicators, alone and with what makes them one
	"-", "- ", "-\n", "-\t", "--", "- - ", "?", "? ", "?\n", ":", ": ", ":\n", ":\t", ":: ", ",", ", ", "[", "]", "{", "}", "[]", "{}",
	"[ ", " ]", "{ ", " }", "#", " #", " # c\n", "# c\n", "|", ">", "'", "\"", "%", "@", "`", "!", "&", "*", "=", "~", "<<", "<<: ",
	// ends of lines, blanks, indentation
	"\n", "\n\n", "\n\n\n", "\n ", "\n  ", "\n    ", "\n      ", "\n\t", "\n \t", " \n", "  \n", "\t\n", " ", "  ", "   ", "\t", " \t ", "\t ",
	"\r\n", "\r", "\u0085", "\u2028", "\u2029", "\ufeff", "\n\ufeff", "\x00", "\v",
	// documents
	"---\n", "--- \n", "---", "\n---\n", "\n--- # c\n", "\n---\t\n", "\n---\r\n", "\n--- a\n", "\n---a: 1\n", "\n--- |\n", "\n--- {a: 1}\n", "\n----\n",
	" ---\n", "...\n", "\n...\n", "\n... # c\n", "\n... a\n", "\n---\n---\n", "\n...\n---\n", "\n---#\n", "\n--- !!map\n", "--- &a\n",
	"%YAML 1.1\n", "%YAML 1.2\n", "%YAML 1.1\n---\n", "%TAG ! !x-\n---\n", "%TAG !e! tag:e,1:\n", "%FOO bar\n", "\n%a: 1\n",
	// block scalars: header, text, the end that matters
	"|\n", ">\n", "|-\n", "|+\n", ">-\n", ">+\n", "|1\n", "|2\n", "|2-\n", "|+1\n", "|9\n", "|0\n", "|10\n", "| # c\n", "|#c\n", "|-x\n", "|\n\n", ">\n\n",
	"|\n a\n", "|\n  a\n  b\n", "|\n  a\n\n\n", "|-\n  a\n\n", "|+\n  a\n\n", ">\n  a\n  b\n\n  c\n   d\n  e\n", "|1\n  a\n", "|2\n   a\n  b\n", "|\n   a\n  b\n",
	"a: |\n", "a: |\nb: 1\n", "  a: |\n  b: 1\n", "a: >\n\n  x\n", "- |\n", "- |\n a\n", "a: |\n\tx\n", "a: |\n \tx\n", "|\n\n  \n a\n",
	// quotes and escapes
	"''", "\"\"", "'a'", "\"a\"", "'a''b'", "\"a\\\"b\"", "\"\\n\\t\\\\\"", "\"\\x41\\u00e9\\U0001F600\"", "\"\\/\\_\\N\\L\\P\\e\\0\\a\\b\\v\\f\\r\"", "\"\\q\"", "\"\\x4\"",
	"\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"a\\\n  b\"", "\"a\n  b\n\n  c\"", "'a\n  b\n\n  c'", "'a\nb'", "\"a\nb\"", "\"a\n---\nb\"", "'a\n...\nb'", "\"a \\\n\tb\"", "\"\\ \"", "\"\\\t\"",
	"'a' b", "\"a\"b", "\"a\"#c", "\"a\" #c", "'a':1", "\"a\":1", "\"a\": 1\n", "'a' : 1\n", "\"\": 1\n", "\"<<\": *a\n", "'=': 1\n",
	// anchors, aliases, merges, tags
	"&a ", "&a", "*a", "*a ", "*a : 1\n", "*a: 1\n", "&a x\n", "&a\n", "&a &b ", "*b", "x: &a 1\n", "y: *a\n", "&a: 1\n", "&a-b_1 ", "&é ", "&a [*a]\n",
	"base: &a {k: v}\n", "base: &a\n  k: v\n", "<<: *a\n", "<<: [*a, *b]\n", "<<: {k: 1}\n", "<<: [{k: 1}, {k: 2}]\n", "<<: 1\n", "<<: [1]\n", "k: 1\n<<: *a\n", "<<: *a\nk: 1\n", "!!merge <<: *a\n",
	"! ", "!", "!a ", "!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "!!binary ", "!!map ", "!!seq ", "!!set ", "!!omap ", "!!timestamp ", "!!merge ", "!!value ", "!<tag:yaml.org,2002:str> ",
	"!<x> ", "!e!x ", "!!int x", "!!int \"1\"", "!!float 1", "!!bool yes", "!!null x", "!!str 1", "!!str", "!!binary aGk=", "!!binary a", "!!str &a ", "&a !!str ", "!,", "!a,", "!]", "!%41 ", "!!float 0x1F", "!!int 1.0", "!!timestamp 2001-12-14",
	// plain scalars that end where one does not expect it
	"a", "a b", "a: b\n", "a:b", "a: b: c\n", "a #b", "a#b", "a: #c\n", "a\nb", "a\n  b\n", "a:\n  b\n  c\n", "a: b\n c\n", "-a", "- a\n", "?a", ":a", "a,b", "a]b", "a{b", "a[b", "é", "日本語", "\U0001f600",
	"a: 1\n", "b: 2\n", "a: 1\na: 2\n", "a:\n", "a: \n", "a:\n- 1\n- 2\n", "a:\n  - 1\n", "- a: 1\n  b: 2\n", "- a:\n  - b\n", "-\n  a: 1\n", "  a: 1\n", "    b: 2\n", "-\n-\n", "- - 1\n  - 2\n",
	"? a\n: b\n", "? a\n", "? [a]\n: b\n", "? {a: 1}\n", "? |\n  a\n: b\n", ": a\n", "?\n: a\n", "[a]: 1\n", "{a: 1}: 1\n", "[]: 1\n", "? a\n? b\n", "? - a\n: - b\n",
	// flow
	"[a, b]", "[a,b]", "[a b, c]", "[a,]", "[,a]", "[,]", "[a: b]", "[a: b, c: d]", "[? a: b]", "[?a]", "[:a]", "[a:]", "[a :b]", "[-]", "[- 1]", "[-1]", "[\n a,\n b\n]", "[\na\n]", "[a #c\n]", "[a #c\n, b]", "[1,#c\n]",
	"{a: 1}", "{a: 1, b: 2}", "{a}", "{a, b}", "{a:}", "{a: }", "{a:1}", "{\"a\":1}", "{'a':1}", "{\"a\" : 1}", "{a: 1,}", "{,}", "{? a: b}", "{? a : b}", "{?a: b}", "{: a}", "{:a}", "{a: [b, {c: d}]}", "{a: -}", "{x: -, y}", "{\na: 1\n}", "{a: 1, a: 2}",
	"{a: 1} x", "[1] x", "{a: 1}\nb: 2\n", "[1]\n- 2\n", "{a: \"b\nc\"}", "{<<: *a}", "{<<: {a: 1}, b: 2}", "{a: |\n b}", "{a: &x 1, b: *x}", "{*a : 1}", "[*a]", "[*a,]", "{\"a\":*a}", "{a: !!str 1}", "{!, x: 1}", "{!!str a: 1}", "[!!str , 1]", "{a: b:c}", "{a: 'b',c: 1}",
	// typing
	"yes", "No", "ON", "y", "N", "true", "tRue", "null", "Null", "0777", "0o17", "0b11", "0x1F", "1_000", "089", "1.", ".5", "1e3", "1E+5", "1e400", "-0", "+12", ".inf", "-.INF", ".NaN", "190:20:30", "2001-01-01", "2001-12-14t21:59:43.10-05:00", "12345678901234567890", "123456789012345678901234567890",
	"y: 1\n", "on: 1\n", "1: 1\n", "1.0: 1\n", "0x1: 1\n", "\"1\": 2\n", "~: 1\n", "null: 1\n", "true: 1\n", "\"true\": 2\n", ".inf: 1\n", "1e3: 1\n",
	// JSON inside YAML
	"{\"a\": 1}\n", "{\"a\": [1, 2.50, true, null]}\n", "{\"a\": 1}{\"b\": 2}", "\n{\"c\": 3}\n", "{\"a\":{\"b\":{}}}", "[{\"a\":1}]", "\"a\":1", "{\"a\":\t1}", "{\"a\":1\t}", "{\"a\\u0000\":1}", "{\"a\":1,\"a\":2}", "{\"a\" 1}", "{\"a\":01}", "{\"a\":1.}",
	// manifests
	"apiVersion: v1\nkind: ConfigMap\n", "metadata:\n  name: a\n", "data:\n  a: |\n    b\n", "env:\n- name: A\n  value: \"true\"\n", "kind: List\nitems:\n- {}\n",
}

func (g *generator) fragments() string {
	if g.oneIn(2) {
		return g.fragmentLines()
	}
	var out strings.Builder
	// A root that is no mapping is refused whatever it says: most documents begin as somebody's value.
	if !g.oneIn(3) {
		out.WriteString(pick(g, fragmentStarts))
	}
	for range 1 + g.upTo(16) {
		out.WriteString(pick(g, fragmentPieces))
		switch g.IntN(12) {
		case 0:
			out.WriteByte('\n')
		case 1:
			out.WriteByte(' ')
		case 2:
			out.WriteString("\n" + strings.Repeat(" ", g.upTo(6)))
		case 3:
			out.WriteString(g.plain())
		}
	}
	if g.oneIn(2) {
		out.WriteByte('\n')
	}
	return out.String()
}

var fragmentStarts = []string{"k: ", "k: ", "k:\n  ", "k:\n- ", "k:\n  - ", "k: {v: ", "k: [", "k: &a ", "m:\n  k: ", "k: \"", "k: '", "k: |\n  "}

// fragmentLines gives most pieces a key and a line of their own, so that one bad piece among many does not hide the others.
func (g *generator) fragmentLines() string {
	var out strings.Builder
	indent := ""
	for i := range 1 + g.upTo(7) {
		piece := pick(g, fragmentPieces)
		switch g.IntN(8) {
		case 0:
			out.WriteString(indent + piece)
		case 1:
			out.WriteString(indent + piece + ": " + g.scalar() + "\n")
		case 2:
			indent = strings.Repeat(" ", g.upTo(4))
			fallthrough
		case 3:
			out.WriteString(indent + "- " + strings.TrimSuffix(piece, "\n") + "\n")
		case 4:
			out.WriteString(fmt.Sprintf("%sk%d:\n%s  %s\n", indent, i, indent, piece))
		default:
			out.WriteString(fmt.Sprintf("%sk%d: %s\n", indent, i, strings.TrimSuffix(piece, "\n")))
		}
	}
	return out.String()
}

// ---- damaged manifests ---------------------------------------------------------------------------------------------------

func (g *generator) manifest() string {
	lines := strings.Split(strings.TrimSuffix(pick(g, manifests), "\n"), "\n")
	if !g.oneIn(4) {
		lines = g.window(lines)
	}
	for range g.upTo(5) {
		if len(lines) > 0 {
			lines = g.damageLines(lines)
		}
	}
	text := strings.Join(lines, "\n")
	if !g.oneIn(8) {
		text += "\n"
	}
	return text
}

// window cuts a piece out of a manifest and moves it to the left, so that most pieces are documents of their own and short.
func (g *generator) window(lines []string) []string {
	from := g.IntN(len(lines))
	to := min(from+1+g.IntN(14), len(lines))
	lines = lines[from:to]
	least := 99
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			least = min(least, len(line)-len(strings.TrimLeft(line, " ")))
		}
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = line[min(least, len(line)):]
	}
	return out
}

func (g *generator) damageLines(lines []string) []string {
	lines = append([]string{}, lines...)
	at := g.IntN(len(lines))
	other := g.IntN(len(lines))
	line := lines[at]
	indent := len(line) - len(strings.TrimLeft(line, " "))
	replaceValue := func(value string) {
		if key, _, found := strings.Cut(line, ": "); found {
			lines[at] = key + ": " + value
		} else {
			lines[at] = line[:indent] + value
		}
	}
	switch g.IntN(16) {
	case 0:
		return append(lines[:at], lines[at+1:]...)
	case 1:
		return append(lines[:at+1], lines[at:]...)
	case 2:
		lines[at], lines[other] = lines[other], lines[at]
	case 3:
		lines[at] = strings.Repeat(" ", g.upTo(8)) + strings.TrimLeft(line, " ")
	case 4:
		lines[at] = strings.Repeat("\t", 1+g.upTo(1)) + strings.TrimLeft(line, " ")
	case 5:
		position := g.IntN(len(line) + 1)
		lines[at] = line[:position] + pick(g, fragmentPieces) + line[position:]
	case 6:
		return append(lines[:at], append(strings.Split(strings.TrimSuffix(pick(g, fragmentPieces), "\n"), "\n"), lines[at:]...)...)
	case 7:
		lines[at] = line + pick(g, []string{" ", "\t", "\r", " # comment", "#no comment", " \\", ":", ",", " |", " >-", "\u0085", "\u00a0"})
	case 8:
		replaceValue(g.scalar())
	case 9:
		replaceValue(g.flow(2))
	case 10:
		replaceValue(g.plain())
	case 11:
		if key, value, found := strings.Cut(strings.TrimLeft(line, " "), ": "); found {
			lines[at] = line[:indent] + g.keyText(key) + ": " + value
		}
	case 12:
		return append(lines[:at], append([]string{pick(g, separators)}, lines[at:]...)...)
	case 13:
		if len(line) > 0 {
			position := g.IntN(len(line))
			lines[at] = line[:position] + line[position+1:]
		}
	case 14:
		// the rest of the document goes one level deeper or comes one level up
		for i := at; i < len(lines); i++ {
			if g.oneIn(2) {
				lines[i] = "  " + lines[i]
			} else {
				lines[i] = strings.TrimPrefix(lines[i], "  ")
			}
		}
	case 15:
		// a template that forgot to render
		replaceValue(pick(g, []string{"{{ .Values.x }}", "{{- include \"a\" . }}", "<no value>", "%!s(<nil>)", "$(VAR)", "${VAR}"}))
	}
	return lines
}

var separators = []string{"---", "---", "---", "--- ", "---\t", "--- # c", "---\r", "...", "--- a", "---a", " ---", "----", "# c", "", "--- |", "%YAML 1.1", "\ufeff---", "---\ufeff"}

// ---- trees ---------------------------------------------------------------------------------------------------------------

// writer holds what must be remembered while a document is written, so that its aliases have anchors.
type writer struct {
	*generator
	strings.Builder
	anchors []string
	maps    []string // anchors of mappings, good for a merge
}

func (g *generator) tree() string {
	w := &writer{generator: g}
	documents := 1 + g.IntN(6)/4 + g.IntN(20)/19
	for i := range documents {
		if i > 0 || g.oneIn(6) {
			w.WriteString(pick(g, []string{"---\n", "---\n", "---\n", "--- # next\n", "---  \n", "# lead\n---\n", "\n---\n", "---\r\n"}))
		}
		w.anchors, w.maps = nil, nil
		switch g.IntN(60) {
		case 0:
			w.WriteString(g.scalar() + "\n") // a cluster wants a mapping
		case 1:
			w.sequence(0, 2)
		case 2:
			w.WriteString(g.flow(3) + "\n")
		case 3: // nothing, or a comment
			w.WriteString(pick(g, []string{"", "\n", "# only a comment\n", "null\n", "~\n"}))
		default:
			w.mapping(g.upTo(2), 1+g.upTo(2), 0)
		}
		if g.oneIn(25) {
			w.WriteString(pick(g, []string{"...\n", "# tail\n", "\n\n", "...\n# tail\n"}))
		}
	}
	text := w.String()
	if g.oneIn(10) {
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

// mapping writes entries at the given column. The first may be written already in part ("- "): then first is the column where
// the cursor stands, and it needs no blanks.
func (w *writer) mapping(indent, depth, cursor int) {
	for i := range 1 + w.upTo(4) {
		if i > 0 || cursor == 0 {
			w.blanks(indent)
		}
		if w.oneIn(25) {
			w.WriteString("# comment\n")
			w.blanks(indent)
		}
		if len(w.maps) > 0 && w.oneIn(6) {
			w.merge(indent)
			continue
		}
		if w.oneIn(100) {
			w.collision(indent)
			continue
		}
		if w.oneIn(30) { // an explicit key
			w.WriteString("? " + w.keyText("") + "\n")
			w.blanks(indent)
			w.WriteString(":")
		} else {
			w.WriteString(w.keyText("") + pick(w.generator, []string{":", ":", ":", ":", " :"}))
		}
		w.value(indent, depth, true)
	}
}

// collision writes two keys that are one to a cluster, or look as if they were.
func (w *writer) collision(indent int) {
	pair := pick(w.generator, [][2]string{
		{"1", "'1'"}, {"0x1", "1"}, {"1.0", "1"}, {"1.0", "'1'"}, {"true", "'true'"}, {"yes", "true"}, {"on", "\"true\""}, {"y", "'y'"}, {"a", "\"a\""}, {"a", "a"},
		{"010", "8"}, {"010", "'010'"}, {"1e3", "1000"}, {"1e3", "'1000'"}, {".5", "0.5"}, {".inf", "'.inf'"}, {"+.inf", ".inf"}, {".nan", ".nan"}, {"16777217.0", "16777216.0"}, {"!!str 1", "1"}, {"!!str 1", "'1'"},
		{"null", "'null'"}, {"''", "\"\""}, {"1_0", "10"}, {"18446744073709551615", "'18446744073709551615'"}, {"é", "\"\\xe9\""}, {"a", "A"}, {"=", "'='"}, {"!!binary YQ==", "a"},
	})
	first := w.IntN(2)
	for i, key := range []string{pair[first], pair[1-first]} {
		if i > 0 {
			w.blanks(indent)
		}
		w.WriteString(key + ":" + pick(w.generator, []string{" 1", " 2", " x", "", " {a: 1}", " [1]"}) + "\n")
	}
}

func (w *writer) merge(indent int) {
	a, b := pick(w.generator, w.maps), pick(w.generator, w.maps)
	switch w.IntN(5) {
	case 0:
		w.WriteString("<<: [*" + a + ", *" + b + "]\n")
	case 1:
		w.WriteString("<<: {" + w.keyText("") + ": " + w.plain() + "}\n")
	case 2:
		w.WriteString("<<: *" + a + "\n")
		w.blanks(indent)
		w.WriteString("k: 1\n")
	default:
		w.WriteString("<<: *" + a + "\n")
	}
}

func (w *writer) sequence(indent, depth int) {
	for range 1 + w.upTo(3) {
		w.blanks(indent)
		w.WriteString("-")
		w.value(indent, depth, false)
	}
}

func (w *writer) blanks(n int) { w.WriteString(strings.Repeat(" ", n)) }

// value writes what follows a key's colon or an item's dash, with the end of its line.
func (w *writer) value(indent, depth int, afterKey bool) {
	kind := w.IntN(12) // 9 and more: a mapping
	if depth <= 0 {
		kind = w.IntN(7)
	}
	if len(w.anchors) > 0 && w.oneIn(12) {
		w.WriteString(" *" + pick(w.generator, w.anchors) + "\n")
		return
	}
	anchor := ""
	if w.oneIn(10) {
		anchor = pick(w.generator, []string{"a", "b", "x-1", "A_b"})
		w.WriteString(" &" + anchor)
	}
	defer func() { // an anchor serves only behind its node: inside it would be a circle
		if anchor != "" {
			w.anchors = append(w.anchors, anchor)
			if kind > 8 {
				w.maps = append(w.maps, anchor)
			}
		}
	}()
	switch kind {
	case 0, 1, 2:
		w.WriteString(" " + w.scalar() + w.comment() + "\n")
	case 3:
		w.WriteString(" " + w.plain() + w.comment() + "\n")
	case 4:
		w.WriteString(" " + w.flow(2) + w.comment() + "\n")
	case 5:
		w.blockScalar(indent)
	case 6:
		switch w.IntN(3) {
		case 0:
			w.WriteString("\n") // null
		default:
			w.longScalar(indent)
		}
	case 7, 8:
		if afterKey && w.oneIn(2) {
			w.WriteString("\n")
			w.sequence(indent, depth-1) // as deep as its key
			return
		}
		w.WriteString("\n")
		w.sequence(indent+1+w.upTo(3), depth-1)
	default:
		if !afterKey && anchor == "" && !w.oneIn(4) {
			w.WriteString(" ")
			w.mapping(indent+2, depth-1, indent+2)
			return
		}
		w.WriteString("\n")
		w.mapping(indent+1+w.upTo(3), depth-1, 0)
	}
}

func (g *generator) comment() string {
	return pick(g, []string{"", "", "", "", "", "", "", " # c", "  #", "\t# c", " "})
}

func (w *writer) blockScalar(indent int) {
	step := 1 + w.upTo(3)
	header := pick(w.generator, []string{"|", ">"})
	hint := ""
	if w.oneIn(4) {
		hint = fmt.Sprint(step)
	}
	chomp := pick(w.generator, []string{"", "", "-", "+"})
	if w.oneIn(2) {
		header += hint + chomp
	} else {
		header += chomp + hint
	}
	w.WriteString(" " + header + pick(w.generator, []string{"", "", "", " # c", "  "}) + "\n")
	texts := []string{"text", "a: b", "- x", "# no comment", "key: |", "'", "\"", "  more", "   deeper", "\ttab", "trailing ", "---", "a\\", "日本語", "{", "%YAML", "\U0001f600", "x"}
	for i := range w.upTo(5) {
		if w.oneIn(5) {
			w.WriteString(pick(w.generator, []string{"\n", "\n", strings.Repeat(" ", w.IntN(indent+step+1)) + "\n", strings.Repeat(" ", indent+step+2) + "\n"}))
			continue
		}
		line := pick(w.generator, texts)
		if i == 0 && hint == "" {
			line = strings.TrimLeft(line, " ")
		}
		w.blanks(indent + step)
		w.WriteString(line + "\n")
	}
	if w.oneIn(4) {
		w.WriteString("\n")
	}
}

// longScalar goes over several lines: the folding differs between the styles.
func (w *writer) longScalar(indent int) {
	join := "\n" + strings.Repeat(" ", indent+1+w.upTo(3))
	words := []string{"one", "two", "3", "it", "é", "x-y", "a/b", "(c)", "d=e"}
	var text string
	for i := range 2 + w.upTo(4) {
		if i > 0 {
			text += pick(w.generator, []string{" ", join, join, " " + join, "\n" + join, "\t" + join, "\n\n" + join})
		}
		text += pick(w.generator, words)
	}
	switch w.IntN(4) {
	case 0:
		text = "'" + text + "''" + join + "'"
	case 1:
		text = "\"" + text + "\\" + join + "\\n\""
	case 2:
		text = "\"" + text + "\""
	}
	w.WriteString(" " + text + "\n")
}

// keyText writes a key, mostly a harmless one: a document with a null key says nothing about the rest of it.
func (g *generator) keyText(key string) string {
	if key == "" {
		key = pick(g, []string{"a", "b", "c", "name", "kind", "metadata", "data", "spec", "env", "value", "k", "x-y", "a.b/c", "a b", "key", "type"})
	}
	switch g.IntN(30) {
	case 0:
		return "'" + strings.ReplaceAll(key, "'", "''") + "'"
	case 1:
		return fmt.Sprintf("%q", key)
	case 2, 3:
		if text := g.plain(); !strings.ContainsAny(text, " #") && text != "" {
			return text
		}
	case 4:
		return pick(g, []string{"!!str 1", "&k x", "!!int 2", "\"1\"", "'true'", "\"a\\tb\"", "<<x", "=", "é", "日本", "-a", "?a", ".5", "!!str true", "! 3"})
	}
	return key
}

// scalar is one scalar on one line, in any style.
func (g *generator) scalar() string {
	switch g.IntN(9) {
	case 0:
		return "'" + strings.ReplaceAll(g.plain(), "'", "''") + "'"
	case 1:
		return `"` + g.escaped() + `"`
	case 2:
		return g.tagged()
	case 3:
		return "word"
	case 4:
		return pick(g, []string{"word", "two words", "a-b", "a:b", "http://x/y?z=1#w", "a#b", "it's", "say \"x\"", "x, y", "a]b", "50%", "a@b", "-1x", "--", "a*", "\\n", "é", "日本語", "\U0001f600", "$(A)", "a & b", "- not an item"})
	}
	return g.plain()
}

// tagged is a scalar with a tag that mostly fits: one that does not is refused, and says no more.
func (g *generator) tagged() string {
	tag := pick(g, []string{"!!str ", "!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "!x ", "! ", "!!binary ", "!!timestamp ", "!<tag:yaml.org,2002:int> ", "!<tag:yaml.org,2002:str> ", "!!map ", "!!value "})
	text := g.plain()
	if !g.oneIn(6) {
		switch tag {
		case "!!int ", "!<tag:yaml.org,2002:int> ":
			text = pick(g, []string{"1", "-1", "0x1F", "0777", "089", "1_000", "0b11", "0o17", "1.0", "1e3", "18446744073709551615", "9223372036854775808", "+1", "-0", "00"})
		case "!!float ":
			text = pick(g, []string{"1", "1.5", "-1", "0x1F", "1e3", ".5", "1.", "0777", "12345678901234567890", "9223372036854775807", "1_0.5", "-0", "0", "1e400", "0b11", "16777217"})
		case "!!bool ":
			text = pick(g, []string{"true", "no", "Y", "off", "ON", "False"})
		case "!!null ":
			text = pick(g, []string{"", "~", "null", "NULL"})
		case "!!binary ":
			text = pick(g, []string{"", "aGk=", "aGVsbG8=", "AAE=", "/+8=", "w6k=", "6Q==", "aGk", "a Gk="})
		case "!!timestamp ":
			text = pick(g, []string{"2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "2001-12-14T21:59:43Z"})
		case "!!map ", "!!value ":
			text = pick(g, []string{"", "=", "x"})
		}
	}
	if g.oneIn(4) {
		text = fmt.Sprintf("%q", text)
	}
	return tag + text
}

// escaped is the inside of a double-quoted scalar.
func (g *generator) escaped() string {
	var out strings.Builder
	for range g.upTo(6) {
		out.WriteString(pick(g, []string{"a", " ", "é", "\\n", "\\t", "\\\\", "\\\"", "\\x41", "\\xe9", "\\u00e9", "\\u2028", "\\U0001F600", "\\0", "\\e", "\\a", "\\b", "\\v", "\\f", "\\r", "\\N", "\\_", "\\L", "\\P", "\\/", "\\ ", "\\ud83d", "\\x7f", "\\u0000", "\\U00110000", "#", ": ", "'", "{", "\U0001f600", "<", "&", "\t"}))
	}
	return out.String()
}

// flow is a flow collection on one line, mostly.
func (g *generator) flow(depth int) string {
	open, end := "[", "]"
	mapping := g.oneIn(2)
	if mapping {
		open, end = "{", "}"
	}
	gap := pick(g, []string{"", "", " ", "\n     "})
	var items []string
	for range g.upTo(3) {
		item := g.flowScalar()
		if depth > 0 && g.oneIn(4) {
			item = g.flow(depth - 1)
		}
		if mapping || g.oneIn(12) {
			item = pick(g, []string{"a", "b", "\"c\"", "'d'", "k", "e f", g.flowScalar()}) + pick(g, []string{": ", ": ", ": ", " : ", ":"}) + item
		}
		items = append(items, item)
	}
	text := open + gap + strings.Join(items, pick(g, []string{", ", ", ", ",", " , ", ",\n   "})) + gap
	if len(items) > 0 && g.oneIn(12) {
		text += ","
	}
	return text + end
}

func (g *generator) flowScalar() string {
	if text := g.scalar(); !strings.ContainsAny(text, "[]{},") || strings.HasPrefix(text, "'") || strings.HasPrefix(text, `"`) {
		return text
	}
	return "x"
}

// ---- plain scalars, as the cluster types them ----------------------------------------------------------------------------

var plainCorners = []string{
	// booleans in the forms that count and in some that do not
	"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE", "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE",
	"tRue", "yEs", "oN", "nO", "t", "f", "T", "F",
	// null
	"~", "null", "Null", "NULL", "nUll", "nil", "none", "~~", "",
	// integers
	"0", "1", "-1", "+1", "00", "01", "07", "08", "0777", "0778", "-012", "+012", "0o17", "0O17", "0o8", "-0o7", "+0o7", "0b11", "0B11", "0b2", "-0b11", "+0b1", "0b", "0x", "0o", "0x1F", "0X1f", "-0x1F", "+0x1F", "0xg",
	"1_000", "1__0", "_1", "1_", "0_7", "0x_1", "0x1_F", "0b1_0", "1_000.5", "-_1", "+_1", "_", "__", "0_", "0__7", "1_e3",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "12345678901234567890", "123456789012345678901234567890",
	"0x7fffffffffffffff", "0x8000000000000000", "0xffffffffffffffff", "0x10000000000000000", "0777777777777777777777", "01777777777777777777777", "02000000000000000000000", "0b111111111111111111111111111111111111111111111111111111111111111", "+9223372036854775808", "-0x8000000000000000", "-0b1000000000000000000000000000000000000000000000000000000000000000",
	// floats
	"0.", ".0", "1.", "-1.", "+1.", ".5", "-.5", "+.5", "1.0", "1.50", "01.5", "-0.0", "-0", "+0", "0.0", "00.0", "089", "08.5", "1e3", "1E3", "1e+3", "1e-3", "1e03", "012e3", ".1e1", "1.e1", "1.5e300", "1e308", "1e309", "1e400", "-1e400", "1e-400", "4.9e-324", "1e", "e1", "1e+", ".e1", ".", "..", "-.", "+.",
	"1e20", "1e21", "1e22", "123456789.123456789", "0.1", "0.000001", "0.0000001", "1e-6", "1e-7", "100000000000000000000", "1000000000000000000000", "1.7976931348623157e308", "2.2250738585072014e-308", "16777216.5", "3.4028235e38", "1e15", "9007199254740993", "9007199254740993.0",
	"0x1.8p3", "0x1p-2", "1p3", "0x.8p0", "1.5.2", "1,000", "1 000", "1.2.3", "1e3.5", "0e0", "-0e0", "1_0e1_0", "._5", "1._5", "infinity", "inf", "Inf", "+inf", "nan", "NaN",
	".inf", ".Inf", ".INF", "-.inf", "+.inf", "-.Inf", "+.INF", ".iNf", ".nan", ".NaN", ".NAN", ".Nan", "-.nan", "+.nan",
	// times and what looks like them
	"190:20:30", "1:30", "12:30:45", "-1:30", "1:30.5", "0:0", "2001-12-14", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "2001-12-15 2:59:43.10", "2001-12-14T21:59:43Z", "20011214", "2001-13-45",
	// other
	"=", "<<", "-", "--", "---x", "+", "?x", ":x", "1x", "x1", "1-2", "-x", "0x1FG", "é", "一", "0１", "１", "1\u00a0", "a\u200bb", "v1", "1Gi", "100m", "10%", "1.2.3.4", "10.0.0.0/8",
}

const numberLetters = "0000111223456789__..--++eEexXoObBpPaAfF::"

// plain is one plain scalar, often one whose type is a question. Half of the odd ones are grown from letters that numbers are
// made of, because a list holds only what its author thought of.
func (g *generator) plain() string {
	switch g.IntN(10) {
	case 0, 1, 2:
		return pick(g, []string{"a", "b", "text", "value", "some words", "x", "central", "px-csi-db"})
	case 3, 4, 5, 6:
		return pick(g, plainCorners)
	case 7:
		var out strings.Builder
		for range 1 + g.upTo(9) {
			out.WriteByte(numberLetters[g.IntN(len(numberLetters))])
		}
		if text := strings.Trim(out.String(), ":"); text != "" && text != "-" {
			return text
		}
		return "0"
	case 8:
		return g.number()
	}
	// a known corner with one letter changed
	corner := []byte(pick(g, plainCorners))
	if len(corner) > 0 {
		corner[g.IntN(len(corner))] = numberLetters[g.IntN(len(numberLetters)-2)]
	}
	if text := string(corner); text != "-" && strings.ToValidUTF8(text, "") == text {
		return text
	}
	return "1"
}

// number follows a number's grammar, most of the time.
func (g *generator) number() string {
	digits := func(of string, most int) string {
		var out strings.Builder
		for range g.upTo(most) {
			out.WriteByte(of[g.IntN(len(of))])
			if g.oneIn(20) {
				out.WriteByte('_')
			}
		}
		return out.String()
	}
	sign := pick(g, []string{"", "", "", "-", "+"})
	switch g.IntN(6) {
	case 0:
		return sign + "0x" + digits("0123456789abcdefABCDEF", 18)
	case 1:
		return sign + "0b" + digits("01", 66)
	case 2:
		return sign + "0" + digits("01234567", 24)
	case 3:
		return sign + "1" + digits("0123456789", 24)
	case 4:
		return sign + "1" + digits("0123456789", 20) + "." + digits("0123456789", 20)
	}
	return sign + digits("0123456789", 5) + "." + digits("0123456789", 18) + pick(g, []string{"e", "E"}) + pick(g, []string{"", "-", "+"}) + digits("0123456789", 3) + "1"
}

// ---- JSON ----------------------------------------------------------------------------------------------------------------

func (g *generator) json() string {
	var out strings.Builder
	out.WriteString(pick(g, []string{"", "", "", "", "", "\n", " ", "\n\n  ", "\t", "\ufeff", "---\n", "# c\n", "\r\n", "\u00a0", "\u0085"}))
	for i := range 1 + g.upTo(3) {
		if i > 0 {
			out.WriteString(pick(g, []string{"\n", "\n", "", " ", "\n---\n", "\n---\n", "---\n", "\n--- # c\n", "\n\n", ",", "\n#c\n", "\t", "\r\n", "\n...\n", "\n--- x\n", "\x00", "\v", "\u00a0"}))
		}
		switch g.IntN(12) {
		case 0:
			out.WriteString(g.flow(2))
		case 1:
			w := &writer{generator: g}
			w.mapping(0, 1, 0)
			out.WriteString(w.String())
		case 2:
			out.WriteString(g.jsonValue(2))
		default:
			out.WriteString(g.jsonObject(3))
		}
	}
	text := out.String()
	if g.oneIn(2) {
		text += "\n"
	}
	for range g.upTo(2) * g.IntN(2) {
		if len(text) == 0 {
			break
		}
		at := g.IntN(len(text))
		switch g.IntN(4) {
		case 0:
			text = text[:at] + text[at+1:]
		case 1:
			text = text[:at] + pick(g, []string{",", ":", "{", "}", "[", "]", "\"", "\\", "'", " ", "\n", "\t", "#", "0", "-", "e", ".", "//", "/**/", "\x1f", "null", "NaN", "\u2028", "-0", "\n---\n"}) + text[at:]
		case 2:
			text = text[:at]
		case 3:
			other := g.IntN(len(text))
			text = text[:at] + text[other:]
		}
	}
	return strings.ToValidUTF8(text, "?")
}

func (g *generator) jsonBlank() string {
	return pick(g, []string{"", "", "", "", " ", " ", "\n", "\n  ", "\t", "\r\n", "  "})
}

func (g *generator) jsonObject(depth int) string {
	var out strings.Builder
	out.WriteString("{" + g.jsonBlank())
	for i := range g.upTo(4) {
		if i > 0 {
			out.WriteString("," + g.jsonBlank())
		}
		out.WriteString(g.jsonString() + g.jsonBlank() + ":" + g.jsonBlank() + g.jsonValue(depth-1) + g.jsonBlank())
	}
	return out.String() + "}"
}

func (g *generator) jsonValue(depth int) string {
	kind := g.IntN(8)
	if depth <= 0 {
		kind = g.IntN(5)
	}
	switch kind {
	case 0:
		return pick(g, []string{"true", "false", "null"})
	case 1, 2:
		return g.jsonString()
	case 3, 4:
		return pick(g, []string{
			"0", "-0", "1", "-1", "10", "1.0", "1.50", "-0.0", "0e0", "1e3", "1E3", "1e+3", "1E-3", "1e400", "-1e400", "1e-400", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616",
			"123456789012345678901234567890", "0.1", "1.7976931348623157e308", "01", "1.", ".5", "+1", "0x1", "1_0", "-", "--1", "1e", "NaN", "Infinity", "yes", "0777", "1e5", "100000", "1e21", "12345678.9e-3",
		})
	case 5:
		var items []string
		for range g.upTo(3) {
			items = append(items, g.jsonValue(depth-1))
		}
		return "[" + g.jsonBlank() + strings.Join(items, g.jsonBlank()+","+g.jsonBlank()) + "]"
	}
	return g.jsonObject(depth)
}

func (g *generator) jsonString() string {
	if g.oneIn(2) {
		return pick(g, []string{`"a"`, `"b"`, `"c"`, `"kind"`, `"name"`, `"metadata"`, `"true"`, `"1"`, `""`, `"yes"`, `"<<"`})
	}
	var out strings.Builder
	out.WriteByte('"')
	for range g.upTo(5) {
		out.WriteString(pick(g, []string{"a", "b", " ", "é", "日", "\U0001f600", `\n`, `\t`, `\\`, `\"`, `\/`, `\b`, `\f`, `\r`, `\u0041`, `\u00e9`, `\u2028`, `\ud83d\ude00`, `\ud83d`, `\ude00`, `\ud83dx`, `\u0000`, `\x41`, `\'`, `\u12`, "\t", "\u2028", "\u007f", "<", ">", "&", "'", "#", ": ", "\\U0001F600", "\n"}))
	}
	out.WriteByte('"')
	return out.String()
}
