package tool

import "github.com/urfave/cli/v2"

// WordFlag is a flag whose value is one of some words, or a list of them, and which knows
// these for the shells' completion.
type WordFlag struct {
	*cli.StringFlag
	words func() []string
	list  bool
}

// OneOf makes a flag whose value is one of some words. They are asked for when they are needed.
func OneOf(f *cli.StringFlag, words func() []string) *WordFlag { return &WordFlag{f, words, false} }

// SomeOf makes a flag whose value is some of them, with commas between.
func SomeOf(f *cli.StringFlag, words func() []string) *WordFlag { return &WordFlag{f, words, true} }

// These are words that are known already.
func These(words ...string) func() []string { return func() []string { return words } }

// argumentWords is where an app keeps what is offered for its arguments.
const argumentWords = "arguments"

// OffersArguments has the completion offer words for an argument beside the names of files. They
// are given the argument as far as it is typed, and return arguments that begin so.
func OffersArguments(app *cli.App, words func(typed string) []string) *cli.App {
	app.Metadata = map[string]any{argumentWords: words}
	return app
}
