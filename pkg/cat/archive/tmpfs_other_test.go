//go:build !linux

package archive

import "errors"

func mountTmpfs(_, _ string) error { return errors.ErrUnsupported }

func unmount(string) error { return errors.ErrUnsupported }
