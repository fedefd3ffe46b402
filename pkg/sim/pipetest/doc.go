// Package pipetest runs the commands as whole pipes, the way a person joins them
// in a shell, and compares what comes out with what the simulated meter sent.
//
// It has nothing but tests. They build the five commands once and run them as
// processes; the records that pass between those are read here by a reader of
// this package's own, so that a mistake in the project's reader and writer does
// not hide itself.
package pipetest
