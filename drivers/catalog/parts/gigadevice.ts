/** GigaDevice: one line for each part. The form of a line: part-line.ts. What its source letters mean: part-sources.ts. */
export function gigadeviceLines(): string {
  return `
c83114|GD25T80|GigaDevice|fp|size 1M|page 256|erase 20=4K,52=64K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|unlock clears=3C
c84010|GD25Q512|GigaDevice|fpo|size 64K|page 256|erase 20=4K,52=32K@fp 20=4K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@f 2@p|unlock clears=7C,lock=80@fp|qe SR2.1@p
c84011|GD25Q10|GigaDevice|fpo|size 128K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@f 2@p|unlock clears=7C,lock=80@fp|qe SR2.1@p
c84012|GD25Q20|GigaDevice|fpo|size 256K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@f 2@p|unlock clears=7C,lock=80@fp|qe SR2.1@p
c84012|GD25Q20B|GigaDevice|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c84013|GD25Q40|GigaDevice|fpo|size 512K|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@f 2@p|unlock clears=7C,lock=80@fp|qe SR2.1@p
c84013|GD25Q40B|GigaDevice|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c84014|GD25Q80|GigaDevice|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c84014|GD25Q80B|GigaDevice|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c84015|GD25Q16|GigaDevice|fplmu|size 2M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@f 2@p|bp P25@lm P32@u|unlock clears=7C,lock=80@fp|qe SR2.1@p
c84015|GD25Q16B|GigaDevice|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c84015|GD25Q16C|GigaDevice|o|size 2M|page 256|erase D8=64K|chip C7
c84016|GD25Q32|GigaDevice|fplmu|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|sr23 31@fp|bp P01@fp P25@lm P32@u|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=7C,lock=80@fp|qe SR2.1@p
c84016|GD25Q32B|GigaDevice|fp|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p
c84016|GD25Q32C|GigaDevice|o|size 4M|page 256|erase D8=64K|chip C7
c84017|GD25Q64|GigaDevice|fplmu|size 8M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 2700-3600@fp|wren 06@fp|sr1 1@fp|sr23 31@fp|bp P01@fp P25@lm P32@u|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=7C,lock=80@fp|qe SR2.1@p
c84017|GD25Q64B|GigaDevice|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|sr23 31|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p
c84017|GD25Q64C|GigaDevice|o|size 8M|page 256|erase D8=64K|chip C7
c84018|GD25B127D|GigaDevice|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
c84018|GD25B128B|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
c84018|GD25B128E|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06@f 06,50@p|sr1 1|sr23 31@f 31,11@p|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p
c84018|GD25B128H|GigaDevice|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
c84018|GD25Q127C|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06@f 06,50@p|sr1 1|sr23 31@f 31,11@p|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p
c84018|GD25Q128B|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
c84018|GD25Q128C|GigaDevice|fpo|size 16M|page 256|erase 20=4K,52=32K,D8=64K@fp D8=64K@o|chip 60,C7@fp C7@o|prog page@fp|mv 2700-3600@fp|wren 06@f 06,50@p|sr1 1@fp|sr23 31@f 31,11@p|bp P01@fp|lock srp=SR1.7,srl=SR2.0@f srp=SR1.7,srl=SR2.0,wps=SR3.2@p|unlock clears=7C,lock=80@fp|qe SR2.1@p|qpi 38/FF@p
c84018|GD25Q128E|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06@f 06,50@p|sr1 1|sr23 31@f 31,11@p|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p
c84018|GD25Q128H|GigaDevice|p|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06,50|sr1 1|sr23 31,11|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
c84018|GD25R128E|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06@f 06,50@p|sr1 1|sr23 31@f 31,11@p|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p
c84018|gd25q128|GigaDevice|lmu|size 16M|page 256|erase 20=4K,D8=64K|bp P25@lm P32@u
c84019|GD25B256D|GigaDevice|p|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 31,11|bp P06|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1
c84019|GD25B256E|GigaDevice|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1|sr23 31,11|bp P06|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1@p
c84019|GD25B257D|GigaDevice|p|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 31,11|bp P06|lock srp=SR1.7|unlock clears=7C,lock=80|qe SR2.1
c84019|GD25Q256C|GigaDevice|o|size 32M|page 256|erase DC=64K|chip C7|4b 13,12
c84019|GD25Q256D|GigaDevice|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 31,11|bp P06|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1@p
c84019|GD25Q256E|GigaDevice|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1|sr23 31,11|bp P06|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1@p
c84019|GD25Q257D|GigaDevice|p|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 31,11|bp P06|lock srp=SR1.7|unlock clears=7C,lock=80|qe SR2.1
c84019|GD25R256E|GigaDevice|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1|sr23 31,11|bp P06|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1@p
c84019|gd25b256|GigaDevice|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c84019|gd25q256|GigaDevice|lm|size 32M@m|page 256@m|erase D8=64K,DC=64K@m|sfdp yes@m|sfdp-only yes@l|4b 13,0C,12|bp P26
c8401a|GD25B512MF|GigaDevice|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 31,11|bp P07|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1-ro@p|qpi 38/FF@p
c8401a|GD25R512MF|GigaDevice|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1@f 2@p|sr23 31,11|bp P07|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1-ro@p|qpi 38/FF@p
c8401b|GD55B01GF|GigaDevice|p|size 128M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 31,11|bp P07|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1-ro|qpi 38/FF
c8401c|GD55B02GF|GigaDevice|p|size 256M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 31,11|bp P07|lock srp=SR1.7,srl=SR2.6|unlock clears=7C,lock=80|qe SR2.1-ro|qpi 38/FF
c84020|GD25Q512MC|GigaDevice|o|size 64M|page 256|erase DC=64K|chip C7|4b 13,12
c84212|GD25VQ21B|GigaDevice|fp|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1@f 2@p|sr23 31@p|unlock clears=7C,lock=80|qe SR2.1@p
c84213|GD25VQ40C|GigaDevice|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c84213|GD25VQ41B|GigaDevice|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|wren 06|sr1 1@f 2@p|sr23 31@p|unlock clears=7C,lock=80|qe SR2.1@p
c84214|GD25VQ80C|GigaDevice|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c84215|GD25VQ16C|GigaDevice|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2300-3600|sfdp yes|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c84317|GD25F64F|GigaDevice|f|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|sr23 31,11|bp P08|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80
c84317|gd25f64|GigaDevice|u|size 8M|page 256|erase 20=4K,D8=64K|bp P33
c84318|GD25F128F|GigaDevice|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 2700-3600|wren 06|sr1 1|sr23 31,11|bp P06|unlock clears=7C,lock=80
c84318|gd25f128|GigaDevice|u|size 16M|page 256|erase 20=4K,D8=64K|bp P33
c84319|GD25F256F|GigaDevice|f|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06|sr1 1|sr23 31,11|bp P06|unlock clears=7C,lock=80
c84319|gd25f256|GigaDevice|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8431a|gd55f512|GigaDevice|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8461a|gd25t512|GigaDevice|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8461b|gd55t01g|GigaDevice|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8461c|gd55t02g|GigaDevice|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8471a|GD25B512ME|GigaDevice|p|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 1|sr23 31|unlock clears=7C,lock=80
c8471a|GD25R512ME|GigaDevice|p|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 1|sr23 31|unlock clears=7C,lock=80
c8471a|gd25b512|GigaDevice|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8471b|GD55B01GE|GigaDevice|p|size 128M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 1|sr23 31|unlock clears=7C,lock=80
c8471b|gd55b01g|GigaDevice|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8471c|GD55B02GE|GigaDevice|p|size 256M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 2700-3600|4b 13,0C,12,B7,C5|wren 06,50|sr1 1|sr23 31|unlock clears=7C,lock=80
c8471c|gd55b02g|GigaDevice|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8481a|gd25x512|GigaDevice|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c8481b|gd55x01g|GigaDevice|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c8481c|gd55x02g|GigaDevice|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c86012|GD25LQ20|GigaDevice|p|size 256K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-1950|wren 06,50|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1
c86013|GD25LQ40|GigaDevice|fp|size 512K|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
c86014|GD25LQ80|GigaDevice|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
c86015|GD25LQ16|GigaDevice|fp|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 1@f 2@p|bp P01@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80|qe SR2.1@p
c86016|GD25LQ32|GigaDevice|fplmu|size 4M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lmu|chip 60,C7@fp|prog page@fp|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 1@f 2@p|bp P01@p P25@lm P32@u|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@fp|qe SR2.1@p|qpi 38/FF@p
c86017|GD25LQ64|GigaDevice|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c86017|GD25LQ64B|GigaDevice|fp|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c86017|gd25lq64c|GigaDevice|lmu|size 8M|page 256|erase 20=4K,D8=64K|bp P25@lm P32@u
c86018|GD25LB128E|GigaDevice|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950|wren 06|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80
c86018|GD25LQ128C|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c86018|GD25LQ128D|GigaDevice|fplm|size 16M|page 256|erase 20=4K,52=32K,D8=64K@fp 20=4K,D8=64K@lm|chip 60,C7@fp|prog page@fp|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 2@fp|bp P01@fp P25@lm|lock srp=SR1.7,srl=SR2.0@fp|unlock clears=7C,lock=80@fp|qe SR2.1@p|qpi 38/FF@p
c86018|GD25LQ128E|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-1950@p|wren 06@f 06,50@p|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c86018|GD25LR128E|GigaDevice|f|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950|wren 06|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80
c86018|gd25lq128|GigaDevice|u|size 16M|page 256|erase 20=4K,D8=64K|bp P32
c86019|GD25LB256D|GigaDevice|p|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|4b B7|wren 06,50|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86019|GD25LB256F|GigaDevice|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 2|sr23 11@p|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c86019|GD25LE255E|GigaDevice|p|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,12,B7,C5|wren 06,50|sr1 2|sr23 11|bp P06|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86019|GD25LE256D|GigaDevice|p|size 32M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|4b B7|wren 06,50|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86019|GD25LE256H|GigaDevice|p|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 11|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86019|GD25LQ255E|GigaDevice|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@f 20=4K,52=32K,D8=64K@p|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5@f B7@p|wren 06@f 06,50@p|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c86019|GD25LQ256D|GigaDevice|pu|size 32M|page 256|erase 20=4K,52=32K,D8=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 1650-2000@p|4b B7@p|wren 06,50@p|sr1 2@p|bp P01@p P32@u|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
c86019|GD25LQ256H|GigaDevice|p|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 11|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86019|GD25LR256F|GigaDevice|f|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06|sr1 2|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80
c8601a|GD25LB512MF|GigaDevice|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-2000@p|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 2|sr23 11@p|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c8601a|GD25LR512MF|GigaDevice|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-2000@p|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 2|sr23 11@p|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c8601b|GD55LB01GF|GigaDevice|p|size 128M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06,50|sr1 2|sr23 11|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c8601c|GD55LB02GF|GigaDevice|pu|size 256M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@p 20=4K,21=4K,D8=64K,DC=64K@u|chip 60,C7@p|prog page@p|mv 1650-2000@p|4b 13,0C,12,B7,C5@p 13,0C,12@u|wren 06,50@p|sr1 2@p|sr23 11@p|bp P05@p|lock srp=SR1.7,srl=SR2.0@p|unlock clears=7C,lock=80@p|qe SR2.1@p|qpi 38/FF@p
c86314|GD25LF80E|GigaDevice|p|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|wren 06,50|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86314|gd25lf80|GigaDevice|u|size 1M|page 256|erase 20=4K,D8=64K|bp P33
c86315|GD25LF16E|GigaDevice|p|size 2M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|wren 06,50|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86315|gd25lf16|GigaDevice|u|size 2M|page 256|erase 20=4K,D8=64K|bp P33
c86316|GD25LF32E|GigaDevice|p|size 4M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|wren 06,50|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86316|gd25lf32|GigaDevice|u|size 4M|page 256|erase 20=4K,D8=64K|bp P33
c86317|GD25LF64E|GigaDevice|p|size 8M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-2000|wren 06,50|sr1 2|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1|qpi 38/FF
c86317|gd25lf64|GigaDevice|u|size 8M|page 256|erase 20=4K,D8=64K|bp P33
c86318|GD25LF128E|GigaDevice|fp|size 16M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1695-1950@f 1650-2000@p|wren 06@f 06,50@p|sr1 2|sr23 11@p|bp P01|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80|qe SR2.1@p|qpi 38/FF@p
c86318|gd25lf128|GigaDevice|u|size 16M|page 256|erase 20=4K,D8=64K|bp P33
c86319|GD25LF256F|GigaDevice|f|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06|sr1 2|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80
c86319|gd25lf255|GigaDevice|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8631a|GD25LF512MF|GigaDevice|f|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1695-1950|4b 13,0C,12,B7,C5|wren 06|sr1 2|bp P05|lock srp=SR1.7,srl=SR2.0|unlock clears=7C,lock=80
c8631a|gd25lf511|GigaDevice|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c86514|GD25WQ80E|GigaDevice|fp|size 1M|page 256|erase 20=4K,52=32K,D8=64K|chip 60,C7|prog page|mv 1650-3600|wren 06|sr1 1@f 2@p|unlock clears=7C,lock=80|qe SR2.1@p
c86619|gd25lt256|GigaDevice|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8661a|gd25lt512|GigaDevice|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8661b|gd55lt01g|GigaDevice|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8661c|gd55lt02g|GigaDevice|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c86719|GD25LB256E|GigaDevice|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1|bp P06@f|lock srp=SR1.7@f|unlock clears=7C,lock=80
c86719|GD25LR256E|GigaDevice|fp|size 32M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1|bp P06@f|lock srp=SR1.7@f|unlock clears=7C,lock=80
c86719|gd25lb256|GigaDevice|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8671a|GD25LB512ME|GigaDevice|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1|bp P06@f|lock srp=SR1.7@f|unlock clears=7C,lock=80
c8671a|GD25LR512ME|GigaDevice|fp|size 64M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06@f 06,50@p|sr1 1|bp P06@f|lock srp=SR1.7@f|unlock clears=7C,lock=80
c8671a|gd25lb512|GigaDevice|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8671b|GD55LB01GE|GigaDevice|p|size 128M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K|chip 60,C7|prog page|mv 1650-2000|4b 13,0C,12,B7,C5|wren 06,50|sr1 1|unlock clears=7C,lock=80
c8671b|gd55lb01g|GigaDevice|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c8671c|GD55LB02GE|GigaDevice|pu|size 256M|page 256|erase 20=4K,21=4K,52=32K,5C=32K,D8=64K,DC=64K@p 20=4K,D8=64K@u|chip 60,C7@p|prog page@p|mv 1650-2000@p|4b 13,0C,12,B7,C5@p|wren 06,50@p|sr1 1@p|bp P32@u|unlock clears=7C,lock=80@p
c8671c|gd55lb02g|GigaDevice|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12|bp P33
c86818|gd25lx128j|GigaDevice|u|size 16M|page 256|erase 20=4K,D8=64K
c86819|gd25lx256e|GigaDevice|u|size 32M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c8681a|gd25lx512|GigaDevice|u|size 64M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c8681b|gd55lx01g|GigaDevice|u|size 128M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
c8681c|gd55lx02g|GigaDevice|u|size 256M|page 256|erase 20=4K,21=4K,D8=64K,DC=64K|4b 13,0C,12
`;
}
