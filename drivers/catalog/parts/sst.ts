/** SST and Microchip: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function sstLines(): string {
  return `
621612|SST25WF020A|SST|fplmu|size 256K|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=1C,lock=80@fp
621613|SST25WF040B|SST|fplmu|size 512K|page 256|erase 20=4K,D8=64K|chip 60,C7@fp|prog page@fp|mv 1650-1950@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=1C,lock=80@fp
621614|SST25WF080B|SST|fp|size 1M|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=1C,lock=80
bf2501|SST25WF512|SST|fplmu|size 64K|page 256|erase 20=4K,52=32K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 1650-1950@fp|wren 06,50@fp|sr1 1@fp|bp P23@lm|unlock clears=1C,lock=80@fp|bp-volatile yes@lm
bf2502|SST25WF010|SST|fplmu|size 128K|page 256|erase 20=4K,52=32K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 1650-1950@fp|wren 06,50@fp|sr1 1@fp|bp P23@lm|unlock clears=1C,lock=80@fp|bp-volatile yes@lm
bf2503|SST25WF020|SST|fplmu|size 256K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 1650-1950@fp|wren 06,50@fp|sr1 1@fp|bp P23@lm|unlock clears=1C,lock=80@fp|bp-volatile yes@lm
bf2504|SST25WF040|SST|fplmu|size 512K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 1650-1950@fp|wren 06,50@fp|sr1 1@fp|bp P23@lm|unlock clears=1C,lock=80@fp|bp-volatile yes@lm
bf2505|SST25WF080|SST|fplmu|size 1M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 1650-1950@fp|wren 06,50@fp|sr1 1@fp|bp P23@lm|unlock clears=3C,lock=80@fp|bp-volatile yes@lm
bf2541|SST25VF016B|SST|fplmu|size 2M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 2700-3600@fp|wren 06,50@fp|sr1 1@fp|bp P23@lm|unlock clears=3C@fp|bp-volatile yes@lm
bf254a|SST25VF032B|SST|fplmu|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 2700-3600@fp|wren 50@fp|sr1 1@fp|bp P23@lm|unlock clears=3C@fp|bp-volatile yes@lm
bf254b|SST25VF064C|SST|fplmu|size 8M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 50@fp|sr1 1@fp|bp P27@lm|unlock clears=3C@fp|bp-volatile yes@lm
bf258c|SST25VF020B|SST|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog aai|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
bf258d|SST25VF040B|SST|fplmu|size 512K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 2700-3600@fp|wren 50@fp|sr1 1@fp|bp P23@lm|unlock clears=3C@fp|bp-volatile yes@lm
bf258e|SST25VF080B|SST|fplmu|size 1M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog aai|mv 2700-3600@fp|wren 50@fp|sr1 1@fp|bp P23@lm|unlock clears=3C@fp|bp-volatile yes@lm
bf2601|SST26VF016|SST|p|size 2M|page 256|erase D8=8Kx4+32K+64Kx30+32K+8Kx4,20=4K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock command=98
bf2602|SST26VF032|SST|p|size 4M|page 256|erase D8=8Kx4+32K+64Kx62+32K+8Kx4,20=4K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock command=98
bf2618|SST26VF080A|SST|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock command=98
bf2622|sst26wf032|SST|u|size 4M|page 256|erase 20=4K,D8=64K|unlock command=98
bf2641|SST26VF016B|SST|fplm|size 2M|page 256|erase D8=8Kx4+32K+64Kx30+32K+8Kx4,20=4K@fp 20=4K,D8=64K@lm|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock command=98@fp
bf2641|SST26VF016BA|SST|fp|size 2M|page 256|erase D8=8Kx4+32K+64Kx30+32K+8Kx4,20=4K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock command=98
bf2641|sst26wf016b|SST|u|size 2M|page 256|erase 20=4K,D8=64K
bf2642|SST26VF032B|SST|fpl|size 4M@fp|page 256@fp|erase D8=8Kx4+32K+64Kx62+32K+8Kx4,20=4K@fp|chip C7@fp|prog page@fp|mv 2700-3600@fp|sfdp-only yes@l|wren 06@fp|sr1 1@fp|bp P23@l|unlock command=98@fp|bp-volatile yes@l
bf2642|SST26VF032BA|SST|fp|size 4M|page 256|erase D8=8Kx4+32K+64Kx62+32K+8Kx4,20=4K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock command=98
bf2643|SST26VF064B|SST|fplmu|size 8M|page 256|erase D8=8Kx4+32K+64Kx126+32K+8Kx4,20=4K@fp 20=4K,D8=64K@lmu|chip C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock command=98@fpu|bp-volatile yes@lm
bf2643|SST26VF064BA|SST|fp|size 8M|page 256|erase D8=8Kx4+32K+64Kx126+32K+8Kx4,20=4K|chip C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock command=98
bf2643|sst26wf064|SST|u|size 8M|page 256|erase 20=4K,D8=64K|unlock command=98
bf2651|sst26wf016|SST|u|size 2M|page 256|erase 20=4K,D8=64K|unlock command=98
bf2651|sst26wf016b|SST|lm|size 2M|page 256|erase 20=4K,D8=64K
rems:bf43|SST25LF020A|SST|fp|size 256K|page 256|erase 20=4K,52=32K|chip 60|prog byte|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
rems:bf43|SST25VF020|SST|fp|size 256K|page 256|erase 20=4K,52=32K|chip 60|prog byte|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
rems:bf44|SST25VF040|SST|fp|size 512K|page 256|erase 20=4K,52=32K|chip 60|prog byte|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
rems:bf48|SST25VF512|SST|fp|size 64K|page 256|erase 20=4K,52=32K,D8=32K|chip 60,C7|prog byte|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
rems:bf48|SST25VF512A|SST|fp|size 64K|page 256|erase 20=4K,52=32K,D8=32K|chip 60,C7|prog byte|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
rems:bf49|SST25VF010|SST|fp|size 128K|page 256|erase 20=4K,52=32K,D8=32K|chip 60,C7|prog byte|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
rems:bf49|SST25VF010A|SST|fp|size 128K|page 256|erase 20=4K,52=32K,D8=32K|chip 60,C7|prog byte|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
rems:bf8d|SST25VF040B.REMS|SST|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog aai|mv 2700-3600|wren 50|sr1 1|unlock clears=3C
res2:bf44|SST25LF040A|SST|fp|size 512K|page 256|erase 20=4K,52=32K|chip 60|prog byte|mv 3000-3600|wren 50|sr1 1|unlock clears=3C
res2:bf80|SST25LF080|SST|fp|size 1M|page 256|erase 20=4K,52=32K|chip 60|prog byte|mv 3000-3600|wren 06,50|sr1 1|unlock clears=3C
res2:bf80|SST25LF080A|SST|fp|size 1M|page 256|erase 20=4K,52=32K|chip 60|prog byte|mv 3000-3600|wren 06,50|sr1 1|unlock clears=3C
`;
}
