/** Winbond: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function winbondLines(): string {
  return `
ef2014|W25P80|Winbond|fpu|size 1M|page 256|erase D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
ef2015|W25P16|Winbond|fpu|size 2M|page 256|erase D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
ef2016|W25P32|Winbond|fpu|size 4M|page 256|erase D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
ef3010|W25X05|Winbond|fplmu|size 64K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip none@fp|prog page@fp|mv 2300-3600@fp|wren 06@fp|sr1 1@fp|bp P16@f|lock srp=SR1.7@f|unlock clears=3C@fp
ef3011|W25X10|Winbond|fplm|size 128K|page 256|erase 20=4K,D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P17@f|lock srp=SR1.7@f|unlock clears=3C@fp
ef3012|W25X20|Winbond|fplm|size 256K|page 256|erase 20=4K,D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P17@f|lock srp=SR1.7@f|unlock clears=3C@fp
ef3013|W25X40|Winbond|fplmu|size 512K|page 256|erase 20=4K,D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P02@f|lock srp=SR1.7@f|unlock clears=3C@fp
ef3014|W25X80|Winbond|fplm|size 1M|page 256|erase 20=4K,D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P02@f|lock srp=SR1.7@f|unlock clears=3C@fp
ef3015|W25X16|Winbond|fplmu|size 2M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,D8=64K@plmu|chip 60,C7@f C7@p|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P02@f|lock srp=SR1.7@f|unlock clears=3C@fp
ef3016|W25X32|Winbond|fplmu|size 4M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,D8=64K@plmu|chip 60,C7@f C7@p|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P02@f|lock srp=SR1.7@f|unlock clears=3C@fp
ef3017|W25X64|Winbond|fplmu|size 8M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,D8=64K@plmu|chip 60,C7@f C7@p|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P02@f|lock srp=SR1.7@f|unlock clears=3C@fp
ef4012|w25q20cl|Winbond|lmu|size 256K|page 256|erase 20=4K,D8=64K
ef4013|W25Q40.V|Winbond|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1@f 2@p|unlock clears=3C|qe SR2.1@p
ef4014|W25Q80.V|Winbond|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2|unlock clears=3C|qe SR2.1
ef4014|W25Q80BV|Winbond|fo|size 1M|page 256|erase 20=4K,52=32K,D8=64K@f D8=64K@o|chip 60,C7@f C7@o|prog page@f|mv 2700-3600@f|sfdp yes@f|wren 06@f|sr1 2@f|bp P01@f|lock srp=SR1.7,srl=SR2.0@f|unlock clears=3C@f
ef4014|W25Q80DV|Winbond|f|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
ef4014|W25Q80RV|Winbond|f|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
ef4014|w25q80bl|Winbond|lmu|size 1M|page 256|erase 20=4K,D8=64K
ef4015|W25Q16.V|Winbond|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|sr23 31@f|bp P01@f|lock srp=SR1.7,srl=SR2.0@f|unlock clears=3C|qe SR2.1@p
ef4015|W25Q16JV|Winbond|o|size 2M|page 256|erase D8=64K|chip C7
ef4015|w25q16cl|Winbond|u|size 2M|page 256|erase 20=4K,D8=64K|bp P32
ef4016|W25Q32BV|Winbond|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p
ef4016|W25Q32CV|Winbond|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p
ef4016|W25Q32DV|Winbond|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p
ef4016|W25Q32FV|Winbond|fpo|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 2@fp|sr23 31,11@fp|bp P01@fp|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@fp|unlock clears=3C@fp|qe SR2.1@p|qpi 38/FF@p
ef4016|W25Q32JV|Winbond|fpo|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 2@fp|sr23 31,11@fp|bp P01@fp|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@fp|unlock clears=3C@fp|qe SR2.1@p
ef4016|w25q32|Winbond|lmu|size 4M|page 256|erase 20=4K,D8=64K
ef4017|W25Q64BV|Winbond|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1@f 2@p|sr23 31@f|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p
ef4017|W25Q64CV|Winbond|fpu|size 8M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@u|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@f 2@p|sr23 31@f|bp P01@fp|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=3C@fp|qe SR2.1@p
ef4017|W25Q64FV|Winbond|fpo|size 8M|page 256|erase 20=4K,52=32K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@f 2@p|sr23 31@f|bp P01@fp|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=3C@fp|qe SR2.1@p
ef4017|W25Q64JV|Winbond|o|size 8M|page 256|erase D8=64K|chip C7
ef4017|W25Q64JV-.Q|Winbond|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C|qe SR2.1@p
ef4017|w25q64|Winbond|lm|size 8M|page 256|erase 20=4K,D8=64K
ef4018|W25Q128.V|Winbond|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06@f 06,50@p|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C|qe SR2.1@p
ef4018|W25Q128FV|Winbond|o|size 16M|page 256|erase D8=64K|chip C7
ef4018|W25Q128JV|Winbond|o|size 16M|page 256|erase D8=64K|chip C7
ef4018|w25q128|Winbond|lmu|size 16M|page 256|erase 20=4K,D8=64K|bp P25@lm P32@u
ef4019|W25Q256FV|Winbond|fpo|size 32M|page 256|erase 20=4K,52=32K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|4b 13,0C,06B7,C5@fp|wren 06@fp|sr1 1@fp|sr23 31@fp|bp P05@fp|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=3C@fp|qe SR2.1@p|qpi 38/FF@p
ef4019|W25Q256JV|Winbond|o|size 32M|page 256|erase D8=64K|chip C7
ef4019|W25Q256JV_Q|Winbond|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|4b 13,0C,12,B7,C5|wren 06|sr1 1|sr23 31|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p
ef4019|w25q256|Winbond|lmu|size 32M|page 256|erase 20=4K,D8=64K
ef4020|W25Q512JV|Winbond|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06|sr1 1@f 2@p|sr23 31,11@p|unlock clears=3C|qe SR2.1@p
ef4020|w25q512jvq|Winbond|lmu|size 64M|page 256|erase 20=4K,D8=64K|bp P32@u
ef4021|W25Q01JV|Winbond|flu|size 128M@fu|page 256@fu|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K@f 20=4K,D8=64K@u|chip 60,C7@f|prog page@f|mv 2700-3600@f|sfdp-only yes@l|4b 13,0C,12,B7,C5@f|wren 06@f|sr1 1@f|bp P32@u|unlock clears=3C@f
ef4a17|W77Q64JV|Winbond|f|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06|sr1 2|sr23 31,11
ef4a18|W77Q128JV|Winbond|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06|sr1 2|sr23 31,11
ef5012|W25Q20.W|Winbond|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 1@f 2@p|unlock clears=3C|qe SR2.1@p
ef5012|w25q20bw|Winbond|lmu|size 256K|page 256|erase 20=4K,D8=64K
ef5013|W25Q40BW|Winbond|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 1@f 2@p|unlock clears=3C|qe SR2.1@p
ef5014|W25Q80BW|Winbond|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 1@f 2@p|unlock clears=3C|qe SR2.1@p
ef5014|w25q80|Winbond|lmu|size 1M|page 256|erase 20=4K,D8=64K
ef5b1c|W35T02NW|Winbond|f|size 256M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,06B7,C5|wren 06|sr1 1|bp P18|lock srp=SR1.7|unlock clears=3C
ef6012|w25q20ew|Winbond|lmu|size 256K|page 256|erase 20=4K,D8=64K
ef6013|W25Q40EW|Winbond|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1@f 2@p|sr23 31@p|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
ef6014|W25Q80EW|Winbond|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1@f 2@p|sr23 31@p|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
ef6015|W25Q16.W|Winbond|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 1|unlock clears=3C|qe SR2.1@p
ef6015|w25q16dw|Winbond|lmu|size 2M|page 256|erase 20=4K,D8=64K|bp P25@lm P32@u
ef6016|W25Q32BW|Winbond|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p
ef6016|W25Q32CW|Winbond|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p
ef6016|W25Q32DW|Winbond|fplmu|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 1700-1950@fp|wren 06@fp|sr1 2@fp|bp P01@fp P25@lm P32@u|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=3C@fp|qe SR2.1@p
ef6016|W25Q32FV|Winbond|o|size 4M|page 256|erase D8=64K|chip C7
ef6016|W25Q32FW|Winbond|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
ef6016|W25Q32JW...Q|Winbond|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C|qe SR2.1@p
ef6017|W25Q64.W|Winbond|f|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
ef6017|W25Q64DW|Winbond|plmu|size 8M|page 256|erase 20=4K,52=32K,D8=64K@p 20=4K,D8=64K@lmu|chip 60,C7@p|prog page@p|mv 1700-1950@p|wren 06@p|sr1 2@p|bp P01@p P25@lm P32@u|lock srp=SR1.7,srl=SR2.0@p|unlock clears=3C@p|qe SR2.1@p|qpi 38/FF@p
ef6017|W25Q64FV|Winbond|o|size 8M|page 256|erase D8=64K|chip C7
ef6017|W25Q64FW|Winbond|p|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1
ef6017|W25Q64JW...Q|Winbond|p|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1
ef6018|W25Q128.W|Winbond|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|sfdp yes|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p
ef6018|W25Q128FV|Winbond|o|size 16M|page 256|erase D8=64K|chip C7
ef6018|w25q128fw|Winbond|lmu|size 16M|page 256|erase 20=4K,D8=64K|bp P25@lm P32@u
ef6019|W25Q256FV|Winbond|o|size 32M|page 256|erase D8=64K|chip C7
ef6019|W25Q256JW|Winbond|fplm|size 32M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K@fp 20=4K,D8=64K@lm|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|sfdp yes@fp|4b 13,0C,12,B7,C5@fp|wren 06@fp|sr1 1@fp|sr23 31,11@fp|bp P05@f P30@l|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@f|unlock clears=3C@fp|qe SR2.1@p
ef6019|W25R256JW|Winbond|f|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|sfdp yes|4b 13,0C,12,B7,C5|wren 06|sr1 1|sr23 31,11|bp P05|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C
ef6019|w25q256fw|Winbond|u|size 32M|page 256|erase 20=4K,D8=64K|bp P32
ef6020|W25R512NW|Winbond|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1700-1950|sfdp yes|4b 13,0C,12,B7,C5|wren 06|sr1 1|unlock clears=3C
ef6020|W74M51NW|Winbond|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1700-1950|sfdp yes|4b 13,0C,12,B7,C5|wren 06|sr1 1|unlock clears=3C
ef6020|w25q512nwq|Winbond|lu|size 64M@u|page 256@u|erase 20=4K,D8=64K@u|sfdp-only yes@l|bp P32@u
ef6021|W25Q01NWxxIQ|Winbond|l|sfdp-only yes|bp P31
ef6021|w25q01nw-iq|Winbond|u|size 128M|page 256|erase 20=4K,D8=64K
ef6119|w25m512jw|Winbond|u|size 64M|page 256|erase 20=4K,D8=64K
ef7015|W25Q16JV_M|Winbond|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes@f|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C@f clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
ef7015|w25q16jv|Winbond|uo|size 2M|page 256|erase 20=4K,D8=64K@u D8=64K@o|chip C7@o
ef7015|w25q16jv-im/jm|Winbond|lm|size 2M|page 256|erase 20=4K,D8=64K|bp P25
ef7016|W25Q32JV-.M|Winbond|p|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=1C,lock=80|qe SR2.1|qpi 38/FF
ef7016|W25Q32JV_M|Winbond|f|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C
ef7016|w25q32jv|Winbond|lmuo|size 4M|page 256|erase 20=4K,D8=64K@lmu D8=64K@o|chip C7@o|bp P25@lm P32@u
ef7017|W25Q64JV-.M|Winbond|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1@f 2@p|sr23 31,11@p|unlock clears=1C,lock=80|qe SR2.1@p|qpi 38/FF@p
ef7017|w25q64jv|Winbond|uo|size 8M|page 256|erase 20=4K,D8=64K@u D8=64K@o|chip C7@o|bp P32@u
ef7017|w25q64jvm|Winbond|lm|size 8M|page 256|erase 20=4K,D8=64K|bp P25@l
ef7018|W25Q128.V..M|Winbond|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
ef7018|w25q128jv|Winbond|lmuo|size 16M|page 256|erase 20=4K,D8=64K@lmu D8=64K@o|chip C7@o|bp P25@lm P32@u
ef7019|W25Q256JV|Winbond|o|size 32M|page 256|erase D8=64K|chip C7
ef7019|W25Q256JV_M|Winbond|fplm|size 32M@fpm|page 256@fpm|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K@fp D8=64K@m|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fpm|sfdp-only yes@l|4b 13,0C,12,B7,C5@fp|wren 06@fp|sr1 1@fp|sr23 31@fp|bp P05@fp|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=3C@fp|qe SR2.1@p|qpi 38/FF@p
ef7019|w25q256jw|Winbond|u|size 32M|page 256|erase 20=4K,D8=64K|bp P32
ef7020|W25Q512JV_M|Winbond|f|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|4b 13,0C,12,B7,C5|wren 06|sr1 1|sr23 31|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
ef7021|w25q01jvfim|Winbond|u|size 128M|page 256|erase 20=4K,D8=64K|bp P32
ef7022|W25Q02JV|Winbond|lu|size 256M@u|page 256@u|erase 20=4K,D8=64K@u|sfdp-only yes@l|bp P32@u
ef7119|w25m512jv|Winbond|lmu|size 64M|page 256|erase 20=4K,D8=64K
ef8016|W25Q32JW...M|Winbond|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=1C,lock=80|qe SR2.1@p|qpi 38/FF@p
ef8016|w25q32jwm|Winbond|lmu|size 4M|page 256|erase 20=4K,D8=64K|bp P25@lm P32@u
ef8017|W25Q64JW...M|Winbond|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
ef8017|w25q64jwm|Winbond|lm|size 8M|page 256|erase 20=4K,D8=64K|bp P25
ef8018|W25Q128.JW.DTR|Winbond|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
ef8018|w25q128jw|Winbond|u|size 16M|page 256|erase 20=4K,D8=64K|bp P32
ef8018|w25q128jwm|Winbond|lm|size 16M|page 256|erase 20=4K,D8=64K|bp P25
ef8019|W25Q256JW_DTR|Winbond|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1700-1950|sfdp yes|4b 13,0C,12,B7,C5|wren 06|sr1 1|sr23 31,11|bp P05|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
ef8019|w25q256jwm|Winbond|lmu|size 32M|page 256|erase 20=4K,D8=64K|bp P30@l P25@m P32@u
ef8020|W25Q512NW-IM|Winbond|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1|sr23 31,11|bp P05|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
ef8020|w25q512nwm|Winbond|lmu|size 64M@mu|page 256@mu|erase D8=64K@m 20=4K,D8=64K@u|sfdp yes@m|sfdp-only yes@l|bp P32@u
ef8021|W25Q01NWxxIM|Winbond|l|sfdp-only yes|bp P31
ef8021|w25q01nw-im|Winbond|u|size 128M|page 256|erase 20=4K,D8=64K
ef8022|W25Q02NWxxIM|Winbond|l|sfdp-only yes|bp P31
ef8022|w25q02nw-im|Winbond|u|size 256M|page 256|erase 20=4K,D8=64K
ef8a16|W77Q16JW|Winbond|f|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 2|sr23 31,11
ef8a16|W77Q32JW|Winbond|f|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|wren 06|sr1 2|sr23 31,11
ef8a17|W77Q64JW|Winbond|f|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 2|sr23 31,11
ef8a17|W77Q64NW|Winbond|f|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1
ef8a18|W77Q128JW|Winbond|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 2|sr23 31,11
ef8a18|W77Q12NW|Winbond|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1|die 8M|die-select C2|sr-per-die yes
ef8a19|W77Q25NWS|Winbond|f|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1
ef8a1a|W77Q51NWD|Winbond|f|size 64M|page 256|erase 20=4K,52=32K,D8=64K|chip none|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1
ef8a1a|w77q51nw|Winbond|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
ef8a1b|W77Q01NWQ|Winbond|f|size 128M|page 256|erase 20=4K,52=32K,D8=64K|chip none|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1
ef8e17|W77T64NW|Winbond|f|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1
ef8e18|W77T12NW|Winbond|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1|die 8M|die-select C2|sr-per-die yes
ef8e19|W77T25NWS|Winbond|f|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1
ef8e1a|W77T51NWD|Winbond|f|size 64M|page 256|erase 20=4K,52=32K,D8=64K|chip none|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1
ef8e1b|W77T01NWQ|Winbond|f|size 128M|page 256|erase 20=4K,52=32K,D8=64K|chip none|prog page|mv 1700-1950|4b 13,0C,12,B7,C5|wren 06|sr1 1
ef9022|w25h02jv|Winbond|u|size 256M|page 256|erase 20=4K,D8=64K
efa020|W25H512NWxxAM|Winbond|l|sfdp-only yes|bp P31
efa020|w25h512nw-am|Winbond|u|size 64M|page 256|erase 20=4K,D8=64K
efa021|W25H01NWxxAM|Winbond|l|sfdp-only yes|bp P31
efa021|w25h01nw-am|Winbond|u|size 128M|page 256|erase 20=4K,D8=64K
efa022|W25H02NWxxAM|Winbond|l|sfdp-only yes|bp P31
efa022|w25h02nw-am|Winbond|u|size 256M|page 256|erase 20=4K,D8=64K
`;
}
