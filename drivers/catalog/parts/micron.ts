/**
 * Micron, Numonyx and ST: one line for each part. The form of a line: part-line.ts. What its source letters mean:
 * part-sources.ts.
 */
export function micronLines(): string {
  return `
-|m25p05-nonjedec|Micron|lm|size 64K|page 256|erase D8=32K
-|m25p10-nonjedec|Micron|lm|size 128K|page 256|erase D8=32K
-|m25p128-nonjedec|Micron|lm|size 16M|page 256|erase D8=256K
-|m25p16-nonjedec|Micron|lm|size 2M|page 256|erase D8=64K
-|m25p20-nonjedec|Micron|lm|size 256K|page 256|erase D8=64K
-|m25p32-nonjedec|Micron|lm|size 4M|page 256|erase D8=64K
-|m25p40-nonjedec|Micron|lm|size 512K|page 256|erase D8=64K
-|m25p64-nonjedec|Micron|lm|size 8M|page 256|erase D8=64K
-|m25p80-nonjedec|Micron|lm|size 1M|page 256|erase D8=64K
202010|M25P05-A|Micron|fp|size 64K|page 256|erase D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
202010|m25p05|Micron|lmo|size 64K|page 256@lm 128@o|erase D8=32K|chip C7@o
202011|M25P10-A|Micron|fp|size 128K|page 256|erase D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
202011|m25p10|Micron|lmuo|size 128K|page 256@lmu 128@o|erase D8=32K|chip C7@o
202012|M25P20|Micron|fplmuo|size 256K|page 256|erase D8=64K|chip C7@fpo|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
202013|M25P40|Micron|fplmuo|size 512K|page 256|erase D8=64K|chip C7@fpo|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
202014|M25P80|Micron|fplmuo|size 1M|page 256|erase D8=64K|chip C7@fpo|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
202015|M25P16|Micron|fplmuo|size 2M|page 256|erase D8=64K|chip C7@fpo|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
202016|M25P32|Micron|fplmuo|size 4M|page 256|erase D8=64K|chip C7@fpo|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
202017|M25P64|Micron|fplmuo|size 8M|page 256|erase D8=64K|chip C7@fpo|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
202018|M25P128|Micron|fplmuo|size 16M|page 256|erase D8=256K|chip C7@fpo|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
204011|M45PE10|Micron|fplmo|size 128K|page 256|erase DB=256,D8=64K@fp D8=64K@lmo|chip none@fp|prog page@fp|mv 2700-3600@fp|wren none@fp|sr1 1@fp
204012|M45PE20|Micron|fpo|size 256K|page 256|erase DB=256,D8=64K@fp D8=64K@o|chip none@fp|prog page@fp|mv 2700-3600@fp|wren none@fp|sr1 1@fp
204013|M45PE40|Micron|fpo|size 512K|page 256|erase DB=256,D8=64K@fp D8=64K@o|chip none@fp|prog page@fp|mv 2700-3600@fp|wren none@fp|sr1 1@fp
204014|M45PE80|Micron|fplmo|size 1M|page 256|erase DB=256,D8=64K@fp D8=64K@lmo|chip none@fp|prog page@fp|mv 2700-3600@fp|wren none@fp|sr1 1@fp
204015|M45PE16|Micron|fplm|size 2M|page 256|erase DB=256,D8=64K@fp D8=64K@lm|chip none@fp|prog page@fp|mv 2700-3600@fp|wren none@fp|sr1 1@fp
206316|m25px32-s1|Micron|lm|size 4M|page 256|erase 20=4K,D8=64K
207114|M25PX80|Micron|fplm|size 1M|page 256|erase 20=4K,D8=64K@fp D8=64K@lm|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=1C,lock=80@fp
207115|M25PX16|Micron|fplmu|size 2M|page 256|erase 20=4K,D8=64K|chip C7@fp|prog page@fp|mv 2300-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=1C,lock=80@fp
207116|M25PX32|Micron|fplm|size 4M|page 256|erase 20=4K,D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=1C,lock=80@fp
207117|M25PX64|Micron|fplmu|size 8M|page 256|erase 20=4K,D8=64K@fp D8=64K@lmu|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=1C,lock=80@fp
207316|m25px32-s0|Micron|lm|size 4M|page 256|erase 20=4K,D8=64K
208011|M25PE10|Micron|fp|size 128K|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
208012|M25PE20|Micron|fplm|size 256K|page 256|erase 20=4K,D8=64K@fp D8=64K@lm|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
208013|M25PE40|Micron|fp|size 512K|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
208014|M25PE80|Micron|fplm|size 1M|page 256|erase 20=4K,D8=64K@fp D8=64K@lm|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
208015|M25PE16|Micron|fplmu|size 2M|page 256|erase 20=4K,D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
20ba16|N25Q032..3E|Micron|fp|size 4M|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|bp P02|lock srp=SR1.7|unlock clears=5C,lock=80
20ba16|n25q032|Micron|lmuo|size 4M|page 256|erase D8=64K|chip C7@o
20ba17|N25Q064..3E|Micron|fp|size 8M|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|bp P14|lock srp=SR1.7|unlock clears=5C,lock=80
20ba17|n25q064|Micron|lmuo|size 8M|page 256|erase 20=4K,D8=64K@lmu D8=64K@o|chip C7@o
20ba18|MT25QL128|Micron|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip C7,60|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=5C,lock=80
20ba18|N25Q128|Micron|o|size 16M|page 256|erase D8=64K|chip C7
20ba18|N25Q128..3E|Micron|fp|size 16M|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=5C,lock=80
20ba18|n25q128a13|Micron|lmu|size 16M|page 256|erase 20=4K,D8=64K|bp P28@lm
20ba19|MT25QL256|Micron|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip C7,60|prog page|mv 2700-3600|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20ba19|N25Q256 3V|Micron|o|size 32M|page 256|erase DC=64K|chip C7|4b 13,12
20ba19|N25Q256..3E|Micron|fp|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|chip C7|prog page|mv 2700-3600|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20ba19|n25q256a|Micron|lmu|size 32M|page 256|erase 20=4K,D8=64K
20ba19.10.44.00|mt25ql256a|Micron|lmu|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
20ba20|MT25QL512|Micron|fpo|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@fp DC=64K@o|chip C7,60@fp C7@o|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|4b 13,0C,12,06B7,C5@fp 13,12@o|wren 06@fp|sr1 1@fp|bp P14@fp|lock srp=SR1.7@fp|unlock clears=5C,lock=80@fp
20ba20|N25Q512..3G|Micron|fp|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K,C4=32M|chip none|prog page|mv 2700-3600|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20ba20|n25q512ax3|Micron|lmu|size 64M|page 256|erase 20=4K,D8=64K|bp P28@lm
20ba20.10.44.00|mt25ql512a|Micron|lmu|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
20ba21|MT25QL01|Micron|o|size 128M|page 256|erase DC=64K|chip C7|4b 13,12
20ba21|MT25QL01G|Micron|fp|size 128M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K,C4=64M|chip none|prog page|mv 2700-3600|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20ba21|N25Q00A..3G|Micron|fp|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K,C4=32M|chip none|prog page|mv 2700-3600|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20ba21|n25q00|Micron|lmu|size 128M|page 256|erase 20=4K,D8=64K|bp P28@lm
20ba22|MT25QL02|Micron|o|size 256M|page 256|erase DC=64K|chip C7|4b 13,12
20ba22|MT25QL02G|Micron|fplmu|size 256M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K,C4=64M@fp 20=4K,D8=64K@lm 20=4K,21=4K,D8=64K,DC=64K@u|chip none@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|4b 13,0C,12,06B7,C5@fp 13,0C,12@u|wren 06@fp|sr1 1@fp|unlock clears=5C,lock=80@fp
20bb15|N25Q016|Micron|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip C7|prog page|mv 1700-2000|sfdp yes|wren 06|sr1 1|unlock clears=5C,lock=80
20bb15|n25q016a|Micron|lmu|size 2M|page 256|erase 20=4K,D8=64K
20bb16|N25Q032..1E|Micron|fp|size 4M|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 1700-2000|sfdp yes|wren 06|sr1 1|bp P02|lock srp=SR1.7|unlock clears=5C,lock=80
20bb16|n25q032a|Micron|lmu|size 4M|page 256|erase D8=64K
20bb17|N25Q064..1E|Micron|fp|size 8M|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 1700-2000|sfdp yes|wren 06|sr1 1|bp P14|lock srp=SR1.7|unlock clears=5C,lock=80
20bb17|n25q064a|Micron|lmu|size 8M|page 256|erase 20=4K,D8=64K|bp P28@l
20bb18|MT25QU128|Micron|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip C7,60|prog page|mv 1700-2000|sfdp yes|4b 13,0C,12,06B7,C5@f|wren 06|sr1 1|unlock clears=5C,lock=80
20bb18|N25Q128..1E|Micron|fp|size 16M|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 1700-2000|sfdp yes|wren 06|sr1 1|unlock clears=5C,lock=80
20bb18|mt25qu128ab|Micron|u|size 16M|page 256|erase 20=4K,D8=64K
20bb18|n25q128a11|Micron|lmu|size 16M|page 256|erase 20=4K,D8=64K|bp P28@lm
20bb19|MT25QU256|Micron|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip C7,60|prog page|mv 1700-2000|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20bb19|N25Q256 1.8V|Micron|o|size 32M|page 256|erase DC=64K|chip C7|4b 13,12
20bb19|N25Q256..1E|Micron|fp|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|chip C7|prog page|mv 1700-2000|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20bb19|n25q256ax1|Micron|lmu|size 32M|page 256|erase 20=4K,D8=64K
20bb19.10.44.00|mt25qu256a|Micron|lmu|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P28@l
20bb20|MT25QU512|Micron|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip C7,60|prog page|mv 1700-2000|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20bb20|N25Q512..1G|Micron|fp|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K,C4=32M|chip none|prog page|mv 1700-2000|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20bb20|n25q512a|Micron|lmu|size 64M|page 256|erase 20=4K,D8=64K|bp P28@lm
20bb20.10.44.00|mt25qu512a|Micron|lmu|size 64M@mu|page 256@mu|erase 20=4K,21=4K,D8=64K,DC=64K@mu|sfdp-only yes@l|4b 13,0C,12@mu|bp P28@l
20bb21|MT25QU01|Micron|o|size 128M|page 256|erase DC=64K|chip C7|4b 13,12
20bb21|N25Q00A..1G|Micron|fp|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K,C4=32M|chip none|prog page|mv 1700-2000|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=5C,lock=80
20bb21|n25q00a|Micron|lmu|size 128M|page 256|erase 20=4K,D8=64K
20bb21.10.44.00|MT25QU01G|Micron|fplu|size 128M@fpu|page 256@fpu|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K,C4=64M@fp 20=4K,21=4K,D8=64K,DC=64K@u|chip none@fp|prog page@fp|mv 1700-2000@fp|sfdp yes@fp|sfdp-only yes@l|4b 13,0C,12,06B7,C5@fp 13,0C,12@u|wren 06@fp|sr1 1@fp|unlock clears=5C,lock=80@fp
20bb22|MT25QU02G|Micron|fplmu|size 256M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K,C4=64M@fp 20=4K,D8=64K@lmu|chip none@fp|prog page@fp|mv 1700-2000@fp|sfdp yes@fp|4b 13,0C,12,06B7,C5@fp|wren 06@fp|sr1 1@fp|unlock clears=5C,lock=80@fp
21ba20|mt25ql01g|Micron|u|size 128M|page 256|erase 20=4K,D8=64K
2c5a1a|mt35xl512aba|Micron|u|size 64M|page 256|erase D8=128K,DC=128K|4b 13,0C,12
2c5b1a|MT35XU512ABA|Micron|lmu|size 64M@mu|page 256@mu|erase 20=4K,21=4K,D8=128K,DC=128K@m D8=128K,DC=128K@u|sfdp-only yes@l|4b 13,0C,12@mu
2c5b1b|MT35XU01GBBA|Micron|l|sfdp-only yes
2c5b1b|mt35xu01gaba|Micron|u|size 128M|page 256|erase D8=128K,DC=128K|4b 13,0C,12
2c5b1b.10.41.00|mt35xu01g|Micron|u|size 128M|page 256|erase D8=128K,DC=128K|4b 13,0C,12
2c5b1c|MT35XU02G|Micron|flmu|size 256M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=128K,DC=128K,C4=64M@f 20=4K,21=4K,D8=128K,DC=128K@lm D8=128K,DC=128K@u|chip none@f|prog page@f|mv 1700-2000@f|sfdp yes@f|4b 13,0C,12,06B7,C5@f 13,0C,12@lmu|wren 06@f|sr1 1@f|bp P15@f|lock srp=SR1.7@f|unlock clears=5C,lock=80@f
res1:05|M25P05|Micron|fp|size 64K|page 256|erase D8=32K|chip C7|prog byte|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
res1:10|M25P10|Micron|fp|size 128K|page 256|erase D8=32K|chip C7|prog byte|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
res1:11|M25P20-old|Micron|fp|size 256K|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
res1:12|M25P40-old|Micron|fp|size 512K|page 256|erase D8=64K|chip C7|prog page|wren 06|sr1 1|unlock clears=3C,lock=80
st95:2012|M95M02|ST|fp|size 256K|page 256|erase none|chip none|prog page|mv 2500-5500|wren 06|sr1 1|unlock clears=0C,lock=80|no-erase yes|erased 00
`;
}
