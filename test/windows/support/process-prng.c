/* Built as bcryptprimitives.dll, which Wine 8.0 lacks: the test runner's native package imports this one function. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) {
  while (count != 0) {
    ULONG now = count > 0x10000000 ? 0x10000000 : (ULONG)count;
    if (!SystemFunction036(bytes, now)) return FALSE;
    bytes += now;
    count -= now;
  }
  return TRUE;
}
