/** Boya: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function boyaLines(): string {
  return `
684010|B.25D05AS|Boya|p|size 64K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684011|B.25D10AS|Boya|p|size 128K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684012|B.25D20AS|Boya|p|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684012|BY25D20|Boya|f|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
684013|B.25D40AS|Boya|p|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684013|BY25D40|Boya|f|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
684013|BY25D40ES|Boya|p|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684014|B.25D80A|Boya|f|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684014|B.25D80AS|Boya|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684014|BY25Q80BS|Boya|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684014|BY25Q80ES|Boya|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684015|B.25D16A|Boya|f|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684015|B.25D16AS|Boya|p|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684015|BY25Q16BS|Boya|p|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684015|BY25Q16ES|Boya|p|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
684016|B.25Q32BS|Boya|p|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
684016|BY25Q32CS|Boya|p|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
684016|BY25Q32ES|Boya|p|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
684017|B.25Q64AS|Boya|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06@f 06,50@p|sr1 1|sr23 31,11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
684017|BY25Q64ES|Boya|p|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
684018|B.25Q128AS|Boya|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06@f 06,50@p|sr1 1|sr23 31,11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
684018|BY25Q128ES|Boya|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
684118|BY25Q128FS|Boya|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
684919|BY25Q256FSEIG|Boya|k|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
`;
}
