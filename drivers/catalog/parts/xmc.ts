/** XMC: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function xmcLines(): string {
  return `
204014|XM25QH80B|XMC|f|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
204015|XM25QH16C|XMC|f|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
204015|XM25QH16D|XMC|f|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
204016|XM25QH32C|XMC|f|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
204016|XM25QH32D|XMC|f|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
204017|XM25QH64C|XMC|fpu|size 8M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@u|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|sr23 31@p|unlock clears=3C@fp|qe SR2.1@p|qpi 38/FF@p
204017|XM25QH64D|XMC|f|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
204018|XM25QH128C|XMC|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
204018|XM25QH128D|XMC|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
204019|XM25QH256C|XMC|fpu|size 32M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,21=4K,52=32K,D8=64K,DC=64K@p 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|4b 13,0C,12,06B7,C5@fp 13,0C,12@u|wren 06@fp|sr1 1@fp|sr23 31@fp|bp P06@fp|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=3C@fp|qe SR2.1@p|qpi 38/FF@p
204019|XM25QH256D|XMC|f|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|sr23 31|bp P06|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
204020|XM25QH512C|XMC|fu|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K@f 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@f|prog page@f|mv 2700-3600@f|sfdp yes@f|4b 13,0C,06B7,C5@f 13,0C,12@u|wren 06@f|sr1 1@f|unlock clears=3C@f
204020|XM25QH512D|XMC|f|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|4b 13,0C,06B7,C5|wren 06|sr1 1|unlock clears=3C
204021|XM25QH01D|XMC|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
204117|XM25LU64C|XMC|f|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
204117|XM25QU64C|XMC|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|sr23 31|bp P01@f|lock srp=SR1.7,srl=SR2.0@f|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
204118|XM25QU128C|XMC|fpu|size 16M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@u|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|sr23 31@p|unlock clears=3C@fp|qe SR2.1@p|qpi 38/FF@p
204118|XM25QU128D|XMC|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|sfdp yes|wren 06|sr1 1|unlock clears=3C
204119|XM25QU256C|XMC|fpu|size 32M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,21=4K,52=32K,D8=64K,DC=64K@p 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|sfdp yes@fp|4b 13,0C,12,06B7,C5@fp 13,0C,12@u|wren 06@fp|sr1 1@fp|sr23 31@p|unlock clears=3C@fp|qe SR2.1@p|qpi 38/FF@p
204119|XM25QU256D|XMC|f|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|unlock clears=3C
204120|XM25QU512C|XMC|fu|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K@f 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@f|prog page@f|mv 1650-1950@f|sfdp yes@f|4b 13,0C,06B7,C5@f 13,0C,12@u|wren 06@f|sr1 1@f|unlock clears=3C@f
204120|XM25QU512D|XMC|f|size 64M|page 256|erase 20=4K,21=4K,52=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-1950|sfdp yes|4b 13,0C,06B7,C5|wren 06|sr1 1|unlock clears=3C
204318|XM25RH128C|XMC|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
204419|XM25RU256C|XMC|f|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|sfdp yes|4b 13,0C,12,06B7,C5|wren 06|sr1 1|sr23 31|bp P06|lock srp=SR1.7,srl=SR2.0|unlock clears=3C
205014|XM25QU80B|XMC|f|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
205015|XM25QU16C|XMC|f|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
205016|XM25QU32C|XMC|f|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
207017|XM25QH64A|XMC|flmu|size 8M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,D8=64K@lmu|chip 60,C7@f|prog page@f|mv 2700-3600@f|sfdp yes@f|wren 06@f|sr1 1@f|unlock clears=3C,lock=80@f
207018|XM25QH128A|XMC|flmu|size 16M|page 256|erase 20=4K,52=32K,D8=64K@f 20=4K,D8=64K@lmu|chip 60,C7@f|prog page@f|mv 2700-3600@f|wren 06@f|sr1 1@f|sr23 31@f|bp P01@f|lock srp=SR1.7,srl=SR2.0@f|unlock clears=3C@f
`;
}
