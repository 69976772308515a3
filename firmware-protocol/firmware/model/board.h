/* The part of a board that the modelled USB needs. */
#include "../ports/rp2040/board.h"
