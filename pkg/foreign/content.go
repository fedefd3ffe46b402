package foreign

import (
	"bytes"
	"slices"
	"strings"
)

// content is a file of another kind, by its first bytes, and what is to be done.
type content struct {
	at   int
	mark string
	Kind
}

func contents() []content {
	picture := Kind{Name: "this is a picture", Do: "Name the log itself: a picture of it holds no bytes that can be read."}
	table := Kind{Name: "this is a table that p1csv wrote", Do: "Its readings are there already; what was received is in the log, or in the records that p1fix wrote."}
	packed := Kind{Name: "this is an archive of files", Do: "Take the logs out of it first; .gz, .zst, .xz, .bz2 and .zip are read as they are."}
	tape := Kind{Name: "this is an archive of files (tar)", Do: "Its files are read one after the other, as if they were one log; to keep them apart, take the logs out first."}
	program := Kind{Name: "this is a program", Do: "Name the log itself."}
	report := Kind{Name: "this is a table that p1noise wrote", Do: "It tells of damage only; the readings are in the records that p1frame and p1fix wrote, which p1csv reads."}
	pdf := Kind{Name: "this is a document (PDF)", Do: "Save the log itself as plain text (.txt), and name that."}
	document := Kind{Name: "this is a document", Do: "Save its text as plain text (.txt), and name that."}
	database := Kind{Name: "this is a database (SQLite)", Do: "Export the telegrams that it holds as text, and name that."}
	list := []content{
		{0, "\x89PNG", picture}, {0, "\xFF\xD8\xFF", picture}, {0, "GIF8", picture}, {8, "WEBP", picture},
		{4, "ftyphei", picture}, {0, "<svg", picture},
		{0, "%PDF-", pdf}, {0, "{\\rtf", document}, {0, "\xD0\xCF\x11\xE0", document},
		{257, "ustar", tape}, {0, "7z\xBC\xAF\x27\x1C", packed}, {0, "Rar!\x1A\x07", packed},
		{0, "\x7FELF", program}, {0, "MZ\x90\x00", program},
		{0, "SQLite format 3\x00", database},
	}
	for _, own := range []content{
		{0, "time,utc_offset,", table}, {0, "time,source,offset,seq,", table}, {0, "month,register,", table}, {0, "time,source,offset,type,", report},
	} {
		list = append(list, own, content{0, "\uFEFF" + own.mark, own.Kind}, content{0, "\uFEFF" + strings.ReplaceAll(own.mark, ",", ";"), own.Kind})
	}
	return list
}

// Content returns the kind of file that data begins as, if it is known and no log; nil
// otherwise.
func Content(data []byte) *Kind {
	list := contents()
	at := slices.IndexFunc(list, func(c content) bool {
		return len(data) > c.at && bytes.HasPrefix(data[c.at:], []byte(c.mark))
	})
	if at < 0 {
		return nil
	}
	k := list[at].Kind
	return &k
}
