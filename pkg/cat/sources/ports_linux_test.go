package sources

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// kernel makes a folder that looks as the kernel's files do: two adapters, one of which
// says nothing of its maker, a port of the board and the place of one that is not there.
func kernel(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	put := func(path, text string) {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	link := func(path, to string) {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
	}
	const usb = "sys/devices/pci0000:00/usb1/1-1/"
	for name, text := range map[string]string{
		"1-1.2/idVendor": "0403\n", "1-1.2/idProduct": "6001\n", "1-1.2/manufacturer": "FTDI\n",
		"1-1.2/product": "FT232R USB UART\n", "1-1.2/serial": "A5XK3RJT\n", "1-1.2/1-1.2:1.0/ttyUSB0/port_number": "0\n",
		"1-1.3/idVendor": "1a86\n", "1-1.3/idProduct": "55d4\n", "1-1.3/product": "USB \x1b[2Jserial\n", "1-1.3/manufacturer": "\n",
		"1-1.3/1-1.3:1.0/bInterfaceNumber": "00\n",
	} {
		put(usb+name, text)
	}
	put("sys/devices/platform/serial8250/power/control", "auto\n")
	put("sys/devices/platform/soc/fe201000.serial/power/control", "auto\n")
	link("sys/class/tty/ttyUSB0/device", "../../../devices/pci0000:00/usb1/1-1/1-1.2/1-1.2:1.0/ttyUSB0")
	link("sys/class/tty/ttyACM0/device", "../../../devices/pci0000:00/usb1/1-1/1-1.3/1-1.3:1.0")
	link("sys/class/tty/ttyS0/device", "../../../devices/platform/serial8250")
	put("sys/class/tty/ttyS0/type", "0\n")
	link("sys/class/tty/ttyAMA0/device", "../../../devices/platform/soc/fe201000.serial")
	put("sys/class/tty/ttyAMA0/type", "32\n")
	link("sys/class/tty/ttyGONE/device", "../../../devices/platform/serial8250")
	put("sys/class/tty/tty1/active", "")
	for _, name := range []string{"ttyUSB0", "ttyACM0", "ttyS0", "ttyAMA0", "tty1"} {
		put("dev/"+name, "")
	}
	link("dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A5XK3RJT-if00-port0", "../../ttyUSB0")
	return root
}

func TestPorts(t *testing.T) {
	root := kernel(t)
	got, err := portsBelow(root)
	if err != nil {
		t.Fatal(err)
	}
	dev := filepath.Join(root, "dev")
	link := dev + "/serial/by-id/usb-FTDI_FT232R_USB_UART_A5XK3RJT-if00-port0"
	want := []Port{
		{Name: dev + "/ttyACM0", Model: "USB \x1b[2Jserial", USB: "1a86:55d4"},
		{Name: dev + "/ttyAMA0"},
		{Name: dev + "/ttyUSB0", Link: link, Maker: "FTDI", Model: "FT232R USB UART", Serial: "A5XK3RJT", USB: "0403:6001"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// A line for each port, in columns, and nothing in it moves the cursor.
func TestLinesOfPorts(t *testing.T) {
	var out bytes.Buffer
	err := WritePorts(&out, []Port{
		{Name: "/dev/ttyACM0", Model: "USB \x1b[2Jserial\t2", USB: "1a86:55d4"},
		{Name: "/dev/ttyUSB0", Link: "/dev/serial/by-id/usb-FTDI", Maker: "FTDI", Model: "FT232R", Serial: "A5XK3RJT", USB: "0403:6001"},
		{Name: "/dev/ttyS0", Trouble: "permission denied"},
		{Name: "COM3", Maker: "Prolific", Model: "Prolific PL2303", Serial: "7"},
		{Name: "COM4", Serial: "8"},
	})
	const want = `/dev/ttyACM0  USB \x1b[2Jserial\t2 (USB 1a86:55d4)
/dev/ttyUSB0  FTDI FT232R, number A5XK3RJT (USB 0403:6001)          /dev/serial/by-id/usb-FTDI
/dev/ttyS0    a port of this machine, which says nothing of itself    permission denied
COM3          Prolific PL2303, number 7
COM4          number 8
`
	if err != nil || out.String() != want {
		t.Errorf("%v\n%s", err, &out)
	}
}

// A window at which a person sits is no port, and nor is a pipe.
func TestWhatStandardInputIs(t *testing.T) {
	a := plugIn(t)
	f, err := os.Open(a.device)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, in := range []any{f, os.Stdin, strings.NewReader(""), nil} {
		if port := PortAt(in); port != "" {
			t.Errorf("%T is %s", in, port)
		}
	}
	for name, want := range map[string]bool{
		"/dev/pts/3": true, "/dev/tty": true, "/dev/tty2": true, "/dev/console": true,
		"/dev/ttyUSB0": false, "/dev/ttyS0": false, "/dev/ttyAMA0": false, "/dev/ttyACM1": false,
	} {
		if seats.MatchString(name) != want {
			t.Errorf("at %s a person sits: %v", name, !want)
		}
	}
}

// Whatever this machine has, it is listed without an error.
func TestPortsOfThisMachine(t *testing.T) {
	if _, err := Ports(); err != nil {
		t.Error(err)
	}
}
