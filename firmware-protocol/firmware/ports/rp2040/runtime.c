/* What the compiler calls by itself and a C library would bring. */
#include <stddef.h>

void *memset(void *into, int value, size_t count);
void *memcpy(void *into, const void *from, size_t count);

void *memset(void *into, int value, size_t count) {
  unsigned char *byte = into;
  while (count-- > 0) *byte++ = (unsigned char)value;
  return into;
}

void *memcpy(void *into, const void *from, size_t count) {
  unsigned char *to = into;
  const unsigned char *byte = from;
  while (count-- > 0) *to++ = *byte++;
  return into;
}
