package main

// The reader under test: a child process that is started once and asked over pipes.

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync/atomic"
	"time"
)

// errNoReader is a reader that does not even start: a mistake of the caller, not a finding about a document.
var errNoReader = errors.New("cannot start the reader")

type reader struct {
	path    string
	args    []string
	timeout time.Duration
	stderr  io.Writer

	child *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
}

func (r *reader) start() error {
	child := exec.Command(r.path, r.args...)
	child.Stderr = r.stderr
	in, err := child.StdinPipe()
	if err != nil {
		return err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	r.child, r.in, r.out = child, in, bufio.NewReaderSize(out, 1<<16)
	return nil
}

// stop ends the child: by the end of its stdin, or by force if it does not heed that. The error says how it ended.
func (r *reader) stop() error {
	if r.child == nil {
		return nil
	}
	r.in.Close()
	watchdog := time.AfterFunc(r.timeout, func() { r.child.Process.Kill() })
	defer watchdog.Stop()
	io.Copy(io.Discard, r.out)
	err := r.child.Wait()
	r.child = nil
	return err
}

// ask puts all questions at once, so that the child works while the caller does, and returns the answers in their order. With an error
// there are fewer answers than questions and the child is gone; the next ask starts a new one.
func (r *reader) ask(streams [][]byte) ([]answer, error) {
	if r.child == nil {
		if err := r.start(); err != nil {
			return nil, fmt.Errorf("%w: %w", errNoReader, err)
		}
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		out := bufio.NewWriterSize(r.in, 1<<16)
		for _, stream := range streams {
			if writeFrame(out, stream) != nil {
				return // the child is gone: reading its answers tells why
			}
		}
		out.Flush()
	}()

	var late atomic.Bool
	watchdog := time.AfterFunc(r.timeout, func() {
		late.Store(true)
		r.child.Process.Kill()
	})
	answers := make([]answer, 0, len(streams))
	var err error
	for len(answers) < len(streams) {
		var payload []byte
		if payload, err = readFrame(r.out); err != nil {
			break
		}
		var a answer
		if a, err = parseAnswer(payload); err != nil {
			break
		}
		answers = append(answers, a)
		watchdog.Reset(r.timeout)
	}
	watchdog.Stop()
	if err != nil {
		// Nothing that this child still says can be trusted, not even where its next answer begins.
		r.child.Process.Kill()
		<-written
		end := r.stop()
		switch {
		case late.Load():
			err = fmt.Errorf("no answer within %v", r.timeout)
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			err = fmt.Errorf("the reader ended: %v", end)
		}
		return answers, err
	}
	<-written
	return answers, nil
}
