package wrapped

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os/exec"
)

// packed are the forms in which the log is compressed, or in an archive.
func packed() []Form {
	return []Form{
		{Name: "xz", File: "p1.log.xz", Needs: "xz", Wrap: whole(byCommand("xz"))},
		{Name: "bz2", File: "p1.log.bz2", Needs: "bzip2", Wrap: whole(byCommand("bzip2"))},
		{Name: "zip", File: "p1.zip", Wrap: whole(func(b []byte) []byte { return zipped(member{"p1.log", b}) })},
		{Name: "zip of two", File: "p1.zip", Wrap: zipOfTwo, Files: halves},
		{Name: "gzip in zip", File: "p1.zip", Wrap: whole(func(b []byte) []byte { return zipped(member{"p1.log.gz", gzipped(b)}) })},
	}
}

// byCommand sends bytes through a command that is known to be there, see Needs.
func byCommand(name string) func([]byte) []byte {
	return func(b []byte) []byte {
		c := exec.Command(name, "-c")
		c.Stdin = bytes.NewReader(b)
		out, err := c.Output()
		if err != nil {
			panic(err)
		}
		return out
	}
}

// A member is a file in an archive.
type member struct {
	name string
	data []byte
}

// zipped is an archive. Writing to memory does not fail.
func zipped(members ...member) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err != nil {
			panic(err)
		}
		if _, err := f.Write(m.data); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func halves(c Capture) []Capture { return []Capture{c[:len(c)/2], c[len(c)/2:]} }

// zipOfTwo is an archive of the first half of the log and the second.
func zipOfTwo(c Capture) Capture {
	h := halves(c)
	return Capture{{c[0].At, zipped(member{"logs/", nil}, member{"logs/a.log", h[0].Bytes()}, member{"logs/b.log", h[1].Bytes()})}}
}
