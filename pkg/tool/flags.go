package tool

import (
	"runtime"
	"slices"

	"github.com/urfave/cli/v2"
)

// Names of the flags that several commands have.
const (
	FlagOutput    = "output"
	FlagASCII     = "ascii"
	FlagFollow    = "follow"
	flagKeepGoing = "keep-going"
	flagStrict    = "strict"
	flagQuiet     = "quiet"
)

// OutputFlag is -o FILE.
func OutputFlag() cli.Flag {
	return Writes(&cli.StringFlag{
		Name: FlagOutput, Aliases: []string{"o"},
		Usage: "write to `FILE`, compressed if it is named .gz or .zst, instead of standard output",
	})
}

// ASCIIFlag is --ascii, for commands that write records.
func ASCIIFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: FlagASCII, Value: runtime.GOOS == "windows", DefaultText: "true on Windows",
		Usage: "write bytes above 0x7E as \\u00xx, for shells that re-encode what passes through a pipe",
	}
}

// FollowFlag is --follow, for commands that read records.
func FollowFlag() cli.Flag {
	return &cli.BoolFlag{
		Name:  FlagFollow,
		Usage: "wait at the end of a FILE for more, also when it is rotated or emptied; standard input is live anyway",
	}
}

// QuietFlag is --quiet, for commands that end with a line about their telegrams.
func QuietFlag() cli.Flag {
	return &cli.BoolFlag{
		Name:  flagQuiet,
		Usage: "leave out what is said at the end: how many telegrams were usable, how many lines are doubted; not what --strict finds",
	}
}

// hasFlag reports whether a command has a flag of that name.
func hasFlag(app *cli.App, name string) bool {
	return slices.ContainsFunc(app.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// ReadFlags are those of commands that read records.
func ReadFlags() []cli.Flag {
	return Group(Damage,
		&cli.BoolFlag{
			Name:  flagStrict,
			Usage: "exit with 4 unless every telegram is ok, unchecked or repaired, and none is suspect; all is read and written before",
		},
		&cli.BoolFlag{
			Name:  flagKeepGoing,
			Usage: "count and pass over lines that are no records, instead of stopping with exit code 3",
		},
	)
}
