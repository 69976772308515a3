/** AMIC: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function amicLines(): string {
  return `
373010|A25L512|AMIC|fp|size 64K|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
373011|A25L010|AMIC|fp|size 128K|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
373012|A25L020|AMIC|fp|size 256K|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
373013|A25L040|AMIC|fp|size 512K|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
373014|A25L080|AMIC|fp|size 1M|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
373015|A25L016|AMIC|fp|size 2M|page 256|erase 20=4K,D8=64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
373016|A25L032|AMIC|fp|size 4M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
374015|A25LQ16|AMIC|fp|size 2M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=1C,lock=80
374016|A25LQ032|AMIC|fp|size 4M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=1C,lock=80
374016|A25LQ32A|AMIC|fp|size 4M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=1C,lock=80
374017|A25LQ64|AMIC|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes|wren 06|sr1 1|unlock clears=3C,lock=80|qpi 35/F5@p
7f3720.10|A25L05PU|AMIC|fp|size 64K|page 256|erase D8=4Kx2+8K+16K+32K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.11|A25L10PU|AMIC|fp|size 128K|page 256|erase D8=4Kx2+8K+16K+32K+64K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.12|A25L20PU|AMIC|fp|size 256K|page 256|erase D8=4Kx2+8K+16K+32K+64Kx3|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.13|A25L40PT|AMIC|fp|size 512K|page 256|erase D8=64Kx7+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.13|A25L40PU|AMIC|fp|size 512K|page 256|erase D8=4Kx2+8K+16K+32K+64Kx7|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.14|A25L80P|AMIC|fp|size 1M|page 256|erase D8=4Kx2+8K+16K+32K+64Kx15|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.15|A25L16PU|AMIC|fp|size 2M|page 256|erase D8=4Kx2+8K+16K+32K+64Kx31|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.20|A25L05PT|AMIC|fp|size 64K|page 256|erase D8=32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.21|A25L10PT|AMIC|fp|size 128K|page 256|erase D8=64K+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.22|A25L20PT|AMIC|fp|size 256K|page 256|erase D8=64Kx3+32K+16K+8K+4Kx2|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
7f3720.25|A25L16PT|AMIC|fp|size 2M|page 256|erase D8=64Kx31+32K+16K+8K+4Kx2|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
`;
}
