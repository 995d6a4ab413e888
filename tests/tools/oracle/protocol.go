package main

// The batch protocol: a reader that lives long, asked many times.
//
//	question   u32 length, big-endian; that many bytes of a stream
//	answer     u32 length, big-endian; that many bytes of payload
//	payload    'A' and one JSON object a line: the stream is accepted, this is what it says
//	           'R' and a text: the stream is refused, this is why
//
// Answers come in the order of the questions. The end of stdin between two questions is the end.

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	yaml "go.yaml.in/yaml/v2"
)

// A length above this is a broken peer, not a stream.
const frameLimit = 1 << 30

type answer struct {
	accepted bool
	lines    [][]byte // one JSON object each
	refusal  string
}

func writeFrame(w io.Writer, payload []byte) error {
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(payload)))
	if _, err := w.Write(length[:]); err != nil {
		return err
	}
	_, err := w.Write(payload)
	return err
}

// readFrame returns io.EOF only where a frame could have begun.
func readFrame(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > frameLimit {
		return nil, fmt.Errorf("a frame of %d bytes: this is not the protocol", n)
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		return nil, fmt.Errorf("a frame of %d bytes ends early: %w", n, noEOF(err))
	}
	return payload, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (a answer) payload() []byte {
	if !a.accepted {
		return append([]byte{'R'}, a.refusal...)
	}
	out := []byte{'A'}
	for _, line := range a.lines {
		out = append(append(out, line...), '\n')
	}
	return out
}

func parseAnswer(payload []byte) (answer, error) {
	if len(payload) == 0 {
		return answer{}, errors.New("an empty answer")
	}
	body := payload[1:]
	switch payload[0] {
	case 'R':
		return answer{refusal: string(body)}, nil
	case 'A':
		a := answer{accepted: true}
		for len(body) > 0 {
			line, rest, _ := bytes.Cut(body, []byte("\n"))
			if len(line) > 0 {
				a.lines = append(a.lines, line)
			}
			body = rest
		}
		return a, nil
	}
	return answer{}, fmt.Errorf("an answer that begins with %q", payload[0])
}

func (a answer) String() string {
	if !a.accepted {
		return "refused: " + a.refusal
	}
	if len(a.lines) == 0 {
		return "accepted: nothing"
	}
	return "accepted: " + string(bytes.Join(a.lines, []byte(" ")))
}

// batch answers questions until stdin ends. It flushes when no further question is waiting, so that a peer that asks one at a
// time never hangs and one that asks many at once is not slowed down.
func batch[A interface{ payload() []byte }](stdin io.Reader, stdout io.Writer, read func([]byte) A) error {
	in, out := bufio.NewReaderSize(stdin, 1<<16), bufio.NewWriterSize(stdout, 1<<16)
	for {
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
		stream, err := readFrame(in)
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err == nil {
			err = writeFrame(out, read(stream).payload())
		}
		if err != nil {
			return err
		}
	}
}

// yamlText is what goes out instead of an answer.
type yamlText []byte

func (t yamlText) payload() []byte { return t }

// emitted does what sigs.k8s.io/yaml and Helm's toYaml do with JSON. What is not JSON gives no text.
func emitted(json []byte) yamlText {
	var value any
	if err := yaml.Unmarshal(json, &value); err != nil {
		return nil
	}
	text, err := yaml.Marshal(value)
	if err != nil {
		return nil
	}
	return text
}

// sameAnswer compares meanings: the same objects in the same order, numbers by their digits. The text may differ in the order
// of keys, blanks and escapes.
func sameAnswer(a, b answer) bool {
	if a.accepted != b.accepted || len(a.lines) != len(b.lines) {
		return false
	}
	for i := range a.lines {
		if bytes.Equal(a.lines[i], b.lines[i]) {
			continue
		}
		va, err := parseLine(a.lines[i])
		if err != nil {
			return false
		}
		vb, err := parseLine(b.lines[i])
		if err != nil || !sameValue(va, vb) {
			return false
		}
	}
	return true
}

// parseLine reads one JSON value and refuses what encoding/json would forgive: a key that is defined twice would hide a value from
// the comparison, and so would text behind the value.
func parseLine(line []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	v, err := parseValue(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text behind the JSON value")
	}
	return v, nil
}

func parseValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, noEOF(err)
	}
	switch token {
	case json.Delim('{'):
		object := map[string]any{}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, noEOF(err)
			}
			name := key.(string)
			if _, twice := object[name]; twice {
				return nil, fmt.Errorf("key %q twice", name)
			}
			if object[name], err = parseValue(decoder); err != nil {
				return nil, err
			}
		}
		_, err := decoder.Token()
		return object, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			v, err := parseValue(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := decoder.Token()
		return list, err
	}
	return token, nil
}

func sameValue(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, value := range a {
			other, ok := b[key]
			if !ok || !sameValue(value, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !sameValue(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	return a == b
}

// firstLine keeps one answer from flooding a report.
func firstLine(s string, limit int) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > limit {
		s = s[:limit] + "..."
	}
	return s
}
