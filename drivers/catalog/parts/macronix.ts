/** Macronix: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function macronixLines(): string {
  return `
c20515|MX23L1654|Macronix|fp|size 2M|page 256|erase none|chip none|prog none|mv 3000-3600|wren none|sr1 1
c20516|MX23L3254|Macronix|fp|size 4M|page 256|erase none|chip none|prog none|mv 3000-3600|wren none|sr1 1
c20517|MX23L6454|Macronix|fp|size 8M|page 256|erase none|chip none|prog none|mv 3000-3600|wren none|sr1 1
c20518|MX23L12854|Macronix|fp|size 16M|page 256|erase none|chip none|prog none|mv 3000-3600|wren none|sr1 1
c22010|MX25L512|Macronix|fpo|size 64K|page 256@fp 16@o|erase 20=4K,52=64K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
c22010|MX25L512E|Macronix|fplm|size 64K|page 256|erase 20=4K,52=64K,D8=64K@fp 20=4K,D8=64K@lm|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
c22010|MX25V512|Macronix|fp|size 64K|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=3C
c22010|MX25V512C|Macronix|fp|size 64K|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=3C
c22011|MX25L1005|Macronix|fpo|size 128K|page 256@fp 16@o|erase 20=4K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
c22011|MX25L1005C|Macronix|fp|size 128K|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=3C
c22011|MX25L1006E|Macronix|fp|size 128K|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=3C
c22012|MX25L2005|Macronix|fpo|size 256K|page 256@fp 16@o|erase 20=4K,52=64K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
c22012|MX25L2005C|Macronix|fp|size 256K|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22012|MX25L2006E|Macronix|fp|size 256K|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22012|mx25l2005a|Macronix|lmu|size 256K|page 256|erase 20=4K,D8=64K
c22013|MX25L4005|Macronix|o|size 512K|page 16|erase D8=64K|chip C7
c22013|MX25L4005A|Macronix|fplmu|size 512K|page 256|erase 20=4K,52=64K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
c22013|MX25L4005C|Macronix|fp|size 512K|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22013|MX25L4006E|Macronix|fp|size 512K|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22014|MX25L8005|Macronix|fplmuo|size 1M|page 256@fplmu 16@o|erase 20=4K,52=64K,D8=64K@fp D8=64K@lmuo|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
c22014|MX25L8006E|Macronix|fp|size 1M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22014|MX25L8008E|Macronix|fp|size 1M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22014|MX25V8005|Macronix|fp|size 1M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22015|MX25L1605|Macronix|fpo|size 2M|page 256|erase 20=64K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
c22015|MX25L1605A|Macronix|fp|size 2M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22015|MX25L1605D|Macronix|fp|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22015|MX25L1606E|Macronix|fplmu|size 2M@fpmu|page 256@fpmu|erase 20=4K,52=64K,D8=64K@fp 20=4K,D8=64K@mu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp-only yes@l|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
c22015|MX25L1608D|Macronix|fp|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22015|MX25L1608E|Macronix|fp|size 2M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22015|MX25L1673E|Macronix|fp|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22015|MX25V16066|Macronix|f|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22016|MX25L3205|Macronix|fpo|size 4M|page 256|erase 20=64K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
c22016|MX25L3205A|Macronix|fp|size 4M|page 256|erase 20=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22016|MX25L3205D|Macronix|fplmu|size 4M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
c22016|MX25L3206E|Macronix|fp|size 4M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P11@f|lock srp=SR1.7@f|unlock clears=3C,lock=80
c22016|MX25L3208D|Macronix|fp|size 4M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22016|MX25L3208E|Macronix|fp|size 4M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P11@f|lock srp=SR1.7@f|unlock clears=3C,lock=80
c22016|MX25L3233F|Macronix|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80|qe SR1.6@p
c22016|MX25L3273E|Macronix|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80|qe SR1.6@p
c22016|MX25L3273F|Macronix|f|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2650-3600|wren 06|sr1 1|bp P09|unlock clears=3C,lock=80
c22017|MX25L6405|Macronix|fpo|size 8M|page 256|erase 20=64K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P10@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@fp
c22017|MX25L6405D|Macronix|fplmu|size 8M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P11@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@fp
c22017|MX25L6406E|Macronix|fp|size 8M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|bp P11@f|lock srp=SR1.7@f|unlock clears=3C,lock=80
c22017|MX25L6408E|Macronix|fp|size 8M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|bp P11@f|lock srp=SR1.7@f|unlock clears=3C,lock=80
c22017|MX25L6436E|Macronix|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|bp P13@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22017|MX25L6445E|Macronix|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|bp P13@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22017|MX25L6465E|Macronix|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|bp P13@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22017|MX25L6473E|Macronix|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2@f 1@p|bp P09@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22017|MX25L6473F|Macronix|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2@f 1@p|bp P09@f|lock srp=SR1.7@f|unlock clears=3C,lock=80|qe SR1.6@p
c22018|MX25L12805D|Macronix|fplmu|size 16M@fpmu|page 256@fpmu|erase 20=4K,D8=64K@fpmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp-only yes@l|wren 06@fp|sr1 1@fp|bp P27@lm|unlock clears=3C,lock=80@fp
c22018|MX25L12833F|Macronix|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P09@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22018|MX25L12835F|Macronix|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P09@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22018|MX25L12845|Macronix|o|size 16M|page 256|erase D8=64K|chip C7
c22018|MX25L12845E|Macronix|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P10@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22018|MX25L12850F|Macronix|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P09|lock srp=SR1.7|unlock clears=3C,lock=80
c22018|MX25L12865E|Macronix|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P10@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22018|MX25L12873F|Macronix|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P09@f|lock srp=SR1.7,wps=SECURITY.7-otp@f|unlock clears=3C,lock=80|qe SR1.6@p
c22019|MX25L25635E|Macronix|lmu|size 32M@mu|page 256@mu|erase D8=64K@mu|sfdp-only yes@l
c22019|MX25L25635F|Macronix|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06|sr1 1@f 2@p|bp P09@p|lock srp=SR1.7@p|unlock clears=3C,lock=80|qe SR1.6@p|qpi 35/F5@p
c22019|MX25L25645|Macronix|o|size 32M|page 256|erase DC=64K|chip C7|4b 13,12
c22019|MX25L25645G|Macronix|fpl|size 32M@fp|page 256@fp|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@fp|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp-only yes@l|4b 13,0C,12,B7,C5@fp|wren 06@fp|sr1 1@f 2@p|bp P09@p|lock srp=SR1.7@p|unlock clears=3C,lock=80@fp|qe SR1.6@p|qpi 35/F5@p
c2201a|MX25L51245|Macronix|o|size 64M|page 256|erase DC=64K|chip C7|4b 13,12
c2201a|MX25L51245G|Macronix|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06|sr1 1|unlock clears=3C,lock=80
c2201a|MX66L51235F|Macronix|fplm|size 64M@fpm|page 256@fpm|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@fp D8=64K,DC=64K@m|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp-only yes@l|4b 13,0C,12,B7,C5@fp 13,0C,12@lm|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
c2201a|mx66l51235l|Macronix|u|size 64M|page 256|erase D8=64K,DC=64K|4b 13,0C,12
c2201b|MX66L1G45G|Macronix|fplmu|size 128M@fpmu|page 256@fpmu|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@fp 20=4K,D8=64K@mu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp-only yes@l|4b 13,0C,12,B7,C5@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
c2201c|MX66L2G45G|Macronix|flu|size 256M@fu|page 256@fu|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@f 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@f|prog page@f|mv 2700-3600@f|sfdp-only yes@l|4b 13,0C,12,B7,C5@f 13,0C,12@u|wren 06@f|sr1 1@f|unlock clears=3C,lock=80@f
c22210|MX25L5121E|Macronix|fp|size 64K|page 32|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c22313|MX25V4035F|Macronix|f|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22314|MX25V8035F|Macronix|flmu|size 1M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,D8=64K@lmu|chip C7@f|prog page@f|mv 2300-3600@f|wren 06@f|sr1 1@f|unlock clears=3C,lock=80@f
c22315|MX25V1635F|Macronix|f|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C,lock=80
c22415|MX25L1633E|Macronix|fu|size 2M|page 256|erase 20=4K,D8=64K@f 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@f|prog page@f|mv 2700-3600@f|4b 13,0C,12@u|wren 06@f|sr1 1@f|bp P10@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@f
c22415|MX25L1635D|Macronix|fp|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80|qe SR1.6@p
c22515|MX25L1635E|Macronix|fp|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P10@f|lock srp=SR1.7@f|unlock clears=3C,lock=80|qe SR1.6@p
c22515|MX25L1636E|Macronix|f|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P10|lock srp=SR1.7|unlock clears=3C,lock=80
c22532|mx25u2033e|Macronix|lmu|size 256K|page 256|erase 20=4K,D8=64K
c22533|mx25u4035|Macronix|lm|size 512K|page 256|erase 20=4K,D8=64K
c22534|MX25U8032E|Macronix|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|wren 06|sr1 1|unlock clears=3C,lock=80|qe SR1.6@p
c22534|mx25u8035|Macronix|lm|size 1M|page 256|erase 20=4K,D8=64K
c22535|MX25U1635E|Macronix|fpuo|size 2M@fpu 1M@o|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@u 20=4K@o|chip 60,C7@fp C7@o|prog page@fp|mv 1650-2000@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp|qe SR1.6@p|qpi 35/F5@p
c22536|MX25L3239E|Macronix|f|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|bp P09|lock srp=SR1.7,wps=SECURITY.7-otp|unlock clears=3C,lock=80
c22536|MX25U3235E|Macronix|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|sfdp yes|wren 06|sr1 1|unlock clears=3C,lock=80|qe SR1.6@p|qpi 35/F5@p
c22536|MX25U3235F|Macronix|fplmu|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm 20=4K,D8=4K@u|chip 60,C7@fp|prog page@fp|mv 1650-2000@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp|qe SR1.6@p|qpi 35/F5@p
c22537|MX25U6435E|Macronix|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|sfdp yes|wren 06|sr1 1|unlock clears=3C,lock=80|qe SR1.6@p|qpi 35/F5@p
c22537|MX25U6435F|Macronix|fplmu|size 8M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 1650-2000@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp|qe SR1.6@p|qpi 35/F5@p
c22538|MX25U12835F|Macronix|fplmu|size 16M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 1650-2000@fp|wren 06@fp|sr1 1@fp|bp P32@u|unlock clears=3C,lock=80@fp|qe SR1.6@p|qpi 35/F5@p
c22538|MX25U12873F|Macronix|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|wren 06|sr1 1|unlock clears=3C,lock=80
c22539|MX25U25635F|Macronix|fpmu|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@fp 20=4K,21=4K,D8=64K,DC=64K@mu|chip 60,C7@fp|prog page@fp|mv 1650-2000@fp|4b 13,0C,12,B7,C5@fp 13,0C,12@mu|wren 06@fp|sr1 1@f 2@p|unlock clears=3C,lock=80@fp|qe SR1.6@p|qpi 35/F5@p
c22539|MX25U25643G|Macronix|f|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06|sr1 1|bp P09|lock srp=SR1.7,wps=SECURITY.7-otp|unlock clears=3C,lock=80
c22539|MX25U25645G|Macronix|f|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1700-2000|4b 13,0C,12,B7,C5|wren 06|sr1 1|bp P09|lock srp=SR1.7,wps=SECURITY.7-otp|unlock clears=3C,lock=80
c2253a|MX25U51245G|Macronix|fplmu|size 64M@fpmu|page 256@fpmu|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@fp 20=4K,21=4K,D8=64K,DC=64K@mu|chip 60,C7@fp|prog page@fp|mv 1650-2000@fp|sfdp-only yes@l|4b 13,0C,12,B7,C5@fp 13,0C,12@mu|wren 06@fp|sr1 1@f 2@p|unlock clears=3C,lock=80@fp|qe SR1.6@p|qpi 35/F5@p
c2253a|mx66u51235f|Macronix|mu|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c2253b|MX66U1G45G|Macronix|flu|size 128M@fu|page 256@fu|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@f 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@f|prog page@f|mv 1650-2000@f|sfdp-only yes@l|4b 13,0C,12,B7,C5@f 13,0C,12@u|wren 06@f|sr1 1@f|unlock clears=3C,lock=80@f
c2253c|MX66U2G45G|Macronix|flmu|size 256M@fmu|page 256@fmu|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@f 20=4K,21=4K,D8=64K,DC=64K@mu|chip 60,C7@f|prog page@f|mv 1650-2000@f|sfdp-only yes@l|4b 13,0C,12,B7,C5@f 13,0C,12@mu|wren 06@f|sr1 1@f|unlock clears=3C,lock=80@f
c22618|mx25l12855e|Macronix|lmu|size 16M|page 256|erase D8=64K
c22619|mx25l25655e|Macronix|lmu|size 32M|page 256|erase D8=64K
c2261b|mx66l1g55g|Macronix|lm|size 128M|page 256|erase D8=64K
c22810|MX25R512F|Macronix|fo|size 64K|page 256|erase 20=4K,52=32K,D8=64K@f D8=64K@o|chip 60,C7@f C7@o|prog page@f|mv 1650-3600@f|wren 06@f|sr1 1@f|bp P09@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@f
c22811|MX25R1035F|Macronix|fo|size 128K|page 256|erase 20=4K,52=32K,D8=64K@f D8=64K@o|chip 60,C7@f C7@o|prog page@f|mv 1650-3600@f|wren 06@f|sr1 1@f|bp P09@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@f
c22812|MX25R2035F|Macronix|fo|size 256K|page 256|erase 20=4K,52=32K,D8=64K@f D8=64K@o|chip 60,C7@f C7@o|prog page@f|mv 1650-3600@f|wren 06@f|sr1 1@f|bp P09@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@f
c22813|MX25R4035F|Macronix|fo|size 512K|page 256|erase 20=4K,52=32K,D8=64K@f D8=64K@o|chip 60,C7@f C7@o|prog page@f|mv 1650-3600@f|wren 06@f|sr1 1@f|bp P09@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@f
c22814|MX25R8035F|Macronix|fo|size 1M|page 256|erase 20=4K,52=32K,D8=64K@f D8=64K@o|chip 60,C7@f C7@o|prog page@f|mv 1650-3600@f|wren 06@f|sr1 1@f|bp P09@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@f
c22815|MX25R1635F|Macronix|flmuo|size 2M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,D8=64K@lmu D8=64K@o|chip 60,C7@f C7@o|prog page@f|mv 1650-3600@f|wren 06@f|sr1 1@f|bp P09@f|lock srp=SR1.7@f|unlock clears=3C,lock=80@f
c22816|MX25R3235F|Macronix|fplmo|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 1650-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp|qe SR1.6@p
c22817|MX25R6435F|Macronix|fpuo|size 8M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@u D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 1650-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp|qe SR1.6@p
c25e16|MX25L3235D|Macronix|fp|size 4M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80|qe SR1.6@p
c27519|MX77L25650F|Macronix|f|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06|sr1 1|unlock clears=3C,lock=80
c27539|MX77U25650F|Macronix|f|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06|sr1 1|unlock clears=3C,lock=80
c2753a|MX77U51250F|Macronix|f|size 64M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06|sr1 1|unlock clears=3C,lock=80
c28039|mx25um25645g|Macronix|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c2803b|mx66um1g45g|Macronix|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c28137|mx25uw6445g|Macronix|u|size 8M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c28138|mx25uw12845g|Macronix|u|size 16M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c28139|mx25uw25645g|Macronix|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c2813a|MX25UW51245G|Macronix|lu|size 64M@u|page 256@u|erase 20=4K,21=4K,D8=64K,DC=64K@u|sfdp-only yes@l|4b 13,0C,12@u
c2813b|mx66uw1g45g|Macronix|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c28339|mx25um25345g|Macronix|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c28437|mx25uw6345g|Macronix|u|size 8M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c28438|mx25uw12345g|Macronix|u|size 16M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c28439|mx25uw25345g|Macronix|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c2843a|mx25uw51345g|Macronix|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c2843c|mx66uw2g345g|Macronix|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c28539|mx25lm25645g|Macronix|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c2853a|MX25LM51245|Macronix|o|size 64M|page 256|erase DC=64K|chip C7|4b 13,12
c2853a|MX25LM51245G|Macronix|fu|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|chip 60,C7@f|prog page@f|mv 2700-3600@f|4b 13,0C,12,B7,C5@f 13,0C,12@u|wren 06@f|sr1 1@f|bp P12@f|lock wps=SECURITY.7-otp@f|unlock clears=3C,lock=80@f
c2853b|mx66lm1g45g|Macronix|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c2863a|mx25lw51245g|Macronix|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c2943c|mx66uw2g345gx0|Macronix|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c29517|MX25L6495F|Macronix|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c2953a|mx25u51245f|Macronix|u|size 64M|page 256|erase D8=64K,DC=64K|4b 13,0C,12
c29e16|MX25L3255E|Macronix|flm|size 4M@fm|page 256@fm|erase 20=4K,52=32K,D8=64K@f 20=4K,D8=64K@m|chip 60,C7@f|prog page@f|mv 2700-3600@f|sfdp-only yes@l|wren 06@f|sr1 1@f|unlock clears=3C,lock=80@f
`;
}
