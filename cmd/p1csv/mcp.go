package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/urfave/cli/v2"

	"p1/pkg/cat/seal"
	"p1/pkg/csv/ask"
	"p1/pkg/csv/index"
	"p1/pkg/csv/tables"
	"p1/pkg/dlms"
	"p1/pkg/fileio"
	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/noise/diagnose"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// mcpFlags are those of the server for language models.
func mcpFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "mcp", Usage: "instead of rows answer questions of a language model about the ARCHIVEs, folders of p1cat or files of records, by the Model Context Protocol on standard input and output"},
		&cli.BoolFlag{Name: "show-numbers", Usage: "with --mcp: the numbers of meters instead of pseudonyms"},
		tool.Reads(&cli.StringFlag{Name: "identity", Usage: "with --mcp: read what is encrypted by age (.age) with the identity in `FILE`, which only you may read"}),
		tool.Reads(&cli.StringFlag{Name: "key-file", Usage: "with --mcp: decrypt encrypted telegrams with the key in `FILE`, as p1frame does"}),
	}
}

// onlyMCP is an error where a flag is set that is for --mcp.
func onlyMCP(c *cli.Context) error {
	for _, name := range []string{"show-numbers", "identity", "key-file"} {
		if c.IsSet(name) {
			return fmt.Errorf("--%s is for --mcp", name)
		}
	}
	return nil
}

// serve answers questions until nobody asks any more.
func serve(c *cli.Context, o tables.Options) error {
	for _, other := range c.LocalFlagNames() {
		switch other {
		case "mcp", "show-numbers", "tz", "prices", "identity", "key-file":
		default:
			return tool.Usagef("--mcp and --%s do not go together", other)
		}
	}
	if c.NArg() == 0 {
		return tool.Usagef("--mcp needs an ARCHIVE: the folder that p1cat --archive fills, or files of records")
	}
	names, err := archives(c)
	if err != nil {
		return err
	}
	costs, err := readPrices(c.String("prices"))
	if err != nil {
		return err
	}
	key, err := pseudonymKey(c)
	if err != nil {
		return err
	}
	unseal, err := unsealing(c)
	if err != nil {
		return err
	}
	keys, err := tool.ReadKeys(c)
	if err != nil {
		return err
	}
	a := ask.New(ask.Options{
		Names: names, Zone: o.Zone, Prices: costs, Repaired: repaired(keys), Keyed: keys != nil, Diagnose: diagnosed, Unseal: unseal, Key: key,
		ShowNumbers: c.Bool("show-numbers"), Version: c.App.Version, Say: tool.SayError(c),
	})
	in, out := ask.Messages(c.App.Reader, c.App.Writer)
	err = a.Server().Run(context.Background(), &mcp.IOTransport{Reader: in, Writer: out})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// archives are what may be read. What is not there is said now, not when a model asks, and so is
// that there is nothing in it, as in the folder above an archive.
func archives(c *cli.Context) ([]string, error) {
	names, err := fileio.Expand(c.Args().Slice())
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := os.Stat(name); err != nil {
			return nil, err
		}
	}
	if files, sealed, err := index.New(names, index.Options{}).Files(); err == nil && len(files)+sealed == 0 {
		tool.Say(c)("no file of records is in " + strings.Join(names, ", ") + ": name the folder that p1cat --archive fills; until there is one, answers know of nothing")
	}
	return names, nil
}

// pseudonymKey is the key by which pseudonyms stay the same from run to run. It is the
// user's, not the archive's: who is given the archive is not given what undoes them.
func pseudonymKey(c *cli.Context) ([]byte, error) {
	if c.Bool("show-numbers") {
		return nil, nil
	}
	own, err := os.UserConfigDir()
	if err == nil {
		return ask.ReadKey(filepath.Join(own, "p1", "pseudonym.key"))
	}
	tool.Say(c)("there is no folder for settings, so that the pseudonyms of meters are others each time: " + err.Error())
	key := make([]byte, 32)
	_, err = rand.Read(key)
	return key, err
}

// unsealing is what opens sealed files, nil where no identity is named. Whoever talks with a
// model is not asked for a passphrase.
func unsealing(c *cli.Context) (fileio.Unseal, error) {
	if !c.IsSet("identity") {
		return nil, nil
	}
	ids, err := seal.ReadIdentities(c.String("identity"), func() (string, error) {
		return "", errors.New("nobody can be asked for it here: name an identity that is not encrypted itself")
	})
	if err != nil {
		return nil, err
	}
	return ids.Unseal, nil
}

// repaired is p1frame and p1fix: chunks to repaired telegrams.
func repaired(keys *dlms.Keys) func(record.Writer) (record.Stage, error) {
	return func(out record.Writer) (record.Stage, error) {
		fixer := repair.New(out, repair.Options{MinConfidence: 0.999})
		return &framed{frame.New(fixed{fixer}, frame.Options{Keys: keys}), fixer, keys != nil}, nil
	}
}

// fixed writes records to p1fix.
type fixed struct{ *repair.Fixer }

func (f fixed) Write(r record.Record) error { return f.Take(r) }

// framed is p1frame with p1fix behind it.
type framed struct {
	*frame.Framer
	fixer *repair.Fixer
	keyed bool
}

// Close ends the last telegram of both. Without a key, encrypted telegrams stay what they are;
// a key that opens none of them is a failure.
func (f *framed) Close() error {
	err := f.Framer.Close()
	if !f.keyed && errors.As(err, new(*frame.KeyError)) {
		err = nil
	}
	return errors.Join(err, f.fixer.Close())
}

// diagnosed is p1noise, in short.
func diagnosed() (record.Stage, func() *index.Diagnosis) {
	d := diagnose.New(diagnose.Options{})
	return diagnosing{Diagnoser: d}, func() *index.Diagnosis {
		r := d.Report()
		t := r.Totals
		short := &index.Diagnosis{Telegrams: t.Telegrams, Intact: t.Intact, Repaired: t.Repaired, Remaining: t.Remaining + t.Unknown, Hits: t.Events, Clean: r.Clean}
		for _, f := range r.Findings {
			short.Findings = append(short.Findings, index.Finding{Cause: string(f.Signature), Hits: f.Events})
		}
		return short
	}
}

// diagnosing gives records to p1noise.
type diagnosing struct {
	record.BaseStage
	*diagnose.Diagnoser
}

func (d diagnosing) Take(r record.Record) error { return d.Diagnoser.Take(r) }
