/** Atmel and Adesto: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function atmelLines(): string {
  return `
1f0060|AT25F1024|Atmel|o|size 128K|page 256|erase 52=32K|chip 62
1f0063|AT25F2048|Atmel|o|size 256K|page 256|erase 52=64K|chip 62
1f0064|AT25F4096|Atmel|o|size 512K|page 256|erase 52=64K|chip 62
1f0065|AT25F512|Atmel|o|size 64K|page 128|erase 52=32K|chip C7
1f0400|AT26F004|Atmel|fplm|size 512K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm|chip 60,C7@fp|prog none@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp
1f2200|AT45DB011B|Atmel|de|size 132K|page 264|erase 81=264,50=2112|prog buffer|pages -/264/512
1f2200.00|AT45DB011D|Atmel|fpde|size 128K|page 256|erase 7C=2K+30K+32Kx3,81=256,50=2K@fp 81=256,50=2K@de|chip C794809A@fp|prog buffer|mv 2700-3600@fp|wren none@fp|sr1 1@fp|unlock command=3D2A7F9A@fp|pages 256/264/512@fp 256/-/512@de
1f2300|AT45DB021B|Atmel|de|size 264K|page 264|erase 81=264,50=2112|prog buffer|pages -/264/1024
1f2300.00|AT45DB021D|Atmel|fpde|size 256K|page 256|erase 7C=2K+30K+32Kx7,81=256,50=2K@fp 81=256,50=2K@de|chip C794809A@fp|prog buffer|mv 2700-3600@fp|wren none@fp|sr1 1@fp|unlock command=3D2A7F9A@fp|pages 256/264/1024@fp 256/-/1024@de
1f2400|AT45DB041X|Atmel|de|size 528K|page 264|erase 81=264,50=2112|prog buffer|pages -/264/2048
1f2400.00|AT45DB041D|Atmel|fpde|size 512K|page 256|erase 7C=2K+62K+64Kx7,81=256,50=2K@fp 81=256,50=2K@de|chip C794809A@fp|prog buffer|mv 2700-3600@fp|wren none@fp|sr1 1@fp|unlock command=3D2A7F9A@fp|pages 256/264/2048@fp 256/-/2048@de
1f2500|AT45DB081B|Atmel|de|size 1056K|page 264|erase 81=264,50=2112|prog buffer|pages -/264/4096
1f2500.00|AT45DB081D|Atmel|fpde|size 1M|page 256|erase 7C=2K+62K+64Kx15,81=256,50=2K@fp 81=256,50=2K@de|chip C794809A@fp|prog buffer|mv 2700-3600@fp|wren none@fp|sr1 1@fp|unlock command=3D2A7F9A@fp|pages 256/264/4096@fp 256/-/4096@de
1f2600|AT45DB161X|Atmel|de|size 2112K|page 528|erase 81=528,50=4224|prog buffer|pages -/528/4096
1f2600.00|AT45DB161D|Atmel|fpde|size 2M|page 512|erase 7C=4K+124K+128Kx15,81=512,50=4K@fp 81=512,50=4K@de|chip C794809A@fp|prog buffer|mv 2700-3600@fp|wren none@fp|sr1 1@fp|unlock command=3D2A7F9A@fp|pages 512/528/4096@fp 512/-/4096@de
1f2700|AT45DB321C|Atmel|fp|size 4224K|page 528|erase 81=528,50=4224|chip C794809A|prog buffer|mv 2700-3600|wren none|sr1 1|read E8|pages -/528/8192
1f2700|AT45DB321E|Atmel|fp|size 4M|page 512|erase 7C=4K+60K+64Kx63,81=512,50=4K|chip C794809A|prog buffer|mv 2500-3600|wren none|sr1 1|unlock command=3D2A7F9A|pages 512/528/8192
1f2700|AT45DB321X|Atmel|de|size 4224K|page 528|erase 81=528,50=4224|prog buffer|pages -/528/8192
1f2701|AT45DB321X|Atmel|de|size 4224K|page 528|erase 81=528,50=4224|prog buffer|pages -/528/8192
1f2701.00|AT45DB321D|Atmel|fpde|size 4M|page 512|erase 7C=4K+60K+64Kx63,81=512,50=4K@fp 81=512,50=4K@de|chip C794809A@fp|prog buffer|mv 2700-3600@fp|wren none@fp|sr1 1@fp|unlock command=3D2A7F9A@fp|pages 512/528/8192@fp 512/-/8192@de
1f2800|AT45DB642X|Atmel|de|size 8448K|page 1056|erase 81=1056,50=8448|prog buffer|pages -/1056/8192
1f2800.00|AT45DB642D|Atmel|fpde|size 8M|page 1K|erase 7C=8K+248K+256Kx31,81=1K,50=8K@fp 81=1K,50=8K@de|chip C794809A@fp|prog buffer|mv 2700-3600@fp|wren none@fp|sr1 1@fp|unlock command=3D2A7F9A@fp|pages 1024/1056/8192@fp 1024/-/8192@de
1f2800.01.00|AT45DB641E|Atmel|fde|size 8M 8448K@de|page 256 264@de|erase 7C=2K+254K+256Kx31,81=256,50=2K@f 81=264,50=2112@de 81=256,50=2K@de|chip C794809A@f|prog buffer|mv 2300-3600@f|wren none@f|sr1 1@f|unlock command=3D2A7F9A@f|pages 256/264/32768@f -/264/32768@de 256/-/32768@de
1f2920|AT45CS1282|Atmel|fp|size 16896K|page 1056|erase 7C=8448+261888+264Kx63|chip none|prog buffer|mv 2700-3600|wren none|sr1 1|pages -/1056/16384
1f4200|AT25DF011|Atmel|f|size 128K|page 256|erase 20=4K,52=32K,D8=32K|chip 60,C7|prog page|mv 1650-3600|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f4216|at25sl321|Atmel|lmu|size 4M|page 256|erase 20=4K,D8=64K
1f4218|AT25SL128A|Atmel|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1700-2000|sfdp yes|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=3C|qe SR2.1@p|qpi 38/FF@p
1f4300|AT25DF021|Atmel|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f4301.00|AT25DF021A|Atmel|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-3600|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f4400|AT26DF041|Atmel|fp|size 512K|page 256|erase 81=256,50=2K,20=4K|chip none|prog byte|mv 2700-3600|wren none|sr1 1
1f4401.00|AT25DF041A|Atmel|fplm|size 512K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=0C,lock=80,pin=10,per-sector,all-zero@fp|bp-volatile yes@lm
1f4501.00|AT26DF081A|Atmel|fplmu|size 1M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=0C,lock=80,pin=10,per-sector,all-zero@fp|bp-volatile yes@lm
1f4501.01.00|AT25DF081A|Atmel|fpo|size 1M|page 256|erase 20=4K,52=32K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|unlock clears=0C,lock=80,pin=10,per-sector,all-zero@fp
1f4502|AT25DF081|Atmel|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1600-2000|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f4502.01.00|AT25DL081|Atmel|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f4600|AT26DF161|Atmel|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f4601|AT26DF161A|Atmel|fplm|size 2M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=0C,lock=80,pin=10,per-sector,all-zero@fp|bp-volatile yes@lm
1f4602.00|AT25DF161|Atmel|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f4603.01.00|AT25DL161|Atmel|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f4700|AT25DF321|Atmel|fplm|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=0C,lock=80,pin=10,per-sector,all-zero@fp|bp-volatile yes@lm
1f4700|at26df321|Atmel|mu|size 4M|page 256|erase 20=4K,D8=64K|bp P23@m|bp-volatile yes@m
1f4701.00|AT25DF321A|Atmel|fplmu|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=0C,lock=80,pin=10,per-sector,all-zero@fp|bp-volatile yes@lm
1f4708|at25ff321a|Atmel|l|sfdp-only yes|bp P23|bp-volatile yes
1f4800.00|AT25DF641|Atmel|fplm|size 8M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=0C,lock=80,pin=10,per-sector,all-zero@fp|bp-volatile yes@lm
1f4800.01.00|AT25DF641A|Atmel|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f6500|AT25F512B|Atmel|fp|size 64K|page 256|erase 20=4K,52=32K,D8=32K|chip 60,C7,62|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=04,lock=80,pin=10
1f6601|AT25FS010|Atmel|fplm|size 128K|page 256|erase 20=4K,D7=4K,52=32K,D8=32K@fp 20=4K,D8=32K@lm|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P24@lm|unlock clears=6C,lock=80@fp
1f6604|AT25FS040|Atmel|fplmo|size 512K|page 256|erase 20=4K,52=64K,D8=64K@fp 20=4K,D8=64K@lm D7=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|bp P23@lm|unlock clears=7C,lock=80@fp
1f8401|AT25SF041|Atmel|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2500-3600|wren 06|sr1 1|unlock clears=3C
1f8501|AT25SF081|Atmel|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1|unlock clears=3C
1f8600|AT25DQ161|Atmel|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80,pin=10,per-sector,all-zero
1f8601|AT25SF161|Atmel|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2500-3600|wren 06|sr1 1|unlock clears=3C
1f8701|AT25SF321|Atmel|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2500-3600|wren 06|sr1 1|unlock clears=3C
1f8701|unnamed 1f8701|Atmel|l|size 4M|page 256|erase 20=4K,D8=64K
1f8901|AT25SF128A|Atmel|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|wren 06|sr1 1|unlock clears=7C,lock=80
at25f:1f60|AT25F1024|Atmel|fp|size 128K|page 256|erase 52=32K|chip 62|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80
at25f:1f60|AT25F1024A|Atmel|fp|size 128K|page 256|erase 52=32K|chip 62|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80
at25f:1f60|AT25F512|Atmel|fp|size 64K|page 256|erase 52=32K|chip 62|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80
at25f:1f63|AT25F2048|Atmel|fp|size 256K|page 256|erase 52=64K|chip 62|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=0C,lock=80
at25f:1f64|AT25F4096|Atmel|fp|size 512K|page 256|erase 52=64K|chip 62|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=1C,lock=80
at25f:1f65|AT25F512A|Atmel|fp|size 64K|page 128|erase 52=32K|chip 62|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=04,lock=80
`;
}
