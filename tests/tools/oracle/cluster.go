package main

// The cluster's reader, and the one thing that is wrong with it: it is not always the same.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	yamlv2 "go.yaml.in/yaml/v2"
	"k8s.io/apimachinery/pkg/runtime"
	yamlutil "k8s.io/apimachinery/pkg/util/yaml"
)

// readCluster reads a whole stream as kubectl, Helm's client and Argo CD do. Each element of the result is one object as
// canonical JSON: keys sorted, numbers exactly as the machinery writes them, no escapes for HTML. Empty documents and null are
// skipped, as there. A document that is no mapping is an error here because it is one a step later there.
func readCluster(stream []byte) ([][]byte, error) {
	decoder := yamlutil.NewYAMLOrJSONDecoder(bytes.NewReader(stream), 4096)
	var lines [][]byte
	for {
		var raw runtime.RawExtension
		if err := decoder.Decode(&raw); err != nil {
			if errors.Is(err, io.EOF) {
				return lines, nil
			}
			return nil, err
		}
		if len(raw.Raw) == 0 || string(raw.Raw) == "null" {
			continue
		}
		var object map[string]any
		exact := json.NewDecoder(bytes.NewReader(raw.Raw))
		exact.UseNumber()
		if err := exact.Decode(&object); err != nil {
			return nil, err
		}
		line, err := canonical(object)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
}

func canonical(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func clusterAnswer(stream []byte) answer {
	lines, err := readCluster(stream)
	if err != nil {
		return answer{refusal: err.Error()}
	}
	return answer{accepted: true, lines: lines}
}

func readFile(name string, stdin io.Reader) ([][]byte, error) {
	var stream []byte
	var err error
	if name == "-" {
		stream, err = io.ReadAll(stdin)
	} else {
		stream, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, err
	}
	return readCluster(stream)
}

// clusterIsRandom says whether the cluster may read the stream differently next time. YAML keys become strings while Go walks a
// map in random order, so of "1: a" and "'1': b" either may win. The suspicion is found in the document, the proof by reading
// again: two keys that collide with equal values do no harm.
func clusterIsRandom(stream []byte, once answer) bool {
	if !keysCollide(stream) {
		return false
	}
	return answersVary(stream, once, 64)
}

func answersVary(stream []byte, once answer, tries int) bool {
	for range tries {
		if !sameAnswer(clusterAnswer(stream), once) {
			return true
		}
	}
	return false
}

func keysCollide(stream []byte) bool {
	chunks := yamlutil.NewYAMLReader(bufio.NewReaderSize(bytes.NewReader(stream), 64+len(stream)))
	for {
		chunk, err := chunks.Read()
		if err != nil {
			return false
		}
		var document any
		if yamlv2.Unmarshal(chunk, &document) == nil && mapsCollide(document) {
			return true
		}
	}
}

func mapsCollide(v any) bool {
	switch v := v.(type) {
	case map[any]any:
		var odd []string
		for key, value := range v {
			if _, plain := key.(string); !plain {
				odd = append(odd, keyText(key))
			}
			if mapsCollide(value) {
				return true
			}
		}
		for i, key := range odd {
			if _, taken := v[key]; taken {
				return true
			}
			for _, other := range odd[:i] {
				if key == other {
					return true
				}
			}
		}
	case []any:
		for _, value := range v {
			if mapsCollide(value) {
				return true
			}
		}
	}
	return false
}

// keyText is the text that sigs.k8s.io/yaml makes of a key; floats go through 32 bits there, so that more of them meet.
func keyText(key any) string {
	f, isFloat := key.(float64)
	if !isFloat {
		return fmt.Sprint(key)
	}
	switch s := strconv.FormatFloat(f, 'g', -1, 32); s {
	case "+Inf":
		return ".inf"
	case "-Inf":
		return "-.inf"
	case "NaN":
		return ".nan"
	default:
		return s
	}
}
