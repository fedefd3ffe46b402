package capture

import (
	"context"
	"os/exec"
	"syscall"
)

// shell is a command of the shell that ends with ctx. The shell reads the line as it
// is; it must not be quoted as a program's argument.
func shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /s /c "` + command + `"`}
	return cmd
}
