package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/archive"
	"p1/pkg/cat/seal"
	"p1/pkg/fileio"
	"p1/pkg/tool"
)

// Names of the flags of sealed archives.
const (
	flagSeal     = "seal"
	flagIdentity = "identity"
)

func sealFlags() []cli.Flag {
	return []cli.Flag{
		tool.ReadsAll(&cli.StringSliceFlag{Name: flagSeal, Usage: "with --archive: encrypt each finished day for `RECIPIENT`, an age1... or a file of them, and remove the plain file; may be given again"}),
		tool.Reads(&cli.StringFlag{Name: flagIdentity, Usage: "read SOURCEs that are encrypted by age (.age) with the identity in `FILE`, which only you may read, or /dev/fd/N; the passphrase of one that has one is asked for"}),
	}
}

// sealing adds to an archive's options how its days are sealed, if that is asked for.
func sealing(c *cli.Context, o *archive.Options) error {
	if !c.IsSet(flagSeal) {
		return nil
	}
	to, err := seal.ParseRecipients(c.StringSlice(flagSeal))
	if err != nil {
		return tool.Usagef("--%s: %w", flagSeal, err)
	}
	o.Seal = to.Day
	return nil
}

// unsealing is what opens sealed files: the identity that is named, or who types a passphrase.
func unsealing(c *cli.Context, ask seal.Ask) (fileio.Unseal, error) {
	name := c.String(flagIdentity)
	if !c.IsSet(flagIdentity) {
		return (&seal.Identities{Ask: ask}).Unseal, nil
	}
	if name == "" {
		return nil, tool.Usagef("--%s wants a file", flagIdentity)
	}
	ids, err := seal.ReadIdentities(name, ask)
	if errors.Is(err, seal.ErrInterrupted) {
		return nil, tool.ErrInterrupted
	}
	if err != nil {
		return nil, err
	}
	return ids.Unseal, nil
}
