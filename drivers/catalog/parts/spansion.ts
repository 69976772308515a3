/**
 * Spansion and Cypress: one line for each part. The form of a line: part-line.ts. What its source letters mean:
 * part-sources.ts.
 */
export function spansionLines(): string {
  return `
c22108|FM25V01A|Cypress|o|size 16K|no-erase yes
c22200|FM25V02|Cypress|o|size 32K|no-erase yes
c22208|FM25V02A|Cypress|o|size 32K|no-erase yes
c22300|FM25V05|Cypress|o|size 64K|no-erase yes
c22400|FM25V10|Cypress|o|size 128K|no-erase yes
c22508|FM25V20A|Cypress|o|size 256K|no-erase yes
c22640|FM25V40|Cypress|o|size 512K|no-erase yes
010212|S25FL004|Spansion|o|size 512K|page 256|erase D8=64K|chip C7
010212|S25FL004A|Spansion|fp|size 512K|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
010212|s25sl004a|Spansion|lm|size 512K|page 256|erase D8=64K
010213|S25FL008|Spansion|o|size 1M|page 256|erase D8=64K|chip C7
010213|S25FL008A|Spansion|fp|size 1M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
010213|s25sl008a|Spansion|lmu|size 1M|page 256|erase D8=64K
010214|S25FL016|Spansion|o|size 2M|page 256|erase D8=64K|chip C7
010214|S25FL016A|Spansion|fp|size 2M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
010214|s25sl016a|Spansion|lmu|size 2M|page 256|erase D8=64K
010215|S25FL032|Spansion|o|size 4M|page 256|erase D8=64K|chip C7
010215|S25FL032A|Spansion|fp|size 4M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
010215|S25FL032P|Spansion|fp|size 4M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
010215|s25sl032a|Spansion|lmu|size 4M|page 256|erase D8=64K
010215.4d.00|s25sl032p|Spansion|lmu|size 4M|page 256|erase D8=64K
010216|S25FL064|Spansion|o|size 8M|page 256|erase D8=64K|chip C7
010216|S25FL064A|Spansion|fp|size 8M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
010216|S25FL064P|Spansion|fp|size 8M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
010216|s25sl064a|Spansion|lmu|size 8M|page 256|erase D8=64K
010216.4d.00|s25sl064p|Spansion|lmu|size 8M|page 256|erase D8=64K
010217.4d.01.81|s25fs064s|Spansion|u|size 8M|page 256|erase D8=64K
010219|S25FL256S|Spansion|o|size 32M|page 256|erase DC=64K|chip C7|4b 13,12
010219|S25FL256S......0|Spansion|fp|size 32M|page 256|erase D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,17.7,17|wren 06|sr1 2@f 1@p|unlock clears=1C,lock=80
010219.4d.00.80|s25fl256s0|Spansion|lmu|size 32M|page 256|erase D8=256K|sfdp-wrong yes@lm
010219.4d.00.81|s25fs256s0|Spansion|lm|size 32M|page 256|erase D8=256K
010219.4d.01.80|s25fl256s1|Spansion|lmu|size 32M|page 256|erase D8=64K
010219.4d.01.81|s25fs256s|Spansion|u|size 32M|page 256|erase D8=64K
010219.4d.01.81|s25fs256s1|Spansion|lm|size 32M|page 256|erase D8=64K
010219.??.00.80|S25FL256S Large Sectors|Spansion|f|size 32M|page 256|erase DC=256K|chip 60|prog page|mv 1700-2000|wren 06|sr1 2|unlock clears=3C
010219.??.01.80|S25FL256S Small Sectors|Spansion|f|size 32M|page 256|erase DC=64K|chip 60|prog page|mv 1700-2000|wren 06|sr1 1|unlock clears=3C
010220.4d.00|s25fl512s_256k|Spansion|u|size 64M|page 256|erase D8=256K
010220.4d.00.80|S25FL512S|Spansion|fplmuo|size 64M|page 256@fplmu 512@o|erase D8=256K,DC=256K@fp D8=256K@lmu DC=256K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|4b 13,0C,12,17.7,17@fp 13,12@o|wren 06@fp|sr1 2@f 1@p|bp P29@lm|unlock clears=1C,lock=80@fp
010220.4d.00.81|S25FS512S|Spansion|flmu|size 64M|page 256|erase D8=256K,DC=256K@f D8=256K@lmu|chip 60,C7@f|prog page@f|mv 1700-2000@f|4b 13,0C,12,B7@f|wren 06@f|sr1 2@f|unlock clears=1C,lock=80@f
010220.4d.01|s25fl512s_64k|Spansion|u|size 64M|page 256|erase D8=64K
010220.4f.00|s25fl512s_512k|Spansion|u|size 64M|page 256|erase D8=256K
010221.4d.00|s70fs01gs_256k|Spansion|u|size 128M|page 256|erase D8=256K
012018|S25FL127S-256kB|Spansion|fp|size 16M|page 512|erase D8=256K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
012018|S25FL127S-64kB|Spansion|fp|size 16M|page 256|erase D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
012018|S25FL128P......0|Spansion|fp|size 16M|page 256|erase 20=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
012018|S25FL128P......1|Spansion|fp|size 16M|page 256|erase D8=256K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
012018|S25FL128S......0|Spansion|fp|size 16M|page 256|erase D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 2@f 1@p|unlock clears=1C,lock=80
012018|S25FL128S......1|Spansion|fp|size 16M|page 512|erase D8=256K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
012018|S25FL129P......0|Spansion|fp|size 16M|page 256|erase D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
012018|S25FL129P......1|Spansion|fp|size 16M|page 256|erase D8=256K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
012018.03.00|s25sl12800|Spansion|lmu|size 16M|page 256|erase D8=256K
012018.03.01|s25sl12801|Spansion|lmu|size 16M|page 256|erase D8=64K
012018.4d.00|s25fl129p0|Spansion|lmu|size 16M|page 256|erase D8=256K
012018.4d.00.80|s25fl128s0|Spansion|lm|size 16M|page 256|erase D8=256K
012018.4d.01|s25fl129p1|Spansion|lmu|size 16M|page 256|erase D8=64K
012018.4d.01.80|s25fl128s|Spansion|uo|size 16M|page 256|erase D8=64K|chip C7@o
012018.4d.01.80|s25fl128s1|Spansion|lm|size 16M|page 256|erase D8=64K
012018.4d.01.81|s25fs128s|Spansion|u|size 16M|page 256|erase D8=64K
012018.4d.01.81|s25fs128s1|Spansion|lm|size 16M|page 256|erase D8=64K
012018.??.00.80|S25FL128S_UL Uniform 128 kB Sectors|Spansion|f|size 16M|page 256|erase D8=128K|chip 60,C7|prog page|mv 1700-2000|wren 06|sr1 1|unlock clears=3C
012018.??.00.81|S25FS128S Large Sectors|Spansion|f|size 16M|page 256|erase D8=64K?|chip 60,C7|prog page|mv 1700-2000|wren 06|sr1 1|unlock clears=3C
012018.??.01.80|S25FL128S_US Uniform 64 kB Sectors|Spansion|f|size 16M|page 256|erase D8=64K|chip 60,C7|prog page|mv 1700-2000|wren 06|sr1 1|unlock clears=3C
012018.??.01.81|S25FS128S Small Sectors|Spansion|f|size 16M|page 256|erase D8=64K?|chip 60,C7|prog page|mv 1700-2000|wren 06|sr1 1|unlock clears=3C
014013|S25FL204K|Spansion|fplm|size 512K|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
014014|S25FL208K|Spansion|fplmu|size 1M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
014015|S25FL116K|Spansion|fplmuo|size 2M|page 256|erase 20=4K,D8=64K@fplmu D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp
014015|S25FL216K|Spansion|fp|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C,lock=80
014016|S25FL132K|Spansion|fplmo|size 4M|page 256|erase 20=4K,D8=64K@fplm D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=1C,lock=80@fp
014017|S25FL164K|Spansion|fplmuo|size 8M|page 256|erase 20=4K,D8=64K@fplmu D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=1C,lock=80@fp
016017|s25fl064l|Spansion|lmuo|size 8M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K@lmu D8=64K@o|chip C7@o|4b 13,0C,12@lmu
016018|S25FL128L|Spansion|fplmuo|size 16M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,21=4K,D8=64K,DC=64K@lmu D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|4b 13,0C,12@lmu|wren 06@fp|sr1 3@fp|bp P01@fp|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@fp|unlock clears=1C,lock=80@fp
016019|S25FL256L|Spansion|fplmuo|size 32M|page 256|erase 20=4K,21=4K,52=32K,53=32K,D8=64K,DC=64K@fp 20=4K,21=4K,D8=64K,DC=64K@lmu DC=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|4b 13,0C,12,B7@fp 13,0C,12@lmu 13,12@o|wren 06@fp|sr1 3@fp|bp P05@fp|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@fp|unlock clears=3C,lock=80@fp
042cc2.7f.7f.7f|cy15x104q|Spansion|lm|size 512K|no-erase yes
342a1a.0f.03.90|s25hl512t|Spansion|lmu|size 64M@mu|page 256@mu|erase D8=256K@m D8=256K,DC=256K@u|sfdp yes@m|sfdp-only yes@l|4b 13,0C,12@u
342a1b.0f.03.90|s25hl01gt|Spansion|lmu|size 128M@mu|page 256@mu|erase D8=256K@m D8=256K,DC=256K@u|sfdp yes@m|sfdp-only yes@l|4b 13,0C,12@u
342a1c.0f.00.90|s25hl02gt|Spansion|lu|size 256M@u|page 256@u|erase D8=256K,DC=256K@u|sfdp-only yes@l|4b 13,0C,12@u
342b19.0f.08.90|s25fs256t|Spansion|lmu|size 32M@u|page 256@mu|erase D8=128K,DC=128K@u|sfdp yes@m|sfdp-only yes@l|4b 13,0C,12@u
342b1a.0f.03.90|s25hs512t|Spansion|lmu|size 64M@mu|page 256@mu|erase D8=256K@m D8=256K,DC=256K@u|sfdp yes@m|sfdp-only yes@l|4b 13,0C,12@u
342b1b.0f.03.90|s25hs01gt|Spansion|lmu|size 128M@mu|page 256@mu|erase D8=256K@m D8=256K,DC=256K@u|sfdp yes@m|sfdp-only yes@l|4b 13,0C,12@u
342b1c.0f.00.90|s25hs02gt|Spansion|lu|size 256M@u|page 256@u|erase D8=256K,DC=256K@u|sfdp-only yes@l|4b 13,0C,12@u
345a19|S28HL256T|Spansion|lu|size 32M@u|page 256@u|erase D8=256K@u|sfdp-only yes@l
345a1a|s28hl512t|Spansion|lu|size 64M@u|page 256@u|erase D8=256K@u|sfdp-only yes@l
345a1b|s28hl01gt|Spansion|lu|size 128M@u|page 256@u|erase D8=256K@u|sfdp-only yes@l
345a1c|S28HL02GT|Spansion|lu|size 256M@u|page 256@u|erase D8=256K@u|sfdp-only yes@l
345b19|s28hs256t|Spansion|u|size 32M|page 256|erase D8=256K
345b19|unnamed 345b19|Spansion|l|sfdp-only yes
345b1a|s28hs512t|Spansion|lmu|size 64M@mu|page 256@mu|erase D8=256K@mu|sfdp yes@m|sfdp-only yes@l
345b1b|s28hs01gt|Spansion|lu|size 128M@u|page 256@u|erase D8=256K@u|sfdp-only yes@l
345b1c|s28hs02gt|Spansion|lu|size 256M@u|page 256@u|erase D8=256K@u|sfdp-only yes@l
ef4013|s25fl004k|Spansion|lm|size 512K|page 256|erase 20=4K,D8=64K
ef4014|s25fl008k|Spansion|lm|size 1M|page 256|erase 20=4K,D8=64K
ef4015|s25fl016k|Spansion|lm|size 2M|page 256|erase 20=4K,D8=64K
ef4017|s25fl064k|Spansion|lm|size 8M|page 256|erase 20=4K,D8=64K
`;
}
