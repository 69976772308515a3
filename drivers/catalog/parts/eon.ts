/** Eon: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function eonLines(): string {
  return `
1c2010|EN25B05|Eon|fp|size 64K|page 256|erase D8=4Kx2+8K+16K+32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2010|EN25B05T|Eon|fp|size 64K|page 256|erase D8=32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2010|EN25P05|Eon|fp|size 64K|page 256|erase D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2011|EN25B10|Eon|fp|size 128K|page 256|erase D8=4Kx2+8K+16K+32Kx3|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2011|EN25B10T|Eon|fp|size 128K|page 256|erase D8=32Kx3+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2011|EN25P10|Eon|fp|size 128K|page 256|erase D8=32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2012|EN25B20|Eon|fp|size 256K|page 256|erase D8=4Kx2+8K+16K+32K+64Kx3|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2012|EN25B20T|Eon|fp|size 256K|page 256|erase D8=64Kx3+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2012|EN25P20|Eon|fp|size 256K|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2013|EN25B40|Eon|fp|size 512K|page 256|erase D8=4Kx2+8K+16K+32K+64Kx7|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2013|EN25B40T|Eon|fp|size 512K|page 256|erase D8=64Kx7+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2013|EN25P40|Eon|fp|size 512K|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2014|EN25B80|Eon|fp|size 1M|page 256|erase D8=4Kx2+8K+16K+32K+64Kx15|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2014|EN25B80T|Eon|fp|size 1M|page 256|erase D8=64Kx15+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2014|EN25P80|Eon|fp|size 1M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2015|EN25B16|Eon|fp|size 2M|page 256|erase D8=4Kx2+8K+16K+32K+64Kx31|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2015|EN25B16T|Eon|fp|size 2M|page 256|erase D8=64Kx31+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2015|EN25P16|Eon|fp|size 2M|page 256|erase D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2016|EN25B32|Eon|fp|size 4M|page 256|erase D8=4Kx2+8K+16K+32K+64Kx63|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2016|EN25B32T|Eon|fp|size 4M|page 256|erase D8=64Kx63+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2016|EN25P32|Eon|fplm|size 4M|page 256|erase D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
1c2017|EN25B64|Eon|fp|size 8M|page 256|erase D8=4Kx2+8K+16K+32K+64Kx127|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2017|EN25B64T|Eon|fp|size 8M|page 256|erase D8=64Kx127+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c2017|EN25P64|Eon|fplm|size 8M|page 256|erase D8=64K|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
1c3013|EN25Q40|Eon|fp|size 512K|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3014|EN25Q80|Eon|fp|size 1M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3014|EN25Q80A|Eon|fplm|size 1M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
1c3014|en25q80b|Eon|u|size 1M|page 256|erase 20=4K,D8=64K
1c3015|EN25Q16|Eon|fp|size 2M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3016|EN25Q32A|Eon|fp|size 4M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3016|EN25Q32B|Eon|fplmu|size 4M|page 256|erase 20=4K,D8=64K@fp D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
1c3017|EN25Q64|Eon|fplmu|size 8M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
1c3018|EN25Q128|Eon|fp|size 16M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|wren 06|sr1 1|unlock clears=3C
1c3018|en25q128b|Eon|u|size 16M|page 256|erase D8=64K
1c3110|EN25F05|Eon|fp|size 64K|page 256|erase 20=4K,52=32K,D8=32K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3111|EN25F10|Eon|fp|size 128K|page 256|erase 20=4K,52=32K,D8=32K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3112|EN25F20|Eon|fp|size 256K|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3113|EN25F40|Eon|fp|size 512K|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3114|EN25F80|Eon|fp|size 1M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3115|EN25F16|Eon|fp|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3116|EN25F32|Eon|fplm|size 4M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=3C@fp
1c3117|EN25F64|Eon|fp|size 8M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
1c3811|EN25S10|Eon|fp|size 128K|page 256|erase 20=4K,52=32K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
1c3812|EN25S20|Eon|fp|size 256K|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
1c3813|EN25S40|Eon|fp|size 512K|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
1c3814|EN25S80|Eon|fp|size 1M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C
1c3815|EN25S16|Eon|fp|size 2M|page 256|erase 20=4K,D8=32K,52=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C,lock=80|qpi 38/FF@p
1c3816|EN25S32|Eon|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=3C,lock=80|qpi 38/FF@p
1c3817|EN25S64|Eon|fplmu|size 8M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp|qpi 38/FF@p
1c7015|EN25QH16|Eon|fplm|size 2M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|unlock clears=3C,lock=80@fp|qpi 38/FF@p
1c7016|EN25QH32|Eon|fplm|size 4M|page 256|erase 20=4K,D8=64K@fp D8=64K@lm|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|bp P02@fp|lock srp=SR1.7@fp|unlock clears=3C,lock=80@fp|qpi 38/FF@p
1c7016|EN25QH32B|Eon|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=3C,lock=80|qpi 38/FF@p
1c7017|EN25QH64|Eon|fplm|size 8M|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|bp P03@fp|lock srp=SR1.7@fp|unlock clears=3C,lock=80@fp|qpi 38/FF@p
1c7017|EN25QH64A|Eon|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=3C,lock=80|qpi 38/FF@p
1c7018|EN25QH128|Eon|fplmu|size 16M|page 256|erase 20=4K,D8=64K@fp D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|sfdp yes@fp|wren 06@fp|sr1 1@fp|bp P02@fp|lock srp=SR1.7@fp|unlock clears=3C,lock=80@fp|qpi 38/FF@p
1c7019|en25qh256|Eon|lm|size 32M@m|page 256@m|erase D8=64K@m|sfdp yes@m|sfdp-only yes@l
1c7118|EN25QX128A|Eon|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=3C,lock=80
`;
}
