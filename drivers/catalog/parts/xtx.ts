/** XTX: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function xtxLines(): string {
  return `
0b4012|XT25F02E|XTX|fp|size 256K|page 256|erase 20=4K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06@f 06,50@p|sr1 1|unlock clears=0C,lock=80@f clears=3C@p
0b4013|XT25F04D|XTX|p|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|unlock clears=1C,lock=80
0b4014|XT25F08B|XTX|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|unlock clears=3C,lock=80|qe SR2.1
0b4014|xt25f08|XTX|u|size 1M|page 256|erase 20=4K,D8=64K
0b4015|XT25F16B|XTX|p|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|bp P01|lock srp=SR1.7|unlock clears=7C,lock=80|qe SR2.1
0b4015|XT25F16F|XTX|p|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
0b4015|xt25f16|XTX|u|size 2M|page 256|erase 20=4K,D8=64K
0b4016|XT25F32B|XTX|p|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
0b4016|XT25F32F|XTX|p|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
0b4016|xt25f32|XTX|u|size 4M|page 256|erase 20=4K,D8=64K
0b4017|XT25F64B|XTX|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes@f|wren 06|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
0b4017|XT25F64F|XTX|p|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
0b4017|xt25f64|XTX|u|size 8M|page 256|erase 20=4K,D8=64K
0b4018|XT25BF128F|XTX|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1
0b4018|XT25F128B|XTX|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|sfdp yes@f|wren 06|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0,wps=SR2.4@p|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
0b4018|XT25F128F|XTX|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 2|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0,wps=SR3.2|unlock clears=7C,lock=80|qe SR2.1
0b4018|xt25f128|XTX|u|size 16M|page 256|erase 20=4K,D8=64K
0b4019|xt25f256|XTX|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
0b6014|xt25q08|XTX|u|size 1M|page 256|erase 20=4K,D8=64K
0b6015|xt25q16|XTX|u|size 2M|page 256|erase 20=4K,D8=64K
0b6016|xt25q32|XTX|u|size 4M|page 256|erase 20=4K,D8=64K
0b6017|xt25q64|XTX|u|size 8M|page 256|erase 20=4K,D8=64K
0b6018|xt25q128|XTX|u|size 16M|page 256|erase 20=4K,D8=64K
0b6019|xt25q256|XTX|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
0b601a|xt25q512|XTX|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
0b601b|xt25q01g|XTX|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
0b601c|xt55q02g|XTX|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
0b651a|xt25w512|XTX|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
0b651a|xt25w512b|XTX|k|size 64M|page 256|erase 20=4K,D8=64K
0b651b|xt25w01g|XTX|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
0b651b|xt25w01gb|XTX|k|size 128M|page 256|erase 20=4K,D8=64K
`;
}
