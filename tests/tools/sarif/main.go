// sarif FILE...: each must be a SARIF 2.1.0 log by the official schema, and readable by the library that carries it.
// What a log says twice (artifacts and their index, rules and theirs) must agree, which no schema can tell.
//
// build.sh lays the library's schema.go beside this file, in this package: the constant is not exported.
package main

import (
	"fmt"
	"os"

	v210 "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"
)

func check(loader *gojsonschema.Schema, name string) []string {
	text, err := os.ReadFile(name)
	if err != nil {
		return []string{err.Error()}
	}
	result, err := loader.Validate(gojsonschema.NewBytesLoader(text))
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	for _, e := range result.Errors() {
		wrong = append(wrong, e.String())
	}
	log, err := v210.FromBytes(text)
	if err != nil {
		return append(wrong, "the library cannot read it: "+err.Error())
	}
	for _, run := range log.Runs {
		wrong = append(wrong, agree(run)...)
	}
	return wrong
}

func agree(run *v210.Run) []string {
	var wrong []string
	for i, r := range run.Results {
		rules := run.Tool.Driver.Rules
		if r.RuleIndex >= 0 && (r.RuleIndex >= len(rules) || *rules[r.RuleIndex].ID != *r.RuleID) {
			wrong = append(wrong, fmt.Sprintf("results[%d]: ruleIndex %d is not %s", i, r.RuleIndex, *r.RuleID))
		}
		for _, l := range r.Locations {
			if l.PhysicalLocation == nil {
				continue
			}
			a := l.PhysicalLocation.ArtifactLocation
			if a.Index < 0 || a.Index >= len(run.Artifacts) {
				wrong = append(wrong, fmt.Sprintf("results[%d]: no artifact %d", i, a.Index))
				continue
			}
			listed := run.Artifacts[a.Index].Location
			if (listed == nil || listed.URI == nil) != (a.URI == nil) || (a.URI != nil && *a.URI != *listed.URI) {
				wrong = append(wrong, fmt.Sprintf("results[%d]: artifact %d is another", i, a.Index))
			}
		}
	}
	return wrong
}

func main() {
	loader, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(schema))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	bad := 0
	for _, name := range os.Args[1:] {
		for _, w := range check(loader, name) {
			fmt.Printf("%s: %s\n", name, w)
			bad = 1
		}
	}
	os.Exit(bad)
}
