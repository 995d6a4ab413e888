// Command oracle tells what a Kubernetes cluster reads from a stream of manifests, so that tests can hold pxb-fed against it.
//
// kubectl, Helm and Argo CD all read a stream with the API machinery's YAMLOrJSONDecoder; the oracle calls that very code.
// It knows nothing of pxb-fed, shares no code with it, and is built by tests only.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

const usage = `usage: oracle COMMAND

  json FILE            what the cluster reads: one JSON object a line, keys sorted, numbers as written ("-" is stdin)
  diff A B             how two streams differ by object; the order of objects and of env lists means nothing. Exit 1 if they do
  same A B             whether two streams hold the same objects in the same order. Exit 1 if not
  batch                many streams, one after the other, over stdin and stdout (see protocol.go)
  emit                 as batch, but the other way: JSON in, the YAML that Helm's toYaml makes of it out
  differential OPTIONS [FILE or DIR ...]
                       compares another reader with the cluster's, on files and on generated documents

  differential takes:
    --reader PATH        a program that speaks the protocol of "batch"; it is started once and lives to the end
    --reader-arg ARG     an argument for it (repeatable)
    --count N            how many documents to generate (default 20000; 0 for files only)
    --seed S             where the generator starts (default: from the clock; printed)
    --only NAME          one generator: fragments, manifests, trees or json
    --samples N          how many documents of each bad class to show (default 10)
    --save DIR           also write these documents to DIR, one file each
    --timeout DURATION   how long the reader may take for one document (default 20s)
    --files-agree        fail also when the reader refuses a FILE that the cluster accepts

Exit: 0 as hoped, 1 differences, 2 wrong usage, 3 a stream cannot be read.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	bad := func() int {
		fmt.Fprint(stderr, usage)
		return 2
	}
	if len(args) == 0 {
		return bad()
	}
	command, args := args[0], args[1:]
	switch {
	case command == "json" && len(args) == 1:
		lines, err := readFile(args[0], stdin)
		if err != nil {
			fmt.Fprintf(stderr, "oracle: %s: %v\n", args[0], err)
			return 3
		}
		out := bufio.NewWriter(stdout)
		for _, line := range lines {
			out.Write(line)
			out.WriteByte('\n')
		}
		if err := out.Flush(); err != nil {
			fmt.Fprintf(stderr, "oracle: %v\n", err)
			return 4
		}
		return 0
	case (command == "diff" || command == "same") && len(args) == 2:
		return compareFiles(command, args[0], args[1], stdin, stdout, stderr)
	case command == "batch" && len(args) == 0:
		if err := batch(stdin, stdout, clusterAnswer); err != nil {
			fmt.Fprintf(stderr, "oracle: batch: %v\n", err)
			return 4
		}
		return 0
	case command == "emit" && len(args) == 0:
		if err := batch(stdin, stdout, emitted); err != nil {
			fmt.Fprintf(stderr, "oracle: emit: %v\n", err)
			return 4
		}
		return 0
	case command == "differential":
		return differentialCommand(args, stdout, stderr)
	case command == "help" || command == "--help" || command == "-h":
		fmt.Fprint(stdout, usage)
		return 0
	}
	return bad()
}
