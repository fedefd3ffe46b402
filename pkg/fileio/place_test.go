package fileio

import (
	"os"
	"path/filepath"
	"testing"
)

// A name leads to one place, whatever it is made of; so does one of a file that is not
// there yet.
func TestPlace(t *testing.T) {
	inFolder(t)
	absolute, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"dir", "dir/deep"} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"dir/a", "dir/b", "a"} {
		if err := os.WriteFile(name, []byte("same bytes"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, leads := range map[string]string{
		"way": "dir", "to-a": "dir/a", "to-new": "dir/new", "dir/up": "../a", "deep": "dir/deep",
		"twice": "to-new", "through": "deep/../new", "circle": "circle", "gone": "no/such",
	} {
		link(t, os.Symlink, leads, name)
	}
	link(t, os.Link, "dir/a", "hard")
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"a", "./a", true},
		{"a", absolute + "/a", true},
		{"a", "dir/up", true},
		{"a", "dir/a", false},
		{"dir/a", "dir/b", false},
		{"dir/a", "way/a", true},
		{"dir/a", "to-a", true},
		{"dir/a", "hard", true},
		{"hard", "to-a", true},
		{"new", "./new", true},
		{"new", absolute + "/dir/../new", true},
		{"new", "dir/new", false},
		{"new", "newer", false},
		{"dir/new", "way/new", true},
		{"dir/new", "to-new", true},
		{"dir/new", "twice", true},
		{"dir/new", "through", true},
		{"new", "through", false},
		{"no/such", "./no/such", true},
		{"no/such", "gone", true},
		{"no/such", "no/other", false},
		{"circle", "circle", false},
		{"dir", "way", false},
		{os.DevNull, os.DevNull, false},
		{"", "", false},
	} {
		if got := PlaceOf(c.a).Same(PlaceOf(c.b)); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
		if got := PlaceOf(c.b).Same(PlaceOf(c.a)); got != c.same {
			t.Errorf("%s and %s: %v", c.b, c.a, got)
		}
	}
}

func TestPlaceOfOpenFiles(t *testing.T) {
	inFolder(t)
	for name, text := range map[string]string{"full": "x", "empty": ""} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		p := PlaceOfOpen(f)
		if !p.Same(PlaceOf(name)) || p.Same(PlaceOf("other")) || p.Empty() != (text == "") {
			t.Errorf("%s is taken for another file", name)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, f := range []any{r, nil, (*os.File)(nil), "no file"} {
		if p := PlaceOfOpen(f); p.Same(p) || p.Empty() {
			t.Errorf("%v is taken for a file", f)
		}
	}
}
