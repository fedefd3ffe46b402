//go:build unix

package capture

import (
	"context"
	"os/exec"
	"syscall"
)

// shell is a command of the shell that ends with ctx, and everything that it has
// started with it. Ctrl-C, which is for the pipe, does not reach it.
func shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}
