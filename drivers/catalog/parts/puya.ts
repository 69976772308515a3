/** Puya: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function puyaLines(): string {
  return `
852013|PY25Q40HB|Puya|p|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06,50|sr1 2|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
852014|PY25Q80HB|Puya|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06,50|sr1 2|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
852015|PY25Q16HB|Puya|p|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
852016|PY25Q32HB|Puya|p|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
852017|PY25Q64HA|Puya|pk|size 8M@p 16M@k|page 256|erase 20=4K,52=32K,D8=64K@p 20=4K,D8=64K@k|chip 60,C7@p|prog page@p|mv 2700-3600@p|wren 06,50@p|sr1 2@p|sr23 31,11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
852018|PY25Q128HA|Puya|pk|size 16M|page 256|erase 20=4K,52=32K,D8=64K@p 20=4K,D8=64K@k|chip 60,C7@p|prog page@p|mv 2700-3600@p|wren 06,50@p|sr1 2@p|sr23 31,11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
852019|PY25Q256HB|Puya|pk|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@p 20=4K,21=4K,D8=64K,DC=64K@k|chip 60,C7@p|prog page@p|mv 2700-3600@p|4b 13,0C,12,B7,C5@p 13,0C,12@k|wren 06,50@p|sr1 2@p|sr23 31,11@p|bp P05@p|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
85201a|PY25Q512HB|Puya|p|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 31,11|bp P05|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
85201b|PY25Q01GHB|Puya|p|size 128M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 31,11|bp P05|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
852317|PY25F64HA|Puya|p|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1-ro|qpi 38/FF
852318|PY25F128HA|Puya|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1-ro|qpi 38/FF
852318|PY25R128HA|Puya|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1-ro|qpi 38/FF
852319|PY25F256HB|Puya|p|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 31,11|bp P05|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1-ro|qpi 38/FF
85231a|PY25F512HB|Puya|pu|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@p 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@p|prog page@p|mv 2700-3600@p|4b 13,0C,12,B7,C5@p 13,0C,12@u|wren 06,50@p|sr1 2@p|sr23 31,11@p|bp P05@p|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80@p|qe SR2.1-ro@p|qpi 38/FF@p
85231b|py25f01ghb|Puya|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
854010|P25Q06H|Puya|fp|size 64K|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes@f|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
854011|P25Q11H|Puya|fp|size 128K|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes@f|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
854012|P25Q21H|Puya|fp|size 256K|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes@f|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
856010|P25Q05H|Puya|pu|size 64K|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@p|qe SR2.1@p
856011|P25Q10H|Puya|pu|size 128K|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@p|qe SR2.1@p
856012|P25Q20H|Puya|pu|size 256K|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@p|qe SR2.1@p
856013|P25Q40H|Puya|pu|size 512K|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@p|qe SR2.1@p
856013|P25Q40SH|Puya|p|size 512K|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
856014|P25D80H|Puya|f|size 1M|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes|wren 06|sr1 1|unlock clears=7C,lock=80
856014|P25Q80H|Puya|pu|size 1M|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@p|qe SR2.1@p
856014|P25Q80SH|Puya|p|size 1M|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
856015|P25Q16H|Puya|pu|size 2M|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@p|qe SR2.1@p
856015|P25Q16SH|Puya|p|size 2M|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
856016|P25D32SH|Puya|f|size 4M|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes|wren 06|sr1 1|unlock clears=7C,lock=80
856016|P25Q32H|Puya|pu|size 4M|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 1@p|sr23 31,11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
856016|P25Q32SH|Puya|fp|size 4M|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes@f|wren 06@f 06,50@p|sr1 1|sr23 31,11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
856017|P25Q64H|Puya|pku|size 8M|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@ku|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 1@p|sr23 31,11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
856017|P25Q64SH|Puya|p|size 8M|page 256|erase 81=256,20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
856018|P25Q128H|Puya|pku|size 16M|page 256|erase 81=256,20=4K,52=32K,D8=64K@p 20=4K,D8=64K@ku|chip 60,C7@p|prog page@p|mv 2300-3600@p|wren 06,50@p|sr1 1@p|sr23 31,11@p|bp P01@p|lock srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
85631a|py25f512lc|Puya|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
85631b|py25f01glc|Puya|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
`;
}
