package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// target is a system and processor that binaries are built for, as a release names it:
// linux/amd64, linux/armv6.
type target struct{ os, arch string }

func parseTarget(name string) (target, error) {
	system, arch, ok := strings.Cut(name, "/")
	if !ok || system == "" || arch == "" {
		return target{}, fmt.Errorf("%q is no target: want one such as linux/amd64 or linux/armv6", name)
	}
	return target{system, arch}, nil
}

func (t target) String() string { return t.os + "/" + t.arch }

// environment makes the go command see this target, and nothing of what its user has set.
func (t target) environment() []string {
	env := append(os.Environ(), "GOOS="+t.os, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if version, ok := strings.CutPrefix(t.arch, "armv"); ok {
		return append(env, "GOARCH=arm", "GOARM="+version)
	}
	return append(env, "GOARCH="+t.arch)
}

// command prepares a program that runs in a folder for a target.
func (t target) command(folder, program string, args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	c.Dir, c.Env, c.Stderr = folder, t.environment(), os.Stderr
	return c
}
