package wrapped

import "slices"

// Forms lists the forms.
func Forms() []Form {
	return slices.Concat(stamped(), logged(), pasted(), terminals(), escaped(), dumps(), packed())
}

// pairs are two forms, the inner one first: the second program read what the first wrote.
var pairs = [][2]string{
	{"ts", "xxd"},
	{"ts", "hexdump -C"},
	{"ts", "quote marks"},
	{"ts", "xz"},
	{"ts", "page"},
	{"ts", "UTF-16LE"},
	{"ts ISO", "bz2"},
	{"ts %.s", "code fence"},
	{"minicom", "gzip in zip"},
	{"tio", "indent"},
	{"Arduino", "indent"},
	{"CoolTerm", "UTF-16LE"},
	{"hex bare", "ts"},
	{"hex bare", "JSON"},
	{"hex spaced", "tio"},
	{"hex spaced", "RealTerm"},
	{"quote marks", "blank lines"},
	{"quote marks", "code fence"},
	{"indent", "quote marks"},
	{"quote marks", "quote marks"},
	{"CR to LF", "ts"},
	{"CR to LF", "zip"},
	{"CR to LF", "quote marks"},
	{"both doubled", "ts"},
	{"CR NUL LF", "xz"},
	{"cat -v", "ts"},
	{"cat -v", "code fence"},
	{"cat -A", "indent"},
	{"xxd", "code fence"},
	{"xxd", "quote marks"},
	{"xxd -p", "xz"},
	{"hexdump -C", "page"},
	{"od -c", "indent"},
	{"od x1z", "zip"},
	{"hex spaced, 16 a line", "UTF-16BE"},
	{"Python repr", "ts"},
	{"Python repr", "Python logging"},
	{"Python repr, telegrams", "Python logging"},
	{"Python repr", "UTF-16LE"},
	{"escapes", "quote marks"},
	{"JSON", "gzip in zip"},
	{"Home Assistant", "zip"},
	{"journalctl", "zip"},
	{"ESPHome uart text", "zip"},
	{"ESPHome uart hex", "code fence"},
	{"ESPHome lines", "page"},
	{"one line", "ts"},
	{"xz", "zip"},
}

// Pairs lists the forms that are two at once, by name "inner + outer".
func Pairs() []Form {
	all := Forms()
	find := func(name string) Form {
		return all[slices.IndexFunc(all, func(f Form) bool { return f.Name == name })]
	}
	var out []Form
	for _, p := range pairs {
		out = append(out, both(find(p[0]), find(p[1])))
	}
	return out
}

// both is a form that another one is put around.
func both(inner, outer Form) Form {
	f := Form{
		Name:  inner.Name + " + " + outer.Name,
		File:  outer.File,
		Wrap:  func(c Capture) Capture { return outer.Wrap(inner.Wrap(c)) },
		Left:  inner.Left,
		Needs: outer.Needs,
		Stamp: max(inner.Stamp, outer.Stamp),
		Loose: inner.Loose || outer.Loose,
	}
	if f.Needs == "" {
		f.Needs = inner.Needs
	}
	if outer.Left != nil && !inner.Armour {
		f.Left = leftByBoth(inner, outer)
	}
	return f
}

// leftByBoth is what two forms have left, where what the outer one loses is the same
// whether the inner one is around the bytes or not.
func leftByBoth(inner, outer Form) func(Capture) [][]byte {
	return func(c Capture) [][]byte {
		logs := [][]byte{c.Bytes()}
		if inner.Left != nil {
			logs = inner.Left(c)
		}
		var out [][]byte
		for _, log := range logs {
			out = append(out, outer.Left(Capture{{c[0].At, log}})...)
		}
		return out
	}
}
