/**
 * Makers with few parts: one line for each part. The form of a line: part-line.ts. What its source letters mean:
 * part-sources.ts.
 */
export function othersLines(): string {
  return `
-|cat25128|Catalyst|m|size 16K|page 64|no-erase yes|address 2
-|cat25c03|Catalyst|m|size 256|page 16|no-erase yes|address 2
-|cat25c09|Catalyst|m|size 1K|page 32|no-erase yes|address 2
-|cat25c11|Catalyst|m|size 128|page 16|no-erase yes|address 1
-|cat25c17|Catalyst|m|size 2K|page 32|no-erase yes|address 2
e5301a|ds25q4cb|Dosilicon|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
e5301b|ds25q4dn|Dosilicon|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
e5401a|ds25m4cb|Dosilicon|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
e5401b|ds25m4dn|Dosilicon|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
f83217|FM25Q64A|Dosilicon|k|size 8M|page 256|erase 20=4K,D8=64K
f84218|FM25M4AA|Dosilicon|k|size 16M|page 256|erase 20=4K,D8=64K
f84317|FM25M64C|Dosilicon|k|size 8M|page 256|erase 20=4K,D8=64K
4a2013|ES25P40|ESI|fp|size 512K|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
4a2014|ES25P80|ESI|fp|size 1M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
4a2015|ES25P16|ESI|fp|size 2M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
8c2014|F25L008A|ESMT|fp|size 1M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog byte|mv 2700-3600|wren 06,50|sr1 1|unlock clears=3C
8c2016|F25L32PA|ESMT|fplm|size 4M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06,50@fp|sr1 1@fp|bp P23@lm|unlock clears=3C@fp|bp-volatile yes@lm
8c4116|f25l32qa-2s|ESMT|lm|size 4M|page 256|erase 20=4K,D8=64K|bp P23
8c4117|f25l64qa|ESMT|lm|size 8M|page 256|erase 20=4K,D8=64K|bp P23
-|mr25h10|Everspin|lm|size 128K|page 256@m|no-erase yes|address 3@m
-|mr25h128|Everspin|lm|size 16K|page 256@m|no-erase yes|address 2
-|mr25h256|Everspin|lm|size 32K|page 256@m|no-erase yes|address 2
-|mr25h40|Everspin|lm|size 512K|page 256@m|no-erase yes|address 3@m
a12818|FM25W128|Fudan|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-3600|sfdp yes|wren 06|sr1 1|sr23 31|bp P04|lock srp=SR1.7,srl=SR2.0,wps=SR2.3|unlock clears=1C,lock=80
a13110|FM25F005|Fudan|fp|size 64K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
a13111|FM25F01|Fudan|fp|size 128K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
a13112|FM25F02|Fudan|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
a13112|FM25F02A|Fudan|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
a13113|FM25F04|Fudan|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
a13113|FM25F04A|Fudan|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
a14012|FM25Q02|Fudan|p|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P19|lock srp=SR1.7,srl=SR2.0,wps=SR2.5|unlock clears=1C,lock=80|qe SR2.1|qpi 38/FF
a14013|FM25Q04|Fudan|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes@f|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 31,11@p|bp P20@p|lock srp=SR1.7,srl=SR2.0,wps=SR2.5@p|unlock clears=1C,lock=80|qe SR2.1@p|qpi 38/FF@p
a14014|FM25Q08|Fudan|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06@f 06,50@p|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=1C,lock=80|qe SR2.1@p|qpi 38/FF@p
a14014|FM25Q08A|Fudan|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06,50|sr1 2|bp P21|lock srp=SR1.7,srl=SR2.0|unlock clears=1C,lock=80|qe SR2.1|qpi 38/FF
a14015|FM25Q16|Fudan|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06@f 06,50@p|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=1C,lock=80|qe SR2.1@p|qpi 38/FF@p
a14016|FM25Q32|Fudan|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06@f 06,50@p|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=1C,lock=80|qe SR2.1@p|qpi 38/FF@p
a14017|FM25Q64|Fudan|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes@f|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 31@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=1C,lock=80|qe SR2.1@p|qpi 38/FF@p
a14017|FM25Q64A|Fudan|k|size 8M|page 256|erase 20=4K,D8=64K
a14018|FM25Q128|Fudan|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes@f|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 31,11@p|bp P22@p|lock srp=SR1.7,wps=SR3.2@p|unlock clears=1C,lock=80|qe SR2.1@p
a14018|FM25Q128A|Fudan|k|size 16M|page 256|erase 20=4K,D8=64K
a14019|FM25Q256I3|Fudan|k|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
040101|MB85RS16N|Fujitsu|o|size 2K|no-erase yes
040201|MB85RS32V|Fujitsu|o|size 4K|no-erase yes
040302|MB85RS64V|Fujitsu|o|size 8K|no-erase yes
040409|MB85RS128B|Fujitsu|o|size 16K|no-erase yes
040509|MB85RS256B|Fujitsu|o|size 32K|no-erase yes
042603|MB85RS512T|Fujitsu|o|size 64K|no-erase yes
042703|MB85RS1MT|Fujitsu|o|size 128K|no-erase yes
044803|MB85RS2MTA|Fujitsu|o|size 256K|no-erase yes
047f25|mb85rs256ty|Fujitsu|u|size 32K|no-erase yes|address 2
047f27|mb85rs1mt|Fujitsu|m|size 128K|no-erase yes
898911|160s33b|Intel|lm|size 2M|page 256|erase D8=64K|bp P23|bp-volatile yes
898911|25F160S33B8|Intel|fp|size 2M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
898912|25F320S33B8|Intel|fp|size 4M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
898912|320s33b|Intel|lm|size 4M|page 256|erase D8=64K|bp P23|bp-volatile yes
898913|25F640S33B8|Intel|fp|size 8M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
898913|640s33b|Intel|lm|size 8M|page 256|erase D8=64K|bp P23|bp-volatile yes
898915|25F160S33T8|Intel|fp|size 2M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
898916|25F320S33T8|Intel|fp|size 4M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
898917|25F640S33T8|Intel|fp|size 8M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
d53011|N25S10|Nantronics|fp|size 128K|page 256|erase 20=4K,D7=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
d53012|N25S20|Nantronics|fp|size 256K|page 256|erase 20=4K,D7=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
d53013|N25S40|Nantronics|fp|size 512K|page 256|erase 20=4K,D7=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
d53014|N25S80|Nantronics|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
d53015|N25S16|Nantronics|fp|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
522118|NM25Q128EVB|Normem|k|size 16M|page 256|erase 20=4K,D8=64K
620612|LE25FU206A|Sanyo|fp|size 256K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren none|sr1 1|unlock clears=3C
620613|LE25FU406C|Sanyo|fp|size 512K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=1C,lock=80
620613|LE25U40CMC|Sanyo|fp|size 512K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=1C,lock=80
621100|LE25FW403A|Sanyo|fp|size 512K|page 256|erase DB=256,D8=64K|chip C7|prog page|mv 2700-3600|wren none|sr1 1
621600|LE25FW203A|Sanyo|fp|size 256K|page 256|erase DB=256,D8=64K|chip C7|prog page|mv 2700-3600|wren none|sr1 1
res2:6210|LE25FW418A|Sanyo|fp|size 512K|page 256|erase D7=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
res2:6215|LE25FW106|Sanyo|fp|size 128K|page 256|erase D7=2K,D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80
res2:621a|LE25FW406A|Sanyo|fp|size 512K|page 256|erase D7=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
res2:621d|LE25FU106B|Sanyo|fp|size 128K|page 256|erase D8=32K|chip C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=0C,lock=80
res2:621e|LE25FU406B|Sanyo|fp|size 512K|page 256|erase D7=4K,D8=64K|chip C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C
res2:6220|LE25FW808|Sanyo|fp|size 1M|page 256|erase D7=8K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
res2:6226|LE25FW806|Sanyo|fp|size 1M|page 256|erase 20=4K,D7=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
res2:6244|LE25FU206|Sanyo|fp|size 256K|page 256|erase D7=4K,D8=64K|chip C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=0C,lock=80
257018|sk25lp128|Silicon Kaiser|u|size 16M|page 256|erase 20=4K,D8=64K
0e4015|ZB25VQ16|Zbit|f|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|unlock clears=3C
5e4018|zb25vq128|Zbit|u|size 16M|page 256|erase 20=4K,D8=64K
ba2012|ZD25D20|Zetta|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
ba2013|ZD25D40|Zetta|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
ba4218|ZD25LQ128|Zetta|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 2|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=1C,lock=80|qe SR2.1|qpi 38/FF
ba4317|ZD25LQ64|Zetta|p|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 2|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=1C,lock=80|qe SR2.1|qpi 38/FF
rems:ba17|ZD25LQ128|Zetta|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
`;
}
