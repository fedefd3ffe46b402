// Command p1frame takes chunk records and writes the telegrams in them, with
// their CRC checked, and everything else as noise records.
package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"p1/pkg/frame"
	"p1/pkg/frame/pseudonym"
	"p1/pkg/record"
	"p1/pkg/tool"
)

func main() { os.Exit(tool.Run(app(), os.Args, os.Stdin, os.Stdout, os.Stderr)) }

const (
	flagAnonymise   = "anonymise"
	flagOnlyDamaged = "only-damaged"
)

func app() *cli.App {
	flags := append([]cli.Flag{tool.OutputFlag()}, tool.KeyFlags()...)
	flags = append(flags,
		&cli.BoolFlag{Name: flagAnonymise, Usage: "put pseudonyms in place of serial numbers and other identifiers, for a log that is to be shared; readings and times stay"},
		&cli.BoolFlag{Name: flagOnlyDamaged, Usage: "write only what is damaged, and the telegrams before and after it"},
		tool.ASCIIFlag())
	flags = append(flags, tool.ReadFlags()...)
	flags = append(flags, tool.Group(tool.Damage,
		&cli.BoolFlag{Name: "allow-unverified", Usage: "take encrypted telegrams whose tag does not verify"})...)
	return tool.App("p1frame", "framing: telegrams and their CRC", "[FILE...]",
		`Reads the records of p1cat from the FILEs or standard input, and writes a
telegram record for each telegram, whole or damaged (status ok, bad or
unchecked), and a noise record for each run of bytes that belongs to none.

Encrypted telegrams (Luxembourg, Austria) are decrypted with the key that the
grid operator gives to the household. It stands in a file or in the environment
variable P1_KEY, an authentication key other than Luxembourg's in the same file
or in P1_AUTH_KEY. A key that opens none of them is a failure, though the records
are written.`,
		`p1cat p1.log | p1frame -o telegrams.jsonl.zst
p1cat p1.log | p1frame --anonymise --only-damaged | p1cat --raw -o shared.log`,
		flags, run)
}

func run(c *cli.Context) error {
	keys, err := tool.ReadKeys(c)
	if err != nil {
		return err
	}
	o := frame.Options{Keys: keys, AllowUnverified: c.Bool("allow-unverified"), Say: tool.Say(c)}
	return tool.Filter(c, func(out record.Writer) (record.Stage, error) {
		if c.Bool(flagOnlyDamaged) {
			d := frame.NewDamaged(out)
			stage, err := framing(c, o, d)
			return onlyDamaged{stage, d, tool.Say(c)}, err
		}
		return framing(c, o, out)
	})
}

// framing is the framing, with pseudonyms after it where they are asked for.
func framing(c *cli.Context, o frame.Options, out record.Writer) (record.Stage, error) {
	if !c.Bool(flagAnonymise) {
		return closing{frame.New(out, o), out}, nil
	}
	names := pseudonym.New(out, pseudonym.Options{Say: tool.Say(c)})
	return anonymised{closing{frame.New(names, o), names}, names}, nil
}
