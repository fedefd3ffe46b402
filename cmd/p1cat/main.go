// Command p1cat takes the names of logs or other sources of a meter's bytes and
// writes those bytes as chunk records.
package main

import (
	"os"
	_ "time/tzdata" // where the system has no zones

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/sources"
	"p1/pkg/tool"
)

func main() { os.Exit(tool.Run(app(), os.Args, os.Stdin, os.Stdout, os.Stderr)) }

func app() *cli.App {
	flags := []cli.Flag{
		portsFlag(),
		tool.OutputFlag(),
		&cli.BoolFlag{Name: "raw", Usage: "write the bytes themselves instead of records; of a SOURCE that holds records, the bytes in these; with --only, --plain or --as-sent, those of telegrams that are handed on"},
		&cli.BoolFlag{Name: "follow", Usage: "wait at the end of a log for more, also when it is rotated or emptied; in a named pipe, for the next who writes to it; one SOURCE only"},
		tool.ASCIIFlag(),
	}
	flags = append(flags, tool.Group("Archive", append(archiveFlags(), sealFlags()...)...)...)
	flags = append(flags, tool.Group("A line that falls silent", staleFlags()...)...)
	flags = append(flags, tool.Group("Logs of other programs", unwrapFlags()...)...)
	flags = append(flags, tool.Group("Handing on verified telegrams, as the last stage", serveFlags()...)...)
	app := tool.App("p1cat", "capture: a smart meter's bytes as records", "[SOURCE...]",
		`A SOURCE is a file (.gz, .zst, .xz, .bz2, .zip and UTF-16 are decoded, .age with
--identity), a pattern such as logs/*.log, - for standard input, a serial port, a bridge of one, a topic of
an MQTT broker, or the simulated meter:

    /dev/ttyUSB0, /dev/serial/by-id/..., COM3, COM3:
    serial:///dev/ttyUSB0?baud=115200
    tcp://host:2001, telnet://host:2001
    http://host/api/v1/telegram#every=2s
    mqtts://user@host/topic?password-file=FILE
    demo:?meter=hu&telegrams=360&noise=slow-rise&seed=1

A serial port is opened with eight bits and no parity, mode=7e1 or not; without
baud its speed is found by listening. tcp:// finds out whether the bridge speaks
telnet; ?telnet=0 or ?telnet=1 says so. http:// asks a bridge for its last
telegram, twice a second or #every=TIME, and counts each once. mqtt:// takes
messages that are telegrams or lines of them. All of these are opened again
whenever they are lost, and have no end; where something may have been lost
meanwhile, a gap record says so.

What another program has put around the bytes of a log is recognised and taken off: time
stamps before the lines, log levels, quote marks, blank lines, translated line ends, hex in
all usual forms, escapes, JSON, the logs of Home Assistant, dsmr-reader and ESPHome. It is
said on standard error. --as-is takes nothing off. Of a port or bridge, only forms of
whole lines are recognised; --unwrap names any.

Chunk records, such as p1cat writes and archives them, are a SOURCE too: they come
as they are, but are no longer live. With --archive all records are kept in DIR as
well, in a file for each day: p1-2026-11-22.jsonl.zst. What is written there can be
read up to 2 s before the program is killed. If the disk is full, only the archive
stops, until there is room.

Sources are read in the order given, the files of a pattern sorted by name.
Without a SOURCE, standard input is read. With --raw a file, or standard input,
may hold records of any stage: the bytes in them are written, which makes a log
of records again.

With --serve, or with --raw and --only or --plain, it is the last stage: it reads
the records that p1fix writes and hands on the telegrams that are verified.`,
		`p1cat p1.log | p1frame | p1fix | p1csv -o records.csv
p1cat --ports
p1cat /dev/ttyUSB0 --archive /var/lib/p1/archive --keep 400d | p1frame | p1fix | p1csv
p1cat '/var/lib/p1/archive/p1-2026-11-*' | p1frame | p1fix | p1csv -o november.csv
p1cat p1.log | p1frame | p1fix | p1cat --serve tcp://:2001`,
		flags, run)
	return tool.OffersArguments(app, sources.Complete)
}

func run(c *cli.Context) error {
	switch {
	case c.Bool(flagPorts):
		return listPorts(c)
	case handsOn(c):
		return handOn(c)
	}
	return captures(c)
}
