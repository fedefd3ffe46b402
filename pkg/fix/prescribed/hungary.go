package prescribed

import "p1/pkg/fix/expect"

// hungary is that of the Hungarian network operators' guide to the P1 port of meters (E.ON,
// "P1 port tájékoztató", list of OBIS codes): registers of four quadrants, the totals of which
// are the sums of their parts, month ends and a message of 1,024 bytes.
const hungary = `
0-0:1.0.0(<time>)
0-0:42.0.0(<text>)
0-0:96.1.0(<text>)
0-0:96.14.0(0000|TARIFF 0)
0-0:96.50.68(ON|OFF)
?0-0:96.3.10(0)
0-0:17.0.0(00.000*kW|000.000*kW|000.0*kW|000000*W|00000*W)
1-0:1.8.0(000000.000*kWh|000000.000*kWh )
1-0:1.8.1(000000.000*kWh|000000.000*kWh )
1-0:1.8.2(000000.000*kWh|000000.000*kWh )
?1-0:1.8.3(000000.000*kWh|000000.000*kWh )
?1-0:1.8.4(000000.000*kWh|000000.000*kWh )
1-0:2.8.0(000000.000*kWh|000000.000*kWh )
1-0:2.8.1(000000.000*kWh|000000.000*kWh )
1-0:2.8.2(000000.000*kWh|000000.000*kWh )
?1-0:2.8.3(000000.000*kWh|000000.000*kWh )
?1-0:2.8.4(000000.000*kWh|000000.000*kWh )
1-0:3.8.0(000000.000*kvarh|000000.000*kvarh )
1-0:4.8.0(000000.000*kvarh|000000.000*kvarh )
?1-0:4.8.1(000000.000*kvarh|000000.000*kvarh )
1-0:5.8.0(000000.000*kvarh|000000.000*kvarh )
1-0:6.8.0(000000.000*kvarh|000000.000*kvarh )
1-0:7.8.0(000000.000*kvarh|000000.000*kvarh )
1-0:8.8.0(000000.000*kvarh|000000.000*kvarh )
1-0:15.8.0(000000.000*kWh|000000.000*kWh )
1-0:32.7.0(000.0*V)
?1-0:52.7.0(000.0*V)
?1-0:72.7.0(000.0*V)
1-0:31.7.0(000*A|000.00*A|000.0*A)
?1-0:51.7.0(000*A|000.00*A|000.0*A)
?1-0:71.7.0(000*A|000.00*A|000.0*A)
1-0:13.7.0(0.000)
1-0:33.7.0(0.000)
?1-0:53.7.0(0.000)
?1-0:73.7.0(0.000)
1-0:14.7.0(00.00*Hz|00.0*Hz)
1-0:1.7.0(00.000*kW|0000.000*kW)
1-0:2.7.0(00.000*kW|0000.000*kW)
1-0:5.7.0(00.000*kvar|0000.000*kvar)
1-0:6.7.0(00.000*kvar|0000.000*kvar)
1-0:7.7.0(00.000*kvar|0000.000*kvar)
1-0:8.7.0(00.000*kvar|0000.000*kvar)
?1-0:31.4.0(000*A|000.00*A)
?1-0:51.4.0(000*A|000.00*A)
?1-0:71.4.0(000*A|000.00*A)
0-0:98.1.0(<time>){(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW)}
?(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW){(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW)}
?(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW){(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW)}
?(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW){(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW)}
?(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW){(000000.000*kWh|000000.000*kWh |000000.000*kvarh|000000.000*kvarh |00.000*kW|0000.000*kW)}
0-0:96.13.0(<text>)
`

// believeMonthEnd makes the totals of a month's end the sums of their parts, as those of the
// registers are, of which they were copied: 1.8.0 to 1.8.2, 2.8.0 to 2.8.2, then 3.8.0 to 8.8.0.
func believeMonthEnd(s *expect.Shape) {
	var at []int // the fields behind the time; some meters write them in several lines
	for k := range s.Fields {
		code := s.Code(k)
		if code == "0-0:98.1.0" || code == "" && len(at) > 0 {
			at = append(at, k)
		} else if len(at) > 0 {
			break
		}
	}
	if len(at) < 14 || s.Fields[at[0]].Kind != expect.Stamp {
		return
	}
	at = at[1:]
	for _, sum := range [][3]int{{0, 1, 2}, {3, 4, 5}, {6, 8, 9}, {7, 10, 11}} {
		s.BelieveSum(at[sum[0]], at[sum[1]], at[sum[2]])
	}
}
