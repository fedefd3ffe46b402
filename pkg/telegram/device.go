package telegram

// Device is a meter behind the meter: it sends its readings by M-Bus.
type Device struct {
	Channel int    // 1 to 4
	Medium  string // gas, water, hot_water, heat, cooling, electricity, other; "" where no type is said
	Type    int    // device type of 0-n:24.1.0, 0 where it is not said
	ID      string // identifier, decoded where it is hex of text
	At      Clock  // when the device was read
	AtText  string // the same as sent
	AtOK    bool   // At can be read
	Code    string // the line of the reading, 0-1:24.2.1
	Reading Decimal
	Unit    string // m3, GJ, kWh: as the dictionary writes it where it knows it
	Text    string // the reading as sent
	OK      bool   // Reading is a number
	Valve   string // position of valve or switch, as sent
}

// Devices returns the devices of channels 1 to 4 that the telegram speaks of,
// by channel.
func (t *Telegram) Devices() []Device { return nil }
