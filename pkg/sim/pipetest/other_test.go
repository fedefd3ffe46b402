//go:build !unix

package pipetest

const measureArg = "p1-measure"

func measureMain(string) int { return 1 }

func (p *pipe) group(*stage) {}
