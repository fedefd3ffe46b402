package prescribed

// norway is the P1 form of the list of NEK's AMS-HAN profile (OBIS list 2, three phases): the
// version of the list, identifier and type of the meter, powers and registers.
const norway = `
?1-1:0.2.129(<text>)
0-0:1.0.0(<time>)
?0-0:96.1.0(<hex>)
?0-0:96.1.7(<text>)
1-0:1.7.0(0000.000*kW|00.000*kW)
1-0:2.7.0(0000.000*kW|00.000*kW)
1-0:3.7.0(0000.000*kvar|00.000*kvar|0000.000*kVAr)
1-0:4.7.0(0000.000*kvar|00.000*kvar|0000.000*kVAr)
1-0:31.7.0(000.0*A|000.00*A|000*A)
?1-0:51.7.0(000.0*A|000.00*A|000*A)
?1-0:71.7.0(000.0*A|000.00*A|000*A)
1-0:32.7.0(000.0*V)
?1-0:52.7.0(000.0*V)
?1-0:72.7.0(000.0*V)
1-0:1.8.0(00000000.000*kWh|000000.000*kWh)
1-0:2.8.0(00000000.000*kWh|000000.000*kWh)
1-0:3.8.0(00000000.000*kvarh|000000.000*kvarh|00000000.000*kVArh)
1-0:4.8.0(00000000.000*kvarh|000000.000*kvarh|00000000.000*kVArh)
`
