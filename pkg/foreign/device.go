package foreign

import (
	"bytes"
	"fmt"
)

// nmea is a sentence of NMEA 0183: the check is the XOR of what stands between $ and *.
//
//	$GPGGA,000010.00,4730.1200,N,01902.4000,E,1,08,0.9,112.0,M,43.0,M,,*5E 0D 0A
func nmea(data []byte) int {
	const longest = 128 // 82 by the standard
	end := bytes.IndexByte(data[:min(len(data), longest)], '*')
	if end < 6 || end+5 > len(data) || data[6] != ',' && data[5] != ',' {
		return 0
	}
	var check byte
	for _, c := range data[1:end] {
		check ^= c
	}
	if !bytes.EqualFold(data[end+1:end+3], fmt.Appendf(nil, "%02X", check)) {
		return 0
	}
	return end + 5
}

// modbuses counts frames of Modbus RTU that read or write registers.
func modbuses(data []byte) (n, size int) {
	for at := 0; at < len(data); {
		if l := modbus(data[at:]); l > 0 {
			n, size, at = n+1, size+l, at+l
		} else {
			at++
		}
	}
	if 2*size < len(data) {
		return 0, 0 // among many bytes some are followed by their CRC
	}
	return n, size
}

// modbus is a frame of Modbus RTU (Modbus over serial line 1.02, §2.5.1): the address, the
// function, and either an address of a register and a number, or a count of bytes and these.
//
//	01 04 00 00 00 06 CRC    01 04 0C … CRC    01 84 02 CRC
func modbus(data []byte) int {
	if len(data) < 5 || data[0] > 247 {
		return 0
	}
	var sizes []int
	switch f := data[1]; {
	case f >= 1 && f <= 4:
		sizes = []int{8, 5 + int(data[2])}
	case f == 5 || f == 6:
		sizes = []int{8}
	case f == 15 || f == 16:
		sizes = []int{8}
		if len(data) > 6 {
			sizes = append(sizes, 9+int(data[6]))
		}
	case f > 0x80 && f <= 0x90:
		sizes = []int{5}
	}
	for _, n := range sizes {
		if n <= len(data) && modbusCRC(data[:n-2]) == uint16(data[n-2])|uint16(data[n-1])<<8 {
			return n
		}
	}
	return 0
}

// modbusCRC is the CRC of Modbus over serial line 1.02, §6.2.2: x16+x15+x2+1, the least
// significant bit first, from 0xFFFF.
func modbusCRC(data []byte) uint16 {
	sum := uint16(0xFFFF)
	for _, b := range data {
		sum ^= uint16(b)
		for range 8 {
			low := sum & 1
			if sum >>= 1; low != 0 {
				sum ^= 0xA001
			}
		}
	}
	return sum
}
