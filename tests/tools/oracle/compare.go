package main

// diff and same: two streams, compared by what they mean.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strconv"
)

func compareFiles(how, nameA, nameB string, stdin io.Reader, stdout, stderr io.Writer) int {
	var objects [2][]any
	for i, name := range []string{nameA, nameB} {
		lines, err := readFile(name, stdin)
		if err != nil {
			fmt.Fprintf(stderr, "oracle: %s: %v\n", name, err)
			return 3
		}
		for _, line := range lines {
			decoder := json.NewDecoder(bytes.NewReader(line))
			decoder.UseNumber()
			var object any
			if err := decoder.Decode(&object); err != nil {
				fmt.Fprintf(stderr, "oracle: %s: %v\n", name, err)
				return 3
			}
			objects[i] = append(objects[i], object)
		}
	}
	var differences []string
	report := func(path string, a, b any) {
		differences = append(differences, fmt.Sprintf("%s: %s != %s", path, short(a), short(b)))
	}
	if how == "same" {
		walk("", objects[0], objects[1], report)
	} else {
		walk("", byIdentity(objects[0]), byIdentity(objects[1]), report)
	}
	for _, line := range differences {
		fmt.Fprintln(stdout, line)
	}
	if len(differences) > 0 {
		return 1
	}
	return 0
}

// missing stands for what is absent, because null is a value of its own.
type missing struct{}

func walk(path string, a, b any, report func(string, any, any)) {
	switch a := a.(type) {
	case map[string]any:
		if b, ok := b.(map[string]any); ok {
			keys := map[string]bool{}
			for key := range a {
				keys[key] = true
			}
			for key := range b {
				keys[key] = true
			}
			sorted := make([]string, 0, len(keys))
			for key := range keys {
				sorted = append(sorted, key)
			}
			sort.Strings(sorted)
			for _, key := range sorted {
				walk(path+"."+key, entry(a, key), entry(b, key), report)
			}
			return
		}
	case []any:
		if b, ok := b.([]any); ok && len(a) == len(b) {
			for i := range a {
				walk(path+"["+strconv.Itoa(i)+"]", a[i], b[i], report)
			}
			return
		}
	}
	if !sameValue(a, b) {
		report(path, a, b)
	}
}

func entry(object map[string]any, key string) any {
	if v, ok := object[key]; ok {
		return v
	}
	return missing{}
}

func short(v any) string {
	if _, absent := v.(missing); absent {
		return "(absent)"
	}
	text, err := canonical(v)
	if err != nil {
		return err.Error()
	}
	if len(text) > 200 {
		text = append(text[:200:200], "..."...)
	}
	return string(text)
}

// byIdentity indexes objects by apiVersion, kind, namespace and name. An object that is defined twice keeps both, by number.
func byIdentity(objects []any) map[string]any {
	index := map[string]any{}
	for _, object := range objects {
		object := object.(map[string]any)
		metadata, _ := object["metadata"].(map[string]any)
		forgetFile(metadata)
		sortEnv(object)
		identity := fmt.Sprintf("%v/%v/%v/%v", object["apiVersion"], object["kind"], metadata["namespace"], metadata["name"])
		key := identity
		for n := 2; index[key] != nil; n++ {
			key = fmt.Sprintf("%s#%d", identity, n)
		}
		index[key] = object
	}
	return index
}

// forgetFile drops the mark with which Helm 4 remembers the template that an object came from.
func forgetFile(metadata map[string]any) {
	annotations, ok := metadata["annotations"].(map[string]any)
	if !ok {
		return
	}
	delete(annotations, "postrenderer.helm.sh/postrender-filename")
	if len(annotations) == 0 {
		delete(metadata, "annotations")
	}
}

// sortEnv puts every env list into the order of its names: a patch may append where the chart would have inserted, and the order
// says nothing to a container unless one value refers to another by $(NAME).
func sortEnv(v any) {
	switch v := v.(type) {
	case map[string]any:
		if env, ok := v["env"].([]any); ok {
			name := func(i int) string {
				item, _ := env[i].(map[string]any)
				s, _ := item["name"].(string)
				return s
			}
			sort.SliceStable(env, func(i, j int) bool { return name(i) < name(j) })
		}
		for _, value := range v {
			sortEnv(value)
		}
	case []any:
		for _, value := range v {
			sortEnv(value)
		}
	}
}
