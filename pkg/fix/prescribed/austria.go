package prescribed

// austria is what Austrian network operators' descriptions of the customer interface list of
// meters that send text (Energienetze Steiermark, "Kundenschnittstelle"): totals and two tariffs of
// energy and reactive energy, each with its power behind it or all powers at the end, in full
// Wh and W or as DSMR has them.
const austria = `
?1-3:0.2.8("50"|00)
0-0:1.0.0(<time>)
?0-0:42.0.0(<hex>)
?0-0:96.1.0(<hex>)
?0-0:96.1.1(<hex>)
1-0:1.8.0(000000.000*kWh|000000000*Wh)
?1-0:1.8.1(000000.000*kWh|000000000*Wh)
?1-0:1.8.2(000000.000*kWh|000000000*Wh)
?1-0:1.7.0(00.000*kW|000000*W|000000000*W)
1-0:2.8.0(000000.000*kWh|000000000*Wh)
?1-0:2.8.1(000000.000*kWh|000000000*Wh)
?1-0:2.8.2(000000.000*kWh|000000000*Wh)
?1-0:2.7.0(00.000*kW|000000*W|000000000*W)
1-0:3.8.0(000000.000*kvarh|000000000*varh)
?1-0:3.8.1(000000.000*kvarh|000000000*varh)
?1-0:3.8.2(000000.000*kvarh|000000000*varh)
?1-0:3.7.0(00.000*kvar|000000*var|000000000*var)
1-0:4.8.0(000000.000*kvarh|000000000*varh)
?1-0:3.8.1(000000.000*kvarh|000000000*varh)
?1-0:4.8.1(000000.000*kvarh|000000000*varh)
?1-0:4.8.2(000000.000*kvarh|000000000*varh)
?1-0:4.7.0(00.000*kvar|000000*var|000000000*var)
?1-0:1.7.0(00.000*kW|000000*W|000000000*W)
?1-0:2.7.0(00.000*kW|000000*W|000000000*W)
?1-0:3.7.0(00.000*kvar|000000*var|000000000*var)
?1-0:4.7.0(00.000*kvar|000000*var|000000000*var)
?1-0:16.7.0(00.000*kW|000000*W)
?0-0:96.7.21(00000)
?0-0:96.13.0(<hex>)
?1-0:32.7.0(000.0*V)
?1-0:52.7.0(000.0*V)
?1-0:72.7.0(000.0*V)
?1-0:31.7.0(000*A|000.00*A)
?1-0:51.7.0(000*A|000.00*A)
?1-0:71.7.0(000*A|000.00*A)
?1-0:13.7.0(0.000)
`
