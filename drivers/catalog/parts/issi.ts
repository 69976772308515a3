/** ISSI and PMC: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function issiLines(): string {
  return `
-|pm25lv010|ISSI|lm|size 128K|page 256|erase D7=4K,D8=32K@l 20=4K,D8=32K@m
-|pm25lv512|ISSI|lm|size 64K|page 256|erase D7=4K,D8=32K@l 20=4K,D8=32K@m
7f9d20|is25cd512|ISSI|lm|size 64K|page 256|erase 20=4K,D8=32K
7f9d46|pm25lq032|ISSI|lm|size 4M|page 256|erase 20=4K,D8=64K
9d1253|IS25WQ040|ISSI|f|size 512K|page 256|erase 20=4K,D7=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
9d1445|IS25LQ016|ISSI|f|size 2M|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C
9d4011|is25lp010e|ISSI|u|size 128K|page 256|erase 20=4K,D8=64K
9d4012|is25lp020e|ISSI|u|size 256K|page 256|erase 20=4K,D8=64K
9d4013|is25lp040e|ISSI|u|size 512K|page 256|erase 20=4K,D8=64K
9d4013|is25lq040b|ISSI|lmu|size 512K|page 256|erase 20=4K,D8=64K
9d4016|IS25LQ032|ISSI|f|size 4M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C
9d5a18|is25lx128|ISSI|u|size 16M|page 256|erase 20=4K,D8=64K
9d5a1a|is25lx512|ISSI|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
9d5b18|is25wx128|ISSI|u|size 16M|page 256|erase 20=4K,D8=64K
9d5b19|is25wx256|ISSI|u|size 32M|page 256|erase 20=4K,21=4K,D8=128K,DC=128K|4b 13,0C,12
9d6014|is25lp008|ISSI|u|size 1M|page 256|erase D8=64K
9d6014|is25lp080d|ISSI|lm|size 1M|page 256|erase 20=4K,D8=64K
9d6015|IS25LP016|ISSI|fu|size 2M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K@f D8=64K@u|chip 60,C7@f|prog page@f|mv 2300-3600@f|wren 06@f|sr1 1@f|unlock clears=3C,lock=80@f
9d6015|is25lp016d|ISSI|lm|size 2M|page 256|erase 20=4K,D8=64K
9d6016|IS25LP032|ISSI|flmuo|size 4M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K@f 20=4K,D8=64K@lm D8=64K@uo|chip 60,C7@f C7@o|prog page@f|mv 2300-3600@f|wren 06@f|sr1 1@f|unlock clears=3C@f
9d6017|IS25LP064|ISSI|fplmuo|size 8M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm D8=64K@uo|chip 60,C7@fp C7@o|prog page@fp|mv 2300-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
9d6018|IS25LP128|ISSI|fplmu|size 16M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2300-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
9d6018|IS25LP128D|ISSI|o|size 16M|page 256|erase D8=64K|chip C7
9d6019|IS25LP256|ISSI|fplmu|size 32M@fpmu|page 256@fpmu|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@fp D8=64K,DC=64K@m 20=4K,D8=64K@u|chip 60,C7@fp|prog page@fp|mv 2300-3600@fp|sfdp yes@fpm|sfdp-only yes@l|4b 13,0C,12,B7,17.7,C5,17@fp 13,0C,12@lm|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
9d6019|IS25LP256D|ISSI|o|size 32M|page 256|erase DC=64K|chip C7|4b 13,12
9d601a|IS25LP512M|ISSI|o|size 64M|page 256|erase DC=64K|chip C7|4b 13,12
9d601a|is25lp512|ISSI|u|size 64M|page 256|erase 20=4K,D8=64K
9d601b|is25lp01g|ISSI|u|size 128M|page 256|erase 20=4K,D8=64K
9d6020|is25lp512mj|ISSI|u|size 64M|page 256|erase 20=4K,D8=64K
9d6021|is25lp01gg|ISSI|u|size 128M|page 256|erase 20=4K,D8=64K
9d6021|is25lp01gj|ISSI|u|size 128M|page 256|erase 20=4K,D8=64K
9d6022|is25lp02gg|ISSI|u|size 256M|page 256|erase 20=4K,D8=64K
9d6022|is25lp02gj|ISSI|u|size 256M|page 256|erase 20=4K,D8=64K
9d7012|IS25WP020|ISSI|f|size 256K|page 256|erase 20=4K,D7=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
9d7013|IS25WP040|ISSI|f|size 512K|page 256|erase 20=4K,D7=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
9d7014|IS25WP080|ISSI|f|size 1M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
9d7014|is25wp008|ISSI|u|size 1M|page 256|erase D8=64K
9d7015|IS25WP016|ISSI|fu|size 2M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K@f D8=64K@u|chip 60,C7@f|prog page@f|mv 1650-1950@f|wren 06@f|sr1 1@f|unlock clears=3C@f
9d7016|IS25WP032|ISSI|fplmu|size 4M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
9d7017|IS25WP064|ISSI|fplmu|size 8M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
9d7018|IS25WP128|ISSI|fplmu|size 16M|page 256|erase 20=4K,D7=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
9d7018|IS25WP128D|ISSI|o|size 16M|page 256|erase D8=64K|chip C7
9d7019|IS25WP256|ISSI|fplmu|size 32M@fpmu|page 256@fpmu|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@fp 20=4K,21=4K,D8=64K,DC=64K@mu|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|sfdp yes@fp|sfdp-only yes@l|4b 13,0C,12,B7,17.7,C5,17@fp 13,0C,12@lmu|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
9d7019|IS25WP256D|ISSI|o|size 32M|page 256|erase DC=64K|chip C7|4b 13,12
9d701a|IS25WP512M|ISSI|o|size 64M|page 256|erase DC=64K|chip C7|4b 13,12
9d701a|is25wp512|ISSI|u|size 64M|page 256|erase 20=4K,D8=64K
9d701b|is25wp01g|ISSI|u|size 128M|page 256|erase 20=4K,D8=64K
9d7020|is25wp512mj|ISSI|u|size 64M|page 256|erase 20=4K,D8=64K
9d7021|is25wp01gg|ISSI|u|size 128M|page 256|erase 20=4K,D8=64K
9d7021|is25wp01gj|ISSI|u|size 128M|page 256|erase 20=4K,D8=64K
9d7022|is25wp02gg|ISSI|u|size 256M|page 256|erase 20=4K,D8=64K
9d7022|is25wp02gj|ISSI|u|size 256M|page 256|erase 20=4K,D8=64K
9d7118|is25wj128f|ISSI|u|size 16M|page 256|erase 20=4K,D8=64K
7f9d13|Pm25LV080B|PMC|fp|size 1M|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d14|Pm25LV016B|PMC|fp|size 2M|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d20|Pm25LD512|PMC|fp|size 64K|page 256|erase 20=4K,D7=4K,D8=32K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C
7f9d20|Pm25LD512C|PMC|fp|size 64K|page 256|erase 20=4K,D7=4K,D8=32K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C
7f9d21|Pm25LD010|PMC|fp|size 128K|page 256|erase 20=4K,D7=4K,D8=32K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d21|Pm25LD010C|PMC|fp|size 128K|page 256|erase 20=4K,D7=4K,D8=32K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d22|Pm25LD020|PMC|fp|size 256K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d22|Pm25LD020C|PMC|fp|size 256K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d2f|Pm25LD256C|PMC|fp|size 32K|page 256|erase 20=4K,D7=4K,D8=32K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d42|Pm25LQ020|PMC|fp|size 256K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C,lock=80
7f9d43|Pm25LQ040|PMC|fp|size 512K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C,lock=80
7f9d44|Pm25LQ080|PMC|fp|size 1M|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C,lock=80
7f9d45|Pm25LQ016|PMC|fp|size 2M|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C,lock=80
7f9d46|Pm25LQ032C|PMC|fp|size 4M|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
7f9d7c|Pm25LV010A|PMC|fp|size 128K|page 256|erase D7=4K,D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d7d|Pm25LV020|PMC|fp|size 256K|page 256|erase D7=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d7e|Pm25LD040|PMC|fp|size 512K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d7e|Pm25LD040C|PMC|fp|size 512K|page 256|erase 20=4K,D7=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f9d7e|Pm25LV040|PMC|fp|size 512K|page 256|erase D7=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
res2:9d7b|Pm25LV512|PMC|fp|size 64K|page 256|erase D7=4K,D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
res2:9d7b|Pm25LV512A|PMC|fp|size 64K|page 256|erase D7=4K,D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
res2:9d7c|Pm25LV010|PMC|fp|size 128K|page 256|erase D7=4K,D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
`;
}
