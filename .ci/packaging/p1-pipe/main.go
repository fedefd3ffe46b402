//go:build unix

// Command p1-pipe takes one pipe of plain commands, in the words of a shell, and runs it where
// there is no shell, as in the image for containers: p1-pipe 'p1cat "$P1_FROM" | p1frame'.
// It is what runs first there: it passes a signal on to each stage once, waits until all have
// written what they have, and ends as the last stage did.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// Exit codes, as those of a shell.
const (
	exitUsage    = 2
	exitNotFound = 127
	exitSignal   = 128 // and the number of the signal
)

func main() { os.Exit(run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)) }

func run(args, env []string, in, out, errw *os.File) int {
	if len(args) != 1 {
		fmt.Fprintln(errw, "usage: p1-pipe PIPE")
		return exitUsage
	}
	stages, err := parse(args[0], env)
	if err != nil {
		fmt.Fprintln(errw, "p1-pipe:", err)
		return exitUsage
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	commands, err := start(stages, env, in, out, errw)
	if err != nil {
		fmt.Fprintln(errw, "p1-pipe:", err)
	}
	go func() {
		for range signals {
			for _, c := range commands {
				_ = c.Process.Signal(syscall.SIGTERM) // fails of one that has ended
			}
		}
	}()
	code := 0
	for _, c := range commands {
		code = ended(c.Wait())
	}
	if err != nil {
		return exitNotFound
	}
	return code
}

var errNoPipe = errors.New("want one pipe of plain commands: without ;, &, redirections and assignments")

// parse returns the words of each stage, with quotes taken off and variables put in.
func parse(text string, env []string) ([][]string, error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, err
	}
	if len(file.Stmts) != 1 {
		return nil, errNoPipe
	}
	return stagesOf(file.Stmts[0], &expand.Config{Env: expand.ListEnviron(env...)})
}

func stagesOf(s *syntax.Stmt, words *expand.Config) ([][]string, error) {
	if s.Background || s.Negated || len(s.Redirs) > 0 {
		return nil, errNoPipe
	}
	switch c := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		if c.Op != syntax.Pipe {
			return nil, errNoPipe
		}
		before, err := stagesOf(c.X, words)
		if err != nil {
			return nil, err
		}
		last, err := stagesOf(c.Y, words)
		return append(before, last...), err
	case *syntax.CallExpr:
		fields, err := expand.Fields(words, c.Args...)
		if err == nil && (len(c.Assigns) > 0 || len(fields) == 0) {
			err = errNoPipe
		}
		return [][]string{fields}, err
	}
	return nil, errNoPipe
}

// start starts the stages, each reading what the one before writes. Each is in a process group
// of its own: what a terminal sends reaches them by this program alone, and once.
func start(stages [][]string, env []string, in, out, errw *os.File) ([]*exec.Cmd, error) {
	var started []*exec.Cmd
	from := in
	for i, words := range stages {
		c := exec.Command(words[0], words[1:]...)
		c.Env, c.Stdin, c.Stdout, c.Stderr = env, from, out, errw
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		var next *os.File
		if i+1 < len(stages) {
			read, write, err := os.Pipe()
			if err != nil {
				return started, err
			}
			c.Stdout, next = write, read
		}
		err := c.Start()
		if i > 0 {
			from.Close()
		}
		if w, ok := c.Stdout.(io.Closer); ok && next != nil {
			w.Close()
		}
		if err != nil {
			if next != nil {
				next.Close()
			}
			return started, err
		}
		started, from = append(started, c), next
	}
	return started, nil
}

// ended is the exit code of a stage.
func ended(err error) int {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitSignal + int(status.Signal())
	}
	return exit.ExitCode()
}
